// Package store is the folder pki/: an authority, the pairs it issued, and
// the record of them. Everything that changes it goes through [Store.Commit].
//
// # The folder
//
//	ca-cert.pem                    the trust bundle to hand out
//	ca/GENERATION/                 ca-cert.pem ca-key.pem
//	servers/NAME/                  ca-cert.pem server-cert.pem server-key.pem my.cnf
//	clients/NAME/                  ca-cert.pem client-cert.pem client-key.pem my.cnf
//	sql/NAME.sql                   a client's account statements
//	archive/SERIAL/                a pair that was replaced, with its statements
//	ledger.db                      the record (package ledger)
//	lock                           held by the one process that writes
//	.new/                          what is being written; empty between changes
//
// Folders have mode 0700; keys, account statements, a my.cnf with a password and
// the lock (whoever may open it could hold it) 0600; everything else 0644,
// whatever the umask. A server's folder may be given to the server's user. Random passwords are in sql/NAME.sql and
// clients/NAME/my.cnf and nowhere else. Every ca-cert.pem but the generations'
// own holds the active authorities of the ledger, the newest first.
//
// # The protocol of a change
//
//  1. Everything is computed in memory: keys, signed and checked certificates,
//     texts ([Found], [Store.Draft]). Nothing is durable, no lock is held.
//  2. The exclusive lock is taken; the kernel releases it when the process dies.
//     What a dead process left is recovered. Names, and which authority signs,
//     are compared with what the drafts were based on.
//  3. Each certificate's material is staged, complete, in .new/SERIAL/:
//     pair/ (the folder to be), accounts.sql, and replaced.sql, a copy of the
//     statements that accounts.sql will replace. Files and folders are flushed
//     to the disk, a batch with one syncfs.
//  4. One transaction in the ledger records the new certificates and marks the
//     replaced ones superseded. This is the moment at which the change happens.
//     A failure before it removes what was staged.
//  5. accounts.sql is renamed into place, then pair/: by exchanging the two
//     names where there is something already (by two renames, over aside/, where
//     the system cannot). The old folder moves to archive/SERIAL/. The folders'
//     names are flushed, .new/SERIAL/ is removed, the lock released.
//
// The founding of a store is the same protocol with one difference: in step 4
// the ledger is made, with its rows, in .new/ledger.db and renamed to ledger.db.
// A folder without ledger.db is no store, and what a founding left there is
// cleared away by the next one.
//
// # Recovery
//
// Whatever is in .new when a writer holds the lock belongs to a dead process.
// Each staged folder is judged by the ledger and the certificate in it: active
// and not in place, it is put in place as in step 5; superseded or revoked (the
// other side of an exchange), it is archived; unknown to the ledger, as its
// whole staging folder is, it is deleted. Because the statements go first, a
// staged folder that still holds its new certificate tells that the pair is not
// in place, whatever happened to the statements. Every step can be repeated.
// ca-cert.pem is compared with the ledger and written again where it differs.
//
// So, after a kill at any moment, a full disk, or a power failure on a file
// system that keeps what was flushed: every certificate in a folder is in the
// ledger, certificate and key of a folder belong together, and no serial is
// used twice. An error of Commit means that nothing was changed, with two
// exceptions that say so: the change is recorded but could not be put in place
// yet (the next writing command does it), or the disk failed in a way that
// leaves open whether it is recorded (the next writing command finds out).
//
// # Reading
//
// Reading takes no lock, writes nothing and works on a read-only file system.
// What was recorded but not put in place yet is read where it is staged. A
// program that opens certificate and key of a folder one after the other while
// it is replaced may see two pairs mixed: servers refuse such a pair and keep
// the old one, so reload after a change.
package store
