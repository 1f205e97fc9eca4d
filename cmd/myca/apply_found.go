package main

import "fmt"

// announce says that there is no store yet, so that a folder that was misspelt
// makes no second authority unnoticed: on a terminal it asks, else it is a
// notice.
func (r *provisioning) announce() error {
	missing := fmt.Sprintf("no store at %q", r.t.dir)
	switch {
	case r.dryRun:
		r.early = append(r.early, missing+": a new certificate authority would be made")
	case r.t.interactive():
		fmt.Fprintf(r.t.err, "There is %s.\n", missing)
		yes, err := r.t.asker().confirm(fmt.Sprintf("Make a new certificate authority there, %s?", r.manifest.CA.Subject))
		if err == nil && !yes {
			err = errDeclined
		}
		return err
	default:
		r.early = append(r.early, missing+": a new certificate authority is made")
	}
	r.t.notice(r.early...)
	return nil
}
