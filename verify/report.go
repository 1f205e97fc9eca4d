package verify

import (
	"encoding/json"
	"slices"
	"time"

	"myca/finding"
)

// Report is what a diagnosis of files found. Nothing in it is secret: neither
// passwords nor passphrases.
type Report struct {
	Examined []Examined
	Options  []InForce
	Findings []finding.Finding // in the order found, per file; none twice of the same kind, place and text, and of some kinds not of the same place
	Unseen   []string          // what could not be judged, and why

	told map[[3]string]bool // of Findings and, with their text alone, of Unseen
}

// Examined is one thing that a diagnosis looked at.
type Examined struct {
	Path string
	// Kind is "certificate", "certificate and key", "ca", "key", "encrypted key",
	// "crl", "public key", "option file", "folder", "data folder" or "other".
	Kind     string
	Subject  string    // of the first certificate, in slash form; "" of others
	NotAfter time.Time // of the first certificate; zero of others
}

// MarshalJSON is {"path", "kind", "subject", "not_after"}, the last two null for
// what is no certificate.
func (e Examined) MarshalJSON() ([]byte, error) {
	shown := struct {
		Path     string     `json:"path"`
		Kind     string     `json:"kind"`
		Subject  *string    `json:"subject"`
		NotAfter *time.Time `json:"not_after"`
	}{Path: e.Path, Kind: e.Kind}
	if !e.NotAfter.IsZero() {
		until := e.NotAfter.UTC()
		shown.Subject, shown.NotAfter = &e.Subject, &until
	}
	return json.Marshal(shown)
}

// InForce is an option of TLS as a program has it.
type InForce struct {
	Program string `json:"program"`
	Option  string `json:"option"`
	Value   string `json:"value"` // "" too for an option without one, and for a passphrase
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1; 0 for mysqld-auto.cnf
}

// Add puts another report, of other files, behind. What it says again of the
// same place is left out.
func (r *Report) Add(other Report) {
	r.Examined = append(r.Examined, other.Examined...)
	r.Options = append(r.Options, other.Options...)
	r.find(other.Findings...)
	for _, text := range other.Unseen {
		r.unsee(text)
	}
}

// find takes over findings, each once.
func (r *Report) find(list ...finding.Finding) {
	for _, f := range list {
		what := f.What
		if oncePlace(f.ID) {
			what = ""
		}
		if r.first(f.ID, f.Where, what) {
			r.Findings = append(r.Findings, f)
		}
	}
}

func (r *Report) unsee(text string) {
	if r.first("", "", text) {
		r.Unseen = append(r.Unseen, text)
	}
}

// oncePlace is whether a finding of the kind is told once a place, in the words
// of what came to it first: each option and each program that names a file, and
// each program that reads an option, has other words for the same.
func oncePlace(id string) bool {
	return slices.Contains([]string{finding.FileMissing, finding.FileUnreadable, finding.KeyMismatch, finding.OptionTwice, finding.TLSDisabled, finding.ServerNotVerified}, id)
}

// first is whether something is said for the first time.
func (r *Report) first(id, where, what string) bool {
	key := [3]string{id, where, what}
	if r.told[key] {
		return false
	}
	if r.told == nil {
		r.told = map[[3]string]bool{}
	}
	r.told[key] = true
	return true
}

// MarshalJSON is {"examined", "options", "findings", "unseen", "errors",
// "warnings"}: lists, never null, and two counts.
func (r Report) MarshalJSON() ([]byte, error) {
	errs := finding.Errors(r.Findings)
	return json.Marshal(struct {
		Examined []Examined        `json:"examined"`
		Options  []InForce         `json:"options"`
		Findings []finding.Finding `json:"findings"`
		Unseen   []string          `json:"unseen"`
		Errors   int               `json:"errors"`
		Warnings int               `json:"warnings"`
	}{some(r.Examined), some(r.Options), some(r.Findings), some(r.Unseen), errs, len(r.Findings) - errs})
}

// some is the list, not nil.
func some[E any](list []E) []E { return append([]E{}, list...) }
