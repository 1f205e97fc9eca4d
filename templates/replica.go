package templates

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"myca/dialect"
)

// Replica describes the statements that make a server replicate from another
// one over TLS: it shows its own certificate and checks the source's.
type Replica struct {
	Target        dialect.Version // of the replica
	Source        string          // the source's name, for the header
	Host          string          // of the source, as its certificate names it
	Port          int             // of the source, 1 to 65535
	User          string          // of the account on the source, which has no password
	CA, Cert, Key string          // absolute paths as the replica sees them
	// For the header: the replica's name, its certificate's serial in hex and
	// its end.
	Name, Serial string
	NotAfter     time.Time
}

// SQL is the file of statements, to be run on the replica by `mysql < FILE` in a
// session of an administrator. It names no position: a new replica begins at the
// source's first binary log. What names the source stands apart from the TLS
// options, because naming the host makes a server forget the position it
// replicates from (MySQL 8.4 manual, CHANGE REPLICATION SOURCE TO). On a server
// that is replicating the file fails at its first CHANGE and changes nothing.
//
// The error is Problems.
func (r Replica) SQL() (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	session := Accounts{Target: r.Target, Mode: IfNotExists, Password: new(string)}
	v := replicaView{Replica: r, Notes: r.notes(), Verb: r.verb(), To: "CHANGE MASTER TO", UTF8: "utf8mb4"}
	if r.sourceWord() {
		v.To = "CHANGE REPLICATION SOURCE TO"
	}
	if !r.Target.AtLeast(5, 5, 3) {
		v.UTF8 = "utf8"
	}
	v.From, v.TLS = r.from(), r.tls()
	v.Binary = !ascii(v.From) || !ascii(v.TLS)
	v.Begin, v.End = session.session(v.Binary)
	return render("replica.sql.tmpl", v)
}

// Check is what is wrong with the statements, before a certificate is there for
// them; nil or Problems.
func (r Replica) Check() error { return r.check().err() }

// replicaView is what replica.sql.tmpl shows; statements are without semicolon.
type replicaView struct {
	Replica
	Notes      []string
	Begin, End []string // as in accountsView
	Binary     bool
	UTF8       string
	To         string   // CHANGE … TO
	Verb       string   // what START and STOP name
	From, TLS  []string // options, NAME = VALUE
}

// verb is what START and STOP name: REPLICA from MySQL 8.0.22 (8.0 manual, START
// REPLICA) and MariaDB 10.5.1 (MariaDB documentation, START REPLICA) on.
func (r Replica) verb() string {
	known := r.Target.AtLeast(8, 0, 22)
	if r.Target.Product == dialect.MariaDB {
		known = r.Target.AtLeast(10, 5, 1)
	}
	if known {
		return "REPLICA"
	}
	return "SLAVE"
}

// sourceWord reports whether there is CHANGE REPLICATION SOURCE TO: MySQL 8.0.23
// (8.0 manual; MySQL 8.4 knows no other); no MariaDB.
func (r Replica) sourceWord() bool {
	return r.Target.Product == dialect.MySQL && r.Target.AtLeast(8, 0, 23)
}

// hasTLS reports whether replication can use TLS: MySQL 4.1.1 (4.1 manual, CHANGE
// MASTER TO), every MariaDB.
func (r Replica) hasTLS() bool { return r.Target.AtLeast(4, 1, 1) }

// verifies reports whether a replica can check whom the source's certificate
// names: MySQL 5.1.18 (5.1 manual, MASTER_SSL_VERIFY_SERVER_CERT), every MariaDB.
func (r Replica) verifies() bool { return r.Target.AtLeast(5, 1, 18) }

// from names the source and the account. The password is named because a server
// that replicated before may have one.
func (r Replica) from() []string {
	return []string{
		r.option("HOST") + dialect.Literal(r.Host),
		r.option("PORT") + strconv.Itoa(r.Port),
		r.option("USER") + dialect.Literal(r.User),
		r.option("PASSWORD") + dialect.Literal(""),
	}
}

