// Package store is the folder pki/: an authority, the pairs it issued, and
// the record of them. Everything that changes it goes by one protocol: new and
// renewed pairs, and other texts for pairs that stay ([Store.Commit]),
// revocations ([Store.Revoke]), lists of them ([Store.WriteCRL]), and the steps
// of a rotation ([Store.RotateBegin]).
//
// # The folder
//
//	ca-cert.pem                    the trust bundle to hand out
//	ca/GENERATION/                 ca-cert.pem ca-key.pem
//	servers/NAME/                  ca-cert.pem server-cert.pem server-key.pem my.cnf
//	clients/NAME/                  ca-cert.pem client-cert.pem client-key.pem my.cnf
//	sql/NAME.sql                   a client's account statements
//	crl.pem                        what is revoked: a list of each active authority
//	archive/SERIAL/                a pair that was replaced or revoked, with its
//	                               statements; an authority that was given up
//	ledger.db                      the record (package ledger)
//	lock                           held by the one process that writes
//	install/                       journals of myca install, and what it replaced on
//	                               this machine (package deploy); the store does
//	                               not look into it
//	.new/                          what is being written; empty between changes
//
// Folders have mode 0700; keys, account statements, a my.cnf with a password and
// the lock (whoever may open it could hold it) 0600; everything else 0644,
// whatever the umask. A server's folder may be given to the server's user.
// Random passwords are in sql/NAME.sql and clients/NAME/my.cnf and nowhere else,
// but for option files that myca install has replaced.
// Every ca-cert.pem of an active pair and the store's own hold the active
// authorities of the ledger, the newest first; crl.pem has their lists in the
// same order.
//
// # The protocol of a change
//
//  1. Everything is computed in memory: keys, signed and checked certificates,
//     texts ([Found], [Store.Draft]). Nothing is durable, no lock is held.
//  2. The exclusive lock is taken; the kernel releases it when the process dies.
//     What a dead process left is recovered. Names, the states of what is to be
//     revoked, and which authority signs are compared with what the change was
//     based on. A CRL is signed here: only now is known what it has to name and
//     which number is the next.
//  3. Everything is staged, complete, in .new, under names that begin with the
//     serial: SERIAL/ is the folder to be, with its account statements in NAME.sql,
//     as in the archive, and SERIAL.replaced.sql a copy of the statements that these
//     will replace.
//     SERIAL.amend/ has the new texts of a pair whose certificate stays: my.cnf,
//     accounts.sql, and spec.json, the new spec as the ledger will have it.
//     SERIAL.withdraw/ is empty: the certificate is to be taken out of its place.
//     A CRL is crl.pem. Files and folders are flushed to the disk, a batch with
//     one syncfs.
//  4. One transaction in the ledger records the new certificates, marks others
//     superseded or revoked, gives others their new spec, and sets the generation
//     that signs and the number of the CRL. This is the moment at which the change
//     happens. A failure before it removes what was staged.
//  5. The statements are renamed into place, then SERIAL/: by exchanging the two names
//     where there is something already (by two renames, over SERIAL.aside/, where
//     the system cannot). The old folder moves to archive/SERIAL/. Of an amendment
//     accounts.sql is renamed over the statements in place, then my.cnf over the
//     one in the pair's folder. What is revoked or given up moves to the archive as
//     well, its statements into its folder before that, and crl.pem is replaced. The names
//     that changed are flushed, those of many folders with one syncfs, and what is
//     left in .new is removed. Where the active authorities have changed, the
//     ca-cert.pem of each folder is replaced, and the store's own as the last. The
//     lock is released.
//
// Of several batches under one lock ([Store.CommitAll]) each takes steps 2 to 5;
// one is checked and staged while the one before is flushed and the one before
// that recorded and put in place. The names that changed are flushed, and what is
// left in .new is removed, once after the last. What a dead process left may be of
// three batches then; each is judged for itself.
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
// other side of an exchange, or still in its place), it is archived; unknown to
// the ledger, it is deleted, with all that has its serial. A staged CRL is put in
// place if its number is the last one recorded, and deleted otherwise. Because the
// statements go first, a staged folder that still holds its new certificate tells
// that the pair is not in place, whatever happened to the statements.
//
// An amendment is judged by its spec.json. When that is the spec that the ledger
// has, the texts that are still staged are put in place; when it is another one,
// the amendment was not recorded, and is deleted. (None repeats the spec that is
// recorded.) It goes only when the texts have their names durably, and a folder
// without it is deleted. So there are, after recovery, the old texts with the old
// record or the new ones with the new.
//
// Every step can be repeated.
// The store's ca-cert.pem is compared with the ledger; where it differs, those of
// the folders are compared and replaced first: it is written last, so while it
// is right, they are.
//
// So, after a kill at any moment, a full disk, or a power failure on a file
// system that keeps what was flushed: every certificate in a folder is in the
// ledger, certificate and key of a folder belong together, and no serial and no
// number of a CRL is used twice. An error of Commit means that nothing was changed, with two
// exceptions that say so: the change is recorded but could not be put in place
// yet (the next writing command does it), or the disk failed in a way that
// leaves open whether it is recorded (the next writing command finds out).
//
// # Rotation
//
// How far a rotation of the authority is follows from the ledger: from which
// authorities are active, and from the generation that signs. A new generation
// that is lost before it signs is superseded by the next one, in one change. A
// generation's number is never used again. Two generations of one name differ in key and
// subject key identifier, which the authority key identifier of whatever they
// sign repeats.
//
// # A lost ledger
//
// [Rebuild] makes it again from the certificates, which is why nothing that was
// ever in force is deleted. It is one more founding: the ledger is made in .new
// and renamed, then everything is recovered. An amendment of a client whose
// account statements are in place was recorded, and its my.cnf is put there too;
// any other of which something is staged counts as never made.
//
// # Reading
//
// Reading takes no lock, writes nothing and works on a read-only file system.
// What was recorded but not put in place yet is read where it is staged. A
// program that opens certificate and key of a folder one after the other while
// it is replaced may see two pairs mixed: servers refuse such a pair and keep
// the old one, so reload after a change.
package store
