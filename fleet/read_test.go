package fleet

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestManyMistakes reads a manifest with more than fifty mistakes: each is one
// finding, at its place, and there is no other.
func TestManyMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/manifest-mistakes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plain, want := marked(string(data))
	if len(want) < 50 {
		t.Fatalf("only %d marks", len(want))
	}
	for _, text := range []string{plain, strings.ReplaceAll(plain, "\n", "\r\n")} {
		got := findingsOf(t, text)
		var at []place
		for _, p := range got {
			at = append(at, place{p.Line, p.Column})
			if !slices.Contains(want, place{p.Line, p.Column}) {
				t.Errorf("not expected: %v", p)
			}
		}
		for _, p := range want {
			if !slices.Contains(at, p) {
				t.Errorf("missing: %v", p)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d findings, want %d", len(got), len(want))
		}
	}
}
