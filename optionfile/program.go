package optionfile

import "myca/dialect"

// Program is who reads: it decides the groups, the standard places and the
// reader's rules.
type Program struct {
	Version dialect.Version
	// Name is the name of the program's file: "mysqld", "mariadbd", "mysql",
	// "mariadb-dump", …
	Name string
	// ConnectorC stands for an application that is linked with MariaDB
	// Connector/C, which has a reader of its own (libmariadb/ma_default.c); Name
	// is then the group that the application names, "" for none.
	ConnectorC bool
	// Suffix is --defaults-group-suffix or MYSQL_GROUP_SUFFIX: each group also
	// counts with it appended.
	Suffix string
}

// Server reports whether the program is the database server.
func (p Program) Server() bool { return p.Name == "mysqld" || p.Name == "mariadbd" }

// Groups lists the groups whose options the program takes.
func (p Program) Groups() []string { return nil }

// Standard lists the option files that the program reads without being told
// any, in the order it reads them.
func (p Program) Standard(home string) []string { return nil }
