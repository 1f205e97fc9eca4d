package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"myca/ca"
	"myca/finding"
	"myca/issue"
	"myca/ledger"
	"myca/out"
	"myca/store"
	"myca/templates"
	"myca/verify"
)

// issuedBy says of a certificate whether it stands in the ledger of s, in any
// state.
func issuedBy(ctx context.Context, s *store.Store) func(*x509.Certificate) bool {
	return func(cert *x509.Certificate) bool {
		_, known := rowOf(ctx, s, cert)
		return known
	}
}

// namedBy says which active pair of s has a certificate.
func namedBy(ctx context.Context, s *store.Store) func(*x509.Certificate) string {
	return func(cert *x509.Certificate) string {
		row, known := rowOf(ctx, s, cert)
		if !known || row.State != ledger.Active || row.Kind != ledger.Server && row.Kind != ledger.Client {
			return ""
		}
		return row.Kind + "/" + row.Name
	}
}

// rowOf is the row of a certificate. A ledger that cannot be read knows none:
// whatever else of it is read tells why.
func rowOf(ctx context.Context, s *store.Store, cert *x509.Certificate) (ledger.Row, bool) {
	if cert.SerialNumber == nil {
		return ledger.Row{}, false
	}
	row, err := s.Ledger().BySerial(ctx, ca.SerialHex(cert.SerialNumber))
	return row, err == nil && string(row.DER) == string(cert.Raw)
}

// stored is a pair to be verified: as much of its row as says where it lies.
type stored struct {
	serial, kind, name     string
	profile, owner, target string
}

// store verifies the authorities, the trust bundle, the CRL and every active
// pair of s, the pair for the server it was issued for unless --target names
// another.
func (v *verification) store(ctx context.Context, s *store.Store) error {
	if err := v.authorities(ctx, s); err != nil {
		return err
	}
	pairs, err := activePairs(ctx, s)
	if err != nil {
		return err
	}
	hosts := v.disk.Hosts
	servers := slices.DeleteFunc(slices.Clone(pairs), func(p stored) bool { return p.kind != ledger.Server })
	if len(servers) != 1 { // of one, that one has to name them
		hosts = nil
		if err := v.hosts(ctx, s); err != nil {
			return err
		}
	}
	for _, pair := range pairs {
		files := s.Files(ledger.Row{Serial: pair.serial, Kind: pair.kind, Name: pair.name, State: ledger.Active})
		disk := v.disk // each pair is judged for the server it was issued for
		disk.Hosts = hosts
		if disk.Target, err = v.t.targetOf(pair.target); err != nil {
			return err
		}
		report, err := disk.Pair(pair.name, pair.role(), verify.PairFiles{
			Certificate: files.Cert, Key: files.Key, CA: files.CA, OptionFile: files.MyCnf, Owner: pair.owner,
		})
		if err != nil {
			return err
		}
		if err := v.add(report); err != nil {
			return err
		}
	}
	return nil
}

// hosts judges whether each host of --host is named by the certificate of one
// of the servers.
func (v *verification) hosts(ctx context.Context, s *store.Store) error {
	missing := slices.Clone(v.disk.Hosts)
	if len(missing) == 0 {
		return nil
	}
	for row, err := range s.Ledger().All(ctx, ledger.Filter{Kind: ledger.Server, State: ledger.Active}) {
		if err != nil {
			return err
		}
		cert, err := x509.ParseCertificate(row.DER)
		if err != nil {
			continue // what is wrong with it is found at the pair
		}
		missing = slices.DeleteFunc(missing, func(host string) bool { return verify.NamesHost(cert, host) })
	}
	if len(missing) == 0 {
		return nil
	}
	words := templates.Shell(missing[0])
	texts := []string{strconv.Quote(missing[0])}
	for _, host := range missing[1:] {
		words += " " + templates.Shell(host)
		texts = append(texts, strconv.Quote(host))
	}
	v.find([]finding.Finding{finding.New(finding.HostNotNamed, s.Dir(), "myca issue server "+words,
		"no server's certificate in the store names %s", strings.Join(texts, " and "))})
	return nil
}

// activePairs lists the active servers and clients. They are read at once,
// because a ledger that is being read keeps writers waiting: about 100 bytes a
// pair.
func activePairs(ctx context.Context, s *store.Store) ([]stored, error) {
	var pairs []stored
	for _, kind := range []string{ledger.Server, ledger.Client} {
		for row, err := range s.Ledger().All(ctx, ledger.Filter{Kind: kind, State: ledger.Active}) {
			if err != nil {
				return nil, err
			}
			spec, err := store.ReadSpec(row)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, stored{row.Serial, kind, row.Name, spec.Profile, spec.Owner, spec.Target})
		}
	}
	return pairs, nil
}

func (p stored) role() verify.Role {
	switch {
	case p.profile == string(issue.ProfilePeer):
		return verify.Peer
	case p.kind == ledger.Client:
		return verify.Client
	}
	return verify.Server
}

// authorities verifies each generation in the trust bundle, the bundle and the
// CRL.
func (v *verification) authorities(ctx context.Context, s *store.Store) error {
	rotation, err := s.Rotation(ctx, v.t.now())
	if err != nil {
		return err
	}
	paths := []string{}
	for _, generation := range rotation.Generations {
		files := s.Files(generation.Row)
		paths = append(paths, files.Cert, files.Key)
	}
	for _, path := range rotation.Stale {
		v.notices = append(v.notices, fmt.Sprintf("the trust bundle in %q is not the current one yet: the next command that changes the store rewrites it", path))
	}
	paths = append(paths, filepath.Join(s.Dir(), ca.CertificateFile))
	list := filepath.Join(s.Dir(), "crl.pem")
	if isFile(list) {
		paths = append(paths, list)
	}
	report, err := v.disk.Paths(paths...)
	if err != nil {
		return err
	}
	if err := v.add(report); err != nil {
		return err
	}
	return v.crl(s, list, rotation.Generations)
}

// maxCRL bounds crl.pem in bytes: 400,000 certificates.
const maxCRL = 16 << 20

// crl verifies that the list of each authority is there: a server with a CRL
// refuses what the others signed. What is wrong with the file by itself has been
// found already.
func (v *verification) crl(s *store.Store, path string, generations []store.Generation) error {
	known, err := s.CRL()
	if err == nil && known.Recorded > known.Number {
		v.notices = append(v.notices, fmt.Sprintf("%q is not the last CRL that was signed: myca ca crl writes a new one", path))
	}
	raw, err := out.ReadFile(path, maxCRL)
	if err != nil {
		return nil
	}
	lists, err := ca.DecodeCRLs(raw)
	if err != nil {
		return nil
	}
	trust, err := s.CACertificates()
	if err != nil {
		return err
	}
	for i, generation := range generations {
		v.find(v.disk.Certificate(verify.Presented{
			Where: s.Files(generation.Row).Cert, Role: verify.Authority, Chain: trust[i : i+1],
			Trust: trust[i : i+1], TrustWhere: s.Dir(), CRLs: lists, CRLWhere: path,
		}))
	}
	return nil
}
