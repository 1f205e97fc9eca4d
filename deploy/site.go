package deploy

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/live"
	"myca/optionfile"
	"myca/templates"
)

// site is what a server has, and where its new files go.
type site struct {
	written live.Files // as the option files say
	has     live.Files // in force: as the running server says, else as written
	// said is written without what SET PERSIST has written, and saidDir the data
	// folder by that: none of it comes from the server itself.
	said    live.Files
	saidDir string
	paths   live.Files
	inPlace bool   // paths are has
	why     string // not inPlace
}

// look reads what is in force.
func (s Server) look() site {
	said := s.Options.said()
	site := site{saidDir: said.datadir()}
	site.said = said.files(site.saidDir)
	datadir := s.Options.DataDir
	if datadir == "" {
		datadir = site.saidDir
	}
	site.written = s.Options.reading().files(datadir)
	site.has = site.written
	if s.Running != nil {
		site.has = absolute(s.Facts, s.Facts.Configured)
	}
	return site
}

// files are the TLS files that the options name.
func (r reading) files(datadir string) live.Files {
	value := func(key string) string {
		setting, found := r.setting(key)
		if !found || !setting.Known {
			return ""
		}
		return whole(datadir, setting.Value)
	}
	return live.Files{CA: value("ssl-ca"), CAPath: value("ssl-capath"), Cert: value("ssl-cert"), Key: value("ssl-key"),
		CRL: value("ssl-crl"), CRLPath: value("ssl-crlpath")}
}

// reading is what the server gets from its option files.
func (o ServerOptions) reading() reading {
	program := optionfile.Program{Version: o.Version, Name: "mysqld", Home: o.Home}
	if o.Version.Product == dialect.MariaDB {
		program.Name = "mariadbd"
	}
	return newReading(program, o.read(o.System, program))
}

// settle decides where the files go, and whether a CRL goes with them: only
// where the server has one, which then has to list every CA of the new bundle.
func (s Server) settle(ctx context.Context, site *site) error {
	crl := site.has.CRL != "" || site.has.CRLPath != "" || site.written.CRL != "" || site.written.CRLPath != ""
	if crl && s.Material.CRL == nil {
		return fail(ErrRefused, "make one: myca ca crl; or take ssl-crl and ssl-crlpath out of the server's option file, and restart it",
			"the server checks certificates against a CRL (%q), which must list every CA, and the store has no current one", strings.TrimLeft(site.has.CRL+" "+site.has.CRLPath, " "))
	}
	folder := s.Folder
	if folder == "" {
		var err error
		if site.inPlace, site.why, err = s.takesPlace(ctx, *site); err != nil {
			return err
		}
	}
	if site.inPlace {
		site.paths = site.has
		if crl && site.paths.CRL == "" {
			return fail(ErrRefused, "--deploy-dir "+templates.Shell(s.Default), "the server has its CRLs in the folder %q, and its files cannot be replaced in their places", site.has.CRLPath)
		}
		if chain := s.certificates(site.has.Cert); s.Mine(chain[0]) {
			return nil
		}
		return s.unshared(site.has)
	}
	if folder == "" {
		folder = s.Default
	}
	site.paths = inFolder(folder, crl)
	site.paths.CAPath, site.paths.CRLPath = site.has.CAPath, site.has.CRLPath
	return s.free(*site)
}

// certificates are those of a file, nil where there are none.
func (s Server) certificates(path string) []*x509.Certificate {
	data, err := s.Machine.ReadFile(path)
	if err != nil {
		return nil
	}
	certs, err := ca.DecodeCertificates(data)
	if err != nil {
		return nil
	}
	return certs
}

