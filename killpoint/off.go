//go:build !killpoint || !unix

// Package killpoint is where tests kill a process: after each step of a
// protocol that has to survive it. In the program it does nothing.
package killpoint

// After does nothing; see on.go.
func After(string) {}
