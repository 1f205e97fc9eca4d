package verify

import (
	"bytes"
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 certificates with such keys are what is looked for
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // old certificates are signed with it
	"crypto/rsa"
	_ "crypto/sha1" // old certificates are signed with it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
)

// signedBy reports whether the signature of c is made with the key of issuer.
// What neither crypto/x509 nor this package can check (MD2, RSA-PSS under 1024
// bits, unknown algorithms) counts as made with it: it is weak-digest's and
// weak-key's matter.
func signedBy(c, issuer *x509.Certificate) bool {
	return signatureFits(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature, issuer)
}

func signatureFits(algorithm x509.SignatureAlgorithm, signed, signature []byte, issuer *x509.Certificate) bool {
	if issuer.CheckSignature(algorithm, signed, signature) == nil {
		return true
	}
	hash, known := digestOf(algorithm)
	switch key := issuer.PublicKey.(type) {
	case *rsa.PublicKey:
		if !known {
			return algorithm == x509.UnknownSignatureAlgorithm || algorithm == x509.MD2WithRSA ||
				isPSS(algorithm) && key.N.BitLen() < 1024
		}
		return rsaFits(key, hash, signed, signature)
	case *dsa.PublicKey:
		return algorithm == x509.UnknownSignatureAlgorithm || known && dsaFits(key, hash, signed, signature)
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return algorithm == x509.UnknownSignatureAlgorithm
	}
	return true // the key is of a kind that crypto/x509 does not know
}

// digestOf is the digest of the algorithms that crypto/x509 may refuse to check:
// RSA of any size in PKCS#1 v1.5, and DSA.
func digestOf(algorithm x509.SignatureAlgorithm) (hash crypto.Hash, known bool) {
	hash, known = map[x509.SignatureAlgorithm]crypto.Hash{
		x509.MD5WithRSA:    crypto.MD5,
		x509.SHA1WithRSA:   crypto.SHA1,
		x509.SHA256WithRSA: crypto.SHA256,
		x509.SHA384WithRSA: crypto.SHA384,
		x509.SHA512WithRSA: crypto.SHA512,
		x509.DSAWithSHA1:   crypto.SHA1,
		x509.DSAWithSHA256: crypto.SHA256,
	}[algorithm]
	return hash, known
}

func isPSS(algorithm x509.SignatureAlgorithm) bool {
	return algorithm == x509.SHA256WithRSAPSS || algorithm == x509.SHA384WithRSAPSS || algorithm == x509.SHA512WithRSAPSS
}

func digest(hash crypto.Hash, signed []byte) []byte {
	h := hash.New()
	h.Write(signed)
	return h.Sum(nil)
}

// rsaFits checks a signature of PKCS#1 v1.5 (RFC 8017 section 8.2.2), which
// crypto/rsa refuses for keys under 1024 bits, and crypto/x509 for MD5.
func rsaFits(key *rsa.PublicKey, hash crypto.Hash, signed, signature []byte) bool {
	var id asn1.ObjectIdentifier
	switch hash {
	case crypto.MD5:
		id = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}
	case crypto.SHA1:
		id = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	case crypto.SHA256, crypto.SHA384, crypto.SHA512: // 2.16.840.1.101.3.4.2.1, .2 and .3
		id = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, int(hash-crypto.SHA256) + 1}
	}
	info, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}{pkix.AlgorithmIdentifier{Algorithm: id, Parameters: asn1.NullRawValue}, digest(hash, signed)})
	size := key.Size()
	if err != nil || size < len(info)+11 || len(signature) != size {
		return false
	}
	want := bytes.Repeat([]byte{0xff}, size)
	want[0], want[1], want[size-len(info)-1] = 0, 1, 0
	copy(want[size-len(info):], info)
	got := new(big.Int).Exp(new(big.Int).SetBytes(signature), big.NewInt(int64(key.E)), key.N)
	return bytes.Equal(got.FillBytes(make([]byte, size)), want)
}

func dsaFits(key *dsa.PublicKey, hash crypto.Hash, signed, signature []byte) bool {
	var pair struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(signature, &pair); err != nil || len(rest) > 0 {
		return false
	}
	sum := digest(hash, signed)
	if octets := key.Q.BitLen() / 8; len(sum) > octets { // FIPS 186-4 section 4.6
		sum = sum[:octets]
	}
	return dsa.Verify(key, sum, pair.R, pair.S)
}

// keyCanSign reports whether a key of this kind makes signatures of the
// algorithm (check_sig_alg_match of OpenSSL's crypto/x509/v3_purp.c).
func keyCanSign(key crypto.PublicKey, algorithm x509.SignatureAlgorithm) bool {
	if _, known := digestOf(algorithm); known || isPSS(algorithm) || algorithm == x509.MD2WithRSA {
		isDSA := algorithm == x509.DSAWithSHA1 || algorithm == x509.DSAWithSHA256
		switch key.(type) {
		case *rsa.PublicKey:
			return !isDSA
		case *dsa.PublicKey:
			return isDSA
		}
		return key == nil
	}
	switch algorithm {
	case x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		_, is := key.(*ecdsa.PublicKey)
		return is || key == nil
	case x509.PureEd25519:
		_, is := key.(ed25519.PublicKey)
		return is || key == nil
	}
	return true
}
