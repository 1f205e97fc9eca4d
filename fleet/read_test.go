package fleet

import (
	"encoding/json"
	"fmt"
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

// expect is what the identities of a manifest are recorded as.
func records(t *testing.T, text []byte, g Ground) []string {
	t.Helper()
	m, err := Read("fleet.yaml", text, g)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range m.Len() {
		x := m.At(i)
		spec, err := json.Marshal(x.Spec)
		if err != nil {
			t.Fatal(err)
		}
		line := string(x.Request.Kind) + " " + x.Request.Name + " " + x.Target.String() + " " + string(spec)
		if x.Replicates != nil {
			line += fmt.Sprintf(" %+v", *x.Replicates)
		}
		if x.Secret.File != "" {
			line += " " + x.Secret.File
		}
		all = append(all, line)
	}
	return all
}

// TestStyles reads every style of YAML and every field.
func TestStyles(t *testing.T) {
	text, err := os.ReadFile("testdata/manifest-styles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range records(t, text, ground()) {
		fmt.Println(line)
	}
}
