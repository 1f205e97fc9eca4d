package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/ledger"
	"myca/store"
)

// This file has what tests of the whole program, run as a process, share.

// result is how a run of the program ended.
type result struct {
	code      int
	out, talk string // standard output, standard error
}

// program runs the program on the store dir, as a process without a terminal.
func program(dir string, args ...string) result {
	return finish(exec.Command(os.Args[0], append([]string{"--dir", dir}, args...)...))
}

// shell runs a line of a hint, in which myca is the program.
func shell(t *testing.T, line string) result {
	t.Helper()
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "myca")); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("/bin/sh", "-c", line)
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	return finish(c)
}

func finish(c *exec.Cmd) result {
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	c.Env = append(c.Environ(), runAsMyca+"=1", "NO_COLOR=1")
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return result{-1, out.String(), err.Error()}
	}
	return result{c.ProcessState.ExitCode(), out.String(), talk.String()}
}

// done runs the program, which must succeed.
func done(t *testing.T, dir string, args ...string) result {
	t.Helper()
	r := program(dir, args...)
	if r.code != exitDone {
		t.Fatalf("%v ends with %d: %s", args, r.code, r.talk)
	}
	return r
}

// foundStore makes a store with server db1 and client laura in dir, which it
// returns.
func foundStore(t *testing.T, dir string) string {
	t.Helper()
	done(t, dir, "ca", "create", "--subject", "/O=acme/CN=acme CA", "--key", "ec-p256")
	done(t, dir, "issue", "server", "db1", "--key", "ec-p256")
	done(t, dir, "issue", "client", "laura", "--random-password", "--grant", "ALL ON finance.*", "--key", "ec-p256")
	return dir
}

// tree is what is in the folder dir: path to mode and, of a file, a hash of
// its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		path, err = filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		found[path] = info.Mode().String()
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			found[path] += " " + hex.EncodeToString(sum[:8])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// unchanged asserts that dir holds what it held before.
func unchanged(t *testing.T, before map[string]string, dir string) {
	t.Helper()
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("the store changed:\n%s", diff)
	}
}

// wholeStore asserts what must hold of a store whatever happened to it: the
// authority that signs opens, serials are distinct, every active pair is in its
// folder, with its key, accepted by the trust bundle beside it, every folder is
// known to the ledger, and nothing is left half done. It returns the rows.
func wholeStore(t *testing.T, dir string) []ledger.Row {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Authority(); err != nil {
		t.Error(err)
	}
	var rows []ledger.Row
	serials, folders := map[string]bool{}, map[string]bool{}
	for row, err := range s.Ledger().All(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if serials[row.Serial] {
			t.Errorf("serial %s is there twice", row.Serial)
		}
		serials[row.Serial] = true
		rows = append(rows, row)
		if row.State == ledger.Active {
			folders[s.Folder(row)] = true
			wholePair(t, s, row)
		}
	}
	for _, pattern := range []string{"servers/*", "clients/*", "ca/*", ".new/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range found {
			if !folders[folder] {
				t.Errorf("the ledger has nothing active for %s", folder)
			}
		}
	}
	return rows
}

// wholePair asserts that the files of an active row are what it says.
func wholePair(t *testing.T, s *store.Store, row ledger.Row) {
	t.Helper()
	certFile, keyFile, usage := ca.CertificateFile, ca.KeyFile, x509.ExtKeyUsageAny
	switch row.Kind {
	case ledger.Server:
		certFile, keyFile, usage = "server-cert.pem", "server-key.pem", x509.ExtKeyUsageServerAuth
	case ledger.Client:
		certFile, keyFile, usage = "client-cert.pem", "client-key.pem", x509.ExtKeyUsageClientAuth
	}
	folder := s.Folder(row)
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, certFile), filepath.Join(folder, keyFile))
	if err != nil {
		t.Errorf("%s %s: %v", row.Kind, row.Name, err)
		return
	}
	if !bytes.Equal(pair.Leaf.Raw, row.DER) || ca.SerialHex(pair.Leaf.SerialNumber) != row.Serial {
		t.Errorf("%s %s: the certificate in its folder is not the one in the ledger", row.Kind, row.Name)
	}
	bundle, err := os.ReadFile(filepath.Join(folder, "ca-cert.pem"))
	if err != nil {
		t.Error(err)
		return
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	options := x509.VerifyOptions{Roots: roots, CurrentTime: pair.Leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{usage}}
	if _, err := pair.Leaf.Verify(options); err != nil {
		t.Errorf("%s %s: %v", row.Kind, row.Name, err)
	}
}

// complaint asserts the form of a failed run: the exit code, nothing on
// standard output, an error that begins in lower case and names what is wrong,
// and a hint, which it returns.
func complaint(t *testing.T, r result, code int, names ...string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(r.talk, "\n"), "\n")
	message, isError := strings.CutPrefix(lines[0], "myca: error: ")
	if r.code != code || r.out != "" || !isError || message == "" {
		t.Errorf("exit code %d, want %d, with %q\n%s", r.code, code, r.out, r.talk)
		return ""
	}
	if first := message[:1]; first != strings.ToLower(first) {
		t.Errorf("the message is not lower case: %s", message)
	}
	var hints []string
	for _, line := range lines {
		if hint, isHint := strings.CutPrefix(line, "hint: "); isHint && hint != "" {
			hints = append(hints, hint)
		}
	}
	if len(hints) == 0 {
		t.Errorf("no hint:\n%s", r.talk)
	}
	for _, name := range names {
		if !strings.Contains(r.talk, name) {
			t.Errorf("%q is not mentioned:\n%s", name, r.talk)
		}
	}
	return strings.Join(hints, "\n")
}

// jsonOf reads what a run printed.
func jsonOf(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
