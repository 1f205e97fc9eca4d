//go:build unix

package harm

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Killable builds the test binary of the package in the working folder with the
// kill points in it (see package killpoint), and returns its path.
func Killable(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "killable")
	c := exec.Command("go", "test", "-c", "-tags", "killpoint", "-o", binary, ".")
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("building with the tag killpoint: %v\n%s", err, text)
	}
	return binary
}

// Kill runs c, which a Killable binary is the program of, and fails the test
// unless it was killed after step. talk is what it wrote.
func Kill(t *testing.T, c *exec.Cmd, talk fmt.Stringer, step string) {
	t.Helper()
	c.Env = append(c.Env, "MYCA_KILL_AFTER="+step)
	err := c.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("%s: it was not killed after %s: %v\n%s", strings.Join(c.Args[1:], " "), step, err, talk)
	}
}
