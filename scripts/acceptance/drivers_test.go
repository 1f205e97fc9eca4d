package acceptance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"myca/scripts/servers"
)

// maker is how a program of another maker connects.
type maker struct {
	name string
	// command is the words before HOST PORT USER PASSWORD CA [CERT KEY].
	command []string
	// needs is a command that only succeeds where the driver is installed.
	needs string
	// host is where it connects: PHP and DBI take localhost for the socket.
	host string
	// other is where it meets the server under a name that its certificate does
	// not have; "" is not tried.
	other string
}

// makers are those that Debian 12 and npm have. All verify the server, its
// name included, and all log in on MySQL with caching_sha2_password over TLS:
//
//   - PyMySQL 1.0 verifies as soon as it is given a CA (_create_ssl_ctx).
//   - mysql2 verifies the name only with verifyIdentity, and of a server that is
//     given by its address (3.24) it wants the name localhost (startTLS).
//   - mysqlnd, which mysqli and PDO are built on, does not read option files:
//     the paths have to be in the program.
//   - DBD::MariaDB and Debian's DBD::mysql 4 use MariaDB Connector/C 3.3. It
//     verifies only with ssl_verify_server_cert. DBD::mysql 5 is for MySQL's own
//     library, which Debian does not have.
func makers() []maker {
	here := func(program, file string, more ...string) []string {
		return append([]string{program, filepath.Join("testdata", "drivers", file)}, more...)
	}
	return []maker{
		{"PyMySQL", here("/usr/bin/python3", "python-pymysql.py"), "/usr/bin/python3 -c 'import pymysql'", "localhost", "127.0.0.2"},
		{"mysql2", here("node", "node-mysql2.js"), `node -e 'require("mysql2")'`, "localhost", ""},
		{"mysqli", here("php", "php-mysqli.php"), `php -r 'exit(extension_loaded("mysqli") ? 0 : 1);'`, "127.0.0.1", "127.0.0.2"},
		{"PDO", here("php", "php-pdo.php"), `php -r 'exit(extension_loaded("pdo_mysql") ? 0 : 1);'`, "127.0.0.1", "127.0.0.2"},
		{"DBD::MariaDB", here("/usr/bin/perl", "perl-dbi.pl", "MariaDB"), "/usr/bin/perl -MDBD::MariaDB -e 1", "127.0.0.1", "127.0.0.2"},
		{"DBD::mysql", here("/usr/bin/perl", "perl-dbi.pl", "mysql"), "/usr/bin/perl -MDBD::mysql -e 1", "127.0.0.1", "127.0.0.2"},
	}
}

// driverEnv has Node's driver in it, where scripts/setup put it, and nothing of
// the person who runs the test.
func driverEnv(t *testing.T) []string {
	t.Helper()
	return []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=/nonexistent",
		"NODE_PATH=" + filepath.Join(filepath.Dir(servers.Published(t)), "mysql2", "node_modules")}
}

// need skips the test where the driver is not installed, and fails it where
// live tests are required.
func (m maker) need(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", m.needs)
	cmd.Env = driverEnv(t)
	output, err := cmd.CombinedOutput()
	if err == nil {
		return
	}
	message := fmt.Sprintf("no %s (scripts/setup installs it): %v %s", m.name, err, output)
	if os.Getenv("MYCA_TEST_LIVE") == "required" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// connecting is what a client of another maker is given.
type connecting struct {
	host           string
	port           int
	user, password string
	ca, cert, key  string // paths; cert and key are "" for none
	optionFile     string
}

// connect runs the driver's program.
func (m maker) connect(t *testing.T, c connecting) servers.Result {
	args := append(m.command[1:len(m.command):len(m.command)], c.host, strconv.Itoa(c.port), c.user, c.password, c.ca)
	if c.cert != "" {
		args = append(args, c.cert, c.key)
	}
	cmd := exec.Command(m.command[0], args...)
	cmd.Env = driverEnv(t)
	return servers.Execute(cmd, "")
}

// connectGo is the same with go-sql-driver.
func connectGo(c connecting) (who, cipher string, err error) {
	pool := x509.NewCertPool()
	bundle, err := os.ReadFile(c.ca)
	if err != nil || !pool.AppendCertsFromPEM(bundle) {
		return "", "", fmt.Errorf("no bundle %q: %w", c.ca, err)
	}
	config := driver.NewConfig()
	config.Net, config.Addr, config.User, config.Passwd = "tcp", fmt.Sprintf("%s:%d", c.host, c.port), c.user, c.password
	config.TLS = &tls.Config{RootCAs: pool, ServerName: c.host}
	if c.cert != "" {
		pair, err := tls.LoadX509KeyPair(c.cert, c.key)
		if err != nil {
			return "", "", err
		}
		config.TLS.Certificates = []tls.Certificate{pair}
	}
	return whoIs(config)
}

// whoIs opens one connection and asks who is logged in.
func whoIs(config *driver.Config) (who, cipher string, err error) {
	db, err := open(config)
	if err != nil {
		return "", "", err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err = db.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&who)
	if err == nil {
		err = db.QueryRowContext(ctx, "SHOW SESSION STATUS LIKE 'Ssl_cipher'").Scan(new(string), &cipher)
	}
	return who, cipher, err
}

// TestDrivers: with the files that install put into place, clients of other
// makers get in; without the certificate they are refused, and they refuse a
// server of another CA, or of another name.
func TestDrivers(t *testing.T) {
	needAny(t)
	bin, foreign := build(t), filepath.Join(t.TempDir(), "ca-cert.pem")
	write(t, foreign, authorityOf(t, "/CN=another CA").pem())
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := newSite(t, bin, p, sampdb)
		s.replace(t)
		laura := s.connecting(t, "laura")
		t.Run("go-sql-driver", func(t *testing.T) {
			for _, host := range []string{"localhost", "127.0.0.1"} {
				laura.host = host
				wantGo(t, laura, foreign)
			}
		})
		t.Run("PyMySQL's option file", func(t *testing.T) {
			makers()[0].need(t)
			cmd := exec.Command("/usr/bin/python3", filepath.Join("testdata", "drivers", "python-optionfile.py"),
				"localhost", strconv.Itoa(laura.port), laura.optionFile, s.group())
			cmd.Env = driverEnv(t)
			if result := servers.Execute(cmd, ""); !strings.HasPrefix(result.Stdout, "laura@% TLS_") {
				t.Errorf("exit %d, %q, %s, want laura@%% and a cipher", result.Code, result.Stdout, result.Stderr)
			}
		})
		for _, m := range makers() {
			t.Run(m.name, func(t *testing.T) {
				m.need(t)
				m.want(t, laura, foreign)
			})
		}
	})
}

