package live

import (
	"encoding/json"
	"fmt"
)

// priv is the JSON of an account in MariaDB's mysql.global_priv, as far as it
// is read (sql_acl.cc, User_table_json). A key that is missing counts as zero.
// The first way of authentication stands beside the others' list, which has an
// empty entry in its place.
type priv struct {
	Plugin  string `json:"plugin"`
	Secret  string `json:"authentication_string"`
	Others  []priv `json:"auth_or"`
	Type    int    `json:"ssl_type"` // 0 none, 1 ANY, 2 X509, 3 SPECIFIED (enum SSL_type)
	Cipher  string `json:"ssl_cipher"`
	Issuer  string `json:"x509_issuer"`
	Subject string `json:"x509_subject"`
	Locked  bool   `json:"account_locked"`
	Role    bool   `json:"is_role"`
}

// readPriv takes the JSON of a row of mysql.global_priv.
func (a *Account) readPriv(text []byte) error {
	var p priv
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("the account %s in %s: %w", a.SQL(), privTable, err)
	}
	if types := []string{"", "ANY", "X509", "SPECIFIED"}; p.Type > 0 && p.Type < len(types) {
		a.Type = types[p.Type]
	}
	if a.Type == "SPECIFIED" {
		a.Cipher, a.Issuer, a.Subject = p.Cipher, p.Issuer, p.Subject
	}
	a.Plugin, a.Locked, a.Role = p.Plugin, p.Locked, p.Role
	methods := []method{{p.Plugin, p.Secret != ""}}
	for _, other := range p.Others {
		if other.Plugin != "" {
			methods = append(methods, method{other.Plugin, other.Secret != ""})
		}
	}
	a.HasPassword = hasPassword(methods)
	a.settle()
	return nil
}

// settle sets what follows from the rest: nobody logs in as a role.
func (a *Account) settle() {
	a.Anonymous = a.User == "" && !a.Role
	if a.Role {
		a.HasPassword = nil
	}
}

// method is one way of authentication.
type method struct {
	plugin string
	secret bool // there is something in its column
}

// hasPassword is false when one of the methods takes an empty password, true
// when one takes a password and none an empty one, and nil when none of them
// keeps its password in the table. Without a secret the plugins for passwords
// take an empty one, except for ed25519 and parsec, which then let nobody in.
func hasPassword(methods []method) *bool {
	var has *bool
	for _, m := range methods {
		switch m.plugin {
		case "", "mysql_native_password", "mysql_old_password", "caching_sha2_password", "sha256_password":
			if !m.secret {
				return new(bool)
			}
		case "ed25519", "parsec":
		default:
			continue
		}
		yes := true
		has = &yes
	}
	return has
}
