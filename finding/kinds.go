package finding

import "slices"

// The identifiers. What each means is in Kinds.
const (
	FileMissing      = "file-missing"
	FileUnreadable   = "file-unreadable"
	ServerCannotRead = "server-cannot-read"
	KeyMissing       = "key-missing"
	KeyMismatch      = "key-mismatch"
	KeyEncrypted     = "key-encrypted"
	KeyExposed       = "key-exposed"

	PublicKey       = "public-key"
	ServerGenerated = "server-generated"
	LooksLikeSampdb = "looks-like-sampdb"

	ChainBroken           = "chain-broken"
	IntermediateNotSent   = "intermediate-not-sent"
	IntermediateUntrusted = "intermediate-untrusted"
	SubjectOfCA           = "subject-of-ca"
	CommonNameOfCA        = "common-name-of-ca"
	UsageWrong            = "usage-wrong"
	SANMissing            = "san-missing"
	HostNotNamed          = "host-not-named"
	Expired               = "expired"
	NotYetValid           = "not-yet-valid"
	ExpiresSoon           = "expires-soon"
	CAEnded               = "ca-ended"
	WeakKey               = "weak-key"
	WeakDigest            = "weak-digest"
	NotACA                = "not-a-ca"
	CARestricted          = "ca-restricted"
	LeafIsCA              = "leaf-is-ca"
	CertificateV1         = "certificate-v1"

	CRLMissing     = "crl-missing"
	CRLExpired     = "crl-expired"
	CRLNotEnforced = "crl-not-enforced"
	CRLNotSet      = "crl-not-set"
	CRLStale       = "crl-stale"
	Revoked        = "revoked"

	OptionFileBroken   = "option-file-broken"
	OptionFileIgnored  = "option-file-ignored"
	OptionUnknown      = "option-unknown"
	OptionInvalid      = "option-invalid"
	OptionTwice        = "option-twice"
	OptionsIncomplete  = "options-incomplete"
	ClientCAMissing    = "client-ca-missing"
	PathRelative       = "path-relative"
	TLSDisabled        = "tls-disabled"
	ServerNotVerified  = "server-not-verified"
	TLSOff             = "tls-off"
	TLSFailed          = "tls-failed"
	HandshakeFailed    = "handshake-failed"
	OldTLS             = "old-tls"
	ReloadForgotten    = "reload-forgotten"
	SupersededInUse    = "superseded-in-use"
	GrantTablesOld     = "grant-tables-old"
	AccountLockedOut   = "account-locked-out"
	RequirementForeign = "requirement-foreign"
	RequirementDiffers = "requirement-differs"
	CipherOnly         = "cipher-only"
	AccountOpen        = "account-open"
	AccountUnprotected = "account-unprotected"
	AccountMissing     = "account-missing"
	AccountShadowed    = "account-shadowed"
	AccountAnonymous   = "account-anonymous"
	RevokedStillOpens  = "revoked-still-opens"

	LoginRefused            = "login-refused"
	LoginWithoutCertificate = "login-without-certificate"
	LoginInPlainText        = "login-in-plain-text"
	LoginWithOther          = "login-with-other"
)

// Kinds is the table of everything that verify and check can find, in the
// order of the documentation.
func Kinds() []Kind {
	return slices.Concat(fileKinds(), boilerplateKinds(), certificateKinds(), crlKinds(), optionKinds(), serverKinds(), accountKinds(), loginKinds())
}

func fileKinds() []Kind {
	return []Kind{
		{FileMissing, Error, ByVerify, "a file that an option names does not exist",
			"MySQL then runs on without TLS, MariaDB does not start, and a client stops",
			"put the file there, or correct the option: myca mycnf server NAME"},
		{FileUnreadable, Error, ByVerify, "a file holds no certificate, key or CRL that can be read, or is cut off",
			"a server or client that is given this file has no TLS, or does not start",
			"write it anew from where it came: myca show NAME tells the file in the store"},
		{ServerCannotRead, Error, ByVerify, "the server's user cannot read a file, or cannot enter the folder it lies in",
			"MySQL then runs on without TLS and only logs a warning; MariaDB does not start",
			"chown mysql FILE && chmod 0400 FILE; then reload or restart the server"},
		{KeyMissing, Error, ByVerify, "there is a certificate, but no private key beside it",
			"a certificate without its key is of no use to a server or client",
			"put the key beside it, or issue the pair anew: myca issue server HOST --force"},
		{KeyMismatch, Error, ByBoth, "the private key is not the certificate's",
			"servers refuse the pair: at the start MySQL runs on without TLS and MariaDB stops, at a reload the old pair stays in force",
			"put the files of one folder of the store in place, certificate and key together: myca install server NAME"},
		{KeyEncrypted, Error, ByVerify, "the private key is encrypted",
			"MySQL has no option for a passphrase, and MariaDB only from 12.0 on: the server waits or has no TLS",
			"openssl pkey -in FILE -out NEWFILE, in a folder that only the server's user can enter"},
		{KeyExposed, Error, ByVerify, "others than its owner and group can read, write or replace a private key",
			"whoever has the key can pose as the server, or log in as the client",
			"chmod o= FILE; if others are on this machine, make a new key: myca renew NAME"},
	}
}

