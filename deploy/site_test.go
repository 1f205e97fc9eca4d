//go:build unix

package deploy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"myca/ca"
	"myca/live"
	"myca/verify"
)

// What cannot come out well is refused before anything is written.
func TestServerRefused(t *testing.T) {
	for _, test := range []struct {
		name, target, says, hint string
		change                   func(*testing.T, *host)
	}{
		{"a bundle with another CA", "mariadb-11.8", "others may depend on: /CN=stranger", "--deploy-dir", func(t *testing.T, h *host) {
			h.job.Folder = ""
			put(t, filepath.Join(h.dir, "data/ca.pem"), string(h.old.CA)+string(ca.EncodeCertificate(newCA(t, "stranger").cert)), 0o644)
		}},
		{"no bundle at all", "mariadb-11.8", "is no bundle of certificates", "--deploy-dir", func(t *testing.T, h *host) {
			h.job.Folder = ""
			put(t, filepath.Join(h.dir, "data/ca.pem"), "something", 0o644)
		}},
		{"a CA that was added to ours", "mysql-9.7", "/CN=old CA", "take it out", func(t *testing.T, h *host) {
			if err := os.Mkdir(h.job.Folder, 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(h.job.Folder, "ca-cert.pem"), string(h.job.Material.CA)+string(h.old.CA), 0o644)
			put(t, filepath.Join(h.job.Folder, "server-cert.pem"), string(h.job.Material.Cert), 0o644)
		}},
		{"a CRL of others only", "mysql-9.7", "the store has no current one", "myca ca crl", func(t *testing.T, h *host) {
			h.server.facts.Configured.CRL = "/etc/crl.pem"
		}},
		{"an expired pair", "mysql-9.7", "not fit to be installed", "myca renew", func(t *testing.T, h *host) {
			h.job.Rules.Now = h.job.Rules.Now.AddDate(5, 0, 0)
		}},
		{"another host", "mysql-9.7", "db9.example.com", "", func(t *testing.T, h *host) { h.job.Rules.Hosts = []string{"db9.example.com"} }},
		{"options that win", "mysql-9.7", "would not be in force", "RESET PERSIST ssl_cert", func(t *testing.T, h *host) {
			put(t, filepath.Join(h.dir, "data/mysqld-auto.cnf"), `{"Version": 2, "mysql_dynamic_variables": {"ssl_cert": {"Value": "/x.pem", "Metadata": {}}}}`, 0o600)
		}},
		{"a link in the way", "mysql-9.7", "symbolic link", "", func(t *testing.T, h *host) {
			if err := errors.Join(os.Mkdir(h.job.Folder, 0o755), os.Symlink("/etc/hosts", filepath.Join(h.job.Folder, "server-key.pem"))); err != nil {
				t.Fatal(err)
			}
		}},
		{"a server that does not answer any more", "mysql-9.7", "gone", "", func(t *testing.T, h *host) { h.server.refuse["Presented"] = errors.New("gone") }},
	} {
		h := newHost(t, test.target, true)
		test.change(t, h)
		before := scene(t, h.dir)
		_, err := h.plan(t)
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(hint(err), test.hint) {
			t.Errorf("%s: %v (%s)", test.name, err, hint(err))
		}
		asBefore(t, h.dir, before, true)
		if len(h.server.log) > 0 || journals(t, h.dir) != "" {
			t.Errorf("%s: told %q, journals %q", test.name, h.server.log, journals(t, h.dir))
		}
	}
}

// A bundle may be replaced when it has nothing but CAs of the replaced
// certificate, of the new bundle, or of the store.
func TestBundleFree(t *testing.T) {
	h := newHost(t, "mariadb-11.8", true)
	h.job.Folder = ""
	earlier := newCA(t, "earlier generation")
	h.job.Rules.Issued = earlier.cert.Equal
	put(t, filepath.Join(h.dir, "data/ca.pem"), string(ca.EncodeCertificate(earlier.cert))+string(h.old.CA)+string(h.job.Material.CA), 0o644)
	p, _, err := h.install(t, t.Context())
	if err != nil || !slices.Equal(p.Dropped, []string{"/CN=old CA"}) {
		t.Errorf("%v, dropped %q", err, p.Dropped)
	}
}

