package dialect

// tlsRow is one option about TLS: which versions have it.
type tlsRow struct {
	name           string
	server, client spans
}

type spans struct{ mysql, mariadb span }

// span is the versions from one release to before another; to the zero release
// means for ever.
type span struct{ from, to release }

func (s span) holds(v Version) bool {
	since := v.AtLeast(s.from.major, s.from.minor, s.from.patch)
	return since && (s.to == release{} || !v.AtLeast(s.to.major, s.to.minor, s.to.patch))
}

// tlsOptions is the table of all options about TLS. Sources: the reference
// manuals of MySQL, "Server System Variables", "Command Options for Encrypted
// Connections" and "What Is New"; the MariaDB documentation, "SSL/TLS System
// Variables"; sslopt-longopts.h of both. What MySQL 9.7.4, MariaDB 11.8.6 and
// 10.11.19 say was tried.
func tlsOptions() []tlsRow {
	no := span{from: never()}
	since := func(major, minor, patch int) span { return span{from: release{major, minor, patch}} }
	between := func(from, to release) span { return span{from, to} }
	server := func(mysql, mariadb span) spans { return spans{mysql, mariadb} }
	neither := server(no, no)
	always := since(0, 0, 0)

	rows := []tlsRow{
		// MySQL: deprecated 8.0.26, removed 8.4.0; for clients 5.7.11 and 8.0.0
		{"ssl", server(between(release{}, release{8, 4, 0}), always), server(between(release{}, release{8, 0, 0}), always)},
		{"ssl-verify-server-cert", neither, server(between(release{5, 1, 11}, release{8, 0, 0}), always)},
		// 5.5 and 5.6 got REQUIRED only
		{"ssl-mode", neither, server(between(release{5, 5, 49}, release{5, 6, 0}), no)},
		{"ssl-mode", neither, server(between(release{5, 6, 30}, release{5, 7, 0}), no)},
		{"ssl-mode", neither, server(since(5, 7, 11), no)},
		{"tls-version", server(since(5, 7, 10), since(10, 4, 6)), server(since(5, 7, 10), since(10, 4, 6))},
		{"tls-ciphersuites", server(since(8, 0, 16), no), server(since(8, 0, 16), no)},
		{"require-secure-transport", server(since(5, 7, 8), since(10, 5, 2)), neither},
		{"auto-generate-certs", server(since(5, 7, 5), no), neither},
		{"ssl-fips-mode", server(since(8, 0, 11), no), server(since(8, 0, 11), no)},
		{"admin-ssl", server(between(release{8, 0, 21}, release{8, 4, 0}), no), neither},
		{"admin-tls-version", server(since(8, 0, 21), no), neither},
		{"admin-tls-ciphersuites", server(since(8, 0, 21), no), neither},
		{"ssl-session-cache-mode", server(since(8, 0, 29), no), neither},
		{"ssl-session-cache-timeout", server(since(8, 0, 29), no), neither},
		{"ssl-session-data", neither, server(since(8, 0, 29), no)},
		{"ssl-session-data-continue-on-failed-reuse", neither, server(since(8, 0, 29), no)},
		{"tls-certificates-enforced-validation", server(since(8, 1, 0), no), neither},
		{"tls-sni-servername", neither, server(since(8, 1, 0), no)},
		// MariaDB: MDEV-14091; whether its clients took it in the same release is
		// not settled, so they pass for having it
		{"ssl-passphrase", server(no, since(12, 0, 0)), server(no, since(12, 0, 0))},
		{"ssl-fp", neither, server(no, since(11, 3, 0))},
		{"ssl-fplist", neither, server(no, since(11, 3, 0))},
	}
	// only in the sources of 2026 that came after 9.7
	for _, name := range []string{"tls-kex", "admin-tls-kex", "force-pqc", "use-pqc-sign"} {
		rows = append(rows, tlsRow{name, server(since(9, 8, 0), no), server(since(9, 8, 0), no)})
	}
	for _, name := range []string{"ca", "capath", "cert", "cipher", "key"} {
		rows = append(rows, tlsRow{"ssl-" + name, server(always, always), server(always, always)})
	}
	for _, name := range []string{"crl", "crlpath"} {
		rows = append(rows, tlsRow{"ssl-" + name, server(since(5, 6, 3), since(10, 0, 0)), server(since(5, 6, 3), since(10, 0, 0))})
	}
	for _, name := range []string{"ca", "capath", "cert", "cipher", "crl", "crlpath", "key"} {
		rows = append(rows, tlsRow{"admin-ssl-" + name, server(since(8, 0, 21), no), neither},
			tlsRow{"mysqlx-ssl-" + name, server(since(5, 7, 12), no), neither})
	}
	return rows
}