func boilerplateKinds() []Kind {
	return []Kind{
		{PublicKey, Error, ByBoth, "the private key of this certificate is published on the internet",
			"anybody can pose as this server, read its traffic, or log in as this client; under a published CA key, anybody can issue certificates",
			"make a CA and pairs of your own: myca install server --replace-boilerplate, then myca issue client USER@HOST"},
		{ServerGenerated, Error, ByBoth, "the server generated this certificate by itself",
			"it names no host and its CA is known to nobody, so that no client can tell the server from an impostor",
			"myca install server --replace-boilerplate"},
		{LooksLikeSampdb, Error, ByBoth, "the certificate looks like those that come with the sampdb distribution",
			"the private keys of that distribution are in everybody's hands; only its issuer's name is known, so this may be a certificate of your own with the same name",
			"if it is not of your own making: myca install server --replace-boilerplate"},
	}
}

func certificateKinds() []Kind {
	return []Kind{
		{ChainBroken, Error, ByBoth, "no chain of signatures leads from the certificate to one of the trusted CAs",
			"clients that verify the server refuse it, and a server refuses the client's connection, whatever its account requires",
			"give both sides the trust bundle of the CA that signed it: ca-cert.pem in the store"},
		{IntermediateNotSent, Error, ByBoth, "the certificate was signed by an intermediate CA that this server or client will not send",
			"MySQL before 5.7.23 and 8.0.12 sends only the first certificate of the file, and later ones what the file holds; the other side cannot build the chain",
			"append the intermediate to the certificate's file, or put it into the other side's ssl-ca for a server that sends one certificate only"},
		{IntermediateUntrusted, Warning, ByBoth, "the intermediate CA is not in the server's ssl-ca",
			"from 8.0 on MySQL checks its own certificate at the start against ssl-ca alone: it logs a warning, and with tls-certificates-enforced-validation does not start",
			"append the intermediate to the file of ssl-ca"},
		{SubjectOfCA, Error, ByBoth, "the certificate has the same subject as its CA",
			"TLS libraries take it for self-signed and refuse it",
			"issue it anew with another subject: myca issue server HOST --subject DN --force"},
		{CommonNameOfCA, Warning, ByBoth, "the certificate has the same CN as its CA",
			"the servers' manuals demand different ones: programs with older TLS libraries refuse it",
			"issue it anew with another CN: myca issue server HOST --subject DN --force"},
		{UsageWrong, Error, ByBoth, "the certificate's key usage does not allow what it is used for",
			"the other side refuses it in the handshake: a server needs serverAuth, a client clientAuth, a replica or Galera node both",
			"issue it anew: myca issue server HOST --profile peer --force"},
		{SANMissing, Warning, ByBoth, "the server's certificate has no subject alternative name",
			"programs in Go, Java, Python and others ignore the CN and refuse the server when they verify it",
			"issue it anew with every name that clients use: myca issue server HOST --san ANOTHER --force"},
		{HostNotNamed, Error, ByBoth, "the certificate does not name the host that clients connect to",
			"a client that verifies the server's identity refuses it",
			"issue it anew with that name too: myca issue server HOST --san ANOTHER --force"},
		{Expired, Error, ByBoth, "the certificate has expired",
			"the other side refuses it",
			"myca renew NAME, then reload the server"},
		{NotYetValid, Error, ByBoth, "the certificate is not valid yet",
			"the other side refuses it until then; often a clock is wrong",
			"check the clock: date; else myca renew NAME"},
		{ExpiresSoon, Warning, ByBoth, "the certificate ends within 30 days",
			"connections fail from then on",
			"myca renew NAME, then reload the server"},
		{CAEnded, Warning, ByVerify, "a bundle holds a CA that has expired beside others that are valid",
			"what it signed is refused; as long as nothing in use is, it does no harm",
			"take it out of the bundle, or put its successor there"},
		{WeakKey, Error, ByBoth, "the key is too weak",
			"OpenSSL 3 as distributions configure it refuses RSA and DSA keys under 2048 bits and curves under 224, and such keys can be broken",
			"issue it anew: myca issue server HOST --key rsa-2048 --force"},
		{WeakDigest, Error, ByBoth, "the certificate is signed with MD5 or SHA-1",
			"OpenSSL 3 as distributions configure it refuses such signatures, and they can be forged",
			"issue it anew: myca renew NAME"},
		{NotACA, Error, ByBoth, "a certificate that is trusted as a CA, or signed others, is not a CA's",
			"it lacks CA:TRUE or the right to sign certificates, so whatever it signed is refused",
			"make a CA: myca ca create --subject DN"},
		{CARestricted, Error, ByBoth, "the CA has an extended key usage that does not cover what it signed",
			"OpenSSL demands the purpose of every CA of the chain and refuses the certificate",
			"make a CA without extended key usage: myca ca create --subject DN"},
		{LeafIsCA, Warning, ByBoth, "a server's or client's certificate is also a CA's",
			"whoever has its key can issue certificates that your servers accept",
			"issue a pair under a CA of its own: myca bootstrap"},
		{CertificateV1, Warning, ByBoth, "the certificate is X.509 version 1",
			"MariaDB with wolfSSL refuses it as a client's from TLS 1.2 on, and it cannot say what it may be used for",
			"issue it anew: myca issue server HOST --force"},
	}
}

