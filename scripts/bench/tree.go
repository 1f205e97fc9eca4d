package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tree is what a fleet left in a folder, in bytes.
type tree struct {
	files      int
	bytes      int64
	mycnf, sql int64            // of all clients together
	others     map[string]int64 // what is not a client's, by path
}

// measure looks at every file of a store.
func measure(store string) (tree, error) {
	t := tree{others: map[string]int64{}}
	err := filepath.WalkDir(store, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(store, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		t.files++
		t.bytes += info.Size()
		switch {
		case strings.HasPrefix(name, "sql/"):
			t.sql += info.Size()
		case strings.HasPrefix(name, "clients/") && d.Name() == "my.cnf":
			t.mycnf += info.Size()
		case strings.HasPrefix(name, "clients/"):
		default:
			t.others[name] = info.Size()
		}
		return nil
	})
	return t, err
}

// alike is an error when the floor wrote something else than myca: other files,
// sizes that differ by more than one in a hundred, or certificates of other
// content.
func alike(store, floor string) error {
	a, err := measure(store)
	if err != nil {
		return err
	}
	b, err := measure(floor)
	if err != nil {
		return err
	}
	if a.files != b.files || max(a.bytes, b.bytes)-min(a.bytes, b.bytes) > a.bytes/100 {
		return fmt.Errorf("the floor wrote %d files of %d bytes, myca %d of %d", b.files, b.bytes, a.files, a.bytes)
	}
	names, err := os.ReadDir(filepath.Join(store, "clients"))
	if err != nil {
		return err
	}
	for _, one := range names {
		const file = "client-cert.pem"
		mine, err := certificate(filepath.Join(store, "clients", one.Name(), file))
		if err != nil {
			return err
		}
		other, err := certificate(filepath.Join(floor, "clients", one.Name(), file))
		if err != nil {
			return err
		}
		if err := sameContent(mine, other); err != nil {
			return fmt.Errorf("client %q: %w", one.Name(), err)
		}
	}
	return nil
}

// certificate reads the first of a file.
func certificate(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil, fmt.Errorf("%q holds no certificate", path)
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
		text = rest
	}
}

// sameContent compares what is not chance: subject, issuer, key type and
// extensions. The order of these is each program's own.
func sameContent(a, b *x509.Certificate) error {
	if !bytes.Equal(a.RawSubject, b.RawSubject) || !bytes.Equal(a.RawIssuer, b.RawIssuer) {
		return fmt.Errorf("the names are %q of %q and %q of %q", a.Subject, a.Issuer, b.Subject, b.Issuer)
	}
	if a.PublicKeyAlgorithm != b.PublicKeyAlgorithm || a.SignatureAlgorithm != b.SignatureAlgorithm ||
		len(a.RawSubjectPublicKeyInfo) != len(b.RawSubjectPublicKeyInfo) {
		return errors.New("the keys are of two types")
	}
	of := func(c *x509.Certificate) map[string]string {
		all := map[string]string{}
		for _, e := range c.Extensions {
			all[e.Id.String()] = fmt.Sprint(e.Critical, len(e.Value))
		}
		return all
	}
	x, y := of(a), of(b)
	for id, content := range x {
		if y[id] != content {
			return fmt.Errorf("extension %s is %q and %q (critical, bytes)", id, content, y[id])
		}
	}
	if len(x) != len(y) {
		return fmt.Errorf("there are %d and %d extensions", len(x), len(y))
	}
	return nil
}
