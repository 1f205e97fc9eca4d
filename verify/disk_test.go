package verify

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.step.sm/crypto/pemutil"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/finding"
)

// fakeMachine is the real machine with invented accounts: every file belongs to
// mysql (500), unless its base name is in owners.
type fakeMachine struct {
	System
	owners map[string]int
	users  map[string]User
}

func (m fakeMachine) Owner(info fs.FileInfo) (uid, gid int, known bool) {
	if uid, found := m.owners[info.Name()]; found {
		return uid, uid, true
	}
	return 500, 500, true
}

func (m fakeMachine) User(name string) (User, error) {
	for _, u := range m.users {
		if u.Name == name || fmt.Sprint(u.UID) == name {
			return u, nil
		}
	}
	return User{}, errors.New("no such user")
}

func invented() fakeMachine {
	return fakeMachine{OS(), map[string]int{}, map[string]User{
		"mysql":  {Name: "mysql", UID: 500, Groups: []int{500}},
		"other":  {Name: "other", UID: 600, Groups: []int{600}},
		"member": {Name: "member", UID: 700, Groups: []int{700, 500}},
		"root":   {Name: "root", UID: 0, Groups: []int{0}},
	}}
}

// scene is a folder with the files of a sound installation, or what is left of
// it.
type scene struct {
	t         testing.TB
	dir       string
	authority *ca.Authority
	keys      map[string]crypto.Signer
	machine   fakeMachine
	disk      Disk
}

func newScene(t testing.TB, target string) *scene {
	t.Helper()
	version, err := dialect.Parse(target)
	must(t, err)
	s := &scene{t: t, dir: t.TempDir(), keys: map[string]crypto.Signer{}, machine: invented()}
	for _, folder := range []string{s.dir, filepath.Dir(s.dir)} {
		must(t, os.Chmod(folder, 0o755))
	}
	s.disk = Disk{Rules: Rules{Target: version, Now: now()}, System: s.machine}
	var keyPEM []byte
	s.authority, keyPEM = newAuthority(t, "/O=acme/CN=acme CA")
	s.write("ca-cert.pem", ca.EncodeCertificate(s.authority.Certificate), 0o644)
	s.keys["ca"], err = ca.DecodeKey(keyPEM)
	must(t, err)
	for _, kind := range []string{"server", "client"} {
		s.issue(kind)
	}
	s.write("crl.pem", s.crl(), 0o644)
	return s
}

func newAuthority(t testing.TB, subject string) (*ca.Authority, []byte) {
	t.Helper()
	name, err := dn.Parse(subject)
	must(t, err)
	a, key, err := ca.Create(ca.Spec{Subject: name, Key: ca.ECP256, NotBefore: now().Add(-days(1)), NotAfter: now().Add(days(3650))})
	must(t, err)
	return a, key
}

// intermediate is an authority that a root has signed.
func (s *scene) intermediate() *ca.Authority {
	s.t.Helper()
	name, err := dn.Parse("/O=acme/CN=acme root")
	must(s.t, err)
	root, _, err := ca.Create(ca.Spec{Subject: name, Key: ca.ECP256, PathLen: 1, NotBefore: now().Add(-days(1)), NotAfter: now().Add(days(3650))})
	must(s.t, err)
	a := s.authority.Certificate
	cert, err := root.Sign(&x509.Certificate{RawSubject: a.RawSubject, NotBefore: a.NotBefore, NotAfter: a.NotAfter, SubjectKeyId: a.SubjectKeyId,
		KeyUsage: a.KeyUsage, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true}, a.PublicKey)
	must(s.t, err)
	authority, err := ca.New(cert, s.keys["ca"])
	must(s.t, err)
	return authority
}

// issue makes kind-cert.pem and kind-key.pem.
func (s *scene) issue(kind string) {
	s.t.Helper()
	key, err := ca.NewKey(ca.ECP256)
	must(s.t, err)
	s.keys[kind] = key
	name, err := dn.Parse("/O=acme/CN=" + kind + ".example.com")
	must(s.t, err)
	raw, err := name.DER()
	must(s.t, err)
	purpose := map[string]x509.ExtKeyUsage{"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth}[kind]
	cert, err := s.authority.Sign(&x509.Certificate{RawSubject: raw, NotBefore: now().Add(-days(1)), NotAfter: now().Add(days(800)),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{purpose}, BasicConstraintsValid: true,
		DNSNames: []string{kind + ".example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, key.Public())
	must(s.t, err)
	s.write(kind+"-cert.pem", ca.EncodeCertificate(cert), 0o644)
	s.write(kind+"-key.pem", s.keyPEM(kind), 0o600)
}

func (s *scene) keyPEM(kind string) []byte {
	text, err := ca.EncodeKey(s.keys[kind], ca.PKCS8)
	must(s.t, err)
	return text
}

func (s *scene) crl() []byte {
	der, err := s.authority.CRL(1, []ca.Revoked{{Serial: big.NewInt(7), At: now().Add(-days(1))}}, now().Add(-days(1)), now().Add(days(30)))
	must(s.t, err)
	return ca.EncodeCRL(der)
}

// certificate is that of kind-cert.pem.
func (s *scene) certificate(kind string) *x509.Certificate {
	certs, err := ca.DecodeCertificates(s.read(kind + "-cert.pem"))
	must(s.t, err)
	return certs[0]
}

func (s *scene) path(name string) string { return filepath.Join(s.dir, name) }

func (s *scene) write(name string, data []byte, mode fs.FileMode) {
	s.t.Helper()
	must(s.t, os.MkdirAll(filepath.Dir(s.path(name)), 0o755))
	must(s.t, os.WriteFile(s.path(name), data, 0o600))
	must(s.t, os.Chmod(s.path(name), mode))
}

func (s *scene) read(name string) []byte {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	must(s.t, err)
	return data
}

func (s *scene) remove(name string) { must(s.t, os.Remove(s.path(name))) }

// mycnf writes my.cnf: "@/" stands for the folder, and lines are parted by "|".
func (s *scene) mycnf(text string) {
	s.t.Helper()
	text = strings.ReplaceAll(strings.ReplaceAll(text, "@", s.dir), "|", "\n")
	s.write("my.cnf", []byte(text+"\n"), 0o644)
}

// encrypted is the key in the form that openssl pkey -aes256 writes.
func (s *scene) encrypted(kind string) []byte {
	block, err := pemutil.Serialize(s.keys[kind], pemutil.WithPKCS8(true), pemutil.WithPassword([]byte("sesame")))
	must(s.t, err)
	return pem.EncodeToMemory(block)
}

func (s *scene) report(paths ...string) Report {
	s.t.Helper()
	report, err := s.disk.Paths(paths...)
	must(s.t, err)
	return report
}

// kindsOf is the identifiers of the findings, each once, in order of the alphabet.
func kindsOf(list []finding.Finding) []string {
	found := []string{}
	for _, f := range list {
		found = append(found, f.ID)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

const (
	serverOptions = "[mysqld]|ssl-ca=@/ca-cert.pem|ssl-cert=@/server-cert.pem|ssl-key=@/server-key.pem"
	clientFiles   = "ssl-ca=@/ca-cert.pem|ssl-cert=@/client-cert.pem|ssl-key=@/client-key.pem"
	clientOptions = "[mysql]|" + clientFiles + "|ssl-mode=VERIFY_IDENTITY"
	mariaClient   = "[client-mariadb]|" + clientFiles + "|ssl-verify-server-cert=1"
)
