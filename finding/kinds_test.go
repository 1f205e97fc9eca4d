package finding_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"myca/finding"
)

var update = flag.Bool("update", false, "rewrite kinds.md from the table")

// kinds.md is the table as documentation: `go test ./finding -update` writes it.
func TestDocumentation(t *testing.T) {
	const name = "kinds.md"
	want := document(finding.Kinds())
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not the table of kinds.go: run go test ./finding -update, and read the difference", name)
	}
}

func document(kinds []finding.Kind) []byte {
	var b bytes.Buffer
	b.WriteString(`# What verify and check find

Made from the table in kinds.go by ` + "`go test ./finding -update`" + `. An error ends the command with exit code 3, a
warning does not. In what mends it, NAME is a pair of the store, HOST a server's name, FILE a path.

| identifier | severity | found by | what | why it matters | what mends it |
|---|---|---|---|---|---|
`)
	for _, k := range kinds {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", k.ID, k.Severity, k.By, cell(k.What), cell(k.Why), cell(k.Mend))
	}
	return b.Bytes()
}

// cell keeps a text in its cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}

func TestIdentifiers(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, k := range finding.Kinds() {
		if !form.MatchString(k.ID) {
			t.Errorf("identifier %q is not lower-case words joined by dashes", k.ID)
		}
		if seen[k.ID] {
			t.Errorf("identifier %q is there twice", k.ID)
		}
		seen[k.ID] = true
		if k.Severity != finding.Error && k.Severity != finding.Warning {
			t.Errorf("%s has the severity %q", k.ID, k.Severity)
		}
		if k.By != finding.ByVerify && k.By != finding.ByCheck && k.By != finding.ByBoth {
			t.Errorf("%s is found by %q", k.ID, k.By)
		}
	}
}

// Texts are continued by other texts: no capital at the beginning unless the
// word has it anywhere (TLS, MySQL, ALTER), no full stop at the end, one line.
func TestTexts(t *testing.T) {
	capitalised := regexp.MustCompile(`^[A-Z][a-z]*\b`)
	for _, k := range finding.Kinds() {
		for column, text := range map[string]string{"what": k.What, "why": k.Why, "mend": k.Mend} {
			switch {
			case text == "":
				t.Errorf("%s: %s is empty", k.ID, column)
			case capitalised.MatchString(text):
				t.Errorf("%s: %s begins with a capital: %q", k.ID, column, text)
			case strings.HasSuffix(text, "."):
				t.Errorf("%s: %s ends with a full stop: %q", k.ID, column, text)
			case strings.ContainsAny(text, "\n\t"), strings.TrimSpace(text) != text:
				t.Errorf("%s: %s is not one line: %q", k.ID, column, text)
			}
		}
	}
}

func TestNew(t *testing.T) {
	f := finding.New(finding.Expired, "server-cert.pem", "", "%q ended on %s", "db1", "2026-01-02")
	kind, known := finding.Lookup(finding.Expired)
	want := finding.Finding{ID: "expired", Severity: finding.Error, Where: "server-cert.pem", What: `"db1" ended on 2026-01-02`, Why: kind.Why, Mend: kind.Mend}
	if !known || f != want {
		t.Errorf("got %+v\nwant %+v", f, want)
	}
	// without arguments the text stands as it is: a path may hold a %
	if f := finding.New(finding.SANMissing, "x", "myca renew db1", "100%"); f.What != "100%" || f.Mend != "myca renew db1" || f.Severity != finding.Warning {
		t.Errorf("got %+v", f)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown identifier is taken")
		}
	}()
	finding.New("no-such-kind", "x", "", "x")
}

func TestErrors(t *testing.T) {
	list := []finding.Finding{{Severity: finding.Error}, {Severity: finding.Warning}, {Severity: finding.Error}}
	if got := finding.Errors(list); got != 2 {
		t.Errorf("got %d errors, want 2", got)
	}
	if got := finding.Errors(nil); got != 0 {
		t.Errorf("got %d errors in nothing", got)
	}
}
