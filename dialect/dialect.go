// Package dialect knows what each MySQL and MariaDB version understands.
package dialect

// Product is the make of a server.
type Product string

// The two products.
const (
	MySQL   Product = "mysql"
	MariaDB Product = "mariadb"
)

// Version is one version of a server. Patch is -1 when it was not given; it
// then counts as the newest of its series.
type Version struct {
	Product             Product
	Major, Minor, Patch int
}

// GrantGrammar is the grammar of --grant, for help texts.
const GrantGrammar = ""

// Parse reads a target such as "mysql-8.4" or "mariadb-10.11.19".
func Parse(s string) (Version, error) { return Version{}, nil }

// Detect reads what a server says of itself.
func Detect(banner string) (Version, error) { return Version{}, nil }

// String is the form Parse reads.
func (v Version) String() string { return "" }

// AtLeast reports whether v is major.minor.patch or newer.
func (v Version) AtLeast(major, minor, patch int) bool { return false }

// TLSLibrary is "openssl3", "openssl1" or "yassl".
func (v Version) TLSLibrary() string { return "" }

// The capabilities.
func (v Version) RSAOnly() bool                { return false }
func (v Version) CreateUserRequire() bool      { return false }
func (v Version) CreateUserIfNotExists() bool  { return false }
func (v Version) NoAutoCreateUser() bool       { return false }
func (v Version) SSLMode() bool                { return false }
func (v Version) VerifyServerCert() bool       { return false }
func (v Version) ClientMariaDBGroup() bool     { return false }
func (v Version) RequireSecureTransport() bool { return false }
func (v Version) TLSVersionOption() bool       { return false }
func (v Version) CRLOption() bool              { return false }
func (v Version) PartialRevokes() bool         { return false }
func (v Version) TestedOnServer() bool         { return false }
func (v Version) TLSVersions() []string        { return nil }
func (v Version) ClientGroups() []string       { return nil }
func (v Version) ReloadStatement() string      { return "" }
func (v Version) ClientProgram() string        { return "" }
func (v Version) MaxUser() int                 { return 0 }
func (v Version) MaxHost() int                 { return 0 }

// Literal is s as a string literal.
func Literal(s string) string { return "" }

// Identifier is s in backquotes.
func Identifier(s string) (string, error) { return "", nil }

// OptionValue is s as written after key= in an option file.
func OptionValue(s string) (string, error) { return "", nil }

// ReadOptionValue is the inverse of OptionValue.
func ReadOptionValue(raw string) (string, error) { return "", nil }

// Account is a user at a host pattern.
type Account struct{ User, Host string }

// ParseAccount reads USER[@HOST].
func ParseAccount(s string) (Account, error) { return Account{}, nil }

func (a Account) String() string { return "" }

// SQL is 'user'@'host'.
func (a Account) SQL() string { return "" }

// CheckAccount checks the lengths of this version.
func (v Version) CheckAccount(a Account) error { return nil }

// Grant is PRIVS ON OBJECT [WITH GRANT OPTION].
type Grant struct{}

// ParseGrant reads a grant.
func ParseGrant(s string) (Grant, error) { return Grant{}, nil }

func (g Grant) String() string { return "" }

// SQL is the statement without semicolon.
func (g Grant) SQL(a Account, v Version, partialRevokes bool) string { return "" }

// Requirement is what REQUIRE demands.
type Requirement struct {
	None, SSL, X509, Issuer, Subject bool
	Cipher                           string
}

// ParseRequirement reads "issuer,subject".
func ParseRequirement(s string) (Requirement, error) { return Requirement{}, nil }

func (r Requirement) String() string { return "" }

// Clause is the REQUIRE clause.
func (r Requirement) Clause(issuer, subject string) string { return "" }
