// Package proof holds tests of myca against the big libraries that know better:
// the SQL that myca writes is read by the parser of TiDB, and its certificates
// are linted by zlint.
//
// It is a module of its own, because these two libraries and what they import
// are larger than myca itself: here they are built once, by those who run these
// tests, and they stay out of myca's go.mod and of its users' module graph.
// Plain `go test ./...` in the root does not come here; run it in this folder:
//
//	go -C scripts/proof test ./...
//	go -C scripts/proof test -run '^$' -fuzz FuzzGrant -fuzztime 30s .
package proof
