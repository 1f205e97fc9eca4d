package optionfile

// Setting is what a program has for one thing that options can set.
type Setting struct {
	Key        string   // the option's full name: "ssl-ca", "ssl" also for skip-ssl
	InForce    Option   // the last one
	Overridden []Option // earlier ones with another value, in their order
}

// Settings resolves which options are in force for each option of TLS, and for
// user, datadir, host, port, socket and password.
func Settings(r Result, p Program) []Setting { return nil }
