package verify

import (
	"path/filepath"
	"slices"
	"strings"

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
	switch {
	case uses || off || makes || set.pair != nil:
		return
	case !s.mainFile(set.program, read[0]) || !s.serverGroup(set.program, read):
		s.demanded(set)
		return
	}
	mend := ""
	if s.Issued != nil {
		mend = "myca mycnf server NAME prints what to add"
	}
	s.add(finding.New(finding.TLSOff, read[0], mend, "no option of the server names a certificate, and %s has no TLS without ssl-cert and ssl-key", s.Target))
}

// demanded judges options of a server that want TLS, in a file that names no
// certificate for it.
func (s *survey) demanded(set setting) {
	for _, key := range []string{"require-secure-transport", "ssl"} {
		if in := set.inForce[key]; in.Known && in.Value == "1" {
			s.add(finding.New(finding.OptionsIncomplete, at(in.InForce), s.complete(channel{setting: set}),
				"%s in [%s], but neither ssl-cert nor ssl-key: %s has no TLS without a certificate", text(in.InForce), in.InForce.Group, s.Target))
			return
		}
	}
}

// cluster notes that what Galera encrypts its own connections with was not looked
// at: its library reads those options, and the server does not.
func (s *survey) cluster(options []optionfile.Option) {
	for _, o := range options {
		if strings.EqualFold(o.Key(), "wsrep-provider-options") && strings.Contains(o.Value, "socket.ssl") {
			s.unseen("%s: the files that %s names for the connections within the cluster (socket.ssl_…) were not looked at", at(o), o.Name)
		}
	}
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
