package live

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"myca/dialect"
)

// ErrAtStart: the server takes this only when it starts.
var ErrAtStart = errors.New("possible only by a restart")

// ErrDenied: the login lacks the right to change something. The error that
// wraps it has the server's answer and the GRANT statement.
var ErrDenied = errors.New("the login lacks a right")

// ChangeRights is what a login needs for Reload, and where the version has it
// for SetFiles, as it stands between GRANT and TO. MySQL before 8.0 has no such
// version; SUPER does in both products.
//
//   - MySQL: CONNECTION_ADMIN for the reload (8.0 manual, ALTER INSTANCE), and
//     SYSTEM_VARIABLES_ADMIN for the paths.
//   - MariaDB: RELOAD (sql_parse.cc, check_global_access of SQLCOM_FLUSH).
func ChangeRights(v dialect.Version) []string {
	if v.Product == dialect.MariaDB {
		return []string{"RELOAD ON *.*"}
	}
	return []string{"CONNECTION_ADMIN ON *.*", "SYSTEM_VARIABLES_ADMIN ON *.*"}
}

// Reload makes the server read its TLS files again: new connections get what is
// in them now, those that are there stay as they are. A server that refuses the
// files keeps what it had, and the error has its words; they name no reason
// more often than not, which then stands in the server's error log.
//
// It is ErrAtStart where the version cannot reload (MySQL before 8.0.16, MariaDB
// before 10.4.1), and ErrDenied where the login may not.
func (s *Session) Reload(ctx context.Context) error {
	v, currentUser, err := s.known(ctx)
	if err != nil {
		return err
	}
	statement := v.ReloadStatement()
	if statement == "" {
		return fmt.Errorf("%s reads its TLS files at its start: reloading them is %w", v, ErrAtStart)
	}
	return s.change(ctx, statement, ChangeRights(v)[0], currentUser)
}

// known is who, of a server whose make and version are known.
func (s *Session) known(ctx context.Context) (dialect.Version, string, error) {
	v, currentUser, err := s.who(ctx)
	if err == nil && v == (dialect.Version{}) {
		err = errors.New("the server's version is not known")
	}
	return v, currentUser, err
}

// SetFiles makes the server take its TLS files from other paths, from the next
// Reload on until it is restarted. f is all of them; "" unsets one. What is set
// so already is left alone, and nothing is sent when everything is.
//
// It is ErrAtStart where paths cannot change while the server runs (MariaDB,
// MySQL before 8.0.16), and ErrDenied where the login may not.
func (s *Session) SetFiles(ctx context.Context, f Files) error {
	v, currentUser, err := s.known(ctx)
	if err != nil {
		return err
	}
	variables, err := s.pairs(ctx, "SHOW GLOBAL VARIABLES")
	if err != nil {
		return err
	}
	assignments := assign(files(variables, "ssl_"), f)
	if len(assignments) == 0 {
		return nil
	}
	if v.Product == dialect.MariaDB || v.ReloadStatement() == "" {
		return fmt.Errorf("%s has the paths of its TLS files from its start: changing them is %w", v, ErrAtStart)
	}
	return s.change(ctx, "SET "+strings.Join(assignments, ", "), ChangeRights(v)[1], currentUser)
}

// assign is what SET needs to get from one to the other: one statement, which
// sets all or, when one of them is refused, none.
func assign(from, to Files) []string {
	var list []string
	for _, setting := range []struct{ name, from, to string }{
		{"ssl_ca", from.CA, to.CA}, {"ssl_capath", from.CAPath, to.CAPath},
		{"ssl_cert", from.Cert, to.Cert}, {"ssl_key", from.Key, to.Key},
		{"ssl_crl", from.CRL, to.CRL}, {"ssl_crlpath", from.CRLPath, to.CRLPath},
	} {
		if setting.from != setting.to {
			list = append(list, "GLOBAL "+setting.name+" = "+literal(setting.to))
		}
	}
	return list
}

// literal is s as every sql_mode reads it: a backslash has no literal of text
// that does.
func literal(s string) string {
	if strings.Contains(s, `\`) {
		return "0x" + hex.EncodeToString([]byte(s))
	}
	return dialect.Literal(s)
}

// change runs a statement that needs a right.
func (s *Session) change(ctx context.Context, statement, right, currentUser string) error {
	err := s.exec(ctx, statement)
	if err == nil {
		return nil
	}
	err = s.failed(ctx, statement, err)
	if n := number(err); n == 1227 || n == 1045 { // MySQL and MariaDB, of a missing global privilege
		return &deniedError{err, grantTo(right, currentUser)}
	}
	return err
}

// deniedError is what a login may not do.
type deniedError struct {
	answer error
	grant  string
}

// Error is the server's answer, and the statement that gives the right.
func (e *deniedError) Error() string { return e.answer.Error() + ": " + e.grant }

// Is makes it an ErrDenied.
func (e *deniedError) Is(target error) bool { return target == ErrDenied }

// Unwrap is the server's answer.
func (e *deniedError) Unwrap() error { return e.answer }
