package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// apply --schema prints the schema that is published, and the authority of a
// manifest that says nothing else is as its defaults say.
func TestApplySchema(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	r := done(t, dir, "apply", "--schema")
	published, err := os.ReadFile("../../fleet/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if r.out != string(published) {
		t.Error("it is not fleet/schema.json")
	}
	type property struct {
		Default    any
		Properties map[string]property
	}
	var schema property
	if err := json.Unmarshal([]byte(r.out), &schema); err != nil {
		t.Fatal(err)
	}
	ca := schema.Properties["ca"].Properties
	if ca["key"].Default != defaultCAKey || ca["days"].Default != float64(defaultCADays) {
		t.Errorf("the defaults of ca are %v and %v", ca["key"].Default, ca["days"].Default)
	}
	if r := program(dir, "apply", "--schema", "fleet.yaml"); r.code != exitUsage || r.out != "" {
		t.Errorf("with a manifest: exit code %d, %s", r.code, r.out)
	}
}

// What is no manifest is told as what it is.
func TestApplyArgument(t *testing.T) {
	dir := t.TempDir()
	for says, args := range map[string][]string{
		`takes one manifest, not "b.yaml" as well`: {"a.yaml", "b.yaml"},
		"is a folder":           {dir},
		`"myca apply" needs an`: {},
	} {
		r := program(filepath.Join(dir, "pki"), append([]string{"apply"}, args...)...)
		if r.code != exitUsage || !strings.Contains(r.talk, says) || !strings.Contains(r.talk, "hint: ") {
			t.Errorf("%v: exit code %d: %s", args, r.code, r.talk)
		}
	}
}

// What a manifest may not have meant is told when something is done, once; what
// is not so, always.
func TestApplyRemarks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	write := func(days string) {
		text := "ca: {subject: /CN=acme CA, key: ec-p256, days: " + days + "}\ndefaults: {key: ec-p256, password: none, deploy_dir: /srv}\nclients: [{account: \"app-{1..3}\"}]\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	notices := func(args ...string) (all []string) {
		t.Helper()
		var plan struct{ Notices []string }
		r := program(dir, append([]string{"--json", "apply", path}, args...)...)
		jsonOf(t, r.out, &plan)
		for _, one := range plan.Notices {
			if _, told, found := strings.Cut(one, path+":"); found {
				place, _, _ := strings.Cut(told, ": ")
				all = append(all, place)
			}
		}
		return all
	}
	for _, c := range []struct {
		days string
		args []string
		want []string
	}{
		{"30", []string{"--dry-run"}, []string{"3:11", "3:21"}},
		{"30", nil, []string{"3:11", "3:21"}},
		{"30", nil, nil},
		{"31", nil, []string{"1:48"}},
		{"30", []string{"--archive", "tar.gz"}, []string{"3:11", "3:21"}},
	} {
		write(c.days)
		if got := notices(c.args...); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
