package live

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"

	"myca/dialect"
)

// who is the server's version and the account that let the login in.
func (s *Session) who(ctx context.Context) (v dialect.Version, currentUser string, err error) {
	const statement = "SELECT VERSION(), CURRENT_USER()"
	rows, err := s.rows(ctx, statement)
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
	rows, err := s.rows(ctx, statement)
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

// rows runs a statement, a SELECT or SHOW, and returns its rows; NULL is "".
func (s *Session) rows(ctx context.Context, statement string) ([][]string, error) {
	answer, err := s.conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, failed(statement, err)
	}
	defer answer.Close()
	columns, err := answer.Columns()
	if err != nil {
		return nil, failed(statement, err)
	}
	var rows [][]string
	cells := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for answer.Next() {
		if err := answer.Scan(into...); err != nil {
			return nil, failed(statement, err)
		}
		row := make([]string, len(columns))
		for i, cell := range cells {
			row[i] = cell.String
		}
		rows = append(rows, row)
	}
	if err := answer.Err(); err != nil {
		return nil, failed(statement, err)
	}
	return rows, nil
}

// failed is the error of a statement.
func failed(statement string, err error) error {
	var fromServer *mysql.MySQLError
	if errors.As(err, &fromServer) {
		return fmt.Errorf("%s: %w", statement, serverError(fromServer))
	}
	return fmt.Errorf("%s: %w", statement, err)
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