// A server with a CRL gets the one of the store.
func TestInstallCRL(t *testing.T) {
	for _, inPlace := range []bool{true, false} {
		h := newHost(t, "mariadb-11.8", true)
		list := filepath.Join(h.dir, "data/list.pem")
		h.server.facts.Configured.CRL = list
		conf := filepath.Join(h.dir, "etc/my.cnf")
		put(t, conf, strings.Replace(get(t, conf), "ssl_ca=", "ssl_crl="+list+"\nssl_ca=", 1), 0o644)
		put(t, list, "old list", 0o644)
		authority := newCA(t, "new CA")
		h.job.Material = authority.pair(t, "db1.example.com")
		h.job.Material.CRL = authority.list(t)
		if inPlace {
			h.job.Folder = ""
		} else {
			list = filepath.Join(h.job.Folder, "crl.pem")
		}
		p, _, err := h.install(t, t.Context())
		if err != nil || get(t, list) != string(h.job.Material.CRL) || len(p.Wanted) != 4 || p.Paths.CRL != list {
			t.Errorf("%v (%s)", err, hint(err))
		}
		if _, done, err := h.install(t, t.Context()); err != nil || done.Backup != "" {
			t.Errorf("the second time: %+v, %v", done, err)
		}
	}
}

// list is an empty CRL.
func (c testCA) list(t *testing.T) []byte {
	t.Helper()
	der, err := x509.CreateRevocationList(nil, &x509.RevocationList{Number: c.cert.SerialNumber, ThisUpdate: today().AddDate(0, 0, -1), NextUpdate: today().AddDate(0, 1, 0)}, c.cert, c.key)
	if err != nil {
		t.Fatal(err)
	}
	return ca.EncodeCRL(der)
}

