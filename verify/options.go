package verify

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// setting is one program's options, as they are in force.
type setting struct {
	scope
	program optionfile.Program
	options []optionfile.Option // in their order
	inForce map[string]optionfile.Setting
}

// programs are all that read option files of the target: the server, each client
// program, and from MariaDB 10.2 on an application with Connector/C (before, it
// was linked with the library that mysql itself uses).
func programs(v dialect.Version) []optionfile.Program {
	client := v.ClientProgram()
	names := []string{"mysqld", "mysql"}
	if client == "mariadb" {
		names = []string{"mariadbd", "mariadb"}
	}
	if groups := v.ClientGroups(); !v.ClientMariaDBGroup() {
		names = append(names[:1], groups...)
	} else {
		for _, tool := range []string{"dump", "admin", "check", "import", "show", "slap", "binlog"} {
			if client == "mariadb" {
				tool = "-" + tool
			}
			names = append(names, client+tool)
		}
	}
	var list []optionfile.Program
	for _, name := range names {
		list = append(list, optionfile.Program{Version: v, Name: name})
	}
	if v.ClientMariaDBGroup() {
		list = append(list, optionfile.Program{Version: v, ConnectorC: true})
	}
	return list
}

// programName is the program in a sentence.
func programName(p optionfile.Program) string {
	if p.ConnectorC {
		return "Connector/C"
	}
	return p.Name
}

// optionFiles judges what the programs get from the files, read in this order,
// and returns every file that was read.
func (s *survey) optionFiles(place scope, files ...string) (read []string) {
	for _, program := range programs(s.Target) {
		result := optionfile.Read(s.System, program, files...)
		if program.Server() {
			result = s.withPersisted(result, program, place)
		}
		for _, file := range result.Files {
			if !slices.Contains(read, file) {
				read = append(read, file)
				s.examine(Examined{Path: file, Kind: "option file"})
			}
		}
		s.problems(result.Problems)
		s.program(place, program, result)
	}
	return read
}

// withPersisted is the result followed by what SET PERSIST keeps in the data
// folder, as MySQL has it from 8.0 on.
func (s *survey) withPersisted(result optionfile.Result, program optionfile.Program, place scope) optionfile.Result {
	datadir := place.datadir
	for _, in := range optionfile.Settings(result, program) {
		if in.Key == "datadir" && filepath.IsAbs(in.InForce.Value) {
			datadir = in.InForce.Value
		}
	}
	if s.Target.Product != dialect.MySQL || !s.Target.AtLeast(8, 0, 0) || datadir == "" {
		return result
	}
	return result
}

// problems are the findings about what the reader stumbled over.
func (s *survey) problems(list []optionfile.Problem) {
	for _, p := range list {
		where := p.File
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d", p.File, p.Line)
		}
		switch p.Kind {
		case optionfile.Ignored:
			s.add(finding.New(finding.OptionFileIgnored, where, "chmod o-w "+quoted(p.File), "%s", p.Message))
		case optionfile.Unreadable:
			if p.Fatal {
				s.add(finding.New(finding.OptionFileBroken, where, "", "%s", p.Message))
				continue
			}
			s.unseen("%s: %s", where, p.Message)
		default:
			s.add(finding.New(finding.OptionFileBroken, where, "", "%s", p.Message))
		}
	}
}

// program judges one program.
func (s *survey) program(place scope, program optionfile.Program, result optionfile.Result) {
	set := setting{scope: place, program: program, options: result.Options, inForce: map[string]optionfile.Setting{}}
	for _, in := range optionfile.Settings(result, program) {
		set.inForce[in.Key] = in
		if in.Key == "datadir" && filepath.IsAbs(in.InForce.Value) {
			set.datadir = in.InForce.Value
		}
		if !tlsOption(in.Key) {
			continue
		}
		s.report.Options = append(s.report.Options, InForce{Program: programName(program), Option: in.Key,
			Value: shown(in.Key, in.InForce), File: in.InForce.File, Line: in.InForce.Line})
		s.twice(in)
	}
	s.unknown(set)
	s.enabled(set)
	s.versions(set)
	if !program.Server() {
		s.identity(set)
	}
	s.channels(set)
}