// group is the first group of a client's option file, which has it all.
func (s *site) group() string {
	if s.product.MySQL() {
		return "mysql"
	}
	return "client-mariadb"
}

// connecting installs a client's pair and is what other programs need of it.
func (s *site) connecting(t *testing.T, name string) connecting {
	t.Helper()
	pair := s.connectable(t, name)
	home := t.TempDir()
	kept := s.env
	defer func() { s.env = kept }()
	s.env = append(kept[:len(kept):len(kept)], "HOME="+home)
	var done installed
	decode(t, s.myca(t, "install", "client", name, "--json"), &done)
	return connecting{
		port: s.server.Port, user: name, password: strings.Trim(optionOf(pair.Files.MyCnf, "password"), `"`),
		ca: done.path(t, "ca-cert.pem"), cert: done.path(t, "client-cert.pem"), key: done.path(t, "client-key.pem"),
		optionFile: done.Options.File,
	}
}

// want wants the driver to get in with the certificate, and only so.
func (m maker) want(t *testing.T, laura connecting, foreign string) {
	t.Helper()
	laura.host = m.host
	if result := m.connect(t, laura); !strings.HasPrefix(result.Stdout, "laura@% TLS_") {
		t.Errorf("exit %d, %q, %s, want laura@%% and a cipher", result.Code, result.Stdout, result.Stderr)
	}
	without := laura
	without.cert, without.key = "", ""
	wantFailure(t, "no certificate", m.connect(t, without), "1045")
	other := laura
	other.ca = foreign
	m.refuses(t, "a server of another CA", other)
	if m.other != "" {
		other = laura
		other.host = m.other
		m.refuses(t, "a server of another name", other)
	}
}

// refuses wants the driver to refuse the server, and not the other way round.
func (m maker) refuses(t *testing.T, what string, c connecting) {
	t.Helper()
	result := m.connect(t, c)
	wantFailure(t, what, result)
	if strings.Contains(result.Stderr, "1045") {
		t.Errorf("%s was asked to let it in: %s", what, result.Stderr)
	}
}

// wantGo is want for go-sql-driver.
func wantGo(t *testing.T, laura connecting, foreign string) {
	t.Helper()
	who, cipher, err := connectGo(laura)
	if who != "laura@%" || !strings.HasPrefix(cipher, "TLS_") {
		t.Errorf("%s: %q, %q, %v", laura.host, who, cipher, err)
	}
	without := laura
	without.cert, without.key = "", ""
	var answer *driver.MySQLError
	if _, _, err := connectGo(without); !errors.As(err, &answer) || answer.Number != 1045 {
		t.Errorf("%s: no certificate: %v, want error 1045", laura.host, err)
	}
	other := laura
	other.ca = foreign
	elsewhere := laura
	elsewhere.host = "127.0.0.2"
	var name x509.HostnameError
	if _, _, err := connectGo(elsewhere); !errors.As(err, &name) {
		t.Errorf("a server of another name: %v", err)
	}
	var unknown x509.UnknownAuthorityError
	if _, _, err := connectGo(other); !errors.As(err, &unknown) {
		t.Errorf("%s: a server of another CA: %v, want an unknown authority", laura.host, err)
	}
}
