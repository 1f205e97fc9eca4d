package live

import (
	"context"
	"net"
	"strconv"
)

// Address is where a server listens. With a Socket the rest does not count.
type Address struct {
	Socket string // path of a Unix socket
	Host   string // name or IP address; "" stands for 127.0.0.1
	Port   int    // 0 stands for 3306
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
	return new(net.Dialer).DialContext(ctx, network, text)
}

// hostName is the host as a TLS handshake names it, "" on a socket.
func (a Address) hostName() string {
	if a.Socket != "" {
		return ""
	}
	return a.Host
}
