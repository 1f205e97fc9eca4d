package dn_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"myca/dn"
)

// libcrypto is the program of testdata/oneline.c, which answers lines.
type libcrypto string

// buildLibcrypto builds the program, or skips the test.
func buildLibcrypto(t *testing.T) libcrypto {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("needs gcc (apt-get install gcc libc6-dev)")
	}
	program := filepath.Join(t.TempDir(), "oneline")
	build := exec.Command("gcc", "-o", program, filepath.Join("testdata", "oneline.c"), "-lcrypto")
	switch output, err := build.CombinedOutput(); {
	case err == nil:
	case strings.Contains(string(output), "fatal error: openssl/"), strings.Contains(string(output), "cannot find -lcrypto"):
		t.Skip("needs OpenSSL's headers and library (apt-get install libssl-dev)")
	default:
		t.Fatalf("%v\n%s", err, output)
	}
	return libcrypto(program)
}

// ask sends one question a line and returns the lines of the answer.
func (l libcrypto) ask(t *testing.T, questions ...string) []string {
	t.Helper()
	command := exec.Command(string(l))
	command.Stdin = strings.NewReader(strings.Join(questions, "\n") + "\n")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", l, err)
	}
	return strings.Split(strings.TrimSuffix(string(output), "\n"), "\n")
}

// asDER asks for the one-line form of an encoded name.
func asDER(der []byte) string { return "der " + hex.EncodeToString(der) }

// asAttributes asks for the one-line form of a name that libcrypto would not
// decode, because of its tags.
func asAttributes(name dn.Name) string {
	question := "attributes"
	for _, rdn := range name {
		set := 0
		for _, a := range rdn {
			question += fmt.Sprintf(" %d,%s,%d,%x", set, a.OID, a.Tag, a.Value)
			set = -1
		}
	}
	return question
}

// The table of short names is that of OpenSSL 3.0; later ones know more.
func TestObjects(t *testing.T) {
	lines := buildLibcrypto(t).ask(t, "version", "objects")
	version, known := lines[0], map[string]string{}
	for _, line := range lines[1:] {
		oid, name, _ := strings.Cut(line, " ")
		known[oid] = name
	}
	if len(known) < 1000 {
		t.Fatalf("OpenSSL %s lists %d objects", version, len(known))
	}
	for oid, name := range known {
		one := dn.Name{{{OID: oid, Tag: 19, Value: []byte("x")}}}.OneLine(dn.OpenSSL3)
		switch {
		case one == "/"+name+"=x":
		case version != "3.0" && (one == "/"+oid+"=x" || oid == "1.3.6.1.5.5.7.1.4"):
		default:
			t.Errorf("OpenSSL %s calls %s %q, the name is %q", version, oid, name, one)
		}
	}
}

// Random names of every kind OpenSSL decodes, and of every tag it does not but
// renders all the same when it is put there by hand.
func TestOneLineIsLibcryptos(t *testing.T) {
	l := buildLibcrypto(t)
	random := rand.New(rand.NewPCG(1, 2))
	const count = 12000
	var names []dn.Name
	var questions []string
	for i := range count {
		name := randomName(random, decodedTags)
		if i%10 == 9 { // put together by hand
			name = randomName(random, otherTags)
			names, questions = append(names, name), append(questions, asAttributes(name))
			continue
		}
		der, err := name.DER()
		if err != nil {
			t.Fatalf("%#v: %v", name, err)
		}
		read, err := dn.FromDER(der)
		if err != nil {
			t.Fatalf("%x: %v", der, err)
		}
		if again, err := read.DER(); err != nil || string(again) != string(der) {
			t.Fatalf("%x encodes as %x, %v", der, again, err)
		}
		names, questions = append(names, read), append(questions, asDER(der))
	}
	answers := l.ask(t, questions...)
	if len(answers) != count {
		t.Fatalf("%d answers to %d questions", len(answers), count)
	}
	wrong := 0
	for i, answer := range answers {
		want, found := strings.CutPrefix(answer, "=")
		if got := names[i].OneLine(dn.OpenSSL3); !found || got != want {
			t.Errorf("%s\n got %q\nwant %q", questions[i], got, answer)
			if wrong++; wrong == 10 {
				t.FailNow()
			}
		}
	}
}

// Names at the limits of OpenSSL: its answer for each is the one-line form, or
// none when it gives up.
func TestOneLineAtTheLimits(t *testing.T) {
	l := buildLibcrypto(t)
	name := func(oid string, tag int, value string) dn.Name {
		return dn.Name{{{OID: oid, Tag: tag, Value: []byte(value)}}}
	}
	long := strings.Repeat("\xFF", (1<<20-len("/CN="))/len(`\xFF`))
	tests := map[string]dn.Name{
		"empty":                    {},
		"empty RDNs":               {{}, name("2.5.4.3", 12, "a")[0], {}, name("2.5.4.3", 12, "b")[0]},
		"empty value":              name("2.5.4.3", 12, ""),
		"RDNs out of DER order":    {{{OID: "2.5.4.11", Tag: 12, Value: []byte("z")}, {OID: "2.5.4.3", Tag: 12, Value: []byte("a")}}},
		"OID of 79 characters":     name("1.3.6.1.4.1."+strings.Repeat("7.", 33)+"9", 12, "a"),
		"OID of 80 characters":     name("1.3.6.1.4.1."+strings.Repeat("7.", 33)+"19", 12, "a"),
		"OID of 586 octets":        name("1.3"+strings.Repeat(".7", 585), 12, "a"),
		"OID of 587 octets":        name("1.3"+strings.Repeat(".7", 586), 12, "a"),
		"arc of 64 bits":           name("1.3.18446744073709551615", 12, "a"),
		"arc of 65 bits":           name("1.3.18446744073709551616", 12, "a"),
		"first arc of 70 bits":     name("2.1180591620717411303424", 12, "a"),
		"arc over the buffer":      name("2.5.1"+strings.Repeat("0", 100), 12, "a"),
		"arc at the buffer":        name("2.5.1"+strings.Repeat("0", 74), 12, "a"),
		"one-line form of 1 MiB":   name("2.5.4.3", 20, long),
		"one-line form over 1 MiB": name("2.5.4.3", 20, long+"x"),
	}
	for title, name := range tests {
		t.Run(title, func(t *testing.T) {
			der, err := name.DER()
			if err != nil {
				t.Fatal(err)
			}
			read, err := dn.FromDER(der)
			if err != nil {
				t.Fatal(err)
			}
			got, answer := read.OneLine(dn.OpenSSL3), l.ask(t, asDER(der))[0]
			if want, found := strings.CutPrefix(answer, "="); got != want && found || !found && (answer != "none" || got != "") {
				t.Errorf("got %.200q, want %.200q", got, answer)
			}
		})
	}
}
