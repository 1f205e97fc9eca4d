package fleet

import (
	"slices"

	"myca/dialect"
	"myca/ledger"
	"myca/store"
)

// Needs is what is to be done on the hosts after a step; nothing after Revoke,
// whose statements are among its reasons.
type Needs struct {
	Files    bool            // its files are to be brought to its host
	Reload   dialect.Version // of the server that reads them anew; zero for a client, and without Files
	Accounts dialect.Version // whose fleet.sql is to be run; zero for none
	Start    bool            // a server that replicates from now on: its own statements are to be run
}

// needs is what a step asks for; its action and accounts are known.
func (d *difference) needs() Needs {
	now, was, replica := d.want.Spec, d.was, d.want.Replicates != nil
	fresh := d.step.Action == Create || d.step.Action == Renew
	n := Needs{
		Files: fresh || files(now, was),
		Start: replica && (d.step.Action == Create || len(was.Accounts) == 0),
	}
	if len(now.Accounts) > 0 && (d.step.Action == Create || len(d.step.Accounts) > 0 || statements(now, was)) {
		n.Accounts = d.want.Target
		if replica {
			n.Accounts = d.want.Replicates.Target
		}
	}
	if n.Files && d.kind() == ledger.Server {
		n.Reload = d.want.Target
	}
	return n
}

// files says whether the option files, or the places, of two specs differ.
func files(now, was store.Spec) bool {
	return now.Target != was.Target || now.DeployDir != was.DeployDir || now.Connect != was.Connect || now.Password != was.Password ||
		!slices.Equal(now.Groups, was.Groups) || !slices.Equal(now.Accounts, was.Accounts)
}

// statements says whether the account statements of two specs differ, but for
// what the accounts demand.
func statements(now, was store.Spec) bool {
	return now.Target != was.Target || now.Password != was.Password || now.Mode != was.Mode || now.PartialRevokes != was.PartialRevokes ||
		!slices.Equal(now.Grants, was.Grants) || !slices.Equal(now.Accounts, was.Accounts)
}
