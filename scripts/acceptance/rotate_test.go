package acceptance

import (
	"fmt"
	"testing"

	"myca/scripts/servers"
)

// TestRotation replaces the CA while 20 clients go on connecting, each
// demanding the server's identity and showing its certificate: not one of them
// may fail, and no account is touched.
func TestRotation(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{})
		var names []string
		for i := range 20 {
			names = append(names, fmt.Sprintf("app%02d", i))
		}
		h.clients(t, names...)
		// Only the option file names the folder of a deployment: a copy of it
		// is the client as it was.
		old := h.clientCnf(names[0]) + ".old"
		write(t, old, read(t, h.clientCnf(names[0])))
		before, accounts := h.presentedSerial(t), h.accounts(t)

		steps := []struct {
			what string
			do   func()
		}{
			{"before", func() {}},
			{"ca rotate begin", func() { h.myca(t, "ca", "rotate", "begin") }},
			{"both bundles at the server", func() { h.deployServer(t, "localhost") }},
			{"both bundles at the clients", func() { h.deployClients(t, names...) }},
			{"ca rotate switch --renew", func() { h.myca(t, "ca", "rotate", "switch", "--renew") }},
			{"renewed pair at the server", func() { h.deployServer(t, "localhost") }},
			{"renewed pairs at the clients", func() { h.deployClients(t, names...) }},
			{"ca rotate finish", func() { h.myca(t, "ca", "rotate", "finish") }},
			{"new bundle at the server", func() { h.deployServer(t, "localhost") }},
			{"new bundle at the clients", func() { h.deployClients(t, names...) }},
		}
		load := h.load(names)
		defer load.stop()
		for _, step := range steps {
			step.do()
			if !load.round() {
				t.Fatalf("failed by the end of %q, after %d connections:\n%s", step.what, load.made(), load.failure())
			}
		}
		load.stop()
		if failures := load.failure(); failures != "" {
			t.Fatalf("failed at the end, after %d connections:\n%s", load.made(), failures)
		}
		t.Logf("figure: %s: %d connections of %d clients during the rotation, none failed", p.Target, load.made(), len(names))

		if got := h.accounts(t); got != accounts {
			t.Errorf("accounts afterwards:\n%s\nbefore:\n%s", got, accounts)
		}
		h.wantRotated(t, old, h.clientCnf(names[0]), before)
	})
}

// wantRotated wants the old generation to be good for nothing any more: old and
// now are a client's option files before and after.
func (h *host) wantRotated(t *testing.T, old, now, before string) {
	t.Helper()
	serial := h.shown(t, "server/localhost").Serial
	if got := h.presentedSerial(t); got != serial || got == before {
		t.Errorf("the server presents %s, want %s, not %s", got, serial, before)
	}
	h.wantNoHandshake(t, "a certificate of the old generation",
		h.login(now, "--ssl-cert="+optionOf(old, "ssl-cert"), "--ssl-key="+optionOf(old, "ssl-key")))
	wantFailure(t, "a client with the old bundle", h.login(now, "--ssl-ca="+optionOf(old, "ssl-ca")), "ERROR 2026 (HY000)")
	if result := h.login(now); !result.OK() {
		t.Errorf("a client of the new generation: %s", result.Stderr)
	}
}
