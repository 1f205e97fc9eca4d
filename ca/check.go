package ca

import (
	"fmt"
	"time"

	"myca/dn"
)

// maxName is the size of the columns of mysql.user that hold a name, in octets.
const maxName = 65535

// maxExpansion is how many times longer a name can be as a server renders it
// than it is in DER: an octet becomes \xHH.
const maxExpansion = 4

// storable says whether the grant tables can hold what a server renders.
func storable(n dn.Name) bool {
	line := n.OneLine(dn.OpenSSL3)
	return line != "" && len(line) <= maxName
}

// CheckSubject finds what is wrong with a subject, of an authority or of what
// it signs: an empty one, one that the grant tables cannot hold, and every
// reason why it is not portable. With allowNonportable those are notices.
// Other remarks (dn.Notes) are notices always.
func CheckSubject(n dn.Name, allowNonportable bool) (problems Problems, notices []string) {
	if len(n) == 0 {
		return Problems{{"subject", "the subject is empty", "/CN=NAME"}}, nil
	}
	der, err := n.DER()
	if err != nil {
		return Problems{FieldProblem("subject", err)}, nil
	}
	if len(der) > maxName/maxExpansion && !storable(n) {
		return Problems{{
			"subject", fmt.Sprintf("the subject is longer than the %d characters that the grant tables hold", maxName),
			"a shorter one",
		}}, nil
	}
	for _, reason := range dn.Portable(n) {
		if allowNonportable {
			notices = append(notices, fmt.Sprintf("subject %q is not portable: %s", n, reason))
			continue
		}
		problems = append(problems, Problem{
			"subject", fmt.Sprintf("%q is not portable: %s", n, reason),
			"another subject, or --allow-nonportable-subject when every server uses the same TLS library",
		})
	}
	for _, note := range dn.Notes(n) {
		notices = append(notices, fmt.Sprintf("subject %q: %s", n, note))
	}
	return problems, notices
}

// CheckValidity finds what is wrong with a validity: an end that is past at
// now or not after the beginning, a time that is not set, or one outside the
// years 1950 to 9999 that a certificate can hold (RFC 5280 section 4.1.2.5). A
// zero now is not compared. The fields are "not_before" and "not_after".
func CheckValidity(notBefore, notAfter, now time.Time) Problems {
	var problems Problems
	for _, t := range []struct {
		field string
		time  time.Time
	}{{"not_before", notBefore}, {"not_after", notAfter}} {
		switch year := t.time.UTC().Year(); {
		case t.time.IsZero():
			problems = append(problems, Problem{t.field, "the time is not set", "2030-01-31T00:00:00Z"})
		case year < 1950 || year > 9999:
			problems = append(problems, Problem{
				t.field, fmt.Sprintf("a certificate cannot hold the year %d", year),
				"a year from 1950 to 9999",
			})
		}
	}
	if problems != nil {
		return problems
	}
	switch notBefore, notAfter := Second(notBefore), Second(notAfter); {
	case !now.IsZero() && !notAfter.After(now):
		problems = Problems{{
			"not_after", fmt.Sprintf("the end %s is past", stamp(notAfter)),
			"a time after " + stamp(Second(now)),
		}}
	case !notAfter.After(notBefore):
		problems = Problems{{
			"not_after", fmt.Sprintf("the end %s is not after the beginning %s", stamp(notAfter), stamp(notBefore)),
			"a time after " + stamp(notBefore),
		}}
	}
	return problems
}

// Second is t in UTC with the fraction of the second cut off, as a
// certificate holds it.
func Second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
