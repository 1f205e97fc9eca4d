package dialect

// ServerTLSOption reports whether the server of this version knows the option
// of that name, as far as it is about TLS: ssl-ca, tls-version, and so on.
func (v Version) ServerTLSOption(name string) bool { return false }

// ClientTLSOption is ServerTLSOption for the client programs.
func (v Version) ClientTLSOption(name string) bool { return false }

// ChainFile reports whether server and clients send all certificates of their
// certificate file; otherwise only the first.
func (v Version) ChainFile() bool { return true }
