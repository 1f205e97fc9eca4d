package deploy

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"myca/ca"
	"myca/dialect"
	"myca/live"
	"myca/optionfile"
	"myca/templates"
	"myca/verify"
)

// takesPlace reports whether the files in force are to be replaced where they
// are: those of the pair itself, or of a MariaDB, which cannot change paths while
// it runs. why is the reason when only something in particular is against it.
//
// What the server says of itself is not enough for that, as it may be another
// program that answers: the option files have to say the same, or the files lie
// in the data folder that these name, and they have to be what the server
// presents, with its key.
func (s Server) takesPlace(ctx context.Context, site site) (takes bool, why string, err error) {
	has := site.has
	if has.CA == has.Cert || has.Cert == has.Key || has.Key == has.CA {
		return false, "", nil
	}
	for _, path := range []string{has.CA, has.Cert, has.Key} {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || !strings.HasPrefix(path, "/") {
			return false, "", nil
		}
	}
	chain := s.certificates(has.Cert)
	mine := len(chain) > 0 && s.Mine(chain[0])
	if s.Options.Version.Product != dialect.MariaDB && !mine {
		return false, "", nil
	}
	if len(chain) == 0 {
		return false, fmt.Sprintf("%q has no certificate", has.Cert), nil
	}
	for _, reason := range []string{s.notSaid(site), s.notOwned(has), s.loose(has), s.notPair(has, chain[0])} {
		if reason != "" {
			return false, reason, nil
		}
	}
	if reason, err := s.notShown(ctx, chain[0]); reason != "" || err != nil {
		return false, reason, err
	}
	if !mine && !s.own(site, chain) {
		return false, fmt.Sprintf("%q lies in no folder of the server's own, and other programs may use it", has.Cert), nil
	}
	return true, "", nil
}

// notSaid is a file in force that the option files do not name, and that is not
// in the data folder that they name.
func (s Server) notSaid(site site) string {
	for _, f := range []struct{ has, said string }{{site.has.CA, site.said.CA}, {site.has.Cert, site.said.Cert}, {site.has.Key, site.said.Key}, {site.has.CRL, site.said.CRL}} {
		if f.has != f.said && filepath.Dir(f.has) != filepath.Clean(site.saidDir) {
			return fmt.Sprintf("the option files do not name %q", f.has)
		}
	}
	return ""
}

// notOwned is a folder of the files that belongs neither to root nor to the
// server's user.
func (s Server) notOwned(has live.Files) string {
	owners := []int{0, os.Geteuid()}
	if s.Owner != nil {
		owners = append(owners, s.Owner.UID)
	}
	if user, err := s.Machine.User(s.User); err == nil {
		owners = append(owners, user.UID)
	}
	for _, path := range []string{has.CA, has.Cert, has.Key} {
		folder := filepath.Dir(path)
		info, err := s.Machine.Stat(folder)
		if err != nil {
			return err.Error()
		}
		if uid, _, known := s.Machine.Owner(info); !known || !slices.Contains(owners, uid) {
			return fmt.Sprintf("the folder %q belongs neither to root nor to the server's user", folder)
		}
	}
	return ""
}

// loose is a folder above those of the files that others than root and who runs
// this can exchange for another between two steps, so that root would write
// somewhere else: one of theirs, or one that everybody or a group can write in.
func (s Server) loose(has live.Files) string {
	for _, path := range []string{has.CA, has.Cert, has.Key} {
		folder := filepath.Dir(path)
		real, err := filepath.EvalSymlinks(folder)
		if err != nil {
			return err.Error()
		}
		for _, start := range []string{folder, real} {
			for child, above := start, filepath.Dir(start); above != child; child, above = above, filepath.Dir(above) {
				info, err := s.Machine.Stat(above)
				if err != nil {
					return err.Error()
				}
				uid, _, known := s.Machine.Owner(info)
				if !known || uid != 0 && uid != os.Geteuid() || info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0 {
					return fmt.Sprintf("others than root can exchange what is in the folder %q", above)
				}
			}
		}
	}
	return ""
}

