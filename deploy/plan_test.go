//go:build unix

package deploy

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"myca/out"
)

func TestPlanKeepsWhatDiffers(t *testing.T) {
	dir := world(t, t.TempDir())
	p := plan(t, dir, "new")
	var folders, files []string
	for _, f := range p.Folders {
		folders = append(folders, strings.TrimPrefix(f.Path, dir+"/"))
	}
	for _, f := range p.Files {
		files = append(files, strings.TrimPrefix(f.Path, dir+"/"))
	}
	if want := []string{"etc/mysql/myca", "etc/mysql/myca/deep"}; !slices.Equal(folders, want) {
		t.Errorf("folders %q, want %q", folders, want)
	}
	want := []string{"data/ca-cert.pem", "data/server-cert.pem", "data/server-key.pem", "data/mode.pem",
		"etc/mysql/myca/deep/server-key.pem", "etc/mysql/myca/deep/server-cert.pem",
		"etc/mysql/mariadb.cnf", "etc/mysql/conf.d/zz-myca.cnf"}
	if !slices.Equal(files, want) {
		t.Errorf("files %q, want %q", files, want)
	}
	if len(p.Notices) != 1 || !strings.Contains(p.Notices[0], "links stay") {
		t.Errorf("notices %q", p.Notices)
	}
	if was := p.Files[2].Was; was == nil || string(was.Data) != "old key \x00\xff\n" || was.Mode != 0o400 || was.Owner != *mysql() {
		t.Errorf("the key was %+v", was)
	}
	if p.Files[4].Was != nil {
		t.Errorf("a new file was %+v", p.Files[4].Was)
	}
}

func TestPlanOfHardLinks(t *testing.T) {
	dir := world(t, t.TempDir())
	path := filepath.Join(dir, "data/ca-cert.pem")
	if err := os.Link(path, path+".2"); err != nil {
		t.Fatal(err)
	}
	p := plan(t, dir, "new")
	if !slices.ContainsFunc(p.Notices, func(s string) bool { return strings.Contains(s, "one of 2 names") }) {
		t.Errorf("notices %q", p.Notices)
	}
}

