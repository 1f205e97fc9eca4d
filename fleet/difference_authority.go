package fleet

import (
	"fmt"

	"myca/ca"
	"myca/templates"
)

// disagreements is where the manifest describes another authority than the one
// that signs; nil when it does not.
func disagreements(m *Manifest, a *ca.Authority) Problems {
	var problems Problems
	say := func(field string, at place, hint, format string, args ...any) {
		problems = append(problems, Problem{
			File: m.Name, Line: at.line, Column: at.column, Path: "ca." + field, Message: fmt.Sprintf(format, args...), Hint: hint,
		})
	}
	if want := m.CA.Subject; want != nil && want.String() != a.Subject.String() {
		say("subject", m.CA.subjectAt, fmt.Sprintf("take it out of the manifest, name another store with --dir, or give the authority another subject: myca ca rotate begin --subject %s",
			templates.Shell(want.String())),
			"%q is not the subject of the authority that signs, %q", want, a.Subject)
	}
	if want, is := m.CA.Key, ca.KeyTypeOf(a.Certificate.PublicKey); want != "" && want != is {
		say("key", m.CA.keyAt, fmt.Sprintf("take it out of the manifest, or give the authority another key: myca ca rotate begin --key %s", want),
			"the key of the authority that signs is of type %s, not %s", is, want)
	}
	return problems
}
