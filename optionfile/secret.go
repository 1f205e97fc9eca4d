package optionfile

import "strings"

// Secret reports whether a value must not be shown because of the option's name,
// in any of its forms and beginnings, or because of something in it: passwords,
// passphrases and tokens, also those in a list of settings as that of
// wsrep_provider_options, in an SQL statement and in a URL. What it knows it
// knows by words, and rather too many of them: the value of an option that is
// not about a secret may be one to it.
func Secret(name, value string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	// MariaDB takes the beginning of a name.
	if name == "pas" || strings.HasSuffix(name, "-pas") || secretWord(name) {
		return true
	}
	for _, word := range []string{"sst-auth", "filekey", "access-key"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	value = strings.ToLower(value)
	if _, after, url := strings.Cut(value, "://"); url {
		login, _, at := strings.Cut(after, "@")
		if at && strings.Contains(login, ":") && !strings.Contains(login, "/") {
			return true
		}
	}
	return secretWord(value) || strings.Contains(value, "identified")
}

// secretWord reports whether a word stands in text, which is in lower case, that
// stands for something secret.
func secretWord(text string) bool {
	for _, word := range []string{"pass", "pwd", "secret", "token", "credential"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
