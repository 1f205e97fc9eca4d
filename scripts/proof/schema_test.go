package proof

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestFleetSchema holds the JSON Schema of a fleet's manifest against manifests
// that are right and wrong. Package fleet's tests read the same.
func TestFleetSchema(t *testing.T) {
	read := func(name string) any {
		text, err := os.ReadFile("../../fleet/" + name)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", read("schema.json")); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json") // checks it against its meta-schema
	if err != nil {
		t.Fatal(err)
	}
	cases, ok := read("testdata/manifest-schema.json").([]any)
	if !ok || len(cases) < 50 {
		t.Fatalf("%d manifests", len(cases))
	}
	for _, one := range cases {
		c, ok := one.(map[string]any)
		if !ok {
			t.Fatalf("%v", one)
		}
		text, err := json.Marshal(c["manifest"])
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(c["manifest"]); (err == nil) != (c["schema"] == true) {
			t.Errorf("%s: %v, want it to be right: %v", text, err, c["schema"])
		}
	}
}
