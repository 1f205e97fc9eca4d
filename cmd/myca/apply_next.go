package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"myca/dialect"
	"myca/fleet"
)

// mostReplicas is how many replicas get lines of their own at the end of a run.
const mostReplicas = 5

// writeNext says what is to be done with outputs that were written: where the
// files are, then the commands, in an order in which no account demands a
// certificate that its client does not have yet.
func writeNext(w io.Writer, written fleet.Written) {
	folder := filepath.Dir(written.Inventory)
	var scripts, replicas []string
	for _, path := range written.SQL {
		if filepath.Base(path) == "fleet.sql" {
			scripts = append(scripts, path)
		} else {
			replicas = append(replicas, path)
		}
	}
	fmt.Fprintf(w, "\nNext:\n\n1. Copy each host's files to it. Where each lies, and where it goes:\n\n    %s\n", printable(written.Inventory))
	if written.Archives > 0 {
		fmt.Fprintf(w, "\n   or %s, one for each server and client, in\n\n    %s\n",
			plural(written.Archives, "archive"), printable(filepath.Join(folder, "archives")))
	}
	if len(scripts) > 0 {
		fmt.Fprint(w, "\n2. Then make the accounts, as an administrator of the servers (of those that\n"+
			"   replicate, on the source; of a Galera cluster, on one node):\n\n")
	}
	for _, path := range scripts {
		fmt.Fprintf(w, "    %s\n", runSQL(path))
	}
	if len(replicas) > 0 {
		fmt.Fprint(w, "\n3. Then start replication, each on the replica it is named after:\n\n")
	}
	for i, path := range replicas {
		if i == mostReplicas {
			fmt.Fprintf(w, "    (and so for %d more in %s)\n", len(replicas)-i, printable(folder))
			break
		}
		fmt.Fprintf(w, "    %s\n", runSQL(path))
	}
}

// runSQL is the command that runs a file of statements on the server of the
// target in whose folder it lies.
func runSQL(path string) string {
	program := "mysql"
	if target, err := dialect.Parse(filepath.Base(filepath.Dir(path))); err == nil {
		program = target.ClientProgram()
	}
	return strings.Join([]string{program, "--default-character-set=utf8mb4", "-u", "root", "<", shellWord(path)}, " ")
}
