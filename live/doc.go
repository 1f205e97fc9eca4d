// Package live is a running server as a client sees it: what it says of itself
// before any login, what it presents in the TLS handshake, and, with a login, its
// settings and accounts. It sends only statements that read.
package live
