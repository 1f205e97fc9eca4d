package store

import (
	"encoding/json"
	"fmt"

	"myca/ledger"
)

// Spec is what a certificate and its texts were made from: what renewing it
// and printing its texts again repeat. The ledger keeps it as JSON. It never
// holds a password.
type Spec struct {
	Target           string   `json:"target,omitempty"`  // as dialect.Parse reads it
	Subject          string   `json:"subject,omitempty"` // as asked for; "" when it was the default
	Profile          string   `json:"profile,omitempty"`
	SANs             []string `json:"sans,omitempty"`
	Days             int      `json:"days,omitempty"` // 0 when the end was given as a time
	Key              string   `json:"key,omitempty"`
	KeyFormat        string   `json:"key_format,omitempty"`
	DeployDir        string   `json:"deploy_dir,omitempty"`
	Owner            string   `json:"owner,omitempty"`    // USER[:GROUP] of a server's folder
	Accounts         []string `json:"accounts,omitempty"` // USER@HOST, all of one user
	Require          string   `json:"require,omitempty"`
	Grants           []string `json:"grants,omitempty"`
	Password         string   `json:"password,omitempty"` // "none", "random", "file" or ""
	PartialRevokes   bool     `json:"partial_revokes,omitempty"`
	AllowNonportable bool     `json:"allow_nonportable,omitempty"`
	TLSLibrary       string   `json:"tls_library,omitempty"` // "": the target's
	Connect          string   `json:"connect,omitempty"`     // HOST[:PORT] of the server
	Groups           []string `json:"groups,omitempty"`
	Mode             string   `json:"mode,omitempty"`      // "new", "if-not-exists" or "existing"
	Bootstrap        *Spec    `json:"bootstrap,omitempty"` // of a CA: what bootstrap was asked for beside it
}

// Values of Spec.Password.
const (
	passwordRandom = "random"
	passwordFile   = "file"
)

// ReadSpec reads the spec of a row. Its error wraps ErrDamaged.
func ReadSpec(r ledger.Row) (Spec, error) {
	var sp Spec
	if err := json.Unmarshal(r.Spec, &sp); err != nil {
		return Spec{}, fmt.Errorf("%w: spec of certificate %s: %w", ErrDamaged, r.Serial, err)
	}
	return sp, nil
}

// record is the spec as the ledger keeps it.
func (sp Spec) record() ([]byte, error) {
	data, err := json.Marshal(sp)
	if err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	return data, nil
}
