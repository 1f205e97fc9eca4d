package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// pristine returns a data folder as the product makes it at installation: the
// system tables, root@localhost without a password, no anonymous accounts. It
// is made once for each version and kept in the cache folder, owned by root;
// test processes that want it at the same time wait for the first.
func (p Product) pristine() (string, error) {
	version, err := p.version()
	if err != nil {
		return "", err
	}
	parent := filepath.Join(cacheDir(), "data")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	lock := flock.New(filepath.Join(parent, p.Target+".lock"))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return "", fmt.Errorf("lock %q: %w", lock.Path(), err)
	}
	defer lock.Unlock()

	dir := filepath.Join(parent, p.Target+"-"+version)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	staged := dir + ".new"
	if err := errors.Join(os.RemoveAll(staged), os.Mkdir(staged, 0o700)); err != nil {
		return "", fmt.Errorf("make a data folder: %w", err)
	}
	if err := p.initialise(staged); err != nil {
		return "", fmt.Errorf("initialise a data folder of %s: %w", p.Target, err)
	}
	if err := os.Rename(staged, dir); err != nil {
		return "", fmt.Errorf("keep the data folder: %w", err)
	}
	return dir, nil
}

// initialise fills the empty folder dir with system tables.
func (p Product) initialise(dir string) error {
	args := []string{"--no-defaults", "--user=root", "--datadir=" + dir}
	if p.Tree != "" {
		args = append(args, "--basedir="+filepath.Join(p.Tree, "usr"))
	}
	if p.MySQL() {
		args = append(args, "--initialize-insecure", "--secure-file-priv=", "--mysqlx=OFF",
			"--auto-generate-certs=OFF", "--innodb-redo-log-capacity=16M")
		return run(p.Command(p.serverName(), args...).CombinedOutput())
	}
	// What mariadb-install-db feeds to the server, without its test database,
	// which is where the anonymous accounts come from.
	script, err := p.systemTables()
	if err != nil {
		return err
	}
	args = append(args, "--bootstrap", "--log-warnings=0", "--enforce-storage-engine=",
		"--max-allowed-packet=8M", "--innodb-log-file-size=8M")
	cmd := p.Command(p.serverName(), args...)
	cmd.Stdin = bytes.NewReader(script)
	return run(cmd.CombinedOutput())
}

// systemTables returns the statements that fill a MariaDB data folder.
func (p Product) systemTables() ([]byte, error) {
	share, prefix := filepath.Join("/", p.Tree, "usr/share/mariadb"), "mariadb"
	if _, err := os.Stat(filepath.Join(share, "mariadb_system_tables.sql")); err != nil {
		share, prefix = filepath.Join("/", p.Tree, "usr/share/mysql"), "mysql" // before 11.0
	}
	script := []byte("create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n")
	for _, name := range []string{prefix + "_system_tables", prefix + "_performance_tables",
		prefix + "_system_tables_data", "maria_add_gis_sp_bootstrap", prefix + "_sys_schema"} {
		text, err := os.ReadFile(filepath.Join(share, name+".sql"))
		if err != nil {
			return nil, err
		}
		script = append(append(script, text...), '\n')
	}
	return script, nil
}

// run turns the outcome of a command into an error that holds its output.
func run(output []byte, err error) error {
	if err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(output)))
	}
	return nil
}

// copyTree copies the folder from to the new folder to, everything owned by
// uid and gid. With link set, files are hard links where the file system
// allows it, and keep their owner.
func copyTree(from, to string, uid, gid int, link bool) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(from, path)
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir():
			err = os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil
		case link && os.Link(path, target) == nil:
			return nil
		default:
			err = copyFile(path, target)
		}
		if err != nil || link {
			return err
		}
		return os.Chown(target, uid, gid)
	})
}

// copyFile copies the regular file from to the new file to, with its mode.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = target.ReadFrom(source)
	return errors.Join(err, target.Close())
}
