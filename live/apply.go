package live

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// ApplyError says at which statement Apply ended. What came before it is done
// and stays done: account statements cannot be rolled back.
type ApplyError struct {
	Number, Of int    // of the statement that failed, from 1 on, and how many there were
	Kind       string // its first words: "ALTER USER", "GRANT"
	// Unknown says that the connection ended before the server answered, so
	// that the statement may have been done or not.
	Unknown bool
	Err     error // *ServerError where the server answered; without passwords
}

// Error names the statement by number and kind, as it may hold a password.
func (e *ApplyError) Error() string {
	text := fmt.Sprintf("statement %d of %d (%s): %v", e.Number, e.Of, e.Kind, e.Err)
	if e.Unknown {
		text += "; whether the server has done it is not known"
	}
	return text
}

// Unwrap is what the server or the connection said.
func (e *ApplyError) Unwrap() error { return e.Err }

// Apply runs statements one after the other, each by itself and as it stands,
// without semicolons, and stops at the first that fails. They change what they
// say, and settings of this session with it. The error is an *ApplyError, whose
// text has no password of the statements, also when the server repeats a part of
// the statement in its own.
func (s *Session) Apply(ctx context.Context, statements []string) error {
	for i, statement := range statements {
		failed := &ApplyError{Number: i + 1, Of: len(statements), Kind: kind(statement)}
		if failed.Err = ctx.Err(); failed.Err != nil {
			return failed
		}
		err := s.exec(ctx, statement)
		if err == nil {
			continue
		}
		var fromServer *mysql.MySQLError
		if errors.As(err, &fromServer) {
			failed.Err = withoutPassword(serverError(fromServer), statement)
			return failed
		}
		// The driver says these two before it has sent anything.
		failed.Unknown = !errors.Is(err, driver.ErrBadConn) && !errors.Is(err, mysql.ErrPktTooLarge)
		failed.Err = plain(err)
		return failed
	}
	return nil
}

// kind is GRANT, or the two words that another statement about accounts begins
// with.
func kind(statement string) string {
	words := strings.Fields(statement)
	if len(words) > 1 && words[0] != "GRANT" {
		return words[0] + " " + words[1]
	}
	return strings.Join(words[:min(len(words), 1)], "")
}

// withoutPassword hides the message when it may have a password of the
// statement in it: of a statement that it cannot parse (1064) a server repeats 80
// characters from some place on, in the language of lc_messages.
func withoutPassword(e *ServerError, statement string) *ServerError {
	literals := regexp.MustCompile(`(?:BY|PASSWORD\() ?'((?:[^'\\]|''|\\.)*)'`).FindAllStringSubmatch(statement, -1)
	for _, literal := range literals {
		raw := strings.NewReplacer("''", "'", `\\`, `\`).Replace(literal[1])
		if e.Number == 1064 || strings.Contains(e.Message, literal[1]) || strings.Contains(e.Message, raw) {
			hidden := *e
			hidden.Message = "(its text is not shown, as it may repeat a password)"
			return &hidden
		}
	}
	return e
}
