package verify

import (
	"fmt"
	"path/filepath"
	"slices"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// setting is one program's options, as they are in force.
type setting struct {
	scope
	program optionfile.Program
	// given is what each option sets by itself, in their order.
	given   []optionfile.Setting
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
		result := s.reading.Read(program, files...)
		here := place
		if program.Server() {
			result, here.datadir = s.withPersisted(result, program, place.datadir)
		}
		for _, file := range result.Files {
			if !slices.Contains(read, file) {
				read = append(read, file)
				s.examine(Examined{Path: file, Kind: "option file"})
			}
		}
		s.problems(program, result.Problems)
		set := s.program(here, program, result)
		if program.Server() && len(files) == 1 && len(result.Files) > 0 && len(result.Problems) == 0 {
			s.withoutTLS(set, result.Files)
		}
	}
	return read
}

// withPersisted is the result followed by what SET PERSIST keeps in the data
// folder, as MySQL has it from 8.0 on; and the data folder, "" when it is not
// known.
func (s *survey) withPersisted(result optionfile.Result, program optionfile.Program, datadir string) (optionfile.Result, string) {
	load := true
	for _, in := range optionfile.Settings(result, program) {
		switch {
		case in.Key == "datadir" && filepath.IsAbs(in.Value):
			datadir = in.Value
		case in.Key == "persisted-globals-load":
			load = in.Value == "1"
		}
	}
	if s.Target.Product != dialect.MySQL || !s.Target.AtLeast(8, 0, 0) || datadir == "" || !load {
		return result, datadir
	}
	return result.Then(optionfile.ReadPersisted(s.System, datadir)), datadir
}

// problems are the findings about what the reader stumbled over. What only
// Connector/C passes over, such as an option without a value, is meant for other
// programs.
func (s *survey) problems(program optionfile.Program, list []optionfile.Problem) {
	for _, p := range list {
		if program.ConnectorC && p.Kind == optionfile.Passed {
			continue
		}
		where := p.File
		if p.Line > 0 {
			where = fmt.Sprintf("%s:%d", p.File, p.Line)
		}
		switch p.Kind {
		case optionfile.Ignored:
			s.add(finding.New(finding.OptionFileIgnored, where, "chmod o-w "+quoted(p.File), "%s", p.Message))
		case optionfile.Unreadable:
			s.unseen("%s: %s", where, p.Message)
		default:
			s.add(finding.New(finding.OptionFileBroken, where, "", "%s", p.Message))
		}
	}
}

// program judges one program.
func (s *survey) program(place scope, program optionfile.Program, result optionfile.Result) setting {
	settings, each := optionfile.Resolve(result, program)
	set := setting{scope: place, program: program, given: each, inForce: map[string]optionfile.Setting{}}
	for _, in := range settings {
		set.inForce[in.Key] = in
		if slices.Contains([]string{"user", "host", "port", "socket", "password", "datadir", "persisted-globals-load"}, in.Key) {
			continue
		}
		s.report.Options = append(s.report.Options, InForce{Program: programName(program), Option: in.Key,
			Value: in.Value, File: in.InForce.File, Line: in.InForce.Line})
		s.twice(in)
	}
	if program.Server() {
		s.cluster(result.Options)
	}
	s.unknown(set)
	s.enabled(set)
	s.versions(set)
	if program.Server() {
		s.dataFolder(set)
	} else {
		s.identity(set)
	}
	s.channels(set)
	return set
}

// dataFolder judges whether the server's user can read the data folder that the
// options name.
func (s *survey) dataFolder(set setting) {
	if _, named := set.has("datadir"); !named || set.pair != nil {
		return
	}
	if info, err := s.System.Stat(set.datadir); err != nil || !info.IsDir() {
		return
	}
	if user := s.reader(set); user != nil {
		s.add(s.readable(*user, set.datadir, false)...)
	}
}

// at is where an option stands.
func at(o optionfile.Option) string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// text is the option as it stands in its file, without what may be secret.
func text(o optionfile.Option) string {
	if o.HasValue && !o.Hidden {
		return o.Name + "=" + o.Value
	}
	return o.Name
}

// twice is the finding about an option that a later one overrides, at the first
// place of several. What myca has put after the options of a package is meant to
// win.
func (s *survey) twice(in optionfile.Setting) {
	if len(in.Overridden) == 0 || s.marked(in.InForce) {
		return
	}
	o, more := in.Overridden[0], ""
	if n := len(in.Overridden) - 1; n > 0 {
		more = fmt.Sprintf("; nor are %d others of that option", n)
	}
	s.add(finding.New(finding.OptionTwice, at(o), "", "%s in [%s] is not in force: %s in [%s] at %s is%s",
		text(o), o.Group, text(in.InForce), in.InForce.Group, at(in.InForce), more))
}

// marked reports whether the option stands in a block that myca made.
func (s *survey) marked(o optionfile.Option) bool {
	data, err := s.System.ReadFile(o.File)
	if err != nil {
		return false
	}
	file := optionfile.Parse(o.File, data)
	for _, name := range []string{"server", "client"} {
		if block, found, err := file.Block(name); found && err == nil && block.First < o.Line && o.Line < block.Last {
			return true
		}
	}
	return false
}

// unknown are the findings about options that the program stops at. Connector/C
// passes over what it does not know (libmariadb/ma_default.c).
func (s *survey) unknown(set setting) {
	if set.program.ConnectorC {
		return
	}
	who := "the client programs of %s do not know"
	if set.program.Server() {
		who = "the server of %s does not know"
	}
	about := s.about[set.program.Server()]
	for _, in := range set.given {
		o := in.InForce
		if tls, ok := about.Option(o.Name); ok && !tls.Known && !tls.Loose {
			meant, mend := near(tls.Key, about.Names()), ""
			if meant != "" {
				mend = "did you mean " + meant + "? else remove the option, or write loose- before its name"
			}
			s.add(finding.New(finding.OptionUnknown, at(o), mend, who+" %q, which stands in [%s]", s.Target, o.Name, o.Group))
		}
	}
}

// has is the option in force, if the program knows it and its value is not
// empty.
func (set setting) has(key string) (optionfile.Option, bool) {
	in, found := set.inForce[key]
	return in.InForce, found && in.Known && in.InForce.Value != ""
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
