package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/fleet"
)

// Steps of a range that are alike are one line. What differs in more than the
// number of the step is a line of its own.
func TestApplyAlike(t *testing.T) {
	var steps []fleet.Step
	add := func(action fleet.Action, kind, name string, accounts []string, reasons ...string) {
		steps = append(steps, fleet.Step{Action: action, Kind: kind, Name: name, Accounts: accounts, Changed: accounts, LocksOut: action == fleet.Renew, Reasons: reasons})
	}
	add(fleet.Create, "server", "db1", nil)
	for i := 1; i <= 500; i++ {
		add(fleet.Create, "client", fmt.Sprintf("app-%03d", i), nil)
	}
	add(fleet.Create, "client", "app-502", nil)
	add(fleet.Create, "client", "reports", nil)
	for i := 9; i <= 11; i++ {
		name := fmt.Sprintf("s3-%d", i)
		add(fleet.Renew, "client", name, []string{name + "@10.%"}, fmt.Sprintf("subject /CN=first-%d instead of /CN=%s", i, name), "key ec-p256 instead of rsa-2048")
	}
	add(fleet.Renew, "client", "s3-12", []string{"s3-12@10.%"}, "subject /CN=first-13 instead of /CN=s3-12", "key ec-p256 instead of rsa-2048")
	add(fleet.Update, "client", "s3-13", nil, "days 30 instead of 60")
	add(fleet.Update, "client", "s3-14", nil, "days 30 instead of 60")
	add(fleet.Update, "client", "s3-15", nil, "days 31 instead of 60")
	add(fleet.Update, "client", "t-1", []string{"t@%", "u@%"}, "require subject instead of issuer")
	add(fleet.Update, "server", "s3-16", nil, "days 31 instead of 60")
	add(fleet.Revoke, "server", "s3-17", nil, "days 31 instead of 60")
	add(fleet.Revoke, "client", "a1", nil, "not in the manifest")
	add(fleet.Revoke, "client", "a2", nil, "not in the manifest")
	add(fleet.Revoke, "client", "b1", nil, "not in the manifest; DROP USER 'b1'@'%'")
	add(fleet.Revoke, "client", "b2", nil, "not in the manifest; DROP USER 'b2'@'%'")
	const want = `create server db1
create clients app-001 … app-500 (500)
create client app-502
create client reports
renew clients s3-9 … s3-11 (3): subject /CN=first-9 instead of /CN=s3-9; key ec-p256 instead of rsa-2048; and so on
  changes what the account of each demands, such as s3-9@10.%: new files to the client and fleet.sql in one go: between the two it is locked out
renew client s3-12: subject /CN=first-13 instead of /CN=s3-12; key ec-p256 instead of rsa-2048
  changes what s3-12@10.% demands: new files to the client and fleet.sql in one go: between the two it is locked out
update clients s3-13 … s3-14 (2): days 30 instead of 60
update client s3-15: days 31 instead of 60
update client t-1: require subject instead of issuer
  changes what t@%, u@% demand, once fleet.sql is run
update server s3-16: days 31 instead of 60
revoke server s3-17: days 31 instead of 60
revoke clients a1 … a2 (2): not in the manifest
revoke client b1: not in the manifest; DROP USER 'b1'@'%'
revoke client b2: not in the manifest; DROP USER 'b2'@'%'
`
	var printed bytes.Buffer
	report := applyText{run: &provisioning{t: &tool{terminal: terminal{out: &printed}}, dryRun: true}, notices: &tally{}}
	for _, step := range steps {
		if err := report.steps([]fleet.Step{step}); err != nil {
			t.Fatal(err)
		}
	}
	if err := report.end(true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, printed.String()); diff != "" {
		t.Error(diff)
	}
	printed.Reset()
	report.run.t.verbose = true
	for _, step := range steps {
		if err := report.steps([]fleet.Step{step}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(printed.String(), "\n") + 1; n != len(steps)+5 {
		t.Errorf("%d lines with --verbose", n)
	}
}

// Of many notices the first are printed, and all that ask for something to be run.
func TestTally(t *testing.T) {
	for _, whole := range []bool{false, true} {
		notices := &tally{whole: whole}
		for i := range 30 {
			add := func(notice string) { notices.add(notice, fmt.Sprintf("client c%d: %s", i, notice)) }
			add("the same")
			add(fmt.Sprintf("another %d", i))
			add(fmt.Sprintf("DROP USER 'c%d'@'%%'", i))
		}
		lines := notices.lines(true)
		text := strings.Join(lines, "\n")
		if drops := strings.Count(text, "DROP USER"); drops != 30 {
			t.Errorf("%d statements", drops)
		}
		if whole && len(lines) != 90 || !whole && (len(lines) != mostNotices+30+1 || lines[0] != "client c0: the same (and so for 29 more)" ||
			lines[len(lines)-1] != "11 notices more: --verbose lists each") {
			t.Errorf("%d lines: %s", len(lines), text)
		}
	}
}

func TestCountsOn(t *testing.T) {
	for pair, want := range map[string]bool{
		"a1 a2": true, "a9 a10": true, "a009 a010": true, "db1-r1 db2-r2": true, "1 2": true,
		"a1 a1": false, "a1 a3": false, "a2 a1": false, "a1 b2": false, "a b": false, "a1 a": false, "db1-r1 db2-r3": false,
		"a99999999999999999999 a99999999999999999998": false,
	} {
		name, next, _ := strings.Cut(pair, " ")
		if countsOn(name, next) != want {
			t.Errorf("%q: %v", pair, !want)
		}
	}
}
