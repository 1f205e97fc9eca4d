package dialect

import (
	"regexp"
	"strconv"
	"strings"
)

// Detect reads what a server or a client program says of itself: the output of
// `mysqld --version`, `mariadbd --version`, `mysql --version`, `mariadb
// --version`, of `SELECT VERSION()` with or without its heading, or the version
// of the handshake. For example:
//
//	mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)
//	/usr/sbin/mariadbd  Ver 11.8.6-MariaDB-0+deb13u1 from Debian for debian-linux-gnu on x86_64
//	mysql  Ver 15.1 Distrib 10.3.39-MariaDB, for debian-linux-gnu (x86_64)
//	mariadb from 11.8.6-MariaDB, client 15.2 for debian-linux-gnu (x86_64)
//	10.11.19-MariaDB-0+deb12u1
//	5.5.5-10.11.2-MariaDB-1:10.11.2+maria~ubu2204
//	8.0.36-28
//
// The prefix 5.5.5- is what MariaDB 10 puts before its number in the handshake
// so that old replicas connect. Without the word MariaDB a number below 10 is
// MySQL's; from 10 on it could be either's, which is an error. The error is an
// *Error.
func Detect(banner string) (Version, error) {
	fail := func(problem, fix string) (Version, error) {
		return Version{}, &Error{What: "server version", Text: strings.TrimSpace(banner),
			Problems: []string{problem}, Fix: fix}
	}
	const say = "say which it is: --target mysql-8.4, --target mariadb-10.11"
	for _, line := range strings.Split(banner, "\n") {
		major, minor, patch, ok := findNumber(line)
		if !ok || minor < 0 {
			continue
		}
		v := Version{Product: MySQL, Major: major, Minor: minor, Patch: patch}
		switch {
		case saysMariaDB(line):
			v.Product = MariaDB
		case major >= 10:
			return fail("it does not say whether it is MySQL's or MariaDB's",
				"--target "+Version{MariaDB, major, minor, patch}.String()+" if it is MariaDB")
		}
		if problem := v.outOfBounds(); problem != "" {
			return fail(problem, say)
		}
		return v, nil
	}
	return fail("there is no version number in it", say)
}

// findNumber finds the version number in a line: the one after Distrib or from
// (a client program's "Ver 15.1" counts the client only), else after Ver, else
// the first.
func findNumber(line string) (major, minor, patch int, ok bool) {
	const number = `(?:5\.5\.5-)?([0-9]{1,3})(?:\.([0-9]{1,3}))?(?:\.([0-9]{1,3}))?(?:[^0-9.]|\.[^0-9]|\.?$)`
	for _, before := range []string{`\bDistrib `, `\bfrom `, `\bVer `, `^\s*`, `(?:^|[^0-9.])`} {
		m := regexp.MustCompile(before + number).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		return atoi(m[1]), atoi(m[2]), atoi(m[3]), true
	}
	return 0, 0, 0, false
}

// atoi is the number of up to three digits, -1 of none.
func atoi(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// saysMariaDB looks for the name in the program's base name and in what
// follows it; the folder it was started from says nothing.
func saysMariaDB(line string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	program, rest, _ := strings.Cut(line, " ")
	program = program[strings.LastIndexAny(program, `/\`)+1:]
	return strings.Contains(program+" "+rest, "mariadb")
}
