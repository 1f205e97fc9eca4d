package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/ledger"
	"myca/store"
)

func showCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "one certificate: its names as the server compares them, SANs, EKU, validity",
		ArgsUsage: "NAME|SERIAL|FILE",
		Description: `NAME is a pair of the store (server/NAME, client/NAME where both exist), SERIAL
a serial or its beginning, FILE a certificate in PEM or DER, of any CA.

  myca show laura
  myca show server/db1
  myca show ./client-cert.pem --json
  myca show --target mariadb-10.1 ./client-cert.pem`,
		Flags:  []cli.Flag{libraryFlag()},
		Action: t.show,
	}
}

// shownJSON is one certificate as show prints it; the first fields are those
// of an issued pair.
type shownJSON struct {
	issuedJSON
	State       *string  `json:"state"`      // null for a file that is not in the store
	Generation  *int     `json:"generation"` // likewise
	SANs        []string `json:"sans"`
	EKU         []string `json:"eku"`
	KeyType     string   `json:"key_type"`
	Fingerprint string   `json:"fingerprint_sha256"`
	SPKI        string   `json:"spki_sha256"`
	Accounts    []string `json:"accounts,omitempty"`
}

func (t *tool) show(c *cli.Context) error {
	const usage = "myca show NAME|SERIAL|FILE"
	args, err := arguments(c, 1, 1, usage)
	if err != nil {
		return err
	}
	if err := checkLibrary(c.String("tls-library")); err != nil {
		return badInput(err)
	}
	shown, err := t.lookUp(c.Context, args[0], c.String("tls-library"))
	if err != nil {
		return err
	}
	if t.json {
		return t.printJSON(shown)
	}
	t.notice(shown.Notices...)
	t.printShown(shown)
	return nil
}

