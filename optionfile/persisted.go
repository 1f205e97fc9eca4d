package optionfile

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// ReadPersisted reads the settings that SET PERSIST of MySQL (from 8.0 on)
// keeps in mysqld-auto.cnf of the data folder. They count after the option
// files and after the command line, unless persisted-globals-load is off. They
// come in the order of their names; each is there once.
//
// The file is JSON. Version 1 has them in mysql_server and, those that count
// at a start only, below that in mysql_server_static_options; version 2 in
// mysql_static_variables, mysql_dynamic_variables and two more for what is
// needed early (sql/persisted_variable.cc). What is encrypted there is not read.
//
// No such file: an empty Result. A file with other content keeps the server
// from starting; one that everybody can write is ignored.
func ReadPersisted(sys System, datadir string) Result {
	var r Result
	path := filepath.Join(datadir, "mysqld-auto.cnf")
	info, err := sys.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r
	case err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o002 != 0:
		r.Problems = []Problem{{Kind: Ignored, File: path, Message: "everybody can write it, so it is ignored"}}
		return r
	case err == nil && (!info.Mode().IsRegular() || info.Size() > budget):
		r.Problems = []Problem{{Kind: Unreadable, File: path, Message: "no regular file, or too large"}}
		return r
	}
	var data []byte
	if err == nil {
		data, err = sys.ReadFile(path)
	}
	if err != nil {
		r.Problems = []Problem{{Kind: Unreadable, File: path, Message: "it cannot be read"}}
		return r
	}
	r.Files = []string{path}
	values, ok := persisted(data)
	if !ok {
		r.Problems = []Problem{{Kind: Broken, File: path, Message: "it is not the JSON that SET PERSIST writes", Fatal: true}}
	}
	for name, value := range values {
		r.Options = append(r.Options, Option{Name: name, Value: value, HasValue: true, File: path})
	}
	slices.SortFunc(r.Options, func(a, b Option) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// persisted collects the values of all sections.
func persisted(data []byte) (map[string]string, bool) {
	var file map[string]json.RawMessage
	if json.Unmarshal(data, &file) != nil || file["Version"] == nil {
		return nil, false
	}
	values := map[string]string{}
	for _, name := range []string{"mysql_server", "mysql_dynamic_parse_early_variables", "mysql_static_parse_early_variables",
		"mysql_dynamic_variables", "mysql_static_variables"} {
		if file[name] == nil {
			continue
		}
		var section map[string]json.RawMessage
		if json.Unmarshal(file[name], &section) != nil {
			return values, false
		}
		if static := section["mysql_server_static_options"]; static != nil {
			delete(section, "mysql_server_static_options")
			if !collect(static, values) {
				return values, false
			}
		}
		if !collectAll(section, values) {
			return values, false
		}
	}
	return values, true
}

func collect(data json.RawMessage, values map[string]string) bool {
	var section map[string]json.RawMessage
	return json.Unmarshal(data, &section) == nil && collectAll(section, values)
}

// collectAll takes the Value of each member. The first releases of 8.0 wrote
// plain strings.
func collectAll(section map[string]json.RawMessage, values map[string]string) bool {
	for name, data := range section {
		var member struct{ Value string }
		if json.Unmarshal(data, &member) != nil && json.Unmarshal(data, &member.Value) != nil {
			return false
		}
		values[name] = member.Value
	}
	return true
}
