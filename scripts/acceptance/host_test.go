// Package acceptance holds the live tests of what myca is for: the built
// program is run as an administrator runs it, and what it made is tried on
// real servers with their own clients. See package servers for what that
// needs; where it is missing, the tests say so and skip.
package acceptance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"myca/scripts/servers"
)

// needAny skips the test where no product can be started at all, before it
// does anything; servers.Each decides for each product.
func needAny(t *testing.T) {
	t.Helper()
	for _, p := range servers.All() {
		if p.Available() == nil {
			return
		}
	}
	servers.All()[0].Need(t)
}

// build compiles myca once and returns the folder it lies in.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "myca"), "myca/cmd/myca")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return dir
}

// host is a machine with myca and one product installed: a store, a server
// that is not started yet, an administrator.
type host struct {
	product servers.Product
	server  *servers.Server
	store   string   // the folder of myca's store, not yet made
	env     []string // of the administrator, who is root on the server
}

// newHost prepares a host; bin is the folder of myca.
func newHost(t *testing.T, bin string, p servers.Product) *host {
	t.Helper()
	server, err := servers.New(t, p)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{product: p, server: server, store: filepath.Join(t.TempDir(), "pki")}
	// The service is the test's server: systemctl leaves a note, which follow
	// reads, and clients find the socket in the administrator's option file.
	home, stub := t.TempDir(), t.TempDir()
	write(t, filepath.Join(home, ".my.cnf"), "[client]\nsocket="+server.Socket+"\n")
	write(t, filepath.Join(stub, "systemctl"), "#!/bin/sh\necho \"$*\" > "+shellWord(h.restartRequest())+"\n")
	if err := os.Chmod(filepath.Join(stub, "systemctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	h.env = p.Env(t, home, bin, stub)
	return h
}

// restartRequest is the file that the host's systemctl leaves.
func (h *host) restartRequest() string { return filepath.Join(h.server.Dir, "systemctl") }

// tlsDir is where the server's files lie on the host.
func (h *host) tlsDir() string { return filepath.Join(h.server.Dir, "tls") }

// startSecured starts the server with a pair of the store, server/localhost. At
// 127.0.0.2 every product's client verifies its identity; at the other two
// MariaDB's from 11.4 on does not.
func (h *host) startSecured(t *testing.T, o servers.Options) {
	t.Helper()
	tls := h.tlsDir()
	pair := h.issue(t, "server", "localhost", "127.0.0.1", "127.0.0.2", "--key", "ec-p256", "--deploy-dir", tls)
	script := "install -d -o mysql -m 0750 " + tls
	for _, file := range []string{pair.Files.CA, pair.Files.Cert, pair.Files.Key} {
		script += "\ninstall -o mysql -m 0400 " + shellWord(file) + " " + tls
	}
	if result := h.try(script); !result.OK() {
		t.Fatal(result.Stderr)
	}
	o.DefaultsFile = pair.Files.MyCnf
	if err := h.server.Run(o); err != nil {
		t.Fatal(err)
	}
}

// try runs a command line as the administrator.
func (h *host) try(script string) servers.Result {
	cmd := exec.Command("/bin/bash", "-e", "-c", script)
	cmd.Env, cmd.Dir = h.env, h.server.Dir
	return servers.Execute(cmd, "")
}

// myca runs myca on the host's store and returns its standard output.
func (h *host) myca(t *testing.T, args ...string) string {
	t.Helper()
	result := h.tryMyca(args...)
	if !result.OK() {
		t.Fatalf("myca %s: exit %d\n%s%s", strings.Join(args, " "), result.Code, result.Stdout, result.Stderr)
	}
	return result.Stdout
}

func (h *host) tryMyca(args ...string) servers.Result {
	words := append([]string{"myca", "--dir", h.store, "--target", h.product.Target}, args...)
	for i := range words {
		words[i] = shellWord(words[i])
	}
	return h.try(strings.Join(words, " "))
}

// issued is what myca --json prints of an issued pair or a shown certificate.
type issued struct {
	Name, Serial string
	NotAfter     time.Time `json:"not_after"`
	Files        struct{ CA, Cert, Key, MyCnf, SQL string }
	// Require holds the strings that the server compares.
	Require struct{ Issuer, Subject string }
}

// issue runs "myca issue ARGS --json".
func (h *host) issue(t *testing.T, args ...string) issued {
	t.Helper()
	var pair issued
	decode(t, h.myca(t, append([]string{"issue", "--json"}, args...)...), &pair)
	return pair
}

// connect runs the product's client, with the user's option file and further
// options, at the server's port; query is run in the session.
func (h *host) connect(optionFile, query string, options ...string) servers.Result {
	args := []string{"--defaults-extra-file=" + optionFile, "--port=" + strconv.Itoa(h.server.Port),
		"--protocol=TCP", "--batch", "--skip-column-names"}
	args = append(args, options...)
	return servers.Execute(h.product.Command(h.product.ClientName(), args...), query)
}

// plainText is the client's options for a session without TLS. MariaDB's
// clients before 11.4 go on with TLS while they are to verify the server.
func (h *host) plainText() []string {
	if h.product.MySQL() {
		return []string{"--ssl-mode=DISABLED"}
	}
	return []string{"--skip-ssl", "--skip-ssl-verify-server-cert"}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in the JSON\n%s", err, text)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shellWord quotes s for the shell.
func shellWord(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// wantFailure fails the test unless the result is a failure that says all words.
func wantFailure(t *testing.T, what string, r servers.Result, words ...string) {
	t.Helper()
	if r.OK() {
		t.Errorf("%s: got in, printing %q", what, r.Stdout)
		return
	}
	for _, word := range words {
		if !strings.Contains(r.Stderr, word) {
			t.Errorf("%s: error %q, want %q in it", what, strings.TrimSpace(r.Stderr), word)
		}
	}
}
