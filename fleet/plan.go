package fleet

import (
	"context"
	"iter"
	"time"

	"myca/store"
)

// Action is what is to be done about an identity.
type Action string

// The actions.
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
	Reasons    []string // why, in words, each with the old and the new value
	Accounts   []string // USER@HOST whose requirement changes with it: their statements have to be run again
	Notices    []string // after Apply: what the user should know about it
}

// Options is how a plan is made and applied.
type Options struct {
	Now         time.Time
	RenewBefore time.Duration // renew what ends within it, but at most in the last third of its validity
	Prune       bool          // revoke what is not in the manifest
	Output      string        // folder of the outputs; "": fleet in the store
	Archive     bool          // a tar.gz for each server and client
	Version     string        // of the program: outputs of another one are written anew
	// Secret gives the password of an identity's accounts, nil for none. It is
	// called for each pair that is made, by several goroutines at a time.
	Secret func(Identity) (*string, error)
}

// Plan is what makes a store what a manifest says.
type Plan struct {
	store    *store.Store
	manifest *Manifest
	options  Options
}

// Count is how many steps of each action there are.
type Count struct{ Create, Renew, Update, Keep, Revoke int }

// Changes is how many steps change something.
func (c Count) Changes() int { return c.Create + c.Renew + c.Update + c.Revoke }

// Survey makes the plan. It reads only. The error is Problems when the
// authority of the manifest is not the store's.
func Survey(ctx context.Context, s *store.Store, m *Manifest, o Options) (*Plan, error) {
	return &Plan{store: s, manifest: m, options: o}, nil
}

// Count is the size of the plan.
func (p *Plan) Count() Count { return Count{} }

// Steps goes through the steps that change something: servers and clients in the
// order of the manifest, then what is revoked. They are computed anew, so that
// the plan stays small.
func (p *Plan) Steps(ctx context.Context) iter.Seq2[Step, error] {
	return func(func(Step, error) bool) {}
}

// Apply carries the plan out. done is called after each batch that is durable,
// with its steps, by one goroutine. The errors are those of store.Commit; what
// done was told of stays.
func (p *Plan) Apply(ctx context.Context, done func([]Step) error) error { return nil }
