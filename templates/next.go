// Package templates makes the texts administrators read and run.
package templates

import "myca/dialect"

// NextSteps says what to do after pairs were made.
type NextSteps struct {
	Dir, Program string
	Target       dialect.Version
	Servers      []StepServer
	Clients      []StepClient
}

// StepServer is a server pair.
type StepServer struct{ Name, Folder, DeployDir, Owner string }

// StepClient is a client pair.
type StepClient struct {
	Name, Folder, DeployDir, SQL string
	Accounts                     []dialect.Account
	Host                         string
	Port                         int
}

// Text is numbered text with commands that can be pasted.
func (n NextSteps) Text() (string, error) { return "", nil }

// Shell is s as one word of a POSIX shell.
func Shell(s string) string { return "" }
