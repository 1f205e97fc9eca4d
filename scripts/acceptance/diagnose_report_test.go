package acceptance

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"myca/finding"
	"myca/scripts/servers"
)

// report is what verify and check print with --json.
type report struct {
	Examined []struct{ Path, Kind, Subject string }
	Server   struct {
		Address, Version, TLS, Protocol, Cipher string
		TLSLibrary                              string `json:"tls_library"`
		Certificate                             *struct{ Subject, Serial string }
	}
	Accounts []struct {
		Account, Require string
		SatisfiedBy      []string `json:"satisfied_by"`
		Nearest          *struct{ Name, Subject, Difference, Marked string }
	}
	Logins []struct {
		Account, Certificate, How string
		In                        bool
	}
	Findings         []finding.Finding
	Unseen           []string
	Errors, Warnings int
}

// ids are the identifiers of the findings, each once.
func (r report) ids() []string {
	var ids []string
	for _, f := range r.Findings {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (r report) String() string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(string(f.Severity) + " " + f.ID + " " + f.Where + ": " + f.What + "; mend: " + f.Mend + "\n")
	}
	for _, u := range r.Unseen {
		b.WriteString("unseen: " + u + "\n")
	}
	return b.String()
}

// diagnose runs verify or check with --json and returns its report, which must
// agree with itself, with the table of findings, and with the exit code.
func (h *host) diagnose(t *testing.T, args ...string) report {
	t.Helper()
	words := []string{"myca", "--json", "--dir", h.store}
	if !slices.Contains(args, "--target") {
		words = append(words, "--target", h.product.Target)
	}
	for _, arg := range args {
		words = append(words, shellWord(arg))
	}
	result := h.try(strings.Join(words, " "))
	if result.Code != 0 && result.Code != 3 {
		t.Fatalf("myca %s: exit %d\n%s%s", strings.Join(args, " "), result.Code, result.Stdout, result.Stderr)
	}
	var r report
	decode(t, result.Stdout, &r)
	errors := 0
	for _, f := range r.Findings {
		kind, known := finding.Lookup(f.ID)
		if !known || f.Severity != kind.Severity || f.Where == "" || f.What == "" || f.Why == "" || f.Mend == "" {
			t.Errorf("not a finding of the table: %+v", f)
		}
		if f.Severity == finding.Error {
			errors++
		}
	}
	if r.Errors != errors || r.Warnings != len(r.Findings)-errors || (result.Code == 3) != (errors > 0) {
		t.Errorf("exit %d, errors %d, warnings %d of\n%s", result.Code, r.Errors, r.Warnings, r)
	}
	return r
}

// kinds are the identifiers that a breakage was tried for.
type kinds struct {
	mu  sync.Mutex
	ids []string
}

func (k *kinds) add(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ids = append(k.ids, id)
}

// wantAll wants every kind of the table to have been tried, with the exception
// of those that no server here can have.
func (k *kinds) wantAll(t *testing.T, except ...string) {
	t.Helper()
	for _, kind := range finding.Kinds() {
		if !slices.Contains(k.ids, kind.ID) && !slices.Contains(except, kind.ID) {
			t.Errorf("no installation was broken to have %s", kind.ID)
		}
	}
}

// breakage is one thing that is wrong with an installation.
type breakage struct {
	id   string // of the finding that names it
	what string // what was done to it
	// on tells which products it is tried on; nil: all.
	on func(p servers.Product) bool
	// also are the identifiers of other findings that come with it. Any that
	// is neither id nor in it fails the test.
	also []string
	// ours: the test signs in the name of the store's CA, which is that of the
	// sampdb distribution's, what the store's ledger does not know.
	ours bool
	// says are words of the finding.
	says []string
	do   func(t *testing.T, i *installation)
	// look is the command that finds it; nil: that of the table.
	look func(i *installation) []string
}

// broken tries each breakage by itself: the installation is as it was before,
// with the exception of what undo has to mend. look is the command that finds
// them unless they say otherwise.
func (i *installation) broken(t *testing.T, look func(i *installation) []string, undo func(t *testing.T), all []breakage) {
	t.Helper()
	for _, b := range all {
		if b.on != nil && !b.on(i.product) {
			continue
		}
		t.Run(b.id+"/"+b.what, func(t *testing.T) {
			i.keep(t)
			if undo != nil {
				t.Cleanup(func() { undo(t) })
			}
			b.do(t, i)
			command := look
			if b.look != nil {
				command = b.look
			}
			b.judge(t, i.diagnose(t, command(i)...))
			i.tried.add(b.id)
		})
	}
}

// judge wants the breakage in the report, and nothing that has nothing to do
// with it.
func (b breakage) judge(t *testing.T, r report) {
	t.Helper()
	named := false
	for _, f := range r.Findings {
		named = named || f.ID == b.id && containsAll(f.Where+"\n"+f.What+"\n"+f.Mend, b.says)
		if f.ID != b.id && !slices.Contains(b.also, f.ID) && !(b.ours && f.ID == "looks-like-sampdb") {
			t.Errorf("%s has nothing to do with it: %s: %s", f.ID, f.Where, f.What)
		}
	}
	if !named {
		t.Errorf("no %s that says %q in\n%s", b.id, b.says, r)
	}
}

// mend runs what the finding of that kind tells the administrator to run.
func (i *installation) mend(t *testing.T, r report, id string) {
	t.Helper()
	for _, f := range r.Findings {
		if f.ID != id {
			continue
		}
		if result := i.try(f.Mend); !result.OK() {
			t.Errorf("%s: exit %d, %s", f.Mend, result.Code, result.Stderr)
		}
		return
	}
	t.Errorf("no %s to mend", id)
}

func containsAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// wantSound wants the command to find nothing, and to see everything with the
// exception of what says these words.
func (i *installation) wantSound(t *testing.T, command []string, unseen ...string) report {
	t.Helper()
	r := i.diagnose(t, command...)
	saw := len(r.Unseen) == len(unseen)
	for n, words := range unseen {
		saw = saw && strings.Contains(r.Unseen[n], words)
	}
	if r.Errors != 0 || r.Warnings != 0 || len(r.Findings) != 0 || !saw {
		t.Errorf("myca %s: %d errors, %d warnings, want none, and unseen %q\n%s", strings.Join(command, " "), r.Errors, r.Warnings, unseen, r)
	}
	return r
}

// keep puts the store and the server's configuration back as they are now when
// the test ends.
func (i *installation) keep(t *testing.T) {
	t.Helper()
	kept := t.TempDir()
	folders := []string{i.store, i.etc()}
	for n, folder := range folders {
		copyFolder(t, i.host, folder, filepath.Join(kept, strconv.Itoa(n)))
	}
	t.Cleanup(func() {
		for n, folder := range folders {
			if err := os.RemoveAll(folder); err != nil {
				t.Fatal(err)
			}
			copyFolder(t, i.host, filepath.Join(kept, strconv.Itoa(n)), folder)
		}
	})
}

// copyFolder copies a folder with its owners and modes.
func copyFolder(t *testing.T, h *host, from, to string) {
	t.Helper()
	if result := h.try("cp -a " + shellWord(from) + " " + shellWord(to)); !result.OK() {
		t.Fatal(result.Stderr)
	}
}
