package store

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/ledger"
)

// verify fails unless the store in dir is whole: nothing staged, every active
// certificate in place with its key, texts and bundle, every folder in the
// ledger, nothing else there. It returns the rows.
func verify(t *testing.T, dir string) []ledger.Row {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatalf("the store does not open: %v", err)
	}
	defer s.Close()
	if _, err := s.Authority(); err != nil {
		t.Errorf("the authority does not open: %v", err)
	}
	certs, err := s.CACertificates()
	if err != nil {
		t.Fatal(err)
	}
	bundle := string(encode(certs))
	files := tree(t, dir)
	expect := func(path, content string, mode fs.FileMode) {
		t.Helper()
		f, there := files[path]
		switch {
		case !there:
			t.Errorf("%s is missing", path)
		case f.mode != mode:
			t.Errorf("%s has mode %v, want %v", path, f.mode, mode)
		case content != "" && f.content != content:
			t.Errorf("%s holds %q, want %q", path, f.content, content)
		}
		delete(files, path)
	}
	expect(ledgerName, "", publicMode)
	expect(lockName, "", secretMode)
	expect(bundleFile, bundle, publicMode)
	for _, name := range folders() {
		expect(name, "", 0o700|fs.ModeDir)
	}
	var rows []ledger.Row
	for r, err := range s.Ledger().All(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
		expectPair(t, s, r, bundle, expect)
	}
	if expectCRL(t, s, certs, rows) {
		expect(crlFile, "", publicMode)
	}
	// A process that died within its transaction, before it wrote to the ledger,
	// leaves a journal whose first byte is zero or missing: it means nothing to
	// SQLite, and the next transaction removes it.
	if journal := files[ledgerName+"-journal"].content; journal == "" || journal[0] == 0 {
		delete(files, ledgerName+"-journal")
	}
	for path := range files {
		t.Errorf("%s belongs to no certificate of the ledger", path)
	}
	return rows
}

// expectCRL fails unless crl.pem is the last one recorded, with a list of each
// authority in the bundle that names what it revoked, and nothing else. It is
// false when there is none and none is recorded.
func expectCRL(t *testing.T, s *Store, authorities []*x509.Certificate, rows []ledger.Row) bool {
	t.Helper()
	settings, err := s.Ledger().Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if settings.CRLNumber == 0 {
		return false
	}
	lists, err := ca.DecodeCRLs([]byte(read(t, s.crl())))
	if err != nil || len(lists) != len(authorities) {
		t.Fatalf("%s has %d lists (%v), want %d", crlFile, len(lists), err, len(authorities))
	}
	for n, list := range lists {
		if err := list.CheckSignatureFrom(authorities[n]); err != nil {
			t.Errorf("list %d of %s: %v", n, crlFile, err)
		}
		if list.Number.Int64() != settings.CRLNumber {
			t.Errorf("list %d of %s has the number %v, recorded is %d", n, crlFile, list.Number, settings.CRLNumber)
		}
		want, got := []string{}, []string{}
		for _, r := range rows {
			if cert, err := x509.ParseCertificate(r.DER); err != nil || r.Kind != ledger.CA && r.State == ledger.Revoked &&
				bytes.Equal(cert.AuthorityKeyId, authorities[n].SubjectKeyId) {
				want = append(want, fmt.Sprint(r.Serial, r.RevokedAt, ca.ReasonCode(r.Reason)))
			}
		}
		for _, e := range list.RevokedCertificateEntries {
			got = append(got, fmt.Sprint(ca.SerialHex(e.SerialNumber), e.RevocationTime, e.ReasonCode))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("list %d of %s (-want +got):\n%s", n, crlFile, diff)
		}
	}
	return true
}

// expectPair expects the folder of r.
func expectPair(t *testing.T, s *Store, r ledger.Row, bundle string, expect func(path, content string, mode fs.FileMode)) {
	t.Helper()
	folder, err := filepath.Rel(s.Dir(), s.Folder(r))
	if err != nil {
		t.Fatal(err)
	}
	cert, key := filepath.Join(folder, certFile(r.Kind)), filepath.Join(folder, keyFile(r.Kind))
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.Dir(), cert), filepath.Join(s.Dir(), key))
	if own := certificateIn(s.Folder(r), r.Kind); err != nil && r.Kind == ledger.CA && own != nil && read(t, s.path(key)) == "" {
		pair, err = tls.Certificate{Certificate: [][]byte{own.Raw}}, nil // see loseNew
	}
	if err != nil {
		t.Errorf("%s %q (%s): %v", r.Kind, r.Name, r.State, err)
	} else if string(pair.Certificate[0]) != string(r.DER) {
		t.Errorf("%s does not hold the certificate %s", folder, r.Serial)
	}
	expect(folder, "", 0o700|fs.ModeDir)
	expect(cert, "", publicMode)
	expect(key, "", secretMode)
	if r.Kind == ledger.CA {
		return
	}
	if r.State != ledger.Active {
		bundle = "" // as it was when the pair was archived
	}
	expect(filepath.Join(folder, bundleFile), bundle, publicMode)
	sp, err := ReadSpec(r)
	if err != nil {
		t.Error(err)
	}
	mode := publicMode
	if sp.Password == passwordRandom {
		mode = secretMode
	}
	mycnf := filepath.Join(folder, mycnfFile)
	expect(mycnf, "", mode)
	if r.Kind == ledger.Client && s.Files(r).SQL != "" {
		sql, err := filepath.Rel(s.Dir(), s.Files(r).SQL)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(filepath.Join(s.Dir(), sql)); err != nil || !strings.Contains(string(text), r.Serial) {
			t.Errorf("%s is not of certificate %s (%v)", sql, r.Serial, err)
		}
		expect(sql, "", secretMode)
	}
}

// accepted fails unless OpenSSL verifies each active pair with the store's
// bundle and lists.
func accepted(t *testing.T, s *Store) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		return // TestCRLWithOpenSSL says that it is not there
	}
	for r, err := range s.Ledger().All(t.Context(), ledger.Filter{State: ledger.Active}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == ledger.CA {
			continue
		}
		f := s.Files(r)
		args := []string{"verify", "-CAfile", f.CA}
		if list, err := s.CRL(); err == nil && list.Path != "" {
			args = append(args, "-crl_check_all", "-CRLfile", list.Path)
		}
		if text, err := exec.Command("openssl", append(args, f.Cert)...).CombinedOutput(); err != nil {
			t.Errorf("%s %q: %v\n%s", r.Kind, r.Name, err, text)
		}
	}
}

// entry is one file or folder.
type entry struct {
	mode    fs.FileMode
	content string
}

// tree is everything below dir, by its path there.
func tree(t *testing.T, dir string) map[string]entry {
	t.Helper()
	all := map[string]entry{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		e := entry{mode: info.Mode()}
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			e.content = string(data)
		}
		all[name] = e
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
