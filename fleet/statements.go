package fleet

import (
	"path/filepath"

	"myca/ca"
	"myca/dialect"
	"myca/ledger"
	"myca/out"
	"myca/store"
	"myca/templates"
)

// script is fleet.sql of one target while it is written.
type script struct {
	name   string // in the folder of outputs
	texts  templates.Fleet
	stream *out.Stream
}

func newScript(folder outputFolder, target dialect.Version) (*script, error) {
	s := &script{name: scriptName(target.String()), texts: templates.Fleet{Target: target}}
	head, err := s.texts.Begin()
	if err != nil {
		return nil, err
	}
	if err := folder.makeFolder(target.String()); err != nil {
		return nil, err
	}
	if s.stream, err = out.CreateStream(folder.path(s.name), secretMode); err != nil {
		return nil, err
	}
	s.stream.WriteString(head)
	return s, nil
}

// close finishes the file and adds it to content; place is where it will be.
func (s *script) close(place outputFolder, content *listing) (inventoryOutput, error) {
	s.stream.WriteString(s.texts.End())
	sum, err := s.stream.Close()
	content.addContent(s.name, 0, sum)
	return inventoryOutput{
		Target: s.texts.Target.String(), Src: place.path(s.name), Mode: octal(secretMode), SHA256: checksum(sum),
	}, err
}

// statement is the account statements of one certificate.
type statement struct {
	target dialect.Version
	text   string
}

// accountsOf is the statements for the accounts of a client.
func (o outputs) accountsOf(m member, sp store.Spec) (statement, error) {
	if m.fresh != nil && m.fresh.Statements != nil {
		text, err := templates.Fleet{Target: m.Target}.Prepared(*m.fresh.Statements)
		return statement{m.Target, text}, err
	}
	password, err := o.passwordOf(m, sp)
	if err != nil {
		return statement{}, err
	}
	return o.statement(m, sp, password)
}

// passwordOf is the password of a client's accounts, nil for none. A random one
// is that in the client's my.cnf.
func (o outputs) passwordOf(m member, sp store.Spec) (*string, error) {
	switch sp.Password {
	case "random":
		return o.store.Password(m.row.Name)
	case "file":
		return o.secret(m.Identity)
	}
	return nil, nil
}

// replicationOf is the statements for the account by which a replica reads from
// its source: it has no password.
func (o outputs) replicationOf(m member) (statement, error) {
	return o.statement(m, store.Spec{
		Target:   m.Replicates.Target.String(),
		Accounts: []string{m.Replicates.Account.String()},
		Require:  dialect.Requirement{Issuer: true, Subject: true}.String(),
		Grants:   []string{"REPLICATION SLAVE ON *.*"},
	}, nil)
}

func (o outputs) statement(m member, sp store.Spec, password *string) (statement, error) {
	a, err := o.store.AccountStatements(sp, m.row, password)
	if err != nil {
		return statement{}, err
	}
	text, err := templates.Fleet{Target: a.Target}.Accounts(a)
	return statement{a.Target, text}, err
}

// replica is the statements to be run on a replica.
func (o outputs) replica(m member, sp store.Spec) (string, error) {
	options, err := o.store.ServerOptions(sp, m.row)
	if err != nil {
		return "", err
	}
	r := m.Replicates
	return templates.Replica{
		Target: options.Target, Source: r.Source, Host: r.Host, Port: r.Port, User: r.Account.User,
		CA: options.CA, Cert: options.Cert, Key: options.Key,
		Name: m.row.Name, Serial: m.row.Serial, NotAfter: m.row.NotAfter,
	}.SQL()
}

// files are the files of a pair as they are on the disk, and the folder they are
// in. Those that were read are valid until the reader is used again.
func (o outputs) files(m member, sp store.Spec, r *out.Reader) (folder string, files []out.File, err error) {
	folder = o.store.Folder(m.row)
	if m.fresh != nil {
		return folder, append([]out.File{{Name: ca.CertificateFile, Data: o.bundle, Mode: publicMode}}, m.fresh.Content()...), nil
	}
	r.Reset()
	at := o.store.Files(m.row)
	option := publicMode
	if m.kind() == ledger.Client && sp.Password == "random" {
		option = secretMode // it holds the password
	}
	for _, f := range []out.File{
		{Name: at.CA, Mode: publicMode}, {Name: at.Cert, Mode: publicMode},
		{Name: at.Key, Mode: secretMode}, {Name: at.MyCnf, Mode: option},
	} {
		if f.Data, err = r.Read(f.Name, maxFile); err != nil {
			return "", nil, err
		}
		f.Name = filepath.Base(f.Name)
		files = append(files, f)
	}
	return folder, files, nil
}
