package check

import (
	"fmt"
	"regexp"
	"strings"

	"myca/dialect"
	"myca/finding"
)

// Commands is what the commands of mends need to reach the same server and the
// same store. The zero value leaves it to option files and defaults.
type Commands struct {
	Connection string // options of mysql and mariadb: "--socket=/run/mysqld/mysqld.sock -u root"
	Store      string // global flags of myca: "--dir /srv/pki"
}

// program is a client program of the server with its connection.
func (c Commands) program(name string) string {
	return strings.TrimSpace(name + " " + c.Connection)
}

// client is the command that runs statements.
func (c Commands) client(v dialect.Version) string { return c.program(v.ClientProgram()) }

// execute is the command that runs one statement.
func (c Commands) execute(v dialect.Version, statement string) string {
	return fmt.Sprintf("%s -e %q", c.client(v), statement)
}

// Complete puts the flags of the store into every command of myca that the
// mends of the findings have.
func (c Commands) Complete(found []finding.Finding) {
	if c.Store == "" {
		return
	}
	command := regexp.MustCompile(`\bmyca (bootstrap|ca|issue|mycnf|grant|list|show|renew|revoke)\b`)
	flags := "myca " + strings.ReplaceAll(c.Store, "$", "$$") + " $1"
	for i := range found {
		found[i].Mend = command.ReplaceAllString(found[i].Mend, flags)
	}
}
