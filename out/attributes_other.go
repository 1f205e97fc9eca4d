//go:build !linux

package out

import (
	"errors"
	"os"
)

// extendedOf is nil: extended attributes are read on Linux only.
func extendedOf(*os.File) (map[string][]byte, error) { return nil, nil }

func removeExtended(*os.File, string) error { return errors.ErrUnsupported }

func setExtended(*os.File, string, []byte) error { return errors.ErrUnsupported }
