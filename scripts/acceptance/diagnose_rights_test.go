package acceptance

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// rights: check sees everything with the rights that its help names; with less
// it says what it could not see, and still what there is to say of TLS.
func (i *installation) rights(t *testing.T) {
	i.keep(t)
	for _, user := range []string{"watch", "blind"} {
		i.sql(t, "CREATE USER "+user+"@localhost IDENTIFIED BY 'Watch-word1' REQUIRE SSL")
	}
	t.Cleanup(func() { i.sql(t, "DROP USER watch@localhost, blind@localhost") })
	i.sql(t, i.granted(t, "watch@localhost"))
	password := filepath.Join(t.TempDir(), "password")
	write(t, password, "Watch-word1\n")

	port := strconv.Itoa(i.server.Port)
	for _, at := range [][]string{{"--socket", i.server.Socket, "--host", "localhost"}, {"--host", "127.0.0.1", "--port", port}} {
		command := append(append([]string{"check"}, at...), "--password-file", password)
		i.wantFacts(t, i.wantSound(t, append(command, "--user", "watch")))
		r := i.diagnose(t, append(command, "--user", "blind")...)
		if len(r.Unseen) == 0 || len(r.Findings) != 0 || r.Server.TLS != "on" || r.Server.Certificate == nil {
			t.Errorf("%v without rights: %+v\n%s", at, r.Server, r)
		}
	}
	// What an account that sees it finds, one that does not says it cannot.
	i.sql(t, "CREATE USER other@'%' IDENTIFIED BY 'Pass-word1'")
	t.Cleanup(func() { i.sql(t, "DROP USER other@'%'") })
	command := []string{"check", "--socket", i.server.Socket, "--password-file", password}
	if ids := i.diagnose(t, append(command, "--user", "watch")...).ids(); !slices.Equal(ids, []string{"account-unprotected"}) {
		t.Errorf("an account that may read accounts finds %q", ids)
	}
	if r := i.diagnose(t, append(command, "--user", "blind")...); len(r.Findings) != 0 || !strings.Contains(strings.Join(r.Unseen, "\n"), "GRANT") {
		t.Errorf("an account that may not read accounts: %q\n%s", r.Unseen, r)
	}
	i.withoutLogin(t, port)
	i.failedLogin(t, port)
	i.keepsPassword(t, port, password)
}

// keepsPassword: nobody logs in over the network to a server that did not prove
// who it is. The address that means every one of this machine's is none of
// loopback's, and the server's certificate does not name it.
func (i *installation) keepsPassword(t *testing.T, port, password string) {
	t.Helper()
	command := []string{"check", "--host", "0.0.0.0", "--port", port, "--user", "watch", "--password-file", password, "laura"}
	logins := func(args ...string) (said servers.Result, seen string) {
		i.sql(t, "SET GLOBAL log_output = 'TABLE'; TRUNCATE TABLE mysql.general_log; SET GLOBAL general_log = ON")
		said = i.tryMyca(append(command, args...)...)
		i.sql(t, "SET GLOBAL general_log = OFF; SET GLOBAL log_output = 'FILE'")
		return said, i.sql(t, "SELECT argument FROM mysql.general_log WHERE command_type = 'Connect' AND (argument LIKE '%watch%' OR argument LIKE '%laura%')")
	}
	if said, seen := logins(); said.OK() || !strings.Contains(said.Stdout+said.Stderr, "host-not-named") || seen != "" {
		t.Errorf("unverified: exit %d, logins %q\n%s%s", said.Code, seen, said.Stdout, said.Stderr)
	}
	if said, seen := logins("--login-unverified"); said.Code != 3 || !strings.Contains(seen, "watch") || !strings.Contains(seen, "laura") {
		t.Errorf("unverified, as was asked for: exit %d, logins %q\n%s%s", said.Code, seen, said.Stdout, said.Stderr)
	}
}

