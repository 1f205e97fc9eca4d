//go:build unix

package verify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myca/finding"
	"myca/optionfile"
)

// Each way to write an option file badly gives its finding and no other. "@" is
// the folder of the sound files, "|" parts lines, and LINE is where the finding
// is; a name is a file.
func TestBrokenOptions(t *testing.T) {
	const server, client, maria = serverOptions, clientOptions, mariaClient
	for n, test := range []struct {
		name, target, text, want, where string
		alter                           func(s *scene)
	}{
		{name: "sound server", target: "mysql-8.4", text: server},
		{name: "sound server", target: "mariadb-11.8", text: server},
		{name: "sound client", target: "mysql-8.4", text: client},
		{name: "sound client", target: "mariadb-10.11", text: maria},
		{name: "no TLS at all", target: "mysql-8.4", text: "[mysqld]|port=3306|[client]|user=laura"},

		{name: "no TLS at all", target: "mysql-5.6", text: "[mysqld]|port=3306|[client]|user=laura", want: "tls-off", where: "my.cnf"},
		{name: "no TLS at all", target: "mariadb-11.2", text: "[mysqld]|port=3306|ssl-cipher=DEFAULT", want: "tls-off", where: "my.cnf"},
		{name: "a certificate of its own", target: "mariadb-11.3", text: "[mysqld]|port=3306"},
		{name: "switched off", target: "mariadb-10.11", text: "[mysqld]|skip-ssl", want: "tls-disabled", where: "2"},
		{name: "nothing of a server", target: "mariadb-10.11", text: "[client-server]|port=3306|[mariadb-client]|user=laura"},
		{name: "a server's group without options", target: "mariadb-10.11", text: "[client-server]|port=3306|[mariadbd]", want: "tls-off", where: "my.cnf"},
		{name: "included", target: "mariadb-10.11", text: "[mysqld]|port=3306|!include @/tls.cnf",
			alter: func(s *scene) {
				s.write("tls.cnf", []byte(strings.NewReplacer("|", "\n", "@", s.dir).Replace(server)), 0o600)
			}},

		{name: "file gone", target: "mysql-8.4", text: server, alter: func(s *scene) { s.remove("ca-cert.pem") }, want: "file-missing", where: "ca-cert.pem"},
		{name: "client's file gone", target: "mysql-8.4", text: client, alter: func(s *scene) { s.remove("client-key.pem") }, want: "file-missing", where: "client-key.pem"},
		{name: "folder gone", target: "mysql-8.4", text: server + "|ssl-capath=@/cas", want: "file-missing", where: "cas"},
		{name: "folder is a file", target: "mysql-8.4", text: server + "|ssl-capath=@/crl.pem", want: "file-unreadable", where: "crl.pem"},
		{name: "file is a folder", target: "mysql-8.4", text: server + "|ssl-crl=@", want: "file-unreadable", where: "."},
		{name: "certificate for a key", target: "mysql-8.4", text: strings.Replace(server, "server-key", "ca-cert", 1), want: "file-unreadable", where: "ca-cert.pem"},
		{name: "DER", target: "mysql-8.4", text: strings.Replace(server, "server-cert.pem", "server.der", 1), want: "file-unreadable", where: "server.der",
			alter: func(s *scene) { s.write("server.der", s.certificate("server").Raw, 0o644) }},
		{name: "text before the PEM", target: "mysql-8.4", text: server, alter: func(s *scene) {
			s.write("server-cert.pem", append([]byte("0 s:/CN=x\n"), s.read("server-cert.pem")...), 0o644)
		}},
		{name: "key of another", target: "mysql-8.4", text: strings.Replace(server, "server-key", "client-key", 1), want: "key-mismatch", where: "client-key.pem"},
		{name: "key encrypted", target: "mysql-8.4", text: server, want: "key-encrypted", where: "server-key.pem",
			alter: func(s *scene) { s.write("server-key.pem", s.encrypted("server"), 0o600) }},
		{name: "key encrypted, with its passphrase", target: "mariadb-12.0", text: server + "|ssl-passphrase=pass:sesame",
			alter: func(s *scene) { s.write("server-key.pem", s.encrypted("server"), 0o600) }},
		{name: "key for all", target: "mysql-8.4", text: client, want: "key-exposed", where: "client-key.pem",
			alter: func(s *scene) { must(s.t, os.Chmod(s.path("client-key.pem"), 0o644)) }},
		{name: "key of another user", target: "mysql-8.4", text: server, want: "server-cannot-read", where: "server-key.pem",
			alter: func(s *scene) { s.machine.owners["server-key.pem"] = 0 }},
		{name: "the server is another user", target: "mysql-8.4", text: server + "|user=other", want: "server-cannot-read", where: "server-key.pem"},
		{name: "data folder of root", target: "mysql-8.4", text: "[mysqld]|datadir=@/data", want: "server-cannot-read", where: "data", alter: func(s *scene) {
			must(s.t, os.Mkdir(s.path("data"), 0o700))
			s.machine.owners["data"] = 0
		}},
		{name: "the client is another user", target: "mysql-8.4", text: client, alter: func(s *scene) { s.machine.owners["client-key.pem"] = 0 }},
		{name: "usage", target: "mysql-8.4", text: strings.ReplaceAll(server, "server-", "client-"), want: "usage-wrong", where: "client-cert.pem"},

		{name: "before any group", target: "mysql-8.4", text: "ssl-ca=x", want: "option-file-broken", where: "1"},
		{name: "group without end", target: "mysql-8.4", text: "[mysqld|ssl-ca=x", want: "option-file-broken", where: "1"},
		{name: "include of nothing", target: "mysql-8.4", text: "!includedir @/gone", want: "option-file-broken", where: "1"},
		{name: "world-writable", target: "mysql-8.4", text: server, want: "option-file-ignored", where: "my.cnf",
			alter: func(s *scene) { must(s.t, os.Chmod(s.path("my.cnf"), 0o666)) }},
		{name: "ssl-mode for MariaDB", target: "mariadb-11.8", text: "[client]|ssl-mode=REQUIRED", want: "option-unknown", where: "2"},
		{name: "ssl-mode for MariaDB, loose", target: "mariadb-11.8", text: "[client]|loose-ssl-mode=REQUIRED"},
		{name: "ssl for MySQL 8.4", target: "mysql-8.4", text: server + "|ssl=ON", want: "option-unknown", where: "5"},
		{name: "ssl for MySQL 8.0", target: "mysql-8.0", text: server + "|ssl=ON"},
		{name: "CRL for MySQL 5.1", target: "mysql-5.1", text: server + "|ssl-crl=@/crl.pem", want: "option-unknown", where: "5"},
		{name: "twice", target: "mysql-8.4", text: "[mysqld]|ssl-ca=@/old.pem|" + strings.TrimPrefix(server, "[mysqld]|"), want: "option-twice", where: "2"},
		{name: "twice, and myca's wins", target: "mysql-8.4", text: "[mysqld]|ssl-ca=@/old.pem", alter: func(s *scene) { s.marks(server) }},
		{name: "twice, and myca's does not win", target: "mysql-8.4", text: "[mysqld]", want: "option-twice", where: "4", alter: func(s *scene) {
			s.marks("[mysqld]|ssl-ca=@/old.pem")
			s.mycnf(strings.ReplaceAll(string(s.read("my.cnf")), "\n", "|") + server)
		}},
		{name: "twice the same", target: "mysql-8.4", text: server + "|[server]|ssl_ca=@/ca-cert.pem"},
		{name: "no key", target: "mysql-8.4", text: strings.Replace(server, "|ssl-key=@/server-key.pem", "", 1), want: "options-incomplete", where: "3"},
		{name: "no certificate", target: "mysql-8.4", text: strings.Replace(client, "ssl-cert=@/client-cert.pem|", "", 1), want: "options-incomplete", where: "3"},
		{name: "no CA", target: "mysql-8.4", text: strings.Replace(server, "ssl-ca=@/ca-cert.pem|", "", 1), want: "client-ca-missing", where: "2"},
		{name: "CA alone", target: "mysql-8.4", text: "[mysqld]|ssl-ca=@/ca-cert.pem", want: "options-incomplete", where: "2"},
		{name: "CA alone", target: "mariadb-11.8", text: "[mysqld]|ssl-ca=@/ca-cert.pem"},
		{name: "CA alone", target: "mariadb-10.11", text: "[mysqld]|ssl-ca=@/ca-cert.pem", want: "options-incomplete", where: "2"},
		{name: "combined", target: "mysql-8.4", text: "[mysqld]|ssl-ca=@/ca-cert.pem|ssl-cert=@/both.pem", alter: combined},
		{name: "combined", target: "mysql-8.4", text: "[mysqld]|ssl-ca=@/ca-cert.pem|ssl-key=@/both.pem", alter: combined},
		{name: "combined of two pairs", target: "mysql-8.4", text: "[mysqld]|ssl-ca=@/ca-cert.pem|ssl-cert=@/both.pem", want: "key-mismatch", where: "both.pem",
			alter: func(s *scene) {
				s.write("both.pem", slices.Concat(s.read("server-cert.pem"), s.read("client-key.pem")), 0o600)
			}},
		{name: "relative", target: "mysql-8.4", text: strings.Replace(server, "@/ca-cert", "ca-cert", 1) + "|datadir=@", want: "path-relative", where: "2"},
		{name: "relative, data folder not known", target: "mariadb-11.8", text: strings.Replace(server, "@/ca-cert", "ca-cert", 1), want: "path-relative", where: "2"},

		{name: "skip-ssl", target: "mysql-8.0", text: server + "|skip-ssl", want: "tls-disabled", where: "5"},
		{name: "skip-ssl undone", target: "mysql-8.0", text: "[mysqld]|skip-ssl|" + strings.TrimPrefix(server, "[mysqld]|")},
		{name: "ssl=0", target: "mariadb-11.8", text: server + "|ssl=0", want: "tls-disabled", where: "5"},
		{name: "ssl=off in a client", target: "mariadb-11.8", text: "[client]|ssl=off", want: "tls-disabled", where: "2"},
		{name: "ssl-mode", target: "mysql-8.4", text: "[client]|ssl-mode=disabled", want: "tls-disabled", where: "2"},
		{name: "tls-version of nothing", target: "mysql-8.4", text: server + "|tls-version=", want: "tls-disabled", where: "5"},
		{name: "old TLS", target: "mariadb-10.11", text: server + "|tls-version=TLSv1.1,TLSv1.2", want: "old-tls", where: "5"},
		{name: "old TLS", target: "mysql-8.0.27", text: client + "|tls_version=TLSv1,TLSv1.2", want: "old-tls", where: "6"},
		{name: "removed TLS", target: "mysql-8.0.28", text: server + "|tls_version=TLSv1.1,TLSv1.2", want: "option-invalid", where: "5"},
		{name: "removed TLS of a client", target: "mysql-8.0.28", text: client + "|tls_version=TLSv1.1,TLSv1.2"},
		{name: "TLS 1.3 passed over", target: "mysql-5.7", text: server + "|tls_version=TLSv1.2,TLSv1.3"},
		{name: "TLS of MySQL", target: "mariadb-10.11", text: server + "|tls_version=TLSv1,TLSv1.2", want: "option-invalid", where: "5"},
		{name: "a blank", target: "mysql-9.7", text: server + "|tls_version=TLSv1.2, TLSv1.3", want: "option-invalid", where: "5"},
		{name: "a comma at the end", target: "mysql-9.7", text: server + "|tls_version=tlsv1.2,"},
		{name: "a comma at the end", target: "mariadb-10.11", text: server + "|tls_version=tlsv1.2,", want: "option-invalid", where: "5"},
		{name: "a number", target: "mariadb-10.11", text: server + "|tls_version=12"},
		{name: "new TLS", target: "mariadb-10.11", text: server + "|tls-version=TLSv1.2,TLSv1.3"},
		{name: "CRL path with yaSSL", target: "mysql-5.6.40", text: server + "|ssl-crlpath=@", want: "crl-not-enforced", where: "5"},
		{name: "CRL", target: "mysql-8.4", text: server + "|ssl-crl=@/crl.pem"},

		{name: "not verified", target: "mysql-8.4", text: strings.Replace(client, "|ssl-mode=VERIFY_IDENTITY", "", 1), want: "server-not-verified", where: "2"},
		{name: "chain only", target: "mysql-8.4", text: strings.Replace(client, "IDENTITY", "CA", 1), want: "server-not-verified", where: "5"},
		{name: "verified by the older option", target: "mysql-5.7", text: strings.Replace(client, "ssl-mode=VERIFY_IDENTITY", "ssl-verify-server-cert", 1)},
		{name: "lowered by a CA after it", target: "mysql-5.7", text: "[mysql]|ssl-verify-server-cert|" + clientFiles, want: "server-not-verified", where: "3"},
		{name: "and lowered again", target: "mysql-5.7", text: client + "|ssl-verify-server-cert=0", want: "server-not-verified", where: "6"},
		{name: "not verified", target: "mysql-5.6", text: strings.Replace(client, "|ssl-mode=VERIFY_IDENTITY", "", 1), want: "server-not-verified", where: "2"},
		{name: "nothing to verify with", target: "mysql-5.0", text: strings.Replace(client, "|ssl-mode=VERIFY_IDENTITY", "", 1)},
		{name: "default", target: "mariadb-10.11", text: strings.Replace(maria, "|ssl-verify-server-cert=1", "", 1), want: "server-not-verified", where: "2"},
		{name: "default", target: "mariadb-11.8", text: strings.Replace(maria, "|ssl-verify-server-cert=1", "", 1)},
		{name: "switched off", target: "mariadb-11.8", text: "[client-mariadb]|skip-ssl-verify-server-cert", want: "server-not-verified", where: "2"},
		{name: "ON for Connector/C", target: "mariadb-10.11", text: strings.Replace(maria, "cert=1", "cert=ON", 1), want: "server-not-verified", where: "5"},
		{name: "bare for Connector/C", target: "mariadb-10.11", text: strings.Replace(maria, "cert=1", "cert", 1), want: "server-not-verified", where: "2"},
		{name: "bare for Connector/C", target: "mariadb-11.8", text: strings.Replace(maria, "cert=1", "cert", 1)},
		{name: "ON for mariadb alone", target: "mariadb-10.11", text: strings.Replace(strings.Replace(maria, "cert=1", "cert=ON", 1), "client-mariadb", "mariadb-client", 1)},
	} {
		t.Run(fmt.Sprint(n, " ", test.target, " ", test.name), func(t *testing.T) {
			s := newScene(t, test.target)
			s.mycnf(test.text)
			if test.alter != nil {
				test.alter(s)
			}
			report := s.report(s.path("my.cnf"))
			if got := strings.Join(kindsOf(report.Findings), " "); got != test.want {
				t.Fatalf("%q, want %q:\n%v\nunseen %q", got, test.want, report.Findings, report.Unseen)
			}
			where := s.path(test.where)
			if test.where != "" && strings.Trim(test.where, "0123456789") == "" {
				where = s.path("my.cnf") + ":" + test.where
			}
			if test.want != "" && report.Findings[0].Where != where {
				t.Errorf("found at %q, want %q", report.Findings[0].Where, where)
			}
		})
	}
}

