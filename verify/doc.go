// Package verify is the offline diagnosis: what is wrong with certificates, keys,
// CRLs, option files, and the folders they lie in. It only reads.
package verify
