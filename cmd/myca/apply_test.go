package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/store"
)

// written writes a manifest and returns its path.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// planOf is the JSON that apply prints.
type planOf struct {
	CA      json.RawMessage
	Changes []changeJSON
	Summary summaryJSON
	Outputs *outputsJSON
	Notices []string
}

// What ends soon is renewed, at most in the last third of its validity, and
// once.
func TestApplyRenews(t *testing.T) {
	c := storeAt(t, "2030-01-01T00:00:00Z", "3650")
	path := written(t, `
defaults: {key: ec-p256, password: none, target: mysql-8.4}
clients:
  - {account: "year@%", days: 365}
  - {account: "month@%", days: 30}
  - {account: "long@%", days: 3000}
`)
	plan := func(code int, args ...string) planOf {
		t.Helper()
		r := c.run(append([]string{"--json", "apply", path}, args...)...)
		if r.code != code {
			t.Fatalf("%v at %s ends with %d: %s", args, stamp(c.now), r.code, r.talk)
		}
		var p planOf
		jsonOf(t, r.out, &p)
		return p
	}
	plan(exitDone)
	c.at("2030-01-20T00:00:00Z") // 11 days of the month are left, more than a third
	plan(exitDone, "--dry-run")
	c.at("2030-01-22T00:00:00Z")
	if p := plan(exitFound, "--dry-run"); len(p.Changes) != 1 || p.Changes[0].Name != "month" {
		t.Errorf("%+v", p)
	}
	plan(exitFound, "--dry-run", "--renew-before", "9d")
	plan(exitDone, "--dry-run", "--renew-before", "8d")
	p := plan(exitDone)
	if one := p.Changes[0]; one.Action != "renew" || one.Serial == nil || one.Replaced == nil || *one.Serial == *one.Replaced || len(one.Accounts) != 0 {
		t.Errorf("%+v", one)
	}
	plan(exitDone, "--dry-run")
	c.at("2030-12-10T00:00:00Z")
	if p := plan(exitFound, "--dry-run"); p.Summary != (summaryJSON{Renew: 2, Keep: 1}) {
		t.Errorf("%+v", p.Summary)
	}
}

// A folder of outputs that cannot be used is told before anything is made.
func TestApplyRefusesOutputsFirst(t *testing.T) {
	dir := t.TempDir()
	path := written(t, "ca: {subject: /CN=acme, key: ec-p256}\nclients: [{account: \"app-{1..3}@%\", key: ec-p256, password: none, target: mysql-8.4}]\n")
	output := filepath.Join(dir, "out")
	if err := os.MkdirAll(filepath.Join(output, "inventory.json", "is a folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := program(filepath.Join(dir, "pki"), "--json", "apply", path, "--output", output)
	if _, err := os.Stat(filepath.Join(dir, "pki")); r.code == exitDone || r.out != "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("exit code %d, %s%s; the store: %v", r.code, r.out, r.talk, err)
	}
}

// What a run says that was stopped is true: what is issued stays, and outputs
// are published together at the end.
func TestApplyStopped(t *testing.T) {
	r := provisioning{t: &tool{dir: "/srv/pki"}}
	for _, test := range []struct {
		done, all int
		want      string
	}{
		{0, 9, "interrupted: nothing was changed"},
		{4, 9, "interrupted: 4 of 9 are done and stay; the outputs, in /srv/pki/fleet, are written when all are"},
		{9, 9, "interrupted: 9 of 9 are done and stay, but the outputs in /srv/pki/fleet may not all be written"},
		{0, 0, "interrupted: the store is as the manifest says, but the outputs in /srv/pki/fleet may not all be written"},
	} {
		err := r.stopped(context.Canceled, test.done, test.all)
		var b strings.Builder
		printError(&b, err, false)
		message, hint, _ := strings.Cut(strings.TrimPrefix(b.String(), "myca: error: "), "\n")
		if message != test.want || exitCode(err) != exitInterrupted || strings.Contains(hint, "run the same command again") != (test.done == test.all || test.done > 0) {
			t.Errorf("%d of %d: %s", test.done, test.all, b.String())
		}
	}
}

// A CA that is planned has the shape of one that was made, and what is known of
// it already is the same.
func TestApplyPlansCA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	path := written(t, "ca: {subject: /O=acme/CN=acme CA, key: ec-p256}\nclients: [{account: a@%, key: ec-p256, password: none}]\n")
	authority := func(code int, args ...string) map[string]any {
		t.Helper()
		r := program(dir, append([]string{"--json", "apply", path}, args...)...)
		if r.code != code {
			t.Fatalf("ends with %d: %s", r.code, r.talk)
		}
		var p planOf
		jsonOf(t, r.out, &p)
		var ca map[string]any
		jsonOf(t, string(p.CA), &ca)
		return ca
	}
	planned, made := authority(exitFound, "--dry-run"), authority(exitDone)
	for key, value := range made {
		foreseen, there := planned[key]
		switch key {
		case "serial", "state", "fingerprint_sha256", "spki_sha256":
			if !there || foreseen != nil {
				t.Errorf("%s of a CA that is not there yet: %v", key, foreseen)
			}
		case "not_before", "not_after":
			if text, ok := foreseen.(string); !ok || text > value.(string) {
				t.Errorf("%s: %v, later %v", key, foreseen, value)
			}
		default:
			if diff := cmp.Diff(value, foreseen); diff != "" {
				t.Errorf("%s (-made +planned):\n%s", key, diff)
			}
		}
	}
	if len(planned) != len(made) {
		t.Errorf("planned %v, made %v", planned, made)
	}
}

// Of two runs at once, the one that comes too late says so, and what to do.
func TestApplyComesTooLate(t *testing.T) {
	r := provisioning{t: &tool{dir: "/srv/pki"}}
	err := r.explained(&store.Error{Message: `client "a" exists already`, Fix: "--force replaces it", Err: store.ErrExists})
	if exitCode(err) != exitFailed || !strings.Contains(err.Error(), `changed meanwhile: client "a" exists already`) || !strings.HasPrefix(hintOf(err), "another myca apply is running on this store: wait for it") {
		t.Errorf("exit code %d: %v; %s", exitCode(err), err, hintOf(err))
	}
	err = r.explained(&store.Error{Message: `client "a" was changed by another process`, Fix: "run the command again", Err: store.ErrChanged})
	if exitCode(err) != exitFailed || !strings.HasPrefix(hintOf(err), "another myca apply is running on this store: wait for it") {
		t.Errorf("exit code %d: %v; %s", exitCode(err), err, hintOf(err))
	}
}
