package fleet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What cannot be written to is found out before anything is issued.
func TestCarryRefusesFirst(t *testing.T) {
	w := newWorld(t, 3650)
	w.options.Output = filepath.Join(t.TempDir(), "others")
	if err := os.MkdirAll(filepath.Join(w.options.Output, "mysql-8.4"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.options.Output, "mysql-8.4", "fleet.sql"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	told := 0
	_, err := w.survey(`clients: [{account: "a@%", password: none, key: ec-p256}]`).Carry(t.Context(), func([]Step) error { told++; return nil })
	if !errors.Is(err, fs.ErrExist) || told != 0 {
		t.Errorf("Carry = %v, told of %d batches", err, told)
	}
}

// A folder of outputs that cannot be made is found out before anything is issued;
// one that can be is not made in vain.
func TestCarryMakesFolder(t *testing.T) {
	w := newWorld(t, 3650)
	above := t.TempDir()
	w.options.Output = filepath.Join(above, "x", "y")
	told := 0
	_, err := w.survey(`clients: [{account: "a@%", password: none, key: ec-p256}]`).Carry(t.Context(), func([]Step) error { told++; return nil })
	var hint interface{ Hint() string }
	if !errors.Is(err, fs.ErrNotExist) || told != 0 || !errors.As(err, &hint) || !strings.HasPrefix(hint.Hint(), "mkdir -p ") {
		t.Errorf("Carry = %v, told of %d batches", err, told)
	}
	if err := os.Mkdir(filepath.Dir(w.options.Output), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := outputFolder(w.options.Output).makeable(); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(filepath.Dir(w.options.Output)); err != nil || len(entries) != 0 {
		t.Error(entries, err)
	}
	if _, err := w.survey(`clients: [{account: "a@%", password: none, key: ec-p256}]`).Carry(t.Context(), func([]Step) error { return nil }); err != nil {
		t.Error(err)
	}
}

// An identity's outputs wait for its pair, and end with the context.
func TestGate(t *testing.T) {
	g := newGate()
	ctx, cancel := context.WithCancel(t.Context())
	passed := make(chan error, 2)
	go func() { passed <- g.wait(ctx, 3) }()
	g.reach(2, nil, nil)
	select {
	case err := <-passed:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	g.reach(3, nil, nil)
	if err := <-passed; err != nil {
		t.Error(err)
	}
	g.reach(1, nil, nil) // never back
	if err := g.wait(ctx, 3); err != nil {
		t.Error(err)
	}
	go func() { passed <- g.wait(ctx, 4) }()
	cancel()
	if err := <-passed; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := (*gate)(nil).wait(ctx, 9); err != nil {
		t.Error(err)
	}
}
