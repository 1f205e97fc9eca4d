package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
)

// ErrPeer: somebody else listens at a Unix socket than the address allows.
var ErrPeer = errors.New("somebody else listens there")

// Peers are the users who may listen at a Unix socket, by their numbers.
type Peers struct{ UIDs []int }

// Address is where a server listens. With a Socket the rest does not count.
type Address struct {
	Socket string // path of a Unix socket
	Host   string // name or IP address; "" stands for 127.0.0.1
	Port   int    // 0 stands for 3306
	// Peers are who may listen at the Socket; nil: anybody. Where the system does
	// not tell who does (all but Linux), it is not looked at.
	Peers *Peers
}

// String is the address as a message names it: "db1.example.com:3306", or
// "socket /run/mysqld/mysqld.sock".
func (a Address) String() string {
	if a.Socket != "" {
		return "socket " + a.Socket
	}
	_, text := a.network()
	return text
}

// network is the address as package net takes it.
func (a Address) network() (network, text string) {
	if a.Socket != "" {
		return "unix", a.Socket
	}
	host, port := a.Host, a.Port
	if host == "" {
		host = "127.0.0.1"
	}
	if port == 0 {
		port = 3306
	}
	return "tcp", net.JoinHostPort(host, strconv.Itoa(port))
}

// dial connects.
func (a Address) dial(ctx context.Context) (net.Conn, error) {
	network, text := a.network()
	conn, err := new(net.Dialer).DialContext(ctx, network, text)
	if err != nil || a.Peers == nil {
		return conn, err
	}
	if uid, known := peer(conn); known && !slices.Contains(a.Peers.UIDs, uid) {
		return nil, errors.Join(fmt.Errorf("%w: user %d", ErrPeer, uid), conn.Close())
	}
	return conn, nil
}

// Peer connects to the Socket, and tells the number of the user who listens
// there; known is false without a Socket, and where the system does not tell.
func (a Address) Peer(ctx context.Context) (uid int, known bool, err error) {
	if a.Socket == "" {
		return 0, false, nil
	}
	conn, err := a.dial(ctx)
	if err != nil {
		return 0, false, err
	}
	uid, known = peer(conn)
	return uid, known, conn.Close()
}

// hostName is the host as a TLS handshake names it, "" on a socket.
func (a Address) hostName() string {
	if a.Socket != "" {
		return ""
	}
	return a.Host
}
