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
package fleet
