package templates

import (
	"fmt"
	"strings"

	"myca/dialect"
	"myca/dn"
)

// notes are the comment lines that say what the statements do on this server.
// They hold no quotes.
func (a Accounts) notes() []string {
	var n notes
	if !a.Target.TestedOnServer() {
		n.add("Not tested on a server: no %s was at hand. Written from its documentation.", a.Target)
	}
	if a.Password != nil {
		n.add("This file holds a password: let nobody else read it.")
	}
	switch a.Mode {
	case New:
		a.noteNew(&n)
		a.noteMade(&n)
	case IfNotExists:
		if a.guarded() {
			n.add("An account that exists already keeps its password and gets this requirement.")
		} else {
			n.add("An account that exists already gets this requirement and this password: without one it would be open.")
		}
		a.noteMade(&n)
	case Existing:
		fate := "Their privileges stay"
		if len(a.Grants) > 0 {
			fate = "Their privileges stay, and those below are added"
		}
		n.add("The accounts exist already. %s%s.", fate, a.passwordFate())
		a.noteMistyped(&n)
	case Rescind:
		n.add("This takes the certificate requirement away: from now on the password alone lets a client in, " +
			"over plain text too, and an account without a password is open to everybody.")
		n.add("The privileges stay%s.", a.passwordFate())
		a.noteMistyped(&n)
	}
	if a.Mode != Rescind {
		a.noteCipher(&n)
		a.noteRendering(&n)
	}
	return n
}

func (a Accounts) noteNew(n *notes) {
	switch {
	case a.Target.CreateUserRequire():
		n.add("New accounts: CREATE USER fails on one that exists already and leaves it as it was.")
	case a.Password != nil:
		n.add("New accounts. One that exists already gets this password and this requirement.")
	default:
		n.add("New accounts. One that exists already keeps its password and gets this requirement.")
	}
}

// noteMade is about accounts the statements make.
func (a Accounts) noteMade(n *notes) {
	if a.Password == nil {
		n.add("An account made here has no password: the certificate alone lets its holder in.")
		noteValidation(n, a.Target)
	}
	notePlugin(n, a.Target)
}

// noteValidation is about accounts without password.
func noteValidation(n *notes, v dialect.Version) {
	if v.Product == dialect.MySQL && v.AtLeast(5, 7, 0) {
		n.add("A server with validate_password refuses to make one (error 1819).")
	}
}

// notePlugin is about how an account authenticates that is made without saying.
func notePlugin(n *notes, v dialect.Version) {
	if v.Product == dialect.MySQL && v.AtLeast(8, 0, 4) {
		n.add("Accounts get the default plugin of the server, as a rule caching_sha2_password, " +
			"which client libraries before MySQL 8.0 and some drivers do not know.")
	}
}

// passwordFate ends a sentence about accounts that exist.
func (a Accounts) passwordFate() string {
	if a.Password != nil {
		return ", the password becomes the one below"
	}
	return ", and so do the passwords"
}

// noteMistyped warns where GRANT makes an account that was mistyped.
func (a Accounts) noteMistyped(n *notes) {
	if a.Target.CreateUserRequire() || a.Target.NoAutoCreateUser() || a.Password != nil {
		return
	}
	n.add("On this server GRANT makes an account that does not exist, without a password. " +
		"Check the names first: SELECT User, Host FROM mysql.user")
}

// noteCipher tells what else REQUIRE CIPHER demands; tried on MySQL 9.7 and
// MariaDB 10.11 and 11.8.
func (a Accounts) noteCipher(n *notes) {
	switch {
	case a.Require.Cipher == "":
	case a.Target.Product == dialect.MySQL:
		n.add("REQUIRE CIPHER: MySQL demands a client certificate, too, whatever else is required.")
	case !a.Require.Issuer && !a.Require.Subject:
		n.add("REQUIRE CIPHER: MariaDB demands no client certificate when nothing else is required.")
	}
}

// noteRendering tells where the strings depend on the server's TLS library.
func (a Accounts) noteRendering(n *notes) {
	if a.Require.Issuer && dn.Portable(a.Issuer) != nil || a.Require.Subject && dn.Portable(a.Subject) != nil {
		n.add("The names are written as a server built with %s reads them; another TLS library reads them in another way.",
			libraryName(a.Library))
	}
}

// libraryName is the library's own name for l.
func libraryName(l dn.Library) string {
	names := map[dn.Library]string{
		dn.OpenSSL3: "OpenSSL 3 or newer", dn.OpenSSL1: "OpenSSL 1", dn.WolfSSL: "wolfSSL", dn.YaSSL: "yaSSL",
	}
	if name, ok := names[l]; ok {
		return name
	}
	return l.String()
}

// noteWidth is the most characters of a note's line.
const noteWidth = 85

// notes are lines of a comment.
type notes []string

// add appends a sentence, broken into lines at blanks.
func (n *notes) add(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	var line strings.Builder
	line.Grow(noteWidth)
	for word := range strings.FieldsSeq(format) {
		if line.Len() > 0 && line.Len()+1+len(word) > noteWidth {
			*n = append(*n, line.String())
			line.Reset()
			line.Grow(noteWidth)
		}
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(word)
	}
	*n = append(*n, line.String())
}
