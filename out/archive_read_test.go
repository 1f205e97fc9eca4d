package out_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"myca/out"
)

// TestReader reads files of many lengths, and what ReadFile refuses.
func TestReader(t *testing.T) {
	dir := t.TempDir()
	var r out.Reader
	for range 2 {
		r.Reset()
		var read [][]byte
		sizes := []int{0, 1, 511, 512, 1000, 4096, 70_000, 3}
		for i, size := range sizes {
			path := filepath.Join(dir, "f")
			if err := os.WriteFile(path, bytes.Repeat([]byte{byte('a' + i)}, size), 0o600); err != nil {
				t.Fatal(err)
			}
			data, err := r.Read(path, 70_000)
			if err != nil {
				t.Fatal(err)
			}
			read = append(read, data)
		}
		for i, size := range sizes {
			if !bytes.Equal(read[i], bytes.Repeat([]byte{byte('a' + i)}, size)) {
				t.Errorf("file %d: %d bytes, want %d", i, len(read[i]), size)
			}
		}
	}
	path := filepath.Join(dir, "f")
	for name, test := range map[string]struct {
		make func() error
		want error
	}{
		"longer":  {func() error { return os.WriteFile(path, make([]byte, 11), 0o600) }, nil},
		"a link":  {func() error { return os.Symlink(filepath.Join(dir, "g"), path) }, nil},
		"folder":  {func() error { return os.Mkdir(path, 0o700) }, nil},
		"missing": {func() error { return nil }, fs.ErrNotExist},
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "g"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := test.make(); err != nil {
			t.Fatal(err)
		}
		data, err := r.Read(path, 10)
		_, same := out.ReadFile(path, 10)
		if err == nil || same == nil || test.want != nil && !errors.Is(err, test.want) || data != nil {
			t.Errorf("%s: %q, %v, where ReadFile says %v", name, data, err, same)
		}
	}
}
