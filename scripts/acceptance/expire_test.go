package acceptance

import (
	"testing"
	"time"

	"myca/scripts/servers"
)

// brief is how long the certificates of TestExpired are good, and how long it
// waits for their end. A renewed one is good as long again, and has to be tried
// within that.
const brief = "4s"

// TestExpired: an expired certificate opens nothing, on either side; a renewed
// one does, with the account as it was made in the beginning.
func TestExpired(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		h.clients(t, "mary")
		for _, name := range []string{"laura", "paul"} {
			h.apply(t, h.client(t, name, "--no-password", "--not-after", brief))
		}
		h.deployClients(t, "laura", "paul")
		accounts := h.accounts(t)
		outlive(h.shown(t, "client/laura"))
		outlive(h.shown(t, "client/paul"))
		h.stayOut(t, "expired", "laura", "paul")
		h.getIn(t, "while others have expired", "mary")

		old := read(t, h.keyOf("laura"))
		h.inTime(t, "laura", "renewed", "renew", "laura")
		if read(t, h.keyOf("laura")) == old {
			t.Error("laura has the old key")
		}
		old = read(t, h.keyOf("paul"))
		h.inTime(t, "paul", "renewed with its key", "renew", "paul", "--reuse-key")
		if read(t, h.keyOf("paul")) != old {
			t.Error("paul has another key")
		}
		h.expiredServer(t)
		if got := h.accounts(t); got != accounts {
			t.Errorf("accounts afterwards:\n%s\nbefore:\n%s", got, accounts)
		}
	})
}

// inTime runs a command of myca that makes another pair of brief validity for
// the client, and wants the client to get in while it lasts.
func (h *host) inTime(t *testing.T, name, when string, command ...string) {
	t.Helper()
	for range 10 {
		h.myca(t, command...)
		h.deployClients(t, name)
		end := h.shown(t, "client/"+name).NotAfter
		result := h.login(h.clientCnf(name))
		switch {
		case result.Stdout == name+"@%\n":
			return
		case time.Now().Before(end):
			t.Fatalf("%s: %s is refused: exit %d, %s", when, name, result.Code, result.Stderr)
		}
	}
	t.Fatalf("%s: this machine never connects %s within %s", when, name, brief)
}

// expiredServer: clients refuse a server whose certificate has ended, and get
// in once the server presents a renewed one, after a reload alone.
func (h *host) expiredServer(t *testing.T) {
	t.Helper()
	before := h.presentedSerial(t)
	h.issue(t, "server", "localhost", "127.0.0.1", "127.0.0.2", "--name", "brief", "--key", "ec-p256", "--not-after", brief)
	h.deployServer(t, "brief")
	short := h.shown(t, "server/brief")
	if got := h.presentedSerial(t); got != short.Serial {
		t.Errorf("the server presents %s, want %s", got, short.Serial)
	}
	outlive(short)
	result := h.login(h.clientCnf("mary"))
	wantFailure(t, "an expired server", result, "ERROR 2026 (HY000)")

	h.myca(t, "renew", "server/localhost")
	h.deployServer(t, "localhost")
	renewed := h.shown(t, "server/localhost").Serial
	if got := h.presentedSerial(t); got != renewed || got == before {
		t.Errorf("the server presents %s, want the renewed %s, not %s", got, renewed, before)
	}
	h.getIn(t, "the server renewed", "mary")
}

// outlive returns when the certificate has ended.
func outlive(pair issued) {
	for !time.Now().After(pair.NotAfter.Add(time.Second)) {
		time.Sleep(20 * time.Millisecond)
	}
}
