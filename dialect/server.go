package dialect

// TLSLibrary is the TLS library of the product's own builds of this version:
// "openssl3", "openssl1" or "yassl". A distribution may have built it with
// another one.
//
//   - MySQL's community builds had yaSSL before 5.6.46, 5.7.28 and 8.0.4, and
//     OpenSSL from then on (dev.mysql.com blog "MySQL is OpenSSL-only now";
//     MySQL 8.0.4 announcement, WL#10524). 5.x has only seen OpenSSL 1. The
//     packages of 8.0 take the system's OpenSSL, so its library is the newer
//     one here; 8.0 releases before 2022 (8.0.28) can only have had OpenSSL 1,
//     as 3.0 came out in September 2021.
//   - MariaDB's packages take the system's OpenSSL from 10.2 on; before, those
//     for Debian and Ubuntu had yaSSL built in (MariaDB documentation, "TLS and
//     Cryptography Libraries Used by MariaDB"). 10.6 is the oldest series that
//     came with a distribution on OpenSSL 3 (Ubuntu 22.04). MariaDB's tarballs
//     and Windows builds have wolfSSL, which is never the answer here.
func (v Version) TLSLibrary() string {
	switch {
	case v.Product == MariaDB && !v.AtLeast(10, 2, 0):
		return "yassl"
	case v.Product == MariaDB && !v.AtLeast(10, 6, 0):
		return "openssl1"
	case v.Product == MySQL && v.mysqlYaSSL():
		return "yassl"
	case v.Product == MySQL && !v.AtLeast(8, 0, 28):
		return "openssl1"
	}
	return "openssl3"
}

func (v Version) mysqlYaSSL() bool {
	switch {
	case v.AtLeast(8, 0, 4):
		return false
	case v.AtLeast(8, 0, 0):
		return true
	case v.AtLeast(5, 7, 0):
		return !v.AtLeast(5, 7, 28)
	}
	return !v.AtLeast(5, 6, 46)
}

// RSAOnly reports whether keys have to be RSA and in PKCS#1 form. That is so
// for the whole of the yaSSL era (MySQL before 5.7, MariaDB before 10.2), also
// for its last releases that have OpenSSL, because their clients may be older,
// and for every later version built with yaSSL, which knows RSA and DSA only
// and reads no PKCS#8 (MariaDB, mysql-test/lib/generate-ssl-certs.sh: "convert
// the key to yassl compatible format").
func (v Version) RSAOnly() bool {
	return !v.has(release{5, 7, 0}, release{10, 2, 0}) || v.TLSLibrary() == "yassl"
}

// CreateUserRequire reports whether CREATE USER and ALTER USER have a REQUIRE
// clause; otherwise only GRANT has (and MySQL from 8.0.11 on has it there no
// more). MySQL 5.7.6 (5.7 manual, CREATE USER), MariaDB 10.2.0 (MDEV-7978).
func (v Version) CreateUserRequire() bool {
	return v.has(release{5, 7, 6}, release{10, 2, 0})
}

// CreateUserIfNotExists reports whether there is CREATE USER IF NOT EXISTS:
// MySQL 5.7.8 (WL#8540), MariaDB 10.1.3.
func (v Version) CreateUserIfNotExists() bool {
	return v.has(release{5, 7, 8}, release{10, 1, 3})
}

// NoAutoCreateUser reports whether sql_mode can be set to NO_AUTO_CREATE_USER,
// which keeps GRANT from creating the account it names: MySQL 5.0.2 to 8.0.10
// (removed in 8.0.11, where an unknown mode is an error), every MariaDB.
func (v Version) NoAutoCreateUser() bool {
	return v.has(release{5, 0, 2}, release{}) && !v.has(release{8, 0, 11}, never())
}

// PartialRevokes reports whether the server has the variable partial_revokes.
// Where that is ON, a database name in a grant is no pattern. MySQL 8.0.16.
func (v Version) PartialRevokes() bool {
	return v.has(release{8, 0, 16}, never())
}

