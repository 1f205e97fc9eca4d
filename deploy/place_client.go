package deploy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/dialect"
	"myca/optionfile"
)

// Place says how ~/.my.cnf has to change so that Text is in force for all
// client programs of the version, and for those that the other groups of Text
// are named after. The file gets the mode 0600; a link has to lead to a place
// below the home folder, as the file may be written by root and the folder
// belongs to the user.
//
// The errors are as those of ServerOptions.Place.
func (o ClientOptions) Place() (Edit, error) {
	p := &placing{sys: o.System, block: "client", text: o.Text, mode: 0o600,
		read: func(sys optionfile.System, program optionfile.Program) optionfile.Result {
			return optionfile.ReadStandard(sys, program)
		}}
	path, err := o.path(p)
	if err != nil {
		return Edit{}, err
	}
	if err := p.start(o.programs()); err != nil {
		return Edit{}, err
	}
	placed, err := p.placed([]string{path})
	if err != nil {
		return Edit{}, err
	}
	if len(placed) == 0 {
		if edit, done, err := p.inForce(); err != nil || done && edit.Path == path {
			return edit, err
		}
	}
	edit, err := p.edit([]string{path})
	if err == nil {
		edit.Notices = append(edit.Notices, o.loginPath()...)
	}
	return edit, err
}

// path is ~/.my.cnf, or where that leads.
func (o ClientOptions) path(p *placing) (string, error) {
	file := filepath.Join(o.Home, ".my.cnf")
	home, err := p.resolve(o.Home)
	if err != nil {
		return "", err
	}
	path, err := p.resolve(file)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(path, strings.TrimSuffix(home, "/")+"/") {
		return "", &Refusal{Path: file, Problem: fmt.Sprintf("%q leads to %q, outside of the home folder", file, path),
			Fix: "put a file in the place of the link, or include the other file from it (!include)"}
	}
	return path, nil
}

// programs lists the client programs, by the names of their groups. For
// MariaDB those of MySQL stand for the newer ones too (Program.Groups).
func (o ClientOptions) programs() []optionfile.Program {
	names := o.Version.ClientGroups()
	if o.Version.ClientMariaDBGroup() {
		names = []string{"mysql", "mysqldump", "mysqladmin", "mysqlcheck", "mysqlimport", "mysqlshow", "mysqlslap", "mysqlbinlog"}
	}
	reader := optionfile.Program{Version: o.Version, Home: o.Home}
	for _, line := range reader.Parse("", []byte(o.Text)).Lines {
		if line.Kind == optionfile.Group && !strings.HasPrefix(line.Group, "client") && !slices.Contains(names, line.Group) {
			names = append(names, line.Group)
		}
	}
	programs := make([]optionfile.Program, len(names))
	for i, name := range names {
		programs[i] = reader
		programs[i].Name = name
	}
	return programs
}

// loginPath tells of the file that MySQL's programs (from 5.6.6 on) read after
// all option files, and which only they can read.
func (o ClientOptions) loginPath() []string {
	path := filepath.Join(o.Home, ".mylogin.cnf")
	if o.Version.Product != dialect.MySQL {
		return nil
	}
	if _, err := o.System.Stat(path); err != nil {
		return nil
	}
	return []string{fmt.Sprintf("%q is read last: user, host and password that mysql_config_editor put there under [client] win over ~/.my.cnf", path)}
}
