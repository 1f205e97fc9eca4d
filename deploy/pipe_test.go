//go:build unix

package deploy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"myca/optionfile"
)

// An option file that is a pipe, or that has no end, is refused and not waited
// for.
func TestOptionFileThatIsNone(t *testing.T) {
	for name, test := range map[string]struct {
		put  func(path string) error
		says string
	}{
		"pipe":   {func(path string) error { return syscall.Mkfifo(path, 0o644) }, "it is a pipe"},
		"folder": {func(path string) error { return os.Mkdir(path, 0o755) }, "it is a folder"},
		"long": {func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, maxFile+1))
		}, "more than 16 MiB"},
	} {
		_, c := home(t)
		path := filepath.Join(c.Options.Home, ".my.cnf")
		if err := test.put(path); err != nil {
			t.Fatal(err)
		}
		if c.Owner != nil {
			if err := os.Chown(path, c.UID, c.Owner.GID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Plan(); err == nil || !strings.Contains(err.Error(), test.says) || hint(err) == "" {
			t.Errorf("%s: %v (%s)", name, err, hint(err))
		}
		if _, err := c.Options.Place(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
		o := ServerOptions{System: optionfile.OS(), Version: c.Options.Version, File: path, Text: "[mysqld]\nssl_ca=/x\n"}
		if _, err := o.Place(); err == nil {
			t.Errorf("%s: a server's is edited", name)
		}
	}
}

// What becomes a pipe between two looks is not waited for either.
func TestDiskReadsNoPipe(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o644), os.Symlink("pipe", link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, link} {
		if _, err := (disk{optionfile.OS()}).ReadFile(path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%v", err)
		}
	}
}
