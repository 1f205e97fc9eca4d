package optionfile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myca/scripts/servers"
)

func TestReadPersisted(t *testing.T) {
	member := func(value string) string {
		return `{ "Value" : "` + value + `" , "Metadata" : { "Timestamp" : 1 , "User" : "root" , "Host" : "localhost" } }`
	}
	for name, c := range map[string]struct{ file, want string }{
		"version 1": {`{ "Version" : 1 , "mysql_server" : { "ssl_ca" : ` + member("/b.pem") + ` , "mysql_server_static_options" : { "admin_port" : ` +
			member("33062") + ` } } }`, "admin_port=33062@/d/mysqld-auto.cnf:0 ssl_ca=/b.pem@/d/mysqld-auto.cnf:0"},
		"version 1, plain": {`{ "Version" : 1 , "mysql_server" : { "ssl_ca" : "x" } }`, "ssl_ca=x@/d/mysqld-auto.cnf:0"},
		"version 2": {`{"Version": 2, "mysql_dynamic_variables": {"ssl_ca": ` + member(`a\\\"b`) + `}, "mysql_static_variables": {"mysqlx_ssl_ca": ` + member("") +
			`}, "mysql_dynamic_parse_early_variables": {"b": ` + member("1") + `}, "mysql_static_parse_early_variables": {"a": ` + member("2") + `}, "mysql_sensitive_variables": {"x": "7F"}}`,
			`a=2@/d/mysqld-auto.cnf:0 b=1@/d/mysqld-auto.cnf:0 mysqlx_ssl_ca=@/d/mysqld-auto.cnf:0 ssl_ca=a\"b@/d/mysqld-auto.cnf:0`},
		"empty":       {"", "<fatal broken@/d/mysqld-auto.cnf:0>"},
		"no version":  {"{}", "<fatal broken@/d/mysqld-auto.cnf:0>"},
		"no object":   {`{"Version": 2, "mysql_static_variables": 3}`, "<fatal broken@/d/mysqld-auto.cnf:0>"},
		"no value":    {`{"Version": 2, "mysql_static_variables": {"a": []}}`, "<fatal broken@/d/mysqld-auto.cnf:0>"},
		"no static":   {`{"Version": 1, "mysql_server": {"mysql_server_static_options": []}}`, "<fatal broken@/d/mysqld-auto.cnf:0>"},
		"nothing set": {`{"Version": 2}`, ""},
	} {
		if got := resultText(ReadPersisted(newMemory(map[string]string{"/d/mysqld-auto.cnf": c.file}), "/d")); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for file, want := range map[string]string{"/d/": "", "!/d/mysqld-auto.cnf": "<ignored@/d/mysqld-auto.cnf:0>", "-/d/mysqld-auto.cnf": "<unreadable@/d/mysqld-auto.cnf:0>",
		"/d/mysqld-auto.cnf/": "<unreadable@/d/mysqld-auto.cnf:0>"} {
		if got := resultText(ReadPersisted(newMemory(map[string]string{file: "x"}), "/d")); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

// TestPersistedOnServer lets a server write the file, and looks at what is in
// force after a restart.
func TestPersistedOnServer(t *testing.T) {
	for _, p := range servers.All() {
		if p.MySQL() { // MariaDB has no SET PERSIST
			p.Need(t)
			checkPersisted(t, p)
		}
	}
}

func checkPersisted(t *testing.T, p servers.Product) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "my.cnf")
	if err := os.WriteFile(file, []byte("[mysqld]\nrequire_secure_transport=OFF\ntls-version=TLSv1.2,TLSv1.3\nport=1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := servers.New(t, p)
	if err != nil {
		t.Fatal(err)
	}
	options := servers.Options{DefaultsFile: file}
	if err := s.Run(options); err != nil {
		t.Fatal(err)
	}
	s.SQL(t, "SET PERSIST require_secure_transport=ON; SET PERSIST tls_version='TLSv1.3'; SET PERSIST_ONLY back_log=77; SET PERSIST_ONLY ssl_fips_mode=OFF")
	dir := strings.TrimSuffix(s.SQL(t, "SELECT @@datadir"), "/")
	s.Stop()
	program := program(t, p.Target, "mysqld")
	result := Read(OS(), program, file).Then(ReadPersisted(OS(), dir))
	if len(result.Problems) != 0 {
		t.Errorf("%+v", result.Problems)
	}
	if !slices.ContainsFunc(result.Options, func(o Option) bool { return o.Name == "back_log" && o.Value == "77" }) {
		t.Errorf("no back_log in %+v", result.Options)
	}
	got := settingsText(Settings(result, program))
	const want = "require-secure-transport=1@0(require_secure_transport=OFF@2) tls-version=TLSv1.3@0(tls-version=TLSv1.2,TLSv1.3@3) port=1@4 ssl-fips-mode=OFF@0"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := s.Run(options); err != nil {
		t.Fatal(err)
	}
	if got := s.SQL(t, "SELECT @@require_secure_transport, @@tls_version, @@back_log"); got != "1\tTLSv1.3\t77" {
		t.Errorf("the server has %q", got)
	}
}
