package acceptance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"myca/scripts/servers"
)

// open is a pool of connections as config says.
func open(config *driver.Config) (*sql.DB, error) {
	connector, err := driver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// loop starts clients that connect again and again as the account "loop" until
// stop. They trust the CA of the server's old certificate, and that of the store
// as soon as there is one: they were given the new bundle first. further are
// clients of another kind.
func (s *site) loop(t *testing.T, clients int, further ...func() error) *load {
	t.Helper()
	config := driver.NewConfig()
	config.Net, config.Addr, config.User, config.Passwd = "tcp", fmt.Sprintf("127.0.0.1:%d", s.server.Port), "loop", "loop"
	config.TLS = &tls.Config{ServerName: "127.0.0.1", InsecureSkipVerify: true, VerifyConnection: s.verifier()}
	if s.presents(t) == "" {
		t.Fatal("no loop with a server that offers no TLS")
	}
	connects := further
	for range clients {
		connects = append(connects, func() error { return once(config) })
	}
	l := &load{begun: make([]int, len(connects)), done: make([]int, len(connects))}
	l.changed = sync.NewCond(&l.mu)
	for i, connect := range connects {
		l.workers.Go(func() {
			for l.begin(i) {
				failure := ""
				if err := connect(); err != nil {
					failure = fmt.Sprintf("client %d: %v", i, err)
				}
				l.end(i, failure)
				time.Sleep(2 * time.Millisecond) // the servers need the machine too
			}
		})
	}
	return l
}

// verifyingClient is the product's client program, which verifies the server with one
// bundle: that of before, and that of the store.
func (s *site) verifyingClient(t *testing.T) func() error {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "ca-cert.pem")
	write(t, bundle, read(t, s.old)+read(t, filepath.Join(s.store, "ca-cert.pem")))
	args := []string{"--no-defaults", "--host=127.0.0.1", "--port=" + strconv.Itoa(s.server.Port), "--protocol=TCP",
		"--user=loop", "--password=loop", "--ssl-ca=" + bundle}
	if s.product.MySQL() {
		args = append(args, "--ssl-mode=VERIFY_IDENTITY")
	} else {
		args = append(args, "--ssl-verify-server-cert")
	}
	return func() error {
		result := servers.Execute(s.product.Command(s.product.ClientName(), args...), "DO 1")
		if !result.OK() {
			return fmt.Errorf("%s: exit %d, %s", s.product.ClientName(), result.Code, result.Stderr)
		}
		return nil
	}
}

// verifier is the check of the server's certificate. The name is checked too
// where the new CA signed; what servers make for themselves has none.
func (s *site) verifier() func(tls.ConnectionState) error {
	old, fresh := x509.NewCertPool(), filepath.Join(s.store, "ca-cert.pem")
	if text, err := os.ReadFile(s.old); err == nil {
		old.AppendCertsFromPEM(text)
	}
	return func(state tls.ConnectionState) error {
		leaf := state.PeerCertificates[0]
		_, err := leaf.Verify(x509.VerifyOptions{Roots: old})
		if err == nil {
			return nil
		}
		text, none := os.ReadFile(fresh)
		if none != nil {
			return err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(text)
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: state.ServerName})
		return err
	}
}

// once opens a connection, uses it and closes it.
func once(config *driver.Config) error {
	db, err := open(config)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := db.Conn(ctx) // the pool itself would try again
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.ExecContext(ctx, "DO 1")
	return err
}

// wantUnbroken ends the loop and wants no connection of it to have failed, and
// some to have been made.
func (l *load) wantUnbroken(t *testing.T, what string) {
	t.Helper()
	whole := l.round()
	l.stop()
	if failures := l.failure(); !whole || failures != "" {
		t.Errorf("%s: after %d connections:\n%s", what, l.made(), failures)
	}
	t.Logf("figure: %s: %d connections while it ran, %d failed", what, l.made(), len(l.failures))
}
