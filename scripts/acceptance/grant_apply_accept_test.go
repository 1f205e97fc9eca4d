package acceptance

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestGrantApplyAccepted: an account gets no requirement that nobody can meet at
// the server as it is; what asks for less is not held up by that.
func TestGrantApplyAccepted(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		off := "--tls-version="
		if !p.MySQL() {
			off = "--skip-ssl"
		}
		if err := h.server.Run(servers.Options{Bulk: true, Args: []string{off}}); err != nil {
			t.Fatal(err)
		}
		// The newer clients of MariaDB do not connect to a server without TLS.
		h.client(t, "laura", "--existing")
		password := filepath.Join(t.TempDir(), "password")
		write(t, password, "Laura-word1\n")
		made := h.grantApply(t, "laura", "--new", "--require", "none", "--password-file", password)
		h.client(t, "newcomer", "--no-password")
		mend := "myca --dir " + h.store + " install server NAME"
		if !p.MySQL() {
			mend = "systemctl restart mariadb"
		}
		for _, flags := range [][]string{nil, {"--require", "ssl"}} {
			r := h.tryMyca(append([]string{"grant", "laura", "--existing", "--apply"}, flags...)...)
			if r.Code != 2 {
				t.Errorf("%q: exit %d", flags, r.Code)
			}
			wantLines(t, r.Stderr, "'laura'@'%' would be locked out: the server offers no TLS", "; nothing was changed\n", mend)
		}
		got := h.grantApply(t, "newcomer")
		wantLines(t, strings.Join(append(got.Notices, made.Notices...), "\n"), "nobody gets in as 'newcomer'@'%' for now: the server offers no TLS")
		if got := h.grantApply(t, "laura", "--rescind"); got.before() != "REQUIRE NONE" {
			t.Errorf("the refused statements left %s", got.before())
		}
		h.grantApply(t, "laura", "--existing", "--require", "none")
		h.server.Stop()
		if err := h.server.Run(servers.Options{Bulk: true}); err != nil {
			t.Fatal(err)
		}
		if p.Target != "mariadb-10.11" { // which has no certificate of its own
			h.wantApplyRefused(t, 2, "laura", []string{"laura"}, `would be locked out: the server does not trust the CA "/O=sampdb/CN=sampdb CA"`, "install server --replace-boilerplate")
		}
		h.server.Stop()
		h.startSecured(t, servers.Options{Bulk: true})
		said := h.myca(t, "grant", "laura", "--apply", "--socket", h.server.Socket)
		wantLines(t, said, "from now on 'laura'@'%' opens only with the pair "+h.store+"/clients/laura; open connections stay\n",
			"--dir "+h.store+" grant laura --rescind --account-has-password --apply --socket "+h.server.Socket+"\n")
		_, back, _ := strings.Cut(said, "Back: ")
		if r := h.try(back); !r.OK() || !strings.Contains(r.Stdout, "after   REQUIRE NONE") {
			t.Errorf("%q: exit %d, %s%s", back, r.Code, r.Stdout, r.Stderr)
		}
	})
}

// TestGrantUnknown: a mistyped client is one error, with the name that was meant.
func TestGrantUnknown(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.client(t, "laura", "--no-password")
		for _, args := range [][]string{{"laur"}, {"laur", "--apply"}, {"laur@%", "--rescind"}} {
			r := h.tryMyca(append([]string{"grant"}, args...)...)
			if r.Code != 2 || strings.Count(r.Stderr, "error: ") != 1 || !strings.Contains(r.Stderr, `did you mean "laura"?`) {
				t.Errorf("%q: exit %d, %s", args, r.Code, r.Stderr)
			}
		}
	})
}

// wantLines wants a text to hold the parts.
func wantLines(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}
