package acceptance

import (
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestRevocation: who is revoked stays out as soon as the server has read the
// CRL, and nobody else does; also while the CA is rotated.
func TestRevocation(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		h.clients(t, "laura", "paul", "mary")
		h.getIn(t, "at first", "laura", "paul", "mary")

		h.myca(t, "revoke", "laura", "--reason", "key-compromise")
		h.deployServer(t, "localhost")
		h.getIn(t, "no CRL in force", "laura", "paul", "mary")
		h.wantRevoked(t, "laura")
		h.wantGood(t, "paul", "mary")

		h.enforceCRL(t)
		h.stayOut(t, "CRL in force", "laura")
		h.getIn(t, "CRL in force", "paul", "mary")

		h.myca(t, "revoke", "paul")
		h.getIn(t, "not yet copied", "paul")
		h.deployServer(t, "localhost")
		h.stayOut(t, "reloaded", "laura", "paul")
		h.getIn(t, "reloaded", "mary")
		h.rotateWithCRL(t)
	})
}

// rotateWithCRL rotates the CA of a server that checks a CRL, with mary good,
// laura and paul revoked.
func (h *host) rotateWithCRL(t *testing.T) {
	t.Helper()
	h.myca(t, "ca", "rotate", "begin")
	h.deployServer(t, "localhost")
	h.deployClients(t, "mary")
	h.getIn(t, "rotation begun", "mary")
	h.stayOut(t, "rotation begun", "paul")

	h.myca(t, "ca", "rotate", "switch")
	h.clients(t, "nina", "otto") // of the new generation
	h.deployServer(t, "localhost")
	h.getIn(t, "rotation switched", "mary", "nina", "otto")
	h.stayOut(t, "rotation switched", "paul")
	h.wantGood(t, "mary", "nina", "otto")

	h.myca(t, "revoke", "nina")
	h.deployServer(t, "localhost")
	h.getIn(t, "both generations have revoked ones", "mary", "otto")
	h.stayOut(t, "both generations have revoked ones", "paul", "nina")
	h.wantRevoked(t, "paul")
	h.wantRevoked(t, "nina")

	h.myca(t, "renew", "--all")
	h.deployServer(t, "localhost")
	h.deployClients(t, "mary", "otto")
	h.myca(t, "ca", "rotate", "finish")
	h.deployServer(t, "localhost")
	h.deployClients(t, "mary", "otto")
	h.getIn(t, "rotation finished", "mary", "otto")
	h.stayOut(t, "rotation finished", "laura", "paul", "nina")
	h.wantGood(t, "mary", "otto")
	h.wantRevoked(t, "nina")
}

// clients issues pairs, makes their accounts and deploys them.
func (h *host) clients(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		h.apply(t, h.client(t, name, "--no-password"))
	}
	h.deployClients(t, names...)
}

// enforceCRL puts the server's option file with the CRL in place; the option
// itself needs a restart.
func (h *host) enforceCRL(t *testing.T) {
	t.Helper()
	optionFile := filepath.Join(t.TempDir(), "my.cnf")
	write(t, optionFile, h.myca(t, "mycnf", "server", "localhost", "--crl"))
	if !strings.Contains(read(t, optionFile), "ssl-crl="+h.tlsDir()+"/crl.pem\n") {
		t.Fatalf("no CRL in the option file\n%s", read(t, optionFile))
	}
	h.server.Stop()
	if err := h.server.Run(servers.Options{DefaultsFile: optionFile, Bulk: true}); err != nil {
		t.Fatal(err)
	}
}

// wantRevoked wants openssl to find the client's certificate in the CRL.
func (h *host) wantRevoked(t *testing.T, name string) {
	t.Helper()
	if got := h.verifyWithCRL(t, name); !strings.Contains(got, "certificate revoked") {
		t.Errorf("openssl verify of %s, who is revoked:\n%s", name, got)
	}
}

// wantGood wants openssl to find these clients' certificates good, and the CRL
// too.
func (h *host) wantGood(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if got := h.verifyWithCRL(t, name); !strings.HasSuffix(strings.TrimSpace(got), ": OK") {
			t.Errorf("openssl verify of %s, who is not revoked:\n%s", name, got)
		}
	}
}

// verifyWithCRL verifies crl.pem, then the certificate on the client's host as
// a server with the store's bundle and CRL does.
func (h *host) verifyWithCRL(t *testing.T, name string) string {
	t.Helper()
	h.wantCRLs(t)
	return opensslSays("verify", "-purpose", "sslclient", "-crl_check_all", "-CAfile", filepath.Join(h.store, "ca-cert.pem"),
		"-CRLfile", filepath.Join(h.store, "crl.pem"), optionOf(h.clientCnf(name), "ssl-cert"))
}

// wantCRLs wants crl.pem to hold one list of each CA in the bundle. Each is
// verified with its own CA alone: "openssl crl" takes the first one of the name
// in a bundle, and tries no other of the same name.
func (h *host) wantCRLs(t *testing.T) {
	t.Helper()
	cas := pemBlocks(read(t, filepath.Join(h.store, "ca-cert.pem")))
	lists := pemBlocks(read(t, filepath.Join(h.store, "crl.pem")))
	if len(lists) != len(cas) {
		t.Errorf("%d lists in crl.pem, %d CAs in the bundle", len(lists), len(cas))
	}
	for i, one := range cas {
		ca, good := filepath.Join(t.TempDir(), "ca-cert.pem"), 0
		write(t, ca, one)
		for _, list := range lists {
			crl := filepath.Join(t.TempDir(), "crl.pem")
			write(t, crl, list)
			if strings.Contains(opensslSays("crl", "-in", crl, "-CAfile", ca, "-noout"), "verify OK") {
				good++
			}
		}
		if good != 1 {
			t.Errorf("openssl crl: %d lists in crl.pem are signed by the CA %d of the bundle, want 1", good, i)
		}
	}
}

// pemBlocks are the blocks of a PEM text, each with its lines.
func pemBlocks(text string) []string {
	var found []string
	for {
		block, rest := pem.Decode([]byte(text))
		if block == nil {
			return found
		}
		found, text = append(found, string(pem.EncodeToMemory(block))), string(rest)
	}
}
