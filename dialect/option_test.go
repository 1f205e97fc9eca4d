package dialect

import (
	"bytes"
	"strings"
	"testing"
)

func TestOptionValue(t *testing.T) {
	for value, want := range map[string]string{
		"":                      `""`,
		"/etc/mysql/ssl/ca.pem": `/etc/mysql/ssl/ca.pem`,
		"TLSv1.2,TLSv1.3":       `TLSv1.2,TLSv1.3`,
		"laura@db-1_x+y:3306":   `laura@db-1_x+y:3306`,
		"/srv/my ca.pem":        `"/srv/my ca.pem"`,
		"/srv/my#ca.pem":        `"/srv/my#ca.pem"`,
		" x ":                   `" x "`,
		";x":                    `";x"`,
		"a=b":                   `"a=b"`,
		"[mysqld]":              `"[mysqld]"`,
		`C:\ssl\new`:            `"C:\\ssl\\new"`,
		`it's "x"`:              `"it's \"x\""`,
		`\`:                     `"\\"`,
		`"`:                     `"\""`,
		"a\tb\rc\bd":            `"a\tb\rc\bd"`,
		"/srv/voilà":            `"/srv/voilà"`,
		"\xff\x01\x0b":          "\"\xff\x01\x0b\"",
	} {
		got, err := OptionValue(value)
		if err != nil || got != want {
			t.Errorf("OptionValue(%q) = %s, %v, want %s", value, got, err, want)
		}
	}
}

func TestOptionValueRefuses(t *testing.T) {
	for value, problem := range map[string]string{
		"secret\nskip-grant-tables":     "newline",
		"secret\x00":                    "NUL",
		strings.Repeat("s", 4001):       "4001 bytes",
		strings.Repeat("\\", 2000):      "4002 bytes",
		"secret\n\x00":                  "newline; it has a NUL",
		strings.Repeat("secret\n", 700): "newline; it takes",
	} {
		got, err := OptionValue(value)
		if err == nil || got != "" || !strings.Contains(err.Error(), problem) {
			t.Errorf("OptionValue(%.20q…) = %q, %v, want %q", value, got, err, problem)
			continue
		}
		if strings.Contains(err.Error()+hintOf(t, err), "secret") {
			t.Errorf("the message repeats the value: %v", err)
		}
	}
}

func TestReadOptionValue(t *testing.T) {
	for raw, want := range map[string]string{
		``:                       ``,
		`  /etc/ca.pem  `:        `/etc/ca.pem`,
		"/etc/ca.pem\n":          `/etc/ca.pem`,
		"/etc/ca.pem\r\n":        `/etc/ca.pem`,
		`/etc/ca.pem # the CA`:   `/etc/ca.pem`,
		`/etc/ca#1.pem`:          `/etc/ca`,
		`"/etc/ca#1.pem" # x`:    `/etc/ca#1.pem`,
		`'/etc/ca#1.pem'`:        `/etc/ca#1.pem`,
		`it's # not cut`:         `it's # not cut`,
		`"a" b "c"`:              `a" b "c`,
		`'it"s'`:                 `it"s`,
		`"it's`:                  `"it's`,
		`'x"`:                    `'x"`,
		`"`:                      `"`,
		`""`:                     ``,
		`"\"" # x`:               `"`,
		`"a\\" # "`:              `a\`,
		`C:\ssl\new`:             "C: sl\new",
		`C:\\ssl\\new`:           `C:\ssl\new`,
		`a\tb\rc\bd\'e\"f\qg\`:   "a\tb\rc\bd'e\"f\\qg\\",
		`"a\"`:                   `a\`,
		"voil\xc3\xa0":           "voil\xc3",
		"\"voil\xc3\xa0\"":       "voilà",
		"\xa0\v\f\tx\t\x85":      "x\t\x85",
		`;x`:                     `;x`,
		`"\#"`:                   `\#`,
		`\"x # y`:                `"x # y`,
		strings.Repeat("x", 993): strings.Repeat("x", 993),
	} {
		got, err := ReadOptionValue(raw)
		if err != nil || got != want {
			t.Errorf("ReadOptionValue(%q) = %q, %v, want %q", raw, got, err, want)
		}
	}
	for raw, problem := range map[string]string{
		"a\nb":                    "more than one line",
		"a\n\n":                   "more than one line",
		"a\x00b":                  "NUL",
		strings.Repeat("x", 4094): "4094 bytes",
	} {
		if got, err := ReadOptionValue(raw); err == nil || got != "" || !strings.Contains(err.Error(), problem) {
			t.Errorf("ReadOptionValue(%.20q) = %q, %v, want %q", raw, got, err, problem)
		}
	}
}

// myDefault is a port of the part of MariaDB's and MySQL's mysys/my_default.c
// (search_default_file_with_ext) that reads a line with an option, with its
// pointers as indexes into a buffer that ends in a zero. It returns the value
// as it follows "--key=".
func myDefault(line string) string {
	buff := append([]byte(line), 0)
	isspace := func(c byte) bool { return c >= 9 && c <= 13 || c == ' ' || c == 0xa0 } // ctype_latin1
	removeEndComment(buff)
	value := bytes.IndexByte(buff, '=') + 1
	for isspace(buff[value]) {
		value++
	}
	end := value + bytes.IndexByte(buff[value:], 0)
	for isspace(buff[end-1]) {
		end--
	}
	end = max(end, value)
	if (buff[value] == '"' || buff[value] == '\'') && value+1 < end && buff[value] == buff[end-1] {
		value++
		end--
	}
	return copyUnescaped(buff, value, end)
}

