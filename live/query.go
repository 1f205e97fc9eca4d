package live

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"myca/dialect"
)

// who is the server's version and the account that let the login in.
func (s *Session) who(ctx context.Context) (v dialect.Version, currentUser string, err error) {
	const statement = "SELECT VERSION(), CURRENT_USER()"
	rows, err := s.rows(ctx, statement, 1)
	if err != nil {
		return v, "", err
	}
	if len(rows) != 1 || len(rows[0]) != 2 {
		return v, "", fmt.Errorf("%s: not one row of two values", statement)
	}
	if detected, err := dialect.Detect(rows[0][0]); err == nil {
		v = detected
	}
	return v, rows[0][1], nil
}

// pairs is the answer of SHOW VARIABLES or SHOW STATUS, names in lower case. It
// is filtered by the reader, as WHERE came with 5.0.3.
func (s *Session) pairs(ctx context.Context, statement string) (map[string]string, error) {
	rows, err := s.rows(ctx, statement, maxSettings)
	if err != nil {
		return nil, err
	}
	pairs := make(map[string]string, len(rows))
	for _, row := range rows {
		if len(row) >= 2 {
			pairs[strings.ToLower(row[0])] = row[1]
		}
	}
	return pairs, nil
}

// The most rows that a table of settings, and that of the accounts, can have
// here. Servers have about 1,000 settings.
const (
	maxSettings = 1 << 14
	maxAccounts = 1 << 18
)

// rows runs a statement, a SELECT or SHOW, and returns its rows, at most limit;
// NULL is "". A server that makes the driver panic makes an error.
func (s *Session) rows(ctx context.Context, statement string, limit int) (rows [][]string, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, fmt.Errorf("%s: %w", statement, malformed(p))
		}
	}()
	asked, ok := s.conn.(driver.QueryerContext)
	if !ok {
		return nil, errors.New("the driver runs no statements")
	}
	answer, err := asked.QueryContext(ctx, statement, nil)
	if err != nil {
		return nil, s.failed(ctx, statement, err)
	}
	columns := len(answer.Columns())
	values := make([]driver.Value, columns)
	for {
		err := answer.Next(values)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			answer.Close()
			return nil, s.failed(ctx, statement, err)
		}
		if len(rows) == limit || columns > maxColumns {
			s.conn.Close() // not the answer, the rest of which would be read
			return nil, fmt.Errorf("%s: the answer has more than %d rows or %d columns", statement, limit, maxColumns)
		}
		row := make([]string, columns)
		for i, value := range values {
			row[i] = text(value)
		}
		rows = append(rows, row)
	}
	if err := answer.Close(); err != nil {
		return nil, s.failed(ctx, statement, err)
	}
	return rows, nil
}

// exec runs a statement that returns no rows; the error is the driver's. A server
// that makes the driver panic makes an error.
func (s *Session) exec(ctx context.Context, statement string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = malformed(p)
		}
	}()
	told, ok := s.conn.(driver.ExecerContext)
	if !ok {
		return errors.New("the driver runs no statements")
	}
	_, err = told.ExecContext(ctx, statement, nil)
	return err
}

// text is a value in the form that the server sent it.
func text(value driver.Value) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	}
	return fmt.Sprint(value)
}

// failed is the error of a statement.
func (s *Session) failed(ctx context.Context, statement string, err error) error {
	return fmt.Errorf("%s: %w", statement, s.dialer.reason(ctx, err))
}

// number is that of the server's error, 0 of another.
func number(err error) int {
	var e *ServerError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// denied reports whether the login lacks a right: to the table (1142), to a
// column (1143), to the database (1044).
func denied(err error) bool {
	n := number(err)
	return n == 1142 || n == 1143 || n == 1044
}

// missing reports whether there is no such database (1049), table (1146) or
// column (1054), or the view is of tables that are gone (1356, 1449).
func missing(err error) bool {
	switch number(err) {
	case 1049, 1054, 1146, 1356, 1449:
		return true
	}
	return false
}
