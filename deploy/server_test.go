//go:build unix

package deploy

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/ca"
)

// Every way in which an installation ends, and the second run of each.
func TestInstallServer(t *testing.T) {
	for _, test := range []struct {
		name, target string
		options      bool // the option file names the old files
		change       func(*host)
		state, again Activated
		cert         string // where the certificate lies afterwards
		log          string // what the server was told
	}{
		{"MySQL with generated ones", "mysql-9.7", false, nil, Reloaded, Unchanged, "etc/tls/server-cert.pem", "SET server-cert.pem RELOAD"},
		{"MySQL with options", "mysql-8.4", true, nil, Reloaded, Unchanged, "etc/tls/server-cert.pem", "SET server-cert.pem RELOAD"},
		{"MySQL without TLS", "mysql-9.7", false, (*host).noTLS, Reloaded, Unchanged, "etc/tls/server-cert.pem", "SET server-cert.pem RELOAD"},
		{"MySQL that cannot reload", "mysql-8.0.15", true, nil, RestartNeeded, RestartNeeded, "etc/tls/server-cert.pem", ""},
		{"MariaDB in place", "mariadb-10.11", true, func(h *host) { h.job.Folder = "" }, Reloaded, Unchanged, "data/server-cert.pem", "RELOAD"},
		{"MariaDB with other paths", "mariadb-11.8", true, nil, RestartNeeded, RestartNeeded, "etc/tls/server-cert.pem", ""},
		{"MariaDB without TLS", "mariadb-10.11", false, (*host).noTLS, RestartNeeded, RestartNeeded, "etc/tls/server-cert.pem", ""},
		{"MariaDB that cannot reload", "mariadb-10.3", true, func(h *host) { h.job.Folder = "" }, RestartNeeded, RestartNeeded, "data/server-cert.pem", ""},
		{"not running", "mysql-9.7", false, func(h *host) { h.server = nil }, NotRunning, Unchanged, "etc/tls/server-cert.pem", ""},
		{"its own earlier one", "mysql-9.7", true, func(h *host) {
			h.job.Folder = ""
			h.job.Mine = func(c *x509.Certificate) bool {
				pem := string(ca.EncodeCertificate(c))
				return pem == string(h.old.Cert) || pem == string(h.job.Material.Cert)
			}
		}, Reloaded, Unchanged, "data/server-cert.pem", "RELOAD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t, test.target, test.options)
			if test.change != nil {
				test.change(h)
			}
			_, done, err := h.install(t, t.Context())
			if err != nil {
				t.Fatalf("%v (%s)", err, hint(err))
			}
			if done.Activated != test.state || done.Backup == "" {
				t.Errorf("activated %q, backup %q", done.Activated, done.Backup)
			}
			if got := get(t, filepath.Join(h.dir, test.cert)); got != string(h.job.Material.Cert) {
				t.Errorf("%s is not the new certificate", test.cert)
			}
			if h.server != nil {
				if got := strings.Join(h.server.log, " "); got != test.log {
					t.Errorf("the server was told %q, not %q", got, test.log)
				}
				if h.presents(t, h.job.Material) != (test.state == Reloaded) {
					t.Errorf("what the server presents does not fit %s", test.state)
				}
			}
			before := scene(t, h.dir)
			kept := journals(t, h.dir)
			p, done, err := h.install(t, t.Context())
			if err != nil || done.Activated != test.again || done.Backup != "" || !p.Disk.Empty() {
				t.Errorf("the second time: %+v, %v, plan %+v", done, err, p.Disk)
			}
			asBefore(t, h.dir, before, true)
			if again := strings.Join(h.server.told(), " "); again != test.log {
				t.Errorf("the second time the server was told %q after %q", again, test.log)
			}
			if now := journals(t, h.dir); now != kept {
				t.Errorf("journals %q, before %q", now, kept)
			}
		})
	}
}

func (f *fakeServer) told() []string {
	if f == nil {
		return nil
	}
	return f.log
}

// What is written belongs to the server, and nobody else reads the key.
func TestInstalledModes(t *testing.T) {
	h := newHost(t, "mysql-9.7", false)
	p, _, err := h.install(t, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"etc/tls": 0o750, "etc/tls/ca-cert.pem": 0o644, "etc/tls/server-cert.pem": 0o644, "etc/tls/server-key.pem": 0o400, "etc/conf.d/zz-myca.cnf": 0o644} {
		info, err := os.Stat(filepath.Join(h.dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if len(p.Wanted) != 3 || !p.Wanted[2].Changed || p.Wanted[2].Mode != 0o400 {
		t.Errorf("%+v", p.Wanted)
	}
	statements := strings.Join(p.Statements(), "; ")
	if !strings.Contains(statements, "SET GLOBAL ssl_cert = '"+filepath.Join(h.dir, "etc/tls/server-cert.pem")+"'") || !strings.HasSuffix(statements, "; ALTER INSTANCE RELOAD TLS") {
		t.Errorf("statements %s", statements)
	}
}

// In place, files keep mode and owner, except for a key that everybody can read.
func TestInPlaceModes(t *testing.T) {
	for mode, want := range map[os.FileMode]os.FileMode{0o600: 0o600, 0o640: 0o640, 0o644: 0o400} {
		h := newHost(t, "mariadb-11.8", true)
		h.job.Folder = ""
		key := filepath.Join(h.dir, "data/server-key.pem")
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.install(t, t.Context()); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(key); err != nil || info.Mode().Perm() != want {
			t.Errorf("a key of mode %04o has now %v, %v", mode, info.Mode(), err)
		}
	}
}

// A renewed certificate changes two files, and no option.
func TestInstallRenewed(t *testing.T) {
	h := newHost(t, "mysql-9.7", false)
	authority := newCA(t, "new CA")
	h.job.Material = authority.pair(t, "db1.example.com")
	if _, _, err := h.install(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	h.job.Material = authority.pair(t, "db1.example.com")
	h.job.Options.Version.Patch = 99
	p, done, err := h.install(t, t.Context())
	if err != nil || done.Activated != Reloaded || p.Edit.Changed() || len(p.Disk.Files) != 2 {
		t.Errorf("%+v, %v, %+v", done, err, p)
	}
	if !h.presents(t, h.job.Material) {
		t.Error("the renewed certificate is not presented")
	}
}

// Files that are in place, at a server that was not told: only a reload, for
// which there is nothing to keep.
func TestOnlyReload(t *testing.T) {
	h := newHost(t, "mysql-9.7", false)
	running := h.server
	h.server = nil
	if _, _, err := h.install(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	h.server = running
	before, was := scene(t, h.dir), running.facts.Configured
	running.show = func(*tls.Certificate) [][]byte { return [][]byte{derOf(t, h.old)} }
	if _, _, err := h.install(t, t.Context()); err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("another certificate than the new one: %v", err)
	}
	if running.facts.Configured != was {
		t.Errorf("settings %+v, before %+v", running.facts.Configured, was)
	}
	running.show = nil
	p, done, err := h.install(t, t.Context())
	if err != nil || done.Activated != Reloaded || done.Backup != "" || p.Empty() || !h.presents(t, h.job.Material) {
		t.Errorf("%+v, %v", done, err)
	}
	asBefore(t, h.dir, before, true)
}
