package verify

import "io"

// PublicKeys is key pairs whose private keys are published, by the SHA-256 of
// the DER encoding of their SubjectPublicKeyInfo. The zero value is empty.
type PublicKeys struct {
	source map[[32]byte]string
}

// Published is the list that comes with the program.
func Published() (PublicKeys, error) { return PublicKeys{}, nil }

// With is p and what more lists.
func (p PublicKeys) With(more io.Reader) (PublicKeys, error) { return p, nil }

// Find is where the private key of the SubjectPublicKeyInfo, in DER, is published.
func (p PublicKeys) Find(spki []byte) (source string, found bool) { return "", false }
