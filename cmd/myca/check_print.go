package main

import (
	"crypto/x509"
	"fmt"
	"strings"

	"myca/ca"
	"myca/check"
	"myca/dn"
	"myca/live"
)

// checkedJSON is what check --json prints.
type checkedJSON struct {
	Server   serverJSON    `json:"server"`
	Accounts []accountJSON `json:"accounts"`
	Logins   []loginJSON   `json:"logins"`
	diagnosis
}

// serverJSON is what a server says and shows; what is not known is null.
type serverJSON struct {
	Address     string               `json:"address"`
	Version     string               `json:"version"`
	TLSLibrary  *string              `json:"tls_library"`
	TLS         string               `json:"tls"` // on, off or unknown
	Protocol    *string              `json:"protocol"`
	Cipher      *string              `json:"cipher"`
	Certificate *presentedJSON       `json:"certificate"`
	Files       *configuredFilesJSON `json:"files"`
	Require     *bool                `json:"require_secure_transport"`
	User        *string              `json:"user"` // who was logged in
}

type presentedJSON struct {
	Subject   string   `json:"subject"`
	Issuer    string   `json:"issuer"`
	Serial    string   `json:"serial"`
	NotBefore string   `json:"not_before"`
	NotAfter  string   `json:"not_after"`
	Names     []string `json:"names"`
}

// configuredFilesJSON is the TLS files as the server's settings name them.
type configuredFilesJSON struct {
	CA      *string `json:"ca"`
	CAPath  *string `json:"capath"`
	Cert    *string `json:"cert"`
	Key     *string `json:"key"`
	CRL     *string `json:"crl"`
	CRLPath *string `json:"crlpath"`
}

type accountJSON struct {
	Account     string       `json:"account"`
	Require     string       `json:"require"`
	SatisfiedBy []string     `json:"satisfied_by"` // at most ten
	Satisfying  int          `json:"satisfying"`
	Nearest     *nearestJSON `json:"nearest"`
}

type nearestJSON struct {
	Name       string `json:"name"`
	Subject    string `json:"subject"`
	Difference string `json:"difference"`
	Note       string `json:"note"`
	Marked     string `json:"marked"`
}

type loginJSON struct {
	Account     string  `json:"account"`
	Certificate *string `json:"certificate"` // the pair's name; null for none
	How         string  `json:"how"`
	In          bool    `json:"in"`
	Message     string  `json:"message"` // the server's, or why there was no answer

	expected bool // a refusal that is as it should be
}

func (k *checking) print() error {
	d := newDiagnosis(k.findings, k.unseen, k.notices)
	if k.t.json {
		return k.t.printJSON(checkedJSON{k.describeServer(), k.describeAccounts(), k.describeLogins(), d})
	}
	k.t.notice(k.notices...)
	k.printServer(k.describeServer())
	if err := k.printAccounts(); err != nil {
		return err
	}
	if err := k.printLogins(); err != nil {
		return err
	}
	k.t.printDiagnosis(d)
	return nil
}

func (k *checking) describeServer() serverJSON {
	shown := serverJSON{Address: k.server.address.String(), Version: k.hello.Banner, TLS: live.Off.String()}
	if k.hello.OffersTLS {
		shown.TLS = live.On.String()
	}
	if h := k.hello.Handshake; h != nil {
		shown.Protocol, shown.Cipher = present(h.Protocol), present(h.Cipher)
		if len(h.Certificates) > 0 {
			shown.Certificate = describePresented(h.Certificates[0])
		}
	}
	if f := k.facts; f != nil {
		shown.Version = f.VersionText
		shown.TLSLibrary, shown.User, shown.Require = present(f.TLSLibrary), present(f.CurrentUser), f.RequireSecureTransport
		if f.TLS != live.Unknown {
			shown.TLS = f.TLS.String()
		}
		c := f.Configured
		shown.Files = &configuredFilesJSON{present(c.CA), present(c.CAPath), present(c.Cert), present(c.Key), present(c.CRL), present(c.CRLPath)}
	}
	return shown
}

func describePresented(cert *x509.Certificate) *presentedJSON {
	return &presentedJSON{
		Subject: nameText(cert.RawSubject), Issuer: nameText(cert.RawIssuer), Serial: ca.SerialHex(cert.SerialNumber),
		NotBefore: stamp(cert.NotBefore), NotAfter: stamp(cert.NotAfter), Names: sansOf(cert),
	}
}

// nameText is a name as a subject is written, or what is wrong with it.
func nameText(der []byte) string {
	name, err := dn.FromDER(der)
	if err != nil {
		return err.Error()
	}
	return name.String()
}

