package fleet

import (
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/store"
)

// Manifest is a manifest without mistakes. Its servers and clients are numbered
// from 0 in the order of the document, servers first.
type Manifest struct {
	Name string // as messages name the file
	CA   CA
}

// CA is what the manifest says of the authority. It founds a store; one that is
// there must agree with it.
type CA struct {
	Subject          dn.Name    // nil: none is given
	Key              ca.KeyType // "": none is given
	Days             int        // 0: none is given
	AllowNonportable bool
}

// Identity is one server or client as it is to be.
type Identity struct {
	// Request is complete but for the validity, which begins when it is made and
	// takes Spec.Days.
	Request    issue.Request
	Spec       store.Spec // as it is recorded: Subject as written, "" for the default
	Secret     Secret     // of the accounts of a client
	Target     dialect.Version
	Replicates *Replication // of a server that is a replica, else nil
	Host       string       // of a server: its first host
}

// Secret is where the password of accounts comes from.
type Secret struct {
	Mode string // "none", "random" or "file", as in store.Spec
	File string // of mode file: the path as written in the manifest
}

// Replication says of a server from where it replicates.
type Replication struct {
	Source  string          // name of a server of the manifest
	Target  dialect.Version // of that server
	Account dialect.Account // on the source; demands the replica's certificate
	Host    string          // of the source
	Port    int
}

// Ground is what a manifest is checked against.
type Ground struct {
	Authority *ca.Authority   // the store's that signs; nil: there is no store yet
	Target    dialect.Version // for what names none
	Now       time.Time
}

// Len is the number of identities.
func (m *Manifest) Len() int { return 0 }

// At is the identity i, from 0 to Len()-1, expanded.
func (m *Manifest) At(i int) Identity { return Identity{} }

// Read reads a manifest; name is what messages call it. The error is Problems.
func Read(name string, text []byte, g Ground) (*Manifest, error) { return &Manifest{Name: name}, nil }
