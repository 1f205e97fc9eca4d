package fleet

import (
	"fmt"

	"myca/ca"
	"myca/store"
	"myca/templates"
)

// disagreements is where the manifest describes another authority than the one
// that signs; nil when it does not. As a rule it is another store's manifest, so
// that the hints ask for this before anything else.
func disagreements(s *store.Store, m *Manifest, a *ca.Authority) Problems {
	dir := templates.Shell(s.Dir())
	first := "is " + dir + " the right store? --dir names another; else take it out of the manifest, or "
	rotate := ": myca --dir " + dir + " ca rotate begin "
	var problems Problems
	say := func(field string, at place, hint, format string, args ...any) {
		problems = append(problems, Problem{
			File: m.Name, Line: at.line, Column: at.column, Path: "ca." + field, Message: fmt.Sprintf(format, args...), Hint: hint,
		})
	}
	if want := m.CA.Subject; want != nil && want.String() != a.Subject.String() {
		say("subject", m.CA.subjectAt, first+"give the authority another subject, which all accounts that require an issuer have to follow"+rotate+"--subject "+templates.Shell(want.String()),
			"%q is not the subject of the authority that signs, %q", want, a.Subject)
	}
	if want, is := m.CA.Key, ca.KeyTypeOf(a.Certificate.PublicKey); want != "" && want != is {
		say("key", m.CA.keyAt, first+"give the authority another key"+rotate+"--key "+string(want),
			"the key of the authority that signs is of type %s, not %s", is, want)
	}
	return problems
}
