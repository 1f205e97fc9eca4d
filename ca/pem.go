package ca

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"go.step.sm/crypto/pemutil"
)

// PEM block types of private keys that are read.
const (
	blockPKCS8 = "PRIVATE KEY"
	blockPKCS1 = "RSA PRIVATE KEY"
	blockSEC1  = "EC PRIVATE KEY"
)

// DecodeKey reads the one unencrypted private key of a PEM text: PKCS#8,
// PKCS#1 or SEC1; RSA, a NIST curve or Ed25519. Other text, certificates and
// EC parameters around it are passed over. Errors are an *Error that says what
// is there instead and, for another format, how to convert it.
func DecodeKey(data []byte) (crypto.Signer, error) {
	return decodeKey(data, "KEY.pem")
}

// decodeKey is DecodeKey; the hints name the file.
func decodeKey(data []byte, file string) (crypto.Signer, error) {
	blocks, err := decodePEM(data)
	if err != nil {
		return nil, keyError(err.Error(), convertFix(data, file))
	}
	var found *pem.Block
	var others []string
	for _, b := range blocks {
		switch {
		case b.Type == "EC PARAMETERS":
		case b.Type == "ENCRYPTED PRIVATE KEY", b.Headers["DEK-Info"] != "": // RFC 1423
			return nil, keyError("the key is encrypted, which is not supported yet", decryptFix(file))
		case b.Type != blockPKCS8 && b.Type != blockPKCS1 && b.Type != blockSEC1:
			others = append(others, b.Type)
		case found != nil:
			return nil, keyError("there is more than one private key", "")
		default:
			found = b
		}
	}
	if found == nil {
		return nil, keyError(fmt.Sprintf("no private key, but %q", others), foreignFix(others, file))
	}
	// Only unencrypted blocks get here: pemutil panics on a truncated encrypted one.
	key, err := pemutil.Parse(pem.EncodeToMemory(&pem.Block{Type: found.Type, Bytes: found.Bytes}))
	if err != nil {
		return nil, &Error{Message: "not a readable private key", Err: err}
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, keyError(fmt.Sprintf("a key of type %T cannot sign", key), "")
	}
	return signer, nil
}

func keyError(message, fix string) error { return &Error{Message: message, Fix: fix} }

// decryptFix shows how to decrypt a key into a file that nobody else can read.
func decryptFix(file string) string {
	return convertWith("", file)
}

// convertFix shows how to turn a DER key into PEM, when data could be one.
func convertFix(data []byte, file string) string {
	if len(data) == 0 || data[0] != 0x30 {
		return ""
	}
	return convertWith("-inform DER ", file)
}

func convertWith(options, file string) string {
	from, to := shellQuote(file), shellQuote(file+".new")
	return "(umask 077; openssl pkey " + options + "-in " + from + " -out " + to + ") && mv " + to + " " + from
}

// foreignFix shows how to convert a key in OpenSSH's own format.
func foreignFix(types []string, file string) string {
	for _, t := range types {
		if t == "OPENSSH PRIVATE KEY" {
			return "ssh-keygen -p -m PKCS8 -N '' -f " + shellQuote(file)
		}
	}
	return ""
}

// EncodeCertificate writes a certificate as PEM.
func EncodeCertificate(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// DecodeCertificates reads every certificate of a PEM text, in order, passing
// over blocks of other types; or the one certificate of a DER text. A damaged
// block is an error, as is a text without certificates.
func DecodeCertificates(data []byte) ([]*x509.Certificate, error) {
	if len(data) > 0 && beginLines(data) == 0 {
		c, err := x509.ParseCertificate(data)
		if err != nil {
			return nil, &Error{Message: "neither PEM nor a DER certificate", Err: err}
		}
		return []*x509.Certificate{c}, nil
	}
	blocks, err := decodePEM(data)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for _, b := range blocks {
		if b.Type != "CERTIFICATE" && b.Type != "X509 CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, &Error{Message: fmt.Sprintf("certificate %d of the file", len(certs)+1), Err: err}
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, &Error{Message: fmt.Sprintf("no certificate, but %q", blockTypes(blocks))}
	}
	return certs, nil
}

// beginLines is how many lines begin a block.
func beginLines(data []byte) int {
	const begin = "-----BEGIN "
	count := bytes.Count(data, []byte("\n"+begin))
	if bytes.HasPrefix(data, []byte(begin)) {
		count++
	}
	return count
}

// decodePEM reads every block. encoding/pem skips a damaged block as if it
// were text; here it is an error.
func decodePEM(data []byte) ([]*pem.Block, error) {
	begun := beginLines(data)
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, &Error{Message: "the file is empty"}
	case begun == 0:
		return nil, &Error{Message: "not PEM: there is no BEGIN line"}
	}
	var blocks []*pem.Block
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		blocks = append(blocks, block)
	}
	if len(blocks) != begun {
		return nil, &Error{Message: fmt.Sprintf("cut off or damaged: %d BEGIN lines, but %d whole PEM blocks", begun, len(blocks))}
	}
	return blocks, nil
}

func blockTypes(blocks []*pem.Block) []string {
	var types []string
	for _, b := range blocks {
		types = append(types, b.Type)
	}
	return types
}
