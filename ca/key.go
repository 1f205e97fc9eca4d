package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"

	"go.step.sm/crypto/keyutil"
	"go.step.sm/crypto/pemutil"
)

// KeyType is the algorithm and size of a key: one of [KeyTypes].
type KeyType string

// The key types that can be made.
const (
	RSA2048 KeyType = "rsa-2048"
	RSA3072 KeyType = "rsa-3072"
	RSA4096 KeyType = "rsa-4096"
	ECP256  KeyType = "ec-p256"
	ECP384  KeyType = "ec-p384"
	Ed25519 KeyType = "ed25519"
)

// KeyFormat is how a private key is written: PKCS8 ("PRIVATE KEY", RFC 5958)
// or PKCS1 ("RSA PRIVATE KEY", RFC 8017, the one form that yaSSL reads).
type KeyFormat string

// The formats of a private key.
const (
	PKCS8 KeyFormat = "pkcs8"
	PKCS1 KeyFormat = "pkcs1"
)

// keyKind is what keyutil.GenerateSigner wants to hear.
type keyKind struct {
	Type  KeyType
	Kind  string
	Curve string
	Bits  int
}

func keyKinds() []keyKind {
	return []keyKind{
		{RSA2048, "RSA", "", 2048},
		{RSA3072, "RSA", "", 3072},
		{RSA4096, "RSA", "", 4096},
		{ECP256, "EC", "P-256", 0},
		{ECP384, "EC", "P-384", 0},
		{Ed25519, "OKP", "Ed25519", 0},
	}
}

// KeyTypes is every type that can be made, in the order of a help text.
func KeyTypes() []KeyType {
	var types []KeyType
	for _, k := range keyKinds() {
		types = append(types, k.Type)
	}
	return types
}

// RSA says whether keys of this type are RSA keys.
func (t KeyType) RSA() bool { return strings.HasPrefix(string(t), "rsa-") }

// kind finds t in the table; the error is an *Error with the choice as hint.
func (t KeyType) kind() (keyKind, error) {
	var names []string
	for _, k := range keyKinds() {
		if k.Type == t {
			return k, nil
		}
		names = append(names, string(k.Type))
	}
	return keyKind{}, &Error{
		Message: fmt.Sprintf("unknown key type %q", string(t)),
		Fix:     "one of " + strings.Join(names, ", "),
	}
}

// ParseKeyType reads the name of a key type, exactly as [KeyTypes] has it.
// The error is an *Error whose hint lists them.
func ParseKeyType(s string) (KeyType, error) {
	k, err := KeyType(s).kind()
	return k.Type, err
}

// ParseKeyFormat reads "pkcs8" or "pkcs1". The error is an *Error with a hint.
func ParseKeyFormat(s string) (KeyFormat, error) {
	switch f := KeyFormat(s); f {
	case PKCS8, PKCS1:
		return f, nil
	}
	return "", &Error{Message: fmt.Sprintf("unknown key format %q", s), Fix: "one of pkcs8, pkcs1"}
}

// NewKey makes a key from the system's source of randomness. An RSA key takes
// a tenth of a second to some seconds, the others less than a millisecond.
func NewKey(t KeyType) (crypto.Signer, error) {
	kind, err := t.kind()
	if err != nil {
		return nil, err
	}
	key, err := keyutil.GenerateSigner(kind.Kind, kind.Curve, kind.Bits)
	if err != nil {
		return nil, fmt.Errorf("making a key of type %s: %w", t, err)
	}
	return key, nil
}

// KeyTypeOf is the type of a public key. For a key that [NewKey] does not make
// it is a name of the same form ("rsa-1024", "ec-p521"), or "unknown".
func KeyTypeOf(pub crypto.PublicKey) KeyType {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return KeyType("rsa-" + strconv.Itoa(k.N.BitLen()))
	case *ecdsa.PublicKey:
		return KeyType("ec-p" + strconv.Itoa(k.Curve.Params().BitSize))
	case ed25519.PublicKey:
		return Ed25519
	}
	return "unknown"
}

// EncodeKey writes a private key as PEM, unencrypted. PKCS1 is for RSA keys
// only.
func EncodeKey(k crypto.Signer, f KeyFormat) ([]byte, error) {
	if _, err := ParseKeyFormat(string(f)); err != nil {
		return nil, err
	}
	if _, isRSA := k.(*rsa.PrivateKey); f == PKCS1 && !isRSA {
		return nil, &Error{
			Message: fmt.Sprintf("key format %q is for RSA keys only, not for %s", f, KeyTypeOf(k.Public())),
			Fix:     "pkcs8, or an RSA key",
		}
	}
	block, err := pemutil.Serialize(k, pemutil.WithPKCS8(f == PKCS8))
	if err != nil {
		return nil, fmt.Errorf("encoding a private key as %s: %w", f, err)
	}
	return pem.EncodeToMemory(block), nil
}
