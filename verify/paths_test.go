package verify

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"myca/ca"
	"myca/dialect"
	"myca/finding"
)

// Files that are named are judged by their content and together.
func TestNamedFiles(t *testing.T) {
	for _, test := range []struct {
		name  string
		make  func(s *scene)
		files string
		want  string
		kinds string
	}{
		{"everything", nil, "server-cert.pem server-key.pem ca-cert.pem crl.pem", "", "certificate, key, ca, crl"},
		{"certificate alone", nil, "client-cert.pem", "", "certificate"},
		{"another's key", nil, "server-cert.pem client-key.pem", "key-mismatch", "certificate, key"},
		{"two pairs", nil, "server-cert.pem client-cert.pem client-key.pem server-key.pem", "", "certificate, certificate, key, key"},
		{"DER certificate and key", func(s *scene) {
			s.write("a.der", s.certificate("server").Raw, 0o644)
			block, _ := pem.Decode(s.read("server-key.pem"))
			s.write("b.der", block.Bytes, 0o600)
		}, "a.der b.der", "", "certificate, key"},
		{"encrypted", func(s *scene) { s.write("server-key.pem", s.encrypted("server"), 0o600) }, "server-cert.pem server-key.pem", "key-encrypted", "certificate, encrypted key"},
		{"text before", func(s *scene) {
			s.write("x", append([]byte("0 s:/CN=x\n"), s.read("server-cert.pem")...), 0o644)
		}, "x", "", "certificate"},
		{"encrypted, DER", func(s *scene) {
			block, _ := pem.Decode(s.encrypted("server"))
			s.write("x", block.Bytes, 0o600)
		}, "server-cert.pem x", "key-encrypted", "certificate, encrypted key"},
		{"key of an algorithm not known here", func(s *scene) { // Ed448, RFC 8410
			der := append([]byte{0x30, 71, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 59, 4, 57}, make([]byte, 57)...)
			s.write("x", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
		}, "x", "", "key"},
		{"combined", func(s *scene) {
			s.write("both.pem", slices.Concat(s.read("server-key.pem"), s.read("server-cert.pem")), 0o600)
		}, "both.pem", "", "certificate and key"},
		{"option file by its name", func(s *scene) { s.write("x.cnf", []byte("[mysqld]\nssl-mode=REQUIRED\n"), 0o644) }, "x.cnf", "option-unknown", "option file"},
		{"option file by its group", func(s *scene) { s.write("x", []byte("[mysqld]\nssl-mode=REQUIRED\n"), 0o644) }, "x", "option-unknown", "option file"},
		{"nothing", func(s *scene) { s.write("x", []byte("hello\n"), 0o644) }, "x", "file-unreadable", ""},
		{"empty", func(s *scene) { s.write("x", nil, 0o644) }, "x", "file-unreadable", ""},
		{"too long", func(s *scene) { s.write("x", bytes.Repeat([]byte{'\n'}, maxFile+1), 0o644) }, "x", "", ""},
		{"public key", func(s *scene) {
			s.write("x", []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), 0o644)
		}, "x", "", "public key"},
		{"OpenSSH's key", func(s *scene) {
			s.write("x", []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"), 0o600)
		}, "x", "file-unreadable", "key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, "mysql-8.4")
			if test.make != nil {
				test.make(s)
			}
			var paths []string
			for _, name := range strings.Fields(test.files) {
				paths = append(paths, s.path(name))
			}
			report := s.report(paths...)
			if got := strings.Join(kindsOf(report.Findings), " "); got != test.want {
				t.Errorf("%q, want %q: %v", got, test.want, report.Findings)
			}
			var kinds []string
			for _, e := range report.Examined {
				kinds = append(kinds, e.Kind)
			}
			if got := strings.Join(kinds, ", "); got != test.kinds {
				t.Errorf("examined %q, want %q", got, test.kinds)
			}
		})
	}
}

