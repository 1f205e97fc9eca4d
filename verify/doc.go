// Package verify is the offline diagnosis: what is wrong with certificates, keys,
// CRLs, option files, and the folders they lie in. It only reads.
//
// Rules judges certificates and CRLs that were read already: by the checks of
// OpenSSL and of the servers, for a target version, at a given time. Disk reads
// files and folders, tells what they hold by their content, brings together what
// belongs together (a key and its certificate by the public key, a bundle, a CRL,
// the files that the options in force name) and applies the Rules. Both say what
// they found as findings of package finding, which documents each kind.
//
// What a Disk leaves aside it says in Report.Unseen: files that it may not read,
// paths that lead to another host, a server's user that cannot be told. It knows
// owners, groups and modes, and neither access control lists nor SELinux or
// AppArmor.
package verify
