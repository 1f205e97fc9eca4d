package verify

import (
	"errors"
	"io/fs"
	"strings"

	"myca/finding"
)

// PairFiles is where the files of a pair of a store lie; "" is one it has not.
type PairFiles struct {
	Certificate, Key, CA, CRL, OptionFile string
	// Owner is USER or USER:GROUP that the server's files were given to (issue
	// --owner), "" for the operator's own.
	Owner string
}

// pair is a pair of the store.
type pair struct {
	name string
	PairFiles
}

// owner is the user of Owner.
func (p pair) owner() string {
	user, _, _ := strings.Cut(p.Owner, ":")
	return user
}

// Pair diagnoses a pair of a store, each file by itself and all together. A file
// that is named and missing is a finding. The options of its option file are
// judged, and the files they name where those are in the same folder: another
// one is on the host the pair is for. Whether the server's user can read them is
// judged for the files of an owner, or when Disk.ServerUser is set. The error is
// an unknown Disk.ServerUser.
func (d Disk) Pair(name string, role Role, files PairFiles) (Report, error) {
	s, err := d.begin()
	if err != nil {
		return Report{}, err
	}
	s.pairName = name
	found := set{name: name, role: role}
	take := func(path, kind string) *material {
		m := s.ofPair(path, kind)
		if m != nil {
			found.files = append(found.files, m)
		}
		found.blind = found.blind || m == nil && path != ""
		return m
	}
	take(files.Certificate, "certificate")
	found.key = take(files.Key, "private key")
	if bundle := take(files.CA, "certificate"); bundle != nil {
		found.trust = []*material{bundle}
	}
	take(files.CRL, "CRL")
	s.judge(found)
	place := scope{pair: &pair{name, files}}
	if files.OptionFile != "" {
		s.optionFiles(place, files.OptionFile)
	}
	return s.report, nil
}

// ofPair reads a file of a pair; nil when there is none of the kind.
func (s *survey) ofPair(path, kind string) *material {
	if path == "" {
		return nil
	}
	m, err := s.load(path)
	switch {
	case s.blind(path, err):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		s.add(finding.New(finding.FileMissing, path, "put the file back, or make the pair anew: myca renew "+shellWord(s.pairName),
			"the pair's %s is not there%s", kind, s.beside(path)))
		return nil
	case err != nil:
		s.add(finding.New(finding.FileUnreadable, path, "", "%v", cause(err)))
		return nil
	}
	holds := map[string]bool{"certificate": len(m.certs) > 0, "private key": m.private, "CRL": len(m.crls) > 0}[kind]
	if !holds && m.damage == "" && m.foreign == "" {
		s.add(finding.New(finding.FileUnreadable, path, "", "it holds no %s", kind))
	}
	return m
}