// marks adds options as myca adds them.
func (s *scene) marks(options string) {
	s.t.Helper()
	lines := strings.Split(strings.ReplaceAll(options, "@", s.dir), "|")
	file, err := optionfile.Parse(s.path("my.cnf"), s.read("my.cnf")).WithBlock("server", lines)
	must(s.t, err)
	s.write("my.cnf", file.Bytes(), 0o600)
}

func combined(s *scene) {
	s.write("both.pem", slices.Concat(s.read("server-cert.pem"), s.read("server-key.pem")), 0o600)
	s.remove("server-cert.pem")
	s.remove("server-key.pem")
}

// What is in force is told for each program, with the last one of each option
// and where it stands, and never a password.
func TestOptionsInForce(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.mycnf("[client]|user=laura|password=sesame17|ssl-mode=REQUIRED|[mysqldump]|ssl_mode = VERIFY_CA|[mysqld]|require_secure_transport")
	report := s.report(s.path("my.cnf"))
	file := s.path("my.cnf")
	for _, want := range []InForce{
		{"mysqld", "require-secure-transport", "1", file, 8},
		{"mysql", "ssl-mode", "REQUIRED", file, 4},
		{"mysqldump", "ssl-mode", "VERIFY_CA", file, 6},
	} {
		if !slices.Contains(report.Options, want) {
			t.Errorf("%v is not among %v", want, report.Options)
		}
	}
	if n := len(report.Options); n != 9 {
		t.Errorf("%d options, want one of the server and one of each of 8 programs: %v", n, report.Options)
	}
	text, err := json.Marshal(report)
	must(t, err)
	if strings.Contains(string(text), "sesame17") {
		t.Errorf("the password is told: %s", text)
	}
	s = newScene(t, "mariadb-12.0")
	s.mycnf("[client]|password=sesame17|ssl-passphrase=sesame18|[client-mariadb]|ssl-passphrase=sesame19|sesame20|[mysqld]|ssl-passphrase=sesame21")
	text, err = json.Marshal(s.report(s.path("my.cnf")))
	must(t, err)
	if strings.Contains(string(text), "sesame1") || strings.Contains(string(text), "sesame21") || !strings.Contains(string(text), `"option-twice"`) {
		t.Errorf("a secret is told, or not that it is set twice: %s", text)
	}
}

