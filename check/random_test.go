package check_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"myca/check"
	"myca/dn"
)

// fleet is n certificates with names that differ in a number.
func fleet(t testing.TB, n int) func() iter.Seq2[check.Certificate, error] {
	raw, issuer := der(t, "/C=US/ST=WI/O=acme/OU=fleet/CN=app-0000000"), der(t, authority)
	return func() iter.Seq2[check.Certificate, error] {
		return func(yield func(check.Certificate, error) bool) {
			subject := slices.Clone(raw)
			for i := range n {
				copy(subject[len(subject)-7:], fmt.Sprintf("%07d", i))
				if !yield(check.Certificate{Name: "app", RawSubject: subject, RawIssuer: issuer}, nil) {
					return
				}
			}
		}
	}
}

// randomName has 2 to 6 attributes of different types, with values of what
// servers and terminals trip over.
func randomName(random *rand.Rand) dn.Name {
	types := []string{"2.5.4.6", "2.5.4.8", "2.5.4.7", "2.5.4.10", "2.5.4.11", "2.5.4.3", "1.2.840.113549.1.9.1", "2.5.4.5"}
	random.Shuffle(len(types), func(i, j int) { types[i], types[j] = types[j], types[i] })
	var name dn.Name
	for _, oid := range types[:2+random.IntN(5)] {
		value := []byte{byte('a' + random.IntN(26))}
		for range random.IntN(12) {
			switch random.IntN(6) {
			case 0:
				value = append(value, "/+ =,'\"#"[random.IntN(8)])
			case 1:
				value = append(value, []byte{0xC3, 0xBC}...)
			default:
				value = append(value, byte('A'+random.IntN(26)+32*random.IntN(2)))
			}
		}
		name = append(name, dn.RDN{{OID: oid, Tag: 12, Value: value}})
	}
	if random.IntN(4) == 0 {
		name[0] = append(name[0], dn.Attribute{OID: "2.5.4.45", Tag: 12, Value: fmt.Append(nil, random.IntN(1000))})
	}
	return name
}

// judgedOne is the view of the one account that requires a subject of a store
// with one certificate.
func judgedOne(t *testing.T, lib dn.Library, name dn.Name, required string) check.View {
	t.Helper()
	a := store(t, account("laura@%", issuer(authority), subject(required)))
	a.Library = lib
	a.Certificates = listing(certificate(t, "bob", bob), check.Certificate{Name: "laura", RawSubject: encode(t, name), RawIssuer: der(t, authority)})
	views, found := judged(t, a)
	if met := views[0].Satisfying > 0; met != (len(found) == 0) {
		t.Fatalf("met: %v, findings %v", met, ids(found))
	}
	return views[0]
}

// TestRandomNames: the exact name is met, and no other is; what an administrator
// may have done to it is told by its name.
func TestRandomNames(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	seen := map[string]int{}
	for range 1500 {
		name := randomName(random)
		lib := dn.Library(random.IntN(2)) // of those, the escapes are known
		line := name.OneLine(lib)
		if v := judgedOne(t, lib, name, line); v.Satisfying != 1 || v.Nearest != nil {
			t.Fatalf("%q is not met: %+v", line, v)
		}
		at := random.IntN(len(line))
		other := line[:at] + string(rune('!'+random.IntN(94))) + line[at+1:]
		if v := judgedOne(t, lib, name, other); (v.Satisfying == 1) != (other == line) {
			t.Fatalf("%q is met by %q: %+v", other, line, v)
		}
		for difference, changed := range mutations(random, name, lib) {
			if changed == line {
				continue
			}
			v := judgedOne(t, lib, name, changed)
			if v.Nearest == nil || v.Nearest.Name != "laura" || v.Nearest.Difference != difference {
				t.Fatalf("%s of\n%s\n%s\ngives %+v", difference, line, changed, v.Nearest)
			}
			if !strings.Contains(v.Nearest.Marked, "^") {
				t.Fatalf("nothing is marked:\n%s", v.Nearest.Marked)
			}
			seen[difference]++
		}
	}
	for _, difference := range []string{"order", "case", "escape", "blank"} {
		if seen[difference] < 200 {
			t.Errorf("only %d of %s", seen[difference], difference)
		}
	}
}

// mutations are the one-line name after one kind of change each.
func mutations(random *rand.Rand, name dn.Name, lib dn.Library) map[string]string {
	line := name.OneLine(lib)
	turned := slices.Clone(name)
	i := random.IntN(len(turned) - 1)
	turned[i], turned[i+1] = turned[i+1], turned[i]
	cased := []byte(line)
	for from := random.IntN(len(cased)); from < len(cased); from++ {
		// A digit of \xHH is none of the name's letters.
		if c := cased[from]; (c|0x20 >= 'a' && c|0x20 <= 'z') && !strings.Contains(line[max(0, from-3):from+1], `\`) {
			cased[from] ^= 0x20
			break
		}
	}
	escaped := line
	if i := strings.IndexByte(line, '\\'); i >= 0 {
		escaped = []string{line[:i] + line[i+1:], line[:i] + `\` + line[i:]}[random.IntN(2)]
	}
	blank := strings.LastIndexByte(line, '=') + 1
	return map[string]string{
		"order": turned.OneLine(lib), "case": string(cased), "escape": escaped, "blank": line[:blank] + " " + line[blank:],
	}
}
