package deploy

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/live"
)

// Running is a server that runs, and that a login can change. Facts, SetFiles
// and Reload are those of a *live.Session.
type Running interface {
	Facts(ctx context.Context) (live.Facts, error)
	SetFiles(ctx context.Context, f live.Files) error
	Reload(ctx context.Context) error
	// Presented is what a new connection is shown, the server's certificate
	// first; nil when it offers no TLS.
	Presented(ctx context.Context) ([]*x509.Certificate, error)
}

// Activated is how what was installed got into force.
type Activated string

// The states of an installation at the server.
const (
	Reloaded      Activated = "reloaded"       // the running server presents it
	RestartNeeded Activated = "restart-needed" // it counts from the next start on
	NotRunning    Activated = "not-running"    // nothing answers; the next start takes it
	Unchanged     Activated = "unchanged"      // it was in force already
)

// answerTime is how long a server may take for everything that puts it back.
const answerTime = time.Minute

// activation is what makes a running server take its files, or go back to what
// it had.
type activation struct {
	running Running // nil: nothing answers
	facts   live.Facts
	want    live.Files
	leaf    *x509.Certificate

	presented     []*x509.Certificate // before
	noTLS         bool                // the server offered none before
	set, reloaded bool                // what was changed, as far as is known
}

// state is what there is to do at the server; changed says whether files
// change. why is about RestartNeeded.
func (a *activation) state(ctx context.Context, changed bool) (state Activated, why string, err error) {
	if a.running == nil {
		if changed {
			return NotRunning, "", nil
		}
		return Unchanged, "", nil
	}
	chain, err := a.running.Presented(ctx)
	if err != nil {
		return "", "", err
	}
	a.presented, a.noTLS = chain, len(chain) == 0
	shown := len(chain) > 0 && bytes.Equal(chain[0].Raw, a.leaf.Raw)
	same := absolute(a.facts, a.facts.Configured) == a.want
	if !changed && shown && same && (!a.facts.LoadedKnown || absolute(a.facts, a.facts.Loaded) == a.want) {
		return Unchanged, "", nil
	}
	if why := atStart(a.facts, same); why != "" {
		return RestartNeeded, why, nil
	}
	return Reloaded, "", nil
}

// atStart is why only a start makes the server take the files, "" when a
// reload does.
//
// FLUSH SSL of MariaDB does nothing, and says so to nobody, while TLS is off
// (reinit_ssl of sql/mysqld.cc).
func atStart(f live.Facts, same bool) string {
	switch {
	case f.Version.ReloadStatement() == "":
		return fmt.Sprintf("%s reads its TLS files at its start only", f.Version)
	case f.Version.Product == dialect.MariaDB && f.TLS == live.Off:
		return "MariaDB that was started without TLS gets it at its next start only"
	case f.Version.Product == dialect.MariaDB && !same:
		return "MariaDB takes other paths of its TLS files at its start only"
	}
	return ""
}

// absolute is files with whole paths.
func absolute(f live.Facts, files live.Files) live.Files {
	for _, path := range []*string{&files.CA, &files.CAPath, &files.Cert, &files.Key, &files.CRL, &files.CRLPath} {
		*path = whole(f.DataDir, *path)
	}
	return files
}

// whole is the whole path of a file, "" for none. A relative one is relative to
// the data folder, which both servers make their working folder before they read
// it (sql/mysqld.cc, my_setwd; tried).
func whole(datadir, path string) string {
	switch {
	case path == "":
		return ""
	case !filepath.IsAbs(path) && datadir != "":
		path = filepath.Join(datadir, path)
	}
	return filepath.Clean(path)
}

// do makes the server take the files, and looks whether it did.
func (a *activation) do(ctx context.Context, judge func([]*x509.Certificate) error) error {
	if absolute(a.facts, a.facts.Configured) != a.want {
		err := a.running.SetFiles(ctx, a.want)
		a.set = !refused(err)
		if err != nil {
			return err
		}
	}
	err := a.running.Reload(ctx)
	a.reloaded = !refused(err)
	if err != nil {
		return err
	}
	chain, err := a.running.Presented(ctx)
	switch {
	case err != nil:
		return err
	case len(chain) == 0:
		return errors.New("the server offers no TLS after the reload")
	case !bytes.Equal(chain[0].Raw, a.leaf.Raw):
		return fmt.Errorf("after the reload the server presents another certificate: serial %s of %s", ca.SerialHex(chain[0].SerialNumber), chain[0].Subject)
	}
	if err := judge(chain); err != nil {
		return err
	}
	facts, err := a.running.Facts(ctx)
	if err != nil {
		return err
	}
	if loaded := absolute(facts, facts.Loaded); facts.LoadedKnown && loaded != a.want {
		return fmt.Errorf("after the reload the server has other files in force: certificate %q, key %q, CA %q", loaded.Cert, loaded.Key, loaded.CA)
	}
	return nil
}

// refused reports whether the server has answered that it does not do it: what
// it had stays then.
func refused(err error) bool {
	return errors.As(err, new(*live.ServerError)) || errors.Is(err, live.ErrDenied) || errors.Is(err, live.ErrAtStart)
}

// back puts back what do has changed at the server, once the files are what
// they were.
func (a *activation) back(ctx context.Context) error {
	if !a.set && !a.reloaded {
		return nil
	}
	return a.former().putBack(ctx, a.running, a.reloaded)
}

// former is the server before it is changed.
func (a *activation) former() *former {
	return &former{Version: a.facts.Version, Files: a.facts.Configured, NoTLS: a.noTLS}
}

// former is a running server before it was changed.
type former struct {
	Version dialect.Version
	Files   live.Files
	NoTLS   bool // it offered none
}

// putBack gives a server its paths again, and with reload lets it read the
// files. One that could not load them before, so that it had no TLS, cannot now
// either. The error is a *serverLeft.
func (b *former) putBack(ctx context.Context, running Running, reload bool) error {
	if err := b.tell(ctx, running, reload); err != nil {
		return &serverLeft{err}
	}
	return nil
}

func (b *former) tell(ctx context.Context, running Running, reload bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	if b.Version.Product == dialect.MySQL {
		if err := running.SetFiles(ctx, b.Files); err != nil {
			return err
		}
	}
	if !reload {
		return nil
	}
	err := running.Reload(ctx)
	if b.NoTLS && errors.As(err, new(*live.ServerError)) && !errors.Is(err, live.ErrDenied) {
		return nil
	}
	return err
}
