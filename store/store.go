package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"

	"myca/ca"
	"myca/dialect"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// Store is an open store, or one that is being founded. Draft, Amend and what
// reads may be used by several goroutines at a time, also while one Commit is
// under way, be it the founding's.
type Store struct {
	layout
	target  dialect.Version
	fault   func(step string) error
	foreign error // why nothing may be changed: it is another user's (OpenRead)

	mu       sync.Mutex     // guards what follows while the store is being founded
	db       *ledger.Ledger // nil while the store is being founded, see Ledger
	founding *founding      // nil unless the store is being founded
	notices  []string
	signing  *signing // nil until it is asked for
}

// signing is the authority that signs, with its row.
type signing struct {
	authority *ca.Authority
	row       ledger.Row
	err       error // why there is no authority
}

// Open opens the store in dir. Errors: ErrNoStore (also for what a founding
// that was cut short left behind), ErrForeign, ErrDamaged.
func Open(dir string) (*Store, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", dir, err)
	}
	s := &Store{layout: layout(abs)}
	if err := s.ours(); err != nil {
		return nil, err
	}
	if err := s.open(ledger.Open); err != nil {
		return nil, err
	}
	return s, nil
}

// OpenRead is Open for who only looks: root, and whoever else may read the files,
// can look at somebody else's store. Every change of that is ErrForeign, and
// nothing in it is written, not even what a change that died left to be rolled
// back.
func OpenRead(dir string) (*Store, error) {
	s, err := Open(dir)
	if !errors.Is(err, ErrForeign) {
		return s, err
	}
	abs, absErr := filepath.Abs(dir)
	if absErr != nil {
		return nil, err
	}
	s = &Store{layout: layout(abs), foreign: err}
	switch other := s.open(ledger.OpenRead); {
	case errors.Is(other, fs.ErrPermission):
		return nil, err
	case other != nil:
		return nil, other
	}
	return s, nil
}

// open opens the ledger.
func (s *Store) open(read func(ctx context.Context, path string) (*ledger.Ledger, ledger.Settings, error)) error {
	db, settings, err := read(context.Background(), s.ledger())
	if errors.Is(err, ledger.ErrMissing) {
		return s.noLedger()
	}
	if errors.Is(err, ledger.ErrDamaged) {
		path := templates.Shell(s.ledger())
		return s.lost(err, "mv "+path+" "+path+".damaged && ")
	}
	if err != nil {
		return fmt.Errorf("store %q: %w", s.Dir(), err)
	}
	s.db = db
	if s.target, err = dialect.Parse(settings.Target); err != nil {
		return errors.Join(s.damaged(s.ledger(), fmt.Errorf("the target in the ledger: %w", err)), db.Close())
	}
	return nil
}

// damaged is an error of kind ErrDamaged about the file or folder path.
func (s *Store) damaged(path string, cause error) error {
	return &Error{
		Message: fmt.Sprintf("store %q: %v", s.Dir(), cause),
		Fix:     "put back the last good copy of " + templates.Shell(path) + "; leave everything else as it is",
		Err:     errors.Join(ErrDamaged, cause),
	}
}

// spoilt is the error of an authority that cannot be opened: a damaged one,
// unless it is the system that does not let it be read.
func (s *Store) spoilt(folder string, cause error) error {
	if errors.Is(cause, fs.ErrPermission) {
		return cause
	}
	fix := "put back the last good copy of " + templates.Shell(folder) + "; without one, replace the authority: myca --dir " +
		templates.Shell(s.Dir()) + " ca rotate begin"
	var hint interface{ Hint() string }
	if errors.As(cause, &hint) && hint.Hint() != "" && !errors.Is(cause, fs.ErrNotExist) {
		fix = hint.Hint() + "\n" + fix
	}
	return &Error{Message: cause.Error(), Fix: fix, Err: errors.Join(ErrDamaged, cause)}
}

// lost is the error of a ledger that is missing or damaged; before comes before
// the command that makes a new one.
func (s *Store) lost(cause error, before string) error {
	return &Error{
		Message: fmt.Sprintf("store %q: %v", s.Dir(), cause),
		Fix: "put back the last good copy of " + templates.Shell(s.ledger()) + "; without one, make it again from the certificates: " +
			before + "myca --dir " + templates.Shell(s.Dir()) + " ca rebuild",
		Err: errors.Join(ErrDamaged, cause),
	}
}

