package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"myca/ca"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/store"
)

// filesJSON are absolute paths; a file that does not exist is null.
type filesJSON struct {
	CA    *string `json:"ca"`
	Cert  *string `json:"cert"`
	Key   *string `json:"key"`
	MyCnf *string `json:"mycnf"`
	SQL   *string `json:"sql"`
}

// requireJSON are the raw strings the server compares.
type requireJSON struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// issuedJSON is one issued pair; part of the command line's contract. Serials
// are lower-case hex, times RFC 3339 in UTC.
type issuedJSON struct {
	Name      string      `json:"name"`
	Kind      string      `json:"kind"`
	Subject   string      `json:"subject"`
	Issuer    string      `json:"issuer"`
	Serial    string      `json:"serial"`
	NotBefore string      `json:"not_before"`
	NotAfter  string      `json:"not_after"`
	Files     filesJSON   `json:"files"`
	Require   requireJSON `json:"require"`
	Notices   []string    `json:"notices,omitempty"`
}

func (t *tool) printJSON(value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

func describeItem(item *store.Item) (issuedJSON, error) {
	shown, err := describeCertificate(item.Pair.Certificate, item.Spec)
	shown.Name, shown.Kind = item.Row.Name, item.Row.Kind
	shown.Files = describeFiles(item.Files())
	return shown, err
}

// describeCertificate tells what a certificate says, its names as the server
// of spec compares them.
func describeCertificate(cert *x509.Certificate, spec store.Spec) (issuedJSON, error) {
	subject, err := dn.FromDER(cert.RawSubject)
	if err != nil {
		return issuedJSON{}, fmt.Errorf("reading the subject of certificate %s: %w", ca.SerialHex(cert.SerialNumber), err)
	}
	issuer, err := dn.FromDER(cert.RawIssuer)
	if err != nil {
		return issuedJSON{}, fmt.Errorf("reading the issuer of certificate %s: %w", ca.SerialHex(cert.SerialNumber), err)
	}
	library, err := spec.Library()
	if err != nil {
		return issuedJSON{}, err
	}
	return issuedJSON{
		Subject:   subject.String(),
		Issuer:    issuer.String(),
		Serial:    ca.SerialHex(cert.SerialNumber),
		NotBefore: stamp(cert.NotBefore),
		NotAfter:  stamp(cert.NotAfter),
		Require:   requireJSON{Issuer: issuer.OneLine(library), Subject: subject.OneLine(library)},
	}, nil
}

func describeFiles(f store.Files) filesJSON {
	return filesJSON{CA: present(f.CA), Cert: present(f.Cert), Key: present(f.Key), MyCnf: present(f.MyCnf), SQL: present(f.SQL)}
}

func present(path string) *string {
	if path == "" {
		return nil
	}
	return &path
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// ends tells an expiry in plain words: "2029-02-24, in 825 days".
func ends(at, now time.Time) string {
	day := at.UTC().Format(time.DateOnly)
	left := at.Unix() - now.Unix() // a Duration ends after 292 years
	switch days := left / (24 * 3600); {
	case left <= 0:
		return day + ", expired"
	case days == 0:
		return at.UTC().Format("2006-01-02 15:04 MST") + ", within a day"
	case days == 1:
		return day + ", in 1 day"
	default:
		return fmt.Sprintf("%s, in %d days", day, days)
	}
}

// sansOf are the certificate's SANs as the flags write them.
func sansOf(cert *x509.Certificate) []string {
	names := []string{}
	for _, name := range cert.DNSNames {
		names = append(names, "dns:"+name)
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, "ip:"+ip.String())
	}
	for _, mail := range cert.EmailAddresses {
		names = append(names, "email:"+mail)
	}
	for _, uri := range cert.URIs {
		names = append(names, "uri:"+uri.String())
	}
	return names
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// fields prints aligned "label  value" lines; empty values are left out.
func (t *tool) fields(pairs ...string) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(w, "  %s\t%s\n", pairs[i], printable(pairs[i+1]))
		}
	}
	w.Flush()
}

// printable shows control characters, which a certificate made elsewhere may
// hold, as escapes: the terminal must not obey them.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) && utf8.ValidString(text) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(quoted[1 : len(quoted)-1])
}

func (t *tool) printIssued(shown issuedJSON, pair *issue.Pair) {
	fmt.Fprintf(t.out, "%s %s\n", shown.Kind, shown.Name)
	t.fields(
		"subject", shown.Subject,
		"SAN", strings.Join(sansOf(pair.Certificate), ", "),
		"expires", ends(pair.Certificate.NotAfter, t.now()),
		"serial", shown.Serial,
		"certificate", deref(shown.Files.Cert),
		"key", deref(shown.Files.Key),
		"option file", deref(shown.Files.MyCnf),
		"statements", deref(shown.Files.SQL),
	)
}

// listFiles names what was written, under --verbose.
func (t *tool) listFiles(f filesJSON) {
	if !t.verbose || t.json {
		return
	}
	for _, path := range []*string{f.CA, f.Cert, f.Key, f.MyCnf, f.SQL} {
		if path != nil {
			fmt.Fprintf(t.err, "myca: wrote %s\n", *path)
		}
	}
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// filesOf names the files of a row: those of an active pair only, since what
// was superseded lies in the archive.
func filesOf(s *store.Store, row ledger.Row) filesJSON {
	if row.State != ledger.Active {
		return filesJSON{}
	}
	return describeFiles(s.Files(row))
}
