//go:build unix

package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"myca/ca"
	"myca/finding"
)

// Each way to break a folder of certificates gives its finding and no other; the
// folder before it has none.
func TestBrokenFolders(t *testing.T) {
	for _, test := range []struct {
		name  string
		wreck func(s *scene)
		want  string // identifiers
		where string // of the first
	}{
		{"certificate cut off", func(s *scene) { s.write("server-cert.pem", s.read("server-cert.pem")[:200], 0o644) }, "file-unreadable", "server-cert.pem"},
		{"key cut off", func(s *scene) { s.write("server-key.pem", s.read("server-key.pem")[:100], 0o600) }, "file-unreadable", "server-key.pem"},
		{"key of garbage", func(s *scene) {
			s.write("server-key.pem", []byte("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"), 0o600)
		}, "file-unreadable", "server-key.pem"},
		{"link to nothing", func(s *scene) {
			s.remove("ca-cert.pem")
			must(s.t, os.Symlink("gone.pem", s.path("ca-cert.pem")))
		}, "file-missing", "ca-cert.pem"},
		{"no key of the server", func(s *scene) { s.remove("server-key.pem") }, "key-missing", "server-cert.pem"},
		{"no key of the client", func(s *scene) { s.remove("client-key.pem") }, "key-missing", "client-cert.pem"},
		{"another key", func(s *scene) {
			s.keys["server"] = s.keys["ca"]
			s.write("server-key.pem", s.keyPEM("server"), 0o600)
		}, "key-mismatch", "server-key.pem"},
		{"keys exchanged", func(s *scene) {
			must(s.t, os.Rename(s.path("server-key.pem"), s.path("x")))
			must(s.t, os.Rename(s.path("client-key.pem"), s.path("server-key.pem")))
			must(s.t, os.Rename(s.path("x"), s.path("client-key.pem")))
		}, "key-mismatch", "client-key.pem"},
		{"encrypted key", func(s *scene) { s.write("server-key.pem", s.encrypted("server"), 0o600) }, "key-encrypted", "server-key.pem"},
		{"key for all", func(s *scene) { must(s.t, os.Chmod(s.path("client-key.pem"), 0o644)) }, "key-exposed", "client-key.pem"},
		{"key that all may write", func(s *scene) { must(s.t, os.Chmod(s.path("client-key.pem"), 0o602)) }, "key-exposed", "client-key.pem"},
		{"copy of a key for all", func(s *scene) { s.write("server-key.pem.bak", s.keyPEM("server"), 0o604) }, "key-exposed", "server-key.pem.bak"},
		{"RSA pair of passwords for all", func(s *scene) { s.write("private_key.pem", s.keyPEM("client"), 0o644) }, "key-exposed", "private_key.pem"},
		{"combined file for all", func(s *scene) {
			s.write("both.pem", slices.Concat(s.read("server-cert.pem"), s.keyPEM("server")), 0o644)
		}, "key-exposed", "both.pem"},
		{"combined file of two pairs", func(s *scene) {
			s.write("both.pem", slices.Concat(s.read("server-cert.pem"), s.keyPEM("client")), 0o600)
		}, "key-mismatch", "both.pem"},
		{"bundle of another CA", func(s *scene) {
			other, _ := newAuthority(s.t, "/O=other/CN=other CA")
			s.write("ca-cert.pem", ca.EncodeCertificate(other.Certificate), 0o644)
			s.remove("crl.pem")
		}, "chain-broken", "client-cert.pem"},
		{"key of the operator", func(s *scene) {
			s.machine.owners["server-key.pem"], s.machine.owners[filepath.Base(s.dir)] = 0, 0
		}, "server-cannot-read", "server-key.pem"},
		{"bundle not for the server", func(s *scene) {
			s.machine.owners["ca-cert.pem"] = 0
			must(s.t, os.Chmod(s.path("ca-cert.pem"), 0o600))
		}, "server-cannot-read", "ca-cert.pem"},
		{"folder not for the server", func(s *scene) {
			s.machine.owners[filepath.Base(s.dir)] = 0
			must(s.t, os.Chmod(s.dir, 0o700))
		}, "server-cannot-read", "."},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, "mysql-8.4")
			if before := s.report(s.dir); len(before.Findings) > 0 || len(before.Unseen) > 0 {
				t.Fatalf("a sound folder: %v, unseen %q", before.Findings, before.Unseen)
			}
			test.wreck(s)
			report := s.report(s.dir)
			if got := strings.Join(kindsOf(report.Findings), " "); got != test.want {
				t.Fatalf("%q, want %q: %v", got, test.want, report.Findings)
			}
			if got := report.Findings[0].Where; got != s.path(test.where) {
				t.Errorf("found at %q, want %q", got, test.where)
			}
		})
	}
}

