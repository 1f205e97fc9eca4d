package main

import (
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// one measures the issuing of one client as a whole process, beside the other
// programs that are installed.
func (b bench) one() (string, []goal, error) {
	store := filepath.Join(b.dir, "store")
	if _, err := timed(b.on(store, "ca", "create", "--subject", "/O=acme/CN=acme CA", "--key", "ec-p256")); err != nil {
		return "", nil, err
	}
	peers, missing, err := b.peers(store)
	if err != nil {
		return "", nil, err
	}
	all := slices.Concat([]peer{{
		name: "`myca issue client`", version: "this commit, flushes to the disk",
		issue: func(name string) *exec.Cmd {
			return b.on(store, "issue", "client", name, "--no-password", "--key", "ec-p256")
		},
		cert: func(name string) string { return filepath.Join(store, "clients", name, "client-cert.pem") },
	}}, peers)
	taken := make([][]sample, len(all))
	for round := range warmUp + b.rounds {
		for n := range all {
			turn := (round + n) % len(all)
			name := fmt.Sprintf("app-%d", round)
			took, err := timed(all[turn].issue(name))
			if err != nil {
				return "", nil, err
			}
			if err := all[turn].check(name, store); err != nil {
				return "", nil, err
			}
			if round >= warmUp {
				taken[turn] = append(taken[turn], took)
			}
		}
	}
	return b.oneTable(all, taken, missing), oneGoals(all, taken), nil
}

// check is an error when a program made something else than what is compared:
// a certificate of that name for an ec-p256 key and for clients only, signed by
// the authority.
func (p peer) check(name, store string) error {
	cert, err := certificate(p.cert(name))
	if err != nil {
		return err
	}
	authority, err := certificate(filepath.Join(store, "ca-cert.pem"))
	if err != nil {
		return err
	}
	key, ec := cert.PublicKey.(*ecdsa.PublicKey)
	if !ec || key.Params().BitSize != 256 || cert.Subject.CommonName != name ||
		!slices.Equal(cert.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}) {
		return errors.New(p.name + " made something else than an ec-p256 client")
	}
	if err := cert.CheckSignatureFrom(authority); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

func (b bench) oneTable(all []peer, taken [][]sample, missing []string) string {
	var text strings.Builder
	fmt.Fprintf(&text, `
## One client

A new ec-p256 key and a client's certificate for it, signed by one ec-p256 CA whose key lies in a file, as a whole process.
Each is looked at: key, name, usage, signature. Only myca keeps a ledger in a database, writes option file and account
statements, and waits until all of it is on the disk. Medians of %d rounds, in milliseconds.

| | version | wall: median | min | max | processor | **myca : it, wall** | processor |
|---|---|---|---|---|---|---|---|
`, b.rounds)
	mine := median(taken[0])
	for n, p := range all {
		walls, middle := of(taken[n], wall), median(taken[n])
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s | **%s** | %s |\n", p.name, p.version,
			ms(middle.wall), ms(walls[0]), ms(walls[len(walls)-1]), ms(middle.processor),
			ratio(mine.wall, middle.wall), ratio(mine.processor, middle.processor))
	}
	if len(missing) > 0 {
		fmt.Fprintf(&text, "\nNot installed, so not measured: %s (`scripts/bench/peers` installs them).\n", strings.Join(missing, ", "))
	}
	return text.String()
}

func oneGoals(all []peer, taken [][]sample) []goal {
	mine := median(taken[0]).wall
	goals := []goal{{"`issue client --key ec-p256`, wall", "≤ 20 ms", ms(mine) + " ms", mine <= 20*time.Millisecond}}
	for n, p := range all {
		if p.name == stepName {
			goals = append(goals, within("`issue client --key ec-p256`, wall", mine, median(taken[n]).wall, 0.6, p.name))
		}
	}
	return goals
}
