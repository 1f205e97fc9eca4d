// Package dialect knows what each MySQL and MariaDB version understands: which
// options and statements it has, how long its names may be, and how values are
// quoted in its SQL and in its option files.
//
// It guarantees:
//
//   - Capabilities are computed from the version number and the product; there
//     is no list of known releases, so a version that is released tomorrow
//     answers as the newest one known today.
//   - Whatever Literal, Identifier, Account.SQL, Grant.SQL and
//     Requirement.Clause return stays inside the token or statement it stands
//     for, whatever the input was: no text can end a string, a name or the
//     statement. The only condition is a session whose sql_mode does not have
//     NO_BACKSLASH_ESCAPES.
//   - What OptionValue returns reads back as the same bytes by both readers of
//     option files: the servers' and MySQL clients' (mysys/my_default) and
//     MariaDB Connector/C's (libmariadb/ma_default.c).
//   - Texts that people write (targets, accounts, grants, requirements) are
//     either understood as a whole or refused with an *Error that names every
//     problem found and has a hint.
//
// The package is pure: no files, no clock, no randomness, no state.
//
// Sources: the MySQL reference manuals 4.1 to 9.7 and their release notes, the
// MariaDB documentation, and the source of mysql-server, mariadb-server and
// mariadb-connector-c. What says "tried" was run on MySQL 9.7.4, MariaDB 11.8.6
// and MariaDB 10.11.19.
package dialect
