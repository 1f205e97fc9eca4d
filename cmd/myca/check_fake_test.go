package main

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeServer is a server as far as its greeting and its TLS handshake: every
// login is denied.
type fakeServer struct {
	address net.Addr
	pair    *tls.Certificate // nil: it offers no TLS

	mu     sync.Mutex
	logins []string // "USER with TLS" or "USER in plain text", of each login
}

// Bits of the capabilities (MySQL, include/mysql_com.h).
const (
	longPassword     = 1
	protocol41       = 1 << 9
	offersTLS        = 1 << 11
	secureConnection = 1 << 15
	pluginAuth       = 1 << 19
)

// serveGreetings starts a server on loopback that says it is version.
func serveGreetings(t *testing.T, version string, pair *tls.Certificate) *fakeServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{address: listener.Addr(), pair: pair}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				_ = s.serve(conn, version) // a client that hangs up is no failure
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return s
}

func (s *fakeServer) port() string {
	return strconv.Itoa(s.address.(*net.TCPAddr).Port)
}

func (s *fakeServer) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.logins, ", ")
}

func (s *fakeServer) serve(conn net.Conn, version string) error {
	if err := sendPacket(conn, 0, greetingOf(version, s.pair != nil)); err != nil {
		return err
	}
	answer, err := receivePacket(conn)
	if err != nil {
		return err
	}
	sequence, how := byte(2), "in plain text"
	if s.pair != nil && len(answer) == 32 { // a request for TLS: a login cut off after its fixed part
		how, sequence = "with TLS", 3
		conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.pair}, ClientAuth: tls.RequestClientCert})
		if answer, err = receivePacket(conn); err != nil {
			return err
		}
	}
	if len(answer) > 32 {
		user, _, _ := bytes.Cut(answer[32:], []byte{0})
		s.mu.Lock()
		s.logins = append(s.logins, string(user)+" "+how)
		s.mu.Unlock()
	}
	return sendPacket(conn, sequence, append([]byte{0xff, 0x15, 0x04}, "#28000Access denied by \x1b[31mthe test"...)) // 1045
}

// greetingOf is a Handshake V10 packet.
func greetingOf(version string, withTLS bool) []byte {
	capabilities := uint32(longPassword | protocol41 | secureConnection | pluginAuth)
	if withTLS {
		capabilities |= offersTLS
	}
	p := append([]byte{10}, version...)
	p = append(p, 0, 1, 0, 0, 0)
	p = append(p, "abcdefgh\x00"...)
	p = binary.LittleEndian.AppendUint16(p, uint16(capabilities))
	p = append(p, 45, 2, 0)
	p = binary.LittleEndian.AppendUint16(p, uint16(capabilities>>16))
	p = append(p, 21)
	p = append(p, make([]byte, 10)...)
	p = append(p, "ijklmnopqrst\x00"...)
	return append(p, "mysql_native_password\x00"...)
}

func sendPacket(w io.Writer, sequence byte, payload []byte) error {
	header := []byte{byte(len(payload)), byte(len(payload) >> 8), byte(len(payload) >> 16), sequence}
	_, err := w.Write(append(header, payload...))
	return err
}

func receivePacket(r io.Reader) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, fmt.Errorf("reading a packet: %w", err)
	}
	payload := make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
	_, err := io.ReadFull(r, payload)
	return payload, err
}
