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
	// Beyond says that there may be more: a role is in force, it may write to the
	// database mysql, which stands for the privilege CREATE USER, or the server
	// has no tables that tell.
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
	for _, table := range []string{"USER", "SCHEMA", "TABLE", "COLUMN"} {
		database := "TABLE_SCHEMA"
		if table == "USER" {
			database = "''"
		}
		rows, err := s.rows(ctx, "SELECT PRIVILEGE_TYPE, IS_GRANTABLE, "+database+" FROM information_schema."+table+"_PRIVILEGES"+grantee, maxAccounts)
		if missing(err) || denied(err) {
			held.Beyond = true
			continue
		}
		if err != nil {
			return Held{}, err
		}
		for _, row := range rows {
			held.add(table, strings.ToUpper(row[0]), row[1] == "YES", row[2])
		}
	}
	return held, s.seeRole(ctx, &held)
}

// add takes one privilege on the database, which is a name, or of table SCHEMA a
// pattern. CREATE USER is allowed to who has INSERT on mysql.*, and ALTER USER to
// who has UPDATE there; privileges on its tables do not count (check_access in
// sql/sql_parse.cc of both products).
func (h *Held) add(table, privilege string, grantable bool, database string) {
	if table == "USER" {
		h.Global[privilege] = grantable
	}
	h.Grants = h.Grants || grantable
	if table == "SCHEMA" && (privilege == "INSERT" || privilege == "UPDATE") && database != "" && strings.Contains("mM%_", database[:1]) {
		h.Beyond = true
	}
}

// seeRole finds out whether a role is in force: CURRENT_ROLE() is NULL or NONE
// for none, and there is no such function (1305) before roles.
func (s *Session) seeRole(ctx context.Context, held *Held) error {
	rows, err := s.rows(ctx, "SELECT CURRENT_ROLE()", 1)
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
