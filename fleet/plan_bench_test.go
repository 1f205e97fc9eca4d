package fleet

import (
	"strings"
	"testing"
)

// The plan of 10,000 clients that are all to be kept.
func BenchmarkSurvey(b *testing.B) {
	w := newWorld(b, 3650)
	text := strings.Replace(many, "{01..24}", "{00001..10000}", 1)
	m := w.read(text)
	p, err := Survey(b.Context(), w.store, m, w.options)
	if err == nil {
		err = p.Apply(b.Context(), func([]Step) error { return nil })
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := Survey(b.Context(), w.store, m, w.options)
		if err != nil || p.Count().Keep != m.Len() {
			b.Fatal(p.Count(), err)
		}
	}
}
