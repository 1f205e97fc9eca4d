package templates_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dialect"
	"myca/templates"
)

// commands are the lines of the steps to paste.
func commands(t *testing.T, text string) []string {
	t.Helper()
	if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.Contains(text, "\n\n\n") {
		t.Errorf("blank lines where none belong:\n%s", text)
	}
	var all []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if command, ok := strings.CutPrefix(line, "    "); ok {
			all = append(all, command)
		} else if strings.HasPrefix(line, " ") {
			t.Errorf("neither prose nor a command: %q", line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("blank at the end of %q", line)
		}
	}
	return all
}

func steps(t *testing.T, n templates.NextSteps) string {
	t.Helper()
	text, err := n.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCommandsParse(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to parse the commands with")
	}
	seen := map[string]bool{}
	for _, text := range targets() {
		for _, line := range commands(t, steps(t, nextSteps(target(t, text)))) {
			if seen[line] {
				continue
			}
			seen[line] = true
			cmd := exec.Command(bash, "-n")
			cmd.Stdin = strings.NewReader(line + "\n")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %q: %v\n%s", text, line, err, out)
			}
		}
	}
}

// TestCommandsRun pastes the commands into a shell whose programs only print
// their arguments, with names that a shell would take apart.
func TestCommandsRun(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh to run the commands with")
	}
	dir := t.TempDir() + "/it's $HOME; `x` \"y\" *"
	if out, err := exec.Command("mkdir", "-p", dir+"/sql").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command("touch", dir+"/sql/app.sql").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n := templates.NextSteps{
		Dir: dir, Program: "'/opt/my ca/myca'", Target: target(t, "mysql-8.4"),
		Servers: []templates.StepServer{{Name: "db1", Folder: dir + "/servers/db1", DeployDir: "/srv/a b", Owner: "db user:my group"}},
		Clients: []templates.StepClient{{Name: "app", Folder: dir + "/clients/app", SQL: dir + "/sql/app.sql"}},
	}
	script := "install() { show install \"$@\"; }; mysql() { show mysql \"$@\"; }; systemctl() { show systemctl \"$@\"; }; rm() { show rm \"$@\"; }\n" +
		"myca() { show myca \"$@\"; }; show() { for word; do printf '<%s>' \"$word\"; done; echo; }\n"
	for _, command := range commands(t, steps(t, n)) {
		if strings.HasPrefix(command, "for conf in ") {
			command = "conf=DROPIN" // whatever this machine has
		}
		script += strings.Replace(command, "'/opt/my ca/myca'", "myca", 1) + "\n"
	}
	cmd := exec.Command(sh, "-eu")
	cmd.Dir = t.TempDir() // the steps write a file where they run
	cmd.Stdin = strings.NewReader(script)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("%v: %s\n%s", err, stderr.String(), script)
	}
	as := "<-o><db user><-g><my group>"
	want := []string{
		"<install><-d>" + as + "<-m><0750></srv/a b>",
		"<install>" + as + "<-m><0644><" + dir + "/servers/db1/ca-cert.pem></srv/a b/ca-cert.pem>",
		"<install>" + as + "<-m><0644><" + dir + "/servers/db1/server-cert.pem></srv/a b/server-cert.pem>",
		"<install>" + as + "<-m><0400><" + dir + "/servers/db1/server-key.pem></srv/a b/server-key.pem>",
		"<install>" + as + "<-m><0644><" + dir + "/servers/db1/my.cnf></srv/a b/my.cnf>",
		"<install><-m><0644></srv/a b/my.cnf><DROPIN/zz-myca.cnf>",
		"<systemctl><restart><mysql>",
		"<mysql><-u><root><-e><SHOW STATUS WHERE Variable_name IN ('Current_tls_cert', 'Ssl_server_not_after')>",
		"<mysql><-u><root><-e><ALTER INSTANCE RELOAD TLS>",
		"<mysql><-u><root>",
		"<mysql><--defaults-extra-file=" + dir + "/clients/app/my.cnf><-e><SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_cipher'>",
		"<mysql><-u><root>", // of myca grant --rescind, whose output it reads
		"<mysql><--defaults-extra-file=" + dir + "/clients/app/my.cnf><--ssl-mode=DISABLED><-e><SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_cipher'>",
		"<rm><-f></etc/mysql/mysql.conf.d/zz-myca.cnf></etc/mysql/conf.d/zz-myca.cnf></etc/my.cnf.d/zz-myca.cnf>",
		"<systemctl><restart><mysql>",
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

// TestCommandsByVersion looks for what differs between targets.
func TestCommandsByVersion(t *testing.T) {
	tests := []struct {
		target    string
		want, not []string
	}{
		{"mysql-5.5", []string{"mysql -u root -e \"SHOW VARIABLES LIKE '%ssl%'\"", "restart the server again.", "mysql_secure_installation", "--skip-ssl -e"}, []string{"RELOAD", "FLUSH LOCAL SSL", "Current_tls_cert"}},
		{"mysql-8.0.15", []string{"SHOW VARIABLES LIKE", "--ssl-mode=DISABLED"}, []string{"RELOAD", "Current_tls_cert", "secure_installation"}},
		{"mysql-9.7", []string{"ALTER INSTANCE RELOAD TLS", "Current_tls_cert", "/etc/mysql/mysql.conf.d", "systemctl restart mysql || systemctl restart mysqld"}, []string{"have_ssl", "mariadb"}},
		{"mariadb-10.1", []string{"mysql -u root <", "mysql_secure_installation", "/etc/mysql/mariadb.conf.d"}, []string{"FLUSH LOCAL SSL", "mariadb -u"}},
		{"mariadb-11.8", []string{"mariadb -u root <", "FLUSH LOCAL SSL", "mariadb-secure-installation", "systemctl restart mariadb", "--skip-ssl --skip-ssl-verify-server-cert"}, []string{"RELOAD", "mysql -u", "ssl-mode"}},
	}
	for _, test := range tests {
		text := steps(t, nextSteps(target(t, test.target)))
		for _, s := range test.want {
			if !strings.Contains(text, s) {
				t.Errorf("%s: no %q in\n%s", test.target, s, text)
			}
		}
		for _, s := range test.not {
			if strings.Contains(text, s) {
				t.Errorf("%s: %q in\n%s", test.target, s, text)
			}
		}
	}
}

// TestStepsForOne: what was not made is not mentioned, and steps are numbered
// without gaps.
func TestStepsForOne(t *testing.T) {
	all := nextSteps(target(t, "mysql-8.4"))
	tests := []struct {
		name  string
		steps templates.NextSteps
		want  []string
		not   []string
	}{
		{"server", templates.NextSteps{Dir: "/d", Target: all.Target, Servers: all.Servers[:1]},
			[]string{"\n1. Give the server localhost", "\n2. Let the server localhost", "\nThe way back\n"}, []string{"\n3. ", "account", "Ssl_cipher", "Client"}},
		{"client", templates.NextSteps{Dir: "/d", Target: all.Target, Clients: all.Clients[:1]},
			[]string{"\n1. Run the account statements\n", "\n2. Connect\n", "\nThe way back\n"}, []string{"\n3. ", "install ", "systemctl"}},
		{"client without accounts", templates.NextSteps{Dir: "/d", Target: all.Target, Clients: []templates.StepClient{{Name: "x", Folder: "/f", Host: "db1", Accounts: []dialect.Account{}}}},
			[]string{"\n1. Connect\n", "--defaults-extra-file=/f/my.cnf"}, []string{"\n2. ", "way back", "--host"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := steps(t, test.steps)
			commands(t, text)
			for _, s := range test.want {
				if !strings.Contains(text, s) {
					t.Errorf("no %q in\n%s", s, text)
				}
			}
			for _, s := range test.not {
				if strings.Contains(text, s) {
					t.Errorf("%q in\n%s", s, text)
				}
			}
		})
	}
}

func TestStepProblems(t *testing.T) {
	n := nextSteps(target(t, "mysql-8.4"))
	n.Dir = "/a\nrm -rf /"
	n.Clients[0].SQL = "/a\rb"
	text, err := n.Text()
	if text != "" {
		t.Errorf("made %q", text)
	}
	checkProblems(t, err, []string{"dir", "dir"})
}

func TestShell(t *testing.T) {
	for s, want := range map[string]string{
		"":            "''",
		"/etc/mysql":  "/etc/mysql",
		"laura@%":     "'laura@%'",
		"~/x":         "'~/x'",
		"a b":         "'a b'",
		"it's":        `'it'\''s'`,
		"$HOME":       "'$HOME'",
		"a=b":         "'a=b'",
		"ü":           "'ü'",
		"#x":          "'#x'",
		"db-1.ex:330": "db-1.ex:330",
		"a\nb":        "'a\nb'",
	} {
		if got := templates.Shell(s); got != want {
			t.Errorf("Shell(%q) = %s, want %s", s, got, want)
		}
	}
}

// TestExisting: an account that exists demands its certificate after its client
// has connected with it, by a command that looks first; so is the way back.
func TestExisting(t *testing.T) {
	client := func(user string) templates.StepClient {
		return templates.StepClient{Name: user, Folder: "/f/of-" + user, SQL: "/s/" + user + ".sql", Existing: true, Accounts: []dialect.Account{{User: user, Host: "%"}}}
	}
	n := templates.NextSteps{Dir: "/d", Target: target(t, "mysql-8.4"), Clients: []templates.StepClient{client("laura"), client("root")}}
	text := steps(t, n)
	var got []string
	for _, command := range commands(t, text) {
		if !strings.HasPrefix(command, "(umask") {
			got = append(got, command)
		}
	}
	const show = ` -p -e "SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_cipher'"`
	want := []string{
		"mysql --defaults-extra-file=/f/of-laura/my.cnf --user=laura" + show,
		"mysql --defaults-extra-file=/f/of-root/my.cnf --user=root" + show,
		"myca --dir /d grant laura --apply",
		"myca --dir /d grant root --apply --defaults-file /f/of-root/my.cnf",
		"myca --dir /d grant laura --rescind --account-has-password --apply",
		"myca --dir /d grant root --rescind --account-has-password --apply --defaults-file /f/of-root/my.cnf",
		"mysql --defaults-extra-file=/f/of-laura/my.cnf --ssl-mode=DISABLED --user=laura" + show,
		"mysql --defaults-extra-file=/f/of-root/my.cnf --ssl-mode=DISABLED --user=root" + show,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	for _, part := range []string{"\n1. Bring each client its pair", "\n2. Let the accounts demand", "\n/s/laura.sql\n", "- ~/.my.cnf, which is read after"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	n.Clients[0].Accounts[0].User = "a\nb"
	_, err := n.Text()
	checkProblems(t, err, []string{"dir"})
}

// TestPasswords: what a client's user has to do depends on where the password comes from.
func TestPasswords(t *testing.T) {
	for _, test := range []struct {
		password               templates.Password
		connect, back, without string
	}{
		{templates.PasswordKept, "my.cnf -e", "--rescind |", "DISABLED -e"},
		{templates.PasswordTyped, "my.cnf -p -e", "--rescind |", "DISABLED -p -e"},
		{templates.NoPassword, "my.cnf -e", "--rescind --password-file x.password |", "DISABLED -p -e"},
	} {
		n := templates.NextSteps{Dir: "/d", Target: target(t, "mysql-8.4"), Clients: []templates.StepClient{{Name: "x", Folder: "/f", SQL: "/x.sql", Password: test.password}}}
		got := commands(t, steps(t, n))
		if len(got) != 5 || !strings.Contains(got[1], test.connect) || !strings.Contains(got[3], test.back) || !strings.Contains(got[4], test.without) {
			t.Errorf("password %q: %q", test.password, got)
		}
	}
}

// TestDashes: a relative path that begins with a dash is no option.
func TestDashes(t *testing.T) {
	n := templates.NextSteps{Dir: "-d", Target: target(t, "mysql-8.4"), Clients: []templates.StepClient{{Name: "x", Folder: "-f", SQL: "-x.sql"}}}
	want := []string{
		"mysql -u root < ./-x.sql",
		"mysql --defaults-extra-file=./-f/my.cnf -e \"SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_cipher'\"",
		"(umask 077; myca --dir ./-d mycnf client x --deploy-dir /home/x/.mysql > myca-x.cnf)",
		"myca --dir ./-d grant x --rescind | mysql -u root",
		"mysql --defaults-extra-file=./-f/my.cnf --ssl-mode=DISABLED -e \"SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_cipher'\"",
	}
	if diff := cmp.Diff(want, commands(t, steps(t, n))); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
