// Package live is a running server as a client sees it: what it says of itself
// before any login, what it presents in the TLS handshake, and, with a login, its
// settings and accounts.
//
// It guarantees:
//
//   - Greet needs no login. It reads at most 4 KiB before the handshake, and
//     takes anything that listens there: MySQL from 3.21 on, MariaDB, a server
//     that answers with an error, or something else altogether.
//   - A session sends SELECT and SHOW and nothing else, and changes no setting of
//     the session or the server, except when it is asked to by one of three:
//     Reload (ALTER INSTANCE RELOAD TLS, FLUSH SSL), SetFiles (SET GLOBAL ssl_ca
//     and so on) and Apply (the statements given to it). Their errors have no
//     password.
//   - Nothing of a login is sent before Login.Verify has accepted the server.
//   - Names, subjects and issuers of accounts are the bytes that the server's
//     table holds, whatever the character sets.
//   - What a login may not see is said, with the GRANT statement that would show
//     it; Rights has them all.
//   - Every call ends when its context does.
//
// TLS is crypto/tls, with every version from 1.0 and every suite that it has, as
// the package is there to tell what old servers do; whether that is good enough
// is for the caller to judge. Servers that know DSA keys, export ciphers or
// finite-field Diffie-Hellman only, and RSA keys under 1024 or over 8192 bits,
// end in Hello.Err.
package live
