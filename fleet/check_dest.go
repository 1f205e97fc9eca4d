package fleet

import (
	"strings"

	"myca/issue"
	"myca/ledger"
)

// sameDest looks for clients that have name and deploy_dir of a server: to what
// reads the inventory both are one host, and their ca-cert.pem and my.cnf would
// have one place. The index is that of the names.
func (s *keys) sameDest() {
	last := len(s.r.m.entries) - 1
	if s.r.m.entries[last].kind == issue.Server { // there are no clients
		return
	}
	for i := range s.taken {
		e, k := s.r.m.locate(i)
		if e.kind != issue.Server {
			return
		}
		dir := e.deployDirAt(k)
		if dir == "" || e.bad[fieldDeployDir] {
			continue
		}
		name := s.nameOf(i)
		wanted := ledger.Client + "/" + name
		for _, other := range s.x.candidates(wanted) {
			f, n := s.r.m.locate(other)
			if s.nameOf(other) != wanted || f.deployDirAt(n) != dir || f.bad[fieldDeployDir] {
				continue
			}
			at, path := f.spot(fieldDeployDir)
			s.report(other, at, path, "deploy_dir: /etc/mysql/client, or another name",
				"%s has the name %q and the deploy_dir %q too: on one host the files of one would take the place of the other's", s.told(i), name, dir)
			break
		}
	}
}

// deployDirAt is the deploy_dir of the identity k without slashes at its end.
func (e *entry) deployDirAt(k int) string { return strings.TrimRight(e.deployDir.at(k), `/\`) }
