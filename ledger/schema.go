package ledger

import "strconv"

// schemaVersion is raised with every change of the tables.
const schemaVersion = 1

// Names in the table settings.
const (
	settingSchema     = "schema"
	settingTarget     = "target"
	settingGeneration = "generation"
	settingCRLNumber  = "crl_number"
)

// schema is what makes an empty database a ledger.
//
// The column active is 1 for an active certificate and NULL for any other:
// NULLs do not collide in a unique index (SQLite, MySQL and MariaDB alike), so
// certificates_name admits one active certificate of a kind and name beside
// any number of old ones.
func schema() []string {
	return []string{
		`CREATE TABLE settings (
			name  VARCHAR(64) NOT NULL PRIMARY KEY,
			value VARCHAR(255) NOT NULL
		)`,
		`CREATE TABLE certificates (
			serial     VARCHAR(40) NOT NULL PRIMARY KEY,
			kind       VARCHAR(8) NOT NULL,
			name       VARCHAR(64) NOT NULL,
			generation INTEGER NOT NULL,
			state      VARCHAR(10) NOT NULL,
			active     INTEGER,
			not_before BIGINT NOT NULL,
			not_after  BIGINT NOT NULL,
			created    BIGINT NOT NULL,
			revoked_at BIGINT,
			reason     VARCHAR(32) NOT NULL,
			subject    TEXT NOT NULL,
			issuer     TEXT NOT NULL,
			spki       CHAR(64) NOT NULL,
			spec       TEXT NOT NULL,
			der        BLOB NOT NULL
		)`,
		`CREATE UNIQUE INDEX certificates_name ON certificates (kind, name, active)`,
		`CREATE INDEX certificates_expiry ON certificates (state, not_after)`,
		subjectIndex,
	}
}

// subjectIndex is for InForce. MySQL and MariaDB want a length behind the
// column: (subject(255)). Ledgers that were made without it get it by the next
// Apply: whatever program writes to them keeps it up.
const subjectIndex = `CREATE INDEX IF NOT EXISTS certificates_subject ON certificates (subject)`

// columns is what scan expects, in its order.
const columns = `serial, kind, name, generation, state, not_before, not_after, created,
	revoked_at, reason, subject, issuer, spki, spec, der`

// values gives the settings their place in the table.
func (s Settings) values() map[string]string {
	return map[string]string{
		settingSchema:     strconv.Itoa(schemaVersion),
		settingTarget:     s.Target,
		settingGeneration: strconv.Itoa(s.Generation),
		settingCRLNumber:  strconv.FormatInt(s.CRLNumber, 10),
	}
}
