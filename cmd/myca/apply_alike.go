package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"myca/fleet"
	"myca/ledger"
)

// alike is steps of one range that are told in one line: the same is done about
// all of them, for the same reasons, and their names count on from each other.
// Reasons and accounts may have a step's own number where the first has its own,
// but not where that is in a statement that is to be run.
type alike struct {
	first fleet.Step
	last  string // name
	count int
	vary  bool // the reasons are not the same in each of their letters
}

func alikeTo(step fleet.Step) alike { return alike{first: step, last: step.Name, count: 1} }

// add takes one more step, unless it is another kind of step.
func (a *alike) add(step fleet.Step) bool {
	one := a.first
	if a.count == 0 || step.Action != one.Action || step.Kind != one.Kind || !countsOn(a.last, step.Name) ||
		!sameTexts(one.Name, one.Reasons, step.Name, step.Reasons) || !sameTexts(one.Name, one.Changed, step.Name, step.Changed) || one.LocksOut != step.LocksOut {
		return false
	}
	vary := !slices.Equal(one.Reasons, step.Reasons)
	if vary && slices.ContainsFunc(step.Reasons, asksToRun) {
		return false
	}
	a.last, a.count = step.Name, a.count+1
	a.vary = a.vary || vary
	return true
}

// lines is the line about the steps, and one about their accounts.
func (a *alike) lines() []string {
	if a.count == 0 {
		return nil
	}
	one := a.first
	line := fmt.Sprintf("%s %s %s", one.Action, one.Kind, one.Name)
	if a.count > 1 {
		line = fmt.Sprintf("%s %ss %s … %s (%d)", one.Action, one.Kind, one.Name, a.last, a.count)
	}
	if len(one.Reasons) > 0 {
		line += ": " + strings.Join(one.Reasons, "; ")
		if a.vary {
			line += "; and so on"
		}
	}
	if len(one.Changed) == 0 {
		return []string{line}
	}
	return []string{line, "  " + aboutAccounts(one, a.count)}
}

// aboutAccounts says what a step means for its accounts on a server, and so of
// count steps that are alike.
func aboutAccounts(step fleet.Step, count int) string {
	var what string
	switch {
	case count > 1:
		what = "changes what the account of each demands, such as " + step.Changed[0]
	case len(step.Changed) == 1:
		what = "changes what " + step.Changed[0] + " demands"
	default:
		what = "changes what " + strings.Join(step.Changed, ", ") + " demand"
	}
	if !step.LocksOut {
		return what + ", once fleet.sql is run"
	}
	return what + ": new files to the " + holder(step.Kind) + " and fleet.sql in one go: between the two it is locked out"
}

// holder is who logs in with the certificate of a kind.
func holder(kind string) string {
	if kind == ledger.Server {
		return "replica"
	}
	return kind
}

// sameTexts reports whether two lists of texts are the same but for numbers
// that each has from its own name.
func sameTexts(name string, texts []string, otherName string, others []string) bool {
	same := func(text, other string) bool {
		return text == other || slices.EqualFunc(parts(text), parts(other), func(part, otherPart string) bool {
			return part == otherPart || place(part, name) >= 0 && place(part, name) == place(otherPart, otherName)
		})
	}
	return slices.EqualFunc(texts, others, same)
}

// place is which part of a name a number is, zeros before it aside; -1 when it is
// none.
func place(part, name string) int {
	return slices.IndexFunc(parts(name), func(own string) bool {
		return isNumber(own) && isNumber(part) && strings.TrimLeft(own, "0") == strings.TrimLeft(part, "0")
	})
}

// countsOn reports whether two names of one form are neighbours in a range:
// where they differ, in numbers, next has the one that follows.
func countsOn(name, next string) bool {
	before, after := parts(name), parts(next)
	if len(before) != len(after) {
		return false
	}
	counts := false
	for i := range before {
		if before[i] == after[i] {
			continue
		}
		from, err := strconv.Atoi(before[i])
		to, errTo := strconv.Atoi(after[i])
		if err != nil || errTo != nil || to != from+1 {
			return false
		}
		counts = true
	}
	return counts
}

// parts splits text around its numbers.
func parts(text string) []string {
	var list []string
	for text != "" {
		end := 1
		for end < len(text) && isNumber(text[end:]) == isNumber(text) {
			end++
		}
		list, text = append(list, text[:end]), text[end:]
	}
	return list
}

// isNumber reports whether a part begins, and so consists of, digits.
func isNumber(part string) bool { return part[0] >= '0' && part[0] <= '9' }
