package out

import (
	"fmt"
	"os/user"
	"strconv"
	"strings"
)

// Owner is whom files are given to.
type Owner struct {
	UID int
	GID int // -1: the group stays as it is
}

// OwnerError says which user or group this system does not have.
type OwnerError struct{ Text, Problem string }

// Error names the text and the problem.
func (e *OwnerError) Error() string { return fmt.Sprintf("owner %q: %s", e.Text, e.Problem) }

// Hint shows the form.
func (e *OwnerError) Hint() string {
	return "write USER or USER:GROUP of this system, as --owner mysql:mysql"
}

// ParseOwner reads USER[:GROUP], names or numbers, and looks the names up on
// this system. The error is an *OwnerError.
func ParseOwner(text string) (*Owner, error) {
	name, group, hasGroup := strings.Cut(text, ":")
	owner := &Owner{GID: -1}
	uid, err := number(name, func() (string, error) {
		u, err := user.Lookup(name)
		if err != nil {
			return "", err
		}
		return u.Uid, nil
	})
	if err != nil {
		return nil, &OwnerError{text, fmt.Sprintf("no user %q on this system", name)}
	}
	owner.UID = uid
	if !hasGroup {
		return owner, nil
	}
	owner.GID, err = number(group, func() (string, error) {
		g, err := user.LookupGroup(group)
		if err != nil {
			return "", err
		}
		return g.Gid, nil
	})
	if err != nil {
		return nil, &OwnerError{text, fmt.Sprintf("no group %q on this system", group)}
	}
	return owner, nil
}

// number is text as a user or group number, or what look finds for it.
func number(text string, look func() (string, error)) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err == nil {
		return int(n), nil
	}
	id, err := look()
	if err != nil {
		return 0, err
	}
	n, err = strconv.ParseUint(id, 10, 31) // Windows has SIDs instead
	return int(n), err
}
