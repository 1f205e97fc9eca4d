package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"myca/deploy"
	"myca/store"
)

// What was made before an installation failed is said to stay, also when it was
// interrupted, which does not change the exit code.
func TestKept(t *testing.T) {
	failed := &deploy.UndoneError{Cause: errors.New("no reload")}
	stopped := &deploy.UndoneError{Cause: context.Canceled}
	for _, test := range []struct {
		name    string
		replace *replacement
		err     error
		says    string
		code    int
	}{
		{"a pair of before", nil, failed, "no reload; everything is as it was\n", exitFailed},
		{"a new pair", &replacement{item: &store.Item{}}, failed, "as it was; the pair db1 stays in /srv/pki\n", exitFailed},
		{"a new CA", &replacement{item: &store.Item{}, made: &store.Store{}}, failed, "as it was; the CA and the pair db1 stay in /srv/pki\n", exitFailed},
		{"a new CA, interrupted", &replacement{item: &store.Item{}, made: &store.Store{}}, stopped, "interrupted: the server and its files are as they were; the CA and the pair db1 stay in /srv/pki\n", exitInterrupted},
		{"a pair of before, interrupted", nil, stopped, "interrupted: nothing was changed\n", exitInterrupted},
	} {
		r := &serverInstall{checking: checking{t: &tool{dir: "/srv/pki"}}, name: "db1", replace: test.replace}
		err := r.kept(test.err)
		var talk bytes.Buffer
		printError(&talk, err, false)
		if !strings.Contains(talk.String(), test.says) || exitCode(err) != test.code {
			t.Errorf("%s: %q, exit code %d", test.name, talk.String(), exitCode(err))
		}
	}
	if err := (&serverInstall{}).kept(nil); err != nil {
		t.Error(err)
	}
}

// Clients that verify are told of another CA, and of nothing else.
func TestForesee(t *testing.T) {
	for _, changes := range []bool{true, false} {
		r := &serverInstall{checking: checking{t: &tool{dir: "/srv/pki"}}, plan: &deploy.ServerPlan{NewCA: changes}}
		r.foresee()
		if told := strings.Contains(strings.Join(r.notices, "\n"), "until their ssl-ca has /srv/pki/ca-cert.pem"); told != changes {
			t.Errorf("NewCA %v: %q", changes, r.notices)
		}
	}
}
