package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"myca/optionfile"
)

// placing is the work of putting a text into the option files of some
// programs.
type placing struct {
	sys   optionfile.System
	block string // the name of the marked block
	text  string
	read  func(optionfile.System, optionfile.Program) optionfile.Result
	ours  []reading // what each program would have of the text alone
	now   []reading // and what it has now
	// mode is what a file has to have, 0 for what it has; made is that of one
	// that is made.
	mode, made fs.FileMode
}

// start reads the option files of those programs that take something of text.
func (p *placing) start(programs []optionfile.Program) error {
	for _, program := range programs {
		ours := alone(program, p.text)
		if len(ours.settings) == 0 {
			continue
		}
		now := newReading(program, p.read(p.sys, program))
		for _, problem := range now.result.Problems {
			if problem.Fatal {
				return broken(problem)
			}
		}
		p.ours, p.now = append(p.ours, ours), append(p.now, now)
	}
	if p.ours == nil {
		return &Refusal{Problem: "no program of this version takes any of the options", Fix: "name other option groups: --groups"}
	}
	return nil
}

// resolve follows symbolic links.
func (p *placing) resolve(path string) (string, error) {
	return optionfile.NewOverlay(p.sys, nil).Resolve(path)
}

// files lists the option files that are read, links followed, each once, in
// the order of their first reading.
func (p *placing) files() []string {
	var all []string
	for _, now := range p.now {
		for _, file := range now.result.Files {
			if path, err := p.resolve(file); err == nil && filepath.Base(path) != "mysqld-auto.cnf" && !slices.Contains(all, path) {
				all = append(all, path)
			}
		}
	}
	return all
}

// load reads and parses a file; missing is an empty file.
func (p *placing) load(path string) (file optionfile.File, exists bool, err error) {
	data, err := readFile(p.sys, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return optionfile.File{}, false, err
	}
	return p.now[0].program.Parse(path, data), err == nil, nil
}

// placed lists the files that have the marked block.
func (p *placing) placed(files []string) ([]string, error) {
	var with []string
	for _, path := range files {
		file, _, err := p.load(path)
		if err != nil {
			return nil, err
		}
		_, found, err := file.Block(p.block)
		if err != nil {
			return nil, err
		}
		if found {
			with = append(with, path)
		}
	}
	if len(with) > 1 {
		return nil, &Refusal{Path: with[1], Problem: fmt.Sprintf("both %q and %q have a block of myca", with[0], with[1]),
			Fix: "delete one of the two blocks, with its comments # myca: begin and # myca: end"}
	}
	return with, nil
}

// inForce is the edit that changes nothing, when all is in force already.
func (p *placing) inForce() (Edit, bool, error) {
	for i, now := range p.now {
		if len(now.conflicts(p.ours[i])) > 0 {
			return Edit{}, false, nil
		}
	}
	first, _ := p.now[0].setting(p.ours[0].settings[0].Key)
	path, err := p.resolve(first.InForce.File)
	if err != nil {
		return Edit{}, false, err
	}
	data, err := readFile(p.sys, path)
	if err != nil {
		return Edit{}, false, err
	}
	edit := Edit{Path: path, Old: data, New: data, Notices: p.notices()}
	edit.Mode, err = p.modeOf(path, true)
	return edit, err == nil, err
}

// try puts the text into the marked block of a file, and looks whether it is
// in force then.
func (p *placing) try(path string) (Edit, error) {
	path, err := p.resolve(path)
	if err != nil {
		return Edit{}, err
	}
	file, exists, err := p.load(path)
	if err != nil {
		return Edit{}, err
	}
	changed, err := file.WithBlock(p.block, strings.Split(strings.TrimSuffix(p.text, "\n"), "\n"))
	if err != nil {
		return Edit{}, err
	}
	edit := Edit{Path: path, New: changed.Bytes(), Created: !exists, Notices: p.notices()}
	if exists {
		edit.Old = file.Bytes()
	}
	if edit.Mode, err = p.modeOf(path, exists); err != nil {
		return Edit{}, err
	}
	return edit, p.check(&edit, file, changed)
}

// modeOf is the mode that a file is to have.
func (p *placing) modeOf(path string, exists bool) (fs.FileMode, error) {
	switch {
	case p.mode != 0:
		return p.mode, nil
	case !exists:
		return p.made, nil
	}
	info, err := p.sys.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Mode().Perm(), nil
}

// check reads everything again as it would be after the edit.
func (p *placing) check(edit *Edit, before, after optionfile.File) error {
	over := optionfile.NewOverlay(p.sys, map[string][]byte{edit.Path: edit.New})
	var conflicts []Conflict
	var problems []optionfile.Problem
	var told []optionfile.Option
	for i, now := range p.now {
		then := newReading(now.program, p.read(over, now.program))
		problems = append(problems, then.result.Problems...)
		for _, c := range then.conflicts(p.ours[i]) {
			if !slices.Contains(conflicts, c) {
				conflicts = append(conflicts, c)
			}
		}
		if option, equal := same(p.others(now, before), p.others(then, after)); !equal {
			return &Refusal{Path: edit.Path, Problem: fmt.Sprintf("a block in %q would change what else is read: %q of %q line %d",
				edit.Path, option.Name, option.File, option.Line), Fix: "look at the last line of that file, which has no newline or a NUL"}
		}
		for _, s := range then.overrides(p.ours[i]) {
			s.Overridden = slices.DeleteFunc(slices.Clone(s.Overridden), func(o optionfile.Option) bool { return slices.Contains(told, o) })
			if told = append(told, s.Overridden...); len(s.Overridden) > 0 {
				edit.Overrides = append(edit.Overrides, s)
			}
		}
	}
	if len(conflicts) > 0 {
		return wouldWin(edit.Path, conflicts, problems)
	}
	return nil
}

// others lists the options that do not come from the marked block of a file.
func (p *placing) others(r reading, file optionfile.File) []optionfile.Option {
	block, found, err := file.Block(p.block)
	if err != nil || !found {
		return r.result.Options
	}
	ours := map[string]bool{}
	for _, path := range r.result.Files {
		resolved, err := p.resolve(path)
		ours[path] = err == nil && resolved == file.Path
	}
	return slices.DeleteFunc(slices.Clone(r.result.Options), func(o optionfile.Option) bool {
		return ours[o.File] && o.Line >= block.First && o.Line <= block.Last
	})
}

// same compares options, whatever their line, and returns the first that is
// not the same.
func same(before, after []optionfile.Option) (optionfile.Option, bool) {
	for i, o := range after {
		if i >= len(before) {
			return o, false
		}
		old := before[i]
		if old.Line = o.Line; old != o {
			return o, false
		}
	}
	if len(before) > len(after) {
		return before[len(after)], false
	}
	return optionfile.Option{}, true
}

// notices tells of files whose content is not known.
func (p *placing) notices() []string {
	var all []string
	for _, now := range p.now {
		for _, problem := range now.result.Problems {
			text := fmt.Sprintf("%q: %s: what it may set is not known", problem.File, problem.Message)
			if problem.Kind == optionfile.Unreadable && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}
