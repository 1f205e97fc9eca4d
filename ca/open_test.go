//go:build unix

package ca

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// authorityFolder writes an authority's two files.
func authorityFolder(t *testing.T, mode os.FileMode) (dir string, cert, key []byte) {
	t.Helper()
	a, key := mustCreate(t, testSpec(t, "/CN=test CA", ECP256))
	dir, cert = t.TempDir(), EncodeCertificate(a.Certificate)
	writeFile(t, dir, CertificateFile, cert, 0o644)
	writeFile(t, dir, KeyFile, key, mode)
	return dir, cert, key
}

func TestOpen(t *testing.T) {
	dir, _, _ := authorityFolder(t, 0o600)
	a, notices, err := Open(dir)
	if err != nil || notices != nil {
		t.Fatalf("notices %q, error %v", notices, err)
	}
	if a.Subject.String() != "/CN=test CA" {
		t.Errorf("subject %q", a.Subject)
	}
	if _, err := a.Sign(leafTemplate(t, "/CN=x"), testKey(t, ECP256).Public()); err != nil {
		t.Error(err)
	}
}

// TestOpenModes runs the command of the notice, which must settle it.
func TestOpenModes(t *testing.T) {
	for mode, want := range map[os.FileMode]bool{
		0o600: false, 0o400: false, 0o700: false, 0o640: true, 0o604: true, 0o644: true, 0o666: true, 0o610: true,
	} {
		dir, _, _ := authorityFolder(t, mode)
		odd := filepath.Join(dir, "it's odd")
		if err := os.Mkdir(odd, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{CertificateFile, KeyFile} {
			if err := os.Rename(filepath.Join(dir, name), filepath.Join(odd, name)); err != nil {
				t.Fatal(err)
			}
		}
		_, notices, err := Open(odd)
		if err != nil || (len(notices) == 1) != want {
			t.Fatalf("mode %o: notices %q, error %v", mode, notices, err)
		}
		if !want {
			continue
		}
		_, command, _ := strings.Cut(notices[0], "): ")
		if !strings.HasPrefix(command, "chmod 600 ") {
			t.Fatalf("no command in %q", notices[0])
		}
		if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", command, err, out)
		}
		if _, notices, err = Open(odd); err != nil || notices != nil {
			t.Errorf("after %s: notices %q, error %v", command, notices, err)
		}
	}
}

func TestOpenForeignOwner(t *testing.T) {
	dir, _, _ := authorityFolder(t, 0o600)
	path := filepath.Join(dir, KeyFile)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	me := int(info.Sys().(*syscall.Stat_t).Uid)
	if got := custody(path, info, me); got != nil {
		t.Errorf("for its owner: %q", got)
	}
	if me != 0 {
		t.Skip("only root can give a file to another user")
	}
	if err := os.Chown(path, 4242, -1); err != nil {
		t.Fatal(err)
	}
	_, notices, err := Open(dir)
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "uid 4242") || !strings.Contains(notices[0], "chown 0 ") {
		t.Errorf("notices %q, error %v", notices, err)
	}
}

// TestOpenNotice is for an authority made elsewhere that cannot sign CRLs.
func TestOpenNotice(t *testing.T) {
	dir := t.TempDir()
	needs(t, "openssl")
	run(t, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=foreign",
		"-addext", "keyUsage=critical,keyCertSign", "-keyout", filepath.Join(dir, KeyFile), "-out", filepath.Join(dir, CertificateFile))
	a, notices, err := Open(dir)
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "cRLSign") {
		t.Fatalf("notices %q, error %v", notices, err)
	}
	if a.Subject.String() != "/CN=foreign" {
		t.Errorf("subject %q", a.Subject)
	}
}

