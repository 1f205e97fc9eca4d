package out

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
)

// As calls do with the rights of owner on the file system, and nothing more: in
// a folder that another user controls, names may be exchanged between any two
// calls, and root then touches what that user could not. Where owner is nil or
// who runs, it is called as it is.
//
// On Linux user, group and supplementary groups of the file system belong to
// the thread (credentials(7), setfsuid(2)), and so do capabilities
// (capabilities(7)): do runs in a goroutine with a thread of its own, which
// takes the rights of owner and drops every capability, and which ends with do.
// Nothing is restored, so nothing can fail to be. What do starts in other
// goroutines has the rights of who runs.
//
// Elsewhere, without the right to take another user's groups, and for an owner
// without a group, it is an *Error that says to run the command as that user,
// and do is not called. Errors of do that come from missing rights or the quota
// name the user.
func As(owner *Owner, do func() error) error {
	me := os.Geteuid()
	if owner == nil || owner.UID == me {
		return do()
	}
	groups, err := owner.groups()
	if err == nil && me != 0 {
		err = fs.ErrPermission
	}
	if err == nil {
		err = asOwner(*owner, groups, do)
	}
	if errors.As(err, new(notTaken)) || err != nil && me != 0 {
		return &Error{"", fmt.Errorf("the rights of user %d cannot be taken: %w", owner.UID, err), "run the command as that user"}
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errQuota) {
		return fmt.Errorf("with the rights of user %d: %w", owner.UID, err)
	}
	return err
}

// notTaken is why As did not call what it was to call.
type notTaken struct{ error }

func (e notTaken) Unwrap() error { return e.error }

// groups are all groups of the user; of one that the system does not know,
// that of o alone.
func (o *Owner) groups() ([]int, error) {
	if o.GID < 0 {
		return nil, notTaken{fmt.Errorf("no group of user %d is known", o.UID)}
	}
	groups := []int{o.GID}
	u, err := user.LookupId(strconv.Itoa(o.UID))
	if errors.As(err, new(user.UnknownUserIdError)) {
		return groups, nil
	}
	if err != nil {
		return nil, notTaken{err}
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, notTaken{err}
	}
	for _, id := range ids {
		gid, err := number(id, func() (string, error) { return "", fmt.Errorf("group %q is no number", id) })
		if err != nil {
			return nil, notTaken{err}
		}
		groups = append(groups, gid)
	}
	return groups, nil
}
