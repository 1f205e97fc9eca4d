package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"myca/dialect"
	"myca/ledger"
	"myca/out"
)

// Password is the random password that the active client of that name has in
// its my.cnf; nil when it has none, or when there is no such client.
func (s *Store) Password(name string) (*string, error) {
	if s.Ledger() == nil {
		return nil, nil
	}
	r, err := s.db.Active(context.Background(), ledger.Client, name)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.passwordOf(r)
}

// passwordOf reads the my.cnf of an active client that was made with a random
// password.
func (s *Store) passwordOf(r ledger.Row) (*string, error) {
	sp, err := ReadSpec(r)
	if err != nil || sp.Password != passwordRandom {
		return nil, err
	}
	path, text, err := s.mycnfOf(r)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("password of client %q: %w", r.Name, err)
	}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, "=")
		if !found || strings.TrimSpace(key) != "password" {
			continue
		}
		password, err := dialect.ReadOptionValue(strings.TrimSpace(value))
		if err != nil {
			return nil, fmt.Errorf("password in %q: %w", path, err)
		}
		return &password, nil
	}
	return nil, nil
}

// mycnfOf is the my.cnf of an active pair and where it is: staged as long as what
// was recorded is not in place. The error wraps fs.ErrNotExist when it is nowhere.
func (s *Store) mycnfOf(r ledger.Row) (path string, text []byte, err error) {
	amended, err := s.amendmentOf(r)
	if err != nil {
		return "", nil, err
	}
	if amended != "" {
		path = filepath.Join(amended, mycnfFile)
		if text, err = out.ReadFile(path, maxFile); !errors.Is(err, fs.ErrNotExist) {
			return path, text, err
		}
	}
	folder, err := s.locate(r)
	if err != nil {
		return "", nil, err
	}
	if folder == "" {
		return "", nil, fs.ErrNotExist
	}
	path = filepath.Join(folder, mycnfFile)
	text, err = out.ReadFile(path, maxFile)
	return path, text, err
}
