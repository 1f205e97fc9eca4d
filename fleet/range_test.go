package fleet

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	r := newRangeReader()
	for text, want := range map[string][]string{
		"a":                   {"a"},
		"":                    {""},
		"a-{1..3}":            {"a-1", "a-2", "a-3"},
		"{001..003}x":         {"001x", "002x", "003x"},
		"{8..11}":             {"8", "9", "10", "11"},
		"{08..11}":            {"08", "09", "10", "11"},
		"{8..011}":            {"008", "009", "010", "011"},
		"{0..1}":              {"0", "1"},
		"{5..5}":              {"5"},
		"{eu,us}":             {"eu", "us"},
		"{ eu , us }.x":       {"eu.x", "us.x"},
		"{1..2}-{a,b}-{7..8}": {"1-a-7", "2-b-8"},
		`\{1..3}`:             {"{1..3}"},
		`\{a,b}{1..2}`:        {"{a,b}1", "{a,b}2"},
		`\\{1..2}`:            {`\\1`, `\\2`},
		`a\/b{1..2}`:          {`a\/b1`, `a\/b2`},
		`\`:                   {`\`},
		"{}":                  {"{}"},
		"{a}":                 {"{a}"},
		"{":                   {"{"},
		"}{":                  {"}{"},
		"{{1..2}}":            {"{1}", "{2}"},
		"{a{1..2}":            {"{a1", "{a2"},
		"größe{1..2}":         {"größe1", "größe2"},
	} {
		got, err := r.read(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var all []string
		for i := range got.count {
			all = append(all, got.at(i))
		}
		if strings.Join(all, "|") != strings.Join(want, "|") || len(want) > 1 && got.constant() {
			t.Errorf("%q: %q, want %q", text, all, want)
		}
	}
}

func TestBadRanges(t *testing.T) {
	r := newRangeReader()
	for text, want := range map[string]string{
		"{3..1}":                     "descends",
		"{1..2}{1..3}":               "have 2 and 3 values",
		"{1..2}{a,b,c}":              "have 2 and 3 values",
		"{1..}":                      "is no range",
		"{..3}":                      "is no range",
		"{..}":                       "is no range",
		"{a..c}":                     "is no range",
		"{-1..3}":                    "is no range",
		"{1...3}":                    "is no range",
		"{1..9..2}":                  "is no range",
		"{1.5..3}":                   "is no range",
		"{1..3":                      "is not closed",
		"a{1..3{4..5}":               "is not closed",
		"{a,}":                       "empty element",
		"{,}":                        "empty element",
		"{a, ,b}":                    "empty element",
		"{1..1000001}":               "more than 1000000 values",
		"{0..99999999999999999999}":  "too large",
		"{1..9223372036854775807}":   "more than 1000000 values",
		"{99999999999999999999..1}a": "too large",
	} {
		if _, err := r.read(text); err == nil || !strings.Contains(err.Error(), want) || hintOf(err) == "" {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// A text that is put together of pieces expands to these pieces, whatever they
// are: what is to be a brace is escaped.
func TestRandomRanges(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	pieces := []string{"a", "/", `\{`, "}", ".", "ü", "1", " ", "@%", ",", ".."}
	r := newRangeReader()
	for range 2000 {
		count := 1 + random.IntN(20)
		want := make([]string, count)
		var text strings.Builder
		for range random.IntN(6) {
			switch random.IntN(3) {
			case 0:
				piece := pieces[random.IntN(len(pieces))]
				text.WriteString(piece)
				for i := range want {
					want[i] += strings.TrimPrefix(piece, `\`)
				}
			case 1:
				first, width := random.IntN(2000), random.IntN(6)
				last := first + count - 1
				from, to := fmt.Sprintf("%0*d", width, first), fmt.Sprintf("%0*d", width, last)
				if from[0] != '0' && to[0] != '0' || first == 0 && width < 2 {
					width = 0 // nothing says that there shall be zeros
				}
				fmt.Fprintf(&text, "{%s..%s}", from, to)
				for i := range want {
					want[i] += fmt.Sprintf("%0*d", width, first+i)
				}
			default:
				if count == 1 {
					continue
				}
				list := make([]string, count)
				for i := range list {
					list[i] = fmt.Sprintf("x%d", random.IntN(100))
					want[i] += list[i]
				}
				text.WriteString("{" + strings.Join(list, ",") + "}")
			}
		}
		got, err := r.read(text.String())
		if err != nil {
			t.Fatalf("seed %d: %q: %v", seed, text.String(), err)
		}
		if !got.constant() && got.count != count {
			t.Fatalf("seed %d: %q: %d texts, want %d", seed, text.String(), got.count, count)
		}
		for i := range want {
			if one := got.at(i); one != want[i] {
				t.Fatalf("seed %d: %q: %q, want %q", seed, text.String(), one, want[i])
			}
		}
	}
}
