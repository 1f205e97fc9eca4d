package store

import (
	"crypto/x509"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// defaultTarget stands for the server version where no file names one.
const defaultTarget = "mysql-8.4"

// texts is what the option file and the account statements of a pair say.
type texts struct {
	name, target string            // of the option file's header
	options      map[string]string // of the option file
	groups       []string
	sql          string
}

// textsIn reads the texts of a pair. The headers are those of package
// templates: "# Connection of the client NAME, made by myca for TARGET.".
func textsIn(folder, kind, statements string) texts {
	t := texts{options: map[string]string{}, sql: string(readText(statements))}
	header := regexp.MustCompile(`^# .* the ` + kind + ` (\S+), made by myca for (\S+)\.$`)
	for line := range strings.Lines(string(readText(filepath.Join(folder, mycnfFile)))) {
		line = strings.TrimSpace(line)
		if found := header.FindStringSubmatch(line); found != nil {
			t.name, t.target = found[1], found[2]
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			t.groups = append(t.groups, strings.Trim(line, "[]"))
		}
		key, raw, _ := strings.Cut(line, "=")
		if value, err := dialect.ReadOptionValue(raw); err == nil && !strings.HasPrefix(line, "#") {
			t.options[key] = value
		}
	}
	if _, err := dialect.Parse(t.target); err != nil {
		t.target = ""
	}
	return t
}

// specOf reads back what a pair was made from, as far as its certificate and
// its texts tell. The notices say what they do not.
func (b *rebuilding) specOf(cert *x509.Certificate, kind, folder string, t texts) (Spec, []string) {
	sp := Spec{
		Target: t.target, Profile: profileOf(cert, kind), Days: wholeDays(cert),
		Key: string(ca.KeyTypeOf(cert.PublicKey)), KeyFormat: string(ca.PKCS8),
		DeployDir: deployDirOf(t.options["ssl-ca"], kind),
	}
	if sp.Target == "" {
		sp.Target = defaultTarget
		if b.target.Product != "" {
			sp.Target = b.target.String()
		}
	}
	for _, san := range sansOf(cert) {
		_, name, _ := strings.Cut(san, ":")
		sp.SANs = append(sp.SANs, name)
	}
	if strings.Contains(string(readText(filepath.Join(folder, keyFile(kind)))), "RSA PRIVATE KEY") {
		sp.KeyFormat = string(ca.PKCS1)
	}
	if subject, err := dn.FromDER(cert.RawSubject); err == nil && dn.Portable(subject) != nil {
		sp.AllowNonportable = true
	}
	if kind == ledger.Server {
		sp.Owner = b.ownerIn(folder)
		return sp, nil
	}
	return b.clientSpec(sp, cert, t)
}

// profileOf is the profile with the certificate's extended key usage.
func profileOf(cert *x509.Certificate, kind string) string {
	if slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return "peer"
	}
	return kind
}

