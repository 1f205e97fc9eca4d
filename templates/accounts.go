package templates

import (
	"time"

	"myca/dialect"
	"myca/dn"
)

// Mode says what a file of account statements is for.
type Mode string

// The modes.
const (
	New         Mode = "new"
	IfNotExists Mode = "if-not-exists"
	Existing    Mode = "existing"
	Rescind     Mode = "rescind"
)

// Accounts is a file of account statements.
type Accounts struct {
	Target          dialect.Version
	Library         dn.Library
	Issuer, Subject dn.Name
	Name, Serial    string
	NotAfter        time.Time
	Accounts        []dialect.Account
	Require         dialect.Requirement
	Grants          []dialect.Grant
	Mode            Mode
	Password        *string
	PartialRevokes  bool
}

// SQL is the file.
func (a Accounts) SQL() (string, error) { return "", nil }
