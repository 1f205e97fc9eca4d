//go:build unix

package deploy

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"myca/scripts/harm"
)

// This test binary is also the program that the tests start many times and
// kill: with runEnv set to one of these it is not a test.
//
//	install DIR WHAT   one installation in the world DIR
//	undo DIR           what a dead process left is undone
//	live DIR           both, without end
const runEnv = "MYCA_DEPLOY_RUN"

// exitLater is the program's exit code when another process was faster.
const exitLater = 3

func TestMain(m *testing.M) {
	run := os.Getenv(runEnv)
	if run == "" {
		os.Exit(m.Run())
	}
	err := program(run, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	switch {
	case errors.Is(err, ErrBusy), errors.Is(err, ErrChanged):
		os.Exit(exitLater)
	case err != nil:
		os.Exit(1)
	}
}

func program(run string, args []string) error {
	dir := args[0]
	switch run {
	case "install":
		_, err := install(dir, args[1], nil)
		return err
	case "undo":
		_, err := undoAll(dir, nil)
		return err
	}
	for n := 0; ; n++ {
		if _, err := undoAll(dir, nil); err != nil {
			return err
		}
		if _, err := install(dir, fmt.Sprintf("process %d, %d:", os.Getpid(), n), nil); err != nil {
			return err
		}
	}
}

// child is the program about to run; its standard error is kept in talk.
func child(binary, run string, args ...string) (c *exec.Cmd, talk *strings.Builder) {
	c = exec.Command(binary, args...)
	c.Env = append(os.Environ(), runEnv+"="+run)
	talk = &strings.Builder{}
	c.Stderr = talk
	return c, talk
}

// killAt runs the program, which is to be killed after step.
func killAt(t *testing.T, binary, step, run string, args ...string) {
	t.Helper()
	c, talk := child(binary, run, args...)
	harm.Kill(t, c, talk, step)
}
