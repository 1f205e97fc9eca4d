package dialect

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Requirement is what an account's REQUIRE clause demands. None, SSL and X509
// stand alone; Issuer, Subject and Cipher combine (the grammar is the same in
// sql_yacc.yy of MySQL 4.1 to 9.7 and of MariaDB). A Requirement that says
// nothing, the zero value, demands issuer and subject.
type Requirement struct {
	None    bool // no TLS needed
	SSL     bool // TLS
	X509    bool // TLS and a certificate of a CA the server trusts
	Issuer  bool // a certificate of this issuer
	Subject bool // a certificate with this subject
	// Cipher is the one cipher suite that the connection has to use, by the
	// name the server's TLS library gives it; empty for any. On its own it makes
	// MySQL ask for a certificate too, and MariaDB not (tried).
	Cipher string
}

// ParseRequirement reads a comma-separated list of issuer, subject and
// cipher=NAME, or one of none, ssl and x509. Letter case counts in the cipher's
// name only. The error is an *Error with every problem.
func ParseRequirement(s string) (Requirement, error) {
	var r Requirement
	var problems []string
	seen := map[string]bool{}
	for _, element := range strings.Split(s, ",") {
		element = strings.TrimSpace(element)
		key, value, hasValue := strings.Cut(element, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		if seen[key] {
			problems = append(problems, fmt.Sprintf("%s stands there twice", key))
		}
		seen[key] = true
		if problem := r.set(key, strings.TrimSpace(value), hasValue); problem != "" {
			problems = append(problems, problem)
		}
	}
	for _, alone := range []string{"none", "ssl", "x509"} {
		if seen[alone] && len(seen) > 1 {
			problems = append(problems, alone+" combines with nothing else")
		}
	}
	if problems == nil {
		return r, nil
	}
	return Requirement{}, &Error{What: "requirement", Text: s, Problems: problems,
		Fix: "--require issuer,subject (or none, ssl, x509, or some of issuer, subject, cipher=NAME)"}
}

// set notes one element, and says what is wrong with it.
func (r *Requirement) set(key, value string, hasValue bool) string {
	flags := map[string]*bool{"none": &r.None, "ssl": &r.SSL, "x509": &r.X509, "issuer": &r.Issuer, "subject": &r.Subject}
	flag := flags[key]
	switch {
	case key == "cipher" && !cipherName(value):
		return fmt.Sprintf("cipher takes the name of one cipher suite, not %q", value)
	case key == "cipher":
		r.Cipher = value
		return ""
	case key == "":
		return "an element is empty"
	case flag == nil:
		return fmt.Sprintf("%q is not known", key)
	case hasValue:
		return key + " takes no value: it is read from the certificate"
	}
	*flag = true
	return ""
}

// cipherName reports whether s can be one name of a cipher suite, of OpenSSL or
// of IANA.
func cipherName(s string) bool {
	const legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return s != "" && strings.Trim(s, legal) == ""
}

// elements are the parts that AND joins, nil when the requirement is one word.
func (r Requirement) elements() (issuer, subject bool, cipher string) {
	if r == (Requirement{}) {
		return true, true, ""
	}
	return r.Issuer, r.Subject, r.Cipher
}

// word is the requirement that stands alone, empty when there are elements.
func (r Requirement) word() string {
	switch issuer, subject, cipher := r.elements(); {
	case issuer || subject || cipher != "":
		return ""
	case r.X509:
		return "x509"
	case r.SSL:
		return "ssl"
	}
	return "none"
}

// String is what ParseRequirement reads back.
func (r Requirement) String() string {
	if word := r.word(); word != "" {
		return word
	}
	issuer, subject, cipher := r.elements()
	var parts []string
	if issuer {
		parts = append(parts, "issuer")
	}
	if subject {
		parts = append(parts, "subject")
	}
	if cipher != "" {
		parts = append(parts, "cipher="+cipher)
	}
	return strings.Join(parts, ",")
}

// Clause is the REQUIRE clause: "REQUIRE ISSUER '/CN=ca' AND SUBJECT '/CN=x'".
// Issuer and subject are the names as the server renders them, unquoted. AND is
// always written: MySQL before 4.0.4 needs it. SSL, X509 and NONE combine with
// nothing, so of a Requirement made by hand that has them beside elements, the
// elements count, which demand more.
func (r Requirement) Clause(issuer, subject string) string {
	if word := r.word(); word != "" {
		return "REQUIRE " + strings.ToUpper(word)
	}
	withIssuer, withSubject, cipher := r.elements()
	var parts []string
	if withIssuer {
		parts = append(parts, "ISSUER "+Literal(issuer))
	}
	if withSubject {
		parts = append(parts, "SUBJECT "+Literal(subject))
	}
	if cipher != "" {
		parts = append(parts, "CIPHER "+Literal(cipher))
	}
	return "REQUIRE " + strings.Join(parts, " AND ")
}

// CheckRequired checks that a server of this version keeps value as the issuer,
// subject or cipher that an account requires. The error is an *Error.
//
// MySQL, and MariaDB before 10.4, have a BLOB column of 65,535 bytes. MariaDB
// from 10.4 on keeps JSON in mysql.global_priv and writes a value of up to 1,024
// bytes as JSON, where \ and " take two bytes, and only characters of up to
// three bytes of UTF-8; any other it takes without a word, and forgets at FLUSH
// PRIVILEGES or a restart, after which the account asks for less (sql/sql_acl.cc,
// set_str_value; tried on 10.11.19 and 11.8.6).
func (v Version) CheckRequired(value string) error {
	most, size := 65535, len(value)
	inJSON := v.Product == MariaDB && v.AtLeast(10, 4, 0)
	if inJSON {
		most, size = 1024, jsonSize(value)
	}
	e := &Error{What: "required name", Text: value, Fix: "issue the certificate with a shorter subject: --subject /CN=NAME"}
	if size > most {
		e.Problems = append(e.Problems, fmt.Sprintf("it takes %d bytes as %s keeps it, which is at most %d", size, v, most))
	}
	if inJSON && (!utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r > 0xffff })) {
		e.Problems = append(e.Problems, fmt.Sprintf("%s keeps only characters of up to three bytes of UTF-8", v))
		e.Fix = "issue the certificate with a portable subject: C, ST, L, O, OU, CN, emailAddress in ASCII"
	}
	if e.Problems == nil {
		return nil
	}
	return e
}

// jsonSize is how many bytes value takes in a JSON string, without the quotes,
// as MariaDB writes it (strings/json_lib.c, json_escape).
func jsonSize(value string) int {
	size := len(value)
	for i := range len(value) {
		switch c := value[i]; {
		case strings.IndexByte("\"\\\b\f\n\r\t", c) >= 0:
			size++
		case c < ' ':
			size += len(`\u0001`) - 1
		}
	}
	return size
}
