package live

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fake is a server that plays a script: one connection after the other.
type fake struct {
	greeting []byte            // the payload of the first packet
	tls      *tls.Config       // nil: it hangs up on a request for TLS
	login    []byte            // the answer to the login; nil: OK, then the answers
	replied  chan<- bool       // whether the client sent something after login; nil: nobody asks
	hangUp   bool              // after the handshake, without an answer
	answers  map[string]answer // by statement; any other is an error 1064
}

// answer is a result set, or an error.
type answer struct {
	number int // of an error; 0: the rows
	rows   [][]string
	hangUp bool                  // instead of an answer
	raw    func(io.Writer) error // instead of both
}

// start listens on a socket and returns its address.
func (f fake) start(t *testing.T) Address {
	t.Helper()
	address := Address{Socket: filepath.Join(t.TempDir(), "s")}
	f.listen(t, address)
	return address
}

// startTCP listens at a port of loopback.
func (f fake) startTCP(t *testing.T) Address {
	t.Helper()
	listener := f.listen(t, Address{Host: "127.0.0.1", Port: -1})
	return Address{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}
}

// listen serves at the address, at any port for port -1.
func (f fake) listen(t *testing.T, address Address) net.Listener {
	t.Helper()
	network, text := address.network()
	listener, err := net.Listen(network, strings.Replace(text, ":-1", ":0", 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				f.serve(conn)
			}()
		}
	}()
	return listener
}

// serve plays the server's part; the client notices where it fails.
func (f fake) serve(conn net.Conn) {
	if send(conn, 0, f.greeting) != nil {
		return
	}
	sequence, request, err := receive(conn)
	if err != nil {
		return
	}
	if binary.LittleEndian.Uint16(request)&clientSSL != 0 && len(request) <= 32 {
		if f.tls == nil {
			return
		}
		secured := tls.Server(conn, f.tls)
		if secured.Handshake() != nil {
			return
		}
		conn = secured
		if f.hangUp {
			secured.NetConn().Close()
			return
		}
		if sequence, _, err = receive(conn); err != nil {
			return
		}
	}
	if f.login != nil {
		if send(conn, sequence+1, f.login) == nil && f.replied != nil {
			_, reply, err := receive(conn)
			f.replied <- err == nil && len(reply) > 0
		}
		return
	}
	if send(conn, sequence+1, []byte{0, 0, 0, 2, 0, 0, 0}) != nil {
		return
	}
	for {
		_, command, err := receive(conn)
		if err != nil || command[0] != 3 { // COM_QUERY
			return
		}
		a, known := f.answers[string(command[1:])]
		if !known {
			a.number = 1064
		}
		if a.hangUp || a.send(conn) != nil {
			return
		}
	}
}

// send writes the answer in the text protocol, with EOF packets.
func (a answer) send(w io.Writer) error {
	if a.raw != nil {
		return a.raw(w)
	}
	if a.number != 0 {
		return send(w, 1, errorPacket(a.number, "#42000scripted"))
	}
	width := 2
	if len(a.rows) > 0 {
		width = len(a.rows[0])
	}
	packets := [][]byte{{byte(width)}}
	for range width {
		column := []byte("\x03def\x00\x00\x00\x01c\x00\x0c")
		packets = append(packets, append(column, 45, 0, 0xff, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0))
	}
	eof := []byte{0xfe, 0, 0, 2, 0}
	packets = append(packets, eof)
	for _, row := range a.rows {
		var p []byte
		for _, cell := range row {
			p = append(p, 0xfd, byte(len(cell)), byte(len(cell)>>8), byte(len(cell)>>16))
			p = append(p, cell...)
		}
		packets = append(packets, p)
	}
	for i, p := range append(packets, eof) {
		if err := send(w, byte(i+1), p); err != nil {
			return err
		}
	}
	return nil
}

func send(w io.Writer, sequence byte, payload []byte) error {
	n := len(payload)
	_, err := w.Write(append([]byte{byte(n), byte(n >> 8), byte(n >> 16), sequence}, payload...))
	return err
}

func receive(r io.Reader) (sequence byte, payload []byte, err error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)
	if _, err = io.ReadFull(r, payload); err == nil && len(payload) < 2 && payload[0] != 1 {
		err = io.ErrUnexpectedEOF
	}
	return head[3], payload, err
}

func errorPacket(number int, message string) []byte {
	return append([]byte{0xff, byte(number), byte(number >> 8)}, message...)
}

// greeting41 is a greeting of 4.1 or later.
func greeting41(version string, flags uint32) []byte {
	var b bytes.Buffer
	b.WriteByte(10)
	b.WriteString(version + "\x00")
	b.WriteString("\x2a\x00\x00\x00abcdefgh\x00")
	binary.Write(&b, binary.LittleEndian, uint16(flags))
	b.WriteString("\x08\x02\x00")
	binary.Write(&b, binary.LittleEndian, uint16(flags>>16))
	b.WriteByte(21)
	b.Write(make([]byte, 10))
	b.WriteString("ijklmnopqrst\x00")
	if flags&(1<<19) != 0 {
		b.WriteString("mysql_native_password\x00")
	}
	return b.Bytes()
}

const (
	secureConnection = 1 << 15
	pluginAuth       = 1 << 19
	ofMySQL          = clientMySQL | clientProtocol41 | secureConnection | pluginAuth
	ofMariaDB        = clientProtocol41 | secureConnection | pluginAuth
)

// pair makes a certificate and its key.
func pair(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// within is a context that ends a test which hangs.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func hexed(values ...string) []string {
	for i, value := range values {
		values[i] = strings.ToUpper(hex.EncodeToString([]byte(value)))
	}
	return values
}
