// Command myca is the certificate authority for MySQL and MariaDB
// installations.
//
// The package is thin: it parses the command line, asks on a terminal, calls
// the packages that do the work and prints what they return. It is the only
// one that imports urfave/cli and promptui.
//
// Its promises, which the scripts of testdata/script hold it to:
//
//   - the result goes to standard output, all talk to standard error;
//   - without a terminal, or with --yes, nothing is ever asked;
//   - every problem of a command line is reported in one run;
//   - a failed command leaves no file behind and changes none;
//   - exit codes: 0 done, 1 failed, 2 wrong use or bad input, 3 a diagnosis
//     found problems, 130 interrupted.
//
// Certificates of others with a negative serial number are read, so that they can
// be judged; it concerns nothing that is signed here.
//
//go:debug x509negativeserial=1
package main

import (
	"os"
	"time"
)

func main() {
	os.Exit(run(os.Args, terminal{
		in:  os.Stdin,
		out: os.Stdout,
		err: os.Stderr,
		now: time.Now,
	}))
}
