package verify

import (
	"path/filepath"
	"slices"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// withoutTLS judges whether the server has no TLS, because the option files name
// no certificate: MySQL makes one in its data folder from 5.7.5 on, MariaDB at
// each start from 11.3 on. A file that is included elsewhere says nothing about
// it.
func (s *survey) withoutTLS(set setting, file string) {
	_, uses := set.firstOf("ssl-cert", "ssl-key", "ssl-ca", "ssl-capath") // with some of them: options-incomplete
	_, off := set.switchedOff(s.Target)
	makes := s.ownCertificate() || s.Target.Product == dialect.MySQL && s.Target.AtLeast(5, 7, 5)
	if uses || off || makes || !set.own || set.pair != nil || !s.mainFile(set.program, file) {
		return
	}
	mend := ""
	if s.Issued != nil {
		mend = "myca mycnf server NAME prints what to add"
	}
	s.add(finding.New(finding.TLSOff, file, mend, "no option of the server names a certificate, and %s has no TLS without ssl-cert and ssl-key", s.Target))
}

// mainFile is whether the file is one that programs read by themselves: it has
// that one's name, or includes others.
func (s *survey) mainFile(program optionfile.Program, file string) bool {
	if slices.Contains([]string{"my.cnf", "my.ini"}, filepath.Base(file)) {
		return true
	}
	data, err := s.System.ReadFile(file)
	return err == nil && slices.ContainsFunc(program.Parse(file, data).Lines, func(line optionfile.Line) bool {
		return line.Kind == optionfile.Include || line.Kind == optionfile.IncludeDir
	})
}
