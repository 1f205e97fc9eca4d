package dialect

import (
	"fmt"
	"strings"
)

// maxOptionValue is the number of bytes that a value as written may have. Both
// readers take lines of at most 4094 bytes with the newline (a buffer of 4096,
// read with sizeof-1) and silently make two lines of a longer one; the rest is
// for the key.
const maxOptionValue = 4000

// OptionValue is s as it is written after "key=" on a line of an option file.
// Both readers understand it: my_default of the servers and of MySQL's clients,
// and the one of MariaDB Connector/C, which cuts no comments off and takes any
// two quotes for a pair. A value of letters, digits and /._-:@+, stays as it is;
// every other is written in double quotes with \" \\ \t \r \b. The quotes also
// keep a last byte A0, as of "à" in UTF-8, from being taken for a blank of
// Latin-1 and cut off (tried).
//
// A value with a newline or a NUL, or one over 4000 bytes when written, cannot
// stand in an option file: an *Error, which does not repeat the value, as it
// may be a password.
func OptionValue(s string) (string, error) {
	var problems []string
	if strings.Contains(s, "\n") {
		problems = append(problems, "it has a newline")
	}
	if strings.Contains(s, "\x00") {
		problems = append(problems, "it has a NUL")
	}
	written := writeOptionValue(s)
	if len(written) > maxOptionValue {
		problems = append(problems, fmt.Sprintf("it takes %d bytes, at most %d are possible", len(written), maxOptionValue))
	}
	if problems != nil {
		return "", &Error{What: "option file value", Problems: problems,
			Fix: "use a value of one line and a moderate length; option files cannot hold another"}
	}
	return written, nil
}

func writeOptionValue(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:@+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`, "\r", `\r`, "\b", `\b`).Replace(s) + `"`
}

// ReadOptionValue reads what stands after "key=" on a line of an option file,
// by the rules of my_default (mysys/my_default.c, search_default_file_with_ext
// and remove_end_comment): a comment begins at a # outside quotes, blanks at
// both ends go, two equal quotes around the rest go, and \n \t \r \b \s \" \' \\
// are escapes, while another backslash stays. An *Error when raw has a newline
// before its end or a NUL, or is longer than a line can be.
func ReadOptionValue(raw string) (string, error) {
	raw = strings.TrimSuffix(raw, "\n")
	var problems []string
	if strings.Contains(raw, "\n") {
		problems = append(problems, "it is more than one line")
	}
	if strings.Contains(raw, "\x00") {
		problems = append(problems, "it has a NUL")
	}
	if len(raw) > maxLine {
		problems = append(problems, fmt.Sprintf("it has %d bytes, and a line at most %d", len(raw), maxLine))
	}
	if problems != nil {
		return "", &Error{What: "option file value", Problems: problems,
			Fix: "write the option on one line of an option file"}
	}
	return readOptionValue(CutOptionComment(raw)), nil
}

// ReadOption reads a line of an option file that is an option: "name",
// "name=value", with blanks and a comment where they may stand. Quotes in the
// name count for where the comment begins. What is no option (a comment, a
// directive, a group, an empty line) is not told from one.
func ReadOption(line string) (name, value string, hasValue bool) {
	name, value, hasValue = strings.Cut(CutOptionComment(line), "=")
	return trimBlanks(name), readOptionValue(value), hasValue
}

// readOptionValue is the value without blanks, quotes and escapes.
func readOptionValue(text string) string {
	value := trimBlanks(text)
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	return UnescapeOption(value)
}

// maxLine is what my_default's buffer holds of a line, without the newline.
const maxLine = 4093

// OptionBlank reports whether the readers of option files take the byte for
// white space: my_isspace(&my_charset_latin1), which counts A0 too.
func OptionBlank(c byte) bool { return c >= '\t' && c <= '\r' || c == ' ' || c == 0xa0 }

// trimBlanks cuts off the blanks at both ends.
func trimBlanks(text string) string {
	for text != "" && OptionBlank(text[0]) {
		text = text[1:]
	}
	for text != "" && OptionBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

// CutOptionComment cuts the text at the first # outside quotes. A backslash protects
// a quote only inside quotes.
func CutOptionComment(text string) string {
	var quote byte
	escaped := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if (c == '\'' || c == '"') && !escaped {
			switch quote {
			case 0:
				quote = c
			case c:
				quote = 0
			}
		}
		if quote == 0 && c == '#' {
			return text[:i]
		}
		escaped = quote != 0 && c == '\\' && !escaped
	}
	return text
}

// UnescapeOption replaces the escapes that all readers of option files know:
// \n \t \r \b \s \" \' \\. Another backslash stays, also one at the very end.
func UnescapeOption(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i == len(value)-1 {
			b.WriteByte(value[i])
			continue
		}
		i++
		switch c := value[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 's':
			b.WriteByte(' ')
		case '"', '\'', '\\':
			b.WriteByte(c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// CheckDeployDir accepts "" and an absolute path of the host the files go to,
// which may be a Windows one: servers read a relative path from their data
// folder. An option file holds it with a file's name behind, so it has no
// control characters and is not too long for one. The error is an *Error.
func CheckDeployDir(dir string) error {
	problem := ""
	switch _, err := OptionValue(dir + "/server-cert.pem"); {
	case dir == "":
	case strings.ContainsFunc(dir, func(r rune) bool { return r < ' ' || r == 0x7f }):
		problem = "a control character"
	case !strings.HasPrefix(dir, "/") && !onDrive(dir):
		problem = "it is not absolute: a server would look for it below its data folder"
	case err != nil:
		problem = "it is too long for an option file"
	}
	if problem == "" {
		return nil
	}
	return &Error{What: "deploy folder", Text: dir, Problems: []string{problem}, Fix: "an absolute path, such as /etc/mysql/myca"}
}

// onDrive says whether a path is absolute on Windows.
func onDrive(dir string) bool {
	return len(dir) >= 3 && (dir[0]|0x20 >= 'a' && dir[0]|0x20 <= 'z') && dir[1] == ':' && (dir[2] == '/' || dir[2] == '\\')
}
