package acceptance

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"myca/live"
	"myca/scripts/servers"
)

// TestOnlyReads: the server's general log shows that package live sends nothing
// but reading statements, with all rights and with none, whether it gets in or
// not.
func TestOnlyReads(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/C=US/O=acme/CN=acme CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Args: []string{"--general-log=1", "--log-output=FILE", "--general-log-file=general.log"}})
		pair := h.issue(t, "client", "laura@%", "--no-password", "--key", "ec-p256")
		h.server.SQL(t, read(t, pair.Files.SQL)+"CREATE USER 'check'@'%';")
		own := keyPair(t, pair.Files.Cert, pair.Files.Key)
		log := filepath.Join(h.server.Dir, "data", "general.log")
		before := len(read(t, log))
		for _, a := range h.addresses() {
			if _, err := live.Greet(inMinutes(t), a); err != nil {
				t.Fatal(err)
			}
			for _, login := range []live.Login{asRoot(false), asRoot(true), {User: "check"}} {
				s, err := live.Open(inMinutes(t), a, login)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Facts(inMinutes(t)); err != nil {
					t.Fatal(err)
				}
				s.Accounts(inMinutes(t)) // not all may
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			live.Try(inMinutes(t), a, live.Login{User: "laura", Certificate: own})
			live.Try(inMinutes(t), a, live.Login{User: "laura"})
			live.Try(inMinutes(t), a, live.Login{User: "laura", Plain: true})
		}
		h.server.Stop() // the log is complete
		h.wantReading(t, read(t, log)[before:])
	})
}

// wantReading checks every line of a general log: a time, which MariaDB leaves
// out where it is that of the line before, the number of the connection, a
// command, and its text.
func (h *host) wantReading(t *testing.T, log string) {
	t.Helper()
	line := regexp.MustCompile(`^(?:\S+(?: +[0-9:]+)?)?\s+[0-9]+ ([A-Z][A-Za-z ]*)\t(.*)$`)
	seen := map[string]int{}
	for _, text := range strings.Split(strings.TrimRight(log, "\n"), "\n") {
		m := line.FindStringSubmatch(text)
		if m == nil {
			t.Errorf("a line of the log that is not understood: %q", text)
			continue
		}
		command, statement := m[1], strings.TrimSpace(m[2])
		verb, _, _ := strings.Cut(statement, " ")
		switch {
		case command == "Connect", command == "Quit":
			seen[command]++
		case command == "Query" && (verb == "SELECT" || verb == "SHOW"):
			seen[verb]++
		default:
			t.Errorf("%s: %q", command, statement)
		}
	}
	// Two addresses; three sessions and three attempts each, of which at least
	// the refused ones are not ended by the client.
	if seen["Connect"] < 12 || seen["Quit"] < 8 || seen["SHOW"] < 12 || seen["SELECT"] < 12 {
		t.Errorf("the log shows %v only:\n%s", seen, log)
	}
}
