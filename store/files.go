package store

import (
	"path/filepath"

	"myca/ledger"
	"myca/out"
)

// Files is where a certificate's files lie: absolute paths, "" for what its
// kind does not have.
type Files struct{ CA, Cert, Key, MyCnf, SQL string }

// Folder is the folder of a certificate: its place when it is active, else
// where it is archived. The path is absolute; whether something is there is
// not looked at.
func (s *Store) Folder(r ledger.Row) string {
	if r.State == ledger.Active {
		return s.place(r.Kind, r.Name)
	}
	return s.path(archiveName, r.Serial)
}

// Files is the files in Folder, and the account statements of a client that
// has accounts.
func (s *Store) Files(r ledger.Row) Files {
	folder := s.Folder(r)
	in := func(name string) string { return filepath.Join(folder, name) }
	f := Files{CA: in(bundleFile), Cert: in(certFile(r.Kind)), Key: in(keyFile(r.Kind))}
	if r.Kind == ledger.CA {
		f.CA = s.bundle()
		return f
	}
	f.MyCnf = in(mycnfFile)
	if sp, err := ReadSpec(r); r.Kind == ledger.Client && err == nil && len(sp.Accounts) > 0 {
		f.SQL = s.sql(r.Name)
		if r.State != ledger.Active {
			f.SQL = in(r.Name + ".sql")
		}
	}
	return f
}

// Content is the files of the folder of a drafted pair but for the trust bundle:
// certificate, key and option file, as Commit puts them in place. It is nil for an
// amendment. The bytes are not to be written.
func (i *Item) Content() []out.File {
	if i.amends() {
		return nil
	}
	return i.files
}

// Files is where the item lies after Commit.
func (i *Item) Files() Files { return i.store.Files(i.Row) }

// locate is where the files of an active certificate are at this moment: in
// place, or staged when the process that recorded it died before it put them
// there. It is "" when they are nowhere. Looked at twice, because a writer may
// move them between the two looks.
func (s *Store) locate(r ledger.Row) (string, error) {
	candidates := []string{s.place(r.Kind, r.Name), s.staged(r.Kind, r.Name, r.Serial).pair()}
	for range 2 {
		for _, folder := range candidates {
			if serialIn(folder, r.Kind) == r.Serial {
				return folder, nil
			}
		}
	}
	// Say what the system has to say, such as that it may not be read.
	if _, err := out.Exists(candidates[0]); err != nil {
		return "", err
	}
	return "", nil
}