// What looks odd and is sound.
func TestSoundFolders(t *testing.T) {
	for _, test := range []struct {
		name  string
		alter func(s *scene)
	}{
		{"key for all in a closed folder", func(s *scene) {
			must(s.t, os.Chmod(s.path("client-key.pem"), 0o644))
			must(s.t, os.Chmod(s.dir, 0o700))
		}},
		{"key for a group", func(s *scene) { must(s.t, os.Chmod(s.path("server-key.pem"), 0o640)) }},
		{"combined file", func(s *scene) {
			s.write("both.pem", slices.Concat(s.read("server-cert.pem"), s.keyPEM("server")), 0o600)
			s.remove("server-cert.pem")
			s.remove("server-key.pem")
		}},
		{"other names", func(s *scene) {
			must(s.t, os.Rename(s.path("server-key.pem"), s.path("secret.txt")))
			must(s.t, os.Rename(s.path("server-cert.pem"), s.path("db1.crt")))
			must(s.t, os.Rename(s.path("ca-cert.pem"), s.path("acme.crt")))
		}},
		{"key under another name", func(s *scene) { must(s.t, os.Rename(s.path("server-key.pem"), s.path("secret.txt"))) }},
		{"intermediate without its root", func(s *scene) {
			s.remove("crl.pem")
			s.authority = s.intermediate()
			s.issue("server")
			s.issue("client")
			s.write("ca-cert.pem", ca.EncodeCertificate(s.authority.Certificate), 0o644)
		}},
		{"encrypted key of the CA", func(s *scene) { s.write("ca-key.pem", s.encrypted("ca"), 0o600) }},
		{"certificates of others", func(s *scene) {
			must(s.t, os.Rename(s.path("client-cert.pem"), s.path("laura.pem")))
			s.remove("client-key.pem")
		}},
		{"public key and request", func(s *scene) {
			s.write("public_key.pem", []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), 0o644)
			s.write("notes", []byte{0x30, 0x82, 0xff}, 0o644)
			s.write("ibdata1", make([]byte, 2<<20), 0o640)
		}},
		{"pipe", func(s *scene) { must(s.t, syscall.Mkfifo(s.path("pipe.pem"), 0o644)) }},
		{"folder of an ordinary user", func(s *scene) {
			s.machine.owners["server-key.pem"], s.machine.owners[filepath.Base(s.dir)] = 600, 600
		}},
		{"folder and files of root for the server's group", func(s *scene) {
			s.disk.ServerUser = "member"
			must(s.t, os.Chmod(s.path("server-key.pem"), 0o640))
			must(s.t, os.Chmod(s.dir, 0o750))
		}},
		{"root's server", func(s *scene) { s.disk.ServerUser = "root"; s.machine.owners["server-key.pem"] = 600 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, "mysql-8.4")
			test.alter(s)
			if report := s.report(s.dir); len(report.Findings) > 0 {
				t.Errorf("%v", report.Findings)
			}
		})
	}
}