// notPair is why the key file does not hold the key of the certificate.
func (s Server) notPair(has live.Files, cert *x509.Certificate) string {
	data, err := s.Machine.ReadFile(has.Key)
	if err != nil {
		return err.Error()
	}
	key, err := ca.DecodeKey(data)
	if err != nil {
		return fmt.Sprintf("%q is not the key of %q: %v", has.Key, has.Cert, err)
	}
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(cert.PublicKey) {
		return fmt.Sprintf("%q is not the key of %q", has.Key, has.Cert)
	}
	return ""
}

// notShown is why the server does not have the certificate of its file in force.
// One of the pair itself needs no such proof.
func (s Server) notShown(ctx context.Context, cert *x509.Certificate) (string, error) {
	leaf, _, err := s.parse()
	if err != nil || s.Running == nil || s.Mine(cert) || bytes.Equal(leaf.Raw, cert.Raw) {
		return "", err
	}
	chain, err := s.Running.Presented(ctx)
	if err != nil {
		return "", err
	}
	if len(chain) == 0 || !bytes.Equal(chain[0].Raw, cert.Raw) {
		return "the server does not present the certificate of its file", nil
	}
	return "", nil
}

// own reports whether nobody but the server should use the files: its
// certificate is the store's or boilerplate, or lies in the data folder or in a
// folder of the server's own.
func (s Server) own(site site, chain []*x509.Certificate) bool {
	if s.issued(chain[0]) {
		return true
	}
	rules := s.Rules
	rules.Hosts = nil
	for _, f := range rules.Certificate(verify.Presented{Where: site.has.Cert, Role: verify.Server, Chain: chain}) {
		if isBoilerplate(f.ID) {
			return true
		}
	}
	for _, folder := range []string{site.saidDir, s.Default, "/etc/mysql", "/etc/my.cnf.d", "/etc/mariadb"} {
		if folder != "" && strings.HasPrefix(site.has.Cert, strings.TrimSuffix(filepath.Clean(folder), "/")+"/") {
			return true
		}
	}
	return false
}

// unshared refuses to replace files in their places that another option of the
// option files names, too. The bundle may be the clients': they need the new one.
func (s Server) unshared(has live.Files) error {
	r := s.Options.reading()
	_, each := optionfile.Resolve(r.result, r.program)
	for _, file := range r.result.Files {
		data, err := s.Options.System.ReadFile(file)
		if err != nil || filepath.Base(file) == persisted {
			continue
		}
		for _, line := range r.program.Parse(file, data).Lines {
			if line.Kind != optionfile.Assignment || slices.ContainsFunc(each, func(one optionfile.Setting) bool {
				return one.InForce.File == file && one.InForce.Line == line.Number && strings.HasPrefix(one.Key, "ssl-")
			}) {
				continue
			}
			key := optionfile.Option{Name: line.Name}.Key()
			for _, path := range []string{has.CA, has.Cert, has.Key} {
				if path == has.CA && key == "ssl-ca" || !hasPath(line.Value, path) {
					continue
				}
				return fail(ErrRefused, "--deploy-dir "+templates.Shell(s.Default)+" leaves it alone",
					"%q would be replaced, and %s in [%s] at %s:%d needs it, too", path, line.Name, line.Group, file, line.Number)
			}
		}
	}
	return nil
}

// persisted is where MySQL keeps what SET PERSIST sets.
const persisted = "mysqld-auto.cnf"

// hasPath reports whether the value has the path in it, as wsrep_provider_options
// do between others.
func hasPath(value, path string) bool {
	for rest := value; ; {
		i := strings.Index(rest, path)
		if i < 0 {
			return false
		}
		rest = rest[i+len(path):]
		if rest == "" || strings.ContainsAny(rest[:1], "; ,'\"\t") {
			return true
		}
	}
}

// free refuses to overwrite the pair of another server of the store, unless the
// options of this one say that its files lie there.
func (s Server) free(site site) error {
	if s.Whose == nil || site.said.Cert == site.paths.Cert {
		return nil
	}
	chain := s.certificates(site.paths.Cert)
	if len(chain) == 0 {
		return nil
	}
	if other := s.Whose(chain[0]); other != "" && other != s.Name {
		return fail(ErrRefused, "--deploy-dir "+templates.Shell(filepath.Join(s.Default, s.Name)),
			"%q is the certificate of the server %s of this store, and would be overwritten with that of %s", site.paths.Cert, other, s.Name)
	}
	return nil
}
