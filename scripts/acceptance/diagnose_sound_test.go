package acceptance

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"myca/finding"
	"myca/scripts/servers"
)

// TestDiagnose: a sound installation has no finding, and each of many broken
// ones is named by its identifier, by the command that can see it.
func TestDiagnose(t *testing.T) {
	needAny(t)
	bin, tried := build(t), &kinds{}
	t.Cleanup(func() {
		if everything() {
			tried.wantAll(t, finding.CRLNotEnforced) // by MariaDB with wolfSSL
		}
	})
	servers.Each(t, func(t *testing.T, p servers.Product) {
		i := install(t, bin, p)
		i.tried = tried
		t.Run("sound", i.sound)
		t.Run("rights", i.rights)
		t.Run("writes nothing", i.writesNothing)
		t.Run("files", i.brokenFiles)
		t.Run("text", i.saysInText)
		t.Run("certificates", i.brokenCertificates)
		t.Run("lists", i.brokenLists)
		t.Run("options", i.brokenOptions)
		t.Run("accounts", i.brokenAccounts)
		t.Run("names", i.brokenNames)
		t.Run("roles", i.roles)
		t.Run("presented", i.brokenPresented)
		t.Run("rotation", i.rotation)
		t.Run("running", i.brokenRunning)
		i.restart(t)
		t.Run("sound in the end", i.sound)
	})
}

// everything tells whether the tests run on every product, and none of their
// subtests was left out.
func everything() bool {
	for _, p := range servers.All() {
		if p.Available() != nil {
			return false
		}
	}
	return !strings.Contains(flag.Lookup("test.run").Value.String(), "/") && flag.Lookup("test.skip").Value.String() == ""
}

// installation is a host that was set up as the manual says: a store, a server
// with a pair of it, laura with a certificate and a password, robert with a
// certificate alone.
type installation struct {
	*host
	tried *kinds
}

// install sets an installation up. The subject of its CA is that of the sampdb
// distribution's, which only means something on a certificate that the store
// did not issue.
func install(t *testing.T, bin string, p servers.Product) *installation {
	t.Helper()
	i := &installation{host: newHost(t, bin, p)}
	i.bootstrap(t, i.etc()+"/myca", "--host", "127.0.0.2", "--key", "ec-p256", "--ca-key", "ec-p256", "--deploy-dir", i.etc()+"/myca")
	i.apply(t, i.client(t, "robert", "--no-password"))
	if err := os.Chmod(filepath.Join(i.etc(), "my.cnf"), 0o644); err != nil {
		t.Fatal(err)
	}
	// What a fresh server has that an administrator removes: accounts that the
	// network reaches without a password.
	if !p.MySQL() {
		i.sql(t, "DELETE FROM mysql.global_priv WHERE User = '' OR Host NOT IN ('localhost', '%'); FLUSH PRIVILEGES")
	}
	return i
}

func (i *installation) dataDir() string    { return filepath.Join(i.server.Dir, "data") }
func (i *installation) folder() string     { return filepath.Join(i.etc(), "myca") }
func (i *installation) optionFile() string { return filepath.Join(i.etc(), "my.cnf") }

// included is the option file that the server's own options are added to.
func (i *installation) included() string {
	if i.product.MySQL() {
		return filepath.Join(i.etc(), "mysql.conf.d", "zz-myca.cnf")
	}
	return filepath.Join(i.etc(), "mariadb.conf.d", "zz-myca.cnf")
}

// sql runs statements as the administrator, also while the server's
// certificate is one that its clients refuse.
func (i *installation) sql(t *testing.T, statements string) string {
	t.Helper()
	args := append([]string{"--no-defaults", "--user=root", "--socket=" + i.server.Socket, "--batch", "--skip-column-names"}, i.plainText()...)
	result := servers.Execute(i.product.Command(i.product.ClientName(), args...), statements)
	if !result.OK() {
		t.Fatalf("exit %d, %s\nstatements:\n%s", result.Code, result.Stderr, statements)
	}
	return strings.TrimSuffix(result.Stdout, "\n")
}

