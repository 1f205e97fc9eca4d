package deploy

import (
	"io/fs"
	"path/filepath"
	"slices"

	"myca/dialect"
	"myca/optionfile"
)

// reading is what a program gets from its option files.
type reading struct {
	program  optionfile.Program
	result   optionfile.Result
	settings []optionfile.Setting
}

func newReading(p optionfile.Program, r optionfile.Result) reading {
	return reading{p, r, optionfile.Settings(r, p)}
}

// setting is what is in force for a key.
func (r reading) setting(key string) (optionfile.Setting, bool) {
	i := slices.IndexFunc(r.settings, func(s optionfile.Setting) bool { return s.Key == key })
	if i < 0 {
		return optionfile.Setting{}, false
	}
	return r.settings[i], true
}

// secret is the value of a setting that Settings does not tell, "" of others.
func (r reading) secret(s optionfile.Setting) string {
	if s.Key != "password" && s.Key != "ssl-passphrase" {
		return ""
	}
	return r.result.Options[r.last(s)].Value
}

// last is the place among the options of the one that is in force.
func (r reading) last(s optionfile.Setting) int {
	for i := len(r.result.Options) - 1; i >= 0; i-- {
		o := r.result.Options[i]
		if o.File == s.InForce.File && o.Line == s.InForce.Line && o.Name == s.InForce.Name {
			return i
		}
	}
	return -1
}

// off is the option that switches TLS off although a wanted setting is in
// force: an ssl=0 or skip-ssl after the last of them. One that stands before
// counts no more, as each option that names a file for TLS switches it on
// ("One can disable SSL later by using --skip-ssl or --ssl=0":
// include/sslopt-case.h and mysqld_get_one_option of sql/mysqld.cc).
func (r reading) off(wanted []optionfile.Setting) (off optionfile.Setting, after, found bool) {
	off, found = r.setting("ssl")
	if !found || !off.Known || off.Value != "0" {
		return off, false, false
	}
	last := -1
	for _, w := range wanted {
		if s, set := r.setting(w.Key); set {
			last = max(last, r.last(s))
		}
	}
	return off, r.last(off) > last, true
}

// conflicts lists what keeps the wanted settings, which the program would get
// from ours alone, from being in force.
func (r reading) conflicts(ours reading) []Conflict {
	var all []Conflict
	for _, want := range ours.settings {
		is, set := r.setting(want.Key)
		if set && is.Value == want.Value && r.secret(is) == ours.secret(want) {
			continue
		}
		all = append(all, Conflict{Key: want.Key, Value: is.Value, Set: is.InForce, Missing: !set})
	}
	if off, after, found := r.off(ours.settings); found && after {
		all = append(all, Conflict{Key: "ssl", Value: "0", Set: off.InForce})
	}
	return all
}

// overrides lists the settings of which ours is in force and another stands
// before it.
func (r reading) overrides(ours reading) []optionfile.Setting {
	var all []optionfile.Setting
	for _, want := range ours.settings {
		if is, set := r.setting(want.Key); set && len(is.Overridden) > 0 {
			all = append(all, is)
		}
	}
	if off, after, found := r.off(ours.settings); found && !after {
		all = append(all, optionfile.Setting{Key: off.Key, Known: true, Value: "1", Overridden: []optionfile.Option{off.InForce}})
	}
	return all
}

// read is what the server of these options reads on a System.
func (o ServerOptions) read(sys optionfile.System, p optionfile.Program) optionfile.Result {
	var r optionfile.Result
	if o.File != "" {
		r = optionfile.Read(sys, p, o.File)
	} else {
		r = optionfile.ReadStandard(sys, p)
	}
	if p.Version.Product != dialect.MySQL || !p.Version.AtLeast(8, 0, 0) {
		return r
	}
	dir := o.DataDir
	for _, s := range optionfile.Settings(r, p) {
		switch {
		case s.Key == "persisted-globals-load" && s.Value == "0":
			return r
		case s.Key == "datadir" && dir == "":
			dir = s.Value
		}
	}
	if dir == "" {
		dir = "/var/lib/mysql"
	}
	return r.Then(optionfile.ReadPersisted(sys, dir))
}

// alone is what a program gets from the text of one file.
func alone(p optionfile.Program, text string) reading {
	const file = "/my.cnf"
	sys := optionfile.NewOverlay(nothing{}, map[string][]byte{file: []byte(text)})
	return newReading(p, optionfile.Read(sys, p, file))
}

// nothing is a System without files.
type nothing struct{}

func (nothing) ReadFile(path string) ([]byte, error)  { return nil, missing("open", path) }
func (nothing) Stat(path string) (fs.FileInfo, error) { return nil, missing("stat", path) }
func (nothing) ReadDir(path string) ([]string, error) { return nil, missing("open", path) }

func missing(op, path string) error { return &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist} }

// recorder is a System that notes which folders were read, in order: those of
// the !includedir lines.
type recorder struct {
	optionfile.System
	folders []string
}

func (r *recorder) ReadDir(path string) ([]string, error) {
	names, err := r.System.ReadDir(path)
	if err == nil {
		r.folders = append(r.folders, filepath.Clean(path))
	}
	return names, err
}
