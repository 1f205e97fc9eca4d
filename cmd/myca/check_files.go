package main

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"

	"myca/ca"
)

// readServerFiles reads the files that the server was told to use, where they
// are files of this machine. What is not read check.Server tells.
func (k *checking) readServerFiles() {
	if k.facts == nil || !k.sameMachine() {
		return
	}
	s, c := &k.judged, k.facts.Configured
	var err error
	if path := k.serverFile(c.Cert); path != "" {
		if s.FileCert, err = readCertificates(path); err != nil {
			k.unseen = append(k.unseen, "the server's certificate file: "+err.Error())
		}
		s.FileWhere = path
	}
	if path := k.serverFile(c.Key); path != "" {
		if raw, err := readBounded(path); err == nil { // only its owner can read it
			if key, err := ca.DecodeKey(raw); err == nil {
				s.FileKey, s.KeyWhere = key.Public(), path
			}
		}
	}
	if path := k.serverFile(c.CRL); path != "" {
		if s.CRLs, err = readCRLs(path); err != nil {
			k.unseen = append(k.unseen, "the server's CRL file: "+err.Error())
		}
		s.CRLWhere = path
	}
}

// serverFile is the path of a file of the server, "" when it cannot be told.
func (k *checking) serverFile(path string) string {
	if path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(k.facts.DataDir, path)
	}
	if !filepath.IsAbs(path) {
		return ""
	}
	return path
}

func readCRLs(path string) ([]*x509.RevocationList, error) {
	raw, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	return ca.DecodeCRLs(raw)
}

// sameMachine reports whether the server's files are files of this machine.
func (k *checking) sameMachine() bool {
	name, err := os.Hostname()
	same := err == nil && strings.EqualFold(name, k.facts.Hostname)
	if k.server.address.Socket != "" {
		return same || k.facts.Hostname == ""
	}
	return same && loopback(k.server.address.Host)
}
