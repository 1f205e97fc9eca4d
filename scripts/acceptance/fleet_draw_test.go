package acceptance

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"myca/dialect"
	"myca/live"
)

// thousands are 2,000 accounts: one range that is most of them, and odd ones.
// members lists the same identities without any range.
const thousands = `  - {account: "app-{0001..1860}@%", grants: ["SELECT, INSERT ON app.*", "SELECT (a) ON finance.t"]}
  - {name: "mueller-{01..20}", account: "Jörg.Müller-{01..20}@localhost", subject: "/O=sampdb/OU=users/CN=mueller-{01..20}", grants: ["SELECT ON app.*"]}
  - {account: "svc.{01..30}.eu@localhost", grants: ["SELECT ON app.t"]}
  - {account: ["net-{01..10}@127.0.0.0/255.255.255.0", "net-{01..10}@2001:db8::1"], grants: ["SELECT ON app.*"]}
  - {account: ["six-{01..10}@2001:db8::%", "six-{01..10}@%"], grants: ["SELECT ON app.*"]}
  - {account: ["two-{01..15}@localhost", "two-{01..15}@10.%"], grants: ["SELECT ON app.*"]}
  - {name: "rnd-{01..20}", account: "rnd {01..20}@%", password: random, grants: ["SELECT ON app.*"]}
`

// member is one identity of thousands, as its user comes in.
type member struct {
	name, user, host string
	accounts         int
}

func members() []member {
	var list []member
	add := func(n int, name, user, host string, accounts int) {
		for i := 1; i <= n; i++ {
			list = append(list, member{fmt.Sprintf(name, i), fmt.Sprintf(user, i), host, accounts})
		}
	}
	add(1860, "app-%04d", "app-%04d", "%", 1)
	add(20, "mueller-%02d", "Jörg.Müller-%02d", "localhost", 1)
	add(30, "svc.%02d.eu", "svc.%02d.eu", "localhost", 1)
	add(10, "net-%02d", "net-%02d", "127.0.0.0/255.255.255.0", 2)
	add(10, "six-%02d", "six-%02d", "%", 2)
	add(15, "two-%02d", "two-%02d", "localhost", 2)
	add(20, "rnd-%02d", "rnd %02d", "%", 1)
	return list
}

// wantMembers wants the accounts of thousands, each with its requirement.
func (h *host) wantMembers(t *testing.T) {
	t.Helper()
	want := 0
	for _, m := range members() {
		want += m.accounts
	}
	got := h.server.SQL(t, `SELECT COUNT(*), COUNT(DISTINCT user), COUNT(DISTINCT x509_subject), COUNT(DISTINCT x509_issuer) FROM mysql.user
		WHERE ssl_type = 'SPECIFIED' AND x509_subject <> '' AND x509_issuer = '/C=US/O=sampdb/CN=sampdb CA'`)
	if all := fmt.Sprintf("%d\t%d\t%[2]d\t1", want, len(members())); want != 2000 || got != all {
		t.Errorf("accounts, users, subjects, issuers: %q, want %q", got, all)
	}
}

// draw is 25 of the range and 25 of the odd ones, in a random order.
func draw(t *testing.T) []member {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("drawn with the seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	all := members()
	var drawn []member
	for _, part := range [][]member{all[:1860], all[1860:]} {
		for _, i := range random.Perm(len(part))[:25] {
			drawn = append(drawn, part[i])
		}
	}
	random.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return drawn
}

// drawn: 50 accounts drawn at random come in by their option files, through the
// product's own client; none of them with the certificate of the next, nor
// without one.
func (h *host) drawn(t *testing.T) {
	drawn := draw(t)
	work := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range work {
				h.memberIn(t, drawn[i])
				h.memberOut(t, drawn[i], drawn[(i+1)%len(drawn)])
			}
		})
	}
	for i := range drawn {
		work <- i
	}
	close(work)
	workers.Wait()
}

// memberDir is the member's folder in the store.
func (h *host) memberDir(m member) string { return filepath.Join(h.store, "clients", m.name) }

// pairOf is the member's certificate with its key.
func (h *host) pairOf(m member) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(h.memberDir(m), "client-cert.pem"), filepath.Join(h.memberDir(m), "client-key.pem"))
	return &pair, err
}

// memberIn wants the member to come in by its option file, with its rights.
func (h *host) memberIn(t *testing.T, m member) {
	result := h.byOptionFile(filepath.Join(h.memberDir(m), "my.cnf"),
		"SELECT CURRENT_USER(); SELECT COUNT(*) FROM app.t; SELECT b FROM finance.t")
	if want := m.user + "@" + m.host + "\n0\n"; result.Stdout != want || !strings.Contains(result.Stderr, "command denied to user") {
		t.Errorf("%s: exit %d, %q, want %q; %s", m.name, result.Code, result.Stdout, want, result.Stderr)
	}
}

// memberOut wants the server to refuse the member's user and password with the
// certificate of another member and without any, but not with its own.
func (h *host) memberOut(t *testing.T, m, other member) {
	password, err := dialect.ReadOptionValue(optionOf(filepath.Join(h.memberDir(m), "my.cnf"), "password"))
	if err != nil {
		t.Error(err)
		return
	}
	login := live.Login{User: m.user, Password: password}
	address := live.Address{Host: "127.0.0.2", Port: h.server.Port}
	if got := live.Try(t.Context(), address, login); !accessDenied(got) {
		t.Errorf("%s without a certificate: %+v", m.name, got)
	}
	for _, holder := range []member{other, m} {
		pair, err := h.pairOf(holder)
		if err != nil {
			t.Error(err)
			return
		}
		login.Certificate = pair
		got := live.Try(t.Context(), address, login)
		if holder == m && !got.In || holder == other && !accessDenied(got) {
			t.Errorf("%s with the certificate of %s: %+v", m.name, holder.name, got)
		}
	}
}

// accessDenied reports whether the server refused the account, not the handshake.
func accessDenied(a live.Attempt) bool {
	var refusal *live.ServerError
	return !a.In && a.Refused && errors.As(a.Err, &refusal) && refusal.Number == 1045
}
