package servers

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// Result is what a program did.
type Result struct {
	Stdout, Stderr string
	// Code is the exit code, -1 when the program could not be run.
	Code int
}

// OK tells whether the program ended with exit code 0.
func (r Result) OK() bool { return r.Code == 0 }

// Execute runs the command, its standard input being the text stdin.
func Execute(cmd *exec.Cmd, stdin string) Result {
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	result := Result{Stdout: stdout.String(), Stderr: stderr.String()}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		result.Code = exit.ExitCode()
	case err != nil:
		result.Code = -1
		result.Stderr += err.Error()
	}
	return result
}

// Try runs the statements as root@localhost, through the product's own client
// and the socket. Rows are lines, columns are separated by tabs, no headings.
func (s *Server) Try(statements string) Result {
	return Execute(s.Product.Command(s.Product.ClientName(), "--no-defaults", "--user=root",
		"--socket="+s.Socket, "--batch", "--skip-column-names"), statements)
}

// SQL is Try for statements that must succeed; it returns what they print,
// without the last newline.
func (s *Server) SQL(t testing.TB, statements string) string {
	t.Helper()
	result := s.Try(statements)
	if !result.OK() {
		t.Fatalf("%s: exit %d, %s\nstatements:\n%s", s.Product.Target, result.Code, result.Stderr, statements)
	}
	return strings.TrimSuffix(result.Stdout, "\n")
}

// ReloadTLS makes the server read its certificate files again, without a
// restart.
func (s *Server) ReloadTLS(t testing.TB) {
	t.Helper()
	if s.Product.MySQL() {
		s.SQL(t, "ALTER INSTANCE RELOAD TLS")
		return
	}
	s.SQL(t, "FLUSH LOCAL SSL")
}
