// Package issue decides what the certificate of a MySQL or MariaDB server or
// client contains, and makes it.
//
// The way is Request → [Request.Check] → Plan → [Make] → Pair. What it
// guarantees:
//
//   - Check names every problem of a request at once, and a Plan that it
//     returned can be made.
//   - Everything in the certificate was in the Plan: Make compares the signed
//     bytes with it ([Lint]) and returns no certificate that differs.
//   - A leaf is version 3 with digitalSignature (and keyEncipherment for the
//     RSA key of a server: RFC 5280 section 4.2.1.12), a critical
//     basicConstraints CA:FALSE, the extended key usage of its profile, a
//     subject key identifier, an authority key identifier that is the
//     authority's subject key identifier and nothing else, and its SANs.
//   - Its subject is never one that a TLS library could take for the
//     authority's.
//
// The package computes only: it reads and writes no file and asks no clock.
package issue
