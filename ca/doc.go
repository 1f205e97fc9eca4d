// Package ca is the certificate authority: its key, its self-signed
// certificate, and the signing of other certificates.
//
// What it guarantees:
//
//   - A subject is encoded in the order of its [dn.Name]; the issuer field of
//     every certificate signed is the authority's subject, byte for byte.
//   - Signing is by x509util.CreateCertificate of go.step.sm/crypto over an
//     x509.Certificate with RawSubject. The digest is SHA-256 for RSA and
//     P-256, the natural one for the other curves, none for Ed25519.
//   - Every certificate signed carries an authority key identifier that holds
//     the authority's subject key identifier and nothing else, so that two
//     authorities of one name can be told apart.
//   - The signature is verified before [Authority.Sign] returns.
//   - A private key leaves the package only as PEM text from [Create] and
//     [EncodeKey]; an Authority never gives its own away.
//
// The package computes and reads; it writes nothing and asks no clock.
package ca
