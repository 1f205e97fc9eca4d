package optionfile

import (
	"io/fs"
	"os"
)

// System is what the reader needs of the file system.
type System interface {
	ReadFile(path string) ([]byte, error)
	// Stat follows links.
	Stat(path string) (fs.FileInfo, error)
	// ReadDir is the names in a folder, in any order.
	ReadDir(path string) ([]string, error)
}

// OS is the operating system's own file system.
func OS() System { return osSystem{} }

type osSystem struct{}

func (osSystem) ReadFile(path string) ([]byte, error)  { return os.ReadFile(path) }
func (osSystem) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }
func (osSystem) ReadDir(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, err
}
