package live

import (
	"crypto/tls"
	"errors"
	"reflect"
	"strings"
	"testing"

	"myca/dialect"
	"myca/dn"
)

const who = "SELECT VERSION(), CURRENT_USER()"

// open logs in to a fake server that has the answers.
func open(t *testing.T, answers map[string]answer) *Session {
	t.Helper()
	server := fake{greeting: greeting41("5.0.96", ofMySQL), answers: answers}
	s, err := Open(within(t), server.start(t), Login{User: "check", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func names(columns ...string) answer {
	var a answer
	for _, column := range columns {
		a.rows = append(a.rows, []string{column, "char(60)", "NO", "", "", ""})
	}
	return a
}

// TestOldFacts: a server of 2008 says what it has, and is not asked for more.
func TestOldFacts(t *testing.T) {
	s := open(t, map[string]answer{
		who: {rows: [][]string{{"5.0.96-log", "check@localhost"}}},
		"SHOW VARIABLES": {rows: [][]string{{"version", "5.0.96-log"}, {"datadir", "/var/lib/mysql/"},
			{"have_openssl", "DISABLED"}, {"ssl_ca", "/etc/mysql/ca-cert.pem"}, {"ssl_key", ""}}},
		"SHOW STATUS":                             {rows: [][]string{{"Ssl_cipher", ""}, {"Ssl_version", ""}}},
		"SHOW COLUMNS FROM mysql.user":            names("Host", "User", "Password", "Select_priv"),
		"SELECT ssl_type FROM mysql.user LIMIT 0": {number: 1054},
	})
	no := false
	want := Facts{Version: dialect.Version{Product: dialect.MySQL, Major: 5, Minor: 0, Patch: 96}, VersionText: "5.0.96-log",
		Library: dn.YaSSL, CurrentUser: "check@localhost", DataDir: "/var/lib/mysql/", TLS: Off, TLSSource: "have_openssl",
		Configured: Files{CA: "/etc/mysql/ca-cert.pem"}, RequirementColumns: &no}
	got, err := s.Facts(within(t))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

// TestFactsUnseen: what an account without rights is told it does not see.
func TestFactsUnseen(t *testing.T) {
	s := open(t, map[string]answer{
		who: {rows: [][]string{{"9.7.4", "o'check@%"}}},
		"SHOW VARIABLES": {rows: [][]string{{"version", "9.7.4"}, {"hostname", "db1"}, {"tls_version", "TLSv1.2"},
			{"require_secure_transport", "ON"}}},
		"SHOW STATUS": {rows: [][]string{{"Current_tls_cert", "server-cert.pem"}, {"Current_tls_version", "TLSv1.2,TLSv1.3"},
			{"Tls_library_version", "OpenSSL 3.6.5 29 Sep 2026"}}},
		"SELECT VALUE FROM performance_schema.tls_channel_status WHERE CHANNEL = 'mysql_main' AND PROPERTY = 'Enabled'": {number: 1142},
		"SHOW COLUMNS FROM mysql.user": {number: 1142},
	})
	f, err := s.Facts(within(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"whether TLS is on: GRANT SELECT ON performance_schema.tls_channel_status TO 'o''check'@'%';",
		"the accounts: GRANT SELECT ON mysql.user TO 'o''check'@'%';"}
	if !reflect.DeepEqual(f.Unseen, want) || f.RequirementColumns != nil || f.TLS != Unknown {
		t.Errorf("unseen %q, columns %v, TLS %v", f.Unseen, f.RequirementColumns, f.TLS)
	}
	if !f.LoadedKnown || f.Loaded.Cert != "server-cert.pem" || f.RequireSecureTransport == nil || !*f.RequireSecureTransport ||
		!f.LibraryKnown || f.Library != dn.OpenSSL3 || len(f.Protocols) != 2 {
		t.Errorf("%+v", f)
	}
	if _, err := s.Accounts(within(t)); !errors.Is(err, ErrNotSeen) || !strings.Contains(err.Error(), want[1]) {
		t.Errorf("accounts: %v", err)
	}
}

// TestChannelBeforeVariable: MySQL's table knows better than have_ssl.
func TestChannelBeforeVariable(t *testing.T) {
	s := open(t, map[string]answer{
		who:              {rows: [][]string{{"8.0.36", "check@%"}}},
		"SHOW VARIABLES": {rows: [][]string{{"version", "8.0.36"}, {"have_ssl", "YES"}}},
		"SHOW STATUS":    {},
		"SELECT VALUE FROM performance_schema.tls_channel_status WHERE CHANNEL = 'mysql_main' AND PROPERTY = 'Enabled'": {rows: [][]string{{"No"}}},
		"SHOW COLUMNS FROM mysql.user": names("Host", "User", "ssl_type", "ssl_cipher", "x509_issuer", "x509_subject", "authentication_string", "account_locked"),
	})
	f, err := s.Facts(within(t))
	if err != nil || f.TLS != Off || f.TLSSource != channelTable || f.Unseen != nil || !*f.RequirementColumns {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestLibrary(t *testing.T) {
	for text, want := range map[string]string{"OpenSSL 3.5.7 9 Jun 2026": "openssl3", "OpenSSL 4.0.0": "openssl3",
		"OpenSSL 1.1.1w  11 Sep 2023": "openssl1", "OpenSSL 0.9.8o": "openssl1", "LibreSSL 3.8.2": "openssl1",
		"WolfSSL 5.7.2": "wolfssl", "YaSSL 2.4.4": "yassl", "": "", "Schannel": "", "OpenSSL": ""} {
		l, known := library(text)
		if known != (want != "") || known && l.String() != want {
			t.Errorf("%q: %v, %v; want %q", text, l, known, want)
		}
	}
}

func has(yes bool) *bool { return &yes }

// TestAccountTables: tables of several ages, each with the columns it has.
func TestAccountTables(t *testing.T) {
	at := func(user, host string) dialect.Account { return dialect.Account{User: user, Host: host} }
	tests := []struct {
		what    string
		answers map[string]answer
		want    []Account
	}{
		{"before 4.0", map[string]answer{
			who:                            {rows: [][]string{{"5.0.96", "check@%"}}},
			"SHOW COLUMNS FROM mysql.user": names("Host", "User", "Password"),
			"SELECT ssl_type FROM mysql.user LIMIT 0":                     {number: 1054},
			"SELECT HEX(Host), HEX(User), Password <> '' FROM mysql.user": {rows: [][]string{append(hexed("%", ""), "0"), append(hexed("%", "laura"), "1")}},
		}, []Account{{Account: at("", "%"), Anonymous: true, HasPassword: has(false)}, {Account: at("laura", "%"), HasPassword: has(true)}}},
		{"4.0 to 5.1", map[string]answer{
			who:                            {rows: [][]string{{"5.1.73", "check@%"}}},
			"SHOW COLUMNS FROM mysql.user": names("Host", "User", "Password", "ssl_type", "ssl_cipher", "x509_issuer", "x509_subject"),
			"SELECT HEX(Host), HEX(User), ssl_type, HEX(ssl_cipher), HEX(x509_issuer), HEX(x509_subject), Password <> '' FROM mysql.user": {
				rows: [][]string{{hexed("%")[0], hexed("laura")[0], "SPECIFIED", "", hexed("/CN=ca")[0], hexed(`/O=a'b\xC3`)[0], "0"},
					{hexed("%")[0], hexed("amy")[0], "ANY", "", "", "", "1"}}},
		}, []Account{{Account: at("amy", "%"), Type: "ANY", HasPassword: has(true)},
			{Account: at("laura", "%"), Type: "SPECIFIED", Issuer: "/CN=ca", Subject: `/O=a'b\xC3`, HasPassword: has(false)}}},
		{"MySQL 9", map[string]answer{
			who:                            {rows: [][]string{{"9.7.4", "check@%"}}},
			"SHOW COLUMNS FROM mysql.user": names("Host", "User", "ssl_type", "ssl_cipher", "x509_issuer", "x509_subject", "plugin", "authentication_string", "password_expired", "account_locked"),
			"SELECT HEX(Host), HEX(User), ssl_type, HEX(ssl_cipher), HEX(x509_issuer), HEX(x509_subject), plugin, authentication_string <> '', account_locked, password_expired FROM mysql.user": {
				rows: [][]string{{hexed("%")[0], hexed("role")[0], "", "", "", "", "caching_sha2_password", "0", "Y", "Y"},
					{hexed("localhost")[0], hexed("os")[0], "X509", "", "", "", "auth_socket", "0", "N", "N"},
					{hexed("localhost")[0], hexed("sys")[0], "", "", "", "", "caching_sha2_password", "1", "Y", "N"}}},
		}, []Account{{Account: at("os", "localhost"), Type: "X509", Plugin: "auth_socket"},
			{Account: at("role", "%"), Plugin: "caching_sha2_password", Locked: true, Role: true},
			{Account: at("sys", "localhost"), Plugin: "caching_sha2_password", Locked: true, HasPassword: has(true)}}},
		{"MariaDB 10.4, the view only", map[string]answer{
			who: {rows: [][]string{{"10.4.34-MariaDB", "check@%"}}},
			"SELECT Priv FROM mysql.global_priv LIMIT 0": {number: 1142},
			"SHOW COLUMNS FROM mysql.user":               names("Host", "User", "Password", "ssl_type", "ssl_cipher", "x509_issuer", "x509_subject", "plugin", "authentication_string", "is_role"),
			"SELECT HEX(Host), HEX(User), ssl_type, HEX(ssl_cipher), HEX(x509_issuer), HEX(x509_subject), plugin, Password <> '', authentication_string <> '', is_role FROM mysql.user": {
				rows: [][]string{{"", hexed("dba")[0], "", "", "", "", "", "0", "0", "Y"}}},
		}, []Account{{Account: at("dba", ""), Role: true}}},
		{"MariaDB 11", map[string]answer{
			who: {rows: [][]string{{"11.8.6-MariaDB", "check@%"}}},
			"SELECT Priv FROM mysql.global_priv LIMIT 0": {},
			"SELECT HEX(Host), HEX(User), HEX(Priv) FROM mysql.global_priv": {rows: [][]string{
				hexed("%", "a", `{"access":0,"plugin":"mysql_native_password","authentication_string":"","ssl_type":3,"ssl_cipher":"","x509_issuer":"","x509_subject":"/O=a\\xC3\"\u0041é"}`),
				hexed("%", "b", `{"plugin":"mysql_native_password","authentication_string":"invalid","account_locked":true,"ssl_type":1,"auth_or":[{},{"plugin":"unix_socket"}]}`),
				hexed("%", "c", `{"plugin":"ed25519","authentication_string":"x","auth_or":[{},{"plugin":"mysql_native_password"}]}`),
				hexed("", "d", `{"is_role":true}`), hexed("localhost", "e", `{"access":1}`), hexed("localhost", "f", `{"plugin":"pam"}`)}},
		}, []Account{{Account: at("a", "%"), Type: "SPECIFIED", Subject: `/O=a\xC3"Aé`, Plugin: "mysql_native_password", HasPassword: has(false)},
			{Account: at("b", "%"), Type: "ANY", Locked: true, Plugin: "mysql_native_password", HasPassword: has(true)},
			{Account: at("c", "%"), Plugin: "ed25519", HasPassword: has(false)}, {Account: at("d", ""), Role: true},
			{Account: at("e", "localhost"), HasPassword: has(false)}, {Account: at("f", "localhost"), Plugin: "pam"}}},
	}
	for _, test := range tests {
		got, err := open(t, test.answers).Accounts(within(t))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", test.what, got, err, test.want)
		}
	}
}

// TestColumnRights: rights on some columns are told from a table without them.
func TestColumnRights(t *testing.T) {
	tests := map[string]struct {
		columns []string
		probe   answer
	}{
		"no requirement": {[]string{"Host", "User"}, answer{number: 1143}},
		"no subject":     {[]string{"Host", "User", "ssl_type", "ssl_cipher", "x509_issuer"}, answer{}},
		"no user":        {[]string{"Host", "ssl_type"}, answer{}},
	}
	for what, test := range tests {
		_, err := open(t, map[string]answer{
			who:                            {rows: [][]string{{"8.4.3", "check@%"}}},
			"SHOW COLUMNS FROM mysql.user": names(test.columns...),
			"SELECT ssl_type FROM mysql.user LIMIT 0": test.probe,
		}).Accounts(within(t))
		if !errors.Is(err, ErrNotSeen) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTry(t *testing.T) {
	certificate := pair(t, "laura")
	secured := &tls.Config{Certificates: []tls.Certificate{pair(t, "db1")}, ClientAuth: tls.RequestClientCert}
	strict := secured.Clone()
	strict.VerifyConnection = func(tls.ConnectionState) error { return errors.New("no") }
	strict12 := strict.Clone()
	strict12.MaxVersion = tls.VersionTLS12
	modern := greeting41("8.4.3", ofMySQL|clientSSL)
	say := func(number int) fake {
		return fake{greeting: modern, tls: secured, login: errorPacket(number, "#28000scripted")}
	}
	refuse := errors.New("another server")
	tests := []struct {
		what        string
		server      fake
		login       Login
		in, refused bool
		text        string
	}{
		{"in", fake{greeting: modern, tls: secured}, Login{Certificate: &certificate}, true, false, ""},
		{"in without TLS", fake{greeting: modern, tls: secured}, Login{Plain: true}, true, false, ""},
		{"1045", say(1045), Login{}, false, true, "error 1045 (28000): scripted"},
		{"3159", say(3159), Login{Plain: true}, false, true, "3159"},
		{"1040", say(1040), Login{}, false, false, "1040"},
		{"1130 for a greeting", fake{greeting: errorPacket(1130, "Host 'h' is not allowed")}, Login{}, false, true, "1130"},
		{"alert in TLS 1.3", fake{greeting: modern, tls: strict}, Login{Certificate: &certificate}, false, true, "bad certificate"},
		{"alert in TLS 1.2", fake{greeting: modern, tls: strict12}, Login{Certificate: &certificate}, false, true, "bad certificate"},
		{"hung up on a certificate", fake{greeting: modern, tls: secured, hangUp: true}, Login{Certificate: &certificate}, false, true, ""},
		{"hung up on nothing", fake{greeting: modern, tls: secured, hangUp: true}, Login{}, false, false, ""},
		{"no TLS", fake{greeting: greeting41("8.4.3", ofMySQL)}, Login{}, false, false, "offers no TLS"},
		{"hung up in the handshake", fake{greeting: modern}, Login{Certificate: &certificate}, false, false, "closed the connection"},
		{"not verified", fake{greeting: modern, tls: secured}, Login{Certificate: &certificate, Verify: func(tls.ConnectionState) error { return refuse }}, false, false, "another server"},
		{"before 4.1", fake{greeting: greeting40("4.0.27", 0)}, Login{Plain: true}, false, false, "before 4.1"},
		{"clear text", fake{greeting: modern, tls: secured, login: []byte("\xfemysql_clear_password\x00")}, Login{Password: "p"}, false, false, "clear text"},
		{"unknown plugin", fake{greeting: modern, tls: secured, login: []byte("\xfekerberos\x00")}, Login{}, false, false, `"kerberos"`},
	}
	for _, test := range tests {
		got := Try(within(t), test.server.start(t), test.login)
		if got.In != test.in || got.Refused != test.refused || (got.Err == nil) != test.in ||
			got.Err != nil && !strings.Contains(got.Err.Error(), test.text) {
			t.Errorf("%s: %+v", test.what, got)
		}
	}
}

// TestVerifyComesFirst: a server that is not accepted sees neither the client's
// certificate nor a user.
func TestVerifyComesFirst(t *testing.T) {
	certificate := pair(t, "laura")
	shown := make(chan int, 1)
	config := &tls.Config{Certificates: []tls.Certificate{pair(t, "db1")}, ClientAuth: tls.RequestClientCert,
		VerifyConnection: func(state tls.ConnectionState) error {
			shown <- len(state.PeerCertificates)
			return nil
		}}
	server := fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL), tls: config}.start(t)
	refuse := errors.New("another server")
	var seen tls.ConnectionState
	_, err := Open(within(t), server, Login{User: "laura", Password: "p", Certificate: &certificate,
		Verify: func(state tls.ConnectionState) error { seen = state; return refuse }})
	if !errors.Is(err, refuse) || len(seen.PeerCertificates) != 1 {
		t.Errorf("%v, %d certificates", err, len(seen.PeerCertificates))
	}
	select {
	case n := <-shown:
		t.Errorf("the server got %d certificates", n)
	default:
	}
	session, err := Open(within(t), server, Login{User: "laura", Certificate: &certificate})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if n := <-shown; n != 1 {
		t.Errorf("the server got %d certificates", n)
	}
}

func TestRights(t *testing.T) {
	for target, want := range map[string]string{"mysql-5.7": "SELECT ON mysql.user",
		"mysql-8.0.20":  "SELECT ON mysql.user",
		"mysql-8.4":     "SELECT ON mysql.user, SELECT ON performance_schema.tls_channel_status",
		"mariadb-10.3":  "SELECT ON mysql.user",
		"mariadb-10.11": "SELECT ON mysql.global_priv"} {
		v, err := dialect.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(Rights(v), ", "); got != want {
			t.Errorf("%s: %s", target, got)
		}
	}
}