func removeEndComment(buff []byte) {
	var quote byte
	escape := false
	for ptr := 0; buff[ptr] != 0; ptr++ {
		if (buff[ptr] == '\'' || buff[ptr] == '"') && !escape {
			if quote == 0 {
				quote = buff[ptr]
			} else if quote == buff[ptr] {
				quote = 0
			}
		}
		if quote == 0 && buff[ptr] == '#' {
			buff[ptr] = 0
			return
		}
		escape = quote != 0 && buff[ptr] == '\\' && !escape
	}
}

// connectorC is a port of the same part of MariaDB Connector/C
// (libmariadb/ma_default.c, _mariadb_read_options_from_file): no comments at
// the end, the C locale's isspace, and each quote goes on its own.
func connectorC(line string) string {
	buff := append([]byte(line), 0)
	isspace := func(c byte) bool { return c >= 9 && c <= 13 || c == ' ' }
	value := bytes.IndexByte(buff, '=')
	buff[value] = 0
	value++
	for isspace(buff[value]) {
		value++
	}
	end := value + bytes.IndexByte(buff[value:], 0)
	for isspace(buff[end-1]) {
		end--
	}
	if buff[value] == '\'' || buff[value] == '"' {
		value++
		if buff[end-1] == '\'' || buff[end-1] == '"' {
			end--
		}
	}
	return copyUnescaped(buff, value, max(end, value))
}

// copyUnescaped is the loop that both have at the end.
func copyUnescaped(buff []byte, value, end int) string {
	var ptr []byte
	for ; value != end; value++ {
		if buff[value] != '\\' || value == end-1 {
			ptr = append(ptr, buff[value])
			continue
		}
		value++
		switch buff[value] {
		case 'n':
			ptr = append(ptr, '\n')
		case 't':
			ptr = append(ptr, '\t')
		case 'r':
			ptr = append(ptr, '\r')
		case 'b':
			ptr = append(ptr, '\b')
		case 's':
			ptr = append(ptr, ' ')
		case '"':
			ptr = append(ptr, '"')
		case '\'':
			ptr = append(ptr, '\'')
		case '\\':
			ptr = append(ptr, '\\')
		default:
			ptr = append(ptr, '\\', buff[value])
		}
	}
	return string(ptr)
}

// FuzzOptionValue: what is written reads back by both readers' rules and by
// ReadOptionValue, with and without blanks around it.
func FuzzOptionValue(f *testing.F) {
	for _, seed := range optionValues() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		written, err := OptionValue(value)
		if err != nil {
			hintOf(t, err)
			return
		}
		if strings.ContainsAny(written, "\n\x00") {
			t.Fatalf("OptionValue(%q) = %q is not on one line", value, written)
		}
		for _, line := range []string{"ssl-ca=" + written + "\n", "ssl-ca = " + written + " \r\n", "ssl-ca=" + written} {
			if got := myDefault(line); got != value {
				t.Errorf("my_default reads %q as %q, want %q", line, got, value)
			}
			if got := connectorC(line); got != value {
				t.Errorf("Connector/C reads %q as %q, want %q", line, got, value)
			}
		}
		if got, err := ReadOptionValue(written); err != nil || got != value {
			t.Errorf("ReadOptionValue(%q) = %q, %v, want %q", written, got, err, value)
		}
	})
}

// FuzzReadOptionValue: any line reads as my_default reads it.
func FuzzReadOptionValue(f *testing.F) {
	for _, seed := range optionValues() {
		f.Add(seed)
	}
	for _, seed := range rawOptionValues() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := ReadOptionValue(raw)
		if err != nil {
			hintOf(t, err)
			return
		}
		if want := myDefault("key=" + raw); got != want {
			t.Errorf("ReadOptionValue(%q) = %q, my_default reads %q", raw, got, want)
		}
	})
}

// optionValues are values of every shape: the single bytes, alone and inside,
// and pairs of the signs that mean something.
func optionValues() []string {
	values := []string{"", "/etc/mysql/ca.pem", `C:\ssl\new`, `it's "x" # y`, "voilà", "\\\\\\", "a  b", "\xa0", "x\xa0", "x\xc2\x85"}
	for c := range 256 {
		if c != 0 && c != '\n' {
			values = append(values, string([]byte{byte(c)}), string([]byte{'a', byte(c), 'b'}), string([]byte{'x', byte(c)}))
		}
	}
	signs := []string{`\`, `"`, `'`, "#", ";", "=", " ", "\t", "[", "!", "n", "s"}
	for _, a := range signs {
		for _, b := range signs {
			values = append(values, a+b, a+"x"+b, a+b+a)
		}
	}
	return append(values, strings.Repeat("p", 4000), strings.Repeat(`"`, 1999), strings.Repeat(" ", 3998))
}

// rawOptionValues are values as they may stand in somebody's file.
func rawOptionValues() []string {
	return []string{`x # y`, `"x # y" # z`, `'x'`, `'x"`, `"x`, `"a" b "c"`, `\"x # y`, `'it\'s # x'`, `"\\" # "`, `a\sb`, `\`, `"\"`,
		`  x  `, `" x "`, `x\#y`, `it's # x`, `"`, `''`, "x\r", "\v\fx", `;x`, `#`, `"#`, `a=b # c`, `'\'' # "`, `"'#'" # '`}
}
