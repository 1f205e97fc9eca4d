package fleet

import (
	"slices"
	"testing"
)

// Of the accounts whose statements are to be run, those are told whose
// requirement changes, and whether their client is locked out meanwhile.
func TestLockedOut(t *testing.T) {
	const app, pattern = `name: app, account: "app@10.%", `, "app@10.%"
	for name, test := range map[string]struct {
		before, now     string
		changed, locked bool
	}{
		"another subject":                {app, app + `subject: "/CN=app"`, true, true},
		"another subject, issuer":        {app + "password: random, require: [issuer]", app + "password: random, require: [issuer], subject: /CN=app", false, false},
		"subject, now demanded":          {app + "password: random, require: [issuer]", app + "subject: /CN=app", true, true},
		"another requirement":            {app, app + "require: [subject]", true, false},
		"another requirement and key":    {app, app + "require: [subject], key: ec-p384", true, false},
		"another host":                   {app, `name: app, account: "app@192.168.%"`, false, false},
		"another target, same pair":      {app, app + "target: mysql-9.7", false, false},
		"another key":                    {app, app + "key: ec-p384", false, false},
		"another host and subject":       {app, `name: app, account: "app@192.168.%", subject: /CN=app`, false, false},
		"one more host, another subject": {app, `name: app, account: ["app@10.%", "app@192.168.%"], subject: /CN=app`, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(entries("", test.before))
			step := stepOf(w.apply(entries("", test.now)), "client/app")
			var want []string
			if test.changed {
				want = []string{pattern}
			}
			if !slices.Equal(step.Changed, want) || step.LocksOut != test.locked {
				t.Errorf("%+v", step)
			}
		})
	}

	// Made anew after a revocation, with the same subject and with another.
	for subject, locked := range map[string]bool{"/O=acme/CN=app": false, "/CN=app": true} {
		w := newWorld(t, 3650)
		w.apply(entries("", app+"subject: /O=acme/CN=app"))
		w.options.Prune = true
		w.apply(entries("", "account: other@%"))
		if step := stepOf(w.apply(entries("", app+"subject: "+subject)), "client/app"); step.LocksOut != locked || (step.Changed != nil) != locked {
			t.Errorf("%s: %+v", subject, step)
		}
	}
}
