package templates

import (
	"errors"
	"slices"
	"strings"
)

// Problem is one reason why a text cannot be made. Field names the input as the
// command line calls it ("grant", "tls-version"); Hint says what to do instead.
type Problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Problems is everything that is wrong with an input. It is never empty when it
// is returned as an error.
type Problems []Problem

// Error is all messages in one line.
func (p Problems) Error() string {
	var all []string
	for _, one := range p {
		all = append(all, one.Message)
	}
	return strings.Join(all, "; ")
}

// Hint is the distinct hints, one a line; empty when there is none.
func (p Problems) Hint() string {
	var all []string
	for _, one := range p {
		if one.Hint != "" && !slices.Contains(all, one.Hint) {
			all = append(all, one.Hint)
		}
	}
	return strings.Join(all, "\n")
}

// add appends a problem.
func (p *Problems) add(field, message, hint string) {
	*p = append(*p, Problem{Field: field, Message: message, Hint: hint})
}

// addError appends err, which another package made, with its own hint.
func (p *Problems) addError(field string, err error) {
	if err == nil {
		return
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		p.add(field, err.Error(), hinted.Hint())
		return
	}
	p.add(field, err.Error(), "")
}

// err is p as an error, nil when there are no problems.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
