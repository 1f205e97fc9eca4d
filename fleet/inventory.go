package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"myca/ledger"
	"myca/out"
	"myca/store"
)

// inventoryFile is a file of a pair in the inventory.
type inventoryFile struct {
	Src    string  `json:"src"`
	Dest   *string `json:"dest"` // null without a folder to deploy to
	Mode   string  `json:"mode"` // octal, "0600"
	Owner  *string `json:"owner"`
	SHA256 string  `json:"sha256"` // of the file, in hex
}

// inventoryOutput is an output in the inventory.
type inventoryOutput struct {
	Target string `json:"target,omitempty"`
	Src    string `json:"src"`
	Mode   string `json:"mode"`
	SHA256 string `json:"sha256"`
}

// inventoryPair is the variable myca_server or myca_client of a host.
type inventoryPair struct {
	Kind     string           `json:"kind"`
	Name     string           `json:"name"`
	Target   string           `json:"target"`
	Serial   string           `json:"serial"`
	NotAfter string           `json:"not_after"` // RFC 3339, UTC
	Files    []inventoryFile  `json:"files"`
	Archive  *inventoryOutput `json:"archive"`
	SQL      *inventoryOutput `json:"sql,omitempty"` // of a replica: its statements
}

// pairIn is what the inventory says of a pair; its files are given as they are
// on the disk.
func pairIn(m member, sp store.Spec, folder string, files []out.File) inventoryPair {
	v := inventoryPair{
		Kind: m.kind(), Name: m.Request.Name, Target: sp.Target,
		Serial: m.row.Serial, NotAfter: m.row.NotAfter.UTC().Format(time.RFC3339),
	}
	var owner *string
	if sp.Owner != "" {
		owner = &sp.Owner
	}
	for _, f := range files {
		one := inventoryFile{Src: filepath.Join(folder, f.Name), Mode: octal(f.Mode), Owner: owner, SHA256: checksum(sha256.Sum256(f.Data))}
		if sp.DeployDir != "" {
			dest := strings.TrimRight(sp.DeployDir, `/\`) + "/" + f.Name
			one.Dest = &dest
		}
		v.Files = append(v.Files, one)
	}
	return v
}

func octal(mode fs.FileMode) string { return "0" + strconv.FormatUint(uint64(mode.Perm()), 8) }

func checksum(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:]) }

// host is the line of a pair in the inventory: "NAME":{…}. A server and a client
// of one name are one host to Ansible, which merges their variables.
func (v inventoryPair) host(address string) (string, error) {
	name, err := json.Marshal(v.Name)
	if err != nil {
		return "", err
	}
	var vars any = struct {
		Client inventoryPair `json:"myca_client"`
	}{v}
	if v.Kind == ledger.Server {
		vars = struct {
			Address string        `json:"ansible_host"`
			Server  inventoryPair `json:"myca_server"`
		}{address, v}
	}
	text, err := json.Marshal(vars)
	return string(name) + ":" + string(text), err
}

// inventory writes inventory.json piece by piece: an inventory as the plugins
// yaml and auto of Ansible read it, with the groups servers and clients. The
// variables of all come last, with myca_state at the very end.
type inventory struct {
	stream *out.Stream
	size   int64  // in bytes, of what is written
	kind   string // of the pairs being written, "" before the first
	pairs  int    // written of that kind
}

func (i *inventory) write(text string) {
	i.size += int64(len(text))
	i.stream.WriteString(text)
}

func newInventory(path string) (*inventory, error) {
	stream, err := out.CreateStream(path, secretMode)
	if err != nil {
		return nil, err
	}
	i := &inventory{stream: stream}
	i.write(`{"all":{"children":{` + "\n" + `"servers":{"hosts":{`)
	i.kind = ledger.Server
	return i, nil
}

// add writes a line that host made. Servers come first.
func (i *inventory) add(kind, line string) {
	if kind != i.kind {
		i.next()
	}
	if i.pairs > 0 {
		i.write(",")
	}
	i.write("\n" + line)
	i.pairs++
}

// next begins the clients.
func (i *inventory) next() {
	i.write("}},\n" + `"clients":{"hosts":{`)
	i.kind, i.pairs = ledger.Client, 0
}

// close writes the end; content is that of the other outputs.
func (i *inventory) close(scripts []inventoryOutput, crl *inventoryCRL, content listing, state string) error {
	if i.kind == ledger.Server {
		i.next()
	}
	if scripts == nil {
		scripts = []inventoryOutput{}
	}
	text, err := json.Marshal(scripts)
	var list []byte
	if err == nil {
		list, err = json.Marshal(crl)
	}
	if err != nil {
		i.stream.Discard()
		return err
	}
	i.write("}}},\n" + `"vars":{"myca_sql":` + string(text) + `,"myca_crl":` + string(list))
	content.addContent(inventoryName, i.size+int64(len(inventoryEnd(""))+stateLength), [sha256.Size]byte{})
	i.write(inventoryEnd(state + content.text()))
	_, err = i.stream.Close()
	return err
}

// stateLength is the length of what an inventory tells as its state: that of the
// catalog, then the content of the outputs.
const stateLength = 2*sha256.Size + sumLength

// inventoryEnd is the last bytes of an inventory.
func inventoryEnd(state string) string { return ",\n" + `"myca_state":"` + state + `"}}}` + "\n" }

// stateIn is the state in the last bytes of an inventory, "" when they are not
// those of one.
func stateIn(end string) string {
	before, after, _ := strings.Cut(inventoryEnd("@"), "@")
	state, begins := strings.CutPrefix(end, before)
	state, ends := strings.CutSuffix(state, after)
	if !begins || !ends || len(state) != stateLength {
		return ""
	}
	return state
}
