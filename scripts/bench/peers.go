package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// peer is a program that issues a client.
type peer struct {
	name, version string
	issue         func(name string) *exec.Cmd
	cert          func(name string) string // where it leaves the certificate
}

// stepName is the peer that the goal speaks of.
const stepName = "`step certificate create`"

// template makes step's certificate one for clients only, as the others' are.
const template = `{"subject": {"organization": "acme", "commonName": {{ toJson .Subject.CommonName }}},
"keyUsage": ["digitalSignature"], "extKeyUsage": ["clientAuth"], "basicConstraints": {"isCA": false}}
`

// withOpenSSL is the script that many write: key, request, signature.
const withOpenSSL = `set -e
umask 077
openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"
openssl req -new -key "$1-key.pem" -subj "/O=acme/CN=$1" -out "$1.csr"
openssl x509 -req -in "$1.csr" -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial -days 825 -sha256 \
	-extfile client.cnf -out "$1.pem"
`

const clientExtensions = `basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`

const withCFSSL = `set -e
printf '{"CN": "%s", "names": [{"O": "acme"}], "key": {"algo": "ecdsa", "size": 256}}' "$1" |
cfssl gencert -loglevel 4 -ca ca-cert.pem -ca-key ca-key.pem -config config.json - | cfssljson -bare "$1"
`

const usages = `{"signing": {"default": {"expiry": "19800h", "usages": ["digital signature", "client auth"]}}}
`

// peers are those that are installed, each in a folder of its own with the
// authority of the store; missing names the others.
func (b bench) peers(store string) (found []peer, missing []string, err error) {
	for _, one := range []struct {
		name    string
		prepare func(folder string) (*peer, error)
	}{{"step", step}, {"openssl", openssl}, {"easy-rsa", easyRSA}, {"cfssl", cfssl}} {
		folder := filepath.Join(b.dir, one.name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, nil, err
		}
		for _, file := range []string{"ca-cert.pem", "ca-key.pem"} {
			text, err := os.ReadFile(filepath.Join(store, "ca", "1", file))
			if err != nil {
				return nil, nil, err
			}
			if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
				return nil, nil, err
			}
		}
		p, err := one.prepare(folder)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", one.name, err)
		}
		if p == nil {
			missing = append(missing, one.name)
			continue
		}
		found = append(found, *p)
	}
	return found, missing, nil
}

// program finds a program on the PATH, in the folder of `go install`, or at
// one of some other places; "" is not installed.
func program(name string, places ...string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if folder := said("go", "env", "GOBIN"); folder != "" {
		places = append(places, filepath.Join(folder, name))
	}
	places = append(places, filepath.Join(said("go", "env", "GOPATH"), "bin", name))
	for _, path := range places {
		if path, err := exec.LookPath(path); err == nil {
			return path
		}
	}
	return ""
}

// in is a program that runs in a folder.
func in(folder, program string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir = folder
	return c
}

// script is a shell script that runs in a folder with a name as its argument.
func script(folder, text, name string) *exec.Cmd { return in(folder, "sh", "-c", text, "sh", name) }

// versionIn is the version in a line "Version: …".
func versionIn(text string) string {
	for line := range strings.Lines(text) {
		if value, is := strings.CutPrefix(line, "Version:"); is {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func step(folder string) (*peer, error) {
	path := program("step")
	if path == "" {
		return nil, nil
	}
	version := "unknown"
	if info, err := buildinfo.ReadFile(path); err == nil {
		version = info.Main.Version + ", " + info.GoVersion
	}
	return &peer{
		stepName, version,
		func(name string) *exec.Cmd {
			c := in(folder, path, "certificate", "create", name, name+".pem", name+"-key.pem",
				"--ca", "ca-cert.pem", "--ca-key", "ca-key.pem", "--kty", "EC", "--crv", "P-256",
				"--template", "client.tpl", "--not-after", "19800h", "--no-password", "--insecure")
			c.Env = append(os.Environ(), "STEPPATH="+filepath.Join(folder, "settings"))
			return c
		},
		func(name string) string { return filepath.Join(folder, name+".pem") },
	}, os.WriteFile(filepath.Join(folder, "client.tpl"), []byte(template), 0o600)
}

func openssl(folder string) (*peer, error) {
	if program("openssl") == "" {
		return nil, nil
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(said("openssl", "version"), "OpenSSL "), " ")
	return &peer{
		"a script: `openssl ecparam`, `req`, `x509`", version,
		func(name string) *exec.Cmd { return script(folder, withOpenSSL, name) },
		func(name string) string { return filepath.Join(folder, name+".pem") },
	}, os.WriteFile(filepath.Join(folder, "client.cnf"), []byte(clientExtensions), 0o600)
}

func cfssl(folder string) (*peer, error) {
	if program("cfssl") == "" || program("cfssljson") == "" {
		return nil, nil
	}
	return &peer{
		"`cfssl gencert`, `cfssljson`", versionIn(said("cfssl", "version")),
		func(name string) *exec.Cmd { return script(folder, withCFSSL, name) },
		func(name string) string { return filepath.Join(folder, name+".pem") },
	}, os.WriteFile(filepath.Join(folder, "config.json"), []byte(usages), 0o600)
}

// easyRSA gives easy-rsa a PKI of its own with the authority in it.
func easyRSA(folder string) (*peer, error) {
	path := program("easyrsa", "/usr/share/easy-rsa/easyrsa") // where Debian puts it
	if path == "" {
		return nil, nil
	}
	pki := filepath.Join(folder, "pki")
	command := func(args ...string) *exec.Cmd {
		c := in(folder, path, append([]string{"--batch"}, args...)...)
		c.Env = append(os.Environ(), "EASYRSA_PKI="+pki, "EASYRSA_SILENT=1")
		return c
	}
	if _, err := timed(command("init-pki")); err != nil {
		return nil, err
	}
	for _, name := range []string{"private", "issued", "reqs", "certs_by_serial"} {
		if err := os.MkdirAll(filepath.Join(pki, name), 0o700); err != nil {
			return nil, err
		}
	}
	return &peer{
		"`easyrsa build-client-full`", versionIn(said(path, "version")),
		func(name string) *exec.Cmd {
			return command("--use-algo=ec", "--curve=prime256v1", "--days=825", "build-client-full", name, "nopass")
		},
		func(name string) string { return filepath.Join(pki, "issued", name+".crt") },
	}, fill(folder, pki)
}

// fill puts the authority where easy-rsa expects its own.
func fill(folder, pki string) error {
	texts := map[string][]byte{"index.txt": nil, "index.txt.attr": nil, "serial": []byte("01\n")}
	for to, from := range map[string]string{"ca.crt": "ca-cert.pem", "private/ca.key": "ca-key.pem"} {
		text, err := os.ReadFile(filepath.Join(folder, from))
		if err != nil {
			return err
		}
		texts[to] = text
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(pki, filepath.FromSlash(name)), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
