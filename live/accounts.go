package live

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"myca/dialect"
)

// Account is one account of the server, or a role, as its table has it. That
// is what is in force after a restart or FLUSH PRIVILEGES; until then what an
// account statement said is.
//
// The two differ in MariaDB from 10.4 on (tried on 10.11.19 and 11.8.6): it
// drops, without a word, a cipher, issuer or subject that takes more than 1024
// bytes in JSON, where \ and " count twice and control characters up to six
// times, or that is not UTF-8 of up to three bytes a character (sql_acl.cc,
// set_str_value). Such an account of Type SPECIFIED requires less than it was
// given, and with nothing left lets anybody in who has TLS.
type Account struct {
	dialect.Account
	Type                    string // "" none, "ANY" (REQUIRE SSL), "X509", "SPECIFIED"
	Cipher, Issuer, Subject string // of SPECIFIED, byte for byte; "" is not required
	Locked, Role, Anonymous bool
	// HasPassword is false when somebody gets in without one, as far as the
	// password goes; nil for a role, and when that cannot be told: the columns
	// cannot be seen, or the plugin keeps no password in them (unix_socket,
	// auth_socket, PAM, LDAP).
	HasPassword *bool
	Plugin      string // of the authentication; "" before MySQL 5.5.7 and MariaDB 5.2
}

// Accounts reads every account and role, in the order of user and host. Where
// the table is older than the requirements, every Type is "". What the login
// may not see of the accounts is an error that is ErrNotSeen and has the GRANT
// statement; what is missing beyond the requirements is in Facts.Unseen.
func (s *Session) Accounts(ctx context.Context) ([]Account, error) {
	version, currentUser, err := s.who(ctx)
	if err != nil {
		return nil, err
	}
	source, err := s.source(ctx, version, currentUser)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, source.statement(), maxAccounts)
	if err != nil {
		return nil, err
	}
	accounts := make([]Account, 0, len(rows))
	for _, row := range rows {
		account, err := source.account(row)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	slices.SortFunc(accounts, func(a, b Account) int {
		return cmp.Or(strings.Compare(a.User, b.User), strings.Compare(a.Host, b.Host))
	})
	return accounts, nil
}

// source is where the accounts of this server can be read from.
type source struct {
	json         bool     // mysql.global_priv, else mysql.user
	columns      []string // of mysql.user, those of known that there are
	requirements bool
	unseen       []string
}

// The columns of mysql.user that are read. A value that is text comes in hex,
// so that no character set of the session changes a byte of it; of a password
// only comes whether there is one.
const (
	hostColumn     = "HEX(Host)"
	userColumn     = "HEX(User)"
	typeColumn     = "ssl_type"
	cipherColumn   = "HEX(ssl_cipher)"
	issuerColumn   = "HEX(x509_issuer)"
	subjectColumn  = "HEX(x509_subject)"
	pluginColumn   = "plugin"
	passwordColumn = "Password <> ''"
	secretColumn   = "authentication_string <> ''"
	lockedColumn   = "account_locked"
	expiredColumn  = "password_expired"
	roleColumn     = "is_role"
)

// columnName is the column that an expression reads, in lower case.
func columnName(expression string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(expression, "HEX("), " ")
	return strings.ToLower(strings.TrimSuffix(name, ")"))
}

// source looks for the table of the accounts that this login can read.
func (s *Session) source(ctx context.Context, v dialect.Version, currentUser string) (source, error) {
	if hasGlobalPriv(v) {
		_, err := s.rows(ctx, "SELECT Priv FROM "+privTable+" LIMIT 0", 0)
		if err == nil {
			return source{json: true, requirements: true}, nil
		}
		if !denied(err) && !missing(err) {
			return source{}, err
		}
	}
	hidden := &hiddenError{"the accounts", grantTo(Rights(v)[0], currentUser)}
	rows, err := s.rows(ctx, "SHOW COLUMNS FROM "+userTable, maxColumns)
	switch {
	case denied(err), err == nil && len(rows) == 0:
		return source{}, hidden
	case err != nil:
		return source{}, err
	}
	var src source
	present := map[string]bool{}
	for _, row := range rows {
		present[strings.ToLower(row[0])] = true
	}
	for _, expression := range []string{hostColumn, userColumn, typeColumn, cipherColumn, issuerColumn, subjectColumn,
		pluginColumn, passwordColumn, secretColumn, lockedColumn, expiredColumn, roleColumn} {
		if present[columnName(expression)] {
			src.columns = append(src.columns, expression)
		}
	}
	if !src.has(hostColumn, userColumn) {
		return source{}, hidden
	}
	if src.requirements, err = s.requirements(ctx, src); denied(err) || err == nil && src.requirements && !src.complete() {
		return source{}, hidden
	}
	src.unseen = src.gaps(v, currentUser)
	return src, err
}

