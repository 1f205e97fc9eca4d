package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"myca/check"
	"myca/dialect"
	"myca/finding"
	"myca/live"
	"myca/store"
	"myca/verify"
)

func checkCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "what is wrong with a running server's TLS and its accounts",
		ArgsUsage: "[CLIENT...]",
		Description: `Connects as the mysql client would: by the flags, else by the option files that it
reads, else by the socket of this machine. The greeting and the TLS handshake need
no login. With one, settings and accounts are looked at, and compared with the
store of --dir where there is one. It only reads: nothing is ever changed, on the
server or here. Exit code 3 when there is an error among the findings; warnings
alone are 0.

CLIENT is a client of the store: each of its accounts is logged in to with its own
certificate, and must not be let in without, in plain text, or with the
certificate of another client.

  myca check
  myca check --host db1.example.com --user admin --password-file pw
  myca check --socket /run/mysqld/mysqld.sock --host db1.example.com laura
  myca check --defaults-file ~/.my.cnf --json

What a login needs to see everything (without, what was not seen is told):

` + rightsHelp() + `

Over the network nobody is logged in to a server unless its certificate was
verified by chain and name and is not revoked in the store (--login-unverified logs
in to any). At a port of this machine a password is sent within TLS when the chain
is trusted, or no CA is known, and without TLS only hashed, never encrypted with a
key that the server sends. By a Unix socket it is sent to whoever listens there.

` + publicKeysHelp + `

What it can find (what mends it stands in the finding):

` + kindsHelp(finding.By.Check),
		Flags: append(serverFlags(""),
			&cli.StringFlag{Name: "client-password-file", Usage: "the password of the accounts of CLIENT, instead of the one in the store, is the content of `FILE`, or of standard input (-)"},
		),
		Action: t.check,
	}
}

// rightsHelp names the rights of a login for both products.
func rightsHelp() string {
	var lines []string
	for _, v := range []dialect.Version{{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}, {Product: dialect.MariaDB, Major: 11, Minor: 8, Patch: -1}} {
		lines = append(lines, fmt.Sprintf("  %-8s  %s", v.Product, strings.Join(live.Rights(v), ", ")))
	}
	return strings.Join(lines, "\n")
}

// How long a server may take for a greeting or a login, and for its answers.
const (
	loginTime  = 20 * time.Second
	answerTime = 2 * time.Minute
)

// checking is one run of check.
type checking struct {
	t       *tool
	store   *store.Store // nil: there is none
	server  server
	prefix  string // of the flags --user and --password-file: "" or ofLogin
	changes bool   // the server is changed, not only looked at
	public  verify.PublicKeys
	notices []string

	hello    live.Hello
	facts    *live.Facts    // nil: no login
	commands check.Commands // how mends reach this server and the store
	judged   check.Server
	accounts []live.Account // of the server; nil: not seen
	views    []check.View
	tried    []check.Logins
	untried  untried
	findings []finding.Finding
	unseen   []string
}

// where is the server as findings name it.
func (k *checking) where() string { return "server " + k.server.address.String() }

func (t *tool) check(c *cli.Context) error {
	clients, err := arguments(c, 0, -1, "myca check [CLIENT...]")
	if err != nil {
		return err
	}
	k := &checking{t: t}
	k.store, err = t.openRead()
	switch {
	case err == nil:
		defer k.store.Close()
		k.notices = append(k.notices, k.store.Notices()...)
	case errors.Is(err, store.ErrNoStore) && t.named:
		return err
	case errors.Is(err, store.ErrNoStore) && len(clients) > 0:
		return &usageError{message: fmt.Sprintf("no store in %q that could have the client %q", t.dir, clients[0]), hint: hintOf(err), cause: err}
	case len(clients) > 0:
		return err
	case !errors.Is(err, store.ErrNoStore): // root looks at its server, and the store is somebody else's
		k.notices = append(k.notices, fmt.Sprintf("nothing is compared with the store %q: %v", t.dir, err))
	}
	rows, password, err := k.prepare(c, clients)
	if err != nil {
		return err
	}
	refusal, err := k.look(c.Context)
	if err != nil {
		return err
	}
	if err := k.logins(c.Context, rows, password); err != nil {
		return err
	}
	k.settle()
	if err := k.print(); err != nil {
		return err
	}
	if refusal != nil {
		return refusal
	}
	return newDiagnosis(k.findings, nil, nil).result()
}

// look greets the server, logs in where that can be done, and judges what it
// saw. refusal is why the login of --user failed, nil when it did not.
func (k *checking) look(ctx context.Context) (refusal, err error) {
	if err := k.greet(ctx); err != nil {
		return nil, err
	}
	session, refusal, err := k.login(ctx)
	if err != nil {
		return nil, err
	}
	if session != nil {
		defer session.Close()
		if err := k.ask(ctx, session); err != nil {
			return nil, err
		}
	}
	if err := k.judgeServer(ctx); err != nil {
		return nil, err
	}
	if session != nil {
		err = k.judgeAccounts(ctx, session)
	}
	return refusal, err
}

// settle brings what was found into the order of printing: errors first, and
// nothing twice.
func (k *checking) settle() {
	slices.SortStableFunc(k.findings, func(a, b finding.Finding) int {
		return cmp.Compare(finding.Errors([]finding.Finding{b}), finding.Errors([]finding.Finding{a}))
	})
	k.commands.Complete(k.findings)
	var once []string
	for _, text := range k.unseen {
		if !slices.Contains(once, text) {
			once = append(once, text)
		}
	}
	k.unseen = once
}

func (k *checking) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	hello, err := live.Greet(ctx, k.server.address)
	if err != nil {
		hint := "is it running, and is this its address? --host HOST --port PORT, or --socket FILE"
		if k.server.local() {
			hint += "; if it does not start: myca verify with its option file, and its error log"
		}
		return &failure{fmt.Errorf("connecting to the server at %s: %w", k.server.address, err), hint}
	}
	k.hello = hello
	return nil
}

// failure is an error with a hint that is nobody's wrong use.
type failure struct {
	error
	hint string
}

func (f *failure) Hint() string  { return f.hint }
func (f *failure) Unwrap() error { return f.error }
