//go:build unix

package deploy

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"myca/ca"
	"myca/live"
	"myca/optionfile"
)

// Files are replaced where they lie only if more than the server's word says
// that they are the server's own.
func TestInPlace(t *testing.T) {
	elsewhere := func(t *testing.T, h *host) string {
		folder := filepath.Join(h.dir, "etc/others")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ca.pem", "server-cert.pem", "server-key.pem"} {
			put(t, filepath.Join(folder, name), get(t, filepath.Join(h.dir, "data", name)), 0o600)
		}
		h.server.facts.Configured = live.Files{CA: filepath.Join(folder, "ca.pem"), Cert: filepath.Join(folder, "server-cert.pem"), Key: filepath.Join(folder, "server-key.pem")}
		return folder
	}
	says := func(t *testing.T, h *host, folder string) {
		put(t, h.job.Options.File, strings.ReplaceAll(get(t, h.job.Options.File), "="+filepath.Join(h.dir, "data")+"/", "="+folder+"/"), 0o644)
	}
	for _, test := range []struct {
		name, why string // why: not in place
		change    func(*testing.T, *host)
	}{
		{"as it is", "", func(*testing.T, *host) {}},
		{"in the data folder, relative", "", func(t *testing.T, h *host) {
			h.server.facts.Configured = live.Files{CA: "ca.pem", Cert: "server-cert.pem", Key: "server-key.pem"}
		}},
		{"a key that the options do not name", "do not name", func(t *testing.T, h *host) {
			h.server.facts.Configured.Key = filepath.Join(h.dir, "etc/shells")
			put(t, h.server.facts.Configured.Key, string(h.old.Key), 0o644)
		}},
		{"all of it where the options do not say", "do not name", func(t *testing.T, h *host) { elsewhere(t, h) }},
		{"in a data folder of the server's own word", "do not name", func(t *testing.T, h *host) {
			h.server.facts.DataDir = elsewhere(t, h)
			put(t, h.job.Options.File, "[mysqld]\n", 0o644)
		}},
		{"a key file that is none", "is not the key of", func(t *testing.T, h *host) { put(t, filepath.Join(h.dir, "data/server-key.pem"), "/bin/sh\n", 0o600) }},
		{"another key", "is not the key of", func(t *testing.T, h *host) {
			put(t, filepath.Join(h.dir, "data/server-key.pem"), string(h.job.Material.Key), 0o600)
		}},
		{"another certificate than the presented one", "does not present", func(t *testing.T, h *host) {
			other := newCA(t, "old CA").pair(t, "old.example.com")
			put(t, filepath.Join(h.dir, "data/server-cert.pem"), string(other.Cert), 0o644)
			put(t, filepath.Join(h.dir, "data/server-key.pem"), string(other.Key), 0o600)
		}},
		{"a folder of all programs", "no folder of the server's own", func(t *testing.T, h *host) { says(t, h, elsewhere(t, h)) }},
		{"a folder of all programs with the store's certificate", "", func(t *testing.T, h *host) {
			says(t, h, elsewhere(t, h))
			h.job.Rules.Issued = func(c *x509.Certificate) bool { return string(ca.EncodeCertificate(c)) == string(h.old.Cert) }
		}},
		{"a folder that others can exchange", "can exchange what is in the folder", func(t *testing.T, h *host) {
			folder := elsewhere(t, h)
			says(t, h, folder)
			if err := os.Chmod(filepath.Dir(folder), 0o777); err != nil {
				t.Fatal(err)
			}
		}},
		{"somebody's folder", "belongs neither to root", func(t *testing.T, h *host) {
			if os.Geteuid() != 0 {
				t.Skip("only root gives folders away")
			}
			if err := os.Chown(filepath.Join(h.dir, "data"), 4711, 4711); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t, "mariadb-11.8", true)
			h.job.Folder = ""
			test.change(t, h)
			p, err := h.plan(t)
			if err != nil {
				t.Fatalf("%v (%s)", err, hint(err))
			}
			inPlace := p.Paths.Cert == absolute(h.server.facts, h.server.facts.Configured).Cert
			if inPlace != (test.why == "") || !inPlace && (filepath.Dir(p.Paths.Key) != h.job.Default || p.State != RestartNeeded) {
				t.Errorf("files go to %q, and the state is %s", p.Paths.Cert, p.State)
			}
			if !mentions(p.Notices, "replaced where they lie", test.why) {
				t.Errorf("notices %q", p.Notices)
			}
		})
	}
}