// What the plan does not show is told.
func TestServerNotices(t *testing.T) {
	h := newHost(t, "mysql-9.7", false)
	h.server.facts.Configured = live.Files{CA: "/opt/ca.pem", CAPath: "/opt/cas", Cert: "/opt/cert.pem", Key: "/opt/key.pem"}
	conf := filepath.Join(h.dir, "etc/my.cnf")
	put(t, conf, strings.Replace(get(t, conf), "port=3307\n", "port=3307\nssl-cert=/opt/other.pem\n", 1), 0o644)
	machine := map[string]string{"/sys/fs/selinux/enforce": "1", "/sys/kernel/security/apparmor/profiles": "man (enforce)\n/usr/sbin/mysqld (enforce)\n"}
	h.job.Machine = overlaid{h.job.Machine, machine}
	p, err := h.plan(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{
		{"command line", `ssl_cert="/opt/cert.pem"`, `ssl_ca="/opt/ca.pem"`},
		{"also trusts", "/opt/cas"},
		{"ssl-cert in", conf, "line 3", "overridden"},
		{"SELinux", "mysqld_etc_t", "restorecon -R " + h.job.Folder},
		{"AppArmor", h.job.Folder + "/** r,", "/etc/apparmor.d/local/usr.sbin.mysqld"},
	} {
		if !mentions(p.Notices, want...) {
			t.Errorf("nothing tells of %q: %q", want, p.Notices)
		}
	}
	machine["/sys/fs/selinux/enforce"], machine["/sys/kernel/security/apparmor/profiles"] = "0", "/usr/sbin/mysqld (complain)\nmysqld-like (enforce)\n"
	if p, err = h.plan(t); err != nil || mentions(p.Notices, "SELinux") || mentions(p.Notices, "AppArmor") {
		t.Errorf("%v, %q", err, p.Notices)
	}
	h = newHost(t, "mysql-9.7", true)
	if p, err = h.plan(t); err != nil || mentions(p.Notices, "command line") {
		t.Errorf("%v, %q", err, p.Notices)
	}
}

// overlaid is a machine with some files in addition.
type overlaid struct {
	verify.System
	files map[string]string
}

func (o overlaid) ReadFile(path string) ([]byte, error) {
	if text, found := o.files[path]; found {
		return []byte(text), nil
	}
	return o.System.ReadFile(path)
}

// Boilerplate is what verify takes for it, wherever the server has it, and no
// TLS at all.
func TestBoilerplate(t *testing.T) {
	generated := newCA(t, "MySQL_Server_9.7.4_Auto_Generated_CA_Certificate").pair(t, "MySQL_Server_9.7.4_Auto_Generated_Server_Certificate")
	for _, test := range []struct {
		name   string
		change func(*host)
		says   []string // of the first reason; nil: none
	}{
		{"own", func(*host) {}, nil},
		{"no TLS", (*host).noTLS, []string{"no TLS"}},
		{"presented", func(h *host) {
			h.server.show = func(*tls.Certificate) [][]byte { return [][]byte{derOf(t, generated)} }
		}, []string{"the server", "Auto_Generated"}},
		{"configured", func(h *host) { put(t, filepath.Join(h.dir, "data/server-cert.pem"), string(generated.Cert), 0o644) }, []string{"data/server-cert.pem", "Auto_Generated"}},
		{"its CA", func(h *host) { put(t, filepath.Join(h.dir, "data/ca.pem"), string(generated.CA), 0o644) }, []string{"data/ca.pem", "Auto_Generated"}},
		{"not running, without options", func(h *host) {
			h.server = nil
			put(t, h.job.Options.File, "[mysqld]\n", 0o644)
		}, []string{"no option"}},
		{"not running, its own", func(h *host) { h.server = nil }, nil},
	} {
		h := newHost(t, "mysql-9.7", true)
		test.change(h)
		h.job.Running, h.job.Facts = nil, live.Facts{}
		if h.server != nil {
			h.job.Running, h.job.Facts = h.server, h.server.facts
		}
		reasons, err := h.job.Boilerplate(t.Context())
		if err != nil || (len(reasons) > 0) != (test.says != nil) || test.says != nil && !mentions(reasons[:1], test.says...) {
			t.Errorf("%s: %q, %v", test.name, reasons, err)
		}
	}
}

// names answers for what they hold.
type names map[string][]string

func (n names) LookupHost(_ context.Context, host string) ([]string, error) { return n.find(host) }
func (n names) LookupAddr(_ context.Context, address string) ([]string, error) {
	return n.find(address)
}

func (n names) find(key string) ([]string, error) {
	if found := n[key]; found != nil {
		return found, nil
	}
	return nil, errors.New("not found")
}

func TestHosts(t *testing.T) {
	known := names{"db1": {"127.0.1.1", "10.0.0.1"}, "10.0.0.1": {"gateway.", "DB1.example.com."}, "127.0.1.1": {"localhost"}}
	for _, test := range []struct{ hostname, options, want string }{
		{"db1", "", "db1 DB1.example.com localhost 127.0.0.1 ::1"},
		{"db2", "bind-address=*\nreport_host=db.example.com\n", "db2 localhost 127.0.0.1 ::1 db.example.com"},
		{"db2.example.com", "bind_address=10.0.0.2,::,10.0.0.3/blue\n", "db2.example.com localhost 127.0.0.1 ::1 10.0.0.2 10.0.0.3"},
		{"localhost", "bind-address=0.0.0.0\n", "localhost 127.0.0.1 ::1"},
		{"", "bind-address=127.0.0.1\n", "localhost 127.0.0.1 ::1"},
	} {
		h := newHost(t, "mysql-9.7", false)
		put(t, h.job.Options.File, "[mysqld]\n"+test.options, 0o644)
		if got := strings.Join(h.job.Hosts(t.Context(), known, test.hostname), " "); got != test.want {
			t.Errorf("%s, %q: %s, not %s", test.hostname, test.options, got, test.want)
		}
	}
}

func TestServerUserOf(t *testing.T) {
	h := newHost(t, "mysql-9.7", false)
	if got, want := h.job.ServerUser(), strconv.Itoa(os.Geteuid()); got != want {
		t.Errorf("by the option: %q, not %q", got, want)
	}
	put(t, h.job.Options.File, "[mysqld]\ndatadir="+filepath.Join(h.dir, "data")+"\n", 0o644)
	want := strconv.Itoa(os.Geteuid())
	if os.Geteuid() == 0 {
		if got := h.job.ServerUser(); got != "mysql" {
			t.Errorf("of root's data folder: %q", got)
		}
		want = "4711"
		if err := os.Chown(filepath.Join(h.dir, "data"), 4711, 4711); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.job.ServerUser(); got != want {
		t.Errorf("by the data folder: %q, not %q", got, want)
	}
}
