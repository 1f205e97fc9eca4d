package verify

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"strconv"

	"myca/optionfile"
)

// OS is the machine that the program runs on.
func OS() System { return machine{optionfile.OS()} }

type machine struct{ optionfile.System }

// ReadFile reads a regular file of at most maxFile bytes, and never waits: what
// was a file when it was looked at may be a pipe by now.
func (machine) ReadFile(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is %s, not a file", path, kindOf(info.Mode()))
	}
	if madeUp(file) {
		return nil, fmt.Errorf("%q is made up by the kernel, not a file", path)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		return nil, fmt.Errorf("%q has more than %d bytes", path, maxFile)
	}
	return data, err
}

func (machine) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }
func (machine) Readlink(path string) (string, error)   { return os.Readlink(path) }

func (machine) Listed(path string) bool { return hasList(path) }

func (machine) Owner(info fs.FileInfo) (uid, gid int, known bool) { return ownerOf(info) }

func (machine) User(name string) (User, error) {
	account, err := user.Lookup(name)
	if err != nil {
		account, err = user.LookupId(name)
	}
	if err != nil {
		return User{}, err
	}
	found := User{Name: account.Username}
	if found.UID, err = strconv.Atoi(account.Uid); err != nil {
		return User{}, err
	}
	groups, err := account.GroupIds()
	if err != nil {
		return User{}, err
	}
	for _, group := range groups {
		gid, err := strconv.Atoi(group)
		if err != nil {
			return User{}, err
		}
		found.Groups = append(found.Groups, gid)
	}
	return found, nil
}
