//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/scripts/harm"
)

// This test binary is also the program that the tests start many times and
// kill: with runEnv set to one of these, and arguments, it is not a test.
//
//	found DIR NAME...        what bootstrap does, again and again
//	issue DIR NAME...        one batch of new pairs
//	force DIR NAME...        one batch that replaces them
//	many DIR PREFIX N        N clients, one command each
//	renew DIR NAME...        one batch that renews them
//	amend DIR NAME...        one batch that gives them another spec; new/NAME is a new client in it
//	revoke DIR NAME...       all that is in force of them
//	crl DIR                  a new crl.pem
//	begin, switch, finish, compromised DIR
//	                         one step of a rotation
//	lose DIR                 the new authority of a rotation loses its key
//	rebuild DIR              a new ledger
//	live DIR SEED            changes of every kind, without end
const runEnv = "MYCA_STORE_RUN"

// exitExists is the program's exit code when a name or the store is taken, or
// another process was faster.
const exitExists = 3

func TestMain(m *testing.M) {
	run := os.Getenv(runEnv)
	if run == "" {
		os.Exit(m.Run())
	}
	err := program(context.Background(), run, os.Args[1], os.Args[2:])
	switch {
	case errors.Is(err, ErrExists), errors.Is(err, ErrChanged), finished(err):
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
	case "rebuild":
		_, err := Rebuild(ctx, dir, dialect.Version{}, time.Now())
		return err
	}
	s, err := Open(dir)
	if err != nil {
		return err
	}
	defer s.Close()
	if run == "live" {
		return live(ctx, s, args[0])
	}
	return act(ctx, s, run, args)
}

// act is one change of a store that is there.
func act(ctx context.Context, s *Store, run string, args []string) error {
	switch run {
	case "issue":
		return programCommit(ctx, s, args)
	case "force":
		return programCommit(ctx, s, args, forced, keepRandom)
	case "renew":
		var items []*Item
		for _, name := range args {
			i, err := tryRenewal(s, name)
			if err != nil {
				return err
			}
			items = append(items, i)
		}
		return s.Commit(ctx, items...)
	case "amend":
		items, err := amendments(s, args)
		if err != nil {
			return err
		}
		return s.Commit(ctx, items...)
	case "revoke":
		p, err := revoking(args...)(s)
		if err != nil {
			return err
		}
		return p.do()
	case "crl":
		return s.WriteCRL(ctx, time.Now(), 7)
	case "begin":
		_, err := s.RotateBegin(ctx, ca.Spec{}, Spec{}, time.Now())
		return err
	case "lose":
		return loseNew(s)
	case "switch":
		return s.RotateSwitch(ctx)
	case "finish", "compromised":
		_, err := s.RotateFinish(ctx, run == "compromised", time.Now())
		return err
	}
	return fmt.Errorf("unknown run %q", run)
}

// live makes changes until the process is killed. Client laura and server db1
// stay, others come and go.
func live(ctx context.Context, s *Store, seed string) error {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(n, 1))
	if lost, _ := s.unusable(ctx); len(lost) > 0 { // the process before was killed after it lost the key
		if err := act(ctx, s, "begin", nil); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		name := fmt.Sprintf("client/c-%s-%d", seed, n)
		switch random.IntN(8) {
		case 0:
			err = act(ctx, s, "issue", []string{name, name + "-2", "server/s-" + seed + strconv.Itoa(n)})
		case 1:
			err = act(ctx, s, "force", []string{"client/laura", "server/db1"})
		case 2:
			err = act(ctx, s, "renew", []string{"client/laura", "server/db1"})
		case 3:
			err = errors.Join(act(ctx, s, "issue", []string{name}), act(ctx, s, "renew", []string{name}), act(ctx, s, "revoke", []string{name}))
		case 4:
			err = act(ctx, s, "crl", nil)
		case 5:
			err = act(ctx, s, "amend", []string{"client/laura", "server/db1", "new/" + strings.TrimPrefix(name, "client/")})
		default:
			err = rotateOn(ctx, s, random.IntN(2) == 0)
		}
		if err != nil {
			return fmt.Errorf("change %d: %w", n, err)
		}
	}
}

// finished says whether err refuses to switch or finish a rotation because there
// is none.
func finished(err error) bool { return strings.Contains(hint(err), "myca ca rotate begin") }

// rotateOn takes the next step of a rotation; with lose, one that has begun
// loses its new authority and begins again.
func rotateOn(ctx context.Context, s *Store, lose bool) error {
	rotation, err := s.Rotation(ctx, time.Now())
	switch {
	case err != nil:
		return err
	case rotation.Phase == NoRotation:
		return act(ctx, s, "begin", nil)
	case rotation.Phase == Begun && lose:
		return errors.Join(act(ctx, s, "lose", nil), act(ctx, s, "begin", nil))
	case rotation.Phase == Begun:
		return act(ctx, s, "switch", nil)
	case rotation.Generations[1].Active > 0:
		return renewAll(s)
	}
	return act(ctx, s, "finish", nil)
}

// keepRandom lets a client keep the random password it has.
func keepRandom(o *Order) {
	if o.Plan.Request.Kind == "client" {
		o.Spec.Password = passwordRandom
	}
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

// killAt runs the program, which is to be killed after step.
func killAt(t *testing.T, binary, step, run string, args ...string) {
	t.Helper()
	c, talk := start(binary, run, args...)
	harm.Kill(t, c, talk, step)
}
