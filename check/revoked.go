package check

import (
	"fmt"

	"myca/dialect"
	"myca/dn"
	"myca/finding"
	"myca/live"
)

// RevokedCertificate is a client's certificate that the store revoked and that has not
// ended.
type RevokedCertificate struct {
	Certificate
	Serial string
	Refusal
}

// matchRevoked finds out which demands revoked certificates meet.
func (j *judge) matchRevoked() error {
	for r, err := range j.Revoked() {
		if err != nil {
			return fmt.Errorf("read the store's revoked certificates: %w", err)
		}
		subject, err := dn.FromDER(r.RawSubject)
		if err != nil {
			return fmt.Errorf("read the subject of %s: %w", r.Serial, err)
		}
		issuer, err := dn.FromDER(r.RawIssuer)
		if err != nil {
			return fmt.Errorf("read the issuer of %s: %w", r.Serial, err)
		}
		for _, d := range demandsMet(issuer.OneLine(j.Library), subject.OneLine(j.Library)) {
			g := j.groups[d]
			switch {
			case g == nil:
			case r.Known && !r.Refused:
				g.open++
				if g.open == 1 {
					g.opener = r
				}
			default:
				g.gone = &r
			}
		}
	}
	return nil
}

// stillOpens is the finding about an account that a revoked certificate opens.
func (j *judge) stillOpens(account live.Account, g *group) []finding.Finding {
	if g == nil || g.open == 0 || !demandsCertificate(account) {
		return nil
	}
	what := fmt.Sprintf("the revoked certificate %s of %q still opens it", g.opener.Serial, g.opener.Name)
	if g.open > 1 {
		what += fmt.Sprintf(", and so do %d more", g.open-1)
	}
	return []finding.Finding{finding.New(finding.RevokedStillOpens, name(account), j.shut(account, g), "%s: %s", what, g.opener.Reason)}
}

// shut is how an account is shut to revoked certificates. Where others that are
// good open it too it is not to be locked.
func (j *judge) shut(account live.Account, g *group) string {
	lists := j.NewCRL
	if lists == "" {
		lists = "issue the client's certificate anew with another subject: myca issue client " + word(account.Account.String()) + " --subject DN --existing"
	}
	v := j.Version
	lockable := v.Product == dialect.MySQL && v.AtLeast(5, 7, 6) || v.Product == dialect.MariaDB && v.AtLeast(10, 4, 2)
	if g.count > 0 || !lockable {
		return lists
	}
	return "ALTER USER " + account.SQL() + " ACCOUNT LOCK; then " + lists
}
