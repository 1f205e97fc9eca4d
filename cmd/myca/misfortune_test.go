//go:build unix && !race

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// act is a command that writes, and the state of the store it is for.
type act struct {
	state string // plain, begun (a rotation), or switched, with every pair renewed
	args  []string
}

func (a act) String() string { return strings.Join(a.args, " ") }

func writingActs() []act {
	return []act{
		{"plain", []string{"issue", "client", "paul", "--random-password", "--key", "ec-p256"}},
		{"plain", []string{"issue", "server", "db1", "--force", "--key", "ec-p256"}},
		{"plain", []string{"renew", "laura"}},
		{"plain", []string{"renew", "--all", "--reuse-key"}},
		{"plain", []string{"revoke", "laura"}},
		{"plain", []string{"ca", "crl"}},
		{"plain", []string{"ca", "rotate", "begin"}},
		{"begun", []string{"ca", "rotate", "switch"}},
		{"switched", []string{"ca", "rotate", "finish"}},
	}
}

func readingActs() [][]string {
	return [][]string{
		{"list"}, {"show", "laura"}, {"grant", "laura"}, {"mycnf", "server", "db1", "--crl"},
		{"mycnf", "client", "laura"}, {"ca", "show"}, {"ca", "rotate", "status"},
	}
}

// stores makes a store in every state that the acts are for.
func stores(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	plain := foundStore(t, filepath.Join(dir, "plain"))
	done(t, plain, "ca", "crl")
	begun := cloned(t, plain, filepath.Join(dir, "begun"))
	done(t, begun, "ca", "rotate", "begin")
	switched := cloned(t, begun, filepath.Join(dir, "switched"))
	done(t, switched, "ca", "rotate", "switch", "--renew")
	return map[string]string{"plain": plain, "begun": begun, "switched": switched}
}

// cloned copies a store with modes and all to the new folder, which it returns.
func cloned(t *testing.T, from, to string) string {
	t.Helper()
	if output, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return to
}

func overwrite(t *testing.T, path string, change func(old []byte) []byte) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(old), 0o600); err != nil { // keeps the mode it has
		t.Fatal(err)
	}
}

func half(old []byte) []byte { return old[:len(old)/2] }

// A ledger that is missing or damaged stops every command. The hint is a
// command that makes another one, and then all goes on.
func TestLostLedger(t *testing.T) {
	made := stores(t)
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		names []string // what the error names beside the file
	}{
		{"missing", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, []string{"missing"}},
		{"empty", func(t *testing.T, path string) { overwrite(t, path, func([]byte) []byte { return nil }) }, nil},
		{"cut in the first page", func(t *testing.T, path string) { overwrite(t, path, func(old []byte) []byte { return old[:1000] }) }, nil},
		{"cut in half", func(t *testing.T, path string) { overwrite(t, path, half) }, nil},
		{"zero bytes", func(t *testing.T, path string) {
			overwrite(t, path, func(old []byte) []byte { return make([]byte, len(old)) })
		}, nil},
		{"garbage", func(t *testing.T, path string) {
			overwrite(t, path, func(old []byte) []byte { return bytes.Repeat([]byte("garbage!"), len(old)/8) })
		}, nil},
		{"garbage but for the first page", func(t *testing.T, path string) {
			overwrite(t, path, func(old []byte) []byte {
				return append(old[:4096:4096], bytes.Repeat([]byte("garbage!"), (len(old)-4096)/8)...)
			})
		}, nil},
		{"the page of the certificates", func(t *testing.T, path string) {
			overwrite(t, path, func(old []byte) []byte {
				// Every page but those of the first table, which is settings.
				return append(old[:3*4096:3*4096], bytes.Repeat([]byte("garbage!"), (len(old)-3*4096)/8)...)
			})
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for state, from := range made {
				dir := cloned(t, from, filepath.Join(t.TempDir(), "pki"))
				path := filepath.Join(dir, "ledger.db")
				test.spoil(t, path)
				before := tree(t, dir)
				var hint string
				for _, a := range writingActs() {
					if a.state == state {
						hint = complaint(t, program(dir, a.args...), exitFailed, append(test.names, path)...)
					}
				}
				for _, args := range readingActs() {
					complaint(t, program(dir, args...), exitFailed, append(test.names, path)...)
				}
				unchanged(t, before, dir)
				_, command, found := strings.Cut(hint, "make it again from the certificates: ")
				if !found {
					t.Fatalf("%s: no command in the hint %q", state, hint)
				}
				if r := shell(t, command); r.code != exitDone {
					t.Fatalf("%s ends with %d: %s", command, r.code, r.talk)
				}
				for _, a := range writingActs() {
					if a.state == state {
						done(t, dir, a.args...)
						break
					}
				}
				wholeStore(t, dir)
			}
		})
	}
}

