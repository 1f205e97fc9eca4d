package verify

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"

	"myca/optionfile"
)

// OS is the machine that the program runs on.
func OS() System { return machine{optionfile.OS()} }

type machine struct{ optionfile.System }

func (machine) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }
func (machine) Readlink(path string) (string, error)   { return os.Readlink(path) }

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
