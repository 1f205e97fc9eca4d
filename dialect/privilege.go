package dialect

import (
	"strings"
	"sync"

	"github.com/xrash/smetrics"
)

// level is where a privilege can be granted; levels are a set of them.
type level uint8

const (
	global level = 1 << iota
	database
	table
	column
	routine
)

// privilege is one privilege word with the levels that take it and the first
// releases that know it.
type privilege struct {
	name           string
	levels         level
	mysql, mariadb release
}

// privileges is made when it is first asked for, and never written.
var privileges = sync.OnceValue(listPrivileges)

// staticPrivileges are the privileges that both products have, by the manuals'
// chapters on privileges and GRANT; levels tried with every word on every level.
// The list is not to be written.
func staticPrivileges() []privilege { return privileges() }

func listPrivileges() []privilege {
	never := never()
	v40, v402, v501, v503 := release{}, release{4, 0, 2}, release{5, 0, 1}, release{5, 0, 3}
	maria := release{}
	return []privilege{
		{"ALL PRIVILEGES", global | database | table | routine, v40, maria},
		{"USAGE", global | database | table | routine, v40, maria},
		{"SELECT", global | database | table | column, v40, maria},
		{"INSERT", global | database | table | column, v40, maria},
		{"UPDATE", global | database | table | column, v40, maria},
		{"REFERENCES", global | database | table | column, v40, maria},
		{"DELETE", global | database | table, v40, maria},
		{"CREATE", global | database | table, v40, maria},
		{"DROP", global | database | table, v40, maria},
		{"INDEX", global | database | table, v40, maria},
		{"ALTER", global | database | table, v40, maria},
		{"CREATE VIEW", global | database | table, v501, maria},
		{"SHOW VIEW", global | database | table, v501, maria},
		{"TRIGGER", global | database | table, release{5, 1, 6}, maria},
		{"DELETE HISTORY", global | database | table, never, release{10, 3, 5}},
		{"CREATE TEMPORARY TABLES", global | database, v402, maria},
		{"LOCK TABLES", global | database, v402, maria},
		{"CREATE ROUTINE", global | database, v503, maria},
		{"EVENT", global | database, release{5, 1, 6}, maria},
		{"EXECUTE", global | database | routine, v402, maria},
		{"ALTER ROUTINE", global | database | routine, v503, maria},
		{"SHOW CREATE ROUTINE", global | database | routine, never, release{11, 3, 0}},
		{"FILE", global, v40, maria},
		{"PROCESS", global, v40, maria},
		{"RELOAD", global, v40, maria},
		{"SHUTDOWN", global, v40, maria},
		{"SHOW DATABASES", global, v402, maria},
		{"SUPER", global, v402, maria},
		{"REPLICATION CLIENT", global, v402, maria},
		{"REPLICATION SLAVE", global, v402, maria},
		{"CREATE USER", global, v503, maria},
		{"CREATE TABLESPACE", global, release{5, 5, 3}, maria},
		{"CREATE ROLE", global, release{8, 0, 0}, never},
		{"DROP ROLE", global, release{8, 0, 0}, never},
		{"BINLOG ADMIN", global, never, release{10, 5, 2}},
		{"BINLOG MONITOR", global, never, release{10, 5, 2}},
		{"BINLOG REPLAY", global, never, release{10, 5, 2}},
		{"CONNECTION ADMIN", global, never, release{10, 5, 2}},
		{"FEDERATED ADMIN", global, never, release{10, 5, 2}},
		{"READ_ONLY ADMIN", global, never, release{10, 5, 2}},
		{"REPLICATION MASTER ADMIN", global, never, release{10, 5, 2}},
		{"REPLICATION REPLICA", global, never, release{10, 5, 1}},
		{"REPLICATION REPLICA ADMIN", global, never, release{10, 5, 2}},
		{"REPLICATION SLAVE ADMIN", global, never, release{10, 5, 2}},
		{"REPLICA MONITOR", global, never, release{10, 5, 9}},
		{"SET USER", global, never, release{10, 5, 2}},
		{"SLAVE MONITOR", global, never, release{10, 5, 9}},
	}
}

