package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"myca/dialect"
	"myca/optionfile"
)

// dropIn is the name of a file in a folder of option files. It sorts behind
// those that packages bring, as the last option wins.
const dropIn = "zz-myca.cnf"

// Place says how the option files of the server have to change so that Text is
// in force:
//
//   - nothing, when all of it is in force and no block of myca is there;
//   - the marked block that myca made before, wherever it is;
//   - a file zz-myca.cnf in the last folder that an !includedir names;
//   - a marked block at the end of the last option file with a group of the
//     server, else of the one before, else of one without such a group;
//   - a new file in the first standard place that can be made.
//
// The first that makes Text be in force is taken. When none does, the *Refusal
// tells of the first what would win over it. Other errors: option files with
// which the server does not start, an *optionfile.BlockError, and those of the
// System.
func (o ServerOptions) Place() (Edit, error) {
	program := optionfile.Program{Version: o.Version, Name: "mysqld", Home: o.Home}
	if o.Version.Product == dialect.MariaDB {
		program.Name = "mariadbd"
	}
	record := &recorder{System: o.System}
	p := &placing{sys: o.System, block: "server", text: o.Text, read: o.read, made: 0o644}
	if err := p.start([]optionfile.Program{program}); err != nil {
		return Edit{}, err
	}
	o.read(record, program)
	files := p.files()
	if placed, err := p.placed(files); err != nil {
		return Edit{}, err
	} else if len(placed) == 1 {
		return p.edit(placed)
	}
	if edit, done, err := p.inForce(); done || err != nil {
		return edit, err
	}
	if len(files) > 0 {
		return p.edit(p.candidates(record.folders, files))
	}
	for _, problem := range p.now[0].result.Problems {
		if problem.Kind == optionfile.Unreadable {
			return Edit{}, broken(problem)
		}
	}
	return o.create(p, program)
}

// edit tries files until the text is in force.
func (p *placing) edit(paths []string) (Edit, error) {
	var first error
	for _, path := range paths {
		edit, err := p.try(path)
		if err == nil {
			return edit, nil
		}
		if first == nil {
			first = err
		}
		if !errors.As(err, new(*Refusal)) {
			break
		}
	}
	return Edit{}, first
}

// candidates lists the files that the text can go into, the best one first.
func (p *placing) candidates(folders, files []string) []string {
	var paths []string
	if len(folders) > 0 {
		paths = append(paths, filepath.Join(folders[len(folders)-1], dropIn))
	}
	groups := p.now[0].program.Groups()
	var others []string
	for _, path := range slices.Backward(files) {
		if file, _, err := p.load(path); err == nil && hasGroup(file, groups) {
			paths = append(paths, path)
		} else {
			others = append(others, path)
		}
	}
	return append(paths, others...)
}

// hasGroup reports whether the file has one of the groups, other than the one
// that clients read too.
func hasGroup(file optionfile.File, groups []string) bool {
	return slices.ContainsFunc(file.Lines, func(line optionfile.Line) bool {
		return line.Kind == optionfile.Group && slices.ContainsFunc(groups, func(g string) bool {
			return g != "client-server" && strings.EqualFold(g, line.Group)
		})
	})
}

// create makes the first option file of an installation: /etc/mysql/my.cnf
// where there is /etc/mysql, else /etc/my.cnf.
func (o ServerOptions) create(p *placing, program optionfile.Program) (Edit, error) {
	places := slices.Clone(program.Standard(""))
	slices.Reverse(places)
	for _, path := range places {
		resolved, err := p.resolve(path)
		if err != nil {
			continue
		}
		if info, err := o.System.Stat(filepath.Dir(resolved)); err == nil && info.IsDir() {
			return p.try(resolved)
		}
	}
	return Edit{}, &fs.PathError{Op: "create", Path: places[0], Err: fmt.Errorf("no folder of option files: %w", fs.ErrNotExist)}
}