// reload makes the server read its certificate files again.
func (i *installation) reload(t *testing.T) {
	t.Helper()
	if i.product.MySQL() {
		i.sql(t, "ALTER INSTANCE RELOAD TLS")
		return
	}
	i.sql(t, "FLUSH LOCAL SSL")
}

// restart stops the server and starts it with the option files as they are.
func (i *installation) restart(t *testing.T) {
	t.Helper()
	i.server.Stop()
	i.start(t)
}

// verified is the command that verifies all that the server has.
func (i *installation) verified() []string {
	return []string{"verify", i.folder(), i.optionFile(), i.dataDir(), "--host", "localhost", "--host", "127.0.0.2"}
}

// checked is the command that checks the server as its administrator.
func (i *installation) checked() []string {
	return []string{"check", "--socket", i.server.Socket, "--user", "root", "--host", "localhost"}
}

// overTCP is the same over the network.
func (i *installation) overTCP() []string {
	return []string{"check", "--host", "127.0.0.2", "--port", strconv.Itoa(i.server.Port), "--user", "root"}
}

// sound: nothing is found by either command, wherever it looks from.
func (i *installation) sound(t *testing.T) {
	i.wantSound(t, []string{"verify"}, i.folder())
	i.wantSound(t, i.verified())
	i.wantSound(t, []string{"verify", filepath.Join(i.store, "clients", "laura"), i.lauraCnf()})
	i.wantSound(t, []string{"verify", "--server-user", "mysql", "--ca", filepath.Join(i.store, "ca-cert.pem"), i.folder()})

	// By its administrator's own option file, which names the socket.
	noName := "names the host"
	for _, look := range []struct {
		command []string
		unseen  []string
	}{
		{i.checked(), nil}, {i.overTCP(), nil}, {[]string{"check", "--user", "root"}, []string{noName}}, {[]string{"check"}, []string{noName}},
	} {
		r := i.wantSound(t, append(look.command, "laura", "robert"), look.unseen...)
		i.wantFacts(t, r)
		i.wantLogins(t, r)
	}
	result := i.tryMyca(append(i.checked(), "laura")...)
	if !result.OK() || !strings.HasSuffix(strings.TrimSpace(result.Stdout), "0 errors, 0 warnings") {
		t.Errorf("check laura: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
}

// wantFacts wants the report to know the server and its accounts.
func (i *installation) wantFacts(t *testing.T, r report) {
	t.Helper()
	s := r.Server
	if !strings.HasPrefix(s.Version, i.product.Series()+".") || !strings.HasPrefix(s.TLSLibrary, "OpenSSL 3") ||
		s.TLS != "on" || s.Protocol != "TLSv1.3" || !strings.HasPrefix(s.Cipher, "TLS_") {
		t.Errorf("server %+v", s)
	}
	if s.Certificate == nil || s.Certificate.Serial != i.shown(t, "server/localhost").Serial {
		t.Errorf("certificate %+v, want that of server/localhost", s.Certificate)
	}
	seen := 0
	for _, a := range r.Accounts {
		for _, name := range []string{"laura", "robert"} {
			if strings.Contains(a.Account, name) && strings.Contains(a.Require, "/CN="+name) && len(a.SatisfiedBy) == 1 && a.Nearest == nil {
				seen++
			}
		}
	}
	if seen != 2 {
		t.Errorf("accounts %+v", r.Accounts)
	}
}

// wantLogins wants each client to get in with its own certificate only.
func (i *installation) wantLogins(t *testing.T, r report) {
	t.Helper()
	tried := map[string]int{}
	for _, l := range r.Logins {
		tried[l.How]++
		if l.In != (l.How == "own-certificate") {
			t.Errorf("%+v", l)
		}
	}
	for _, how := range []string{"own-certificate", "without-certificate", "plain-text", "other-certificate"} {
		if tried[how] != 2 {
			t.Errorf("%d logins %s, want one of each client", tried[how], how)
		}
	}
}