func TestPlanRefuses(t *testing.T) {
	tests := map[string]struct {
		prepare func(dir string) error
		folder  string
		file    File // its Path in dir
		kind    error
		says    string
	}{
		"key is a link": {prepare: func(dir string) error { return os.Symlink("server-key.pem", dir+"/data/link.pem") },
			file: File{Path: "data/link.pem"}, says: "only option files are replaced through links"},
		"dangling": {prepare: func(dir string) error { return os.Symlink("none", dir+"/etc/my.cnf") },
			file: File{Path: "etc/my.cnf", Options: true}, says: "leads to nothing"},
		"circle": {prepare: func(dir string) error { return os.Symlink("my.cnf", dir+"/etc/my.cnf") },
			file: File{Path: "etc/my.cnf", Options: true}, says: "my.cnf"},
		"file is a folder": {file: File{Path: "etc/mysql"}, says: "it is a folder"},
		"link to a folder": {prepare: func(dir string) error { return os.Symlink("mysql", dir+"/etc/my.cnf") },
			file: File{Path: "etc/my.cnf", Options: true}, says: "it is a folder"},
		"pipe": {prepare: func(dir string) error { return syscall.Mkfifo(dir+"/data/pipe", 0o600) },
			file: File{Path: "data/pipe"}, says: "it is a pipe"},
		"device":             {file: File{Path: "//dev/null"}, says: "it is a device"},
		"folder is a file":   {folder: "data/ca-cert.pem", says: "it is a file"},
		"below a file":       {folder: "data/ca-cert.pem/deep", says: "cannot be reached"},
		"file below a file":  {file: File{Path: "data/ca-cert.pem/x"}, says: "cannot be reached"},
		"folder is missing":  {file: File{Path: "none/x"}, says: "no such file"},
		"relative":           {file: File{Path: "./x"}, says: "absolute path"},
		"no UTF-8":           {file: File{Path: "data/\xff"}, says: "UTF-8"},
		"two of them":        {file: File{Path: "data/twice"}, says: "written twice"},
		"content differs":    {file: File{Path: "data/ca-cert.pem", From: []byte("x")}, kind: ErrChanged, says: "changed by somebody else"},
		"made meanwhile":     {file: File{Path: "data/ca-cert.pem", Fresh: true}, kind: ErrChanged, says: "changed by somebody else"},
		"removed meanwhile":  {file: File{Path: "data/none", From: []byte{}}, kind: ErrChanged, says: "changed by somebody else"},
		"link of a stranger": {prepare: foreignLink, file: File{Path: "etc/my.cnf", Options: true}, says: "leads to what belongs to user"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := world(t, t.TempDir())
			if name == "link of a stranger" && os.Geteuid() != 0 {
				t.Skip("giving a link away needs root")
			}
			if test.prepare != nil {
				if err := test.prepare(dir); err != nil {
					t.Fatal(err)
				}
			}
			before := scene(t, dir)
			var folders []Folder
			var files []File
			if test.folder != "" {
				folders = []Folder{{Path: filepath.Join(dir, test.folder)}}
			} else {
				f := test.file
				switch {
				case strings.HasPrefix(f.Path, "//"):
					f.Path = f.Path[1:]
				case !strings.HasPrefix(f.Path, "."):
					f.Path = filepath.Join(dir, f.Path)
				}
				files = []File{f}
				if name == "two of them" {
					files = append(files, f)
				}
			}
			kind := test.kind
			if kind == nil {
				kind = ErrRefused
			}
			p, err := NewPlan(folders, files)
			if !errors.Is(err, kind) || !strings.Contains(err.Error(), test.says) || hint(err) == "" || !p.Empty() {
				t.Errorf("%v with hint %q, want %v: %q", err, hint(err), kind, test.says)
			}
			asBefore(t, dir, before, true)
		})
	}
}

// foreignLink is a link of a user to a file of root.
func foreignLink(dir string) error {
	return errors.Join(os.Symlink("mysql/mariadb.cnf", dir+"/etc/my.cnf"), os.Lchown(dir+"/etc/my.cnf", 4711, -1))
}

// Everything that is in the way is told at once.
func TestPlanTellsAll(t *testing.T) {
	dir := world(t, t.TempDir())
	_, err := NewPlan([]Folder{{Path: filepath.Join(dir, "data/ca-cert.pem")}}, []File{{Path: filepath.Join(dir, "none/x")}, {Path: "x"}})
	for _, part := range []string{"ca-cert.pem", "none/x", `"x" is not an absolute`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not tell of %q", err, part)
		}
	}
}

func TestPlanOfAnotherOwner(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root gives files to anybody")
	}
	dir := world(t, t.TempDir())
	_, err := NewPlan([]Folder{{Path: dir + "/new", Owner: &out.Owner{UID: 0, GID: -1}}},
		[]File{{Path: dir + "/data/new", Owner: &out.Owner{UID: 0, GID: 0}}})
	if !errors.Is(err, ErrRefused) || !strings.Contains(hint(err), "root") || strings.Count(err.Error(), "user 0") != 2 {
		t.Errorf("%v with hint %q", err, hint(err))
	}
}

// A folder through a link of whoever runs is where the link leads.
func TestPlanThroughLinks(t *testing.T) {
	dir := world(t, t.TempDir())
	for link, to := range map[string]string{"one": "two/../three", "three": dir + "/data"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir+"/two", 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan([]Folder{{Path: dir + "/one"}}, []File{{Path: dir + "/one/new.pem"}})
	if err != nil || len(p.Folders) != 0 || len(p.Files) != 1 || p.Files[0].Path != dir+"/data/new.pem" {
		t.Errorf("%+v, %v", p, err)
	}
}
