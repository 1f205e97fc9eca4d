package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/check"
	"myca/dialect"
	"myca/ledger"
	"myca/live"
	"myca/optionfile"
)

// ofLogin is how the flags --user and --password-file begin in commands that
// have these for something else.
const ofLogin = "login-"

// serverFlags say which server, and who logs in; prefix is "" or ofLogin.
func serverFlags(prefix string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "defaults-file", Usage: "read this option `FILE` only (default: those that the mysql client reads)"},
		&cli.StringFlag{Name: "host", Usage: "the server's name or address, `HOST`; its certificate must name it. localhost is the socket, unless --port is given"},
		&cli.StringFlag{Name: "port", Usage: "the server's `PORT` (default: 3306)"},
		&cli.StringFlag{Name: "socket", Usage: "connect by this Unix socket, a `FILE`; --host is then only the name to judge"},
		&cli.StringFlag{Name: prefix + "user", Usage: "log in as `USER` (default: the option file's; by a socket, who you are)"},
		&cli.StringFlag{Name: prefix + "password-file", Usage: "the password of that login is the content of `FILE`, or of standard input (-)"},
		trustFlag("the store's bundle, else ssl-ca of the option file"),
		publicKeysFlag(),
		&cli.BoolFlag{Name: "login-unverified", Usage: "log in over the network although the server could not be verified"},
	}
}

// server is how a server is reached, and who logs in.
type server struct {
	address live.Address
	host    string // the name that its certificate is judged by; "" for none
	socket  string // of the option files; of the same server when address has it, or when the server says so
	named   bool   // somebody named it; otherwise it is what was found on this machine
	// ownSocket is the socket that the client's option files name, "" for none.
	ownSocket string

	user        string // "" for none
	explicit    bool   // the user was a flag
	password    string
	certificate *tls.Certificate // of the option file; nil: none
	unverified  bool             // log in whatever the server presents

	trust      []*x509.Certificate // nil: none is known
	trustWhere string
}

// local reports whether nobody can be between this program and the server.
func (s server) local() bool {
	return s.address.Socket != "" || loopback(s.address.Host)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || (ip != nil && ip.IsLoopback())
}

// prepare reads the flags, the option files, and which clients are meant;
// password is that of their accounts where the store has none, nil for none.
func (k *checking) prepare(c *cli.Context, clients []string) (rows []ledger.Row, password *string, err error) {
	var p problems
	k.connection(c, &p)
	if path := c.String("client-password-file"); path != "" {
		if path == "-" && c.String("password-file") == "-" {
			p.addf("client-password-file", "--client-password-file FILE", "--password-file and --client-password-file cannot both be standard input")
		} else {
			password, err = k.t.readPassword(path)
			p.add("client-password-file", fileHint(err))
		}
	}
	for _, name := range clients {
		row, err := k.store.Ledger().Active(c.Context, ledger.Client, strings.TrimPrefix(name, ledger.Client+"/"))
		if errors.Is(err, ledger.ErrNotFound) {
			err = usagef("myca --dir "+shellWord(k.store.Dir())+" list", "the store %q has no client %q", k.store.Dir(), name)
		}
		p.add("client", err)
		rows = append(rows, row)
	}
	return rows, password, p.err()
}

// connection reads the flags of serverFlags and the option files.
func (k *checking) connection(c *cli.Context, p *problems) {
	var err error
	k.public, err = publicKeys(c.String("public-keys"))
	p.add("public-keys", err)
	settings := k.clientSettings(c, p)
	found := guesses{paths: standardSockets(), owners: socketOwners()}
	k.server = addressOf(c, settings, &found, p)
	k.notices = append(k.notices, found.notices...)
	k.server.ownSocket = settings["socket"]
	k.who(c, settings, p)
	k.trusted(c, settings, p)
	k.commands = check.Commands{Connection: k.clientOptions(c), Store: k.t.storeFlag()}
}

// clientOptions is the options by which mysql or mariadb get to the same server as
// the same user: what was named here, beside what their option files say.
func (k *checking) clientOptions(c *cli.Context) string {
	var words []string
	if file := c.String("defaults-file"); file != "" {
		words = append(words, "--defaults-file="+shellWord(file))
	}
	s := k.server
	switch {
	case s.address.Socket != "" && s.address.Socket != s.ownSocket:
		words = append(words, "--socket="+shellWord(s.address.Socket))
	case s.address.Socket == "" && c.IsSet("port"):
		words = append(words, "-h "+shellWord(cmp.Or(s.address.Host, "127.0.0.1")), "-P "+c.String("port"))
		if s.local() {
			words = append(words, "--protocol=tcp")
		}
	case s.address.Socket == "" && c.IsSet("host"):
		words = append(words, "-h "+shellWord(s.address.Host))
	}
	if c.IsSet(k.prefix + "user") {
		words = append(words, "-u "+shellWord(s.user))
	}
	if c.IsSet(k.prefix + "password-file") {
		words = append(words, "-p")
	}
	return strings.Join(words, " ")
}