func (k *checking) describeAccounts() []accountJSON {
	list := []accountJSON{}
	for _, v := range k.views {
		shown := accountJSON{Account: v.Account, Require: v.Require, SatisfiedBy: append([]string{}, v.SatisfiedBy...), Satisfying: v.Satisfying}
		if n := v.Nearest; n != nil {
			shown.Nearest = &nearestJSON{n.Name, n.Subject, n.Difference, n.Note, n.Marked}
		}
		list = append(list, shown)
	}
	return list
}

func (k *checking) describeLogins() []loginJSON {
	list := []loginJSON{}
	for _, l := range k.tried {
		for _, try := range l.Tries {
			shown := loginJSON{Account: l.Account.SQL(), Certificate: present(try.Certificate), How: string(try.How), In: try.Attempt.In, expected: l.Expected(try)}
			if try.Attempt.Err != nil {
				shown.Message = try.Attempt.Err.Error()
			}
			list = append(list, shown)
		}
	}
	return list
}

func (k *checking) printServer(s serverJSON) {
	fmt.Fprintf(k.t.out, "server %s\n", printable(s.Address))
	handshake := strings.Join([]string{deref(s.Protocol), deref(s.Cipher)}, ", ")
	pairs := []string{"version", s.Version, "TLS library", deref(s.TLSLibrary), "TLS", s.TLS, "negotiated", strings.Trim(handshake, ", ")}
	if h := k.hello.Handshake; h != nil && len(h.Certificates) > 0 {
		cert := h.Certificates[0]
		pairs = append(pairs, "certificate", s.Certificate.Subject, "issuer", s.Certificate.Issuer,
			"names", strings.Join(s.Certificate.Names, ", "), "expires", ends(cert.NotAfter, k.t.now()), "serial", s.Certificate.Serial)
	}
	if s.Files != nil {
		pairs = append(pairs, "ssl-ca", deref(s.Files.CA), "ssl-cert", deref(s.Files.Cert), "ssl-key", deref(s.Files.Key), "ssl-crl", deref(s.Files.CRL))
	}
	if s.Require != nil {
		pairs = append(pairs, "require-secure-transport", map[bool]string{true: "on", false: "off"}[*s.Require])
	}
	k.t.fields(append(pairs, "logged in as", deref(s.User))...)
	fmt.Fprintln(k.t.out)
}

// printAccounts prints the accounts that demand something or that a finding is
// about.
func (k *checking) printAccounts() error {
	concerned := map[string]bool{}
	for _, f := range k.findings {
		concerned[f.Where] = true
	}
	var accounts table
	for _, v := range k.views {
		requirement := strings.TrimPrefix(v.Require, "REQUIRE ")
		if requirement == "NONE" && !concerned[v.Account] {
			continue
		}
		if len(accounts.rows) == 0 {
			accounts.add("ACCOUNT", "REQUIREMENT", "MET BY")
		}
		accounts.add(printable(v.Account), printable(requirement), printable(metBy(v)))
	}
	if len(accounts.rows) == 0 {
		return nil
	}
	if err := accounts.print(k.t.out); err != nil {
		return err
	}
	fmt.Fprintln(k.t.out)
	for _, v := range k.views {
		k.printNearest(v)
	}
	return nil
}

func metBy(v check.View) string {
	text := strings.Join(v.SatisfiedBy, ", ")
	if more := v.Satisfying - len(v.SatisfiedBy); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// printNearest shows what a requirement that nobody meets was probably meant
// to be.
func (k *checking) printNearest(v check.View) {
	if v.Nearest == nil {
		return
	}
	near := v.Nearest.Name
	if near == "" {
		near = "the store's CA"
	}
	fmt.Fprintf(k.t.out, "%s is nearest to %s (%s)\n", printable(v.Account), printable(near), v.Nearest.Difference)
	for i, line := range strings.Split(v.Nearest.Marked, "\n") {
		form := "  '%s'\n" // so that blanks at the end are seen
		if i == 2 {
			form = "   %s\n" // the carets
		}
		fmt.Fprintf(k.t.out, form, printable(line))
	}
	if v.Nearest.Note != "" {
		fmt.Fprintf(k.t.out, "  %s\n", printable(v.Nearest.Note))
	}
	fmt.Fprintln(k.t.out)
}

func (k *checking) printLogins() error {
	logins := k.describeLogins()
	if len(logins) == 0 {
		return nil
	}
	var tried table
	tried.add("ACCOUNT", "LOGIN", "CERTIFICATE", "RESULT")
	for _, l := range logins {
		result := "in"
		switch {
		case l.expected:
			result = "refused, as it should be"
		case !l.In:
			result = l.Message
		}
		tried.add(printable(l.Account), l.How, printable(deref(l.Certificate)), printable(result))
	}
	if err := tried.print(k.t.out); err != nil {
		return err
	}
	_, err := fmt.Fprintln(k.t.out)
	return err
}
