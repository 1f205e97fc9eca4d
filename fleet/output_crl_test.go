package fleet

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// crlIn is crl.pem as the inventory has it; checkInventory has compared its
// checksum.
func crlIn(t *testing.T, p *Plan) *inventoryCRL {
	t.Helper()
	data, err := os.ReadFile(p.outputs().folder.path(inventoryName))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		All struct {
			Vars struct {
				CRL *inventoryCRL `json:"myca_crl"`
			}
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	return got.All.Vars.CRL
}

// The list of what is revoked is in the inventory: what the run itself revoked
// is on it, and when the list is renewed the inventory is.
func TestInventoryCRL(t *testing.T) {
	w := newWorld(t, 3650)
	carry := func(text string, changed bool) *Plan {
		t.Helper()
		p := w.survey(text)
		written, err := p.Carry(t.Context(), func([]Step) error { return nil })
		if err != nil || written.Changed != changed {
			t.Fatalf("%+v, %v", written, err)
		}
		(&provisioned{outputs: p.outputs()}).checkInventory(t)
		return p
	}
	const one, other = `clients: [{account: "a@%", password: none, key: ec-p256}]`, `clients: [{account: "b@%", password: none, key: ec-p256}]`
	if got := crlIn(t, carry(one, true)); got != nil {
		t.Errorf("nothing is revoked: %+v", got)
	}
	w.options.Prune = true
	p := carry(other, true)
	first := crlIn(t, p)
	if first == nil || first.Size == 0 || first.Mode != "0644" {
		t.Fatalf("%+v", first)
	}
	carry(other, false)
	if err := w.store.WriteCRL(t.Context(), time.Now(), 90); err != nil {
		t.Fatal(err)
	}
	if second := crlIn(t, carry(other, true)); second == nil || *second == *first {
		t.Errorf("%+v", second)
	}
}
