package deploy

import (
	"errors"
	"syscall"

	"myca/out"
)

// outside calls do, which touches what is outside of the store and nothing in
// it, with the rights that the installation has there.
func (r *record) outside(do func() error) error {
	var as *out.Owner
	if r.As != nil {
		as = &out.Owner{UID: r.As.UID, GID: r.As.GID}
	}
	err := out.As(as, do)
	var e *out.Error
	if errors.As(err, &e) && errors.Is(err, syscall.EROFS) { // out speaks of the store's folder
		return &out.Error{Path: e.Path, Err: err, Fix: "the file system is mounted read-only: remount it writable, or name another folder with --deploy-dir"}
	}
	return err
}
