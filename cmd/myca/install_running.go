package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"myca/live"
)

// running is the server as package deploy changes it. A session that was lost is
// opened anew: whatever it is told can be told twice.
type running struct {
	k       *checking
	session *live.Session
}

// Facts asks for the settings.
func (r *running) Facts(ctx context.Context) (facts live.Facts, err error) {
	err = r.with(ctx, func(ctx context.Context) error {
		facts, err = r.session.Facts(ctx)
		return err
	})
	return facts, err
}

// SetFiles changes the paths of the TLS files.
func (r *running) SetFiles(ctx context.Context, f live.Files) error {
	return r.with(ctx, func(ctx context.Context) error { return r.session.SetFiles(ctx, f) })
}

// Reload makes the server read its TLS files again.
func (r *running) Reload(ctx context.Context) error {
	return r.with(ctx, func(ctx context.Context) error { return r.session.Reload(ctx) })
}

// with runs ask, a second time in a new session when the first was lost.
func (r *running) with(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err := ask(ctx)
	if err == nil || ctx.Err() != nil || errors.As(err, new(*live.ServerError)) || errors.Is(err, live.ErrDenied) || errors.Is(err, live.ErrAtStart) {
		return err
	}
	if greetErr := r.k.greet(ctx); greetErr != nil {
		return errors.Join(err, greetErr)
	}
	session, openErr := r.k.open(ctx)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	r.close()
	r.session = session
	return ask(ctx)
}

// Presented connects once more, without login. A handshake that fails before
// the server has shown a certificate is as good as no TLS.
func (r *running) Presented(ctx context.Context) ([]*x509.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	hello, err := live.Greet(ctx, r.k.server.address)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, hello.Err
	}
	if hello.Handshake == nil {
		return nil, nil
	}
	return hello.Handshake.Certificates, nil
}

func (r *running) close() {
	_ = r.session.Close() // nothing of it is needed any more
}

// reach connects and logs in. Nothing is returned where nothing answers at all.
func (k *checking) reach(ctx context.Context) (*running, error) {
	err := k.greet(ctx)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	const hint = "--user USER --password-file FILE, or --defaults-file FILE; to install for the next start only, stop the server first"
	if k.server.user == "" {
		return nil, &failure{fmt.Errorf("a server answers at %s, and no user is known to log in as: it could not be told to reload", k.server.address), hint}
	}
	session, err := k.open(ctx)
	if err != nil {
		if ctx.Err() == nil {
			err = &failure{fmt.Errorf("a server answers at %s, and could not be told to reload: %w", k.server.address, err), hint}
		}
		return nil, err
	}
	r := &running{k: k, session: session}
	facts, err := r.Facts(ctx)
	if err == nil {
		k.facts = &facts
		err = k.here()
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// here refuses a server that runs elsewhere: files of this machine are none of
// its.
func (k *checking) here() error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	same := k.facts.Hostname == "" || strings.EqualFold(name, k.facts.Hostname)
	if same && (k.server.address.Socket != "" || localAddress(k.server.address.Host)) {
		return nil
	}
	there := k.facts.Hostname
	if there == "" || same {
		there = k.server.address.String()
	}
	return &failure{fmt.Errorf("the server at %s runs on %s, and this is %s: files are installed on the server's own machine", k.server.address, printable(there), name),
		"run it there; or copy the files there by hand: myca mycnf server NAME --deploy-dir DIR"}
}

// localAddress reports whether host is a name or address of this machine.
func localAddress(host string) bool {
	if loopback(host) {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	addresses, err := net.LookupIP(host)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(addresses, func(ip net.IP) bool {
		return ip.IsLoopback() || slices.ContainsFunc(own, func(a net.Addr) bool {
			network, ok := a.(*net.IPNet)
			return ok && network.IP.Equal(ip)
		})
	})
}
