package ca

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.step.sm/crypto/keyutil"
)

// The files of an authority's folder.
const (
	CertificateFile = "ca-cert.pem"
	KeyFile         = "ca-key.pem"
)

// maxFile is the most that is read of a file, in octets.
const maxFile = 1 << 20

// Open reads an authority from ca-cert.pem (its own certificate first) and
// ca-key.pem in dir. The notices say what can be used but should be changed,
// each with a command that can be pasted: a key that others than its owner may
// read or write, or that belongs to another user than the caller and root.
//
// The error is an *Error that names the file and, where there is a way out,
// has a hint; both files missing are one error. errors.Is finds fs.ErrNotExist
// and fs.ErrPermission.
func Open(dir string) (a *Authority, notices []string, err error) {
	certPath, keyPath := filepath.Join(dir, CertificateFile), filepath.Join(dir, KeyFile)
	cert, certErr := readCertificate(certPath)
	key, notices, keyErr := readKey(keyPath)
	if err := join(certErr, keyErr); err != nil {
		return nil, nil, err
	}
	if a, err = New(cert, key); err != nil {
		fix := "see what it is: openssl x509 -noout -text -in " + shellQuote(certPath)
		if keyutil.VerifyPair(cert.PublicKey, key) != nil {
			fix = "compare the public keys: openssl x509 -noout -pubkey -in " + shellQuote(certPath) +
				"; openssl pkey -pubout -in " + shellQuote(keyPath)
		}
		return nil, nil, &Error{Message: fmt.Sprintf("authority in %q", dir), Fix: fix, Err: err}
	}
	if cert.KeyUsage&x509.KeyUsageCRLSign == 0 {
		notices = append(notices, fmt.Sprintf("authority %q cannot sign a CRL: its key usage does not have cRLSign", a.Subject))
	}
	return a, notices, nil
}

// join is the errors that are there as one, with their hints: nil for none.
func join(errs ...error) error {
	var found []error
	var hints Problems
	for _, err := range errs {
		if err != nil {
			found = append(found, err)
			hints = append(hints, FieldProblem("", err))
		}
	}
	if len(found) < 2 {
		return errors.Join(found...)
	}
	return &Error{Message: fmt.Sprintf("%d files", len(found)), Fix: hints.Hint(), Err: errors.Join(found...)}
}

func readCertificate(path string) (*x509.Certificate, error) {
	data, _, err := read(path, "certificate")
	if err != nil {
		return nil, err
	}
	certs, err := DecodeCertificates(data)
	if err != nil {
		return nil, wrap("authority's certificate", path, err)
	}
	return certs[0], nil
}

func readKey(path string) (crypto.Signer, []string, error) {
	data, info, err := read(path, "key")
	if err != nil {
		return nil, nil, err
	}
	key, err := decodeKey(data, path)
	if err != nil {
		return nil, nil, wrap("authority's key", path, err)
	}
	return key, custody(path, info, os.Geteuid()), nil
}

// wrap puts the file before an error and keeps the hint.
func wrap(what, path string, err error) error {
	p := FieldProblem(what, err)
	return &Error{Message: fmt.Sprintf("%s %q", what, path), Fix: p.Hint, Err: err}
}

// read is the content of a regular file and what is known about it.
func read(path, what string) ([]byte, fs.FileInfo, error) {
	problem := func(fix string, err error) error {
		return &Error{Message: fmt.Sprintf("authority's %s %q", what, path), Fix: fix, Err: err}
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, nil, problem("", errors.New("not a regular file"))
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, problem("restore it from a backup", fs.ErrNotExist)
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, problem("run myca as its owner: ls -l "+shellQuote(path), fs.ErrPermission)
	case err != nil:
		return nil, nil, problem("", err)
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return nil, nil, problem("", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, nil, problem("", err)
	}
	if len(data) > maxFile {
		return nil, nil, problem("", fmt.Errorf("larger than %d octets", maxFile))
	}
	return data, info, nil
}
