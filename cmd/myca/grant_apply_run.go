package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"myca/check"
	"myca/live"
	"myca/templates"
)

// run runs the statements and reads back what they did. A requirement that
// keeps out the account that is logged in, or shadows it, is taken back.
func (r *applying) run(ctx context.Context) error {
	if err := r.send(ctx, r.list); err != nil {
		return r.halfway(ctx, err)
	}
	if err := r.readBack(ctx); err != nil {
		r.unread = true
		return &failure{fmt.Errorf("the statements ran, but what they did could not be read: %w", err), "to go back: " + r.wayBack()}
	}
	for _, s := range r.states {
		if !requires(s.after, s.wanted) {
			return &failure{fmt.Errorf("the statements ran, but the server keeps another requirement for %s: %s instead of %s",
				s.account.SQL(), requirement(s.after), check.Require(s.wanted)), r.wayBack()}
		}
	}
	attempt, account := r.comesBack(ctx)
	if attempt.Refused {
		return r.takeBack(ctx, fmt.Errorf("with the new requirement %s could not log in any more: %w", r.login(), attempt.Err))
	}
	if account != "" && account != r.facts.CurrentUser {
		return r.takeBack(ctx, fmt.Errorf("the login of %s would get in as %s instead, with the rights of that account", r.login(), accountOf(account).SQL()))
	}
	return nil
}

// send runs statements within a bounded time.
func (r *applying) send(ctx context.Context, statements []string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return r.session.Apply(ctx, statements)
}

// readBack reads the accounts after the change.
func (r *applying) readBack(ctx context.Context) error {
	all, err := r.accounts(ctx)
	if err != nil {
		return err
	}
	for i := range r.states {
		r.states[i].after = find(all, r.states[i].account)
	}
	return nil
}

// halfway is the error of statements that ended in the middle: what was done,
// and the way back.
func (r *applying) halfway(ctx context.Context, cause error) error {
	if err := r.readBack(ctx); err != nil {
		r.unread = true
		text := "what was done could not be read any more"
		if way := r.wayBack(); way != "" {
			return &failure{fmt.Errorf("%w; %s", cause, text), "for what has changed: " + way}
		}
		return fmt.Errorf("%w; %s", cause, text)
	}
	var done []string
	for _, s := range r.states {
		if before, after := requirement(s.before), requirement(s.after); before != after {
			done = append(done, fmt.Sprintf("%s: %s, before: %s", s.account.SQL(), after, before))
		}
	}
	if len(done) == 0 {
		return fmt.Errorf("%w; no account was made, and no requirement changed%s", cause, r.remains(cause))
	}
	return &failure{fmt.Errorf("%w; done before it: %s%s", cause, strings.Join(done, "; "), r.remains(cause)), r.wayBack()}
}

// remains tells of what statements before the failed one may have done that no
// requirement shows.
func (r *applying) remains(cause error) string {
	var failed *live.ApplyError
	if !errors.As(cause, &failed) {
		return ""
	}
	done := r.list[:failed.Number-1]
	var left []string
	if r.statements.Password != nil && slices.ContainsFunc(done, func(s string) bool {
		return strings.HasPrefix(s, "SET PASSWORD") || strings.HasPrefix(s, "ALTER USER") && strings.Contains(s, " IDENTIFIED BY ")
	}) {
		left = append(left, "passwords that were set")
	}
	if slices.ContainsFunc(done, func(s string) bool { return strings.HasPrefix(s, "GRANT") }) {
		left = append(left, "privileges that were given")
	}
	if len(left) == 0 {
		return ""
	}
	return " (" + strings.Join(left, " and ") + " stay)"
}

// wayBack is the statements that make the requirements what they were, "" when
// they are.
func (r *applying) wayBack() string { return strings.Join(r.restoring(), "; ") }

func (r *applying) restoring() []string {
	var list []string
	for _, s := range r.states {
		switch {
		case s.after != nil && s.before != nil && requires(s.after, *s.before):
		case s.before != nil:
			list = append(list, check.Restore(*s.before, r.facts.Version))
		case s.after != nil || r.unread:
			list = append(list, "DROP USER "+s.account.SQL())
		}
	}
	return list
}

// takeBack restores every requirement, since the login of this run does not get
// back to its account with the new ones.
func (r *applying) takeBack(ctx context.Context, lockedOut error) error {
	// The statements are written for a session without NO_BACKSLASH_ESCAPES.
	err := r.send(ctx, append([]string{"SET SESSION sql_mode = ''"}, r.restoring()...))
	if err != nil {
		return &failure{fmt.Errorf("%w; putting the requirements back failed: %w", lockedOut, err), r.wayBack()}
	}
	text := "the requirements are what they were before"
	if r.statements.Password != nil && r.statements.Mode != templates.New {
		text += ", the password is not"
	}
	return &failure{fmt.Errorf("%w; %s", lockedOut, text), "log in as another account, or with a certificate that meets the requirement"}
}

// requirement is what the account demands, "absent" without one.
func requirement(account *live.Account) string {
	if account == nil {
		return "absent"
	}
	return check.Require(*account)
}
