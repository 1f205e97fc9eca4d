package main

import (
	"errors"
	"fmt"
	"io/fs"

	"myca/ca"
	"myca/store"
)

// showFile describes the first certificate of a file, as the server of spec, or
// of fallback, sees it.
func (t *tool) showFile(path string, spec store.Spec, fallback string) (shownJSON, error) {
	target, err := t.targetOf(fallback)
	if err != nil {
		return shownJSON{}, err
	}
	spec.Target = target.String()
	raw, err := readBounded(path)
	if err != nil {
		return shownJSON{}, err
	}
	certs, err := ca.DecodeCertificates(raw)
	if err != nil {
		return shownJSON{}, &usageError{message: fmt.Sprintf("reading %q: %v", path, err), hint: hintOf(err), cause: err}
	}
	shown, err := describeAny(certs[0], spec)
	if err != nil {
		return shownJSON{}, err
	}
	shown.Kind, shown.Files.Cert = "file", &path
	if len(certs) > 1 {
		shown.Notices = append(shown.Notices, fmt.Sprintf("%q holds %d certificates: this is the first", path, len(certs)))
	}
	return shown, nil
}

// maxCertificates bounds a file of certificates in bytes.
const maxCertificates = 1 << 20

// readBounded reads a regular file of up to maxCertificates.
func readBounded(path string) ([]byte, error) {
	raw, err := readRegular(path, maxCertificates)
	if errors.Is(err, fs.ErrPermission) {
		return nil, usagef("run as the file's owner", "reading %q: permission denied", path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	if len(raw) > maxCertificates {
		return nil, usagef("a certificate in PEM or DER", "%q has more than %d bytes", path, maxCertificates)
	}
	return raw, nil
}