// A passphrase under a wrong name, or in a wrong place, is told nowhere.
func TestPassphraseNotTold(t *testing.T) {
	for _, target := range []string{"mariadb-10.11", "mariadb-12.0", "mysql-8.4"} {
		for _, line := range []string{"tls-passphrase=sesame", "ssl-key-password=sesame", "ssl_key_passphrase=sesame", "ssl-password=sesame", "ssl_passphras=sesame",
			"loose-tls-passphrase=sesame", "ssl-passphrase sesame", "ssl-key-pwd: sesame", "ssl-key=pass:sesame", "ssl-cert=pass:sesame", "ssl-crt=sesame|ssl-crt=sesame1"} {
			s := newScene(t, target)
			s.mycnf("[client]|" + line + "|[mysqld]|" + line + "|datadir=@")
			report := s.report(s.path("my.cnf"))
			text, err := json.Marshal(report)
			must(t, err)
			if strings.Contains(string(text), "sesame") || len(report.Options) == 0 {
				t.Errorf("%s: %s: %s", target, line, text)
			}
		}
	}
}

// Settings of SET PERSIST count after the option files', and a data folder
// without TLS options gives its own files to MySQL.
func TestDataFolder(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	for from, to := range map[string]string{"ca-cert.pem": "data/ca.pem", "server-cert.pem": "data/server-cert.pem", "server-key.pem": "data/server-key.pem"} {
		s.write(to, s.read(from), 0o600)
	}
	s.mycnf("[mysqld]|datadir=@/data")
	if report := s.report(s.path("my.cnf")); len(report.Findings) > 0 || len(report.Examined) != 4 {
		t.Errorf("a sound data folder: %v, examined %v", report.Findings, report.Examined)
	}
	s.write("data/server-key.pem", s.read("client-key.pem"), 0o600)
	if got := kindsOf(s.report(s.path("my.cnf")).Findings); !slices.Equal(got, []string{finding.KeyMismatch}) {
		t.Errorf("another key in the data folder: %v", got)
	}
	s.write("data/mysqld-auto.cnf", []byte(`{"Version":2,"mysql_dynamic_variables":{"ssl_ca":{"Value":"`+s.path("gone.pem")+`","Metadata":{}}}}`), 0o600)
	for _, path := range []string{s.path("my.cnf"), s.path("data")} {
		report := s.report(path)
		if !slices.Contains(kindsOf(report.Findings), finding.FileMissing) {
			t.Errorf("%s: ssl_ca of SET PERSIST is not looked at: %v", path, report.Findings)
		}
		if want := (InForce{"mysqld", "ssl-ca", s.path("gone.pem"), s.path("data/mysqld-auto.cnf"), 0}); !slices.Contains(report.Options, want) {
			t.Errorf("%s: %v is not among %v", path, want, report.Options)
		}
	}
}

