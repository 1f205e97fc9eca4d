package acceptance

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// inView runs do where some files and folders are others: those that they are
// mapped to. Programs that it starts see the same; nobody else does. The test is
// skipped where mounting is not allowed.
func inView(t *testing.T, mapped map[string]string, do func() error) {
	t.Helper()
	done := make(chan error)
	go func() {
		var err error
		defer func() { done <- err }() // when do has ended the goroutine, too
		runtime.LockOSThread()         // and never unlocked: the thread ends with the goroutine
		if err = view(mapped); err == nil {
			err = do()
		}
	}()
	err := <-done
	switch {
	case errors.Is(err, errView):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	case t.Failed():
		t.FailNow()
	}
}

var errView = errors.New("no view of its own")

// view gives the thread mounts of its own.
func view(mapped map[string]string) error {
	err := unix.Unshare(unix.CLONE_NEWNS)
	if err == nil {
		err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	}
	for path, is := range mapped {
		if err == nil {
			err = unix.Mount(is, path, "", unix.MS_BIND, "")
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errView, err)
	}
	return nil
}
