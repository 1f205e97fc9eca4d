package fleet

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"myca/dialect"
)

// mark stands in the text of a test where a finding is expected.
const mark = "»"

// mistake is a manifest with one mistake, marked.
type mistake struct {
	text string
	path string
	says string // in the message
}

// ground is what tests check against: a store that is not there yet.
func ground() Ground {
	return Ground{Target: dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}, Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

// marked takes the marks out of a text and gives their places, as an editor
// counts them.
func marked(text string) (string, []place) {
	var places []place
	lines := strings.Split(text, "\n")
	for i := range lines {
		for {
			before, after, found := strings.Cut(lines[i], mark)
			if !found {
				break
			}
			places = append(places, place{i + 1, utf8.RuneCountInString(before) + 1})
			lines[i] = before + after
		}
	}
	return strings.Join(lines, "\n"), places
}

// findingsOf reads a manifest that has mistakes.
func findingsOf(t testing.TB, text string) Problems {
	t.Helper()
	m, err := Read("fleet.yaml", []byte(text), ground())
	if err == nil {
		return nil
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 || m != nil {
		t.Fatalf("%v (%T), and a manifest: %v", err, err, m != nil)
	}
	return problems
}

func server(rest string) string {
	return "servers:\n  - {name: a, hosts: [a.example.com]" + rest + "}\n"
}
func client(rest string) string { return "clients:\n  - {account: a@x, password: none" + rest + "}\n" }
func defaults(rest string) string {
	return "defaults: {" + rest + "}\nclients:\n  - {account: a@x, password: none}\n"
}

// source is a server b beside the replica that is added to it.
func replica(entry string) string {
	return "servers:\n  - {name: b, hosts: [b.example.com, 10.0.0.2]}\n  - {name: a, hosts: [a.example.com], " + entry + "}\n"
}

// replicaOf is a replica of another product than its source.
func replicaOf(replica, source string) string {
	return "servers:\n  - {name: b, hosts: [b], target: " + source + "}\n" +
		"  - {name: a, hosts: [a], profile: peer, target: " + replica + ", replicates: {from: " + mark + "b, account: r@x}}\n"
}

// mistakes is every kind of mistake on its own.
func mistakes() map[string]mistake {
	return map[string]mistake{
		// The document.
		"empty":               {mark + "", "", "the manifest is empty"},
		"comment only":        {mark + "# nothing\n", "", "the manifest is empty"},
		"only defaults":       {mark + "defaults: {days: 3}\n", "", "neither servers nor clients"},
		"list":                {mark + "- a\n- b\n", "", "the manifest is a list where a map is due"},
		"text":                {mark + "hello\n", "", `the manifest is the text "hello" where a map is due`},
		"two documents":       {client("") + mark + "---\nclients: []\n", "", "a second document begins here"},
		"unknown section":     {client("") + mark + "colour: red\n", "colour", `there is no key "colour" here`},
		"misspelt section":    {mark + "server:\n  - {name: a, hosts: [a]}\n", "server", `there is no key "server" here`},
		"section twice":       {client("") + mark + "clients: []\n", "clients", `the key "clients" is there already, in line 1`},
		"servers twice":       {server("") + mark + "servers:\n  - {name: b-1, hosts: [b]}\n  - {name: r, hosts: [r], profile: peer, replicates: {from: b-1, account: r@x}}\n", "servers", `the key "servers" is there already, in line 1`},
		"other keys":          {mark + "version: 3\n\nservices: [web]\nbecome: true\n", "", "this is no manifest: it has none of the keys"},
		"other text":          {mark + "# A title\n\nSome: text, with @signs\n@x\n- `quoted\n\tand so on: [\n\n@y\n", "", "this is no manifest: it has none of the keys"},
		"flow style":          {mark + "{\n  \"servers\": [{\"hosts\": [\"a\"]}\n", "", `"{" is not closed`},
		"section empty":       {mark + "servers:\n" + client(""), "servers", "servers is empty"},
		"section null":        {"servers: " + mark + "~\n" + client(""), "servers", "servers is empty"},
		"section a map":       {"servers: " + mark + "{name: a}\n", "servers", "servers is a map where a list is due"},
		"section a text":      {"clients: " + mark + "all\n", "clients", `clients is the text "all" where a list is due`},
		"entry a text":        {"clients:\n  - " + mark + "a@x\n", "clients[0]", `the entry is the text "a@x" where a map is due`},
		"entry a list":        {"clients:\n  - " + mark + "[a@x]\n", "clients[0]", "the entry is a list where a map is due"},
		"entry null":          {"clients:\n  " + mark + "-\n", "clients[0]", "the entry is empty"},
		"entry a number":      {"servers:\n- " + mark + "5\n", "servers[0]", "the entry is the number 5 where a map is due"},
		"defaults a list":     {"defaults: " + mark + "[days]\n" + client(""), "defaults", "defaults is a list where a map is due"},
		"ca a text":           {"ca: " + mark + "acme\n" + client(""), "ca", `ca is the text "acme" where a map is due`},
		"undefined alias":     {client(", name: " + mark + "*nope"), "clients[0].name", `the alias "*nope" has no anchor`},
		"unknown tag":         {client(", name: " + mark + "!secret x"), "clients[0].name", `the tag "!secret" means nothing here`},
		"merged text":         {client(", <<: " + mark + "text"), "clients[0].<<", "only maps can be merged"},
		"not UTF-8":           {"# caf" + mark + "\xe9\n" + client(""), "", "the octet 0xe9 is not UTF-8 text"},
		"control character":   {"# bell " + mark + "\a\n" + client(""), "", `the control character '\a'`},
		"UTF-16":              {mark + "\xff\xfec\x00a\x00", "", "UTF-16"},
		"tab":                 {"clients:\n" + mark + "\t- {account: a@x}\n", "clients[0]", `'\t' that cannot start any token`},
		"open quote":          {"clients:\n  - {account: " + mark + `"a@x, password: none}` + "\n", "clients[0]", "could not find end character of double-quoted text"},
		"open bracket":        {"clients:\n  - " + mark + "{account: a@x, password: none\n  - {account: b@x, password: none}\n", "clients[0]", `"{" is not closed`},
		"reserved character":  {"clients:\n  - {account: " + mark + "@x, password: none}\n", "clients[0]", "'@' is a reserved character"},
		"colon in a text":     {"clients:\n  - account: " + mark + "a: b\n", "clients[0]", "mapping value is not allowed in this context"},
		"too deep":            {"servers: " + strings.Repeat("[", 63) + mark + "[" + strings.Repeat("]", 64), "servers", "more than 64 deep"},
		"too many identities": {"clients:\n  - {account: \"a-{1..600000}@x\", password: none}\n  - " + mark + "{account: \"b-{1..600000}@x\", password: none}\n", "clients[1]", "more than 1000000"},

		// ca.
		"ca key":         {"ca: {key: " + mark + "rsa-1024}\n", "ca.key", `unknown key type "rsa-1024"`},
		"ca subject":     {"ca: {subject: " + mark + "CN=acme}\n", "ca.subject", "does not begin with a slash"},
		"ca nonportable": {`ca: {subject: ` + mark + `"/CN=Größe"}` + "\n", "ca.subject", "not portable"},
		"ca days":        {"ca: {days: " + mark + "40000}\n", "ca.days", "which is not a whole number from 1 to 36525"},
		"ca unknown":     {"ca: {" + mark + "name: x}\n", "ca.name", `there is no key "name" here`},
		"ca range":       {`ca: {subject: ` + mark + `"/CN=x{1..3}"}` + "\n", "ca.subject", "has a range, which only entries can have"},
		"ca flag":        {"ca: {allow_nonportable_subject: " + mark + "maybe}\n", "ca.allow_nonportable_subject", "where true or false is due"},

		// defaults.
		"defaults unknown":    {defaults(mark + "hosts: [a]"), "defaults.hosts", `there is no key "hosts" here`},
		"defaults misspelt":   {defaults(mark + "dais: 3"), "defaults.dais", `there is no key "dais" here`},
		"defaults target":     {defaults("target: " + mark + "oracle-19"), "defaults.target", "oracle-19"},
		"defaults key":        {defaults("key: " + mark + "dsa"), "defaults.key", `unknown key type "dsa"`},
		"defaults key format": {defaults("key_format: " + mark + "der"), "defaults.key_format", "der"},
		"defaults days":       {defaults("days: " + mark + "-1"), "defaults.days", "the number -1"},
		"defaults require":    {defaults("require: [issuer, " + mark + "isuer]"), "defaults.require[1]", `"isuer" is not known`},
		"defaults password":   {defaults("password: " + mark + "geheim"), "defaults.password", "none of: none, random, {file: PATH}"},
		"defaults deploy_dir": {defaults("deploy_dir: " + mark + "etc/mysql"), "defaults.deploy_dir", "not absolute"},
		"defaults connect":    {defaults("connect: " + mark + `"db1:0"`), "defaults.connect", `port "0"`},
		"defaults owner":      {defaults("owner: " + mark + "no-such-user"), "defaults.owner", `no user "no-such-user"`},
		"defaults range":      {defaults("deploy_dir: " + mark + "/srv/{1..3}"), "defaults.deploy_dir", "has a range"},
		"defaults together":   {"defaults: {require: [ssl], password: " + mark + "none}\nclients:\n  - {account: a@x}\n  - {account: b@x}\n", "defaults.password", "only a subject requirement names one certificate (and 1 more like it)"},

		// Names.
		"name twice":         {"servers:\n  - {name: a, hosts: [a]}\n  - {name: " + mark + "a, hosts: [b]}\n", "servers[1].name", `servers[0] (line 2) has the name "a" already`},
		"name in ranges":     {"servers:\n  - {name: \"a{1..9}\", hosts: [\"a{1..9}\"]}\n  - {name: " + mark + "\"a{7..11}\", hosts: [\"b{7..11}\"]}\n", "servers[1].name", `has the name "a7" already (and 2 more like it)`},
		"name of a range":    {"servers:\n  - {name: " + mark + "db, hosts: [\"db{1..3}\"]}\n", "servers[0].name", `all 3 of this entry have the name "db"`},
		"host of a name":     {"servers:\n  - {hosts: [" + mark + "db, \"db{1..3}\"]}\n", "servers[0].hosts[0]", `all 3 of this entry have the name "db"`},
		"name in a list":     {"servers:\n  - {name: " + mark + "\"db{x,x}\", hosts: [\"db{1..2}\"]}\n", "servers[0].name", `has the name "dbx" already`},
		"subject of a range": {"clients:\n  - {account: \"a{1..3}@x\", subject: " + mark + "/CN=s, password: none}\n", "clients[0].subject", `all 3 of this entry have the subject "/CN=s"`},
		"one place for two": {"servers:\n  - {name: a, hosts: [a], deploy_dir: /srv/x}\nclients:\n  - {name: a, account: a@x, password: none, deploy_dir: " + mark + "/srv/x/}\n", "clients[0].deploy_dir",
			`servers[0] (line 2) has the name "a" and the deploy_dir "/srv/x" too`},
		"derived names":       {"servers:\n  - {hosts: [a]}\n  - {hosts: [" + mark + "a, b]}\n", "servers[1].hosts[0]", `has the name "a" already`},
		"users of two hosts":  {"clients:\n  - {account: a@x, password: none}\n  - {account: " + mark + "a@y, password: none}\n", "clients[1].account", `has the name "a" already`},
		"bad name":            {server("") + "  - {name: " + mark + "b/c, hosts: [c]}\n", "servers[1].name", `"b/c" cannot be the name of a folder`},
		"name with a blank":   {"clients:\n  - {name: " + mark + "a b, account: a@x, password: none}\n", "clients[0].name", `"a b" cannot be the name of a folder`},
		"name a number":       {"clients:\n  - {name: " + mark + "5, account: a@x, password: none}\n", "clients[0].name", "name is the number 5 where a text is due"},
		"name true":           {"clients:\n  - {name: " + mark + "true, account: a@x, password: none}\n", "clients[0].name", "name is true where a text is due"},
		"name a float":        {"clients:\n  - {name: " + mark + "1.5, account: a@x, password: none}\n", "clients[0].name", "name is the number 1.5 where a text is due"},
		"name null":           {"clients:\n  - {name: " + mark + "null, account: a@x, password: none}\n", "clients[0].name", "name is empty"},
		"name without value":  {"clients:\n  - account: a@x\n    " + mark + "name:\n    password: none\n", "clients[0].name", "name is empty"},
		"name a list":         {"clients:\n  - {name: " + mark + "[a], account: a@x, password: none}\n", "clients[0].name", "name is a list where a text is due"},
		"name a map":          {"clients:\n  - {name: " + mark + "{a: b}, account: a@x, password: none}\n", "clients[0].name", "name is a map where a text is due"},
		"name of blanks":      {"clients:\n  - {name: " + mark + "\"  \", account: a@x, password: none}\n", "clients[0].name", "name is empty"},
		"name twice as a key": {"clients:\n  - name: a\n    account: a@x\n    " + mark + "name: b\n    password: none\n", "clients[0].name", `the key "name" is there already, in line 2`},
		"name too long":       {"clients:\n  - {name: " + mark + strings.Repeat("x", 65) + ", account: a@x, password: none}\n", "clients[0].name", "cannot be the name of a folder"},

		// Ranges.
		"descending":        {"servers:\n  - {name: " + mark + "a-{3..1}, hosts: [a]}\n", "servers[0].name", `the range "{3..1}" descends`},
		"lengths":           {"servers:\n  - {name: a-{1..3}, hosts: [" + mark + "\"a-{1..4}.example.com\"]}\n", "servers[0].hosts[0]", "the range has 4 values"},
		"lengths of three":  {"clients:\n  - {name: " + mark + "\"a{1..2}\", account: \"a{1..3}@x\", subject: \"/CN=a{1..3}\", password: none}\n", "clients[0].name", "the range has 2 values"},
		"lengths in a text": {"clients:\n  - {account: " + mark + "\"a{1..3}@10.{1..2}.%\", password: none}\n", "clients[0].account", "have 3 and 2 values"},
		"overflow":          {"clients:\n  - {account: " + mark + "\"a{1..99999999999999999999}@x\", password: none}\n", "clients[0].account", "too large"},
		"million and one":   {"clients:\n  - {account: " + mark + "\"a{0..1000000}@x\", password: none}\n", "clients[0].account", "more than 1000000 values"},
		"letters":           {"clients:\n  - {account: " + mark + "\"a{a..c}@x\", password: none}\n", "clients[0].account", `"{a..c}" is no range`},
		"step":              {"clients:\n  - {account: " + mark + "a{1..9..2}@x, password: none}\n", "clients[0].account", `"{1..9..2}" is no range`},
		"open range":        {"clients:\n  - {account: " + mark + "\"a{1..3@x\", password: none}\n", "clients[0].account", "is not closed"},
		"empty in a list":   {"clients:\n  - {account: " + mark + "\"a{x,,y}@x\", password: none}\n", "clients[0].account", "has an empty element"},
		"some of a range":   {"clients:\n  - {account: \"a-{8..12}@x\", name: " + mark + "\"" + strings.Repeat("n", 63) + "{8..12}\", password: none}\n", "clients[0].name", `n10" cannot be the name of a folder (and 2 more like it)`},

		// Servers.
		"one folder for two":     {"servers:\n  - {name: a, hosts: [h, a], deploy_dir: /srv}\n  - {name: b, hosts: [" + mark + "H, b], deploy_dir: /srv}\n", "servers[1].hosts[0]", `servers[0] (line 2) has the first host "h" and the deploy_dir "/srv" too`},
		"one folder for a range": {"defaults: {deploy_dir: /srv}\nservers:\n  - {name: \"a{1..3}\", hosts: [" + mark + "h]}\n", "servers[0].hosts[0]", `all 3 of this entry have the first host "h"`},
		"server unknown":         {server(", " + mark + "grants: [ALL ON a.*]"), "servers[0].grants", `there is no key "grants" here`},
		"server misspelt":        {"servers:\n  - {name: a, " + mark + "hsots: [a]}\n", "servers[0].hsots", `there is no key "hsots" here`},
		"server dashed":          {server(", " + mark + "deploy-dir: /srv"), "servers[0].deploy-dir", `there is no key "deploy-dir" here`},
		"hosts missing":          {"servers:\n  - " + mark + "{name: a}\n", "servers[0]", `the key "hosts" is missing`},
		"hosts empty":            {"servers:\n  - {name: a, hosts: " + mark + "[]}\n", "servers[0].hosts", "hosts is empty"},
		"hosts null":             {"servers:\n  - name: a\n    " + mark + "hosts:\n", "servers[0].hosts", "hosts is empty"},
		"hosts a text":           {"servers:\n  - {name: a, hosts: " + mark + "a.example.com}\n", "servers[0].hosts", `hosts is the text "a.example.com" where a list is due`},
		"hosts a map":            {"servers:\n  - {name: a, hosts: " + mark + "{a: b}}\n", "servers[0].hosts", "hosts is a map where a list is due"},
		"hosts of maps":          {"servers:\n  - {name: a, hosts: [b, " + mark + "{name: c}]}\n", "servers[0].hosts[1]", "hosts[1] is a map where a text is due"},
		"hosts of lists":         {"servers:\n  - {name: a, hosts: [b, " + mark + "[c]]}\n", "servers[0].hosts[1]", "hosts[1] is a list where a text is due"},
		"host null":              {"servers:\n  - name: a\n    hosts:\n      - b\n      " + mark + "-\n", "servers[0].hosts[1]", "hosts[1] is empty"},
		"host a number":          {"servers:\n  - {name: a, hosts: [" + mark + "10]}\n", "servers[0].hosts[0]", "is the number 10 where a text is due"},
		"host a URL":             {"servers:\n  - {name: a, hosts: [" + mark + "\"mysql://a\"]}\n", "servers[0].hosts[0]", "is a URL"},
		"host with a port":       {"servers:\n  - {name: a, hosts: [a, " + mark + "\"a:3306\"]}\n", "servers[0].hosts[1]", "has a port"},
		"host a network":         {"servers:\n  - {name: a, hosts: [a, " + mark + "10.0.0.0/8]}\n", "servers[0].hosts[1]", "is a network"},
		"host not ASCII":         {"servers:\n  - {name: a, hosts: [a, " + mark + "größe.example.com]}\n", "servers[0].hosts[1]", "is not ASCII"},
		"host of a range":        {"servers:\n  - {name: \"a{1..3}\", hosts: [" + mark + "\"a{1..3}_-\"]}\n", "servers[0].hosts[0]", "(and 2 more like it)"},
		"bad address":            {"servers:\n  - {name: a, hosts: [a, " + mark + "10.0.0.256]}\n", "servers[0].hosts[1]", "10.0.0.256"},
		"server profile":         {server(", profile: " + mark + "client"), "servers[0].profile", `a server cannot have the profile "client"`},
		"server profile unknown": {server(", profile: " + mark + "both"), "servers[0].profile", `"both"`},
		"server subject":         {server(", subject: " + mark + "\"/XX=a\""), "servers[0].subject", "XX"},
		"server empty subject":   {server(", subject: " + mark + "\"\""), "servers[0].subject", "subject is empty"},
		"server target":          {server(", target: " + mark + "mysql"), "servers[0].target", `"mysql"`},
		"server key":             {server(", key: " + mark + "rsa"), "servers[0].key", `"rsa"`},
		"server old key":         {server(", target: mysql-5.5, key: " + mark + "ec-p256"), "servers[0].key", "the TLS library of mysql-5.5 has no ec-p256"},
		"server key format":      {server(", key: ec-p256, key_format: " + mark + "pkcs1"), "servers[0].key_format", "pkcs1 is a format of RSA keys"},
		"server days zero":       {server(", days: " + mark + "0"), "servers[0].days", "the number 0"},
		"server days huge":       {server(", days: " + mark + "99999999999999999999"), "servers[0].days", "from 1 to 36525"},
		"server days text":       {server(", days: " + mark + "\"365\""), "servers[0].days", `the text "365" where a whole number`},
		"server days word":       {server(", days: " + mark + "a year"), "servers[0].days", `the text "a year" where a whole number`},
		"server days float":      {server(", days: " + mark + "1.5"), "servers[0].days", "the number 1.5"},
		"server days list":       {server(", days: " + mark + "[1]"), "servers[0].days", "a list where a whole number"},
		"server days null":       {server(", days: " + mark + "~"), "servers[0].days", "nothing where a whole number"},
		"server owner":           {server(", owner: " + mark + "no-such-user"), "servers[0].owner", `no user "no-such-user"`},
		"server deploy_dir":      {server(", deploy_dir: " + mark + "\"/srv/a\\nb\""), "servers[0].deploy_dir", "control character"},
		"server deploy_dir long": {server(", deploy_dir: " + mark + "/" + strings.Repeat("x", 4000)), "servers[0].deploy_dir", "too long"},
		"server nonportable":     {server(", allow_nonportable_subject: " + mark + "\"true\""), "servers[0].allow_nonportable_subject", "where true or false is due"},
		"server same as ca":      {"ca: {subject: /CN=a}\nservers:\n  - {name: a, hosts: [" + mark + "a]}\n", "servers[0].hosts[0]", "is the authority's own subject"},

		// Replicas.
		"replicates text":      {replica("profile: peer, replicates: " + mark + "b"), "servers[1].replicates", "is the text \"b\" where a map is due"},
		"replicates nobody":    {replica("profile: peer, replicates: {from: " + mark + "c, account: r@x}"), "servers[1].replicates.from", `no server of the manifest has the name "c"`},
		"replicates itself":    {replica("profile: peer, replicates: {from: " + mark + "a, account: r@x}"), "servers[1].replicates.from", `"a" replicates from itself`},
		"replicates no from":   {replica("profile: peer, replicates: " + mark + "{account: r@x}"), "servers[1].replicates", `the key "from" is missing`},
		"replicates no one":    {replica("profile: peer, replicates: " + mark + "{from: b}"), "servers[1].replicates", `the key "account" is missing`},
		"replicates misspelt":  {replica("profile: peer, replicates: {from: b, " + mark + "acount: r@x}"), "servers[1].replicates.acount", `there is no key "acount" here`},
		"replica account":      {replica("profile: peer, replicates: {from: b, account: " + mark + "\"r@\"}"), "servers[1].replicates.account", "the host is empty"},
		"replica long account": {replica("profile: peer, replicates: {from: b, account: " + mark + strings.Repeat("r", 33) + "@x}"), "servers[1].replicates.account", "33 characters"},
		"replica connect":      {replica("profile: peer, replicates: {from: b, account: r@x, connect: " + mark + "\"c.example.com:3306\"}"), "servers[1].replicates.connect", `"c.example.com" is not among the hosts of "b"`},
		"replica bad connect":  {replica("profile: peer, replicates: {from: b, account: r@x, connect: " + mark + "\"b.example.com:x\"}"), "servers[1].replicates.connect", `port "x"`},
		"replica no peer":      {replica("replicates: " + mark + "{from: b, account: r@x}"), "servers[1].replicates", "it needs the profile peer"},
		"replica server":       {replica("profile: " + mark + "server, replicates: {from: b, account: r@x}"), "servers[1].profile", "it needs the profile peer"},
		"replicas' account":    {"servers:\n  - {name: b, hosts: [b]}\n  - {name: \"a{1..3}\", hosts: [\"a{1..3}\"], profile: peer, replicates: {from: b, account: " + mark + "r@x}}\n", "servers[1].replicates.account", `all 3 of this entry have the account "r@x"`},
		"source too old":       {"servers:\n  - {name: b, hosts: [b], target: mysql-5.6}\n  - {name: a, hosts: [a], profile: peer, replicates: {from: " + mark + "b, account: r@x}}\n", "servers[1].replicates.from", "CREATE USER IF NOT EXISTS"},
		"source a wildcard":    {"servers:\n  - {name: b, hosts: [\"*.b.example.com\"]}\n  - {name: a, hosts: [a], profile: peer, replicates: {from: " + mark + "b, account: r@x}}\n", "servers[1].replicates.from", "is the wildcard"},
		"replica of MySQL":     {replicaOf("mariadb-11.8", "mysql-9.7"), "servers[1].replicates.from", `mariadb-11.8 cannot replicate from "b", which is mysql-9.7`},
		"replica of MariaDB":   {replicaOf("mysql-8.0", "mariadb-10.11"), "servers[1].replicates.from", `mysql-8.0 cannot replicate from "b", which is mariadb-10.11`},
		"replica's user":       {replica("profile: peer, replicates: {from: b, account: " + mark + "\"répl@%\"}"), "servers[1].replicates.account", `the user "répl" of a replication account has to be ASCII`},
		"replica's long path":  {replica("profile: peer, deploy_dir: " + mark + "/" + strings.Repeat("p", 500) + ", replicates: {from: b, account: r@x}"), "servers[1].deploy_dir", "more than 511 bytes"},
		"a client's account":   {replica("profile: peer, replicates: {from: b, account: r@x}") + "clients:\n  - {account: " + mark + "r@x, password: none}\n", "clients[0].account", `servers[1] (line 3) has the account "r@x"`},

		// Clients.
		"client unknown":       {client(", " + mark + "hosts: [a]"), "clients[0].hosts", `there is no key "hosts" here`},
		"client misspelt":      {"clients:\n  - {account: a@x, " + mark + "pasword: none}\n", "clients[0].pasword", `there is no key "pasword" here`},
		"account missing":      {"clients:\n  - " + mark + "name: a\n    password: none\n", "clients[0]", `the key "account" is missing`},
		"account a number":     {"clients:\n  - {account: " + mark + "5, password: none}\n", "clients[0].account", "is the number 5 where a text or a list of them is due"},
		"account a map":        {"clients:\n  - {account: " + mark + "{user: a}, password: none}\n", "clients[0].account", "is a map where a text or a list"},
		"account empty list":   {"clients:\n  - {account: " + mark + "[], password: none}\n", "clients[0].account", "account is empty"},
		"account empty":        {"clients:\n  - {account: " + mark + "\"\", password: none}\n", "clients[0].account", "account is empty"},
		"account quoted":       {"clients:\n  - {account: " + mark + "\"'a'@'x'\", password: none}\n", "clients[0].account", "single quote"},
		"account without user": {"clients:\n  - {account: " + mark + "\"@x\", password: none}\n", "clients[0].account", "anonymous account"},
		"account host":         {"clients:\n  - {account: [a@x, " + mark + "\"a@x y\"], password: none}\n", "clients[0].account[1]", "the host has ' '"},
		"account port":         {"clients:\n  - {account: " + mark + "\"a@x:3306\", password: none}\n", "clients[0].account", "the host has a port"},
		"account long":         {"clients:\n  - {account: " + mark + strings.Repeat("u", 33) + "@x, password: none}\n", "clients[0].account", "takes at most 32"},
		"account very long":    {"clients:\n  - {account: " + mark + strings.Repeat("u", 70) + "@x, password: none}\n", "clients[0].account", "takes at most 32"},
		"account not ASCII":    {"clients:\n  - {account: " + mark + "größe@x, password: none}\n", "clients[0].account", "not portable"},
		"account control":      {"clients:\n  - {account: " + mark + "\"a\\u0007@x\", password: none}\n", "clients[0].account", "in the user: "},
		"accounts of two":      {"clients:\n  - {account: [a@x, " + mark + "b@x], password: none}\n", "clients[0].account[1]", `accounts of "a" and of "b"`},
		"account twice in one": {"clients:\n  - {account: [a@x, " + mark + "a@X], password: none}\n", "clients[0].account[1]", `the account "a@x" is there already`},
		"account twice":        {"clients:\n  - {account: a@x, password: none}\n  - {name: b, account: " + mark + "a@x, password: none}\n", "clients[1].account", `clients[0] (line 2) has the account "a@x" on "mysql-8.4" already`},
		"account of a range":   {"clients:\n  - {name: \"n{1..1000}\", account: " + mark + "a@x, subject: \"/CN=n{1..1000}\", password: none}\n", "clients[0].account", `all 1000 of this entry have the account "a@x"`},
		"subject twice":        {"clients:\n  - {account: a@x, subject: /CN=s, password: none}\n  - {account: b@x, subject: " + mark + "/CN=s, password: none}\n", "clients[1].subject", `has the subject "/CN=s" already`},
		"subject of a peer":    {"servers:\n  - {name: p, hosts: [p], subject: /CN=s, profile: peer}\nclients:\n  - {account: b@x, subject: " + mark + "/CN=s, password: none}\n", "clients[0].subject", `servers[0] (line 2) has the subject "/CN=s" already`},
		"client subject":       {client(", subject: " + mark + "\"CN=a,O=acme\""), "clients[0].subject", "not the slash form"},
		"client nonportable":   {client(", subject: " + mark + "\"/O=a\\\\/b/CN=x\""), "clients[0].subject", "slash"},
		"client country":       {client(", subject: " + mark + "/C=usa/CN=x"), "clients[0].subject", "C"},
		"client profile":       {client(", profile: " + mark + "server"), "clients[0].profile", `a client cannot have the profile "server"`},
		"client target":        {client(", target: " + mark + "mysql-5.6"), "clients[0].target", "no CREATE USER IF NOT EXISTS"},
		"client old target":    {client(", target: " + mark + "mysql-3.23"), "clients[0].target", "3.23"},
		"client product":       {client(", target: " + mark + "mariadb-7.0"), "clients[0].target", "mariadb-7"},
		"grants a text":        {client(", grants: " + mark + "ALL ON a.*"), "clients[0].grants", "is the text \"ALL ON a.*\" where a list is due"},
		"grants empty":         {client(", grants: " + mark + "[]"), "clients[0].grants", "grants is empty"},
		"grant unknown":        {client(", grants: [ALL ON a.*, " + mark + "SELEC ON a.*]"), "clients[0].grants[1]", "there is no privilege SELEC"},
		"grant injected":       {client(", grants: [" + mark + "\"ALL ON a.*; DROP TABLE x\"]"), "clients[0].grants[0]", "grant"},
		"grant on nothing":     {client(", grants: [" + mark + "SELECT]"), "clients[0].grants[0]", "SELECT"},
		"grant of MariaDB":     {client(", grants: [" + mark + "BINLOG MONITOR ON *.*]"), "clients[0].grants[0]", "BINLOG MONITOR"},
		"grant a number":       {client(", grants: [" + mark + "5]"), "clients[0].grants[0]", "is the number 5 where a text is due"},
		"require a text":       {client(", require: " + mark + "issuer"), "clients[0].require", "where a list is due"},
		"require empty":        {client(", require: " + mark + "[]"), "clients[0].require", "require is empty"},
		"require unknown":      {client(", require: [subject, " + mark + "owner]"), "clients[0].require[1]", `"owner" is not known`},
		"require twice":        {client(", require: [subject, " + mark + "subject]"), "clients[0].require[1]", `"subject" stands there twice`},
		"require two in one":   {client(", require: [" + mark + "\"issuer,subject\"]"), "clients[0].require[0]", "is more than one element"},
		"require none beside":  {client(", require: " + mark + "[none, subject]"), "clients[0].require", "none combines with nothing else"},
		"require ssl beside":   {client(", require: " + mark + "[subject, ssl]"), "clients[0].require", "ssl combines with nothing else"},
		"require cipher":       {client(", require: [subject, " + mark + "cipher=]"), "clients[0].require[1]", "cipher takes the name"},
		"require value":        {client(", require: [" + mark + "subject=/CN=x]"), "clients[0].require[0]", "subject takes no value"},
		"password missing":     {"clients:\n  - " + mark + "{account: a@x}\n", "clients[0]", "the client has no password"},
		"password a text":      {"clients:\n  - {account: a@x, password: " + mark + "hunter2}\n", "clients[0].password", "a password itself never stands in a manifest"},
		"password null":        {"clients:\n  - account: a@x\n    " + mark + "password:\n", "clients[0].password", "none of: none, random, {file: PATH}"},
		"password false":       {"clients:\n  - {account: a@x, password: " + mark + "false}\n", "clients[0].password", "none of: none, random, {file: PATH}"},
		"password list":        {"clients:\n  - {account: a@x, password: " + mark + "[none]}\n", "clients[0].password", "none of: none, random, {file: PATH}"},
		"password empty map":   {"clients:\n  - {account: a@x, password: " + mark + "{}}\n", "clients[0].password", `the key "file" is missing`},
		"password in a map":    {"clients:\n  - {account: a@x, password: " + mark + "{hunter2}}\n", "clients[0].password", "a password itself never stands in a manifest"},
		"days octal":           {client(", days: " + mark + "0365"), "clients[0].days", "days is the number 0365, which is not a whole number"},
		"days underlined":      {client(", days: " + mark + "1_0"), "clients[0].days", "days is the number 1_0, which is not a whole number"},
		"password misspelt":    {"clients:\n  - {account: a@x, password: {" + mark + "fil: /srv/p}}\n", "clients[0].password.fil", `there is no key "fil" here`},
		"password file list":   {"clients:\n  - {account: a@x, password: {file: " + mark + "[a]}}\n", "clients[0].password.file", "file is a list where a text is due"},
		"password file bell":   {"clients:\n  - {account: a@x, password: {file: " + mark + "\"a\\a\"}}\n", "clients[0].password.file", "control character"},
		"password none alone":  {"clients:\n  - {account: a@x, require: [x509], password: " + mark + "none}\n", "clients[0].password", "would open the account to others"},
		"require opens":        {"defaults: {password: none}\nclients:\n  - {account: a@x, require: " + mark + "[issuer]}\n", "clients[0].require", "would open the account to others"},
		"groups a text":        {client(", groups: " + mark + "client"), "clients[0].groups", "where a list is due"},
		"group with a blank":   {client(", groups: [mysql, " + mark + "\"my sql\"]"), "clients[0].groups[1]", `"my sql" is no option group`},
		"group empty":          {client(", groups: [" + mark + "\"\"]"), "clients[0].groups[0]", "groups[0] is empty"},
		"connect":              {client(", connect: " + mark + "\"a b\""), "clients[0].connect", `"a b" is no host name`},
		"connect number":       {client(", connect: " + mark + "3306"), "clients[0].connect", "is the number 3306 where a text is due"},
		"partial revokes":      {client(", target: mysql-8.0.15, partial_revokes: " + mark + "true"), "clients[0].partial_revokes", "mysql-8.0.15 has no partial_revokes"},
		"partial revokes text": {client(", partial_revokes: " + mark + "on"), "clients[0].partial_revokes", "where true or false is due"},
		"client deploy_dir":    {client(", deploy_dir: " + mark + "~/certs"), "clients[0].deploy_dir", "not absolute"},
	}
}

// check compares the findings of a text with its marks.
func (m mistake) check(t *testing.T, text string, places []place) {
	t.Helper()
	got := findingsOf(t, text)
	if len(got) != len(places) {
		t.Fatalf("%d findings, want %d:\n%v\n%s", len(got), len(places), got, text)
	}
	for i, p := range got {
		if (place{p.Line, p.Column}) != places[i] {
			t.Errorf("%v, want it at %v", p, places[i])
		}
		if p.File != "fleet.yaml" || p.Path != m.path || !strings.Contains(p.Message, m.says) {
			t.Errorf("%v, want %s: %s", p, m.path, m.says)
		}
	}
}

// TestMistakes reads each mistake on its own: there is one finding, at its
// place, whatever ends the lines and however many octets stand before it.
func TestMistakes(t *testing.T) {
	for name, m := range mistakes() {
		t.Run(name, func(t *testing.T) {
			text, places := marked(m.text)
			m.check(t, text, places)
			if name == "UTF-16" {
				return
			}
			m.check(t, strings.ReplaceAll(text, "\n", "\r\n"), places)
			m.check(t, strings.ReplaceAll(text, "\n", "\r"), places)
			m.check(t, "\ufeff"+text, places)
			shifted := func(n int) []place {
				var all []place
				for _, p := range places {
					all = append(all, place{p.line + n, p.column})
				}
				return all
			}
			if strings.Contains(m.says, "line 1") || strings.Contains(m.says, "line 2") || strings.Contains(m.says, "line 3") {
				return
			}
			if !strings.Contains(m.says, "manifest") && !strings.Contains(m.says, "neither") {
				m.check(t, "# größer 🦭\n\n"+text, shifted(2))
			}
		})
	}
}

// Every hint of a mistake is in the words of a manifest.
func TestHints(t *testing.T) {
	for name, m := range mistakes() {
		text, _ := marked(m.text)
		for _, p := range findingsOf(t, text) {
			if strings.Contains(" "+p.Hint, " --") && !strings.Contains(p.Hint, "myca ") {
				t.Errorf("%s: %v: %s", name, p, p.Hint)
			}
			if strings.ContainsAny(p.Message+p.Hint, "\n\x00") {
				t.Errorf("%s: %v: %q", name, p, p.Hint)
			}
		}
	}
}

// The password that somebody wrote into a manifest is in no message.
func TestNoPassword(t *testing.T) {
	for _, text := range []string{"hunter2", `"hunter2"`, "[hunter2]", "{hunter2: x}", "{file: {x: hunter2}}"} {
		for _, p := range findingsOf(t, "clients:\n  - {account: a@x, password: "+text+"}\n") {
			if !strings.HasPrefix(text, "{h") && strings.Contains(fmt.Sprint(p, p.Hint), "hunter2") {
				t.Errorf("%v: %s", p, p.Hint)
			}
		}
	}
}