// Without persisted-globals-load the server does not read what SET PERSIST keeps.
func TestPersistedNotLoaded(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.write("data/mysqld-auto.cnf", []byte(`{"Version":2,"mysql_dynamic_variables":{"ssl_ca":{"Value":"/gone.pem","Metadata":{}}}}`), 0o600)
	for text, want := range map[string]int{"[mysqld]|datadir=@/data": 1, "[mysqld]|datadir=@/data|persisted-globals-load=0": 0} {
		s.mycnf(text)
		if report := s.report(s.path("my.cnf")); len(report.Options) != want {
			t.Errorf("%s: %v", text, report.Options)
		}
	}
}

// The golden option files of package templates have no finding for the target
// they were made for, with sound files in the places they name; but those that
// allow every version of TLS say so.
func TestGoldenOptionFiles(t *testing.T) {
	folder := filepath.Join("..", "templates", "testdata")
	goldens, err := filepath.Glob(filepath.Join(folder, "*.cnf"))
	must(t, err)
	if len(goldens) < 34 {
		t.Fatalf("%d golden option files in %s", len(goldens), folder)
	}
	for _, golden := range goldens {
		t.Run(filepath.Base(golden), func(t *testing.T) {
			target := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(golden), ".server.cnf"), ".client.cnf")
			s := newScene(t, target)
			data, err := os.ReadFile(golden)
			must(t, err)
			text := strings.NewReplacer("/etc/mysql/myca", s.dir, "/home/laura/my certs", s.dir).Replace(string(data))
			s.write("my.cnf", []byte(text), 0o600)
			report := s.report(s.path("my.cnf"))
			var want []string
			if slices.ContainsFunc([]string{"TLSv1,", "TLSv1.0,", "TLSv1.1,"}, func(v string) bool { return strings.Contains(text, v) }) {
				want = []string{finding.OldTLS}
			}
			if got := kindsOf(report.Findings); !slices.Equal(got, append([]string{}, want...)) {
				t.Errorf("%v, want %v: %v", got, want, report.Findings)
			}
			if len(report.Options) == 0 || len(report.Unseen) > 0 {
				t.Errorf("options %v, unseen %q", report.Options, report.Unseen)
			}
		})
	}
}

