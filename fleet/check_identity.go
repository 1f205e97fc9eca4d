package fleet

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/issue"
)

// portion is how many identities a processor takes at a time.
const portion = 512

// parallel calls do for every identity, in ascending order on each of all
// processors, and gathers what is found.
func (r *reader) parallel(total int, do func(found *findings, i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	workers := make([]findings, min(runtime.GOMAXPROCS(0), total/portion+1))
	for w := range workers {
		group.Go(func() {
			for {
				begin := int(next.Add(portion)) - portion
				if begin >= total {
					return
				}
				for i := begin; i < min(begin+portion, total); i++ {
					do(&workers[w], i)
				}
			}
		})
	}
	group.Wait()
	for w := range workers {
		r.found.merge(&workers[w])
	}
}

// check checks every identity, and what no two of them may share. Of what
// follows from another clash nothing is said: a client with the account of
// another has its name and subject too.
func (r *reader) check() {
	total := r.m.Len()
	if total == 0 {
		return
	}
	s := r.newKeys(total)
	names := s.names()
	s.sameDest()
	for _, run := range s.accounts() {
		s.sameAccount(run)
	}
	for _, run := range names {
		s.sameName(run)
	}
	for _, run := range s.subjects() {
		s.sameSubject(run)
	}
	for _, run := range s.hosts() {
		s.sameHost(run)
	}
}

// identity checks one identity. What is wrong with a field whatever the
// identity has been reported already.
type identity struct {
	r     *reader
	e     *entry
	k     int
	found *findings
	bad   map[string]bool // what is wrong with this one
	x     expanded

	subject dn.Name // of the certificate, nil when something is wrong with it
}

func (r *reader) identity(found *findings, e *entry, k int) *identity {
	c := &identity{r: r, e: e, k: k, found: found}
	c.x = e.expand(k, func(f fault) {
		if !c.e.bad[f.field] {
			c.fault(f.field, f.index, f.err)
		}
	})
	c.ranges()
	c.target()
	c.accounts()
	c.request()
	if e.kind == issue.Client {
		c.client()
	}
	if e.source != nil {
		c.replica()
	}
	return c
}

// wrong says whether one of the fields has a finding.
func (c *identity) wrong(fields ...string) bool {
	for _, field := range fields {
		if c.e.bad[field] || c.bad[field] {
			return true
		}
	}
	return false
}

// report notes a finding of this identity at a place.
func (c *identity) report(at place, path, hint, message string) {
	c.found.of(finding{
		at: at, path: path, message: message, hint: manifestHint(hint), identity: c.e.first + c.k, count: 1,
	})
}

// fault notes an error of a field, or of an element of it.
func (c *identity) fault(field string, i int, err error) {
	at, path := c.e.elementSpot(field, i)
	c.at(field, at, path, problemsOf(field, err))
}

func (c *identity) at(field string, at place, path string, problems ca.Problems) {
	if c.bad == nil {
		c.bad = map[string]bool{}
	}
	c.bad[field] = true
	for _, p := range problems {
		c.report(at, path, p.Hint, p.Message)
	}
}

// problem notes what is wrong with the first field together with the others.
func (c *identity) problem(hint, message string, fields ...string) {
	at, path := c.e.spot(fields...)
	c.at(fields[0], at, path, ca.Problems{{Field: fields[0], Message: message, Hint: hint}})
}

// ranges checks what has ranges, as settle has checked the rest.
func (c *identity) ranges() {
	for i := range c.e.ranged {
		one := &c.e.ranged[i]
		if c.e.bad[one.field] {
			continue
		}
		if err := one.check(one.text.at(c.k)); err != nil {
			c.fault(one.field, one.index, err)
		}
	}
}

// request checks the certificate. What is wrong already is replaced by
// something right.
func (c *identity) request() {
	e, r := c.e, c.x.Request
	from := fieldAccount
	if e.kind == issue.Server {
		from = fieldHosts
	}
	if c.wrong(from) {
		r.CommonName = "x"
		if e.kind == issue.Server {
			r.SANs = []string{"x"}
		}
	}
	if c.wrong(fieldName) || e.name.from == notGiven && c.wrong(from) {
		r.Name = "x"
	}
	if c.wrong(fieldSubject) {
		r.Subject = nil
	}
	if c.wrong(fieldProfile) {
		r.Profile = ""
	}
	if c.wrong(fieldTarget) {
		r.RSAOnly = ""
	}
	if c.wrong(fieldKey) {
		r.Key = ca.RSA2048
	}
	if c.wrong(fieldFormat, fieldTarget) {
		r.KeyFormat = ""
	}
	now := c.r.ground.Now.UTC().Truncate(time.Second)
	r.NotBefore = now.Add(-backdate)
	r.NotAfter = r.NotBefore.AddDate(0, 0, e.days.value)
	plan, err := r.Check(c.r.signer, c.r.ground.Now)
	if c.subject = plan.Subject; r.Subject == nil && c.wrong(from, fieldSubject) {
		c.subject = nil
	}
	if err == nil {
		return
	}
	for _, p := range problemsOf("", err) {
		c.requested(p, from)
	}
}

// requested reports a problem of the request; from is the field that name and
// subject come from when they are not given.
func (c *identity) requested(p ca.Problem, from string) {
	e := c.e
	switch p.Field {
	case "name":
		if e.name.from == notGiven && !c.wrong(from) {
			at, path := e.origin()
			c.at(fieldName, at, path, ca.Problems{p})
		} else if !c.wrong(fieldName) {
			c.fault(fieldName, -1, ca.Problems{p})
		}
	case "subject":
		switch {
		case e.subject.from != notGiven && !c.e.bad[fieldSubject]:
			c.fault(fieldSubject, -1, ca.Problems{p})
		case e.subject.from == notGiven && !c.wrong(from):
			at, path := e.origin()
			p.Hint = strings.TrimPrefix(p.Hint+"; subject: gives another one", "; ")
			c.at(fieldSubject, at, path, ca.Problems{p})
		}
	case "hosts":
		if !c.wrong(fieldHosts) {
			c.fault(fieldHosts, -1, ca.Problems{p})
		}
	case "key":
		c.together(p, fieldKey, fieldTarget)
	case "key_format":
		c.together(p, fieldFormat, fieldKey, fieldTarget)
	case "ca":
		c.together(p, fieldTarget)
	case "not_before", "not_after":
		c.together(p, fieldDays)
	default:
		c.together(p, p.Field)
	}
}

// together reports a problem of a field that other fields take part in.
func (c *identity) together(p ca.Problem, fields ...string) {
	if !c.wrong(fields...) {
		c.problem(p.Hint, p.Message, fields...)
	}
}
