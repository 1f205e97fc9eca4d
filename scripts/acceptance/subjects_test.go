package acceptance

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// subject is a row of the table: the subject of an account's certificate, and
// one of the same CA that differs from it by as little as possible.
type subject struct {
	what, dn, near string
}

// portableSubjects are accepted without a flag.
func portableSubjects() []subject {
	long := func(last string) string {
		return "/O=long/" + strings.Repeat("OU="+strings.Repeat("u", 64)+"/", 13) + "OU=" + last + "/CN=very long"
	}
	return []subject{
		{"usual order", "/C=US/ST=WI/L=Madison/O=sampdb/OU=users/CN=laura", "/C=US/ST=WI/L=Madison/O=sampdb/CN=laura/OU=users"},
		{"CN first", "/CN=laura/OU=users/O=sampdb", "/O=sampdb/OU=users/CN=laura"},
		{"C last", "/CN=laura/O=sampdb/C=US", "/C=US/CN=laura/O=sampdb"},
		{"only a CN", "/CN=alone", "/CN=alone /O=x"},
		{"no CN", "/O=sampdb/OU=nobody", "/O=sampdb/OU=nobody/CN=x"},
		{"L before ST", "/C=US/L=Madison/ST=WI/CN=geo", "/C=US/ST=WI/L=Madison/CN=geo"},
		{"two OUs", "/O=sampdb/OU=a/OU=b/CN=two", "/O=sampdb/OU=b/OU=a/CN=two"},
		{"one OU twice", "/O=sampdb/OU=a/OU=a/CN=twice", "/O=sampdb/OU=a/CN=twice"},
		{"two OUs apart", "/OU=a/O=sampdb/OU=b/CN=apart", "/O=sampdb/OU=a/OU=b/CN=apart"},
		{"two Os", "/O=a/O=b/CN=os", "/O=b/O=a/CN=os"},
		{"two CNs", "/O=sampdb/CN=a/CN=b", "/O=sampdb/CN=b/CN=a"},
		{"emailAddress in the middle", "/O=sampdb/emailAddress=laura@example.com/CN=mail", "/O=sampdb/CN=mail/emailAddress=laura@example.com"},
		{"emailAddress last", "/O=sampdb/CN=mail2/emailAddress=laura@example.com", "/O=sampdb/CN=mail2/emailAddress=laura@example.org"},
		{"DC", "/DC=com/DC=example/CN=dc", "/DC=example/DC=com/CN=dc"},
		{"UID", "/O=sampdb/UID=laura/CN=uid", "/O=sampdb/UID=laurb/CN=uid"},
		{"serialNumber", "/O=sampdb/CN=serial/serialNumber=0042", "/O=sampdb/CN=serial/serialNumber=42"},
		{"CN of 64 characters", "/O=sampdb/CN=" + strings.Repeat("x", 64), "/O=sampdb/CN=" + strings.Repeat("x", 63)},
		{"very long", long("end"), long("enf")},
		{"values of one character", "/O=a/OU=b/CN=c", "/O=a/OU=b/CN=d"},
		{"upper case", "/O=sampdb/CN=Laura", "/O=sampdb/CN=laura"},
		{"lower case", "/O=sampdb/CN=robert", "/O=sampdb/CN=ROBERT"},
		{"digits", "/O=sampdb/CN=0123456789", "/O=sampdb/CN=123456789"},
		{"apostrophe", "/O=sampdb/CN=Laura O'Brien", "/O=sampdb/CN=Laura O''Brien"},
		{"apostrophes only", "/O=sampdb/CN='''", "/O=sampdb/CN=''"},
		{"double quotes", `/O="sampdb"/CN=quoted`, "/O=sampdb/CN=quoted"},
		{"back quotes", "/O=`sampdb`/CN=back", "/O=sampdb/CN=back"},
		{"equals sign", "/O=a=b/CN=x=y=z", "/O=a=b/CN=x=y=Z"},
		{"text like a label", "/O=CN=root/CN=label", "/O=CN=roos/CN=label"},
		{"comma", "/O=sampdb, Inc./CN=comma", "/O=sampdb Inc./CN=comma"},
		{"comma and label", "/O=sampdb,CN=root/CN=commas", "/O=sampdb, CN=root/CN=commas"},
		{"number sign", "/O=sampdb/OU=#1/CN=#", "/O=sampdb/OU=#1/CN=##"},
		{"semicolon", "/O=a;b/CN=semi;", "/O=a;b/CN=semi"},
		{"leading blank", "/O= sampdb/CN= laura", "/O=sampdb/CN= laura"},
		{"trailing blank", "/O=sampdb /CN=trail", "/O=sampdb/CN=trail"},
		{"blanks inside", "/O=samp  db/CN=inside", "/O=samp db/CN=inside"},
		{"wildcards of LIKE", "/O=sampdb/CN=a%b_c", "/O=sampdb/CN=a1b1c"},
		{"printable characters", "/O=(a) b:c?.-/CN=printable", "/O=(a) b:c?.-/CN=Printable"},
		{"unprintable as PrintableString", "/O=*&@!$~^|<>[]{}/CN=other", "/O=*&@!$~^|<>[]{}/CN=othes"},
		{"SQL", "/O=sampdb/CN=' OR '1'='1", "/O=sampdb/CN=' OR '1'='2"},
		{"SQL of the same clause", "/O=' AND ISSUER '/CN=x' AND CIPHER 'y", "/O=' AND ISSUER '/CN=x"},
		{"SQL comment", "/O=sampdb/CN=-- #x", "/O=sampdb/CN=-- "},
		{"word of the clause", "/CN=NONE/O=sampdb", "/CN=NONE/O=Sampdb"},
	}
}

