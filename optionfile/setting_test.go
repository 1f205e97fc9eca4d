package optionfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// settingsText writes down settings: KEY=VALUE@LINE, what they override, and
// ? before a key that is not known.
func settingsText(settings []Setting) string {
	var words []string
	for _, s := range settings {
		text := fmt.Sprintf("%s=%s@%d", s.Key, s.Value, s.InForce.Line)
		if !s.Known {
			text = "?" + text
		}
		for _, o := range s.Overridden {
			text += fmt.Sprintf("(%s@%d)", o.Arg()[2:], o.Line)
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

func TestSettings(t *testing.T) {
	for _, c := range []struct{ target, name, file, want string }{
		{"mysql-9.7", "mysqld", "[mysqld]\nssl-ca=a\nmax_connections=1\nssl_ca=b\nuser=mysql\n[client]\nssl-ca=c\n", "ssl-ca=b@4(ssl-ca=a@2) user=mysql@5"},
		{"mysql-9.7", "mysqld", "[mysqld]\nssl-ca=a\nloose-ssl-ca=a\n", "ssl-ca=a@3"},
		{"mysql-9.7", "mysqld", "[mysqld]\nskip-ssl\nssl-mode=REQUIRED\nssl-crt=x\n", "?ssl=@2 ?ssl-mode=@3 ?ssl-crt=@4"},
		{"mysql-8.0", "mysqld", "[mysqld]\nssl\nssl=ON\nskip_ssl=0\nssl=OFF\ndisable-ssl\n", "ssl=0@6(ssl@2)(ssl=ON@3)(skip_ssl=0@4)"},
		{"mysql-8.0", "mysqld", "[mysqld]\nenable-ssl=0\nssl=2\nenable-ssl\n", "ssl=1@4(enable-ssl=0@2)(ssl=2@3)"},
		{"mysql-9.7", "mysqld", "[mysqld]\nrequire_secure_transport\nskip-persisted-globals-load\ndatadir=/d\nport=1\nsocket=/s\nhost=h\npassword=p\n",
			"require-secure-transport=1@2 persisted-globals-load=0@3 datadir=/d@4 port=1@5 socket=/s@6"},
		{"mysql-9.7", "mysql", "[client]\nhost=h\npassword=geheim\n[mysql]\npassword=neu\nssl-mode=VERIFY_CA\n", "host=h@2 password=@5(password=@3) ssl-mode=VERIFY_CA@6"},
		{"mysql-9.7", "mysql", "[client]\nssl-verify-server-cert\nloose-ssl-verify-server-cert=0\nHOST=h\n", "?ssl-verify-server-cert=@3(ssl-verify-server-cert@2)"},
		{"mariadb-11.8", "mariadb", "[client-mariadb]\nSSL_CA=x\nssl-cert=y\nssl-cer=z\nHost=h\nLOOSE-port=1\n", "ssl-ca=x@2 ssl-cert=z@4(ssl-cert=y@3) host=h@5 port=1@6"},
		{"mariadb-11.8", "mariadbd", "[mariadb]\nssl_passphrase=geheim\ntls-ciphersuites=x\nssl-c=y\n", "?ssl-passphrase=@2 ?tls-ciphersuites=@3 ?ssl-c=@4"},
	} {
		p := program(t, c.target, c.name)
		got := settingsText(Settings(Read(newMemory(map[string]string{"/m": c.file}), p, "/m"), p))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s of %s: %s", c.name, c.target, diff)
		}
	}
}

// TestSettingsSecret: the password is there for who logs in, and nowhere else.
func TestSettingsSecret(t *testing.T) {
	p := program(t, "mariadb-12.0", "mariadb")
	const file = "[client]\npassword=geheim1\npassword=geheim2\nssl-passphrase=geheim3\nssl-passphrase=geheim4\n"
	settings := Settings(Read(newMemory(map[string]string{"/m": file}), p, "/m"), p)
	if len(settings) != 2 || settings[0].InForce.Value != "geheim2" || len(settings[0].Overridden) != 1 {
		t.Fatalf("%+v", settings)
	}
	settings[0].InForce.Value = ""
	if text := fmt.Sprintf("%+v", settings); strings.Contains(text, "geheim") {
		t.Error(text)
	}
}

// TestResolve: each option by itself is what Settings makes of it alone.
func TestResolve(t *testing.T) {
	const file = "[client]\nssl-ca=a\nssl_ca=b\npassword=x\nskip-ssl\nssl-passphrase=y\nmax=1\nssl-crt=z\n"
	for _, target := range []string{"mysql-9.7", "mariadb-12.0"} {
		p := program(t, target, "mysql")
		read := Read(newMemory(map[string]string{"/m": file}), p, "/m")
		var want []Setting
		for _, o := range read.Options {
			want = append(want, Settings(Result{Options: []Option{o}}, p)...)
		}
		_, each := Resolve(read, p)
		if diff := cmp.Diff(want, each); diff != "" || len(want) < 5 {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

// TestReaderOnce: a file is read once for all programs with the same rules, and
// each gets what it would get alone.
func TestReaderOnce(t *testing.T) {
	sys := &counting{System: newMemory(map[string]string{"/m": "!include /n\n[client]\nssl-ca=a\n", "/n": "[mysqldump]\nssl-ca=b\n"})}
	all := NewReader(sys)
	for _, name := range []string{"mysql", "mysqldump", "mysqladmin", "mysqld"} {
		p := program(t, "mysql-9.7", name)
		if diff := cmp.Diff(Read(sys.System, p, "/m"), all.Read(p, "/m")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if sys.reads != 2 {
		t.Errorf("%d reads of 2 files", sys.reads)
	}
}

type counting struct {
	System
	reads int
}

func (c *counting) ReadFile(path string) ([]byte, error) {
	c.reads++
	return c.System.ReadFile(path)
}

// TestSettingsMaySecret: a secret under a name that the program does not know,
// behind a blank or a colon instead of the =, or behind pass: is not told.
func TestSettingsMaySecret(t *testing.T) {
	const file = "[client]\ntls-passphrase=geheim1\nloose-tls-passphrase=geheim2\nssl-key-password=geheim3\nssl_passphras=geheim4\n" +
		"ssl-key=pass:geheim5\nssl-key=PASS:geheim6\nssl-passphrase geheim7\nssl-key-pwd: geheim8\nssl-crt=geheim9\n"
	connector := Program{Version: program(t, "mariadb-12.0", "").Version, ConnectorC: true}
	for _, p := range []Program{program(t, "mariadb-12.0", "mariadb"), program(t, "mariadb-10.11", "mariadb"), program(t, "mysql-9.7", "mysql"), connector} {
		settings := Settings(Read(newMemory(map[string]string{"/m": file}), p, "/m"), p)
		if text := fmt.Sprintf("%+v", settings); len(settings) < 2 || strings.Contains(text, "geheim") || !strings.Contains(text, "PASS:…") {
			t.Errorf("%+v: %s", p, text)
		}
	}
}

func TestSettingsConnector(t *testing.T) {
	p := Program{Version: program(t, "mariadb-11.8", "").Version, Name: "shop", ConnectorC: true}
	const file = "[client]\ntls-ca=a\nssl_ca=b\nssl-mode=x\nSSL-KEY=k\n[shop]\ntls-verify-peer=1\npassword=geheim\nssl-passphrase=geheim\n"
	got := settingsText(Settings(Read(newMemory(map[string]string{"/m": file}), p, "/m"), p))
	const want = "ssl-ca=b@3(tls-ca=a@2) ssl-verify-server-cert=1@7 password=@8 ssl-passphrase=@9"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOption(t *testing.T) {
	for _, c := range []struct {
		name  string
		key   string
		loose bool
	}{{"ssl_ca", "ssl-ca", false}, {"loose_ssl-Ca", "ssl-Ca", true}, {"loose-loose-x", "x", true}, {"skip-ssl", "skip-ssl", false}, {"loose", "loose", false}} {
		if o := (Option{Name: c.name}); o.Key() != c.key || o.Loose() != c.loose {
			t.Errorf("%s: %s, loose %t", c.name, o.Key(), o.Loose())
		}
	}
}
