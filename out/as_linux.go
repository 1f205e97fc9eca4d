package out

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// asOwner calls do on a thread with the rights of owner. The goroutine ends
// without unlocking its thread, which ends the thread (runtime.LockOSThread);
// threads that the Go runtime makes meanwhile come from one that is clean.
func asOwner(owner Owner, groups []int, do func() error) error {
	err := errors.New("it has ended the goroutine")
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if taken := take(owner, groups); taken != nil {
			err = notTaken{taken}
			return
		}
		err = do()
	}()
	<-done
	return err
}

// take makes the rights of this thread those of owner. x/sys/unix calls the
// kernel for one thread, as package syscall does not. A change of the user from
// root drops the capabilities that are about files; the others, with which root
// has no quota and reads attributes of the file system, go by capset(2).
func take(owner Owner, groups []int) error {
	if err := unix.Setgroups(groups); err != nil {
		return fmt.Errorf("setgroups: %w", err)
	}
	// The two calls tell the old number, of an error nothing: see setfsuid(2).
	if err := unix.Setfsgid(owner.GID); err != nil {
		return fmt.Errorf("setfsgid: %w", err)
	}
	if err := unix.Setfsuid(owner.UID); err != nil {
		return fmt.Errorf("setfsuid: %w", err)
	}
	gid, err := unix.SetfsgidRetGid(-1)
	if err != nil || gid != owner.GID {
		return fmt.Errorf("setfsgid: the group is %d, not %d: %w", gid, owner.GID, errors.Join(err, unix.EPERM))
	}
	uid, err := unix.SetfsuidRetUid(-1)
	if err != nil || uid != owner.UID {
		return fmt.Errorf("setfsuid: the user is %d, not %d: %w", uid, owner.UID, errors.Join(err, unix.EPERM))
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return nil
}