// deployDirOf is the folder of a path in an option file, "" when it is one in
// a store, this or the one that it was before somebody moved it.
func deployDirOf(path, kind string) string {
	dir := withoutFile(path)
	if at := strings.TrimRight(withoutFile(dir), `/\`); strings.HasSuffix(at, "/"+kind+"s") || strings.HasSuffix(at, `\`+kind+"s") {
		return ""
	}
	return dir
}

// withoutFile is a path of any system up to its last element.
func withoutFile(path string) string {
	if n := strings.LastIndexAny(path, `/\`); n > 0 {
		return path[:n]
	}
	return ""
}

// ownerIn is whom a server's folder was given to, "" when that is the owner of
// the store.
func (b *rebuilding) ownerIn(folder string) string {
	its, err := out.OwnerOf(folder)
	if err != nil || its == nil {
		return ""
	}
	if ours, err := out.OwnerOf(b.Dir()); err != nil || *ours == *its {
		return ""
	}
	return fmt.Sprintf("%d:%d", its.UID, its.GID)
}

// clientSpec adds what the texts of a client tell.
func (b *rebuilding) clientSpec(sp Spec, cert *x509.Certificate, t texts) (Spec, []string) {
	target, err := dialect.Parse(sp.Target)
	if err != nil {
		return sp, []string{err.Error()}
	}
	if !slices.Equal(t.groups, target.ClientGroups()) {
		sp.Groups = t.groups
	}
	sp.Connect = t.options["host"]
	if port := t.options["port"]; port != "" {
		sp.Connect += ":" + port
		if strings.Contains(t.options["host"], ":") {
			sp.Connect = "[" + t.options["host"] + "]:" + port
		}
	}
	_, hasPassword := t.options["password"]
	if hasPassword {
		sp.Password = passwordRandom
	}
	if t.sql == "" {
		return sp, nil
	}
	sp, password := readStatements(sp, cert, t.sql)
	if password && !hasPassword {
		sp.Password = passwordFile
	}
	if !password && !hasPassword && sp.Mode != string(templates.Existing) {
		sp.Password = "none"
	}
	if !b.repeats(sp, cert, t) {
		return sp, []string{fmt.Sprintf("client %q: its account statements could not be read back completely; look at what myca grant prints before it is renewed", t.name)}
	}
	return sp, nil
}

// repeats says whether the statements made from sp are those in t.
func (b *rebuilding) repeats(sp Spec, cert *x509.Certificate, t texts) bool {
	r, err := row(cert, sp, ledger.Client, t.name, 1, cert.NotBefore)
	if err != nil {
		return false
	}
	var passwords []*string
	for _, marker := range []string{"myca-" + r.Serial, "mycä-" + r.Serial} {
		passwords = append(passwords, &marker)
	}
	for _, password := range append(passwords, nil) {
		statements, err := b.AccountStatements(sp, r, password)
		if err != nil {
			return false
		}
		text, err := statements.SQL()
		if err == nil && (text == t.sql || password != nil && between(t.sql, text, dialect.Literal(*password)) != "") {
			return true
		}
	}
	return false
}

// readStatements reads accounts, requirement, privileges and mode from account
// statements, and says whether there is a password in them.
func readStatements(sp Spec, cert *x509.Certificate, sql string) (Spec, bool) {
	account := regexp.MustCompile(`^(?:CREATE USER (?:IF NOT EXISTS )?|ALTER USER |GRANT USAGE ON \*\.\* TO |SET PASSWORD FOR )'([^'\\]+)'@'([^'\\]+)'`)
	grant := regexp.MustCompile(`^GRANT (.+) TO '[^'\\]+'@'[^'\\]+'( WITH GRANT OPTION)?;$`)
	sp.Mode = statementsMode(sql)
	password := false
	for line := range strings.Lines(sql) {
		line = strings.TrimRight(line, "\n")
		if found := account.FindStringSubmatch(line); found != nil {
			if name := found[1] + "@" + found[2]; !slices.Contains(sp.Accounts, name) {
				sp.Accounts = append(sp.Accounts, name)
			}
			password = password || strings.Contains(line, "' IDENTIFIED BY '") || strings.HasPrefix(line, "SET PASSWORD ")
		}
		if strings.Contains(line, " REQUIRE ") && sp.Require == "" {
			sp.Require, sp.TLSLibrary = requirementIn(strings.TrimSuffix(line, ";"), cert, sp)
			continue
		}
		if found := grant.FindStringSubmatch(line); found != nil && !strings.Contains(line, " REQUIRE ") {
			if text := found[1] + found[2]; !slices.Contains(sp.Grants, text) {
				sp.Grants = append(sp.Grants, text)
			}
		}
	}
	return sp, password
}

// statementsMode is the mode that statements were made in.
func statementsMode(sql string) string {
	switch {
	case strings.Contains(sql, "\nCREATE USER IF NOT EXISTS "):
		return string(templates.IfNotExists)
	case strings.Contains(sql, "\n-- The accounts exist already."):
		return string(templates.Existing)
	}
	return string(templates.New)
}

// requirementIn is the requirement whose clause ends the statement, and the TLS
// library whose names it has, "" for the target's.
func requirementIn(statement string, cert *x509.Certificate, sp Spec) (require, library string) {
	subject, issuer, err := dn.FromCertificate(cert.Raw)
	if err != nil {
		return "", ""
	}
	candidates := []string{"issuer,subject", "issuer", "subject", "x509", "ssl", "none"}
	if found := regexp.MustCompile(` CIPHER '([A-Za-z0-9_-]+)'$`).FindStringSubmatch(statement); found != nil {
		cipher := "cipher=" + found[1]
		candidates = []string{"issuer,subject," + cipher, "issuer," + cipher, "subject," + cipher, cipher}
	}
	for _, library := range []string{"", dn.OpenSSL3.String(), dn.OpenSSL1.String(), dn.WolfSSL.String(), dn.YaSSL.String()} {
		sp.TLSLibrary = library
		rendering, err := sp.Library()
		if err != nil {
			continue
		}
		for _, candidate := range candidates {
			r, err := dialect.ParseRequirement(candidate)
			if err == nil && strings.HasSuffix(statement, " "+r.Clause(issuer.OneLine(rendering), subject.OneLine(rendering))) {
				return candidate, library
			}
		}
	}
	return "", ""
}
