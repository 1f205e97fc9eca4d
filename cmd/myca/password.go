package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// passwordLength is that of a random password: 24 of 74 characters, 149 bits.
const passwordLength = 24

// passwordClasses are the characters of a random password: what password
// policies ask for, without those that SQL, option files or shells treat
// specially inside quotes (' " \ # and the rest of the shells' own).
func passwordClasses() []string {
	return []string{
		"abcdefghijklmnopqrstuvwxyz",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"0123456789",
		"-_.,:+=@%^~/",
	}
}

// randomPassword is uniform among the passwords of passwordLength characters
// that have at least one of each class.
func randomPassword() (*string, error) {
	classes := passwordClasses()
	alphabet := strings.Join(classes, "")
	size := big.NewInt(int64(len(alphabet)))
	for {
		text := make([]byte, passwordLength)
		for i := range text {
			n, err := rand.Int(rand.Reader, size)
			if err != nil {
				return nil, fmt.Errorf("making a password: %w", err)
			}
			text[i] = alphabet[n.Int64()]
		}
		if password := string(text); hasAll(password, classes) {
			return &password, nil
		}
	}
}

func hasAll(text string, classes []string) bool {
	for _, class := range classes {
		if !strings.ContainsAny(text, class) {
			return false
		}
	}
	return true
}

// maxPassword bounds a password file in bytes.
const maxPassword = 1024

// readPassword reads --password-file: the content of path, or standard input
// for "-", less one newline at its end. Text that an option file or a client
// cannot carry (empty, not UTF-8, control characters) is refused.
func (t *tool) readPassword(path string) (*string, error) {
	var in io.Reader = t.in
	name := "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("--random-password, or write the file first", "password file %q does not exist", path)
		}
		if err != nil {
			return nil, usagef("--password-file FILE", "reading the password: %v", err)
		}
		defer file.Close()
		in, name = file, fmt.Sprintf("password file %q", path)
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxPassword+3))
	if err != nil {
		return nil, fmt.Errorf("reading the password from %s: %w", name, err)
	}
	text, cut := strings.CutSuffix(string(raw), "\n")
	if cut {
		text = strings.TrimSuffix(text, "\r")
	}
	return &text, checkPassword(text, name)
}

func checkPassword(text, name string) error {
	const hint = "one line of text; --random-password makes one"
	switch {
	case text == "":
		return usagef(hint, "%s is empty", name)
	case len(text) > maxPassword:
		return usagef(hint, "%s has more than %d bytes", name, maxPassword)
	case !utf8.ValidString(text):
		return usagef(hint, "%s is not UTF-8 text", name)
	case strings.ContainsFunc(text, unicode.IsControl):
		return usagef(hint, "%s has more than one line or a control character", name)
	}
	return nil
}
