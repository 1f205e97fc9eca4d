package out

import (
	"errors"
	"io/fs"
	"os"
)

// Place makes the name place stand for what is at staged. What stood there
// before, if anything (replaced says so), is afterwards at staged (where the
// two names could be exchanged in one step) or at aside (where it took two
// renames; aside must be free). An error leaves both as they were. All three
// are on one file system; nothing is durable before their folders are synced.
func Place(staged, place, aside string) (replaced bool, err error) {
	return placeWith(exchange, staged, place, aside)
}

// errNoExchange says that the system or file system cannot exchange names, or
// give one only when it is free.
var errNoExchange = errors.New("names cannot be exchanged here")

func placeWith(exchange func(a, b string) error, staged, place, aside string) (replaced bool, err error) {
	if err := Move(staged, place); !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	err = exchange(staged, place)
	if !errors.Is(err, errNoExchange) {
		return err == nil, explain(place, err)
	}
	if err := os.Rename(place, aside); err != nil {
		return false, explain(place, err)
	}
	if err := os.Rename(staged, place); err != nil {
		return false, explain(place, errors.Join(err, os.Rename(aside, place)))
	}
	return true, nil
}

// Move renames from to to, which must be free; it wraps fs.ErrExist when it is
// not. Where the system cannot see to that itself, the caller holds the lock
// under which names are given.
func Move(from, to string) error {
	err := renameNew(from, to)
	if !errors.Is(err, errNoExchange) {
		return explain(to, err)
	}
	taken, err := Exists(to)
	if err != nil {
		return err
	}
	if taken {
		return explain(to, &os.LinkError{Op: "rename", Old: from, New: to, Err: os.ErrExist})
	}
	return explain(to, os.Rename(from, to))
}

// Replace renames the file from to to, in one step over a file that is there.
func Replace(from, to string) error { return explain(to, replace(from, to)) }