// lookUp finds what word means: a name or serial of the store first, then a
// file. Without a store only a file can be meant.
func (t *tool) lookUp(ctx context.Context, word, library string) (shownJSON, error) {
	s, err := t.open()
	if err != nil {
		if errors.Is(err, store.ErrNoStore) && isFile(word) {
			return t.showFile(word, store.Spec{TLSLibrary: library}, defaultTarget)
		}
		if errors.Is(err, store.ErrNoStore) {
			return shownJSON{}, &usageError{message: fmt.Sprintf("no file %q, and no store in %q that could know a certificate of that name", word, t.dir), hint: hintOf(err), cause: err}
		}
		return shownJSON{}, err
	}
	defer s.Close()
	row, err := findRow(ctx, s, word)
	if errors.Is(err, ledger.ErrNotFound) && isFile(word) {
		return t.showFile(word, store.Spec{TLSLibrary: library}, s.Target().String())
	}
	if err != nil {
		return shownJSON{}, err
	}
	return t.showRow(s, row, library)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// findRow finds a certificate of the store by name, KIND/NAME or serial. A
// name means the active certificate, or the newest when none is.
func findRow(ctx context.Context, s *store.Store, word string) (ledger.Row, error) {
	kind, name := "", word
	if before, after, found := strings.Cut(word, "/"); found && (before == ledger.Server || before == ledger.Client || before == ledger.CA) {
		kind, name = before, after
	}
	rows, err := s.Ledger().Named(ctx, kind, name)
	if err != nil {
		return ledger.Row{}, err
	}
	if len(rows) > 0 {
		return oneOf(rows, name)
	}
	serial := strings.ToLower(strings.ReplaceAll(word, ":", ""))
	if kind != "" || !regexp.MustCompile(`^[0-9a-f]{4,40}$`).MatchString(serial) {
		return ledger.Row{}, notFound(s, word)
	}
	rows, err = s.Ledger().Find(ctx, serial, 2)
	switch {
	case err != nil:
		return ledger.Row{}, err
	case len(rows) == 0:
		return ledger.Row{}, notFound(s, word)
	case len(rows) > 1 && rows[0].Serial != serial:
		return ledger.Row{}, usagef("myca list --json | grep serial", "serial %q is the beginning of several", word)
	}
	return rows[0], nil
}

func oneOf(rows []ledger.Row, name string) (ledger.Row, error) {
	best := rows[0]
	for _, row := range rows {
		if row.State == ledger.Active && best.State != ledger.Active {
			best = row
		}
	}
	for _, row := range rows {
		if row.Kind != best.Kind && row.State == best.State {
			return best, usagef(fmt.Sprintf("%s/%s or %s/%s", best.Kind, name, row.Kind, name), "%q is the name of a %s and of a %s", name, best.Kind, row.Kind)
		}
	}
	return best, nil
}

func notFound(s *store.Store, word string) error {
	return &usageError{
		message: fmt.Sprintf("%q is no name or serial of the store %q, and no file", word, s.Dir()),
		hint:    "myca --dir " + shellWord(s.Dir()) + " list",
		cause:   ledger.ErrNotFound,
	}
}

func (t *tool) showRow(s *store.Store, row ledger.Row, library string) (shownJSON, error) {
	spec, err := t.recorded(row, library)
	if err != nil {
		return shownJSON{}, err
	}
	cert, err := x509.ParseCertificate(row.DER)
	if err != nil {
		return shownJSON{}, fmt.Errorf("reading certificate %s of the ledger: %w", row.Serial, err)
	}
	shown, err := describeAny(cert, spec)
	if err != nil {
		return shownJSON{}, err
	}
	state := string(row.State)
	shown.Name, shown.Kind = row.Name, row.Kind
	shown.State, shown.Generation = &state, &row.Generation
	shown.Files = filesOf(s, row)
	shown.Accounts = spec.Accounts
	shown.Notices = s.Notices()
	return shown, nil
}

// recorded is the spec of a row, with --target and --tls-library over it.
func (t *tool) recorded(row ledger.Row, library string) (store.Spec, error) {
	spec, err := store.ReadSpec(row)
	if err != nil {
		return spec, err
	}
	target, err := t.targetOf(spec.Target)
	if err != nil {
		return spec, err
	}
	spec.Target = target.String()
	if t.target != "" {
		spec.TLSLibrary = ""
	}
	if library != "" {
		spec.TLSLibrary = library
	}
	return spec, nil
}

func describeAny(cert *x509.Certificate, spec store.Spec) (shownJSON, error) {
	base, err := describeCertificate(cert, spec)
	return shownJSON{
		issuedJSON: base, SANs: sansOf(cert), EKU: ekusOf(cert), KeyType: keyOf(cert),
		Fingerprint: fingerprint(cert.Raw), SPKI: fingerprint(cert.RawSubjectPublicKeyInfo),
	}, err
}

func ekusOf(cert *x509.Certificate) []string {
	names := []string{}
	for _, use := range cert.ExtKeyUsage {
		switch use {
		case x509.ExtKeyUsageServerAuth:
			names = append(names, "serverAuth")
		case x509.ExtKeyUsageClientAuth:
			names = append(names, "clientAuth")
		case x509.ExtKeyUsageAny:
			names = append(names, "anyExtendedKeyUsage")
		default:
			names = append(names, fmt.Sprintf("other (%d)", use))
		}
	}
	for _, oid := range cert.UnknownExtKeyUsage {
		names = append(names, oid.String())
	}
	return names
}

// keyOf names the certificate's key as --key does, as far as it can.
func keyOf(cert *x509.Certificate) string {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa-%d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ec-" + strings.ToLower(strings.ReplaceAll(key.Curve.Params().Name, "-", ""))
	}
	return strings.ToLower(cert.PublicKeyAlgorithm.String())
}

func (t *tool) printShown(shown shownJSON) {
	fmt.Fprintf(t.out, "%s %s\n", shown.Kind, shown.Name+fileName(shown))
	t.fields(
		"subject", shown.Subject,
		"issuer", shown.Issuer,
		"REQUIRE SUBJECT", shown.Require.Subject,
		"REQUIRE ISSUER", shown.Require.Issuer,
		"SAN", cmp.Or(strings.Join(shown.SANs, ", "), noSAN(shown)),
		"EKU", cmp.Or(strings.Join(shown.EKU, ", "), "none: good for servers and clients"),
		"valid from", shown.NotBefore,
		"valid until", shown.NotAfter,
		"key", shown.KeyType,
		"serial", shown.Serial,
		"SHA-256", shown.Fingerprint,
		"state", deref(shown.State),
		"accounts", strings.Join(shown.Accounts, ", "),
		"certificate", deref(shown.Files.Cert),
		"statements", deref(shown.Files.SQL),
	)
}

// noSAN says what the lack of SANs means.
func noSAN(shown shownJSON) string {
	if shown.Kind == ledger.Client || shown.Kind == ledger.CA {
		return "none"
	}
	return "none: as a server's certificate, most clients cannot verify its host with it"
}

// fileName is what stands for the name of a certificate that has none.
func fileName(shown shownJSON) string {
	if shown.Name != "" {
		return ""
	}
	return deref(shown.Files.Cert)
}