// granted are statements that give the account what check's help says it needs.
func (i *installation) granted(t *testing.T, account string) string {
	t.Helper()
	product, _, _ := strings.Cut(i.product.Target, "-")
	for _, line := range strings.Split(i.try("myca check --help").Stdout, "\n") {
		if rights, found := strings.CutPrefix(strings.TrimSpace(line), product+" "); found && strings.Contains(rights, " ON ") {
			return "GRANT " + strings.ReplaceAll(strings.TrimSpace(rights), ", ", " TO "+account+"; GRANT ") + " TO " + account
		}
	}
	t.Fatal("the help of check names no rights")
	return ""
}

// withoutLogin: what there is to see before a login.
func (i *installation) withoutLogin(t *testing.T, port string) {
	t.Helper()
	nobody := filepath.Join(t.TempDir(), "my.cnf")
	write(t, nobody, "[client]\nport="+port+"\n")
	command := []string{"check", "--defaults-file", nobody, "--host", "127.0.0.2"}
	r := i.diagnose(t, command...)
	if len(r.Unseen) == 0 || len(r.Findings) != 0 || r.Server.TLS != "on" || r.Server.Protocol != "TLSv1.3" ||
		r.Server.Certificate == nil || r.Server.Certificate.Serial != i.shown(t, "server/localhost").Serial {
		t.Errorf("without a login: %+v\n%s", r.Server, r)
	}
	other := newAuthority(t, "CN=another CA").cert
	breakage{id: "chain-broken"}.judge(t, i.diagnose(t, append(command, "--ca", other)...))
	breakage{id: "public-key"}.judge(t, i.diagnose(t, append(command, "--public-keys", i.listKeys(t))...))
}

// listKeys writes the list of one key and returns its path.
func (i *installation) listKeys(t *testing.T) string {
	t.Helper()
	listKey(t, i)
	return i.publicKeys()
}

// failedLogin: a login that was asked for and fails is a failure, and no less
// is said of TLS.
func (i *installation) failedLogin(t *testing.T, port string) {
	t.Helper()
	wrong := filepath.Join(t.TempDir(), "password")
	write(t, wrong, "wrong\n")
	result := i.tryMyca("check", "--host", "127.0.0.1", "--port", port, "--user", "watch", "--password-file", wrong)
	if result.Code != 1 || !strings.Contains(result.Stdout, "TLSv1.3") || !strings.Contains(result.Stderr, "watch") || strings.Contains(result.Stderr, "wrong\n") {
		t.Errorf("a wrong password: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
}

// writesNothing: the server's general log shows statements that read, and
// accounts and store are afterwards what they were.
func (i *installation) writesNothing(t *testing.T) {
	accounts := i.accounts(t)
	i.sql(t, "SET GLOBAL log_output = 'TABLE'; TRUNCATE TABLE mysql.general_log; SET GLOBAL general_log = ON")
	i.wantSound(t, append(i.checked(), "laura", "robert"))
	i.wantSound(t, append(i.overTCP(), "laura", "robert"))
	i.sql(t, "SET GLOBAL general_log = OFF")
	logged := i.sql(t, `SELECT command_type, REPLACE(REPLACE(CONVERT(argument USING utf8mb4), '\n', ' '), '\t', ' ')
		FROM mysql.general_log WHERE argument NOT LIKE 'SET GLOBAL general_log = O%'`)
	i.sql(t, "SET GLOBAL log_output = 'FILE'")
	kinds := map[string]int{}
	for _, line := range strings.Split(logged, "\n") {
		kind, statement, _ := strings.Cut(line, "\t")
		kinds[kind]++
		switch kind {
		case "Connect", "Quit":
		case "Query", "Prepare", "Execute":
			word, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
			if word = strings.ToUpper(word); word != "SELECT" && word != "SHOW" {
				t.Errorf("a statement that does not only read: %s", statement)
			}
		case "Close stmt":
		default:
			t.Errorf("a command that does not only read: %s", line)
		}
	}
	if kinds["Connect"] < 10 || kinds["Query"]+kinds["Execute"] < 6 {
		t.Errorf("the log does not show what check did:\n%s", logged)
	}
	if got := i.accounts(t); got != accounts {
		t.Errorf("accounts afterwards:\n%s\nbefore:\n%s", got, accounts)
	}
}
