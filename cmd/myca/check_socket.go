package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
)

// standardSockets are where servers of distributions and upstream packages put
// their socket. /tmp/mysql.sock, where servers built from source have it, is not
// among them: any user of the machine can put one there.
func standardSockets() []string {
	return []string{"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/run/mariadb/mariadb.sock", "/var/lib/mysql/mysql.sock"}
}

// socketOwners are the numbers of the users whose socket can be nobody else's:
// root, the server's, and who runs this.
func socketOwners() []int {
	owners := []int{0, os.Geteuid()}
	if server, err := user.Lookup("mysql"); err == nil {
		if uid, err := strconv.Atoi(server.Uid); err == nil {
			owners = append(owners, uid)
		}
	}
	return owners
}

// guesses are sockets that nobody named.
type guesses struct {
	paths   []string
	owners  []int
	notices []string // of those that first passed by
}

// first is the first socket that there is and that only the owners can have put
// there, "" for none.
func (g *guesses) first() string {
	for _, path := range g.paths {
		err := ownedOnly(path, g.owners)
		if err == nil {
			return path
		}
		if !errors.Is(err, fs.ErrNotExist) {
			g.notices = append(g.notices, fmt.Sprintf("the socket %q is not used: %v (--socket %s, if it is the server's)", path, err, shellWord(path)))
		}
	}
	return ""
}

// ownedOnly is an error when anybody but the owners can have put the socket
// there: it, its folder and the folders above have to be theirs, and not be
// writable by others. Above its folder the sticky bit does, too.
func ownedOnly(path string, owners []int) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Lstat(real)
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%q is not a socket", real)
	}
	if uid, known := ownerOf(info); !known || !slices.Contains(owners, uid) {
		return fmt.Errorf("%q belongs neither to root nor to the server's user", real)
	}
	for child, folder := real, filepath.Dir(real); folder != child; child, folder = folder, filepath.Dir(folder) {
		info, err := os.Lstat(folder)
		if err != nil {
			return err
		}
		if uid, known := ownerOf(info); !known || !slices.Contains(owners, uid) {
			return fmt.Errorf("its folder %q belongs neither to root nor to the server's user", folder)
		}
		sticky := child != real && info.Mode()&fs.ModeSticky != 0
		if info.Mode().Perm()&0o022 != 0 && !sticky {
			return fmt.Errorf("others can write in its folder %q", folder)
		}
	}
	return nil
}
