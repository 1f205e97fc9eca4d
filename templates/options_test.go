package templates_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dialect"
	"myca/templates"
)

// optionFile is the settings of every group, unquoted by the option-file rules.
func optionFile(t *testing.T, text string) map[string][]string {
	t.Helper()
	if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
		t.Errorf("the file does not end in one newline: %q", text[max(0, len(text)-20):])
	}
	groups := map[string][]string{}
	group := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			group = strings.Trim(line, "[]")
			if groups[group] != nil {
				t.Errorf("group %q twice", group)
			}
			groups[group] = []string{}
		default:
			key, raw, ok := strings.Cut(line, "=")
			if ok {
				value, err := dialect.ReadOptionValue(raw)
				if err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				key += "=" + value
			}
			groups[group] = append(groups[group], key)
		}
	}
	if groups[""] != nil {
		t.Errorf("options before the first group: %q", groups[""])
	}
	return groups
}

// TestOptionsByVersion is written from the manuals, apart from the code's own
// tables: which options stand in the files of which version.
func TestOptionsByVersion(t *testing.T) {
	tests := []struct {
		target         string
		server, client string // beyond ssl-ca, ssl-cert, ssl-key
		groups         string
	}{
		{"mysql-4.0", "", "", "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow"},
		{"mysql-5.1", "", "ssl-verify-server-cert", "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow mysqlslap"},
		{"mysql-5.7.7", "", "ssl-verify-server-cert", "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow mysqlslap mysqlbinlog"},
		{"mysql-5.7.11", "tls-version require-secure-transport", "tls-version ssl-mode", "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow mysqlslap mysqlbinlog"},
		{"mysql-8.4", "ssl-crl tls-version require-secure-transport", "ssl-crl tls-version ssl-mode", "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow mysqlslap mysqlbinlog"},
		{"mariadb-5.5", "", "ssl-verify-server-cert", "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow mysqlslap"},
		{"mariadb-10.2", "ssl-crl", "ssl-crl ssl-verify-server-cert", "client-mariadb"},
		{"mariadb-10.5.2", "ssl-crl tls-version require-secure-transport", "ssl-crl tls-version ssl-verify-server-cert", "client-mariadb"},
		{"mariadb-12.3", "ssl-crl tls-version require-secure-transport", "ssl-crl tls-version ssl-verify-server-cert", "client-mariadb"},
	}
	keys := func(settings []string) string {
		var all []string
		for _, s := range settings {
			key, _, _ := strings.Cut(s, "=")
			if !slices.Contains([]string{"user", "password", "host", "port", "ssl-ca", "ssl-cert", "ssl-key"}, key) {
				all = append(all, key)
			}
		}
		return strings.Join(all, " ")
	}
	for _, test := range tests {
		t.Run(test.target, func(t *testing.T) {
			v := target(t, test.target)
			text, err := serverOptions(v).OptionFile()
			if err != nil {
				t.Fatal(err)
			}
			server := optionFile(t, text)
			if got := keys(server["mysqld"]); len(server) != 1 || got != test.server {
				t.Errorf("server: groups %v, options %q, want [mysqld] with %q", server, got, test.server)
			}
			text, err = clientOptions(v).OptionFile()
			if err != nil {
				t.Fatal(err)
			}
			client := optionFile(t, text)
			for _, group := range strings.Fields(test.groups) {
				if got := keys(client[group]); got != test.client {
					t.Errorf("client: [%s] has %q, want %q", group, got, test.client)
				}
				delete(client, group)
			}
			if len(client) != 0 {
				t.Errorf("client: further groups %v", client)
			}
		})
	}
}