// nonportableSubjects need --allow-nonportable-subject.
func nonportableSubjects() []subject {
	return []subject{
		{"slash", `/O=sampdb/CN=a\/b`, `/O=sampdb/CN=a`},
		{"slash like a second CN", `/O=sampdb/CN=x\/CN=root`, `/O=sampdb/CN=x/CN=root`},
		{"slash at the edges", `/O=\/sampdb\//CN=edges`, `/O=sampdb/CN=edges`},
		{"plus sign", `/O=sampdb/CN=a\+b`, `/O=sampdb/CN=a`},
		{"plus sign like a second attribute", `/O=sampdb/CN=x\+OU=y`, `/O=sampdb/CN=x/OU=y`},
		{"backslash", `/O=sampdb/CN=a\\b`, `/O=sampdb/CN=ab`},
		{"two backslashes", `/O=sampdb/CN=two\\\\`, `/O=sampdb/CN=two\\`},
		{"backslash and n", `/O=sampdb/CN=a\\nb`, `/O=sampdb/CN=anb`},
		{"backslash and quote", `/O=sampdb/CN=a\\'b`, `/O=sampdb/CN=a'b`},
		{"backslash and slash", `/O=sampdb/CN=a\\\/b`, `/O=sampdb/CN=a\/b`},
		{"UTF-8 of two bytes", "/O=Müller/CN=utf8", "/O=Muller/CN=utf8"},
		{"UTF-8 of three bytes", "/O=山田/CN=太郎", "/O=山田/CN=次郎"},
		{"UTF-8 of four bytes", "/O=sampdb/CN=🔑", "/O=sampdb/CN=🔐"},
		{"composed letter", "/O=caf\u00e9/CN=composed", "/O=cafe\u0301/CN=composed"},
		{"letter that looks alike", "/O=sampdb/CN=l\u0430ura", "/O=sampdb/CN=laura"},
		{"no-break space", "/O=samp\u00a0db/CN=space", "/O=samp db/CN=space"},
		{"name parts", "/CN=Laura Smith/GN=Laura/SN=Smith/title=DBA/initials=LS", "/CN=Laura Smith/SN=Smith/GN=Laura/title=DBA/initials=LS"},
		{"address", "/O=sampdb/street=1 Main St./postalCode=53703/CN=address", "/O=sampdb/street=1 Main St./CN=address"},
		{"unknown OID", "/O=sampdb/1.3.6.1.4.1.99999.1=x/CN=oid", "/O=sampdb/1.3.6.1.4.1.99999.2=x/CN=oid"},
	}
}

// TestSubjects: the statements that myca emits let in exactly the client whose
// certificate they were made from. Each account is tried with its own
// certificate and with that of the near subject, which the same CA issued.
func TestSubjects(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/C=US/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		var trials []trial
		for i, s := range portableSubjects() {
			trials = append(trials, h.issueTrial(t, fmt.Sprintf("p%02d", i), s))
		}
		for i, s := range nonportableSubjects() {
			refused := h.tryMyca("issue", "client", fmt.Sprintf("n%02d@%%", i), "--no-password", "--key", "ec-p256", "--subject", s.dn)
			if refused.Code != 2 || !strings.Contains(refused.Stderr, "--allow-nonportable-subject") {
				t.Errorf("%s: %s without the flag: exit %d, %s", s.what, s.dn, refused.Code, refused.Stderr)
			}
			trials = append(trials, h.issueTrial(t, fmt.Sprintf("n%02d", i), s, "--allow-nonportable-subject"))
		}
		trials = append(trials, h.foreignTrials(t)...)
		h.run(t, trials)
	})
}

// trial is an account, the statements that make it, its own certificate and
// another one of the same CA.
type trial struct {
	what, user, statements string
	own, near              certificate
}

type certificate struct{ cert, key string }

// issueTrial issues an account's pair and the near one.
func (h *host) issueTrial(t *testing.T, user string, s subject, flags ...string) trial {
	t.Helper()
	flags = append(flags, "--no-password", "--key", "ec-p256")
	own := h.issue(t, append([]string{"client", user + "@%", "--subject", s.dn}, flags...)...)
	near := h.issue(t, append([]string{"client", user + "near@%", "--subject", s.near}, flags...)...)
	return trial{
		what: s.what + " " + s.dn, user: user, statements: read(t, own.Files.SQL),
		own: certificate{own.Files.Cert, own.Files.Key}, near: certificate{near.Files.Cert, near.Files.Key},
	}
}

// run makes all accounts and tries each with both certificates.
func (h *host) run(t *testing.T, trials []trial) {
	t.Helper()
	var statements strings.Builder
	for _, tr := range trials {
		statements.WriteString(tr.statements)
	}
	h.server.SQL(t, statements.String()+"\nFLUSH PRIVILEGES;\n") // what counts is what the tables keep
	ca := filepath.Join(h.store, "ca-cert.pem")
	for _, tr := range trials {
		login := func(c certificate) servers.Result {
			return servers.Execute(h.product.Command(h.product.ClientName(), "--no-defaults", "--user="+tr.user,
				"--host=127.0.0.1", fmt.Sprintf("--port=%d", h.server.Port), "--ssl-ca="+ca, "--ssl-cert="+c.cert, "--ssl-key="+c.key,
				"--batch", "--skip-column-names", "--execute=SELECT USER()"), "")
		}
		if own := login(tr.own); own.Stdout != tr.user+"@localhost\n" {
			t.Errorf("%s: its own certificate is refused: %s\nstatements:\n%s", tr.what, own.Stderr, tr.statements)
		}
		wantFailure(t, tr.what+": the near certificate", login(tr.near), "ERROR 1045 (28000)", "'"+tr.user+"'@'localhost'")
	}
}
