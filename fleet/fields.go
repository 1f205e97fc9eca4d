package fleet

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"myca/ca"
)

// schema.json is made from the tables of fields, by `go test ./fleet -update`.
//
//go:embed schema.json
var schemaText string

// Schema is the JSON Schema of a manifest (draft 2020-12), with the meaning and
// the default of every key.
func Schema() string { return schemaText }

// kinds of fields.
type shapeOf int

const (
	aText     shapeOf = iota // a text, may have ranges
	someTexts                // a list of texts
	textOrs                  // a text or a list of them
	aFlag                    // true or false
	aNumber                  // a whole number
	aPassword                // none, random, or a map with file
	aMap                     // a map with fields
	someMaps                 // a list of maps with fields
)

// field is a key that a map of the manifest can have. The reader and the JSON
// Schema are both made from these tables.
type field struct {
	name     string
	shape    shapeOf
	required bool
	about    string
	fallback any      // what holds where it is not given, when that is one value
	without  string   // else what then
	words    []string // of a text: all that it can be, "" nothing else
	pattern  string   // of a text, for the schema: what it at least looks like
	fields   []field  // of a map
	also     []string // what people call it
}

// manifestFields is the document.
func manifestFields() []field {
	return []field{
		{name: "ca", shape: aMap, fields: caFields(), about: "The authority. It is made with the store; one that is there must agree."},
		{name: "defaults", shape: aMap, fields: defaultFields(), about: "What holds for every entry that says nothing else."},
		{name: "servers", shape: someMaps, fields: serverFields(), also: []string{"hosts"}, about: "A certificate with its key for each server."},
		{name: "clients", shape: someMaps, fields: clientFields(), also: []string{"users", "accounts"}, about: "A certificate with its key, and the statements of its accounts, for each client."},
	}
}

func caFields() []field {
	return []field{
		subjectField("The authority's exact subject, such as /C=US/O=acme/CN=acme CA.", "the store's; a store that is to be made needs it"),
		caKeyField(),
		daysField("How many days the authority is valid. It counts when the store is made: one that is there keeps its own.", defaultCADays),
		nonportableField(),
	}
}

func defaultFields() []field {
	return []field{
		targetField(), keyField(), formatField(), validityField(),
		requireField(), passwordField(), deployField(), connectField(), ownerField(),
	}
}

func serverFields() []field {
	return append([]field{
		nameField("The folder below servers/.", "the first host that others can connect to"),
		{name: "hosts", shape: someTexts, required: true, also: []string{"host", "san", "sans", "names", "addresses"}, about: "Every name and address that clients connect to; the first is the CN."},
		subjectField("The exact subject.", "the authority's C, ST, L, O and the first host"),
		profileField("server"),
		{name: "replicates", shape: aMap, fields: replicateFields(), also: []string{"replica", "replication"}, about: "From which server this one replicates. It needs the profile peer."},
		nonportableField(),
	}, ofDefaults(targetField(), keyField(), formatField(), validityField(), deployField(), ownerField())...)
}

func replicateFields() []field {
	return []field{
		{name: "from", shape: aText, required: true, also: []string{"source", "primary", "master"}, about: "The name of a server of the manifest."},
		{name: "account", shape: aText, required: true, also: []string{"user"}, about: "The replica's account on it, USER@HOST."},
		{name: "connect", shape: aText, also: []string{"host", "address"}, about: "The address at which the replica connects to it, HOST or HOST:PORT.", without: "its first host that others can connect to, and 3306"},
	}
}

func clientFields() []field {
	return append([]field{
		nameField("The folder below clients/.", "the user of the account"),
		{name: "account", shape: textOrs, required: true, also: []string{"accounts", "user", "users"}, about: "USER@HOST, or a list of them with one user. USER alone is USER@%."},
		subjectField("The exact subject.", "the authority's C, ST, L, O and the user"),
		profileField("client"),
		{name: "grants", shape: someTexts, also: []string{"grant", "privileges"}, about: "Privileges, such as SELECT, INSERT ON app.*.", without: "the right to log in"},
		{name: "groups", shape: someTexts, also: []string{"group"}, pattern: `^[A-Za-z0-9][A-Za-z0-9._{},-]*$`, about: "The groups of the option file.", without: "those of the target's own programs"},
		{name: "partial_revokes", shape: aFlag, fallback: false, about: "The server runs with partial_revokes=ON (MySQL from 8.0.16)."},
		nonportableField(),
	}, ofDefaults(targetField(), keyField(), formatField(), validityField(), requireField(), passwordField(), deployField(), connectField())...)
}