func crlKinds() []Kind {
	return []Kind{
		{CRLMissing, Error, ByVerify, "there is a CRL, but none of every CA in the chain",
			"with ssl-crl set, each CA of the chain must have its list: otherwise every client with a certificate is cut off",
			"myca ca crl, then put crl.pem where ssl-crl says and reload the server"},
		{CRLExpired, Error, ByBoth, "the CRL has expired",
			"every client with a certificate is cut off",
			"myca ca crl, then put crl.pem where ssl-crl says and reload the server"},
		{CRLNotEnforced, Warning, ByBoth, "a CRL is configured, but this server's TLS library does not enforce it",
			"revoked certificates still get in",
			"take the accounts away, or use a build with OpenSSL"},
		{CRLNotSet, Warning, ByCheck, "certificates were revoked, but the server has no CRL",
			"revoked certificates still get in",
			"myca ca crl, then myca mycnf server NAME --crl"},
		{CRLStale, Error, ByCheck, "the server's CRL is older than the store's and lacks revoked certificates",
			"those revoked certificates still get in",
			"myca ca crl, then put crl.pem where ssl-crl says and reload the server"},
		{Revoked, Error, ByBoth, "the certificate is revoked",
			"a server with the CRL refuses it, and whoever has the key may be somebody else",
			"myca issue server HOST --force, or myca issue client USER@HOST --force"},
	}
}

func optionKinds() []Kind {
	return []Kind{
		{OptionFileBroken, Error, ByVerify, "an option file cannot be read by the servers' rules",
			"programs stop at it, or read something else than what seems to stand there",
			"correct the line"},
		{OptionFileIgnored, Error, ByVerify, "everybody can write the option file, so the programs ignore it",
			"none of its options are in force; the programs only print a warning",
			"chmod o-w FILE"},
		{OptionUnknown, Error, ByVerify, "the program does not know the option in this version",
			"it does not start",
			"correct or remove the option, or write loose- before its name"},
		{OptionInvalid, Error, ByVerify, "an option has a value that this version does not take",
			"the server does not start",
			"write a value that it takes"},
		{OptionTwice, Warning, ByVerify, "an option is set in two places to different values",
			"only the last one is in force, which may not be the one that was meant",
			"remove the one that is not in force"},
		{OptionsIncomplete, Error, ByVerify, "the TLS options belong together, and one is missing",
			"a certificate needs its key, and a key its certificate: MySQL runs on without TLS, MariaDB does not start, and a client stops",
			"myca mycnf server NAME"},
		{ClientCAMissing, Warning, ByVerify, "the server has a certificate, but no ssl-ca",
			"it cannot check the certificate of any client; where clients have none, nothing is missing",
			"where clients have certificates: myca mycnf server NAME"},
		{PathRelative, Warning, ByVerify, "the path of a TLS file is relative",
			"the server takes it from its data folder, a client from wherever it is started",
			"write the whole path"},
		{TLSDisabled, Error, ByVerify, "an option switches TLS off",
			"passwords and data cross the network in plain text, and accounts that require TLS are locked out",
			"remove the option"},
		{ServerNotVerified, Warning, ByVerify, "the client does not verify the server's identity",
			"whoever is between can pose as the server",
			"myca mycnf client NAME"},
	}
}

