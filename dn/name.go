// Package dn reads, writes and renders distinguished names in exact order.
package dn

// Name is a distinguished name: its RDNs in the order of the certificate.
type Name []RDN

// RDN is a relative distinguished name: one attribute, or several when it is multi-valued.
type RDN []Attribute

// Attribute is one type and value of a name as the certificate encodes it.
type Attribute struct {
	OID   string // dotted decimal, any size
	Tag   int    // ASN.1 universal tag of the value
	Value []byte // content octets as in the certificate (BMPString: 2 bytes a character)
}

// SyntaxError says where and why a text is not a name, and how to write it.
type SyntaxError struct {
	Text    string
	Offset  int
	Problem string
	Fix     string
}

// Error names the text, the byte offset and the problem.
func (e *SyntaxError) Error() string { return e.Problem }

// Hint shows the whole corrected name.
func (e *SyntaxError) Hint() string { return e.Fix }

// Parse reads the slash form.
func Parse(text string) (Name, error) { return nil, &SyntaxError{Text: text} }

// FromDER reads an encoded Name.
func FromDER(der []byte) (Name, error) { return nil, nil }

// FromCertificate reads the subject and the issuer of an encoded certificate.
func FromCertificate(der []byte) (subject, issuer Name, err error) { return nil, nil, nil }

// DER encodes n.
func (n Name) DER() ([]byte, error) { return nil, nil }

// OneLine renders n as a server built with lib sees it.
func (n Name) OneLine(lib Library) string { return "" }

// String is the slash form of n.
func (n Name) String() string { return "" }

// Values is the text of every attribute of that short name, in order.
func (n Name) Values(label string) []string { return nil }

// With is a copy of n with one more RDN.
func (n Name) With(label, value string) (Name, error) { return n, nil }

// Select is the single-valued RDNs of these types, in n's order.
func (n Name) Select(labels ...string) Name { return nil }

// Portable is every reason why servers would read n differently.
func Portable(n Name) []string { return nil }

// Notes is what is worth a remark about a portable name.
func Notes(n Name) []string { return nil }

// Library is a TLS library a server may be built with.
type Library int

// The libraries whose rendering of names is known.
const (
	OpenSSL3 Library = iota
	OpenSSL1
	WolfSSL
	YaSSL
)

// ParseLibrary reads a library's name.
func ParseLibrary(s string) (Library, error) { return OpenSSL3, nil }

// String is the name that ParseLibrary reads.
func (l Library) String() string { return "" }
