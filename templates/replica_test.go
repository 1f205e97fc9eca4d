package templates_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/templates"
)

func TestReplicaGolden(t *testing.T) {
	for _, text := range targets() {
		r := aReplica(target(t, text))
		got, err := r.SQL()
		if text == "mysql-4.0" {
			if err == nil || got != "" {
				t.Error("mysql-4.0 has no TLS for replication")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "fleet/"+text+".replica.sql", got)
	}
}

// TestReplicaForms: the words change with the version.
func TestReplicaForms(t *testing.T) {
	for text, want := range map[string][3]string{
		"mysql-5.0":       {"CHANGE MASTER TO", "START SLAVE;", "no check"},
		"mysql-5.1.17":    {"CHANGE MASTER TO", "START SLAVE;", "no check"},
		"mysql-5.1.18":    {"CHANGE MASTER TO", "START SLAVE;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
		"mysql-8.0.21":    {"CHANGE MASTER TO", "START SLAVE;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
		"mysql-8.0.22":    {"CHANGE MASTER TO", "START REPLICA;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
		"mysql-8.0.23":    {"CHANGE REPLICATION SOURCE TO", "START REPLICA;", "SOURCE_SSL_VERIFY_SERVER_CERT = 1"},
		"mysql-9.7":       {"CHANGE REPLICATION SOURCE TO", "START REPLICA;", "SOURCE_SSL_VERIFY_SERVER_CERT = 1"},
		"mariadb-10.5.0":  {"CHANGE MASTER TO", "START SLAVE;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
		"mariadb-10.5.1":  {"CHANGE MASTER TO", "START REPLICA;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
		"mariadb-12.3":    {"CHANGE MASTER TO", "START REPLICA;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
		"mariadb-10.11.2": {"CHANGE MASTER TO", "START REPLICA;", "MASTER_SSL_VERIFY_SERVER_CERT = 1"},
	} {
		sql, err := aReplica(target(t, text)).SQL()
		if err != nil {
			t.Fatal(err)
		}
		check := "no check"
		if _, after, ok := strings.Cut(sql, "server-key.pem',\n  "); ok {
			check, _, _ = strings.Cut(after, ";")
		}
		var change, start string
		for _, line := range strings.Split(sql, "\n") {
			switch {
			case strings.HasPrefix(line, "CHANGE"):
				change = line
			case strings.HasPrefix(line, "START"):
				start = line
			}
		}
		if diff := cmp.Diff(want, [3]string{change, start, check}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestReplicaQuotes: strings are quoted, and a text that is not ASCII has a
// known character set.
func TestReplicaQuotes(t *testing.T) {
	r := aReplica(target(t, "mysql-8.4"))
	r.User, r.Key = `o'neil`, `C:\my certs\schlüssel.pem`
	sql, err := r.SQL()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`SOURCE_USER = 'o''neil'`, `SOURCE_SSL_KEY = 'C:\\my certs\\schlüssel.pem'`, "SET NAMES binary;", "--default-character-set=utf8mb4",
		"SET SESSION collation_connection = @myca_collation;",
	} {
		if !strings.Contains(sql, want) {
			t.Errorf("%q is not in\n%s", want, sql)
		}
	}
	for _, line := range strings.Split(sql, "\n") {
		if strings.HasPrefix(line, "--") && strings.ContainsAny(line, "'\"`") {
			t.Errorf("a quote in the comment %q", line)
		}
	}
}

func TestReplicaProblems(t *testing.T) {
	for want, change := range map[string]func(*templates.Replica){
		"the host \"\"":                func(r *templates.Replica) { r.Host = "" },
		"there is no port 0":           func(r *templates.Replica) { r.Port = 0 },
		"there is no port 65536":       func(r *templates.Replica) { r.Port = 65536 },
		"the user \"\"":                func(r *templates.Replica) { r.User = "" },
		"1 to 32 characters":           func(r *templates.Replica) { r.User = strings.Repeat("u", 33) },
		"has to be ASCII":              func(r *templates.Replica) { r.User = "rëpl" },
		"\"ca.pem\" is not absolute":   func(r *templates.Replica) { r.CA = "ca.pem" },
		"\"\" is not absolute":         func(r *templates.Replica) { r.Key = "" },
		"has more than 511 bytes":      func(r *templates.Replica) { r.Cert = "/" + strings.Repeat("x", 511) },
		"the host \"a\\nb\" has a con": func(r *templates.Replica) { r.Host = "a\nb" },
	} {
		r := aReplica(target(t, "mysql-8.4"))
		change(&r)
		text, err := r.SQL()
		var p templates.Problems
		if !errors.As(err, &p) || len(p) != 1 || !strings.Contains(err.Error(), want) || text != "" {
			t.Errorf("%s: %v", want, err)
		}
	}
}