// storeFlag names the store to another command, where it would not find it.
func (t *tool) storeFlag() string {
	usual, err := filepath.Abs(cmp.Or(os.Getenv("MYCA_DIR"), "pki"))
	if err == nil && usual == t.dir {
		return ""
	}
	return "--dir " + shellWord(t.dir)
}

// clientSettings is what the option files say to the client program, by the
// options' names.
func (k *checking) clientSettings(c *cli.Context, p *problems) map[string]string {
	settings := map[string]string{}
	target, err := k.clientTarget()
	if err != nil {
		p.add("target", err)
		return settings
	}
	program := optionfile.Program{Version: target, Name: target.ClientProgram()}
	home, _ := os.UserHomeDir() // without one, its option file is not read
	files := existing(program.Standard(home))
	explicit := c.String("defaults-file")
	if explicit != "" {
		files = []string{explicit}
	}
	result := optionfile.Read(optionfile.OS(), program, files...)
	for _, problem := range result.Problems {
		text := fmt.Sprintf("option file %q: %s", problem.File, problem.Message)
		if problem.Line > 0 {
			text = fmt.Sprintf("option file %q, line %d: %s", problem.File, problem.Line, problem.Message)
		}
		if explicit != "" && problem.Fatal {
			p.addf("defaults-file", "myca verify "+shellWord(explicit), "%s", text)
			continue
		}
		k.notices = append(k.notices, text)
	}
	for _, setting := range optionfile.Settings(result, program) {
		settings[setting.Key] = setting.InForce.Value
	}
	return settings
}

// clientTarget is the product whose client's option files are read.
func (k *checking) clientTarget() (dialect.Version, error) {
	if k.store == nil {
		if installed, ok := installedServer(); ok && k.t.target == "" {
			return installed, nil
		}
		return k.t.targetOf()
	}
	return k.t.targetOf(k.store.Target().String())
}

func existing(paths []string) []string {
	var there []string
	for _, path := range paths {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, path)
		}
	}
	return there
}

// addressOf decides where to connect: --socket, --host, else what the option
// files say, else a socket of this machine that is one of found. named says
// that anybody named the server; host is the name to judge the certificate by,
// "" when nobody named one; socket is that of the option files where it may be of
// the same server, which was chosen by other means: flags that choose another
// make it not count.
func addressOf(c *cli.Context, settings map[string]string, found *guesses, p *problems) (s server) {
	port := readPort(c, settings, p)
	if path := c.String("socket"); path != "" {
		return server{address: live.Address{Socket: path}, host: c.String("host"), socket: path, named: true}
	}
	s = server{host: c.String("host"), socket: settings["socket"], named: true}
	if s.host == "" {
		s.host = settings["host"]
	}
	if (s.host != "" && s.host != "localhost") || c.IsSet("port") {
		if c.IsSet("host") || c.IsSet("port") {
			s.socket = ""
		}
		s.address = live.Address{Host: s.host, Port: port}
		return s
	}
	if s.socket == "" && port == 0 {
		s.named = false
		s.socket = found.first()
	}
	if s.socket == "" {
		s.address = live.Address{Host: s.host, Port: port}
		return s
	}
	s.address = live.Address{Socket: s.socket}
	return s
}

// readPort is the port of the flag, else of the option files; 0 for none.
func readPort(c *cli.Context, settings map[string]string, p *problems) int {
	field, text := "--port", c.String("port")
	if text == "" {
		field, text = "port of the option file", settings["port"]
	}
	if text == "" {
		return 0
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		p.addf("port", "--port 3306", "%s %q is not a number from 1 to 65535", field, text)
	}
	return port
}

// fileHint is the error of readPassword about the password of an account that is
// there, for which none is made up.
func fileHint(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{message: err.Error(), hint: "a file with the account's password in its one line", cause: err}
}

// who decides who logs in.
func (k *checking) who(c *cli.Context, settings map[string]string, p *problems) {
	s := &k.server
	s.unverified = c.Bool("login-unverified")
	s.user, s.explicit, s.password = c.String(k.prefix+"user"), c.IsSet(k.prefix+"user"), settings["password"]
	if s.user == "" {
		s.user = settings["user"]
	}
	if field := k.prefix + "password-file"; c.IsSet(field) {
		password, err := k.t.readPassword(c.String(field))
		p.add(field, fileHint(err))
		if password != nil {
			s.password = *password
		}
		if s.user == "" {
			p.addf(k.prefix+"user", "--"+k.prefix+"user USER", "--%s without a user", field)
		}
	}
	if s.user == "" && s.address.Socket != "" {
		if me, err := user.Current(); err == nil {
			s.user = me.Username
		}
	}
	cert, key := settings["ssl-cert"], settings["ssl-key"]
	if cert == "" || key == "" {
		return
	}
	pair, err := readPair(cert, key)
	if err != nil {
		k.notices = append(k.notices, fmt.Sprintf("ssl-cert and ssl-key of the option file are not used: %v", err))
		return
	}
	s.certificate = &pair
}

// readPair reads the client's certificate and key.
func readPair(cert, key string) (tls.Certificate, error) {
	certificate, err := readRegular(cert, maxCertificates)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, err := readRegular(key, maxCertificates)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certificate, private)
}