// requirements tells whether the table has the columns of requirements. SHOW
// COLUMNS leaves out those that the login may not see; asked for one of these
// the server answers that it is denied (1143), even when it is not there, and
// that it is unknown (1054) where the whole table can be seen.
func (s *Session) requirements(ctx context.Context, src source) (bool, error) {
	if src.has(typeColumn) {
		return true, nil
	}
	_, err := s.rows(ctx, "SELECT "+typeColumn+" FROM "+userTable+" LIMIT 0", 0)
	if missing(err) {
		return false, nil
	}
	return true, err
}

func (src source) has(columns ...string) bool {
	for _, column := range columns {
		if !slices.Contains(src.columns, column) {
			return false
		}
	}
	return true
}

// complete tells whether every column of the requirements can be seen.
func (src source) complete() bool {
	return src.has(typeColumn, cipherColumn, issuerColumn, subjectColumn)
}

// gaps is what of the accounts cannot be seen beside the requirements.
func (src source) gaps(v dialect.Version, currentUser string) []string {
	var gaps []string
	grant := grantTo(Rights(v)[0], currentUser)
	if !src.has(passwordColumn) && !src.has(secretColumn) {
		gaps = append(gaps, "which accounts have a password: "+grant)
	}
	lockable := hasGlobalPriv(v) || v.Product == dialect.MySQL && v.AtLeast(5, 7, 6)
	if lockable && !src.has(lockedColumn) {
		gaps = append(gaps, "which accounts are locked: "+grant)
	}
	return gaps
}

// statement reads the accounts.
func (src source) statement() string {
	if src.json {
		return "SELECT " + hostColumn + ", " + userColumn + ", HEX(Priv) FROM " + privTable
	}
	return "SELECT " + strings.Join(src.columns, ", ") + " FROM " + userTable
}

// account reads one row of the statement.
func (src source) account(row []string) (Account, error) {
	value := map[string]string{}
	for i, column := range src.columns {
		value[column] = row[i]
	}
	if src.json {
		value = map[string]string{hostColumn: row[0], userColumn: row[1], privTable: row[2]}
	}
	for column, text := range value {
		if column != privTable && !strings.HasPrefix(column, "HEX(") {
			continue
		}
		decoded, err := hex.DecodeString(text)
		if err != nil {
			return Account{}, fmt.Errorf("%s of an account is not in hex: %q", columnName(column), text)
		}
		value[column] = string(decoded)
	}
	a := Account{Account: dialect.Account{User: value[userColumn], Host: value[hostColumn]}}
	if src.json {
		return a, a.readPriv([]byte(value[privTable]))
	}
	src.read(&a, value)
	a.settle()
	return a, nil
}

// read takes the columns of a row of mysql.user.
func (src source) read(a *Account, value map[string]string) {
	a.Type = strings.ToUpper(value[typeColumn])
	if a.Type == "SPECIFIED" {
		a.Cipher, a.Issuer, a.Subject = value[cipherColumn], value[issuerColumn], value[subjectColumn]
	}
	a.Plugin, a.Locked = value[pluginColumn], value[lockedColumn] == "Y"
	if src.has(passwordColumn) || src.has(secretColumn) {
		a.HasPassword = hasPassword([]method{{a.Plugin, value[passwordColumn] == "1" || value[secretColumn] == "1"}})
	}
	a.Role = value[roleColumn] == "Y"
	// A role of MySQL is what CREATE ROLE makes: an account that is locked, has
	// no password, and that has expired.
	if src.has(lockedColumn, expiredColumn, secretColumn) && !src.has(roleColumn) {
		a.Role = a.Locked && value[expiredColumn] == "Y" && value[secretColumn] != "1"
	}
}
