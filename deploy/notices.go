package deploy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/dialect"
	"myca/live"
)

// notices tell what the plan does not show.
func (s Server) notices(site site, p *ServerPlan) []string {
	list := append(slices.Clone(p.Disk.Notices), p.Edit.Notices...)
	for _, setting := range p.Edit.Overrides {
		for _, o := range setting.Overridden {
			where := fmt.Sprintf("%q", o.File)
			if o.Line > 0 {
				where += fmt.Sprintf(" line %d", o.Line)
			}
			list = append(list, fmt.Sprintf("%s in %s is overridden by the new one", o.Name, where))
		}
	}
	list = append(list, s.commandLine(site)...)
	if site.inPlace && p.filesChange() {
		list = append(list, fmt.Sprintf("the files are replaced where they lie, in %q: other programs that use them get the new ones", filepath.Dir(site.paths.Cert)))
	}
	if site.why != "" && site.written != site.paths {
		list = append(list, "the files in force are not replaced where they lie: "+site.why)
	}
	list = append(list, s.otherChannels(p)...)
	if site.has.CAPath != "" {
		list = append(list, fmt.Sprintf("the server also trusts the CAs in the folder %q (ssl-capath)", site.has.CAPath))
	}
	return append(list, s.confinement(site.paths)...)
}

// filesChange reports whether any but the option file does.
func (p *ServerPlan) filesChange() bool {
	return slices.ContainsFunc(p.Wanted, func(w Wanted) bool { return w.Changed })
}

// commandLine tells of settings of the running server that do not come from its
// option files: on the command line they win at the next start.
func (s Server) commandLine(site site) []string {
	if s.Running == nil {
		return nil
	}
	found := mysqlGenerated(s.Facts)
	var names []string
	for _, v := range []struct{ name, has, written string }{
		{"ssl_ca", site.has.CA, site.written.CA}, {"ssl_cert", site.has.Cert, site.written.Cert}, {"ssl_key", site.has.Key, site.written.Key},
	} {
		if v.has != "" && v.has != v.written && !found {
			names = append(names, fmt.Sprintf("%s=%q", v.name, v.has))
		}
	}
	if names == nil {
		return nil
	}
	return []string{fmt.Sprintf("the running server has %s, which its option files do not say: if it gets them on its command line, they win at its next start", strings.Join(names, ", "))}
}

// mysqlGenerated reports whether the server has the files that MySQL makes, or
// finds, in its data folder when no option names any (auto_detect_ssl of
// sql/ssl_init_callback.cc).
func mysqlGenerated(f live.Facts) bool {
	c := f.Configured
	return f.Version.Product == dialect.MySQL && c.CA == "ca.pem" && c.Cert == "server-cert.pem" && c.Key == "server-key.pem"
}
