package acceptance

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"myca/ca"
	"myca/live"
	"myca/scripts/servers"
)

// TestLiveReload: a server takes new files when it is told to, keeps what it had
// when it cannot use them, and says which login may tell it.
func TestLiveReload(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=acme/CN=acme CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		root := session(t, live.Address{Socket: h.server.Socket}, asRoot(true))
		first := h.presented(t)

		// Other files at the same paths.
		h.replaceFiles(t, h.tlsDir())
		if h.presented(t) != first {
			t.Error("the server presents new files without a reload")
		}
		if err := root.Reload(inMinutes(t)); err != nil {
			t.Fatal(err)
		}
		second := h.presented(t)
		if second == first {
			t.Error("the server presents its old certificate after a reload")
		}

		// Files that it cannot use.
		cert := filepath.Join(h.tlsDir(), "server-cert.pem")
		text := read(t, cert)
		write(t, cert, "no certificate\n")
		var answered *live.ServerError
		if err := root.Reload(inMinutes(t)); !errors.As(err, &answered) || errors.Is(err, live.ErrDenied) || h.presented(t) != second {
			t.Errorf("a reload of a broken file: %v", err)
		}
		write(t, cert, text)
		if err := root.Reload(inMinutes(t)); err != nil {
			t.Error(err)
		}
		h.reloadRights(t)
		h.otherPaths(t, root)
	})
}

// presented is the serial of the certificate that the server shows.
func (h *host) presented(t *testing.T) string {
	t.Helper()
	hello, err := live.Greet(inMinutes(t), live.Address{Socket: h.server.Socket})
	if err != nil || hello.Handshake == nil {
		t.Fatalf("%+v, %v", hello, err)
	}
	return ca.SerialHex(hello.Handshake.Certificates[0].SerialNumber)
}

// replaceFiles issues a new pair and puts its files into dir.
func (h *host) replaceFiles(t *testing.T, dir string) {
	t.Helper()
	pair := h.issue(t, "server", "localhost", "127.0.0.1", "127.0.0.2", "--key", "ec-p256", "--force", "--deploy-dir", dir)
	script := "install -d -o mysql -m 0750 " + shellWord(dir)
	for _, file := range []string{pair.Files.CA, pair.Files.Cert, pair.Files.Key} {
		script += "\ninstall -o mysql -m 0400 " + shellWord(file) + " " + shellWord(dir)
	}
	if result := h.try(script); !result.OK() {
		t.Fatal(result.Stderr)
	}
}

// reloadRights: a login is told what it lacks, and can with just that.
func (h *host) reloadRights(t *testing.T) {
	t.Helper()
	h.server.SQL(t, "CREATE USER reload@localhost IDENTIFIED BY 'Admin-word1'")
	login := live.Login{User: "reload", Password: "Admin-word1"}
	at := live.Address{Socket: h.server.Socket}
	err := session(t, at, login).Reload(inMinutes(t))
	if !errors.Is(err, live.ErrDenied) {
		t.Fatalf("without a right: %v", err)
	}
	h.server.SQL(t, "GRANT "+live.ChangeRights(h.version(t))[0]+" TO reload@localhost")
	if err := session(t, at, login).Reload(inMinutes(t)); err != nil {
		t.Error(err)
	}
	if !h.product.MySQL() {
		return
	}
	other := live.Files{CA: "x"}
	if err := session(t, at, login).SetFiles(inMinutes(t), other); !errors.Is(err, live.ErrDenied) {
		t.Errorf("paths without a right: %v", err)
	}
	h.server.SQL(t, "GRANT "+live.ChangeRights(h.version(t))[1]+" TO reload@localhost")
	before := h.settings(t).Configured
	if err := session(t, at, login).SetFiles(inMinutes(t), other); err != nil {
		t.Error(err)
	}
	if err := session(t, at, login).SetFiles(inMinutes(t), before); err != nil || h.settings(t).Configured != before {
		t.Errorf("back: %v, %+v", err, h.settings(t).Configured)
	}
}

// settings is what the server says to root.
func (h *host) settings(t *testing.T) live.Facts {
	t.Helper()
	return facts(t, live.Address{Socket: h.server.Socket}, asRoot(true))
}

// otherPaths: MySQL takes its files from other paths, whatever characters they
// have and whatever the sql_mode; MariaDB says that it cannot.
func (h *host) otherPaths(t *testing.T, root *live.Session) {
	t.Helper()
	before := h.settings(t).Configured
	dir := filepath.Join(h.server.Dir, `it's "a" back\slash é`)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h.replaceFiles(t, dir)
	to := live.Files{CA: filepath.Join(dir, "ca-cert.pem"), Cert: filepath.Join(dir, "server-cert.pem"), Key: filepath.Join(dir, "server-key.pem")}
	if !h.product.MySQL() {
		if err := root.SetFiles(inMinutes(t), to); !errors.Is(err, live.ErrAtStart) {
			t.Errorf("other paths: %v", err)
		}
		if err := root.SetFiles(inMinutes(t), before); err != nil {
			t.Errorf("the paths it has: %v", err)
		}
		return
	}
	first := h.presented(t)
	for _, mode := range []string{"", "NO_BACKSLASH_ESCAPES"} {
		h.server.SQL(t, "SET GLOBAL sql_mode = '"+mode+"'")
		s := session(t, live.Address{Socket: h.server.Socket}, asRoot(true))
		if err := s.SetFiles(inMinutes(t), to); err != nil {
			t.Fatal(err)
		}
		if got := h.settings(t).Configured; got != to {
			t.Errorf("%+v, want %+v", got, to)
		}
		if err := s.Reload(inMinutes(t)); err != nil || h.presented(t) == first {
			t.Errorf("with other paths: %v", err)
		}
		if err := s.SetFiles(inMinutes(t), before); err != nil {
			t.Fatal(err)
		}
		if err := s.Reload(inMinutes(t)); err != nil || h.presented(t) != first || h.settings(t).Loaded != before {
			t.Errorf("back to the old paths: %v, %+v", err, h.settings(t).Loaded)
		}
	}
}