// ofDefaults is fields of the defaults as entries have them.
func ofDefaults(fields ...field) []field {
	for i := range fields {
		fields[i].fallback, fields[i].without = nil, "as in defaults"
	}
	return fields
}

func nameField(about, without string) field {
	return field{name: "name", shape: aText, pattern: `^[A-Za-z0-9_{][A-Za-z0-9._{},-]*$`, also: []string{"id"}, about: about, without: without}
}

func subjectField(about, without string) field {
	return field{name: "subject", shape: aText, pattern: "^[/{]", also: []string{"dn"}, about: about, without: without}
}

func profileField(own string) field {
	return field{name: "profile", shape: aText, fallback: own, about: "The extended key usage: " + own + ", or peer for both sides (replication, Galera, Group Replication).", pattern: "^(" + own + "|peer|.*[{].*)$"}
}

func targetField() field {
	return field{name: "target", shape: aText, pattern: `^((mysql|mariadb)-[0-9.]+|.*[{].*)$`, also: []string{"version", "server"}, about: "The server's version: mysql-8.4, mariadb-11.8.", without: "the store's, or mysql-8.4"}
}

func keyField() field {
	return field{name: "key", shape: aText, pattern: keyPattern(), also: []string{"key_type", "algorithm"}, about: "The type of the key.", fallback: string(defaultKey)}
}

func caKeyField() field {
	f := keyField()
	f.about, f.fallback = "The type of the authority's key.", string(defaultCAKey)
	return f
}

func formatField() field {
	return field{name: "key_format", shape: aText, pattern: `^(pkcs8|pkcs1|.*[{].*)$`, also: []string{"format"}, about: "How the key is written.", without: "as the target reads it"}
}

func validityField() field { return daysField("How many days a certificate is valid.", defaultDays) }

func daysField(about string, fallback int) field {
	return field{name: "days", shape: aNumber, also: []string{"day", "validity", "valid", "ttl"}, about: about, fallback: fallback}
}

func requireField() field {
	return field{name: "require", shape: someTexts, also: []string{"requires"}, about: "What the account demands: some of issuer, subject, cipher=NAME; or none, ssl, x509 alone.", fallback: []string{"issuer", "subject"}}
}

func passwordField() field {
	return field{name: "password", shape: aPassword, words: []string{secretNone, secretRandom}, fields: []field{
		{name: "file", shape: aText, required: true, also: []string{"path"}, about: "The file that holds the password."},
	}, about: "none: the certificate alone opens the account; random: one is made and kept; or the file it is in.", without: "the manifest has a mistake"}
}

func deployField() field {
	return field{name: "deploy_dir", shape: aText, pattern: `^(/|[A-Za-z]:[/\\]|[{])`, also: []string{"deploy", "dir"}, about: "The folder on the host where the files will lie.", without: "the one in the store"}
}

func connectField() field {
	return field{name: "connect", shape: aText, also: []string{"host", "address"}, about: "The server's address for the client's option file, HOST or HOST:PORT.", without: "the option file names none"}
}

func ownerField() field {
	return field{name: "owner", shape: aText, about: "USER or USER:GROUP of this system, who is given the folder of a server.", without: "whoever runs myca"}
}

func nonportableField() field {
	return field{name: "allow_nonportable_subject", shape: aFlag, fallback: false, also: []string{"allow_nonportable", "nonportable"}, about: "Accept a subject that TLS libraries print differently."}
}

// nearest is the field that a key which is none was meant to be, nil when that
// cannot be told.
func nearest(key string, fields []field) *field {
	folded := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(key))
	best, least := -1, 3
	for i, f := range fields {
		if folded == f.name {
			return &fields[i]
		}
		if d := distance(folded, f.name); d < least && d*2 < len(f.name) {
			best, least = i, d
		}
	}
	if best >= 0 {
		return &fields[best]
	}
	for i, f := range fields {
		for _, other := range f.also {
			if folded == other {
				return &fields[i]
			}
		}
	}
	return nil
}

// distance is how many letters have to be put in, left out, replaced, or
// exchanged with their neighbour to make b of a (the optimal string alignment).
func distance(a, b string) int {
	if len(a) > len(b)+2 || len(b) > len(a)+2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// names lists the keys of a table.
func names(fields []field) string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return "the keys are " + strings.Join(list, ", ")
}

// memberPath is the path of a key. One that could not be shown is quoted.
func memberPath(path, key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// elementPath is the path of an element of a list.
func elementPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// keyPattern is the types of keys, or a text with ranges.
func keyPattern() string {
	pattern := ""
	for _, t := range ca.KeyTypes() {
		pattern += string(t) + "|"
	}
	return "^(" + pattern + `.*\{.*)$`
}
