package deploy

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"myca/templates"
)

// enterable refuses a folder for the files that the server's user cannot get to,
// as far as it is there already: what is made on the way lets everybody through.
// Where it is not known who that is, or an access control list decides, the files
// themselves are judged later.
func (s Server) enterable(site site) error {
	user, err := s.Machine.User(s.User)
	if err != nil || user.UID == 0 || site.inPlace {
		return nil
	}
	folder, err := resolve(filepath.Dir(site.paths.Key), true)
	if err != nil {
		return err
	}
	for at := folder; ; at = filepath.Dir(at) {
		info, err := s.Machine.Stat(at)
		if err == nil && !s.Machine.Listed(at) && !s.searches(info, user.UID, user.Groups) {
			return fail(ErrRefused, s.elsewhere(), "the server's user %q cannot enter %q (mode %04o), on the way to %q", s.User, at, info.Mode().Perm(), folder)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// elsewhere is the hint to take a folder that the server reads.
func (s Server) elsewhere() string {
	return "leave out --deploy-dir, or name a folder that the server's user can enter: --deploy-dir " + templates.Shell(s.Default)
}

// searches reports whether mode and owner of a folder let the user through
// (inode(7)).
func (s Server) searches(info fs.FileInfo, uid int, groups []int) bool {
	owner, group, known := s.Machine.Owner(info)
	mode := info.Mode().Perm()
	switch {
	case !known:
		return true
	case owner == uid:
		mode >>= 6
	case slices.Contains(groups, group):
		mode >>= 3
	}
	return mode&1 != 0
}

// newAuthority reports whether clients that verified the server so far cannot
// with the new certificate: it is of another CA, and the former one not of the
// store, whose rotation hands out both.
func (s Server) newAuthority(former, leaf *x509.Certificate, bundle []*x509.Certificate) bool {
	if former == nil || s.issued(former) || bytes.Equal(former.Raw, leaf.Raw) {
		return false
	}
	return !slices.ContainsFunc(bundle, func(c *x509.Certificate) bool {
		return leaf.CheckSignatureFrom(c) == nil && former.CheckSignatureFrom(c) == nil
	})
}

// former is the certificate that the server has so far: what it presents, else
// that of its file; nil for none.
func (s Server) former(site site, presented []*x509.Certificate) *x509.Certificate {
	if len(presented) == 0 && s.Running == nil {
		presented = s.certificates(site.has.Cert)
	}
	if len(presented) == 0 {
		return nil
	}
	return presented[0]
}

// leftBehind tells of the folder that the pair lay in so far.
func (s Server) leftBehind(site site) []string {
	chain := s.certificates(site.has.Cert)
	if site.inPlace || site.has.Key == "" || site.has.Key == site.paths.Key || len(chain) == 0 || !s.Mine(chain[0]) {
		return nil
	}
	if _, err := os.Lstat(site.has.Key); err != nil {
		return nil
	}
	return []string{fmt.Sprintf("the private key in %q, where the pair lay so far, stays: remove it once the server runs with the new files", site.has.Key)}
}