// TestClientSettings checks values, quoting and flags of one file.
func TestClientSettings(t *testing.T) {
	tests := []struct {
		name, target string
		change       func(*templates.ClientOptions)
		want         []string
	}{
		{"everything", "mysql-8.4", func(*templates.ClientOptions) {}, []string{
			"user=laura", `password=it's "50% off" \o/ #1`, "host=db1.example.com", "port=3306",
			"ssl-ca=/home/laura/my certs/ca-cert.pem", "ssl-cert=/home/laura/my certs/client-cert.pem", "ssl-key=/home/laura/my certs/client-key.pem",
			"ssl-crl=/home/laura/my certs/crl.pem", "tls-version=TLSv1.2,TLSv1.3", "ssl-mode=VERIFY_IDENTITY",
		}},
		{"least", "mariadb-11.8", func(o *templates.ClientOptions) {
			*o = templates.ClientOptions{Target: o.Target, CA: `C:\tls\#1\ca.pem`, Cert: `C:/tls/new cert.pem`, Key: `\\host\tls\key.pem `}
		}, []string{`ssl-ca=C:\tls\#1\ca.pem`, "ssl-cert=C:/tls/new cert.pem", `ssl-key=\\host\tls\key.pem `, "ssl-verify-server-cert=1"}},
		{"localhost is the socket", "mysql-8.4", func(o *templates.ClientOptions) { *o = local(o.Target, "localhost", 0) },
			[]string{"host=localhost", "ssl-ca=/a", "ssl-cert=/b", "ssl-key=/c", "ssl-mode=VERIFY_IDENTITY"}},
		{"a port means TCP", "mysql-8.4", func(o *templates.ClientOptions) { *o = local(o.Target, "LocalHost", 3307) },
			[]string{"host=LocalHost", "port=3307", "protocol=tcp", "ssl-ca=/a", "ssl-cert=/b", "ssl-key=/c", "ssl-mode=VERIFY_IDENTITY"}},
		{"a port alone means TCP", "mariadb-10.11", func(o *templates.ClientOptions) { *o = local(o.Target, "", 3307) },
			[]string{"port=3307", "protocol=tcp", "ssl-ca=/a", "ssl-cert=/b", "ssl-key=/c", "ssl-verify-server-cert=1"}},
		{"an address is TCP", "mysql-5.5", func(o *templates.ClientOptions) { *o = local(o.Target, "::1", 3307) },
			[]string{"host=::1", "port=3307", "ssl-ca=/a", "ssl-cert=/b", "ssl-key=/c", "ssl-verify-server-cert"}},
		{"TLS versions in order", "mysql-8.0.20", func(o *templates.ClientOptions) {
			*o = local(o.Target, "", 0)
			o.TLSVersion = "tlsv1.3, TLSV1.2,TLSv1.2"
		}, []string{"ssl-ca=/a", "ssl-cert=/b", "ssl-key=/c", "tls-version=TLSv1.2,TLSv1.3", "ssl-mode=VERIFY_IDENTITY"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := clientOptions(target(t, test.target))
			test.change(&o)
			text, err := o.OptionFile()
			if err != nil {
				t.Fatal(err)
			}
			for group, got := range optionFile(t, text) {
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("[%s] (-want +got):\n%s", group, diff)
				}
			}
			want := []string{}
			for _, setting := range test.want {
				if !strings.HasPrefix(setting, "password=") {
					want = append(want, "--"+setting)
				}
			}
			got, err := o.Flags()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("flags (-want +got):\n%s", diff)
			}
		})
	}
}

func local(v dialect.Version, host string, port int) templates.ClientOptions {
	return templates.ClientOptions{Target: v, CA: "/a", Cert: "/b", Key: "/c", Host: host, Port: port}
}

func TestClientGroups(t *testing.T) {
	o := clientOptions(target(t, "mysql-8.4"))
	o.Groups = []string{"client", "my-app_2.0", "client"}
	text, err := o.OptionFile()
	if err != nil {
		t.Fatal(err)
	}
	groups := optionFile(t, text)
	if len(groups) != 2 || groups["client"] == nil || groups["my-app_2.0"] == nil {
		t.Errorf("groups %v", groups)
	}
	if !strings.Contains(text, "# [client] is read by every program;") {
		t.Errorf("no warning about [client]:\n%s", text)
	}
}

