//go:build unix

package deploy

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"myca/ca"
)

// What the server's user cannot get to is refused before anything is made, and
// opening the folder of another user is not the advice.
func TestEnterable(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root installs for other users")
	}
	h := newHost(t, "mysql-9.7", true)
	closed := filepath.Join(h.dir, "closed")
	if err := errors.Join(os.Chmod(h.dir, 0o755), os.Mkdir(closed, 0o700)); err != nil {
		t.Fatal(err)
	}
	before := scene(t, h.dir)
	for _, folder := range []string{closed, filepath.Join(closed, "below/tls")} {
		h.job.Folder, h.job.User = folder, "65534"
		_, err := h.job.Plan(t.Context())
		if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), fmt.Sprintf("cannot enter %q", closed)) || !strings.HasPrefix(hint(err), "leave out --deploy-dir") || strings.Contains(hint(err), "chmod") {
			t.Errorf("%s: %v (%s)", folder, err, hint(err))
		}
		h.job.User = "0"
		if _, err := h.job.Plan(t.Context()); err != nil {
			t.Errorf("%s, of root: %v", folder, err)
		}
	}
	asBefore(t, h.dir, before, true)
}

// Clients that verify the server are cut off by another CA, and by nothing else.
func TestNewAuthority(t *testing.T) {
	h := newHost(t, "mysql-9.7", true)
	leaf, bundle, err := h.job.parse()
	if err != nil {
		t.Fatal(err)
	}
	other, err := ca.DecodeCertificates(newCA(t, "another").pair(t, "db1").Cert)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		former *x509.Certificate
		issued bool
		want   bool
	}{
		{"no TLS", nil, false, false},
		{"the same", leaf, false, false},
		{"another CA", other[0], false, true},
		{"another CA of the store", other[0], true, false},
	} {
		h.job.Rules.Issued = func(*x509.Certificate) bool { return test.issued }
		if got := h.job.newAuthority(test.former, leaf, bundle); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// The commands of WayBack, run by a shell, put everything back.
func TestWayBack(t *testing.T) {
	for _, target := range []string{"mysql-9.7", "mariadb-11.8"} {
		h := newHost(t, target, true)
		if target == "mariadb-11.8" {
			h.job.Folder = ""
		}
		before := scene(t, h.dir)
		p, done, err := h.install(t, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		commands, err := WayBack(done.Backup)
		if err != nil || commands == nil {
			t.Fatalf("%s: %q, %v", target, commands, err)
		}
		if text, err := exec.Command("sh", "-c", strings.Join(commands, " && ")).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", target, err, text)
		}
		after := scene(t, h.dir)
		for path, was := range before {
			now := after[path]
			if now.Changed = was.Changed; !reflect.DeepEqual(now, was) {
				t.Errorf("%s: %s is %v, was %v", target, path, now, was)
			}
		}
		for path := range after {
			if _, was := before[path]; !was && strings.HasSuffix(path, ".cnf") {
				t.Errorf("%s: %s stays", target, path)
			}
		}
		last := p.StatementsBack()
		if len(last) == 0 || last[len(last)-1] != p.activation.facts.Version.ReloadStatement() {
			t.Errorf("%s: %q", target, last)
		}
		if sets := slices.ContainsFunc(last, func(s string) bool { return strings.HasPrefix(s, "SET GLOBAL ssl_cert = ") }); sets != (target == "mysql-9.7") {
			t.Errorf("%s: %q", target, last)
		}
	}
}
