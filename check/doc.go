// Package check judges a running server: what package live saw of it, against
// what the store holds. It computes only: no connection, no file, no clock.
package check
