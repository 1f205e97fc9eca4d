// Package fleet is scripted provisioning: a manifest in YAML says which servers
// and clients there are to be, and the store is made to hold exactly these.
//
// The way is [Read] → [Manifest] → [Survey] → [Plan] → [Plan.Apply] →
// [Plan.Outputs]. What it guarantees:
//
//   - Read names every mistake of a manifest at once, with line, column and the
//     path in the document; a Manifest that it returned can be applied.
//   - Applying a manifest twice changes nothing the second time.
//   - A process that dies while it applies leaves a store that is whole (see
//     package store); applying again goes on where it stopped.
//   - Memory does not grow with the number of identities but for some tens of
//     bytes each: ranges are expanded when they are needed, and forgotten.
//
// # The manifest
//
//	ca:       {subject: "/C=US/O=acme/CN=acme CA", key: ec-p256, days: 3650}
//	defaults: {target: mysql-8.4, key: ec-p256, days: 365, require: [issuer, subject], password: none}
//	servers:
//	  - {name: db1, hosts: [db1.example.com, 10.0.0.1], profile: peer}
//	  - {name: db2, hosts: [db2.example.com], profile: peer,
//	     replicates: {from: db1, account: "repl@10.%", connect: "db1.example.com:3306"}}
//	  - {name: galera-{1..3}, hosts: ["galera-{1..3}.example.com"], profile: peer, target: mariadb-11.8}
//	clients:
//	  - {account: "app-{001..500}@10.%", grants: ["SELECT, INSERT ON app.*"]}
//	  - {name: reports, account: "reports@%", subject: "/O=acme/OU=bi/CN=reports", target: mariadb-10.11}
//
// It is one YAML document, in block or flow style, with anchors, aliases and
// merge keys, which may stand for 100,000 values, or twice as many as the text
// has octets. schema.json is its JSON Schema; fields.go has the table of keys
// that the schema and the reader follow. Types are exact: a number is no text,
// and a text is no list of one. ca, servers or clients has to be there.
//
// What neither an entry nor the defaults say is as on the command line: the
// store's target, an rsa-2048 key, 825 days, a requirement of issuer and
// subject, the CN of the first host or the user, the authority's C, ST, L, O, the
// name of the user or the first host that others can connect to. For the password of a client there is no such default.
//
// In the texts of an entry {1..3} and {001..500} are ranges, whose numbers have
// the zeros of the wider end, and {eu,us} is a list. All of an entry have the
// same length and go in step: the entry stands for as many. \{ is a plain brace,
// and so are braces without two dots or a comma in them. There are at most
// 1,000,000 identities.
//
// # What Read checks
//
// Every identity is held against the store's authority, or the one that would be
// founded, as a single request would be ([myca/issue.Request.Check]), and its
// accounts, grants and requirement against what the target has. Among all of
// them names are unique, accounts on a target, and the subjects of certificates
// that open accounts. A replica has the profile peer, its source is in the
// manifest, and it connects to one of the hosts that the source's certificate
// names. Of two products, the one that is MySQL is older than 8.0. No two
// servers have the same first host, to which files are brought, and the same
// deploy_dir.
//
// What is right, but perhaps not meant, is among the notices of the manifest: an
// account without a host, or of root or the server itself, a client without grants,
// a server or a client without a deploy_dir (but of localhost),
// ca.days of an authority that is there, which keeps its own.
//
// One mistake is one finding: what follows from it is not reported, a misspelt
// key counts as the one that was meant, and what all of a range have wrong is
// told once. A part that is no YAML is cut out, so that the rest can be read.
// A file without any key of a manifest is told to be none.
//
// # What a plan tells of the rest of the store
//
// A step's notices name the certificates of other names that have the subject of
// a new one, since each opens the other's accounts, and the clients outside the
// manifest whose accounts an entry takes over. The latter are looked for among as
// many as the manifest has, at most 1000. [Plan.Unlisted] counts what is active
// and not in the manifest. None of it takes longer in a larger store.
package fleet
