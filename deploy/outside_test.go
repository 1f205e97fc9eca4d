//go:build unix

package deploy

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"myca/out"
)

// A file system that is read-only is another one than the store's, and so is the
// option that leads elsewhere.
func TestReadOnlyOutside(t *testing.T) {
	readOnly := &out.Error{Path: "/etc/mysql/myca", Err: &fs.PathError{Op: "mkdir", Path: "/etc/mysql/myca", Err: syscall.EROFS}, Fix: "--dir"}
	err := (&record{}).outside(func() error { return errors.Join(errors.New("first"), readOnly) })
	if !errors.Is(err, syscall.EROFS) || !strings.Contains(hint(err), "--deploy-dir") || !strings.Contains(err.Error(), "mkdir /etc/mysql/myca") {
		t.Errorf("%v (%s)", err, hint(err))
	}
	full := &out.Error{Path: "/etc", Err: syscall.ENOSPC, Fix: "free some space"}
	if err := (&record{}).outside(func() error { return full }); err != full {
		t.Errorf("%v", err)
	}
}
