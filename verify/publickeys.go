package verify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// publicKeys is the list that comes with the program: spki_sha256, key,
// subject and source, separated by tabs, under a line with these words. The
// source is a public repository and the key's path in it.
//
//go:embed public-keys.tsv
var publicKeys []byte

// PublicKeys is key pairs whose private keys are published, by the SHA-256 of
// the DER encoding of their SubjectPublicKeyInfo. The zero value is empty; a
// PublicKeys is not changed by any method.
type PublicKeys struct {
	source map[[sha256.Size]byte]string
}

// Published is the list that comes with the program.
func Published() (PublicKeys, error) {
	p, err := PublicKeys{}.With(bytes.NewReader(publicKeys))
	if err != nil {
		return PublicKeys{}, fmt.Errorf("the list of published keys: %w", err)
	}
	return p, nil
}

// maxLine is the longest line of a list, in bytes.
const maxLine = 64 << 10

// With is p and what more lists: each line is the SHA-256 of a
// SubjectPublicKeyInfo in hexadecimal (either case, colons between octets
// allowed), alone, or before columns of which the last says where the private key
// is published, as in the program's own list and in what sha256sum prints. Empty
// lines, lines that begin with #, and a heading that begins with spki_sha256 are
// passed over. Where p has a key already, its source stays. An error names the line.
func (p PublicKeys) With(more io.Reader) (PublicKeys, error) {
	grown := make(map[[sha256.Size]byte]string, len(p.source))
	maps.Copy(grown, p.source)
	lines := bufio.NewScanner(more)
	lines.Buffer(nil, maxLine)
	at := 0
	for lines.Scan() {
		at++
		sum, source, ok, err := publicKeyLine(lines.Text())
		if err != nil {
			return PublicKeys{}, fmt.Errorf("line %d: %w", at, err)
		}
		if _, known := grown[sum]; ok && !known {
			grown[sum] = source
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return PublicKeys{}, fmt.Errorf("line %d is longer than %d bytes", at+1, maxLine)
	} else if err != nil {
		return PublicKeys{}, err
	}
	return PublicKeys{grown}, nil
}

// publicKeyLine reads a line of a list; ok is false for one that holds no key.
func publicKeyLine(line string) (sum [sha256.Size]byte, source string, ok bool, err error) {
	line = strings.TrimRight(line, " \r")
	if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "spki_sha256") {
		return sum, "", false, nil
	}
	digits, rest := line, ""
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		digits, rest = line[:i], line[i:]
	}
	octets, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if err != nil || len(octets) != len(sum) {
		return sum, "", false, fmt.Errorf("%.80q is not a SHA-256 in hexadecimal", digits)
	}
	source = strings.Trim(rest[strings.LastIndex(rest, "\t")+1:], " *")
	if source == "" || source == "-" {
		source = "a list that was given"
	}
	return [sha256.Size]byte(octets), source, true, nil
}

// Find is where the private key of the SubjectPublicKeyInfo, in DER, is published.
func (p PublicKeys) Find(spki []byte) (source string, found bool) {
	source, found = p.source[sha256.Sum256(spki)]
	return source, found
}

// find is Find for a certificate's key. One that encodes its key in another
// way than the list, such as RSA without parameters, is found too.
func (p PublicKeys) find(c *x509.Certificate) (source string, found bool) {
	if source, found = p.Find(c.RawSubjectPublicKeyInfo); found {
		return source, true
	}
	usual, err := x509.MarshalPKIXPublicKey(c.PublicKey)
	if err != nil {
		return "", false
	}
	return p.Find(usual)
}
