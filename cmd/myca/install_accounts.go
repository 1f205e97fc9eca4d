package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"myca/live"
)

// cutOff tells who loses access with the CAs that the server trusts no more.
func (r *serverInstall) cutOff(ctx context.Context) error {
	if len(r.plan.Dropped) == 0 {
		return nil
	}
	text := fmt.Sprintf("the server trusts no more: %s; clients with a certificate of it are refused", strings.Join(r.plan.Dropped, ", "))
	if r.running == nil {
		r.notices = append(r.notices, text)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	accounts, err := r.running.session.Accounts(ctx)
	switch {
	case errors.Is(err, live.ErrNotSeen):
		text += "; which accounts require one was not seen: " + err.Error()
	case err != nil:
		return err
	}
	var names []string
	for _, a := range accounts {
		if (a.Type == "X509" || a.Type == "SPECIFIED") && !a.Role {
			r.requiring = append(r.requiring, a.Account)
			names = append(names, a.SQL())
		}
	}
	slices.Sort(names)
	if n := len(names); n > 10 {
		names = append(names[:10], fmt.Sprintf("and %d more", n-10))
	}
	if names != nil {
		text += "; accounts that require one: " + strings.Join(names, ", ")
	}
	r.notices = append(r.notices, text)
	return nil
}
