package optionfile

import (
	"io/fs"
	"strings"
	"testing/fstest"
)

// memory is a System of a map: absolute paths to content. A path that ends in
// a slash is an empty folder; "!" before a path is a file that everybody can
// write, "-" one that cannot be read.
type memory struct {
	fstest.MapFS
	unreadable map[string]bool
}

func newMemory(files map[string]string) memory {
	m := memory{fstest.MapFS{}, map[string]bool{}}
	for path, content := range files {
		file := &fstest.MapFile{Data: []byte(content), Mode: 0o644}
		if dir, is := strings.CutSuffix(path, "/"); is {
			path, file.Mode = dir, 0o755|fs.ModeDir
		}
		switch path[0] {
		case '!':
			path, file.Mode = path[1:], 0o666
		case '-':
			path = path[1:]
			m.unreadable[path] = true
		}
		m.MapFS[strings.TrimPrefix(path, "/")] = file
	}
	return m
}

func (m memory) name(op, path string) (string, error) {
	name := strings.TrimPrefix(path, "/")
	if !fs.ValidPath(name) || !strings.HasPrefix(path, "/") {
		return "", &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist}
	}
	if m.unreadable[path] && op != "stat" {
		return "", &fs.PathError{Op: op, Path: path, Err: fs.ErrPermission}
	}
	return name, nil
}

func (m memory) ReadFile(path string) ([]byte, error) {
	name, err := m.name("open", path)
	if err != nil {
		return nil, err
	}
	return m.MapFS.ReadFile(name)
}

func (m memory) Stat(path string) (fs.FileInfo, error) {
	name, err := m.name("stat", path)
	if err != nil {
		return nil, err
	}
	return m.MapFS.Stat(name)
}

func (m memory) ReadDir(path string) ([]string, error) {
	name, err := m.name("readdir", path)
	if err != nil {
		return nil, err
	}
	entries, err := m.MapFS.ReadDir(name)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}
