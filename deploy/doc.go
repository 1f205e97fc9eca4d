// Package deploy puts key material and options into place on a host, and puts
// everything back as it was.
//
// What it guarantees:
//
//   - [ServerOptions.Place] and [ClientOptions.Place] change one option file at
//     most, and of that only the marked block of myca; every other byte stays.
//     What they return was read again, as the program would read it, through an
//     overlay of the file system: it is in force, and every other option is
//     what it was. They write nothing.
//   - A [Journal] makes the changes and can undo them, whenever the process
//     dies.
//
// [Server] and [Client] put both together: they plan an installation, make it,
// have the running server take it up, and undo it when that fails.
package deploy
