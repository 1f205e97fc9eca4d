package main

import (
	"context"
	"errors"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"myca/deploy"
	"myca/dialect"
	"myca/live"
	"myca/verify"
)

// reachServer connects to the server that is installed on. Where --mycnf says
// where it listens and no flag does, only there; else there too when nothing
// answers where clients connect.
func (r *serverInstall) reachServer(ctx context.Context) (*running, error) {
	version, err := r.version()
	if err != nil {
		return nil, err
	}
	peers := r.peers(version)
	candidates := []server{r.server}
	for _, address := range r.options(version).Listens() {
		candidates = append(candidates, r.server.at(address))
	}
	if r.mycnf != "" && !r.told && len(candidates) > 1 {
		candidates = candidates[1:]
	}
	for _, candidate := range candidates {
		if slices.Contains(r.silent, candidate.address.String()) {
			continue
		}
		r.server = candidate
		r.server.address.Peers = peers
		found, err := r.reach(ctx)
		if err != nil {
			return nil, listener(err)
		}
		if found != nil {
			return found, r.whoListens(ctx)
		}
		r.silent = append(r.silent, candidate.address.String())
	}
	return nil, nil
}

// whoListens asks the machine who listens at the socket.
func (r *serverInstall) whoListens(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	uid, known, err := r.server.address.Peer(ctx)
	if known {
		r.peer = &uid
	}
	return listener(err)
}

// options are where the server has its options.
func (r *serverInstall) options(version dialect.Version) deploy.ServerOptions {
	return deploy.ServerOptions{System: verify.OS(), Version: version, File: r.mycnf}
}

// peers are who may listen at the server's socket.
func (r *serverInstall) peers(version dialect.Version) *live.Peers {
	job := deploy.Server{Options: r.options(version), Machine: verify.OS()}
	owner, _, _ := strings.Cut(r.owner, ":")
	return peersOf(job.ServerUser(), owner)
}

// peersOf are root, who runs this, the user mysql and the users of these names or
// numbers.
func peersOf(names ...string) *live.Peers {
	peers := &live.Peers{UIDs: socketOwners()}
	for _, name := range names {
		text := name
		if u, err := user.Lookup(name); err == nil {
			text = u.Uid
		}
		if uid, err := strconv.Atoi(text); err == nil {
			peers.UIDs = append(peers.UIDs, uid)
		}
	}
	return peers
}

// listener adds to an error about who listens at a socket what to do about it.
func listener(err error) error {
	if !errors.Is(err, live.ErrPeer) {
		return err
	}
	return &failure{err, "only root or the server's user may listen there: name the server's own socket (--socket FILE), or its user in its option file (user=…)"}
}

// at is the same login at another address of the server's own option files.
func (s server) at(address live.Address) server {
	s.address, s.socket, s.named = address, address.Socket, true
	if s.user == "" && address.Socket != "" {
		if me, err := user.Current(); err == nil {
			s.user = me.Username
		}
	}
	return s
}