// That a server has no TLS is said of a file that programs read by themselves,
// and not of one that is included from who knows where.
func TestWithoutTLSDropIn(t *testing.T) {
	s := newScene(t, "mariadb-10.11")
	s.write("50-server.cnf", []byte("[mysqld]\nport=3306\n"), 0o600)
	s.write("main.cnf", []byte("!include "+s.path("50-server.cnf")+"\n"), 0o600)
	for name, want := range map[string][]string{"50-server.cnf": {}, "main.cnf": {finding.TLSOff}} {
		if got := kindsOf(s.report(s.path(name)).Findings); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// What was probably meant is named: an option, and a missing file.
func TestMeant(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	for text, want := range map[string]string{
		"ssl-ciphers=x":               "did you mean ssl-cipher?",
		"ssl_certificate=x":           "correct or remove the option",
		"ssl-crl=@/crl.pme":           "; beside it lies crl.pem",
		"ssl-crl=@/elsewhere/crl.pem": "no such file or directory",
	} {
		s.mycnf(serverOptions + "|" + text)
		found := s.report(s.path("my.cnf")).Findings
		if len(found) != 1 || !strings.Contains(found[0].What+found[0].Mend, want) || strings.Contains(found[0].Mend, "NAME") != strings.HasPrefix(text, "ssl-crl") {
			t.Errorf("%s: %+v, want %q", text, found, want)
		}
		if len(found) == 1 && strings.HasSuffix(want, "directory") && !strings.HasSuffix(found[0].What, want) {
			t.Errorf("%s: %s", text, found[0].What)
		}
	}
}

// A folder that others can write to exposes the key in it, unless it is sticky.
func TestReplaceableKey(t *testing.T) {
	for _, test := range []struct {
		mode   os.FileMode
		folder int // whose it is
		want   string
	}{
		{0o755, 500, ""},
		{0o775, 500, ""},
		{0o775, 0, ""},
		{0o775, 700, ""},
		{0o777, 500, "everybody on this machine can replace"},
		{0o777 | os.ModeSticky, 500, ""},
		{0o772, 500, ""},
		{0o775, 800, ""},
	} {
		s := newScene(t, "mysql-8.4")
		must(t, os.Mkdir(s.path("tls"), 0o755))
		s.write("tls/server-cert.pem", s.read("server-cert.pem"), 0o644)
		s.write("tls/server-key.pem", s.read("server-key.pem"), 0o600)
		must(t, os.Chmod(s.path("tls"), test.mode))
		s.machine.owners["tls"] = test.folder
		found := s.report(s.path("tls")).Findings
		if test.want == "" && len(found) > 0 || test.want != "" && (len(found) != 1 || !strings.Contains(found[0].What, test.want) ||
			!strings.HasPrefix(found[0].Mend, "chmod o-w "+s.path("tls"))) {
			t.Errorf("%v of %d: %+v", test.mode, test.folder, found)
		}
	}
	s := newScene(t, "mysql-8.4")
	s.machine.users["root"] = User{Name: "root", UID: 0, Groups: []int{0}}
	s.write("server-key.pem", s.read("server-key.pem"), 0o600)
	must(t, os.Chmod(s.dir, 0o775))
	s.disk.System = groupOfOthers{s.machine}
	if found := s.report(s.path("server-key.pem")).Findings; len(found) != 1 || !strings.Contains(found[0].Mend, "chmod g-w "+s.dir) {
		t.Errorf("a group of others: %+v", found)
	}
}

// groupOfOthers is a machine on which all is of mysql, and of a group that mysql
// is not in.
type groupOfOthers struct{ fakeMachine }

func (groupOfOthers) Owner(os.FileInfo) (uid, gid int, known bool) { return 500, 50, true }
