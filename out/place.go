package out

import (
	"errors"
	"os"
)

// Place makes the name place stand for what is at staged. What stood there
// before, if anything, is afterwards at staged (where the two names could be
// exchanged in one step) or at aside (where it took two renames; aside must
// be free). An error leaves both as they were. All three are on one file
// system; nothing is durable before their folders are synced.
func Place(staged, place, aside string) error {
	return placeWith(exchange, staged, place, aside)
}

// errNoExchange says that the system or file system cannot exchange names.
var errNoExchange = errors.New("names cannot be exchanged here")

func placeWith(exchange func(a, b string) error, staged, place, aside string) error {
	taken, err := Exists(place)
	if err != nil {
		return err
	}
	if !taken {
		return explain(place, os.Rename(staged, place))
	}
	err = exchange(staged, place)
	if !errors.Is(err, errNoExchange) {
		return explain(place, err)
	}
	if err := os.Rename(place, aside); err != nil {
		return explain(place, err)
	}
	if err := os.Rename(staged, place); err != nil {
		return explain(place, errors.Join(err, os.Rename(aside, place)))
	}
	return nil
}

// Move renames from to to, which must be free: the caller holds the lock
// under which names are given. It wraps fs.ErrExist when it is not.
func Move(from, to string) error {
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
func Replace(from, to string) error { return explain(to, os.Rename(from, to)) }
