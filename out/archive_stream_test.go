package out_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/out"
)

func TestStream(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := out.CreateStream(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	piece := strings.Repeat("0123456789", 3000)
	for range 10 {
		s.WriteString(piece)
	}
	sum, err := s.Close()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != strings.Repeat(piece, 10) || sum != sha256.Sum256(data) || info.Mode() != 0o644 {
		t.Errorf("%d bytes, mode %v, or the checksum is wrong", len(data), info.Mode())
	}
	if _, err := out.CreateStream(path, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
}

// TestStreamDiscard: what is given up is gone.
func TestStreamDiscard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := out.CreateStream(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	s.WriteString("x")
	s.Discard()
	if there, err := out.Exists(path); err != nil || there {
		t.Errorf("there: %v, %v", there, err)
	}
}
