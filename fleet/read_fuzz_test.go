package fleet

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"myca/issue"
)

// FuzzRead reads anything: every finding has a place in the text, and what has
// none can be made.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"testdata/manifest.yaml", "testdata/manifest-styles.yaml", "testdata/manifest-mistakes.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, m := range mistakes() {
		text, _ := marked(m.text)
		f.Add([]byte(text))
	}
	f.Add([]byte("clients:\n  - &a {account: a@x, password: none}\n  - {<<: [*a, *a], account: [b@x, b@y]}\n"))
	f.Add([]byte("a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nclients: *c\n"))
	f.Add([]byte(`{"servers":[{"name":"a","hosts":["a"]}],"clients":[]}`))
	g := ground()
	large := regexp.MustCompile(`[0-9]{4}`)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<14 || large.MatchString(regexp.MustCompile(`rsa-[0-9]+`).ReplaceAllString(string(text), "")) {
			return // ranges of thousands are slow, not wrong
		}
		m, err := Read("fleet.yaml", text, g)
		if err == nil {
			within(t, string(text), m.Notices)
			for i := range min(m.Len(), 1000) {
				makes(t, m.At(i), g)
			}
			return
		}
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 || m != nil {
			t.Fatalf("%v (%T)", err, err)
		}
		within(t, string(text), problems)
	})
}

// within checks that findings have a place in the text, in ascending order.
func within(t *testing.T, text string, problems Problems) {
	t.Helper()
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(text, "\n")
	last := place{}
	for _, p := range problems {
		at := place{p.Line, p.Column}
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[min(p.Line, len(lines))-1])+1 {
			t.Errorf("%v is not in the text", p)
		}
		if at.before(last) < 0 {
			t.Errorf("%v stands after line %d, column %d", p, last.line, last.column)
		}
		if p.Message == "" || strings.ContainsFunc(p.String()+p.Hint, unicode.IsControl) || !utf8.ValidString(p.Message) && utf8.ValidString(text) {
			t.Errorf("%q", p.Message)
		}
		last = at
	}
}

// makes checks that an identity can be made.
func makes(t *testing.T, x Identity, g Ground) {
	t.Helper()
	r := x.Request
	r.NotBefore = g.Now.Add(-time.Hour)
	r.NotAfter = r.NotBefore.AddDate(0, 0, x.Spec.Days)
	subject, err := issue.Request.Check(r, standIn(nil, "", r.NotBefore, r.NotAfter), g.Now)
	if err != nil {
		t.Errorf("%+v: %v", x, err)
	}
	if x.Spec.Subject == "" != (r.Subject == nil) || len(subject.Subject) == 0 {
		t.Errorf("%+v", x)
	}
}