func TestServerFlags(t *testing.T) {
	got, err := serverOptions(target(t, "mysql-8.4")).Flags()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"--ssl-ca=/etc/mysql/myca/ca-cert.pem", "--ssl-cert=/etc/mysql/myca/server-cert.pem", "--ssl-key=/etc/mysql/myca/server-key.pem",
		"--ssl-crl=/etc/mysql/myca/crl.pem", "--tls-version=TLSv1.2,TLSv1.3", "--require-secure-transport=ON",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

// TestHeaders: what comes from outside cannot leave a comment line.
func TestHeaders(t *testing.T) {
	comment := regexp.MustCompile("^# [ -~]*\n$")
	server, client := serverOptions(target(t, "mysql-8.4")), clientOptions(target(t, "mysql-8.4"))
	server.Name, client.Name = "a\n[mysqld]\nskip-grant-tables", "a\r\npassword=x"
	server.Serial, client.Serial = "1\n2", "\x001"
	for _, o := range []interface{ OptionFile() (string, error) }{server, client} {
		text, err := o.OptionFile()
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(text, "\n[")
		for line := range strings.Lines(header) {
			if line != "\n" && !comment.MatchString(line) {
				t.Errorf("line %q", line)
			}
		}
	}
}

func TestOptionProblems(t *testing.T) {
	server := func(text string, change func(*templates.ServerOptions)) func(*testing.T) (string, []string, error) {
		return func(t *testing.T) (string, []string, error) {
			o := serverOptions(target(t, text))
			change(&o)
			text, err := o.OptionFile()
			flags, flagsErr := o.Flags()
			return text, flags, sameError(t, err, flagsErr)
		}
	}
	client := func(text string, change func(*templates.ClientOptions)) func(*testing.T) (string, []string, error) {
		return func(t *testing.T) (string, []string, error) {
			o := clientOptions(target(t, text))
			change(&o)
			text, err := o.OptionFile()
			flags, flagsErr := o.Flags()
			return text, flags, sameError(t, err, flagsErr)
		}
	}
	tests := []struct {
		name   string
		make   func(*testing.T) (string, []string, error)
		fields []string
	}{
		{"old server", server("mysql-5.5", func(o *templates.ServerOptions) {
			o.RequireSecureTransport, o.TLSVersion, o.CRL = true, "TLSv1.2", "/crl.pem"
		}), []string{"crl", "tls-version", "require-secure-transport"}},
		{"old MariaDB", server("mariadb-10.1", func(o *templates.ServerOptions) {
			o.RequireSecureTransport, o.TLSVersion, o.CRL = true, "TLSv1.2", "/crl.pem"
		}), []string{"crl", "tls-version", "require-secure-transport"}},
		{"gone TLS version", server("mysql-8.4", func(o *templates.ServerOptions) { o.TLSVersion = "TLSv1.1,TLSv1.2" }), []string{"tls-version"}},
		{"empty TLS version", server("mysql-8.4", func(o *templates.ServerOptions) { o.TLSVersion = "TLSv1.2," }), []string{"tls-version"}},
		{"other product's TLS version", server("mariadb-11.8", func(o *templates.ServerOptions) { o.TLSVersion = "TLSv1" }), []string{"tls-version"}},
		{"no paths", server("mysql-8.4", func(o *templates.ServerOptions) { o.CA, o.Cert, o.Key = "", "", "" }), []string{"deploy-dir", "deploy-dir", "deploy-dir"}},
		{"relative path", server("mysql-8.4", func(o *templates.ServerOptions) { o.CA = "tls/ca.pem" }), []string{"deploy-dir"}},
		{"home", server("mysql-8.4", func(o *templates.ServerOptions) { o.Key = "~/key.pem" }), []string{"deploy-dir"}},
		{"line break", server("mysql-8.4", func(o *templates.ServerOptions) { o.Key = "/a\nskip-grant-tables" }), []string{"ssl-key"}},
		{"long path", client("mysql-8.4", func(o *templates.ClientOptions) { o.Key = "/" + strings.Repeat("x", 5000) }), []string{"ssl-key"}},
		{"line breaks", client("mysql-8.4", func(o *templates.ClientOptions) { o.Password, o.Host, o.User = "a\nb", "h\n", "u\n" }), []string{"user", "password", "host"}},
		{"port", client("mysql-8.4", func(o *templates.ClientOptions) { o.Port = 65536 }), []string{"connect"}},
		{"negative port", client("mysql-8.4", func(o *templates.ClientOptions) { o.Port = -1 }), []string{"connect"}},
		{"no protocol", client("mysql-4.0", func(o *templates.ClientOptions) { o.Host = "localhost" }), []string{"connect"}},
		{"no CRL", client("mysql-5.5", func(o *templates.ClientOptions) { o.CRL = "/crl.pem" }), []string{"crl"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, flags, err := test.make(t)
			if text != "" || flags != nil {
				t.Errorf("made something beside the error: %q %q", text, flags)
			}
			checkProblems(t, err, test.fields)
		})
	}
}

func TestGroupProblems(t *testing.T) {
	o := clientOptions(target(t, "mysql-8.4"))
	o.Groups = []string{"", "a b", "x]\n[mysqld", "mysql", "-x"}
	text, err := o.OptionFile()
	if text != "" {
		t.Errorf("made %q", text)
	}
	checkProblems(t, err, []string{"groups", "groups", "groups", "groups"})
}

// sameError is the error that option file and flags must share.
func sameError(t *testing.T, file, flags error) error {
	t.Helper()
	if file == nil || flags == nil || file.Error() != flags.Error() {
		t.Errorf("option file: %v; flags: %v", file, flags)
	}
	return file
}

// TestNoTLS fixes the options for plain text; MariaDB's were tried on 10.11 and
// 11.8, where --skip-ssl alone goes on with TLS.
func TestNoTLS(t *testing.T) {
	for text, want := range map[string]string{
		"mysql-4.1": "--skip-ssl", "mysql-5.7.10": "--skip-ssl", "mysql-5.7.11": "--ssl-mode=DISABLED", "mysql-9.7": "--ssl-mode=DISABLED",
		"mariadb-5.5": "--skip-ssl --skip-ssl-verify-server-cert", "mariadb-11.8": "--skip-ssl --skip-ssl-verify-server-cert",
	} {
		if got := strings.Join(templates.NoTLS(target(t, text)), " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
