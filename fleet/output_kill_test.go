//go:build unix && !race

package fleet

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/scripts/harm"
	"myca/store"
)

// outputsEnv, the folder of a store, makes TestOutputsKilled the program that it
// kills.
const outputsEnv = "MYCA_OUTPUTS_RUN"

// newOutputs writes the outputs of a store anew.
func newOutputs(t *testing.T, dir string) {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := provisioned{all: mixed(t)}
	p.outputs = outputs{
		store: s, count: len(p.all), at: func(i int) Identity { return p.all[i] }, version: "1.2.4", archive: true,
		folder: outputFolder(filepath.Join(dir, "fleet")), secret: func(Identity) (*string, error) { return new("from a file"), nil },
	}
	p.outputsOf(t, true)
}

// TestOutputsKilled: a process is killed after each step. Then each file is the
// old one or the new one, and the next call makes all of them new.
func TestOutputsKilled(t *testing.T) {
	if dir := os.Getenv(outputsEnv); dir != "" {
		newOutputs(t, dir)
		return
	}
	binary := harm.Killable(t)
	steps := []string{"outputs staged", "output placed:1", "output placed:5", "output placed:11", "inventory placed"}
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			p := provision(t, mixed(t)...)
			p.outputsOf(t, true)
			old := tree(t, string(p.folder))
			program := exec.Command(binary, "-test.run=^TestOutputsKilled$")
			program.Env = append(os.Environ(), outputsEnv+"="+p.store.Dir())
			var talk bytes.Buffer
			program.Stdout, program.Stderr = &talk, &talk
			harm.Kill(t, program, &talk, step)
			killed := tree(t, string(p.folder))
			p.version, p.archive = "1.2.4", true
			p.outputsOf(t, true)
			p.outputsOf(t, false)
			p.checkInventory(t)
			now := tree(t, string(p.folder))
			for name, content := range killed {
				if !strings.HasPrefix(name, stagingName) && content != old[name] && content != now[name] {
					t.Errorf("%s is neither the old one nor the new one:\n%s", name, content)
				}
			}
			if _, there := now[stagingName]; there {
				t.Error("the staging folder is left")
			}
			if !json.Valid([]byte(strings.TrimPrefix(killed[inventoryName], "-rw------- "))) {
				t.Error("the inventory is cut short")
			}
		})
	}
}

// TestOutputsTogether: several that write at a time, with different outputs, do
// not mix them.
func TestOutputsTogether(t *testing.T) {
	p := provision(t, mixed(t)...)
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			o := p.outputs
			o.archive = i%2 == 0
			if _, err := o.write(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	p.checkInventory(t)
	p.archive = true
	if _, err := p.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.outputsOf(t, false)
	want := tree(t, string(p.folder))
	p.version = "1.2.4"
	p.outputsOf(t, true)
	p.version = "1.2.3"
	p.outputsOf(t, true)
	if diff := cmp.Diff(want, tree(t, string(p.folder))); diff != "" {
		t.Errorf("files (-together +alone):\n%s", diff)
	}
}
