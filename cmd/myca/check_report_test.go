package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
)

// secretIn is a file with that password.
func secretIn(t *testing.T, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is found comes errors first; mends name this server and this store.
func TestCheckMends(t *testing.T) {
	c := checkClock(t)
	c.done("issue", "client", "laura@%", "--no-password", "--key", "ec-p256")
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	c.at("2030-09-01T12:00:00Z") // expires-soon is found before
	shown := c.checked(exitFound, "--port", s.port(), "laura")
	if got := ids(shown.Findings); got != "login-refused expires-soon" {
		t.Errorf("findings %q", got)
	}
	if want := "myca --dir " + shellWord(c.dir) + " renew"; !strings.Contains(shown.Findings[1].Mend, want) {
		t.Errorf("mend %q, want %q", shown.Findings[1].Mend, want)
	}
	t.Setenv("MYCA_DIR", c.dir)
	if got := c.checked(exitFound, "--port", s.port(), "laura").Findings[1].Mend; strings.Contains(got, "--dir") {
		t.Errorf("the store of MYCA_DIR is named: %q", got)
	}
}

// The options of mysql are those of this check.
func TestConnection(t *testing.T) {
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	secret := secretIn(t, "tr0ub4dor")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--host", "127.0.0.1", "--port", s.port()}, "-h 127.0.0.1 -P " + s.port() + " --protocol=tcp"},
		{[]string{"--port", s.port()}, "-h 127.0.0.1 -P " + s.port() + " --protocol=tcp"},
		{[]string{"--host", "db1.example.com", "--user", "root", "--password-file", secret}, "-h db1.example.com -u root -p"},
		{[]string{"--socket", "/run/a b.sock", "--host", "db1", "--user", "root"}, "--socket='/run/a b.sock' -u root"},
		{[]string{"--defaults-file", os.DevNull, "--host", "db1"}, "--defaults-file=" + os.DevNull + " -h db1"},
	} {
		k := &checking{t: &tool{terminal: terminal{now: time.Now}, dir: c.dir}}
		app := &cli.App{Flags: checkCommand(k.t).Flags, Action: func(c *cli.Context) error {
			_, _, err := k.prepare(c, nil)
			return err
		}}
		if err := app.Run(append([]string{"check"}, test.args...)); err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		if got := k.commands.Connection; got != test.want {
			t.Errorf("%q: %q, want %q", test.args, got, test.want)
		}
	}
}

// A login that was asked for is told of once, with what was not given yet.
func TestCheckRefusedOnce(t *testing.T) {
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	for hint, args := range map[string][]string{
		"--password-file FILE": {},
		"another password":     {"--password-file", secretIn(t, "tr0ub4dor")},
	} {
		r := c.run(append([]string{"check", "--host", "127.0.0.1", "--port", s.port(), "--user", "admin"}, args...)...)
		if r.code != exitFailed || strings.Contains(r.out, "Access denied") || strings.Count(r.talk, "Access denied") != 1 || !strings.Contains(r.talk, "hint: "+hint) {
			t.Errorf("%q: exit code %d\n%s%s", args, r.code, r.out, r.talk)
		}
	}
	r := c.run("check", "--host", "127.0.0.1", "--port", s.port(), "--user", "admin", "--password-file", "none")
	if r.code != exitUsage || strings.Contains(r.talk, "random-password") || !strings.Contains(r.talk, "account's password") {
		t.Errorf("exit code %d, %s", r.code, r.talk)
	}
}

// The password that was given counts before the store's; refusals that are
// meant are none of a fault's.
func TestCheckLoginTable(t *testing.T) {
	c := checkClock(t)
	c.done("issue", "client", "laura@%", "--random-password", "--key", "ec-p256")
	c.done("issue", "client", "reports@198.51.100.%", "--no-password", "--key", "ec-p256")
	c.done("issue", "client", "monthly@198.51.100.%", "--no-password", "--key", "ec-p256")
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	r := c.run("check", "--host", "127.0.0.1", "--port", s.port(), "laura", "--client-password-file", secretIn(t, "tr0ub4dor"))
	if n := strings.Count(r.out, "refused, as it should be"); r.code != exitFound || n != 3 {
		t.Errorf("exit code %d, %d expected refusals\n%s%s", r.code, n, r.out, r.talk)
	}
	if strings.Contains(r.out, " \n") {
		t.Errorf("blanks at the end of lines:\n%s", r.out)
	}
	shown := c.checked(exitDone, "--port", s.port(), "reports", "monthly")
	text := strings.Join(shown.Unseen, "\n")
	if want := "logins of reports@198.51.100.%, monthly@198.51.100.%: they are not possible"; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}

// A server of another CA is not compared with this store.
func TestCheckElsewhere(t *testing.T) {
	c, other := checkClock(t), checkClock(t)
	s := serveGreetings(t, "8.4.3", other.pair("db1"))
	shown := c.checked(exitFound, "--port", s.port())
	if got := strings.Join(shown.Unseen, "\n"); strings.Count(got, "is that the right --dir?") != 1 {
		t.Errorf("unseen\n%s", got)
	}
	if got := ids(shown.Findings); !strings.Contains(got, "chain-broken") {
		t.Errorf("findings %q", got)
	}
}
