package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programName is how the person at the terminal calls this program again:
// "myca" where the shell finds it, else its path. What "go run" made is gone
// afterwards, so there it is "go run ./cmd/myca".
func programName() string {
	self, err := os.Executable()
	if err != nil {
		return "myca"
	}
	if found, err := exec.LookPath("myca"); err == nil && sameFile(found, self) {
		return "myca"
	}
	if strings.Contains(self, string(filepath.Separator)+"go-build") {
		return "go run ./cmd/myca"
	}
	return shellWord(self)
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
