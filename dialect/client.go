package dialect

// SSLMode reports whether the client programs have ssl-mode with all of
// DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY: MySQL 5.7.11
// (WL#8785). 5.5.49 and 5.6.30 have an ssl-mode that takes REQUIRED only, which
// does not count. MariaDB's programs stop with "unknown variable".
func (v Version) SSLMode() bool {
	return v.has(release{5, 7, 11}, never())
}

// VerifyServerCert reports whether the client programs have
// ssl-verify-server-cert: MySQL 5.1.11 to 5.7 (deprecated from 5.7.11 on, where
// ssl-mode=VERIFY_IDENTITY takes its place; removed in 8.0.0), every MariaDB.
func (v Version) VerifyServerCert() bool {
	return v.has(release{5, 1, 11}, release{}) && !v.has(release{8, 0, 0}, never())
}

// ClientMariaDBGroup reports whether all client programs of this version read
// the option group [client-mariadb], which no program of MySQL does: MariaDB
// 10.2, whose programs use Connector/C, which reads it too
// (libmariadb/ma_default.c).
func (v Version) ClientMariaDBGroup() bool {
	return v.has(never(), release{10, 2, 0})
}

// ClientGroups lists the option groups in which a client's TLS settings stand
// so that the product's own programs read them and nothing else does: for
// MariaDB from 10.2 on the one of ClientMariaDBGroup, otherwise the group of
// each program that has TLS options. [client] is not among them: a program that
// does not know an option in a group it reads stops.
//
// mysqlslap came with 5.1.4; mysqlbinlog has TLS options from MySQL 5.7.3 on
// (WL#7198).
func (v Version) ClientGroups() []string {
	if v.ClientMariaDBGroup() {
		return []string{"client-mariadb"}
	}
	groups := []string{"mysql", "mysqldump", "mysqladmin", "mysqlcheck", "mysqlimport", "mysqlshow"}
	if v.has(release{5, 1, 4}, release{}) {
		groups = append(groups, "mysqlslap")
	}
	if v.has(release{5, 7, 3}, never()) {
		groups = append(groups, "mysqlbinlog")
	}
	return groups
}

// ClientProgram is the name of the command-line client: "mariadb" from MariaDB
// 10.4.6 on (first as a link to mysql, from 10.5.2 on the other way round),
// otherwise "mysql".
func (v Version) ClientProgram() string {
	if v.has(never(), release{10, 4, 6}) {
		return "mariadb"
	}
	return "mysql"
}
