//go:build unix && !race

package fleet

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"myca/scripts/harm"
	"myca/store"
)

// applyEnv makes TestApplyProgram the program that TestApplyKilled kills: the
// folder of a store, beside which lies the manifest.
const applyEnv = "MYCA_APPLY_RUN"

const applyManifest = "fleet.yaml"

// TestApplyProgram applies a manifest in a process of its own.
func TestApplyProgram(t *testing.T) {
	dir := os.Getenv(applyEnv)
	if dir == "" {
		t.Skip("it is run by TestApplyKilled")
	}
	text, err := os.ReadFile(filepath.Join(dir, "..", applyManifest))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := &world{TB: t, dir: dir, store: s, options: options()}
	w.options.Prune = true
	if _, err := w.batches(t.Context(), w.survey(string(text)), goOn); err != nil {
		t.Fatal(err)
	}
}

// TestApplyKilled: a process is killed between two of its changes. What it had
// done is there, and the same manifest does the rest.
func TestApplyKilled(t *testing.T) {
	binary := harm.Killable(t)
	for _, test := range []struct {
		step string
		done int // pairs of the manifest that are there
	}{{"batch:1", 10}, {"batch:2", 20}, {"batch:3", 24}, {"batches", 24}} {
		t.Run(test.step, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(entries("", `account: "gone@%"`))
			if err := os.WriteFile(filepath.Join(w.dir, "..", applyManifest), []byte(many), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.Command(binary, "-test.run=^TestApplyProgram$")
			c.Env = append(os.Environ(), applyEnv+"="+w.dir)
			var talk bytes.Buffer
			c.Stdout, c.Stderr = &talk, &talk
			harm.Kill(t, c, &talk, test.step)
			w.options.Prune = true
			if got, want := w.survey(many).Count(), (Count{Create: 24 - test.done, Keep: test.done, Revoke: 1}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			w.apply(many)
			if got := len(w.names()); got != 24 {
				t.Errorf("%d pairs", got)
			}
		})
	}
}