func serverKinds() []Kind {
	return []Kind{
		{TLSOff, Error, ByBoth, "the server offers no TLS",
			"passwords and data cross the network in plain text, and accounts that require TLS are locked out",
			"myca install server --replace-boilerplate"},
		{TLSFailed, Error, ByCheck, "the server has TLS files configured, but TLS is not on",
			"it could not use the files, said so in its error log only, and runs on without TLS",
			"myca verify FILE with the server's option file, mend what it finds, and restart the server"},
		{HandshakeFailed, Error, ByCheck, "the server offers TLS, but the handshake fails",
			"no client with a current TLS library can connect encrypted",
			"look into the server's error log; myca verify FILE with its option file"},
		{OldTLS, Warning, ByBoth, "the server still accepts TLS 1.0 or 1.1",
			"these versions are broken and deprecated (RFC 8996)",
			"tls-version=TLSv1.2,TLSv1.3 in the server's option file, where the version has 1.3"},
		{ReloadForgotten, Error, ByCheck, "the server presents another certificate than the one in its file",
			"the file was replaced and the server not told, so the old certificate is in force until it expires",
			"myca install server NAME; or ALTER INSTANCE RELOAD TLS; (MySQL), FLUSH LOCAL SSL; (MariaDB)"},
		{SupersededInUse, Warning, ByCheck, "the server presents a certificate that was renewed in the store",
			"it expires sooner, and may be signed by a CA that leaves the bundles",
			"myca install server NAME"},
		{GrantTablesOld, Error, ByCheck, "the grant tables have no columns for TLS requirements",
			"no REQUIRE clause can be kept: the tables are of a server before 4.0",
			"mysql_upgrade, or mysql_fix_privilege_tables before 5.0.19"},
	}
}

func accountKinds() []Kind {
	return []Kind{
		{AccountLockedOut, Error, ByCheck, "no certificate of the store meets the account's requirement",
			"the server compares byte for byte: nobody can log in, and it says nothing but access denied",
			"myca grant USER@HOST --existing, and run what it prints"},
		{RequirementForeign, Warning, ByCheck, "the account requires an issuer that is no CA of the store",
			"whether anybody can log in cannot be told from here",
			"myca grant USER@HOST --existing, once its certificate is of the store"},
		{RequirementDiffers, Warning, ByCheck, "the account requires less than its certificate was issued for",
			"others than the certificate's holder may log in",
			"myca grant USER@HOST --existing, and run what it prints"},
		{CipherOnly, Warning, ByCheck, "the account requires a cipher only",
			"MariaDB lets a client in that has no certificate at all",
			"ALTER USER … REQUIRE SUBJECT …: myca grant USER@HOST --existing"},
		{AccountOpen, Error, ByCheck, "the account can be reached from the network without password and without certificate",
			"anybody can log in",
			"ALTER USER 'USER'@'HOST' REQUIRE …: myca grant USER@HOST --existing; or DROP USER 'USER'@'HOST';"},
		{AccountUnprotected, Warning, ByCheck, "the account can be reached from the network and requires no TLS",
			"its password may cross the network without a client noticing that TLS is missing",
			"ALTER USER 'USER'@'HOST' REQUIRE SSL;"},
		{AccountMissing, Warning, ByCheck, "an account of the store does not exist on the server",
			"its holder cannot log in",
			"mysql < FILE with the account statements of the store"},
		{AccountShadowed, Warning, ByCheck, "another account is matched first",
			"the server takes the most specific host first, an anonymous account there too, and never looks at the other",
			"DROP USER ''@'HOST';"},
		{AccountAnonymous, Warning, ByCheck, "an account without a user name lets anybody in under any name",
			"whoever logs in with a name that has no account of its own is taken for it, and it is matched before accounts of wider hosts",
			"DROP USER ''@'HOST';"},
		{RevokedStillOpens, Error, ByCheck, "a revoked certificate of the store still meets the account's requirement",
			"whoever has its key, perhaps the one it was revoked for, can still log in",
			"ALTER USER 'USER'@'HOST' ACCOUNT LOCK; then give the server the CRL: myca ca crl"},
	}
}

func loginKinds() []Kind {
	return []Kind{
		{LoginRefused, Error, ByCheck, "the account cannot log in with its own certificate",
			"its holder is locked out",
			"look into the server's error log, which names the string it compared"},
		{LoginWithoutCertificate, Error, ByCheck, "the account can log in without a certificate",
			"the certificate protects nothing",
			"myca grant USER@HOST --existing, and run what it prints"},
		{LoginInPlainText, Error, ByCheck, "the account can log in without TLS",
			"password and data cross the network in plain text",
			"myca grant USER@HOST --existing, and run what it prints"},
		{LoginWithOther, Error, ByCheck, "the account can log in with the certificate of another client",
			"the certificate does not tell its holder from others",
			"myca grant USER@HOST --existing, and run what it prints"},
	}
}
