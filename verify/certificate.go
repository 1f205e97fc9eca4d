package verify

import "crypto/x509"

// Role is what a certificate is used for.
type Role string

// The roles. A peer is server and client at once: a replica, a node of Galera
// or of Group Replication.
const (
	Unknown   Role = ""
	Server    Role = "server"
	Client    Role = "client"
	Peer      Role = "peer"
	Authority Role = "authority"
)

// RoleOf is what a certificate is used for, by its content and, where that
// leaves it open, the name of its file (without folders).
func RoleOf(c *x509.Certificate, fileName string) Role { return Unknown }
