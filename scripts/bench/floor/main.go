// Command floor does what a fleet of clients cannot do without, and nothing
// else: with the standard library, on all cores, it makes keys, signs
// certificates of the same content as those of myca, and writes the same files
// of the same sizes into the same folders, with one flush of the file system at
// the end. It is what `myca apply` is measured against.
//
//	floor -ca STORE/ca/1 -clients N -key ec-p256 -mycnf BYTES -sql BYTES -file PATH=BYTES … FOLDER
//
// What is not a key or a certificate is filled with a letter. Each -file is
// written once, such as the ledger's.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"myca/out"
)

// fleet is what the flags ask for.
type fleet struct {
	folder     string
	clients    int
	key        string
	mycnf, sql []byte
	files      []file
	bundle     []byte
	ca         *x509.Certificate
	signer     crypto.Signer
}

// file is one that is written once.
type file struct {
	path string
	size int
}

func main() {
	f, authority := fleet{}, ""
	var mycnf, sql int
	flag.StringVar(&authority, "ca", "", "folder of the authority: ca-cert.pem, ca-key.pem")
	flag.IntVar(&f.clients, "clients", 0, "number of clients")
	flag.StringVar(&f.key, "key", "ec-p256", "ec-p256 or rsa-2048")
	flag.IntVar(&mycnf, "mycnf", 0, "bytes of a my.cnf")
	flag.IntVar(&sql, "sql", 0, "bytes of a client's statements")
	flag.Func("file", "PATH=BYTES of another file", func(text string) error {
		path, size, _ := strings.Cut(text, "=")
		n, err := strconv.Atoi(size)
		f.files = append(f.files, file{path, n})
		return err
	})
	flag.Parse()
	f.folder, f.mycnf, f.sql = flag.Arg(0), filler(mycnf), filler(sql)
	err := f.read(authority)
	if err == nil {
		err = f.make()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "floor: %v\n", err)
		os.Exit(1)
	}
}

func filler(size int) []byte { return []byte(strings.Repeat("x", size)) }

// read takes the authority from its folder.
func (f *fleet) read(folder string) error {
	bundle, err := os.ReadFile(filepath.Join(folder, "ca-cert.pem"))
	if err != nil {
		return err
	}
	secret, err := os.ReadFile(filepath.Join(folder, "ca-key.pem"))
	if err != nil {
		return err
	}
	cert, _ := pem.Decode(bundle)
	key, _ := pem.Decode(secret)
	if cert == nil || key == nil {
		return fmt.Errorf("%q holds no authority", folder)
	}
	f.bundle = bundle
	if f.ca, err = x509.ParseCertificate(cert.Bytes); err != nil {
		return err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(key.Bytes)
	if err != nil {
		return err
	}
	f.signer = parsed.(crypto.Signer)
	return nil
}

// make makes everything, by as many goroutines as there are cores.
func (f *fleet) make() error {
	for _, folder := range []string{"clients", "sql"} {
		if err := os.MkdirAll(filepath.Join(f.folder, folder), 0o700); err != nil {
			return err
		}
	}
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for worker := range errs {
		all.Go(func() {
			for errs[worker] == nil {
				job := int(next.Add(1)) - 1
				switch {
				case job < len(f.files):
					errs[worker] = f.write(f.files[job])
				case job < len(f.files)+f.clients:
					errs[worker] = f.client(job - len(f.files) + 1)
				default:
					return
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return out.SyncAll(f.folder)
}

// write writes one of the other files, by a megabyte.
func (f *fleet) write(one file) error {
	path := filepath.Join(f.folder, one.path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	piece := filler(min(one.size, 1<<20))
	for left := one.size; left > 0 && err == nil; left -= len(piece) {
		_, err = to.Write(piece[:min(left, len(piece))])
	}
	return errors.Join(err, to.Close())
}

// client makes client n and writes its files.
func (f *fleet) client(n int) error {
	name := fmt.Sprintf("app-%0*d", len(strconv.Itoa(f.clients)), n)
	key, err := f.newKey()
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	cert, err := f.sign(name, key)
	if err != nil {
		return err
	}
	folder := filepath.Join(f.folder, "clients", name)
	return errors.Join(
		os.Mkdir(folder, 0o700),
		os.WriteFile(filepath.Join(folder, "ca-cert.pem"), f.bundle, 0o644),
		os.WriteFile(filepath.Join(folder, "client-cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o644),
		os.WriteFile(filepath.Join(folder, "client-key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(filepath.Join(folder, "my.cnf"), f.mycnf, 0o644),
		os.WriteFile(filepath.Join(f.folder, "sql", name+".sql"), f.sql, 0o600),
	)
}

func (f *fleet) newKey() (crypto.Signer, error) {
	switch f.key {
	case "ec-p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa-2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return nil, fmt.Errorf("no key of type %q is made here", f.key)
}

// sign makes a certificate of the content of myca's: scripts/bench compares.
func (f *fleet) sign(name string, key crypto.Signer) ([]byte, error) {
	var public []byte // the bit string of RFC 5280 section 4.2.1.2 (1)
	switch k := key.Public().(type) {
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			return nil, err
		}
		public = point
	case *rsa.PublicKey:
		public = x509.MarshalPKCS1PublicKey(k)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	id := sha1.Sum(public)
	now := time.Now()
	return x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: f.ca.Subject.Organization, CommonName: name},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		SubjectKeyId:          id[:],
	}, f.ca, key.Public(), f.signer)
}