// RequireSecureTransport reports whether the server has the option
// require-secure-transport: MySQL 5.7.8, MariaDB 10.5.2.
func (v Version) RequireSecureTransport() bool {
	return v.has(release{5, 7, 8}, release{10, 5, 2})
}

// TLSVersionOption reports whether server and clients have the option
// tls-version: MySQL 5.7.10 (5.7 manual, "Command Options for Secure
// Connections"; 5.6 never had it), MariaDB 10.4.6.
func (v Version) TLSVersionOption() bool {
	return v.has(release{5, 7, 10}, release{10, 4, 6})
}

// TLSVersions lists what may stand in tls-version, oldest first, nil when there
// is no such option. MySQL calls TLS 1.0 TLSv1, MariaDB calls it TLSv1.0. MySQL
// has TLS 1.3 from 8.0.16, and no TLS 1.0 and 1.1 from 8.0.28 on (8.0 manual,
// "Encrypted Connection TLS Protocols and Ciphers"); builds with yaSSL end at
// 1.1 (5.7 manual). MariaDB's list is the same in every version (system
// variable tls_version).
func (v Version) TLSVersions() []string {
	switch {
	case !v.TLSVersionOption():
		return nil
	case v.Product == MariaDB:
		return []string{"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
	case v.AtLeast(8, 0, 28):
		return []string{"TLSv1.2", "TLSv1.3"}
	case v.AtLeast(8, 0, 16):
		return []string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
	case v.TLSLibrary() == "yassl":
		return []string{"TLSv1", "TLSv1.1"}
	}
	return []string{"TLSv1", "TLSv1.1", "TLSv1.2"}
}

// CRLOption reports whether server and clients have the option ssl-crl and the
// TLS library of this version's own builds enforces it: MySQL 5.6.3, MariaDB
// 10.0.0, and not with yaSSL, which takes the option and ignores it (MariaDB
// documentation, ssl_crl; MySQL 5.6 manual, --ssl-crl).
func (v Version) CRLOption() bool {
	return v.has(release{5, 6, 3}, release{10, 0, 0}) && v.TLSLibrary() != "yassl"
}

// ReloadStatement is the statement that makes the server read its certificate
// files again without a restart, empty when there is none: MySQL 8.0.16 (8.0
// manual, ALTER INSTANCE), MariaDB 10.4.1 (MDEV-16266). The paths stay those of
// the start.
//
// LOCAL keeps MariaDB from writing it to the binary log: on a replica that would
// be a transaction of its own, which its primary does not have (tried on 10.11.19
// and 11.8.6). MySQL logs no ALTER INSTANCE.
func (v Version) ReloadStatement() string {
	switch {
	case !v.has(release{8, 0, 16}, release{10, 4, 1}):
		return ""
	case v.Product == MariaDB:
		return "FLUSH LOCAL SSL"
	}
	return "ALTER INSTANCE RELOAD TLS"
}

// TestedOnServer reports whether statements for this version are of a form that
// was run on a server: from 5.5 on.
func (v Version) TestedOnServer() bool {
	return v.AtLeast(5, 5, 0)
}

// MaxUser is the number of characters that the user part of an account may
// have. MySQL: 16, 32 from 5.7.8 (WL#2284). MariaDB: 16 in 5.5, 80 from 10.0
// on, 128 from 10.6.0 on (MDEV-24312).
func (v Version) MaxUser() int {
	switch {
	case v.has(never(), release{10, 6, 0}):
		return 128
	case v.has(never(), release{10, 0, 0}):
		return 80
	case v.has(release{5, 7, 8}, never()):
		return 32
	}
	return 16
}

// MaxHost is the number of characters that the host part of an account may
// have: 60, 255 from MySQL 8.0.17 (WL#12571) and MariaDB 10.6.0 (MDEV-24312).
func (v Version) MaxHost() int {
	if v.has(release{8, 0, 17}, release{10, 6, 0}) {
		return 255
	}
	return 60
}
