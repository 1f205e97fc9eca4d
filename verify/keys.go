package verify

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 certificates with such keys are what is looked for
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"

	"myca/finding"
)

// PrivateKey is what is wrong with a private key by itself: published, or weak.
func (r Rules) PrivateKey(where string, key crypto.Signer) []finding.Finding {
	var found list
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err == nil {
		if source, public := r.Public.Find(spki); public {
			found.add(finding.PublicKey, where, "", "this private key is published: %s", source)
		}
	}
	if weak := weakKey(key.Public()); weak != "" {
		found.add(finding.WeakKey, where, "", "the key is %s", weak)
	}
	return found
}

// The least bits of a key under OpenSSL's security level 2, which Debian, Ubuntu
// and Red Hat configure (ssl_ctx_security: 112 bits of strength): RSA and DSA of
// 2048 bits, curves of 224.
const (
	leastModulus = 2048
	leastCurve   = 224
)

// weakKey says what the key is when it is too weak, such as "RSA of 1024 bits".
func weakKey(key crypto.PublicKey) string {
	name, bits, least := "", 0, leastModulus
	switch k := key.(type) {
	case *rsa.PublicKey:
		name, bits = "RSA", k.N.BitLen()
	case *dsa.PublicKey:
		name, bits = "DSA", k.P.BitLen()
	case *ecdsa.PublicKey:
		name, bits, least = "EC", k.Curve.Params().BitSize, leastCurve
	default:
		return ""
	}
	if bits >= least {
		return ""
	}
	return fmt.Sprintf("%s of %d bits, under %d", name, bits, least)
}

// weakDigest names the digest of a signature algorithm when it is MD2, MD5 or SHA-1.
func weakDigest(algorithm x509.SignatureAlgorithm) string {
	switch algorithm {
	case x509.MD2WithRSA:
		return "MD2"
	case x509.MD5WithRSA:
		return "MD5"
	case x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return "SHA-1"
	}
	return ""
}