// dynamicPrivileges are the dynamic privileges of MySQL 8.0 and later that the
// server itself or a component of it registers. Others of that form are
// accepted too: components and plugins bring their own.
func dynamicPrivileges() []string {
	return []string{
		"ALLOW_NONEXISTENT_DEFINER", "APPLICATION_PASSWORD_ADMIN", "AUDIT_ABORT_EXEMPT", "AUDIT_ADMIN",
		"AUTHENTICATION_POLICY_ADMIN", "BACKUP_ADMIN", "BINLOG_ADMIN", "BINLOG_ENCRYPTION_ADMIN", "CLONE_ADMIN",
		"CONNECTION_ADMIN", "CREATE_SPATIAL_REFERENCE_SYSTEM", "ENCRYPTION_KEY_ADMIN", "FIREWALL_ADMIN",
		"FIREWALL_EXEMPT", "FIREWALL_USER", "FLUSH_OPTIMIZER_COSTS", "FLUSH_PRIVILEGES", "FLUSH_STATUS",
		"FLUSH_TABLES", "FLUSH_USER_RESOURCES", "GROUP_REPLICATION_ADMIN", "GROUP_REPLICATION_STREAM",
		"INNODB_REDO_LOG_ARCHIVE", "INNODB_REDO_LOG_ENABLE", "MANAGE_DATA_MASKING_POLICY", "MASKING_DICTIONARIES_ADMIN",
		"NDB_STORED_USER", "OPTIMIZE_LOCAL_TABLE", "PASSWORDLESS_USER_ADMIN", "PERSIST_RO_VARIABLES_ADMIN",
		"REPLICATION_APPLIER", "REPLICATION_SLAVE_ADMIN", "RESOURCE_GROUP_ADMIN", "RESOURCE_GROUP_USER", "ROLE_ADMIN",
		"SENSITIVE_VARIABLES_OBSERVER", "SERVICE_CONNECTION_ADMIN", "SESSION_VARIABLES_ADMIN", "SET_ANY_DEFINER",
		"SET_USER_ID", "SHOW_ROUTINE", "SKIP_QUERY_REWRITE", "SYSTEM_USER", "SYSTEM_VARIABLES_ADMIN",
		"TABLE_ENCRYPTION_ADMIN", "TELEMETRY_LOG_ADMIN", "TP_CONNECTION_ADMIN", "TRANSACTION_GTID_TAG",
		"VERSION_TOKEN_ADMIN", "XA_RECOVER_ADMIN",
	}
}

// lookup finds the privilege that words, in upper case with single blanks,
// stand for. Otherwise it returns the nearest known name, empty when none is
// near.
func lookup(words string) (p privilege, nearest string, ok bool) {
	switch words {
	case "ALL":
		words = "ALL PRIVILEGES"
	case "READ ONLY ADMIN":
		words = "READ_ONLY ADMIN"
	}
	for _, p := range staticPrivileges() {
		if p.name == words {
			return p, "", true
		}
	}
	spaced := strings.ReplaceAll(words, "_", " ")
	for _, name := range dynamicPrivileges() {
		if name == words {
			return dynamicPrivilege(words), "", true
		}
	}
	var names []string
	for _, p := range staticPrivileges() {
		names = append(names, p.name)
	}
	for _, name := range names {
		if strings.ReplaceAll(name, "_", " ") == spaced {
			return privilege{}, name, false
		}
	}
	if dynamicForm(words) {
		return dynamicPrivilege(words), "", true
	}
	names = append(append(names, "ALL", "GRANT OPTION"), dynamicPrivileges()...)
	return privilege{}, nearestName(words, names), false
}

func dynamicPrivilege(name string) privilege {
	return privilege{name: name, levels: global, mysql: release{8, 0, 0}, mariadb: never()}
}

// dynamicForm reports whether s has the form of a dynamic privilege: words of
// letters and digits joined by single underscores, at most 32 characters
// (MySQL 8.0 manual, mysql.global_grants, column PRIV).
func dynamicForm(s string) bool {
	parts := strings.Split(s, "_")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return false
		}
	}
	return len(parts) > 1 && s[0] >= 'A' && len(s) <= 32
}

// nearestName is the name with the smallest edit distance to s, if that is at
// most a third of s. What is much longer than any name is near to none.
func nearestName(s string, names []string) string {
	if len(s) > 64 {
		return ""
	}
	best, limit := "", len(s)/3+1
	for _, name := range names {
		if d := smetrics.WagnerFischer(s, name, 1, 1, 1); d < limit {
			best, limit = name, d
		}
	}
	return best
}
