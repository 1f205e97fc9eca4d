package live

import (
	"context"
	"strings"

	"myca/dialect"
)

// Held is what a login may do to accounts, as far as it is told without a right
// to see it.
type Held struct {
	CurrentUser string // user@host
	// Global is the global privileges of the login's own account, in capitals;
	// true for one that it may give away.
	Global map[string]bool
	// Grants says that it may give away some privilege on something.
	Grants bool
	// Beyond says that there may be more: a role is in force, it has privileges
	// on the database mysql, or the server has no tables that tell.
	Beyond bool
}

// Held asks information_schema, which shows every account its own privileges
// (from 5.0.2 on), and for the role in force. The error is one of the
// connection.
func (s *Session) Held(ctx context.Context) (Held, error) {
	_, currentUser, err := s.who(ctx)
	if err != nil {
		return Held{}, err
	}
	held := Held{CurrentUser: currentUser, Global: map[string]bool{}}
	a := accountOf(currentUser)
	grantee := " WHERE GRANTEE = " + literal("'"+a.User+"'@'"+a.Host+"'")
	for _, from := range []string{
		"PRIVILEGE_TYPE, IS_GRANTABLE, '' FROM information_schema.USER_PRIVILEGES",
		"PRIVILEGE_TYPE, IS_GRANTABLE, TABLE_SCHEMA FROM information_schema.SCHEMA_PRIVILEGES",
		"PRIVILEGE_TYPE, IS_GRANTABLE, TABLE_SCHEMA FROM information_schema.TABLE_PRIVILEGES",
		"PRIVILEGE_TYPE, IS_GRANTABLE, TABLE_SCHEMA FROM information_schema.COLUMN_PRIVILEGES",
	} {
		rows, err := s.rows(ctx, "SELECT "+from+grantee)
		if missing(err) || denied(err) {
			held.Beyond = true
			continue
		}
		if err != nil {
			return Held{}, err
		}
		for _, row := range rows {
			held.add(strings.ToUpper(row[0]), row[1] == "YES", row[2])
		}
	}
	return held, s.seeRole(ctx, &held)
}

// add takes one privilege; database is "" for a global one.
func (h *Held) add(privilege string, grantable bool, database string) {
	if database == "" {
		h.Global[privilege] = grantable
	}
	h.Grants = h.Grants || grantable
	h.Beyond = h.Beyond || strings.EqualFold(database, "mysql") || strings.ContainsAny(database, `%_`)
}

// seeRole finds out whether a role is in force: CURRENT_ROLE() is NULL or NONE
// for none, and there is no such function (1305) before roles.
func (s *Session) seeRole(ctx context.Context, held *Held) error {
	rows, err := s.rows(ctx, "SELECT CURRENT_ROLE()")
	if number(err) != 0 {
		return nil
	}
	if err == nil && len(rows) == 1 && rows[0][0] != "" && rows[0][0] != "NONE" {
		held.Beyond = true
	}
	return err
}

// accountOf reads an account as CURRENT_USER() names it.
func accountOf(currentUser string) dialect.Account {
	if at := strings.LastIndexByte(currentUser, '@'); at >= 0 {
		return dialect.Account{User: currentUser[:at], Host: currentUser[at+1:]}
	}
	return dialect.Account{User: currentUser}
}
