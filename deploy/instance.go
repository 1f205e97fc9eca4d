package deploy

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"myca/dialect"
	"myca/live"
	"myca/optionfile"
)

// usualDataDir is where servers of packages have their data when no option says
// so.
const usualDataDir = "/var/lib/mysql"

// sameInstance refuses option files that are not those of the running server, as
// far as the two contradict each other: options would land at another server.
func (s Server) sameInstance(site site) error {
	if s.Running == nil {
		return nil
	}
	r, told := s.Options.said(), s.Options.File != ""
	hint := "--mycnf FILE, the option file that this server was started with (--defaults-file); or --socket FILE of the server that reads these"
	refuse := func(what, running, written string) error {
		return fail(ErrRefused, hint, "the option files are not those of the running server: it has %s %q, and they say %q", what, running, written)
	}
	_, named := r.setting("datadir")
	if running := s.Facts.DataDir; running != "" && (named || !told) && !samePath(running, site.saidDir) {
		return refuse("the data folder", running, site.saidDir)
	}
	if setting, found := r.setting("port"); found && s.Facts.Listens.Port != 0 && setting.Value != strconv.Itoa(s.Facts.Listens.Port) {
		if _, err := strconv.Atoi(setting.Value); err == nil && setting.Value != "0" {
			return refuse("the port", strconv.Itoa(s.Facts.Listens.Port), setting.Value)
		}
	}
	if setting, found := r.setting("socket"); found && setting.Value != "" && s.Facts.Listens.Socket != "" {
		running, written := whole(s.Facts.DataDir, s.Facts.Listens.Socket), whole(site.saidDir, setting.Value)
		if !samePath(running, written) {
			return refuse("the socket", running, written)
		}
	}
	if told || mysqlGenerated(s.Facts) || site.has == site.paths {
		return nil
	}
	for _, v := range []struct{ name, has, written string }{
		{"ssl_ca", site.has.CA, site.written.CA}, {"ssl_cert", site.has.Cert, site.written.Cert}, {"ssl_key", site.has.Key, site.written.Key},
	} {
		if v.has != "" && v.written == "" {
			return fail(ErrRefused, hint, "the option files are not those of the running server: it has %s=%q, which they do not say", v.name, v.has)
		}
	}
	return nil
}

// samePath compares two paths, links followed where they lead somewhere.
func samePath(a, b string) bool {
	for _, path := range []*string{&a, &b} {
		*path = filepath.Clean(*path)
		if real, err := filepath.EvalSymlinks(*path); err == nil {
			*path = real
		}
	}
	return a == b
}

// said is what the option files say without the persisted settings, which lie
// where the server itself can write.
func (o ServerOptions) said() reading {
	o.System, o.DataDir = unpersisted{o.System}, ""
	return o.reading()
}

// Listens are the addresses of this machine that the option files name, the
// socket first.
func (o ServerOptions) Listens() []live.Address {
	r := o.said()
	var list []live.Address
	if setting, found := r.setting("socket"); found && setting.Value != "" {
		list = append(list, live.Address{Socket: whole(r.datadir(), setting.Value)})
	}
	if setting, found := r.setting("port"); found {
		if port, err := strconv.Atoi(setting.Value); err == nil && port > 0 && port < 1<<16 {
			list = append(list, live.Address{Host: "127.0.0.1", Port: port})
		}
	}
	return list
}

// datadir is the data folder by the options, else the usual one.
func (r reading) datadir() string {
	if setting, found := r.setting("datadir"); found && setting.Value != "" {
		return filepath.Clean(setting.Value)
	}
	return usualDataDir
}

// otherChannels tell of what the reload leaves out: the X plugin, which is on
// from MySQL 8.0.11 on unless it is switched off and reads its files when it
// starts, and the channel of the administrative interface where that has files of
// its own (MySQL manual, ALTER INSTANCE and Using Encrypted Connections with X
// Plugin).
func (s Server) otherChannels(p *ServerPlan) []string {
	v := s.Options.Version
	if p.State != Reloaded || v.Product != dialect.MySQL || !v.AtLeast(8, 0, 11) {
		return nil
	}
	on, admin := true, ""
	for _, o := range s.Options.reading().result.Options {
		switch o.Key() {
		case "mysqlx":
			on = o.Value != "0" && o.Value != "OFF" && o.Value != "off"
		case "skip-mysqlx", "disable-mysqlx":
			on = false
		case "admin-ssl-cert":
			admin = o.Value
		}
	}
	var list []string
	if on {
		list = append(list, "the X plugin (port 33060), where it is active, presents its former certificate until the next restart: the reload does not reach it")
	}
	if admin != "" {
		list = append(list, fmt.Sprintf("the administrative interface keeps its own certificate %q (admin_ssl_cert)", admin))
	}
	return list
}

// unpersisted is a System without the settings of SET PERSIST.
type unpersisted struct{ optionfile.System }

func (u unpersisted) ReadFile(path string) ([]byte, error) {
	if filepath.Base(path) == persisted {
		return nil, missing("open", path)
	}
	return u.System.ReadFile(path)
}

func (u unpersisted) Stat(path string) (fs.FileInfo, error) {
	if filepath.Base(path) == persisted {
		return nil, missing("stat", path)
	}
	return u.System.Stat(path)
}
