package main

import (
	"bytes"
	"crypto/x509"
	"testing"
)

// A certificate with a negative serial number, which other tools made, is read.
func TestNegativeSerial(t *testing.T) {
	c := checkClock(t)
	der := bytes.Clone(c.pair("db1").Certificate[0])
	at := bytes.Index(der, []byte{0xa0, 3, 2, 1, 2, 2}) // version 3, and the serial number's tag
	if at < 0 {
		t.Fatal("no serial number")
	}
	der[at+7] = 0x80 | 0x55
	if cert, err := x509.ParseCertificate(der); err != nil || cert.SerialNumber.Sign() >= 0 {
		t.Errorf("%v", err)
	}
}