// ours refuses a folder that is missing or belongs to somebody else.
func (s *Store) ours() error {
	info, err := os.Stat(string(s.layout))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refuse(ErrNoStore, s.bootstrapHint(), "no store in %q: the folder does not exist", s.Dir())
	case err != nil:
		return fmt.Errorf("store: %w", err)
	case !info.IsDir():
		return refuse(ErrNoStore, "name a folder with --dir", "no store in %q: it is not a folder", s.Dir())
	}
	uid, foreign, err := out.Foreign(s.Dir())
	if err != nil {
		return err
	}
	if foreign {
		return foreignError(s.Dir(), uid)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		s.notices = append(s.notices, fmt.Sprintf("others may change what is in %q (mode %04o): chmod go-w %s",
			s.Dir(), mode, templates.Shell(s.Dir())))
	}
	return nil
}

func foreignError(dir string, uid int) error {
	name := strconv.Itoa(uid)
	sudo := "#" + name
	if u, err := user.LookupId(name); err == nil {
		name, sudo = u.Username, u.Username
	}
	return refuse(ErrForeign, fmt.Sprintf("sudo -u %s myca --dir %s …", templates.Shell(sudo), templates.Shell(dir)),
		"only %s can use the store %q, to which it belongs", name, dir)
}

// noLedger tells what a folder without ledger.db is.
func (s *Store) noLedger() error {
	state, err := s.survey()
	switch {
	case err != nil:
		return err
	case state == vacant:
		return refuse(ErrNoStore, s.bootstrapHint(), "no store in %q", s.Dir())
	case state == remains:
		err := fmt.Errorf("the ledger %q is missing", s.ledger())
		return s.lost(err, "")
	}
	return refuse(ErrNoStore, "name another folder with --dir", "no store in %q: the folder holds something else", s.Dir())
}

func (s *Store) bootstrapHint() string {
	return "myca --dir " + templates.Shell(s.Dir()) + " bootstrap"
}

// Close closes the ledger.
func (s *Store) Close() error {
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}

// Dir is the absolute path of the store.
func (s *Store) Dir() string { return string(s.layout) }

// Target is the server version the store was made for.
func (s *Store) Target() dialect.Version { return s.target }

// Ledger is the record, for reading; nil before a new store is committed.
func (s *Store) Ledger() *ledger.Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db
}

// unfinishedFounding is the founding of a store that is not there yet, else nil.
// When it is nil, s.db never changes again.
func (s *Store) unfinishedFounding() *founding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.founding
}

// Notices is what the user should know about the state of the store, as far
// as it was looked at, each once: others may change it, the authority's key
// can be read by others, staged files were damaged.
func (s *Store) Notices() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.notices...)
}

func (s *Store) notice(notices ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, notices...)
}

// Authority is the generation that signs, with its key. It is read once;
// Notices has what there is to say about its files. The error wraps
// ErrDamaged when they are not those that the ledger records.
func (s *Store) Authority() (*ca.Authority, error) {
	a, _, err := s.authority()
	return a, err
}

func (s *Store) authority() (*ca.Authority, ledger.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.founding; f != nil {
		return f.authority, f.item.Row, nil
	}
	if s.signing == nil {
		signing, notices, err := s.openAuthority()
		if err != nil {
			return nil, ledger.Row{}, err
		}
		s.signing = signing
		s.notices = append(s.notices, notices...)
	}
	return s.signing.authority, s.signing.row, nil
}

func (s *Store) openAuthority() (*signing, []string, error) {
	r, err := s.signer(context.Background())
	if err != nil {
		return nil, nil, err
	}
	return s.openRow(r)
}

// openRow opens an active authority.
func (s *Store) openRow(r ledger.Row) (*signing, []string, error) {
	folder, err := s.locate(r)
	if err != nil {
		return nil, nil, err
	}
	if folder == "" {
		folder = s.Folder(r) // let ca say what is wrong there
	}
	a, notices, err := ca.Open(folder)
	if err != nil {
		return nil, nil, s.spoilt(folder, err)
	}
	if !bytes.Equal(a.Certificate.Raw, r.DER) {
		return nil, nil, s.spoilt(folder, fmt.Errorf("the authority in %q is not the one that the ledger records", folder))
	}
	return &signing{authority: a, row: r}, notices, nil
}

// signer is the row of the authority that signs.
func (s *Store) signer(ctx context.Context) (ledger.Row, error) {
	settings, err := s.db.Settings(ctx)
	if err != nil {
		return ledger.Row{}, err
	}
	r, err := s.db.Active(ctx, ledger.CA, generationName(settings.Generation))
	if errors.Is(err, ledger.ErrNotFound) {
		return ledger.Row{}, s.damaged(s.ledger(), fmt.Errorf("the ledger has no authority of generation %d", settings.Generation))
	}
	return r, err
}
