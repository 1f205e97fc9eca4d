package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"myca/dn"
)

// now is when the tests judge.
func now() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// tbs is a certificate to be signed. crypto/x509 makes no old or broken ones.
type tbs struct {
	Version    int `asn1:"optional,explicit,default:0,tag:0"`
	Serial     *big.Int
	Algorithm  pkix.AlgorithmIdentifier
	Issuer     asn1.RawValue
	Validity   struct{ NotBefore, NotAfter time.Time }
	Subject    asn1.RawValue
	PublicKey  asn1.RawValue
	Extensions []pkix.Extension `asn1:"optional,explicit,omitempty,tag:3"`
}

// plan is a certificate of a test; the zero values are those of a sound one.
type plan struct {
	subject, issuer string // slash form
	serial          int64
	from, to        time.Duration // from now; zero: a year before, two years after
	version         int           // 1; else 3
	key             crypto.Signer
	signer          crypto.Signer
	digest          crypto.Hash // zero: SHA-256
	damaged         bool        // the signature is of something else
	extensions      []pkix.Extension
}

func (p plan) make(t testing.TB) *x509.Certificate {
	t.Helper()
	c := tbs{Version: 2, Serial: big.NewInt(p.serial), Algorithm: algorithm(p.signer, p.digest), Extensions: p.extensions}
	if p.version == 1 {
		c.Version, c.Extensions = 0, nil
	}
	if p.serial == 0 {
		c.Serial = big.NewInt(time.Now().UnixNano())
	}
	if p.from == 0 {
		p.from = -days(365)
	}
	if p.to == 0 {
		p.to = days(730)
	}
	c.Validity.NotBefore, c.Validity.NotAfter = now().Add(p.from).UTC(), now().Add(p.to).UTC()
	c.Issuer, c.Subject = rawName(t, p.issuer), rawName(t, p.subject)
	spki, err := x509.MarshalPKIXPublicKey(p.key.Public())
	must(t, err)
	c.PublicKey = asn1.RawValue{FullBytes: spki}
	signed, err := asn1.Marshal(c)
	must(t, err)
	content := signed
	if p.damaged {
		content = append([]byte{0}, signed...)
	}
	whole, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: signed}, c.Algorithm, bits(sign(t, p.signer, p.digest, content))})
	must(t, err)
	cert, err := x509.ParseCertificate(whole)
	must(t, err)
	return cert
}

// crlPlan is a CRL of a test.
type crlPlan struct {
	issuer   string
	signer   crypto.Signer
	from, to time.Duration // from now
	revoked  []int64
	keyID    string // the authority key identifier; "" for none
}

func (p crlPlan) make(t testing.TB) *x509.RevocationList {
	t.Helper()
	var list struct {
		Version    int
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		From, To   time.Time
		Revoked    []pkix.RevokedCertificate `asn1:"optional,omitempty"`
		Extensions []pkix.Extension          `asn1:"optional,explicit,omitempty,tag:0"`
	}
	list.Version, list.Algorithm, list.Issuer = 1, algorithm(p.signer, 0), rawName(t, p.issuer)
	list.From, list.To = now().Add(p.from).UTC(), now().Add(p.to).UTC()
	for _, serial := range p.revoked {
		list.Revoked = append(list.Revoked, pkix.RevokedCertificate{SerialNumber: big.NewInt(serial), RevocationTime: list.From})
	}
	list.Extensions = []pkix.Extension{{Id: oid(2, 5, 29, 20), Value: []byte{2, 1, 1}}}
	if p.keyID != "" {
		list.Extensions = append(list.Extensions, authorityKey(p.keyID))
	}
	signed, err := asn1.Marshal(list)
	must(t, err)
	whole, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: signed}, list.Algorithm, bits(sign(t, p.signer, 0, signed))})
	must(t, err)
	l, err := x509.ParseRevocationList(whole)
	must(t, err)
	return l
}

func rawName(t testing.TB, text string) asn1.RawValue {
	t.Helper()
	name, err := dn.Parse(text)
	must(t, err)
	der, err := name.DER()
	must(t, err)
	return asn1.RawValue{FullBytes: der}
}

