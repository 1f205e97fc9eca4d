package main

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func samples(walls ...int) []sample {
	var all []sample
	for _, w := range walls {
		all = append(all, sample{wall: time.Duration(w) * time.Second, processor: time.Duration(10-w) * time.Second})
	}
	return all
}

func TestMedianOfEachFigure(t *testing.T) {
	got := median(samples(9, 1, 4))
	if got.wall != 4*time.Second || got.processor != 6*time.Second {
		t.Errorf("the median is %v", got)
	}
}

func TestMeanRatio(t *testing.T) {
	// Means 4 and 2, standard errors 2/√3 and 0: 2 ± 1/√3.
	ratio, spread := meanRatio(samples(2, 4, 6), samples(2, 2, 2), wall)
	if math.Abs(ratio-2) > 1e-9 || math.Abs(spread-1/math.Sqrt(3)) > 1e-9 {
		t.Errorf("the ratio is %g ± %g", ratio, spread)
	}
	if _, spread := meanRatio(samples(1), samples(1), wall); spread != 0 {
		t.Errorf("one sample has a spread of %g", spread)
	}
}

func TestGoals(t *testing.T) {
	if g := within("x", int64(13), int64(10), 1.3, "y"); !g.met || g.measured != "1.30 ×" {
		t.Errorf("%+v", g)
	}
	if g := within("x", int64(14), int64(10), 1.3, "y"); g.met {
		t.Errorf("%+v", g)
	}
}

// A floor that writes less than myca would make myca look slow, one that writes
// more would flatter it.
func TestFloorThatDiffers(t *testing.T) {
	for name, change := range map[string]func(folder string) error{
		"a file less": func(folder string) error { return os.Remove(filepath.Join(folder, "ledger.db")) },
		"smaller":     func(folder string) error { return os.Truncate(filepath.Join(folder, "ledger.db"), 900) },
	} {
		t.Run(name, func(t *testing.T) {
			store, floor := t.TempDir(), t.TempDir()
			for _, folder := range []string{store, floor} {
				if err := os.Mkdir(filepath.Join(folder, "clients"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, "ledger.db"), make([]byte, 1000), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := alike(store, floor); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			if err := change(floor); err != nil {
				t.Fatal(err)
			}
			if alike(store, floor) == nil {
				t.Error("the difference was not seen")
			}
		})
	}
}

func TestSizes(t *testing.T) {
	store := t.TempDir()
	for name, size := range map[string]int{
		"sql/a.sql": 1, "sql/b.sql": 2, "clients/a/my.cnf": 4, "clients/b/my.cnf": 8, "clients/a/client-key.pem": 16,
		"ledger.db": 32, "fleet/mysql-8.4/fleet.sql": 64,
	} {
		path := filepath.Join(store, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := measure(store)
	if err != nil {
		t.Fatal(err)
	}
	if got.files != 7 || got.bytes != 127 || got.sql != 3 || got.mycnf != 12 || len(got.others) != 2 ||
		got.others["ledger.db"] != 32 || got.others["fleet/mysql-8.4/fleet.sql"] != 64 {
		t.Errorf("%+v", got)
	}
}
