package fleet

import (
	"errors"
	"fmt"
	"testing"
)

// TestReadUnnamedAuthority: a store is founded only with a subject of the
// manifest. What is wrong with the section is told instead where there is
// something wrong.
func TestReadUnnamedAuthority(t *testing.T) {
	for text, want := range map[string]string{
		"clients: []\n":                             "1:1 ca.subject",
		"\n\nca: {key: ec-p256}\n":                  "3:5 ca.subject",
		"ca:\n  days: 30\nclients: []\n":            "2:3 ca.subject",
		"ca: {subject: 7}\nclients: []\n":           "1:15 ca.subject",
		"ca: 7\nclients: []\n":                      "1:5 ca",
		"ca: {subjct: /CN=acme CA}\nclients: []\n":  "1:6 ca.subjct",
		"ca: {subject: /CN=acme CA}\nclients: []\n": "",
	} {
		on := ground()
		on.Founds = true
		_, err := Read("fleet.yaml", []byte(text), on)
		var problems Problems
		got := ""
		if errors.As(err, &problems) {
			for _, p := range problems {
				got += fmt.Sprintf("%d:%d", p.Line, p.Column) + " " + p.Path
			}
		}
		if got != want {
			t.Errorf("%q: %q, not %q: %v", text, got, want, err)
		}
		if _, err := Read("fleet.yaml", []byte("clients: []\n"), ground()); err != nil {
			t.Errorf("without founding: %v", err)
		}
	}
}