func bits(octets []byte) asn1.BitString {
	return asn1.BitString{Bytes: octets, BitLength: 8 * len(octets)}
}

func algorithm(signer crypto.Signer, digest crypto.Hash) pkix.AlgorithmIdentifier {
	switch signer.(type) {
	case *rsa.PrivateKey:
		last := map[crypto.Hash]int{crypto.MD5: 4, crypto.SHA1: 5, 0: 11}[digest]
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, last}, Parameters: asn1.NullRawValue}
	case ed25519.PrivateKey:
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}
	}
	if digest == crypto.SHA1 {
		return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}}
	}
	return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
}

func sign(t testing.TB, signer crypto.Signer, hash crypto.Hash, content []byte) []byte {
	t.Helper()
	if hash == 0 {
		hash = crypto.SHA256
	}
	if _, is := signer.(ed25519.PrivateKey); is {
		signature, err := signer.Sign(nil, content, crypto.Hash(0))
		must(t, err)
		return signature
	}
	signature, err := signer.Sign(rand.Reader, digest(hash, content), hash)
	must(t, err)
	return signature
}

// keys is a few keys, made once.
type keys struct {
	ec  [8]*ecdsa.PrivateKey
	rsa *rsa.PrivateKey
}

var testKeys = sync.OnceValue(func() keys {
	var k keys
	for i := range k.ec {
		k.ec[i], _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	k.rsa, _ = rsa.GenerateKey(rand.Reader, 2048)
	return k
})

// The extensions.
func basic(isCA bool, pathLength int) pkix.Extension {
	var value []byte
	if isCA && pathLength >= 0 {
		value, _ = asn1.Marshal(struct {
			CA     bool
			Length int
		}{true, pathLength})
	} else {
		value, _ = asn1.Marshal(struct {
			CA bool `asn1:"optional"`
		}{isCA})
	}
	return pkix.Extension{Id: oid(2, 5, 29, 19), Critical: true, Value: value}
}

func usage(octet byte) pkix.Extension { // 0x80 digitalSignature, 0x20 keyEncipherment, 0x06 keyCertSign and cRLSign
	value, _ := asn1.Marshal(asn1.BitString{Bytes: []byte{octet}, BitLength: 8})
	return pkix.Extension{Id: oid(2, 5, 29, 15), Critical: true, Value: value}
}

func purpose(lasts ...int) pkix.Extension { // 1 serverAuth, 2 clientAuth, 3 codeSigning
	var ids []asn1.ObjectIdentifier
	for _, last := range lasts {
		ids = append(ids, oid(1, 3, 6, 1, 5, 5, 7, 3, last))
	}
	value, _ := asn1.Marshal(ids)
	return pkix.Extension{Id: oid(2, 5, 29, 37), Value: value}
}

func subjectKey(id string) pkix.Extension {
	value, _ := asn1.Marshal([]byte(id))
	return pkix.Extension{Id: oid(2, 5, 29, 14), Value: value}
}

func authorityKey(id string) pkix.Extension {
	value, _ := asn1.Marshal(struct {
		ID []byte `asn1:"tag:0"`
	}{[]byte(id)})
	return pkix.Extension{Id: oid(2, 5, 29, 35), Value: value}
}

func hosts(names ...string) pkix.Extension {
	var list []asn1.RawValue
	for _, name := range names {
		list = append(list, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte(name)})
	}
	value, _ := asn1.Marshal(list)
	return pkix.Extension{Id: oid(2, 5, 29, 17), Value: value}
}

func pemOf(certs ...*x509.Certificate) []byte {
	var text []byte
	for _, c := range certs {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return text
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// needOpenSSL skips without the openssl command, or fails where live tests are required.
func needOpenSSL(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err == nil {
		return
	}
	if os.Getenv("MYCA_TEST_LIVE") == "required" {
		t.Fatal("needs the openssl command")
	}
	t.Skip("needs the openssl command")
}
