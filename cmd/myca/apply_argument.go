package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"myca/fleet"
)

// printSchema prints what a manifest can hold.
func (t *tool) printSchema(c *cli.Context) error {
	if c.NArg() > 0 {
		return usagef("myca apply --schema", "%q takes no argument with --schema", c.Command.HelpName)
	}
	_, err := fmt.Fprint(t.out, fleet.Schema())
	return err
}

// manifestArgument is the one argument of apply.
func manifestArgument(c *cli.Context) (string, error) {
	if c.NArg() > 1 {
		return "", usagef("a store has one manifest: all in one file, or another --dir for each",
			"%q takes one manifest, not %q as well", c.Command.HelpName, c.Args().Get(1))
	}
	args, err := arguments(c, 1, 1, applyUsage)
	if err != nil {
		return "", err
	}
	return args[0], nil
}

// remarks is what the manifest may not have meant. A run that finds nothing to do
// repeats of it only what is not so.
func (r *provisioning) remarks() []string {
	var list []string
	for _, p := range r.manifest.Notices {
		if p.Path == "ca.days" || r.changes() || r.outputs {
			list = append(list, p.String()+"; hint: "+p.Hint)
		}
	}
	return list
}
