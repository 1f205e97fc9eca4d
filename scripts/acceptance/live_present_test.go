package acceptance

import (
	"errors"
	"path/filepath"
	"testing"

	"myca/live"
	"myca/scripts/servers"
)

// TestPresent: real servers take a certificate of their CA and refuse another,
// with every version of TLS, without counting it against an account.
func TestPresent(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		own := h.client(t, "laura", "--no-password")
		elsewhere := *h
		elsewhere.store = filepath.Join(t.TempDir(), "pki")
		elsewhere.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		foreign := elsewhere.client(t, "laura", "--no-password")
		h.startSecured(t, servers.Options{})
		h.server.Stop()
		for _, version := range []string{"TLSv1.2,TLSv1.3", "TLSv1.2", "TLSv1.3"} {
			err := h.server.Run(servers.Options{DefaultsFile: filepath.Join(h.store, "servers", "localhost", "my.cnf"), Args: []string{"--tls-version=" + version}})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range h.addresses() {
				if got := h.present(t, a, own); !got.In {
					t.Errorf("%s, %s: %+v", version, a, got)
				}
				if got := h.present(t, a, foreign); got.In || !got.Refused || errors.Is(got.Err, live.ErrNotAsked) {
					t.Errorf("%s, %s, a foreign certificate: %+v", version, a, got)
				}
			}
			h.server.Stop()
		}
		off := "--tls-version="
		if !p.MySQL() {
			off = "--skip-ssl"
		}
		if err := h.server.Run(servers.Options{Args: []string{off}}); err != nil {
			t.Fatal(err)
		}
		if got := h.present(t, h.addresses()[0], own); !got.Refused || !errors.Is(got.Err, live.ErrNoTLS) {
			t.Errorf("without TLS: %+v", got)
		}
	})
}

func (h *host) present(t *testing.T, a live.Address, pair issued) live.Attempt {
	t.Helper()
	return live.Present(inMinutes(t), a, live.Login{Certificate: keyPair(t, pair.Files.Cert, pair.Files.Key)})
}