// bundleFree refuses to replace a bundle that trusts others than the replaced
// certificate needs: clients, replicas or other programs may depend on it.
func (s Server) bundleFree(site site, bundle []*x509.Certificate) error {
	data, err := s.Machine.ReadFile(site.paths.CA)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	hint := "--deploy-dir " + templates.Shell(s.Default) + " leaves it alone"
	if !site.inPlace {
		hint = "take it out of the file when nobody needs it any more, and run the command again"
	}
	certs, err := ca.DecodeCertificates(data)
	if err != nil {
		return fail(ErrRefused, hint, "%q would be replaced, and is no bundle of certificates: %v", site.paths.CA, err)
	}
	own := append(slices.Clone(bundle), s.certificates(site.paths.Cert)...)
	for grown := true; grown; {
		grown = false
		for _, c := range certs {
			if !contains(own, c) && (s.issued(c) || issues(own, c)) {
				own, grown = append(own, c), true
			}
		}
	}
	for _, c := range certs {
		if !contains(own, c) {
			return fail(ErrRefused, hint, "%q would be replaced, and has a CA in it that others may depend on: %s", site.paths.CA, subjectOf(c))
		}
	}
	return nil
}

// issued reports whether the store knows the certificate.
func (s Server) issued(c *x509.Certificate) bool { return s.Rules.Issued != nil && s.Rules.Issued(c) }

func contains(list []*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(list, func(other *x509.Certificate) bool { return bytes.Equal(other.Raw, c.Raw) })
}

// issues reports whether one of the list has c for its issuer, by name.
func issues(list []*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(list, func(of *x509.Certificate) bool { return bytes.Equal(of.RawIssuer, c.RawSubject) })
}

func subjectOf(c *x509.Certificate) string {
	name, err := dn.FromDER(c.RawSubject)
	if err != nil {
		return "serial " + ca.SerialHex(c.SerialNumber)
	}
	return name.String()
}

// dropped are the CAs, by subject, of the bundle in force that are not in the
// new one, apart from earlier ones of the store.
func (s Server) dropped(site site, bundle []*x509.Certificate) []string {
	var subjects []string
	for _, c := range s.certificates(site.has.CA) {
		if name := subjectOf(c); !contains(bundle, c) && !s.issued(c) && !slices.Contains(subjects, name) {
			subjects = append(subjects, name)
		}
	}
	return subjects
}

// wanted makes the plan of the files on the disk.
func (s Server) wanted(p *ServerPlan, site site) error {
	files := []File{
		{Path: site.paths.CA, Data: s.Material.CA, Mode: 0o644, Owner: s.Owner},
		{Path: site.paths.Cert, Data: s.Material.Cert, Mode: 0o644, Owner: s.Owner},
		{Path: site.paths.Key, Data: s.Material.Key, Mode: 0o400, Owner: s.Owner},
	}
	if site.paths.CRL != "" {
		files = append(files, File{Path: site.paths.CRL, Data: s.Material.CRL, Mode: 0o644, Owner: s.Owner})
	}
	var folders []Folder
	if site.inPlace {
		for i := range files {
			if err := s.keep(&files[i]); err != nil {
				return err
			}
		}
	} else {
		folders = []Folder{{Path: filepath.Dir(site.paths.CA), Mode: 0o750, Owner: s.Owner}}
	}
	all := slices.Clone(files)
	if p.Edit.Changed() {
		all = append(all, p.Edit.File(nil))
	}
	var err error
	if p.Disk, err = NewPlan(folders, all); err != nil {
		return err
	}
	p.Wanted, err = compared(files, p.Disk)
	return err
}

// keep lets a file that is replaced in its place have the mode and owner that
// it has, unless it is a key that everybody can read.
func (s Server) keep(f *File) error {
	info, err := os.Lstat(f.Path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	private := bytes.Equal(f.Data, s.Material.Key)
	if private && info.Mode().Perm()&0o007 != 0 {
		return nil
	}
	f.Mode = 0
	if !s.Given {
		f.Owner = nil
	}
	return nil
}

// compared says of each file what it will be, and whether the plan changes it.
func compared(files []File, p Plan) ([]Wanted, error) {
	var list []Wanted
	for _, f := range files {
		path, err := resolve(f.Path, true)
		if err != nil {
			return nil, err
		}
		w := Wanted{Path: f.Path, Mode: f.Mode, Owner: f.Owner}
		if i := slices.IndexFunc(p.Files, func(changed File) bool { return changed.Path == path }); i >= 0 {
			w.Changed, w.Mode, w.Owner = true, p.Files[i].Mode, p.Files[i].Owner
		} else if now, err := look(path); err != nil {
			return nil, err
		} else {
			w.Mode, w.Owner = now.Mode, &now.Owner
		}
		list = append(list, w)
	}
	return list, nil
}
