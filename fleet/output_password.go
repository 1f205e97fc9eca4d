package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"myca/dialect"
	"myca/out"
	"myca/store"
)

// passwordNotice says of a client whose password is in a file that the file has
// another one than the client's own account statements, as it was when these were
// made; "" when it has not, or when they were removed.
func (o outputs) passwordNotice(m member, sp store.Spec, r *out.Reader) (string, error) {
	if sp.Password != secretFile || m.fresh != nil {
		return "", nil
	}
	password, err := o.secret(m.Identity)
	if err != nil || password == nil {
		return "", err
	}
	path := o.store.Files(m.row).SQL
	text, err := r.Read(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil || bytes.Contains(text, []byte(dialect.Literal(*password))) {
		return "", err
	}
	notice := fmt.Sprintf("client %s: the password in its file is not the one in %q: remove that, and it is not told again (fleet.sql has the new one)", m.row.Name, path)
	require, err := dialect.ParseRequirement(sp.Require)
	if err == nil && require.Subject {
		notice += "; an account that exists keeps the old one; " +
			byGrant(o.store, "the file", m.row.Name, fileFlag(o.manifest, m.Secret))
	}
	return notice, err
}