func TestOpenRefuses(t *testing.T) {
	_, _, foreignKey := authorityFolder(t, 0o600)
	for name, tt := range map[string]struct {
		spoil      func(t *testing.T, dir string, cert, key []byte)
		want, hint string
		is         error
	}{
		"no certificate":    {remove(CertificateFile), `ca-cert.pem": file does not exist`, "restore it from a backup", fs.ErrNotExist},
		"no key":            {remove(KeyFile), `ca-key.pem": file does not exist`, "restore it from a backup", fs.ErrNotExist},
		"nothing":           {remove(CertificateFile, KeyFile), "2 files: ", "restore it", fs.ErrNotExist},
		"empty key":         {put(KeyFile, ""), `ca-key.pem": the file is empty`, "", nil},
		"empty certificate": {put(CertificateFile, ""), `ca-cert.pem": the file is empty`, "", nil},
		"large key":         {put(KeyFile, strings.Repeat("x", 1<<20+1)), "larger than 1048576 octets", "", nil},
		"foreign key":       {put(KeyFile, string(foreignKey)), "the private key is not the certificate's", "compare the public keys: openssl x509 ", nil},
		"truncated key": {func(t *testing.T, dir string, _, key []byte) {
			writeFile(t, dir, KeyFile, key[:len(key)/2], 0o600)
		}, "cut off or damaged", "", nil},
		"encrypted key": {func(t *testing.T, dir string, _, key []byte) {
			signer, err := DecodeKey(key)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, KeyFile, encrypted(t, signer, true), 0o600)
		}, "the key is encrypted, which is not supported yet", "(umask 077; openssl pkey -in '", nil},
		"a leaf": {func(t *testing.T, dir string, cert, key []byte) {
			signer, err := DecodeKey(key)
			if err != nil {
				t.Fatal(err)
			}
			a, err := DecodeCertificates(cert)
			if err != nil {
				t.Fatal(err)
			}
			authority, err := New(a[0], signer)
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := authority.Sign(leafTemplate(t, "/CN=leaf"), signer.Public())
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, CertificateFile, EncodeCertificate(leaf), 0o644)
		}, "CA:TRUE", "openssl x509 -noout -text", nil},
		"key is a folder": {func(t *testing.T, dir string, _, _ []byte) {
			remove(KeyFile)(t, dir, nil, nil)
			if err := os.Mkdir(filepath.Join(dir, KeyFile), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "not a regular file", "", nil},
		"key is a pipe": {func(t *testing.T, dir string, _, _ []byte) {
			remove(KeyFile)(t, dir, nil, nil)
			if err := syscall.Mkfifo(filepath.Join(dir, KeyFile), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a regular file", "", nil},
		"files swapped": {func(t *testing.T, dir string, cert, key []byte) {
			writeFile(t, dir, KeyFile, cert, 0o600)
			writeFile(t, dir, CertificateFile, key, 0o600)
		}, `no certificate, but ["PRIVATE KEY"]`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir, cert, key := authorityFolder(t, 0o600)
			tt.spoil(t, dir, cert, key)
			a, notices, err := Open(dir)
			var e *Error
			if a != nil || notices != nil || !errors.As(err, &e) {
				t.Fatalf("got %v, %q, %v", a, notices, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
			if !strings.Contains(e.Hint(), tt.hint) || tt.hint == "" && e.Hint() != "" {
				t.Errorf("hint %q, want %q in it", e.Hint(), tt.hint)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not %v", err, tt.is)
			}
		})
	}
}

func remove(names ...string) func(*testing.T, string, []byte, []byte) {
	return func(t *testing.T, dir string, _, _ []byte) {
		t.Helper()
		for _, name := range names {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func put(name, text string) func(*testing.T, string, []byte, []byte) {
	return func(t *testing.T, dir string, _, _ []byte) {
		t.Helper()
		writeFile(t, dir, name, []byte(text), 0o600)
	}
}

// TestDecryptHint runs the command of the hint: afterwards the key is read.
func TestDecryptHint(t *testing.T) {
	needs(t, "openssl")
	dir, _, key := authorityFolder(t, 0o600)
	signer, err := DecodeKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, KeyFile, encrypted(t, signer, true), 0o644)
	_, _, err = Open(dir)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	command := strings.Replace(e.Hint(), "openssl pkey", "openssl pkey -passin pass:secret", 1)
	run(t, "sh", "-c", command)
	if _, notices, err := Open(dir); err != nil || notices != nil {
		t.Errorf("notices %q, error %v", notices, err)
	}
}
