package verify

import (
	"path/filepath"
	"slices"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// withoutTLS judges by the files that were read, the main one first, whether the server has no TLS, because the option files name
// no certificate: MySQL makes one in its data folder from 5.7.5 on, MariaDB at
// each start from 11.3 on. A file that is included elsewhere says nothing about
// it, nor do files that are not read to their end.
func (s *survey) withoutTLS(set setting, read []string) {
	_, uses := set.firstOf("ssl-cert", "ssl-key", "ssl-ca", "ssl-capath") // with some of them: options-incomplete
	_, off := set.switchedOff(s.Target)
	makes := s.ownCertificate() || s.Target.Product == dialect.MySQL && s.Target.AtLeast(5, 7, 5)
	if uses || off || makes || set.pair != nil || !s.mainFile(set.program, read[0]) || !s.serverGroup(set.program, read) {
		return
	}
	mend := ""
	if s.Issued != nil {
		mend = "myca mycnf server NAME prints what to add"
	}
	s.add(finding.New(finding.TLSOff, read[0], mend, "no option of the server names a certificate, and %s has no TLS without ssl-cert and ssl-key", s.Target))
}

// mainFile is whether the file is one that programs read by themselves: it has
// that one's name, or includes others.
func (s *survey) mainFile(program optionfile.Program, file string) bool {
	if slices.Contains([]string{"my.cnf", "my.ini"}, filepath.Base(file)) {
		return true
	}
	return slices.ContainsFunc(s.lines(program, file), func(line optionfile.Line) bool {
		return line.Kind == optionfile.Include || line.Kind == optionfile.IncludeDir
	})
}

// serverGroup is whether one of the files has a group of the server's alone.
func (s *survey) serverGroup(program optionfile.Program, files []string) bool {
	groups := program.Groups()
	return slices.ContainsFunc(files, func(file string) bool {
		return slices.ContainsFunc(s.lines(program, file), func(line optionfile.Line) bool {
			return line.Kind == optionfile.Group && line.Group != "client-server" && slices.Contains(groups, line.Group)
		})
	})
}

// lines is the lines of an option file, nil when it cannot be read.
func (s *survey) lines(program optionfile.Program, file string) []optionfile.Line {
	data, err := s.System.ReadFile(file)
	if err != nil {
		return nil
	}
	return program.Parse(file, data).Lines
}