// A file that another option names too is not replaced in its place, apart from
// the bundle of clients.
func TestInPlaceShared(t *testing.T) {
	for lines, refused := range map[string]bool{
		"[mysqld]\nwsrep_provider_options=\"gcache.size=1G;socket.ssl_key=KEY;socket.ssl_cert=CERT\"\n": true,
		"[mysqld]\nloose-admin_ssl_key=KEY\n": true,
		"[client]\nssl-cert=CERT\n":           true,
		"[replica]\nmaster_ssl_ca=CA\n":       true,
		"[client]\nssl-ca=CA\n":               false,
		"[client]\nssl-cert=CERT.old\n":       false,
		"[mariadbd]\nssl_key=KEY\n":           false,
	} {
		h := newHost(t, "mariadb-11.8", true)
		h.job.Folder = ""
		c := h.server.facts.Configured
		put(t, filepath.Join(h.dir, "etc/conf.d/50.cnf"), strings.NewReplacer("KEY", c.Key, "CERT", c.Cert, "CA", c.CA).Replace(lines), 0o644)
		_, err := h.plan(t)
		if (err != nil) != refused || refused && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "50.cnf:2") || !strings.Contains(hint(err), "--deploy-dir")) {
			t.Errorf("%q: %v (%s)", lines, err, hint(err))
		}
		h.job.Mine = func(*x509.Certificate) bool { return true }
		if _, err := h.plan(t); err != nil {
			t.Errorf("%q, when it is the pair itself: %v", lines, err)
		}
	}
}

// Two servers of a machine do not overwrite each other's pair.
func TestAnothersPair(t *testing.T) {
	h := newHost(t, "mysql-9.7", true)
	h.job.Folder = ""
	other := newCA(t, "new CA").pair(t, "db2.example.com")
	h.job.Material.CA = other.CA
	h.job.Whose = func(c *x509.Certificate) string {
		if string(ca.EncodeCertificate(c)) == string(other.Cert) {
			return "db2"
		}
		return ""
	}
	if err := os.MkdirAll(h.job.Default, 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(h.job.Default, "ca-cert.pem"), string(other.CA), 0o644)
	put(t, filepath.Join(h.job.Default, "server-cert.pem"), string(other.Cert), 0o644)
	h.job.Material = newCA(t, "another").pair(t, "db1.example.com")
	_, err := h.plan(t)
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "db2") || hint(err) != "--deploy-dir "+filepath.Join(h.job.Default, "db1") {
		t.Errorf("%v (%s)", err, hint(err))
	}
	put(t, h.job.Options.File, strings.ReplaceAll(get(t, h.job.Options.File), filepath.Join(h.dir, "data/server-cert.pem"), filepath.Join(h.job.Default, "server-cert.pem")), 0o644)
	if _, err := h.plan(t); err != nil {
		t.Errorf("of a server whose options name it: %v", err)
	}
}

// rooted is a machine whose /etc/my.cnf has another content.
func rooted(h *host, text string) {
	h.job.Options.System = optionfile.NewOverlay(h.job.Machine, map[string][]byte{"/etc/my.cnf": []byte(text), "/etc/mysql/my.cnf": nil})
	h.job.Options.File = ""
}

