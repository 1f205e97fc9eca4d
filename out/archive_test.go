package out_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/out"
)

func pairFiles() []out.File {
	return []out.File{
		{Name: "ca-cert.pem", Data: []byte("ca\n"), Mode: 0o644},
		{Name: "client-cert.pem", Data: bytes.Repeat([]byte("cert\n"), 1000), Mode: 0o644},
		{Name: "client-key.pem", Data: []byte("key\n"), Mode: 0o600},
		{Name: "my.cnf", Mode: 0o600},
	}
}

// TestArchive reads an archive back.
func TestArchive(t *testing.T) {
	at := time.Date(2027, 3, 4, 5, 6, 7, 890, time.UTC)
	var a out.Archiver
	data, err := a.Archive(pairFiles(), at)
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(compressed)
	for _, want := range pairFiles() {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Name != want.Name || h.Mode != int64(want.Mode) || h.Uid != 0 || h.Gid != 0 || !h.ModTime.Equal(at.Truncate(time.Second)) || !bytes.Equal(got, want.Data) {
			t.Errorf("%+v with %d bytes, want %s %o with %d", h, len(got), want.Name, want.Mode, len(want.Data))
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last file: %v", err)
	}
}

// TestArchiveRepeats: the bytes depend on the arguments only, not on what the
// archiver made before.
func TestArchiveRepeats(t *testing.T) {
	at := time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC)
	var a, b out.Archiver
	if _, err := a.Archive([]out.File{{Name: "other", Data: []byte(strings.Repeat("x", 100_000)), Mode: 0o600}}, at); err != nil {
		t.Fatal(err)
	}
	first, err := a.Archive(pairFiles(), at)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Archive(pairFiles(), at.In(time.FixedZone("east", 3600)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("two archives of the same files differ")
	}
}

// TestArchiveByTar lets tar unpack an archive.
func TestArchiveByTar(t *testing.T) {
	program, err := exec.LookPath("tar")
	if err != nil {
		t.Skip("tar is not installed")
	}
	var a out.Archiver
	data, err := a.Archive(pairFiles(), time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.tar.gz")
	if err := out.Create(path, data, 0o600, false); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(program, "-xpzf", path, "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, want := range pairFiles() {
		info, err := os.Stat(filepath.Join(dir, want.Name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Mode, info.Mode()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
	}
}
