package templates

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"myca/dialect"
)

// DeployDir is the folder of the server's host that NextSteps suggests when none
// was chosen. The packages of both products let the server read below /etc/mysql.
const DeployDir = "/etc/mysql/myca"

// NextSteps describes what to do after pairs were made.
type NextSteps struct {
	Dir     string // the store
	Program string // how a shell calls myca again, quoted where needed; "" is myca
	Target  dialect.Version
	Servers []StepServer
	Clients []StepClient
}

// StepServer is a server pair. Folder is its folder in the store. DeployDir is
// the folder its my.cnf names; "" means that my.cnf names Folder, which a
// server's own user cannot read: the steps then copy to DeployDir and write
// another option file. Owner is USER[:GROUP], "" for mysql:mysql.
type StepServer struct{ Name, Folder, DeployDir, Owner string }

// StepClient is a client pair. Folder and DeployDir are as in StepServer; with
// DeployDir "" the client reads the store. SQL is the file of its account
// statements, "" for none. Existing says that the accounts are on the server
// already, so that the statements only change what they demand. Host and Port are
// in its my.cnf already.
type StepClient struct {
	Name, Folder, DeployDir, SQL string
	Accounts                     []dialect.Account
	Existing                     bool
	Password                     Password
	Host                         string
	Port                         int
}

// Password says where a client's password comes from.
type Password string

// The places of a password.
const (
	PasswordKept  Password = "random" // made by myca: in my.cnf and the account statements
	PasswordTyped Password = "file"   // known to the user, and typed
	NoPassword    Password = "none"   // the certificate alone opens the account
)

// Text is the steps in order, numbered. Every line that starts with four blanks
// is a command of a POSIX shell and can be pasted; prose starts at the margin.
//
// The error is Problems: a path or name with a line break or another control
// character, which no command line can hold.
func (n NextSteps) Text() (string, error) {
	if n.Program == "" {
		n.Program = "myca"
	}
	if err := n.check().err(); err != nil {
		return "", err
	}
	v := nextView{NextSteps: n, step: new(int)}
	for _, s := range n.Servers {
		v.Deployed = append(v.Deployed, deployedServer{s})
	}
	for _, c := range n.Clients {
		v.Connecting = append(v.Connecting, connectingClient{c})
	}
	return render("next.txt.tmpl", v)
}

func (n NextSteps) check() Problems {
	var p Problems
	words := []string{n.Dir, n.Program}
	for _, s := range n.Servers {
		words = append(words, s.Name, s.Folder, s.DeployDir, s.Owner)
	}
	for _, c := range n.Clients {
		words = append(words, c.Name, c.Folder, c.DeployDir, c.SQL, c.Host)
		for _, a := range c.Accounts {
			words = append(words, a.User)
		}
	}
	for _, w := range words {
		if strings.ContainsFunc(w, unicode.IsControl) {
			p.add("dir", fmt.Sprintf("%q holds a line break or another control character", w), "choose another name")
		}
	}
	return p
}

// nextView is what next.txt.tmpl shows.
type nextView struct {
	NextSteps
	Deployed   []deployedServer
	Connecting []connectingClient
	step       *int
}

// Step counts the steps.
func (v nextView) Step() int { *v.step++; return *v.step }

// MariaDB reports which product's names to use.
func (v nextView) MariaDB() bool { return v.Target.Product == dialect.MariaDB }

// Client is the target's client program.
func (v nextView) Client() string { return v.Target.ClientProgram() }

// DropIns are the folders of server option files, the likeliest first: those of
// Debian's packages, then those of the RPM packages.
func (v nextView) DropIns() []string {
	if v.MariaDB() {
		return []string{"/etc/mysql/mariadb.conf.d", "/etc/mysql/conf.d", "/etc/my.cnf.d"}
	}
	return []string{"/etc/mysql/mysql.conf.d", "/etc/mysql/conf.d", "/etc/my.cnf.d"}
}

// Restart restarts the service under its usual names.
func (v nextView) Restart() string {
	if v.MariaDB() {
		return "systemctl restart mariadb"
	}
	return "systemctl restart mysql || systemctl restart mysqld"
}

// LoadedStatus reports whether SHOW STATUS tells which certificate is loaded:
// from MySQL 8.0.16. MariaDB tells so in encrypted sessions only.
func (v nextView) LoadedStatus() bool { return !v.MariaDB() && v.Target.AtLeast(8, 0, 16) }

// AnonymousAccounts reports whether a new data folder may have accounts without
// a user name: MySQL before 5.7, MariaDB always.
func (v nextView) AnonymousAccounts() bool { return v.MariaDB() || !v.Target.AtLeast(5, 7, 0) }

// NoTLS are the client's options for plain text.
func (v nextView) NoTLS() string { return strings.Join(NoTLS(v.Target), " ") }

