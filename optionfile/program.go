package optionfile

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/dialect"
)

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
	// Home is the home folder of who runs the program, which stands for ~ in the
	// path of an include; "" leaves ~ as it is.
	Home string
}

// Server reports whether the program is the database server.
func (p Program) Server() bool {
	return !p.ConnectorC && (p.Name == "mysqld" || p.Name == "mariadbd")
}

// Groups lists the groups whose options the program takes, in the order in
// which it names them itself (--help); the options count in the order of the
// files, whichever group they stand in. The series of the version is part of
// some groups' names ("mysqld-9.7"), if the version has a minor number.
//
// MySQL: sql/mysqld.cc (load_default_groups; mysql_cluster where it is built
// with NDB, as Debian's is) and each program of client/; MariaDB: the same
// files. Tried: MySQL 9.7.4, MariaDB 11.8.6 and 10.11.19.
func (p Program) Groups() []string {
	var groups []string
	maria := p.Version.Product == dialect.MariaDB
	switch {
	case p.ConnectorC:
		groups = []string{"client", "client-server", "client-mariadb"}
		if p.Name != "" {
			groups = append(groups, p.Name)
		}
		return groups
	case p.Server() && maria:
		groups = p.mariaServerGroups()
	case p.Server():
		groups = append([]string{"mysql_cluster", "mysqld", "server"}, p.series("mysqld")...)
	case maria:
		groups = p.mariaClientGroups()
	case p.Name == "mysql_secure_installation":
		groups = []string{p.Name, "mysql", "client"}
	default:
		groups = []string{p.Name, "client"}
	}
	if p.Suffix != "" {
		for _, group := range slices.Clone(groups) {
			groups = append(groups, group+p.Suffix)
		}
	}
	return groups
}

// series is the name with the version's series, if that is known.
func (p Program) series(name string) []string {
	if p.Version.Minor < 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s-%d.%d", name, p.Version.Major, p.Version.Minor)}
}

// mariaServerGroups: the groups of mariadbd came with MariaDB 10.4.6, which
// has the program by that name (MDEV-21303 and before).
func (p Program) mariaServerGroups() []string {
	groups := append([]string{"mysqld", "server"}, p.series("mysqld")...)
	groups = append(groups, "mariadb")
	groups = append(groups, p.series("mariadb")...)
	if p.Version.AtLeast(10, 4, 6) {
		groups = append(groups, "mariadbd")
		groups = append(groups, p.series("mariadbd")...)
	}
	groups = append(groups, "client-server")
	if p.Version.AtLeast(10, 1, 0) {
		groups = append(groups, "galera")
	}
	return groups
}

// mariaClientGroups: each program has two names and reads the groups of both,
// whichever it was started by.
func (p Program) mariaClientGroups() []string {
	old, name := p.Name, p.Name
	switch {
	case p.Name == "mariadb" || p.Name == "mysql":
		old, name = "mysql", "mariadb-client"
	case strings.HasPrefix(p.Name, "mariadb-"):
		old = "mysql" + strings.TrimPrefix(p.Name, "mariadb-")
	case strings.HasPrefix(p.Name, "mysql"):
		name = "mariadb-" + strings.TrimPrefix(strings.TrimPrefix(p.Name, "mysql"), "_")
	}
	if old == "mysqlupgrade" {
		old = "mysql_upgrade"
	}
	groups := []string{old}
	if name != old && p.Version.AtLeast(10, 4, 6) {
		groups = append(groups, name)
	}
	groups = append(groups, "client", "client-server")
	if p.Version.ClientMariaDBGroup() {
		groups = append(groups, "client-mariadb")
	}
	return groups
}

// takes reports whether the program takes the options of that group. my_default
// compares without regard to the case of A to Z (find_type of mysys/typelib.c),
// Connector/C exactly.
func (p Program) takes(groups []string, group string) bool {
	return slices.ContainsFunc(groups, func(g string) bool {
		return g == group || !p.ConnectorC && lower(g) == lower(group)
	})
}

// lower changes only A to Z.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// Standard lists the option files that the program reads without being told
// any, in the order it reads them, whether they exist or not: the two of /etc
// and the one of the home folder of who starts it ("" for none). So do the
// packages of Debian and of the products for Linux; builds for other places
// have one more, the sysconfdir they were made for.
func (p Program) Standard(home string) []string {
	files := []string{"/etc/my.cnf", "/etc/mysql/my.cnf"}
	if home != "" {
		files = append(files, filepath.Join(home, ".my.cnf"))
	}
	return files
}
