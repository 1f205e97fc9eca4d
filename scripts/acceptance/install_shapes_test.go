package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/scripts/servers"
)

// TestOptionFileShapes: in option files as the packages of Debian, RHEL and
// Homebrew bring them, and as administrators make them of these, every byte that
// is not ours stays, and the server reads ours as intended. Each has an /etc of
// its own, so that the standard places are the real ones.
func TestOptionFileShapes(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		for _, shape := range shapes() {
			if shape.on != nil && !shape.on(p) {
				continue
			}
			t.Run(shape.name, func(t *testing.T) {
				s := unfurnished(t, bin, p, generated)
				s.issueServer(t)
				etc := shape.make(t, s.host)
				inView(t, map[string]string{"/etc": etc}, func() error {
					s.shaped(t, shape)
					return nil
				})
			})
		}
	})
}

// shape is one arrangement of option files.
type shape struct {
	name string
	on   func(p servers.Product) bool // nil: every product
	// files and links below /etc, by their paths; a link's text is where it
	// leads. CONF is the product's folder, "mysql.conf.d" or "mariadb.conf.d".
	files, links map[string]string
	// root is the file that the server reads: it is not told by --mycnf, unless
	// told is set. "" is none.
	root string
	told bool
	// changes is the file that ours go into.
	changes string
}

// make makes the /etc of a machine with these option files, and what programs
// need to run.
func (s shape) make(t *testing.T, h *host) string {
	t.Helper()
	etc := filepath.Join(h.server.Dir, "shape")
	if result := h.try("mkdir shape; cd /etc; for f in passwd group nsswitch.conf hosts ld.so.cache localtime ssl/openssl.cnf; do if [ -e $f ]; then cp -aL --parents $f " + etc + "; fi; done"); !result.OK() {
		t.Fatal(result.Stderr)
	}
	for path, text := range s.files {
		path = s.path(h.product, filepath.Join(etc, path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, s.path(h.product, text))
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, to := range s.links {
		path = s.path(h.product, filepath.Join(etc, path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(s.path(h.product, to), path); err != nil {
			t.Fatal(err)
		}
	}
	return etc
}

// path is text with the product's names in it.
func (s shape) path(p servers.Product, text string) string {
	conf, group := "mariadb.conf.d", "mariadb-"+p.Series()
	if p.MySQL() {
		conf, group = "mysql.conf.d", "mysqld-"+p.Series()
	}
	return strings.NewReplacer("CONF", conf, "VERSIONED", group).Replace(text)
}

// shaped installs while nothing runs, and starts the server on the result.
func (s *site) shaped(t *testing.T, shape shape) {
	args := []string{"install", "server", "localhost", "--socket", s.server.Socket}
	if shape.told {
		args = append(args, "--mycnf", "/etc/"+shape.root)
	}
	before := snapshot(t, "/etc")
	if result := s.tryMyca(args...); result.Code != 1 || !strings.Contains(result.Stderr, "nothing answers at socket "+s.server.Socket) {
		t.Errorf("at a socket without a server: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
	clients := filepath.Join(s.server.Dir, "clients.cnf")
	write(t, clients, "[client]\nsocket="+s.server.Socket+"\n")
	s.myca(t, append(slices.Clone(args[:3]), append(slices.Clone(args[5:]), "--defaults-file", clients)...)...)
	after := snapshot(t, "/etc")
	changed := "/etc/" + shape.path(s.product, shape.changes)
	if resolved, err := filepath.EvalSymlinks(changed); err == nil {
		changed = resolved
	}
	wantKept(t, before, after, changed)

	root := shape.root
	if root == "" {
		root = shape.changes
	}
	if err := s.server.Run(servers.Options{DefaultsFile: "/etc/" + root}); err != nil {
		t.Fatal(err)
	}
	if got, want := s.presents(t), s.issuedSerial(t); got != want {
		t.Errorf("the server presents %q, want %q; %s has\n%s", got, want, changed, after[changed].Content)
	}
	args = append(args, "--user", "root")
	if !shape.told { // its data folder is not the usual one, so it has to be told which file is its own
		s.wantOtherInstance(t, args)
		args = append(args, "--mycnf", "/etc/"+root)
	}
	s.myca(t, args...)
	if diff := cmp.Diff(after, snapshot(t, "/etc")); diff != "" {
		t.Errorf("a second run changed something:\n%s", diff)
	}
}

// wantOtherInstance wants a refusal, as the running server has another data folder
// than the one of the standard option files.
func (s *site) wantOtherInstance(t *testing.T, args []string) {
	t.Helper()
	before := snapshot(t, "/etc")
	result := s.tryMyca(args...)
	if result.Code != 1 || !strings.Contains(result.Stderr, s.data()) || !strings.Contains(result.Stderr, "--mycnf FILE") {
		t.Errorf("at a server with other option files: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
	if diff := cmp.Diff(before, snapshot(t, "/etc")); diff != "" {
		t.Errorf("a refused installation changed something:\n%s", diff)
	}
}

// ours are the lines of ours in an option file.
var ours = regexp.MustCompile(`(?s)# myca: begin server.*# myca: end server\r?\n`)

// wantKept wants everything to be as it was, with the exception of the file that
// was to change, of which every byte that is not ours stays, and of the folder of
// ours, and of what was not there.
func wantKept(t *testing.T, before, after map[string]entry, changed string) {
	t.Helper()
	for path, was := range before {
		now := after[path]
		if path == changed {
			now.Changed = was.Changed
			text := ours.ReplaceAllString(now.Content, "")
			if text == now.Content {
				t.Errorf("nothing of ours in %s:\n%q", path, now.Content)
			}
			end := "\n"
			if strings.Contains(was.Content, "\r\n") {
				end = "\r\n"
			}
			if text == was.Content+end && !strings.HasSuffix(was.Content, "\n") {
				text = was.Content
			}
			now.Content = text
			if strings.Contains(ours.FindString(after[path].Content), "\r\n") != (end == "\r\n") {
				t.Errorf("other ends of lines than the file's in ours: %q", after[path].Content)
			}
		}
		if now != was {
			t.Errorf("%s was\n%+v, now\n%+v", path, was, now)
		}
	}
	for path := range after {
		if _, was := before[path]; !was && path != changed && path != "/etc/mysql" && !strings.HasPrefix(path, "/etc/mysql/myca") {
			t.Errorf("%s was made", path)
		}
	}
	if _, there := after[changed]; !there {
		t.Errorf("no %s", changed)
	}
}
