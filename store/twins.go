package store

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/templates"
)

// Bearer is a certificate that is to be made, as far as others can stand in for
// it.
type Bearer struct {
	Kind, Name string
	Subject    dn.Name
	Profile    issue.Profile
	Spec       Spec
}

// Bearer is the certificate of the order.
func (o Order) Bearer() Bearer {
	r := o.Plan.Request
	return Bearer{Kind: string(r.Kind), Name: r.Name, Subject: o.Plan.Subject, Profile: r.Profile, Spec: o.Spec}
}

// mostTwins is how many twins of one bearer are told one by one, mostLooked how
// many certificates with its subject are looked at, its own among them.
const (
	mostTwins  = 3
	mostLooked = 100
)

// Twins says of each bearer, a notice each, which certificates of other names
// have the same subject and count at now, when one opens the other's accounts:
// a server compares the text of the subject and of the issuer only. Those
// that pass says are going to be revoked are passed over; it may be nil. The
// error is the ledger's, or ErrDamaged.
func (s *Store) Twins(ctx context.Context, bearers []Bearer, now time.Time, pass func(ledger.Row) bool) ([][]string, error) {
	notices := make([][]string, len(bearers))
	if s.Ledger() == nil {
		return notices, nil
	}
	authority, err := s.Authority()
	if err != nil {
		return nil, err
	}
	var subjects []string
	for _, b := range bearers {
		subjects = append(subjects, b.subjects()...)
	}
	found, err := s.db.InForce(ctx, subjects, now, mostLooked)
	if err != nil || len(found) == 0 {
		return notices, err
	}
	for n, b := range bearers {
		var rows []ledger.Row
		for _, subject := range b.subjects() {
			rows = append(rows, found[subject]...)
		}
		rows = slices.DeleteFunc(rows, func(r ledger.Row) bool {
			return r.Kind == b.Kind && r.Name == b.Name || pass != nil && pass(r)
		})
		if notices[n], err = b.twins(rows, authority.Subject, "myca --dir "+templates.Shell(s.Dir())); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// subjects is the texts under which a certificate with the subject of b may be
// recorded: as each TLS library renders it. There are none when no server takes
// b for a client.
func (b Bearer) subjects() []string {
	if b.Profile == issue.ProfileServer {
		return nil
	}
	var texts []string
	for library := dn.OpenSSL3; library <= dn.YaSSL; library++ {
		if text := b.Subject.OneLine(library); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// twins is the notices about those of the rows that open the accounts of b, or
// whose accounts b opens. command begins the commands in them.
func (b Bearer) twins(rows []ledger.Row, issuer dn.Name, command string) ([]string, error) {
	slices.SortFunc(rows, func(x, y ledger.Row) int {
		return cmp.Or(strings.Compare(string(x.State), string(y.State)), // active ones first
			strings.Compare(x.Kind, y.Kind), strings.Compare(x.Name, y.Name), strings.Compare(x.Serial, y.Serial))
	})
	var notices []string
	for _, r := range rows {
		notice, err := b.twin(r, issuer, command)
		if err != nil {
			return nil, err
		}
		if notice != "" {
			notices = append(notices, notice)
		}
	}
	if more := len(notices) - mostTwins; more > 1 {
		notices = append(notices[:mostTwins], fmt.Sprintf("%d more certificates have the same subject: %s list shows them", more, command))
	}
	return notices, nil
}

// twin is the notice about one certificate, "" when there is nothing to say.
func (b Bearer) twin(r ledger.Row, issuer dn.Name, command string) (string, error) {
	cert, err := x509.ParseCertificate(r.DER)
	if err != nil {
		return "", fmt.Errorf("%w: certificate %s in the ledger: %w", ErrDamaged, r.Serial, err)
	}
	if !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return "", nil
	}
	subject, itsIssuer, err := dn.FromCertificate(r.DER)
	if err != nil {
		return "", fmt.Errorf("%w: certificate %s in the ledger: %w", ErrDamaged, r.Serial, err)
	}
	its, err := ReadSpec(r)
	if err != nil {
		return "", err
	}
	opened, err := b.Spec.opens(b.Subject, issuer, subject, itsIssuer)
	if err != nil {
		return "", err
	}
	opens, err := its.opens(subject, itsIssuer, b.Subject, issuer)
	if err != nil {
		return "", err
	}
	var does string
	switch {
	case opened && opens:
		does = "each opens the accounts of the other"
	case opened:
		does = "it opens these accounts too"
	case opens:
		does = "the new one opens its accounts too (" + strings.Join(its.Accounts, ", ") + ")"
	default:
		return "", nil
	}
	return fmt.Sprintf("certificate %s of %s %s (%s) has the same subject, so %s; if it is not to count any more: %s revoke %s",
		r.Serial, r.Kind, templates.Shell(r.Name), r.State, does, command, r.Serial), nil
}

// opens says whether the accounts of sp, which demand the subject of the
// certificate of these names, take another certificate for it.
func (sp Spec) opens(subject, issuer, otherSubject, otherIssuer dn.Name) (bool, error) {
	if len(sp.Accounts) == 0 || sp.Require == "" {
		return false, nil
	}
	require, err := dialect.ParseRequirement(sp.Require)
	if err != nil || !require.Subject {
		return false, err
	}
	library, err := sp.Library()
	if err != nil {
		return false, err
	}
	same := func(x, y dn.Name) bool { return x.OneLine(library) == y.OneLine(library) }
	return same(subject, otherSubject) && (!require.Issuer || same(issuer, otherIssuer)), nil
}
