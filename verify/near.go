package verify

import (
	"path/filepath"

	"github.com/xrash/smetrics"
)

// near is the one of the names that was probably meant: that with the smallest
// edit distance, of at most two letters and a third of the name. More would take
// server-key.pem for server-cert.pem. "" for none.
func near(name string, names []string) string {
	if len(name) > 64 {
		return ""
	}
	best, limit := "", min(2, len(name)/3)+1
	for _, other := range names {
		if d := smetrics.WagnerFischer(name, other, 1, 1, 1); d > 0 && d < limit {
			best, limit = other, d
		}
	}
	return best
}

// beside names the file beside a missing one that was probably meant, for the end
// of a text; "" for none.
func (s *survey) beside(path string) string {
	names, err := s.System.ReadDir(filepath.Dir(path))
	if err != nil || len(names) > maxEntries {
		return ""
	}
	if meant := near(filepath.Base(path), names); meant != "" {
		return "; beside it lies " + meant
	}
	return ""
}
