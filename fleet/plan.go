package fleet

import (
	"time"

	"myca/store"
)

// Action is what is to be done about an identity.
type Action string

// The actions. They differ in their first letters.
const (
	Create Action = "create" // there is no active pair of that name
	Renew  Action = "renew"  // a new certificate takes the place of the active one
	Update Action = "update" // the certificate stays, its texts and record change
	Keep   Action = "keep"
	Revoke Action = "revoke" // of what is not in the manifest: it is revoked
)

// Step is one action of a plan.
type Step struct {
	Action     Action
	Kind, Name string
	Serial     string   // of the active certificate, "" for Create; after Apply of the new one
	Replaced   string   // after Apply of Renew: the serial of the old one
	Reasons    []string // why, in words, each with the new and the old value
	// Accounts are USER@HOST whose requirement changes with it, or that are new to
	// the entry or on the servers of its target: their statements have to be run.
	// Those that lose their certificate are among the reasons of Revoke, and those
	// that the manifest has no longer among the notices of the entry that had them.
	Accounts []string
	// Changed is those of Accounts that the entry had before, and whose requirement
	// changes. LocksOut says that they demand the new certificate alone: between
	// the time when it is in place and the time when their statements are run, the
	// client cannot log in.
	Changed  []string
	LocksOut bool
	Notices  []string // what the user should know about it; after Apply also what came up
	Needs    Needs
}

// Options is how a plan is made and applied.
type Options struct {
	Now         time.Time
	RenewBefore time.Duration // renew what ends within it, but at most in the last third of its validity
	Prune       bool          // revoke what is not in the manifest
	Output      string        // folder of the outputs; "": fleet in the store
	Archive     bool          // a tar.gz for each server and client; where outputs have some, they always do
	Version     string        // of the program: outputs of another one are written anew
	// Inputs stands for what else the outputs are made from, such as the time at
	// which a password file was written: outputs of other inputs are written anew.
	// A hash of it can be read by all who can read the inventory.
	Inputs string
	// Secret gives the password of an identity's accounts, nil for none. It is
	// called for each client that is made or changed and needs one that the
	// store does not have, by several goroutines at a time. With Mode "random"
	// it makes one, with "file" it reads the file.
	Secret func(Identity) (*string, error)
}

// Plan is what makes a store what a manifest says.
type Plan struct {
	store    *store.Store
	manifest *Manifest
	options  Options
	judge    *judge
	size     int                // of a batch: batchSize, but in tests
	time     time.Duration      // for drafting one: draftTime, but in tests
	actions  []byte             // of each identity, the first letter of its Action
	strays   []stray            // what is to be revoked
	doomed   map[[2]string]bool // its kinds and names
	unlisted Unlisted
	count    Count
	gate     *gate // for the outputs that are made meanwhile; nil: for nobody
}

// Count is how many steps of each action there are.
type Count struct{ Create, Renew, Update, Keep, Revoke int }

// Changes is how many steps change something.
func (c Count) Changes() int { return c.Create + c.Renew + c.Update + c.Revoke }

// Count is the size of the plan.
func (p *Plan) Count() Count { return p.count }

// add is one more identity with its action.
func (p *Plan) add(a Action) {
	p.actions = append(p.actions, a[0])
	switch a {
	case Create:
		p.count.Create++
	case Renew:
		p.count.Renew++
	case Update:
		p.count.Update++
	case Keep:
		p.count.Keep++
	}
}