// Options of another server than the one that runs are not edited.
func TestWrongInstance(t *testing.T) {
	for _, test := range []struct {
		name, told, standard, says string // told: lines for --mycnf; else standard: the lines of /etc/my.cnf
		change                     func(*host)
	}{
		{"another data folder", "datadir=/var/lib/other\n", "", "data folder", nil},
		{"the usual data folder", "", "port=3307\n", "data folder", nil},
		{"no data folder, but told", "port=3307\n", "", "", nil},
		{"another port", "port=3307\n", "", "the port", func(h *host) { h.server.facts.Listens.Port = 3306 }},
		{"the port", "port=3307\n", "", "", func(h *host) { h.server.facts.Listens.Port = 3307 }},
		{"another socket", "socket=/run/a.sock\n", "", "the socket", func(h *host) { h.server.facts.Listens.Socket = "/run/b.sock" }},
		{"the socket, relative", "socket=a.sock\ndatadir=DATA\n", "", "", func(h *host) { h.server.facts.Listens.Socket = filepath.Join(h.dir, "data/a.sock") }},
		{"paths that no option names", "", "datadir=DATA\n", "ssl_cert=", func(h *host) {
			h.server.facts.Configured = live.Files{Cert: "/opt/cert.pem", Key: "/opt/key.pem"}
		}},
		{"paths that no option names, but told", "datadir=DATA\n", "", "", func(h *host) {
			h.server.facts.Configured = live.Files{Cert: "/opt/cert.pem", Key: "/opt/key.pem"}
		}},
		{"generated ones", "", "datadir=DATA\n", "", nil},
		{"does not run", "", "", "", func(h *host) { h.server = nil }},
	} {
		h := newHost(t, "mysql-9.7", false)
		lines := "[mysqld]\n" + strings.ReplaceAll(test.told+test.standard, "DATA", filepath.Join(h.dir, "data"))
		put(t, h.job.Options.File, lines, 0o644)
		if test.told == "" {
			rooted(h, lines)
		}
		if test.change != nil {
			test.change(h)
		}
		h.job.Running, h.job.Facts = nil, live.Facts{}
		if h.server != nil {
			h.job.Running, h.job.Facts = h.server, h.server.facts
		}
		site := h.job.look()
		err := h.job.sameInstance(site)
		if (err != nil) != (test.says != "") || err != nil && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), test.says) || !strings.Contains(hint(err), "--mycnf FILE")) {
			t.Errorf("%s: %v (%s)", test.name, err, hint(err))
		}
		if err == nil {
			continue
		}
		if _, planErr := h.plan(t); planErr == nil || planErr.Error() != err.Error() {
			t.Errorf("%s: planned with %v", test.name, planErr)
		}
	}
}

// The owner of the files is nobody that the server names.
func TestServerUserNotByServer(t *testing.T) {
	h := newHost(t, "mariadb-11.8", false)
	put(t, h.job.Options.File, "[mysqld]\ndatadir="+filepath.Join(h.dir, "none")+"\n", 0o644)
	h.job.Facts, h.job.Running = live.Facts{DataDir: "/proc/1"}, h.server
	h.job.Options.DataDir = filepath.Join(h.dir, "data")
	if err := os.Chown(h.job.Options.DataDir, 4711, 4711); err != nil {
		t.Skip(err)
	}
	if got := h.job.ServerUser(); got != "mysql" {
		t.Errorf("%q", got)
	}
	peer := 4712
	h.job.Peer = &peer
	if got := h.job.ServerUser(); got != strconv.Itoa(peer) {
		t.Errorf("by its socket: %q", got)
	}
}

func TestListens(t *testing.T) {
	for lines, want := range map[string][]live.Address{
		"":                                nil,
		"socket=/run/a.sock\nport=3310\n": {{Socket: "/run/a.sock"}, {Host: "127.0.0.1", Port: 3310}},
		"socket=a.sock\ndatadir=/data\n":  {{Socket: "/data/a.sock"}},
		"port=0\n":                        nil,
		"port=x\n":                        nil,
	} {
		h := newHost(t, "mysql-9.7", false)
		put(t, h.job.Options.File, "[mysqld]\n"+lines, 0o644)
		got := h.job.Options.Listens()
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] || len(got) > 1 && got[1] != want[1] {
			t.Errorf("%q: %v", lines, got)
		}
	}
}

// What a reload leaves out is told.
func TestOtherChannels(t *testing.T) {
	for _, test := range []struct {
		target, lines string
		x, admin      bool
	}{
		{"mysql-9.7", "", true, false},
		{"mysql-8.0.36", "mysqlx=OFF\nadmin_ssl_cert=/etc/admin.pem\n", false, true},
		{"mysql-9.7", "skip-mysqlx\n", false, false},
		{"mariadb-11.8", "", false, false},
	} {
		h := newHost(t, test.target, true)
		conf := h.job.Options.File
		put(t, conf, strings.Replace(get(t, conf), "[mysqld]\n", "[mysqld]\n"+test.lines, 1), 0o644)
		p, err := h.plan(t)
		if err != nil {
			t.Fatal(err)
		}
		if mentions(p.Notices, "X plugin") != test.x || mentions(p.Notices, "admin_ssl_cert") != test.admin {
			t.Errorf("%s with %q: %q", test.target, test.lines, p.Notices)
		}
	}
}
