package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// shown is the active pair of a name such as server/localhost.
func (h *host) shown(t *testing.T, name string) issued {
	t.Helper()
	var shown issued
	decode(t, h.myca(t, "show", name, "--json"), &shown)
	return shown
}

// presentedSerial is the serial of the certificate that the server presents,
// as openssl sees it from outside.
func (h *host) presentedSerial(t *testing.T) string {
	t.Helper()
	result := h.try("openssl s_client -starttls mysql -connect 127.0.0.1:" + strconv.Itoa(h.server.Port) +
		" </dev/null 2>/dev/null | openssl x509 -noout -serial")
	serial, found := strings.CutPrefix(strings.TrimSpace(result.Stdout), "serial=")
	if !result.OK() || !found {
		t.Fatalf("no certificate of the server: exit %d, %q, %s", result.Code, result.Stdout, result.Stderr)
	}
	return strings.ToLower(serial)
}

// deployScript is the script that the systemd unit runs.
func deployScript(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../systemd/myca-deploy")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// deployServer copies the pair of that name to the server and reloads it.
func (h *host) deployServer(t *testing.T, name string) {
	t.Helper()
	result := h.try("MYCA_DIR=" + shellWord(h.store) + " MYCA_SERVER=" + name + " MYCA_TARGET_DIR=" + shellWord(h.tlsDir()) +
		" " + shellWord(deployScript(t)))
	if !result.OK() {
		t.Fatalf("myca-deploy: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
}

// deployClients copies the pairs of clients to the host that their programs
// run on, each in one step, as a host must where programs go on connecting.
//
// A program reads its option file first and opens the bundle, the certificate
// and the key that it names one after the other. Files replaced in place, even
// through a symbolic link to a folder, may then be of two pairs. So every
// deployment has a folder of its own, whose absolute path is in the option
// file, and the option file is what is replaced: a program has read the one or
// the other, never a mixture. The folder before must stay for the programs that
// have just read its name; it can go with the next deployment.
func (h *host) deployClients(t *testing.T, names ...string) {
	t.Helper()
	result := h.try("export MYCA_DIR=" + shellWord(h.store) + "; for name in " + strings.Join(names, " ") + `; do
	mkdir -p "$PWD/clients/$name"
	folder=$(mktemp -d "$PWD/clients/$name/XXXXXX")
	cp "$MYCA_DIR/clients/$name/"*.pem "$folder"
	myca mycnf client "$name" --deploy-dir "$folder" >"clients/$name/my.cnf.new"
	mv "clients/$name/my.cnf.new" "clients/$name/my.cnf"
done`)
	if !result.OK() {
		t.Fatalf("deployment of clients: exit %d, %s", result.Code, result.Stderr)
	}
}

// clientCnf is the option file of a client on its own host.
func (h *host) clientCnf(name string) string {
	return filepath.Join(h.server.Dir, "clients", name, "my.cnf")
}

// keyOf is the key of a client on its own host.
func (h *host) keyOf(name string) string {
	return optionOf(h.clientCnf(name), "ssl-key")
}

// optionOf is the value of an option in an option file, "" when it is not there.
func optionOf(path, name string) string {
	text, _ := os.ReadFile(path)
	for _, line := range strings.Split(string(text), "\n") {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return value
		}
	}
	return ""
}

// accounts is what the server knows of all accounts and their requirements.
func (h *host) accounts(t *testing.T) string {
	t.Helper()
	return h.server.SQL(t, "SELECT user, host, ssl_type, ssl_cipher, x509_issuer, x509_subject FROM mysql.user ORDER BY user, host")
}

// login asks who a client is, at the address where its program verifies the
// server.
func (h *host) login(optionFile string, options ...string) servers.Result {
	return h.connect(optionFile, "SELECT CURRENT_USER()", append(options, "--host=127.0.0.2")...)
}

// getIn wants these clients to get in with what is on their host.
func (h *host) getIn(t *testing.T, when string, names ...string) {
	t.Helper()
	for _, name := range names {
		if result := h.login(h.clientCnf(name)); result.Stdout != name+"@%\n" {
			t.Errorf("%s: %s is refused: exit %d, %s", when, name, result.Code, result.Stderr)
		}
	}
}

// stayOut wants these clients to be refused before a login.
func (h *host) stayOut(t *testing.T, when string, names ...string) {
	t.Helper()
	for _, name := range names {
		h.wantNoHandshake(t, when+": "+name, h.login(h.clientCnf(name)))
	}
}

func (h *host) wantNoHandshake(t *testing.T, what string, result servers.Result) {
	t.Helper()
	if result.OK() || !handshakeFailed(result.Stderr) {
		t.Errorf("%s: exit %d, %q, error %q, want a failed handshake", what, result.Code, result.Stdout, result.Stderr)
	}
}

// opensslSays runs openssl and returns all that it prints, also when it fails.
func opensslSays(args ...string) string {
	output, _ := exec.Command("openssl", args...).CombinedOutput()
	return string(output)
}