// Who is asked for: the server's user is named, the data folder's owner, or mysql.
func TestServerUser(t *testing.T) {
	for _, test := range []struct {
		name  string
		alter func(s *scene)
		want  string
	}{
		{"named", func(s *scene) { s.disk.ServerUser = "other" }, "other"},
		{"by number", func(s *scene) { s.disk.ServerUser = "600" }, "other"},
		{"owner of the data folder", func(s *scene) {
			s.write("auto.cnf", []byte("[auto]\nserver-uuid=x\n"), 0o644)
			s.machine.owners[filepath.Base(s.dir)] = 600
		}, "other"},
		{"data folder of root", func(s *scene) {
			s.write("ibdata1", nil, 0o644)
			must(s.t, os.Chmod(s.dir, 0o755))
			s.machine.owners[filepath.Base(s.dir)], s.machine.owners["server-key.pem"] = 0, 600
		}, "mysql"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, "mysql-8.4")
			test.alter(s)
			report := s.report(s.dir)
			if len(report.Findings) != 1 || report.Findings[0].ID != finding.ServerCannotRead ||
				!strings.Contains(report.Findings[0].What, `"`+test.want+`"`) || report.Findings[0].Where != s.path("server-key.pem") {
				t.Errorf("want %s, who cannot read the server's key: %v", test.want, report.Findings)
			}
		})
	}
	s := newScene(t, "mysql-8.4")
	delete(s.machine.users, "mysql")
	if report := s.report(s.dir); len(report.Findings) > 0 || len(report.Unseen) != 1 || !strings.Contains(report.Unseen[0], "--server-user") {
		t.Errorf("without the user mysql: %v, unseen %q", report.Findings, report.Unseen)
	}
	s.disk.ServerUser = "nobody of that name"
	if _, err := s.disk.Paths(s.dir); err == nil {
		t.Error("an unknown user is no error")
	}
}

// The kernel's way: every folder of every symbolic link has to let in.
func TestAccessThroughLinks(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.write("archive/db1/server-key.pem", s.keyPEM("server"), 0o600)
	s.remove("server-key.pem")
	must(t, os.Symlink("archive/db1/server-key.pem", s.path("live.pem")))
	must(t, os.Symlink(s.path("live.pem"), s.path("server-key.pem")))
	if report := s.report(s.dir); len(report.Findings) > 0 {
		t.Errorf("through links: %v", report.Findings)
	}
	s.machine.owners["archive"] = 0
	must(t, os.Chmod(s.path("archive"), 0o700))
	s.remove("live.pem")
	must(t, os.Symlink("archive/db1/server-key.pem", s.path("latest.pem")))
	s.remove("server-key.pem")
	must(t, os.Mkdir(s.path("links"), 0o755))
	must(t, os.Symlink(s.path("latest.pem"), s.path("links/server-key.pem")))
	s.mycnf(strings.Replace(serverOptions, "@/server-key", "@/links/server-key", 1))
	report := s.report(s.path("my.cnf"))
	if got := strings.Join(kindsOf(report.Findings), " "); got != finding.ServerCannotRead {
		t.Fatalf("closed folder behind links: %v", report.Findings)
	}
	if f := report.Findings[0]; !strings.Contains(f.What, s.path("archive")) || !strings.Contains(f.Mend, "chmod o+x "+s.path("archive")) {
		t.Errorf("the folder is not named: %v", f)
	}
}

// What is no regular file is a finding where it is named, and never waited for.
func TestSpecialFiles(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	must(t, syscall.Mkfifo(s.path("pipe"), 0o600))
	s.mycnf("[mysql]|ssl-ca=@/pipe|ssl-mode=VERIFY_IDENTITY")
	for _, path := range []string{s.path("pipe"), s.path("my.cnf"), os.DevNull} {
		report := s.report(path)
		if got := strings.Join(kindsOf(report.Findings), " "); got != finding.FileUnreadable {
			t.Errorf("%s: %v", path, report.Findings)
		}
	}
	if _, err := OS().ReadFile(s.path("pipe")); err == nil {
		t.Error("a pipe is read")
	}
	s.mycnf("!include @/pipe|" + serverOptions)
	s.report(s.path("my.cnf"))
}
