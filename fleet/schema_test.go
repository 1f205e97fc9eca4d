package fleet

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite schema.json from the tables of fields, and the golden files")

// schema.json is made from the tables: `go test ./fleet -update` writes it.
func TestSchema(t *testing.T) {
	want := makeSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("schema.json is not made from the tables of fields: run go test ./fleet -update, and read the difference")
	}
}

// TestSchemaCases reads the manifests of testdata/manifest-schema.json, which
// scripts/proof holds against schema.json: what the schema refuses, Read does.
func TestSchemaCases(t *testing.T) {
	text, err := os.ReadFile("testdata/manifest-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Manifest     json.RawMessage
		Schema, Read bool
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		var compact bytes.Buffer
		if err := json.Compact(&compact, c.Manifest); err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{c.Manifest, compact.Bytes()} {
			if _, err := Read("fleet.json", text, ground()); (err == nil) != c.Read {
				t.Errorf("%s: %v", text, err)
			}
		}
		if c.Read && !c.Schema {
			t.Errorf("%s: the schema refuses what is right", c.Manifest)
		}
	}
}

// schema is a JSON Schema (draft 2020-12), in the order of its keys.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Default     any                `json:"default,omitempty"`
	Type        string             `json:"type,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Minimum     int                `json:"minimum,omitempty"`
	Maximum     int                `json:"maximum,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	UniqueItems bool               `json:"uniqueItems,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	OneOf       []*schema          `json:"oneOf,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"`
}

// makeSchema makes the text of schema.json from the tables of fields.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	root := schemaOf(manifestFields())
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "myca fleet manifest"
	root.Description = fmt.Sprintf("Servers and clients with their certificates, accounts and folders. Texts of entries may have ranges, {1..3} or {001..500}, and lists, {eu,us}, which expand all texts of the entry in step, to at most %d entries.", maxIdentities)
	for _, key := range []string{"ca", "servers", "clients"} {
		root.AnyOf = append(root.AnyOf, &schema{Required: []string{key}})
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// schemaOf is a map with fields.
func schemaOf(fields []field) *schema {
	no := false
	s := &schema{Type: "object", Properties: map[string]*schema{}, Additional: &no}
	for _, f := range fields {
		s.Properties[f.name] = f.schema()
		if f.required {
			s.Required = append(s.Required, f.name)
		}
	}
	return s
}

// schema is that of one field.
func (f field) schema() *schema {
	s := &schema{Type: "string", Pattern: f.pattern}
	if f.pattern == "" {
		s.Pattern = `\S`
	}
	list := &schema{Type: "array", MinItems: 1, Items: s}
	switch f.shape {
	case someTexts:
		s = list
	case textOrs:
		s = &schema{OneOf: []*schema{s, list}}
	case aFlag:
		s = &schema{Type: "boolean"}
	case aNumber:
		s = &schema{Type: "integer", Minimum: 1, Maximum: maxDays}
	case aPassword:
		s = &schema{OneOf: []*schema{{Type: "string", Enum: f.words}, schemaOf(f.fields)}}
	case aMap:
		s = schemaOf(f.fields)
	case someMaps:
		s = &schema{Type: "array", Items: schemaOf(f.fields)}
	}
	s.Description, s.Default = f.about, f.fallback
	if f.without != "" {
		s.Description = strings.TrimSuffix(f.about, ".") + "; else " + f.without + "."
	}
	return s
}

// TestSchemaDefaults writes each default of the schema into a manifest that says
// nothing of it: that changes nothing.
func TestSchemaDefaults(t *testing.T) {
	var root schema
	if err := json.Unmarshal([]byte(Schema()), &root); err != nil {
		t.Fatal(err)
	}
	base := func() map[string]map[string]any {
		return map[string]map[string]any{
			"ca": {"subject": "/CN=acme CA"}, "defaults": {"password": "random"},
			"servers": {"hosts": []string{"db1"}}, "clients": {"account": "app@%"},
		}
	}
	read := func(m map[string]map[string]any) []string {
		text, err := json.Marshal(map[string]any{
			"ca": m["ca"], "defaults": m["defaults"], "servers": []any{m["servers"]}, "clients": []any{m["clients"]},
		})
		if err != nil {
			t.Fatal(err)
		}
		return records(t, string(text), ground())
	}
	want := read(base())
	defaults := 0
	for section, s := range root.Properties {
		if s.Items != nil {
			s = s.Items
		}
		for name, one := range s.Properties {
			if one.Default == nil {
				continue
			}
			defaults++
			m := base()
			m[section][name] = one.Default
			if diff := cmp.Diff(want, read(m)); diff != "" {
				t.Errorf("%s.%s: %v changes it (- without, + with):\n%s", section, name, one.Default, diff)
			}
		}
	}
	if defaults < 10 {
		t.Errorf("only %d defaults", defaults)
	}
}
