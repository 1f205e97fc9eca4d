// Package harm is what tests do to processes and disks: kill a program after
// each step of a change, and let it work on a small file system that is full.
package harm
