package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"myca/dialect"
	"myca/fleet"
	"myca/issue"
)

// mostReplicas is how many replicas get lines of their own at the end of a run.
const mostReplicas = 5

// next is what is to be done with outputs once they are written: what the steps
// of the run asked for. Where it is not known what the hosts have, or no step was
// why the outputs were written, it is all of it.
type next struct {
	unknown bool // there were no outputs before, or older ones than the pairs
	steps   int
	files   bool
	reload  []dialect.Version // of servers with new files
	scripts []dialect.Version // whose accounts are to be made
	start   map[string]bool   // outputs with the statements of new replicas
}

// before looks for the outputs of the run before. Pairs that came into place after
// them are of a run that was cut short, or of another command.
func (n *next) before(r *provisioning) {
	folder := r.options.Output
	if folder == "" {
		folder = filepath.Join(r.t.dir, "fleet")
	}
	outputs, err := os.Stat(filepath.Join(folder, "inventory.json"))
	if n.unknown = err != nil; n.unknown {
		return
	}
	for _, name := range []string{"servers", "clients"} {
		pairs, err := os.Stat(filepath.Join(r.t.dir, name))
		n.unknown = n.unknown || err == nil && pairs.ModTime().After(outputs.ModTime())
	}
}

// add takes in what a step asks for.
func (n *next) add(step fleet.Step) {
	n.steps++
	n.files = n.files || step.Needs.Files
	n.reload = with(n.reload, step.Needs.Reload)
	n.scripts = with(n.scripts, step.Needs.Accounts)
	if step.Needs.Start {
		if n.start == nil {
			n.start = map[string]bool{}
		}
		n.start["replica-"+step.Name+".sql"] = true
	}
}

// with is list with target, unless that is zero or in it.
func with(list []dialect.Version, target dialect.Version) []dialect.Version {
	if target == (dialect.Version{}) || slices.Contains(list, target) {
		return list
	}
	return append(list, target)
}

// write prints where the files are, then the commands, in an order in which no
// account demands a certificate that its client does not have yet.
func (n *next) write(w io.Writer, r *provisioning, written fleet.Written) {
	head, all := "Next:", n.unknown || n.steps == 0
	if all && !r.founds {
		head = "Next, as far as it is not done yet:"
	}
	if all {
		n.files = true
		for i := 0; i < r.manifest.Len() && r.manifest.At(i).Request.Kind == issue.Server; i++ {
			n.reload = with(n.reload, r.manifest.At(i).Target)
		}
	}
	var scripts, replicas []string
	for _, path := range written.SQL {
		name := filepath.Base(path)
		switch {
		case name != "fleet.sql" && (all || n.start[name]):
			replicas = append(replicas, path)
		case name == "fleet.sql" && (all || n.concerns(filepath.Base(filepath.Dir(path)))):
			scripts = append(scripts, path)
		}
	}
	count := 0
	item := func(text string) {
		if count++; count == 1 {
			fmt.Fprintf(w, "\n%s\n", head)
		}
		fmt.Fprintf(w, "\n%d. %s:\n\n", count, text)
	}
	folder := filepath.Dir(written.Inventory)
	if n.files {
		item("Copy each host's files to it. Where each lies, and where it goes")
		fmt.Fprintf(w, "    %s\n", printable(written.Inventory))
		if written.Archives > 0 {
			fmt.Fprintf(w, "\n   or %s, one for each server and client, in\n\n    %s\n",
				plural(written.Archives, "archive"), printable(filepath.Join(folder, "archives")))
		}
	}
	if len(n.reload) > 0 {
		item("Let each server read its my.cnf (!include it in a file that the server reads,\n" +
			"   and restart). One that did so before only reads its files anew")
		n.writeReload(w)
	}
	if len(scripts) > 0 {
		item("Make the accounts, as an administrator of the servers (of those that\n" +
			"   replicate, on the source; of a Galera cluster, on one node)")
	}
	for _, path := range scripts {
		fmt.Fprintf(w, "    %s\n", runSQL(path))
	}
	if len(replicas) > 0 {
		item("Start replication, on new replicas only: one that replicates already\n" +
			"   would lose its place. Each on the replica it is named after")
	}
	for i, path := range replicas {
		if i == mostReplicas {
			fmt.Fprintf(w, "    (and so for %d more in %s)\n", len(replicas)-i, printable(folder))
			break
		}
		fmt.Fprintf(w, "    %s\n", runSQL(path))
	}
}

// concerns says whether there are accounts to be made on servers of target.
func (n *next) concerns(target string) bool {
	return slices.ContainsFunc(n.scripts, func(v dialect.Version) bool { return v.String() == target })
}

// writeReload prints the statement for the servers of each target.
func (n *next) writeReload(w io.Writer) {
	for _, target := range n.reload {
		statement := target.ReloadStatement()
		if statement == "" {
			fmt.Fprintf(w, "    # %s: restart it\n", target)
			continue
		}
		fmt.Fprintf(w, "    %-46s # %s\n", target.ClientProgram()+" -u root -e '"+statement+"'", target)
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