// tlsOption is whether an option of that name is one of TLS, known or not.
func tlsOption(key string) bool {
	key = strings.TrimPrefix(key, "admin-")
	return key == "ssl" || strings.HasPrefix(key, "ssl-") || strings.HasPrefix(key, "tls-") ||
		key == "require-secure-transport" || key == "auto-generate-certs"
}

// bare is the name of an option without the words that switch it.
func bare(o optionfile.Option) string {
	name := o.Key()
	for _, word := range []string{"skip-", "disable-", "enable-", "maximum-"} {
		if rest, found := strings.CutPrefix(name, word); found {
			return rest
		}
	}
	return name
}

// shown is the value of an option for a report.
func shown(key string, o optionfile.Option) string {
	if strings.HasSuffix(key, "passphrase") {
		return ""
	}
	return o.Value
}

// at is where an option stands.
func at(o optionfile.Option) string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// text is the option as it stands in its file, without a passphrase.
func text(o optionfile.Option) string {
	if o.HasValue && !strings.HasSuffix(o.Key(), "passphrase") {
		return o.Name + "=" + o.Value
	}
	return o.Name
}

// twice are the findings about options that a later one overrides.
func (s *survey) twice(in optionfile.Setting) {
	for _, o := range in.Overridden {
		s.add(finding.New(finding.OptionTwice, at(o), "", "%s in [%s] is not in force: %s in [%s] at %s is",
			text(o), o.Group, text(in.InForce), in.InForce.Group, at(in.InForce)))
	}
}

// unknown are the findings about options that the program stops at. Connector/C
// passes over what it does not know (libmariadb/ma_default.c).
func (s *survey) unknown(set setting) {
	if set.program.ConnectorC {
		return
	}
	known, what := s.Target.ClientTLSOption, "the client programs of %s do not know %q"
	if set.program.Server() {
		known, what = s.Target.ServerTLSOption, "the server of %s does not know %q"
	}
	for _, o := range set.options {
		if tlsOption(bare(o)) && !o.Loose() && !known(bare(o)) {
			s.add(finding.New(finding.OptionUnknown, at(o), "", what+", which stands in [%s]", s.Target, o.Name, o.Group))
		}
	}
}

// switchedOn is whether a boolean option is on, by the program's rules.
//
//   - my_getopt (mysys/my_getopt.c): no value is on; 1, on and true are on, in any
//     case, all else is off (get_bool_argument). After skip- and disable- it is
//     off, unless the value is 0; after enable- the other way round.
//   - Connector/C (_mariadb_set_conf_option of libmariadb/mariadb_lib.c) hands the
//     value to atoi: what is no number other than 0 is off, so also none, and ON.
func (set setting) switchedOn(o optionfile.Option) bool {
	if set.program.ConnectorC {
		digits := strings.TrimLeft(strings.TrimLeft(o.Value, " \t+-"), "0")
		return digits != "" && digits[0] >= '1' && digits[0] <= '9'
	}
	switch word, _, _ := strings.Cut(o.Key(), "-"); word {
	case "skip", "disable":
		return o.Value == "0"
	case "enable":
		return o.Value != "0"
	}
	return !o.HasValue || slices.Contains([]string{"1", "on", "true"}, strings.ToLower(o.Value))
}

// has is the option in force with a value that is not empty.
func (set setting) has(key string) (optionfile.Option, bool) {
	in, found := set.inForce[key]
	return in.InForce, found && in.InForce.Value != ""
}

// firstOf is the first of the options that is set.
func (set setting) firstOf(keys ...string) (optionfile.Option, bool) {
	for _, key := range keys {
		if o, found := set.has(key); found {
			return o, true
		}
	}
	return optionfile.Option{}, false
}
