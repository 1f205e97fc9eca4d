//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// This test binary is also the program that the tests start many times and
// kill: with runEnv set to one of these, and arguments, it is not a test.
//
//	found DIR NAME...        what bootstrap does, again and again
//	issue DIR NAME...        one batch of new pairs
//	force DIR NAME...        one batch that replaces them
//	many DIR PREFIX N        N clients, one command each
const runEnv = "MYCA_STORE_RUN"

// exitExists is the program's exit code when a name or the store is taken.
const exitExists = 3

func TestMain(m *testing.M) {
	run := os.Getenv(runEnv)
	if run == "" {
		os.Exit(m.Run())
	}
	err := program(context.Background(), run, os.Args[1], os.Args[2:])
	switch {
	case errors.Is(err, ErrExists):
		os.Exit(exitExists)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func program(ctx context.Context, run, dir string, args []string) error {
	switch run {
	case "found":
		return programFound(ctx, dir, args)
	case "issue":
		return programIssue(ctx, dir, args)
	case "force":
		return programIssue(ctx, dir, args, forced, func(o *Order) {
			if o.Plan.Request.Kind == "client" {
				o.Spec.Password = passwordRandom // the one it has
			}
		})
	case "many":
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		for i := range n {
			if err := programIssue(ctx, dir, []string{fmt.Sprintf("client/%s-%d", args[0], i)}); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("unknown run %q", run)
}

// programFound makes a store, or finishes one that is there.
func programFound(ctx context.Context, dir string, names []string) error {
	s, err := Open(dir)
	if err == nil {
		defer s.Close()
		return s.Recover(ctx)
	}
	if !errors.Is(err, ErrNoStore) {
		return err
	}
	f, err := foundingOf()
	if err != nil {
		return err
	}
	if s, err = Found(dir, f); err != nil {
		return err
	}
	defer s.Close()
	return programCommit(ctx, s, names)
}

func programIssue(ctx context.Context, dir string, names []string, change ...func(*Order)) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	defer s.Close()
	return programCommit(ctx, s, names, change...)
}

func programCommit(ctx context.Context, s *Store, names []string, change ...func(*Order)) error {
	var items []*Item
	for _, name := range names {
		i, err := tryDraft(s, name, change...)
		if err != nil {
			return err
		}
		items = append(items, i)
	}
	return s.Commit(ctx, items...)
}

// start is the program about to run; its standard error is kept in the
// returned buffer.
func start(binary, run string, args ...string) (*exec.Cmd, *strings.Builder) {
	c := exec.Command(binary, args...)
	c.Env = append(os.Environ(), runEnv+"="+run)
	var talk strings.Builder
	c.Stderr = &talk
	return c, &talk
}
