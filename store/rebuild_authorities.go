package store

import (
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"myca/ca"
	"myca/ledger"
)

// readAuthorities adds the authorities. The generation of one in place is its
// folder's name; archived ones get the numbers that are left, by age.
func (b *rebuilding) readAuthorities() error {
	if err := b.each(b.path(authorityName), func(folder string) {
		n, err := strconv.Atoi(filepath.Base(folder))
		cert := certificateIn(folder, ledger.CA)
		if err != nil || n < 1 || generationName(n) != filepath.Base(folder) || cert == nil {
			b.say("%q holds no readable authority", folder)
			return
		}
		if _, _, err := ca.Open(folder); err != nil {
			b.say("%v", err)
		}
		b.authorities = append(b.authorities, authorityFound{cert, n, true})
	}); err != nil {
		return err
	}
	if len(b.authorities) == 0 {
		return b.damaged(b.path(authorityName), fmt.Errorf("no authority in %q", b.path(authorityName)))
	}
	old, err := b.oldAuthorities()
	if err != nil {
		return err
	}
	next := 1
	for _, cert := range old {
		for slices.ContainsFunc(b.authorities, func(a authorityFound) bool { return a.generation == next }) {
			next++
		}
		b.authorities = append(b.authorities, authorityFound{cert, next, false})
	}
	return nil
}

// addAuthorities adds the authorities' rows.
func (b *rebuilding) addAuthorities(target string) {
	for _, a := range b.authorities {
		state := ledger.Superseded
		if a.active {
			state = ledger.Active
		}
		sp := Spec{Key: string(ca.KeyTypeOf(a.cert.PublicKey)), Days: wholeDays(a.cert), Target: target}
		b.add(a.cert, sp, ledger.CA, generationName(a.generation), a.generation, state)
	}
}

// oldAuthorities is those staged and in the archive, the oldest first.
func (b *rebuilding) oldAuthorities() ([]*x509.Certificate, error) {
	folders, err := b.stagedFolders()
	if err != nil {
		return nil, err
	}
	if err := b.each(b.archive(), func(folder string) { folders = append(folders, folder) }); err != nil {
		return nil, err
	}
	var old []*x509.Certificate
	for _, folder := range folders {
		if !isOf(folder, ledger.CA) {
			continue
		}
		cert := certificateIn(folder, ledger.CA)
		known := func(a authorityFound) bool { return a.cert.Equal(cert) }
		if !slices.ContainsFunc(b.authorities, known) && !slices.ContainsFunc(old, cert.Equal) {
			old = append(old, cert)
		}
	}
	slices.SortFunc(old, func(x, y *x509.Certificate) int { return x.NotBefore.Compare(y.NotBefore) })
	return old, nil
}

// signing is the generation that signs: the newest of those in place that
// signed something active, else the oldest.
func (b *rebuilding) signing() int {
	var generations []int
	for _, a := range b.authorities {
		if a.active {
			generations = append(generations, a.generation)
		}
	}
	slices.Sort(generations)
	signs := generations[0]
	for _, r := range b.rows {
		if r.Kind != ledger.CA && r.State == ledger.Active && slices.Contains(generations, r.Generation) {
			signs = max(signs, r.Generation)
		}
	}
	if len(generations) > 1 {
		b.say("a rotation was under way: generation %d signs", signs)
	}
	return signs
}