// tls is the options of the encrypted connection.
func (r Replica) tls() []string {
	options := []string{
		r.option("SSL") + "1",
		r.option("SSL_CA") + dialect.Literal(r.CA),
		r.option("SSL_CERT") + dialect.Literal(r.Cert),
		r.option("SSL_KEY") + dialect.Literal(r.Key),
	}
	if r.verifies() {
		options = append(options, r.option("SSL_VERIFY_SERVER_CERT")+"1")
	}
	return options
}

// option is an option's name and the equals sign.
func (r Replica) option(name string) string {
	if r.sourceWord() {
		return "SOURCE_" + name + " = "
	}
	return "MASTER_" + name + " = "
}

// notes are the comment lines of the header. They hold no quotes.
func (r Replica) notes() []string {
	var n notes
	if !r.Target.TestedOnServer() {
		n.add("Not tested on a server: no %s was at hand. Written from its documentation.", r.Target)
	}
	if !r.verifies() {
		n.add("This version does not check whether the certificate of the source names its host.")
	}
	n.add("They are for a new replica, which begins at the first binary log of the source. "+
		"Where that is gone, restore a copy of the source first, with its position. "+
		"On a server that replicates already, run STOP %s, and then this file without the statement that names the source: "+
		"naming the host again would reset the position.", r.verb())
	n.add("The account on the source shows this certificate and has no password; one that existed before keeps its own, " +
		"which then has to stand here.")
	return n
}

// Limits of CHANGE MASTER TO: the columns User_name and Ssl_* of
// mysql.slave_master_info are TEXT, MariaDB keeps paths of at most 511 bytes
// (sql/rpl_mi.h, FN_REFLEN).
const maxReplicaPath = 511

// check is everything that is wrong with r.
func (r Replica) check() Problems {
	var p Problems
	if !r.hasTLS() {
		p.add("target", fmt.Sprintf("replication of %s knows no TLS", r.Target), "a target of mysql-4.1 or newer")
	}
	r.checkText(&p, "connect", "host", r.Host, r.Target.MaxHost())
	if r.Port < 1 || r.Port > 65535 {
		p.add("connect", fmt.Sprintf("there is no port %d", r.Port), "1 to 65535, as a rule 3306")
	}
	r.checkText(&p, "account", "user", r.User, r.Target.MaxUser())
	if !ascii([]string{r.User}) {
		// Tried on MariaDB 10.11: the replica sends the user's bytes as text in its
		// character_set_server, latin1, and the source finds no such account.
		p.add("account", fmt.Sprintf("the user %q of a replication account has to be ASCII: a replica logs in in the character set of its server", r.User), "replicates: {account: repl@10.%}")
	}
	for _, path := range []string{r.CA, r.Cert, r.Key} {
		switch {
		case !absolute.MatchString(path):
			p.add("deploy-dir", fmt.Sprintf("path %q is not absolute: the server would look for it below its data folder", path), "--deploy-dir /etc/mysql/myca")
		case strings.ContainsFunc(path, unicode.IsControl):
			p.add("deploy-dir", fmt.Sprintf("path %q has a control character", path), "--deploy-dir /etc/mysql/myca")
		case len(path) > maxReplicaPath:
			p.add("deploy-dir", fmt.Sprintf("path %q has more than %d bytes", path, maxReplicaPath), "--deploy-dir /etc/mysql/myca")
		}
	}
	return p
}

// checkText checks a text of at most most characters.
func (r Replica) checkText(p *Problems, field, what, text string, most int) {
	switch {
	case text == "" || utf8.RuneCountInString(text) > most:
		p.add(field, fmt.Sprintf("the %s %q has to have 1 to %d characters for a replica of %s", what, text, most, r.Target), "")
	case strings.ContainsFunc(text, unicode.IsControl):
		p.add(field, fmt.Sprintf("the %s %q has a control character", what, text), "")
	}
}
