package verify

import (
	"crypto/x509"
	"path"
	"slices"

	"myca/ca"
)

// misplaced is the command for a certificate of a client in the place of a
// server's, or the other way round, by its extended key usage; "" for any other,
// and for a pair of the store, which is issued anew.
func (j *judge) misplaced() string {
	if j.Name != "" || !misplacedAs(j.leaf, j.Role) {
		return ""
	}
	return "put the " + string(j.Role) + "'s certificate there, and its key"
}

// misplacedAs reports whether a certificate is only for the other role.
func misplacedAs(c *x509.Certificate, role Role) bool {
	return (role == Server || role == Client) && !purposeAllows(c, role) && purposeAllows(c, otherRole(role))
}

func otherRole(role Role) Role {
	if role == Server {
		return Client
	}
	return Server
}

// renew is the command that renews the pair; "" when its name is not known.
func (j *judge) renew() string {
	if j.Name == "" {
		return ""
	}
	return "myca renew " + shellWord(j.Name)
}

// reissue is the command that makes the pair anew with everything that is asked
// of it; "" when its name is not known.
func (j *judge) reissue() string {
	if j.Name == "" {
		return ""
	}
	name := shellWord(path.Base(j.Name))
	end := keyFlag(j.leaf) + " --name " + name + " --force"
	if !j.Role.serves() {
		return "myca issue client USER@HOST" + end
	}
	hosts := hostsOf(j.leaf)
	for _, host := range j.Hosts {
		if !NamesHost(j.leaf, host) || len(hosts) == 0 {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		hosts = []string{"HOST"}
	}
	words := "myca issue server"
	for _, host := range hosts {
		words += " " + shellWord(host)
	}
	if j.Role == Peer {
		words += " --profile peer"
	}
	return words + end
}

// keyFlag keeps the kind of the key, where it is not the default one.
func keyFlag(c *x509.Certificate) string {
	key := ca.KeyTypeOf(c.PublicKey)
	if key == ca.RSA2048 || !slices.Contains(ca.KeyTypes(), key) {
		return ""
	}
	return " --key " + string(key)
}
