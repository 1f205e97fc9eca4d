package fleet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// inventoryCRL is the store's list of what is revoked in the inventory. Where it
// goes on a host is for the option file of the server to say, to which it is
// added by hand (ssl_crl).
type inventoryCRL struct {
	Src    string `json:"src"`
	Mode   string `json:"mode"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

func (o outputs) crlPath() string { return filepath.Join(o.store.Dir(), "crl.pem") }

// addCRL lists crl.pem as it is when everything is carried out, revocations too:
// by size and time, since it may be long.
func (o outputs) addCRL(ctx context.Context, c *catalog) error {
	if err := o.gate.wait(ctx, o.count+1); err != nil {
		return err
	}
	info, err := os.Lstat(o.crlPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		c.record("crl", strconv.FormatInt(info.Size(), 10), strconv.FormatInt(info.ModTime().UnixNano(), 10))
	}
	return err
}

// crl is crl.pem in the inventory; nil when there is none.
func (o outputs) crl() (*inventoryCRL, error) {
	size, sum, err := sumOf(o.crlPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return &inventoryCRL{Src: o.crlPath(), Mode: octal(publicMode), SHA256: checksum(sum), Size: size}, err
}