// NoHost reports whether a client's my.cnf leaves the server's address open.
func (v nextView) NoHost() bool {
	return slices.ContainsFunc(v.Clients, func(c StepClient) bool { return c.Host == "" })
}

// Random reports whether a client has a password that myca made.
func (v nextView) Random() bool { return v.has(PasswordKept) }

// Bare reports whether a client has no password.
func (v nextView) Bare() bool { return v.has(NoPassword) }

func (v nextView) has(p Password) bool {
	return slices.ContainsFunc(v.Clients, func(c StepClient) bool { return c.SQL != "" && c.Password == p })
}

// Own reports whether an administrator's own account is to demand a certificate.
func (v nextView) Own() bool {
	return slices.ContainsFunc(v.Demanding(), func(c connectingClient) bool { return c.Login() != "" })
}

// Hosts are the host patterns of all accounts, "" when one is any host.
func (v nextView) Hosts() string {
	var hosts []string
	for _, c := range v.Clients {
		for _, a := range c.Accounts {
			if a.Host == "%" {
				return ""
			}
			if !slices.Contains(hosts, a.Host) {
				hosts = append(hosts, a.Host)
			}
		}
	}
	return strings.Join(hosts, ", ")
}

// SQLFiles are the clients that have account statements, which make accounts.
func (v nextView) SQLFiles() []connectingClient { return v.withSQL(false) }

// Demanding are the clients whose accounts exist and are to demand certificates.
func (v nextView) Demanding() []connectingClient { return v.withSQL(true) }

func (v nextView) withSQL(existing bool) []connectingClient {
	var with []connectingClient
	for _, c := range v.Connecting {
		if c.SQL != "" && c.Existing == existing {
			with = append(with, c)
		}
	}
	return with
}

// deployedServer is a server pair and where the steps put it.
type deployedServer struct{ StepServer }

// Rewritten reports whether the option file in the store names the store.
func (s deployedServer) Rewritten() bool { return s.DeployDir == "" }

// Place is the folder on the server's host.
func (s deployedServer) Place() string {
	if s.DeployDir != "" {
		return s.DeployDir
	}
	return DeployDir
}

// Elsewhere reports whether Place is not where servers may read as a rule.
func (s deployedServer) Elsewhere() bool { return !strings.HasPrefix(s.Place(), "/etc/mysql/") }

// As is the owner as options of install.
func (s deployedServer) As() string {
	owner := s.Owner
	if owner == "" {
		owner = "mysql:mysql"
	}
	user, group, _ := strings.Cut(owner, ":")
	if group == "" {
		return "-o " + Shell(user)
	}
	return "-o " + Shell(user) + " -g " + Shell(group)
}

// User is the user the server runs as.
func (s deployedServer) User() string {
	user, _, _ := strings.Cut(s.Owner, ":")
	if user == "" {
		return "mysql"
	}
	return user
}

// Snippet is the file in the current folder that receives the option file.
func (s deployedServer) Snippet() string { return "myca-" + s.Name + ".cnf" }

// connectingClient is a client pair and where it is read from.
type connectingClient struct{ StepClient }

// Place is the folder with the client's my.cnf.
func (c connectingClient) Place() string {
	if c.DeployDir != "" {
		return c.DeployDir
	}
	return c.Folder
}

// Snippet is the file in the current folder that receives the option file for
// another host.
func (c connectingClient) Snippet() string { return "myca-" + c.Name + ".cnf" }

// As are the options that make the client log in as the account: ~/.my.cnf is
// read after --defaults-extra-file, and may name another user and password.
// Where the client's my.cnf has no password and there may be one, it is asked for.
func (c connectingClient) As() string { return c.as(c.Password == PasswordTyped || c.Existing) }

// AsAfterwards is As for accounts that have a password by then.
func (c connectingClient) AsAfterwards() string {
	return c.as(c.Password != PasswordKept && c.Password != "" || c.Existing)
}

func (c connectingClient) as(ask bool) string {
	options := ""
	if len(c.Accounts) > 0 {
		options = " --user=" + Shell(c.Accounts[0].User)
	}
	if ask {
		options += " -p"
	}
	return options
}

// Login is the options of myca grant --apply for the administrator's own account,
// whose login has to meet what it is to demand; "" for any other account.
func (c connectingClient) Login() string {
	if len(c.Accounts) == 0 || c.Accounts[0].User != "root" {
		return ""
	}
	return " --defaults-file " + shellPath(c.Place(), "my.cnf")
}

// NewPassword is the flag of myca grant that gives an account without a
// password one.
func (c connectingClient) NewPassword() string {
	if c.Password != NoPassword {
		return ""
	}
	return " --password-file " + Shell(c.Name+".password")
}