// A file that does not fit stops the commands that need it, and none of the
// others; put back, all goes on.
func TestSpoiltFile(t *testing.T) {
	made := stores(t)
	other := foundStore(t, filepath.Join(t.TempDir(), "other"))
	othersFile := func(name string) func([]byte) []byte {
		return func([]byte) []byte {
			data, err := os.ReadFile(filepath.Join(other, name))
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
	}
	everything := writingActs()
	plain := everything[:6] // a rotation replaces a CA that is lost
	tests := []struct {
		name, state string
		file        string
		spoil       func(old []byte) []byte
		stopped     []act
		notStopped  [][]string
	}{
		{"a truncated CA key", "plain", "ca/1/ca-key.pem", half, plain, readingActs()[:5]},
		{"an empty CA key", "plain", "ca/1/ca-key.pem", func([]byte) []byte { return nil }, plain, readingActs()[:5]},
		{"another CA's key", "plain", "ca/1/ca-key.pem", othersFile("ca/1/ca-key.pem"), plain, readingActs()[:5]},
		{"another CA's certificate", "plain", "ca/1/ca-cert.pem", othersFile("ca/1/ca-cert.pem"), plain, readingActs()[:5]},
		{"a truncated CA certificate", "plain", "ca/1/ca-cert.pem", half, plain, readingActs()[:5]},
		{"a truncated key of the new CA", "begun", "ca/2/ca-key.pem", half, everything[7:8], readingActs()},
		{"another CA's certificate for the new one", "begun", "ca/2/ca-cert.pem", othersFile("ca/1/ca-cert.pem"), everything[7:8], readingActs()},
		{"a truncated key of the CA that stays", "switched", "ca/2/ca-key.pem", half, everything[8:], readingActs()[:5]},
		{"a truncated key", "plain", "clients/laura/client-key.pem", half,
			[]act{{"plain", []string{"renew", "laura", "--reuse-key"}}, {"plain", []string{"renew", "--all", "--reuse-key"}}}, readingActs()},
		{"another's key", "plain", "clients/laura/client-key.pem", othersFile("clients/laura/client-key.pem"),
			[]act{{"plain", []string{"renew", "laura", "--reuse-key"}}}, readingActs()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := cloned(t, made[test.state], filepath.Join(t.TempDir(), "pki"))
			path := filepath.Join(dir, test.file)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, test.spoil)
			before := tree(t, dir)
			code := exitFailed
			if strings.HasPrefix(test.name, "another CA's") {
				code = exitUsage // what somebody put there does not belong together
			}
			for _, a := range test.stopped {
				complaint(t, program(dir, a.args...), code, filepath.Dir(path))
			}
			for _, args := range test.notStopped {
				done(t, dir, args...)
			}
			unchanged(t, before, dir)
			overwrite(t, path, func([]byte) []byte { return good })
			done(t, dir, test.stopped[0].args...)
			wholeStore(t, dir)
		})
	}
}

// A damaged key is no obstacle to a renewal with a new one.
func TestTruncatedKeyIsRenewed(t *testing.T) {
	dir := foundStore(t, filepath.Join(t.TempDir(), "pki"))
	overwrite(t, filepath.Join(dir, "clients/laura/client-key.pem"), half)
	done(t, dir, "renew", "laura")
	wholeStore(t, dir)
}

// A CA whose key is lost is rotated out: the pairs it signed stay good until
// they are renewed.
func TestLostCAKeyIsReplaced(t *testing.T) {
	dir := foundStore(t, filepath.Join(t.TempDir(), "pki"))
	done(t, dir, "ca", "crl")
	if err := os.Remove(filepath.Join(dir, "ca", "1", "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	hint := complaint(t, program(dir, "renew", "laura"), exitFailed, "ca-key.pem")
	_, command, found := strings.Cut(hint, "replace the authority: ")
	if r := shell(t, command); !found || r.code != exitDone {
		t.Fatalf("%q ends with %d: %s", hint, r.code, r.talk)
	}
	done(t, dir, "ca", "rotate", "switch", "--renew")
	done(t, dir, "ca", "rotate", "finish")
	wholeStore(t, dir)
}

// Both files of the CA are another CA's: they fit each other, but not the
// ledger. Nothing may be signed with it.
func TestSwappedCA(t *testing.T) {
	dir := foundStore(t, filepath.Join(t.TempDir(), "pki"))
	other := foundStore(t, filepath.Join(t.TempDir(), "other"))
	folder := filepath.Join(dir, "ca", "1")
	kept := folder + ".kept"
	if err := os.Rename(folder, kept); err != nil {
		t.Fatal(err)
	}
	cloned(t, filepath.Join(other, "ca", "1"), folder)
	before := tree(t, dir)
	for _, a := range writingActs()[:6] {
		complaint(t, program(dir, a.args...), exitFailed, folder, "not the one that the ledger records")
	}
	unchanged(t, before, dir)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(kept, folder); err != nil {
		t.Fatal(err)
	}
	done(t, dir, "renew", "--all")
	wholeStore(t, dir)
}
