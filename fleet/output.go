package fleet

import (
	"context"
)

// Written is what Outputs left in the folder of outputs: absolute paths.
type Written struct {
	Changed   bool     // false: everything was there already
	Inventory string   // inventory.json
	SQL       []string // fleet.sql of each target, then the replicas' statements
	Archives  int      // how many archives there are
}

// Outputs writes the texts and archives of a fleet whose plan is carried out. It
// writes nothing when all of it is there already, made from the same manifest
// and certificates by the same program.
func (p *Plan) Outputs(ctx context.Context) (Written, error) { return Written{}, nil }