// A path that does not exist is the caller's mistake.
func TestPathsThatAreNotThere(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	must(t, os.Symlink("gone", s.path("dangling")))
	for _, name := range []string{"gone", "dangling", "gone/further"} {
		if _, err := s.disk.Paths(s.dir, s.path(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The trust can be given, and then counts for folders and option files too.
func TestGivenTrust(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.mycnf(serverOptions)
	other, _ := newAuthority(t, "/O=other/CN=other CA")
	s.disk.Trust, s.disk.TrustWhere = append(s.disk.Trust, other.Certificate), "other.pem"
	s.remove("crl.pem")
	for _, path := range []string{s.dir, s.path("my.cnf"), s.path("client-cert.pem")} {
		if got := kindsOf(s.report(path).Findings); !slices.Equal(got, []string{finding.ChainBroken}) {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// A report is of lists, never null, and adds up without saying anything twice.
func TestReportAsJSON(t *testing.T) {
	var r Report
	text, err := json.Marshal(r)
	must(t, err)
	if want := `{"examined":[],"options":[],"findings":[],"unseen":[],"errors":0,"warnings":0}`; string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	one := finding.New(finding.KeyExposed, "a.pem", "", "x")
	r.Add(Report{Findings: []finding.Finding{one}, Unseen: []string{"y"}, Examined: []Examined{{Path: "a.pem", Kind: "key"}}})
	r.Add(Report{Findings: []finding.Finding{one, finding.New(finding.ExpiresSoon, "a.pem", "", "x")}, Unseen: []string{"y"}})
	text, err = json.Marshal(r)
	must(t, err)
	if !strings.HasPrefix(string(text), `{"examined":[{"path":"a.pem","kind":"key","subject":null,"not_after":null}],"options":[],"findings":[{"id":"key-exposed",`) ||
		!strings.HasSuffix(string(text), `],"unseen":["y"],"errors":1,"warnings":1}`) || len(r.Findings) != 2 {
		t.Errorf("%s", text)
	}
}

// Every certificate beside the project, as a file that is named, ends with
// findings or none; the one that is cut off is told.
func TestFixturesAsFiles(t *testing.T) {
	certs, err := filepath.Glob(filepath.Join("..", "..", "shared", "fixtures", "certs", "*"))
	must(t, err)
	if len(certs) == 0 {
		t.Skip("needs the certificates beside the project")
	}
	public, err := Published()
	must(t, err)
	cut := 0
	for _, target := range []string{"mysql-8.4", "mariadb-11.8", "mysql-5.5"} {
		version, err := dialect.Parse(target)
		must(t, err)
		disk := Disk{Rules: Rules{Target: version, Now: now(), Public: public}, System: invented()}
		for _, path := range certs {
			report, err := disk.Paths(path)
			if err != nil || len(report.Examined) != 1 {
				t.Errorf("%s: %v, examined %v", path, err, report.Examined)
			}
			if slices.Contains(kindsOf(report.Findings), finding.FileUnreadable) {
				cut++
			}
		}
		if _, err := disk.Paths(certs...); err != nil {
			t.Errorf("all of them: %v", err)
		}
		if report, err := disk.Paths(filepath.Dir(certs[0])); err != nil || len(report.Examined) != len(certs)+1 {
			t.Errorf("the folder: %v, %d of %d examined", err, len(report.Examined)-1, len(certs))
		}
	}
	if len(certs) != 577 || cut != 3 {
		t.Errorf("%d certificates, %d times one that is cut off; want 577 and 3", len(certs), cut)
	}
}

// A pair of a store: as its own files and option file say.
func TestPair(t *testing.T) {
	for _, test := range []struct {
		name  string
		wreck func(s *scene, files *PairFiles)
		role  Role
		want  string
	}{
		{"server", nil, Server, ""},
		{"client", nil, Client, ""},
		{"the operator's own", func(s *scene, _ *PairFiles) { s.machine.owners["server-key.pem"] = 600 }, Server, ""},
		{"given to the server", func(s *scene, files *PairFiles) { files.Owner = "mysql:mysql" }, Server, ""},
		{"given to another", func(s *scene, files *PairFiles) { files.Owner = "other:mysql" }, Server, "server-cannot-read"},
		{"deployed elsewhere", func(s *scene, _ *PairFiles) {
			s.mycnf(strings.ReplaceAll(serverOptions, "@", "/nowhere/mysql"))
		}, Server, ""},
		{"no key", func(s *scene, _ *PairFiles) { s.remove("server-key.pem") }, Server, "file-missing"},
		{"another's key", func(s *scene, files *PairFiles) { files.Key = s.path("client-key.pem") }, Server, "key-mismatch"},
		{"no certificate in its file", func(s *scene, files *PairFiles) { s.write("server-cert.pem", []byte("x"), 0o644) }, Server, "file-unreadable"},
		{"wrong role", func(s *scene, files *PairFiles) { files.OptionFile = "" }, Client, "usage-wrong"},
		{"option file", func(s *scene, _ *PairFiles) { s.mycnf(serverOptions + "|ssl-mode=REQUIRED") }, Server, "option-unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, "mysql-8.4")
			kind := "server"
			s.mycnf(serverOptions)
			if test.name == "client" {
				kind = "client"
				s.mycnf(clientOptions)
			}
			files := PairFiles{Certificate: s.path(kind + "-cert.pem"), Key: s.path(kind + "-key.pem"), CA: s.path("ca-cert.pem"),
				CRL: s.path("crl.pem"), OptionFile: s.path("my.cnf")}
			if test.wreck != nil {
				test.wreck(s, &files)
			}
			report, err := s.disk.Pair("db1", test.role, files)
			must(t, err)
			if got := strings.Join(kindsOf(report.Findings), " "); got != test.want {
				t.Errorf("%q, want %q: %v", got, test.want, report.Findings)
			}
		})
	}
}

// memory is a machine whose files are in memory.
type memory struct {
	fakeMachine
	files fstest.MapFS
}

// inside is the path as package fs has it.
func inside(path string) string { return strings.TrimPrefix(filepath.Clean("./"+path), "/") }

func (m memory) ReadFile(path string) ([]byte, error)   { return m.files.ReadFile(inside(path)) }
func (m memory) Stat(path string) (fs.FileInfo, error)  { return m.files.Stat(inside(path)) }
func (m memory) Lstat(path string) (fs.FileInfo, error) { return m.files.Stat(inside(path)) }
func (m memory) Readlink(path string) (string, error)   { return m.files.ReadLink(inside(path)) }
func (m memory) ReadDir(path string) (names []string, err error) {
	entries, err := m.files.ReadDir(inside(path))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

// Whatever the bytes are, a file is classified, and what is found in it is whole.
func FuzzClassify(f *testing.F) {
	s := newScene(f, "mysql-8.4")
	for _, seed := range [][]byte{nil, []byte("[mysqld]\nssl-ca=x\n"), s.read("server-cert.pem"), s.read("server-key.pem"), s.read("crl.pem"),
		s.encrypted("server"), s.certificate("server").Raw, []byte("-----BEGIN X-----\n"), {0x30, 0x82, 0x01}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := classify(data)
		if len(m.keys) > 0 && !m.private {
			t.Error("there are keys, and it is not private")
		}
		if len(m.certs) > 0 && m.damage == "" && !m.der {
			if certs, err := ca.DecodeCertificates(data); err != nil || len(certs) != len(m.certs) {
				t.Errorf("%d certificates, DecodeCertificates: %d, %v", len(m.certs), len(certs), err)
			}
		}
		disk := s.disk
		disk.System = memory{s.machine, fstest.MapFS{"d/server-cert.pem": {Data: data, Mode: 0o604}, "d/my.cnf": {Data: data, Mode: 0o600}}}
		for _, path := range []string{"/d", "/d/server-cert.pem", "/d/my.cnf"} {
			if _, err := disk.Paths(path); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}

// What is wrong with PEM is told as it is.
func TestBrokenPEM(t *testing.T) {
	const begin, end, body = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "TUlJQg==\n"
	for text, want := range map[string]string{
		begin + body:                        "cut off: the PEM block has no END line",
		begin + "!!!\n" + end:               "damaged: what stands between the BEGIN and END line",
		begin + body + begin + body + "xyz": "2 PEM blocks begin, and only 0 of them are whole",
	} {
		if m := classify([]byte(text)); !strings.Contains(m.damage, want) {
			t.Errorf("%q: %s, want %q", text, m.damage, want)
		}
	}
}
