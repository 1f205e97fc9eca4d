package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// Product is the make of a server, as it stands in a target.
type Product string

// The products. Percona Server counts as MySQL.
const (
	MySQL   Product = "mysql"
	MariaDB Product = "mariadb"
)

// name is the product's name in a sentence.
func (p Product) name() string {
	if p == MariaDB {
		return "MariaDB"
	}
	return "MySQL"
}

// Version is one version of a server. A Minor or Patch of -1 was not given and
// counts as the newest of its series: mysql-8.0 has what 8.0.45 has.
type Version struct {
	Product             Product
	Major, Minor, Patch int
}

// Parse reads a target: a product, a dash, and one to three numbers, such as
// "mysql-8.4", "mariadb-10.11.19" or "mysql-9". MySQL is known from 4.0 and
// MariaDB from 5.5 on; there is no upper bound. There never was a MariaDB 6, 7,
// 8 or 9, so these are refused. The error is an *Error.
func Parse(s string) (Version, error) {
	v, problem := parseTarget(s)
	if problem == "" {
		return v, nil
	}
	return Version{}, &Error{What: "target", Text: s, Problems: []string{problem}, Fix: targetHint(s)}
}

func parseTarget(s string) (Version, string) {
	product, number, ok := strings.Cut(s, "-")
	v := Version{Product: Product(product)}
	if v.Product != MySQL && v.Product != MariaDB {
		return v, "it has to begin with mysql- or mariadb-"
	}
	numbers := strings.Split(number, ".")
	if !ok || number == "" || len(numbers) > 3 {
		return v, "after " + product + "- it has to have one to three numbers with dots between them"
	}
	parts := [3]int{-1, -1, -1}
	for i, text := range numbers {
		n, ok := versionNumber(text)
		if !ok {
			return v, fmt.Sprintf("%q is not a version number", text)
		}
		parts[i] = n
	}
	v.Major, v.Minor, v.Patch = parts[0], parts[1], parts[2]
	return v, v.outOfBounds()
}

// versionNumber reads up to three digits without leading zeros.
func versionNumber(text string) (int, bool) {
	if len(text) < 1 || len(text) > 3 || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// outOfBounds is why the version cannot be a target, empty when it can.
func (v Version) outOfBounds() string {
	switch {
	case v.Product == MySQL && !v.AtLeast(4, 0, 0):
		return "MySQL is supported from 4.0 on (earlier versions have no TLS)"
	case v.Product == MariaDB && !v.AtLeast(5, 5, 0):
		return "MariaDB is supported from 5.5 on"
	case v.Product == MariaDB && v.Major > 5 && v.Major < 10:
		return fmt.Sprintf("there is no MariaDB %d: 5.5 was followed by 10.0", v.Major)
	}
	return ""
}

// targetHint proposes the target that s was probably meant to be.
func targetHint(s string) string {
	const examples = "--target mysql-8.4, --target mysql-5.7.44 or --target mariadb-10.11"
	lower := strings.ToLower(s)
	major, minor, patch, ok := findNumber(lower)
	v := Version{Product: MySQL, Major: major, Minor: minor, Patch: patch}
	maria := strings.Contains(lower, "maria")
	switch named := strings.Contains(lower, "mysql") || strings.Contains(lower, "percona"); {
	case !ok, !named && !maria && strings.ContainsAny(lower, "abcdefghijklmnopqrstuvwxyz"):
		return examples
	case maria && (major < 6 || major > 9), !named && major >= 10:
		v.Product = MariaDB
	}
	if v.outOfBounds() != "" || v.String() == s {
		return examples
	}
	return "--target " + v.String()
}

// String is the target that Parse reads back.
func (v Version) String() string {
	s := fmt.Sprintf("%s-%d", v.Product, v.Major)
	if v.Minor < 0 {
		return s
	}
	s += fmt.Sprintf(".%d", v.Minor)
	if v.Patch < 0 {
		return s
	}
	return s + fmt.Sprintf(".%d", v.Patch)
}

// AtLeast reports whether v is major.minor.patch or newer, by number alone.
// A part that v does not have counts as the newest.
func (v Version) AtLeast(major, minor, patch int) bool {
	if v.Major != major {
		return v.Major > major
	}
	if v.Minor != minor {
		return v.Minor < 0 || v.Minor > minor
	}
	return v.Patch < 0 || v.Patch >= patch
}

// release is a version number without a product. The zero release is older
// than every target.
type release struct{ major, minor, patch int }

// never is the release of a product that does not have something.
func never() release { return release{major: 1 << 30} }

// has reports whether v is the first release of its product to have
// something, or newer.
func (v Version) has(mysql, mariadb release) bool {
	first := mysql
	if v.Product == MariaDB {
		first = mariadb
	}
	return v.AtLeast(first.major, first.minor, first.patch)
}
