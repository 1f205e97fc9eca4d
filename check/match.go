package check

import (
	"bytes"
	"fmt"

	"myca/dn"
	"myca/live"
)

// namesShown is how many names of pairs a View holds.
const namesShown = 10

// judge is one run of Accounts.Judge.
type judge struct {
	Accounts
	groups   map[demand]*group
	recorded map[string][]Recorded // by accountKey
	seen     int                   // certificates of the store
}

// group is all accounts that demand the same.
type group struct {
	demand
	required string              // the subject to look for: demand.subject, or what it is in slash form
	own      []Recorded          // that the store issued a certificate for, of these accounts
	count    int                 // certificates that meet the demand
	names    []string            // of the first ones
	open     int                 // revoked certificates that meet it and are not refused
	opener   RevokedCertificate  // the first of them
	gone     *RevokedCertificate // one that meets it and is refused, as far as is known; nil: there is none
	best     candidate
}

func newJudge(a Accounts) *judge {
	j := &judge{Accounts: a, groups: map[demand]*group{}, recorded: map[string][]Recorded{}}
	for _, r := range a.Recorded {
		key := accountKey(r.Account)
		j.recorded[key] = append(j.recorded[key], r)
	}
	for _, account := range a.Server {
		if account.Type != "X509" && account.Type != "SPECIFIED" || account.Role {
			continue
		}
		j.group(account)
	}
	return j
}

// group is the account's group, made when there is none yet.
func (j *judge) group(account live.Account) *group {
	d := demandOf(account)
	g := j.groups[d]
	if g == nil {
		g = &group{demand: d, required: d.subject}
		if text := slashed(d.subject, j.Library); d.subject != "" && text != "" {
			g.required = text
		}
		j.groups[d] = g
	}
	g.own = append(g.own, j.recorded[accountKey(account.Account)]...)
	return g
}

// rendered is a certificate's names as the server compares them.
type rendered struct {
	name            string
	issuer, subject string
	parsed          dn.Name // the subject
}

// certificates goes through the store's certificates once.
func (j *judge) certificates(each func(rendered)) error {
	var rawIssuer []byte
	var issuer string // of rawIssuer: most certificates have the issuer of the one before
	for c, err := range j.Certificates() {
		if err != nil {
			return fmt.Errorf("read the store's certificates: %w", err)
		}
		if rawIssuer == nil || !bytes.Equal(rawIssuer, c.RawIssuer) {
			name, err := dn.FromDER(c.RawIssuer)
			if err != nil {
				return fmt.Errorf("read the issuer of %q: %w", c.Name, err)
			}
			rawIssuer, issuer = bytes.Clone(c.RawIssuer), name.OneLine(j.Library)
		}
		subject, err := dn.FromDER(c.RawSubject)
		if err != nil {
			return fmt.Errorf("read the subject of %q: %w", c.Name, err)
		}
		each(rendered{c.Name, issuer, subject.OneLine(j.Library), subject})
	}
	return nil
}

// match counts who meets each demand: four look-ups a certificate, whatever the
// number of accounts.
func (j *judge) match() error {
	return j.certificates(func(c rendered) {
		j.seen++
		for _, d := range demandsMet(c.issuer, c.subject) {
			if g := j.groups[d]; g != nil {
				g.count++
				if len(g.names) < namesShown {
					g.names = append(g.names, c.name)
				}
			}
		}
	})
}

// demandsMet is what a certificate of these names meets, each once.
func demandsMet(issuer, subject string) []demand {
	switch {
	case issuer == "" && subject == "":
		return []demand{{}}
	case subject == "":
		return []demand{{}, {issuer: issuer}}
	case issuer == "":
		return []demand{{}, {subject: subject}}
	}
	return []demand{{}, {issuer: issuer}, {subject: subject}, {issuer, subject}}
}

func (j *judge) view(account live.Account) View {
	v := View{Account: name(account), Require: require(account)}
	g := j.groups[demandOf(account)]
	if j.Certificates == nil || g == nil || !demandsCertificate(account) || account.Role {
		return v
	}
	if account.Cipher == "" { // a certificate alone does not meet a cipher
		v.SatisfiedBy, v.Satisfying = g.names, g.count
	}
	if g.count == 0 {
		v.Nearest = j.explain(g)
	}
	return v
}
