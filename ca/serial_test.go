package ca

import (
	"math/big"
	"testing"
)

func TestSerialHex(t *testing.T) {
	for text, want := range map[string]string{
		"0": "00", "1": "01", "15": "0f", "16": "10", "255": "ff", "256": "0100", "4095": "0fff", "-1": "-01",
		"340282366920938463463374607431768211455": "ffffffffffffffffffffffffffffffff",
	} {
		n, _ := new(big.Int).SetString(text, 10)
		if got := SerialHex(n); got != want {
			t.Errorf("SerialHex(%s) = %q, want %q", text, got, want)
		}
	}
}

// TestNewSerial also shows that all 128 bits are used: the chance that one of
// them is never set in 200 numbers is 2^-193.
func TestNewSerial(t *testing.T) {
	seen := map[string]bool{}
	all := new(big.Int)
	for range 200 {
		n, err := NewSerial()
		if err != nil {
			t.Fatal(err)
		}
		if n.Sign() != 1 || n.BitLen() > 128 {
			t.Errorf("serial %s", n)
		}
		if seen[n.String()] {
			t.Errorf("serial %s came twice", n)
		}
		seen[n.String()] = true
		all.Or(all, n)
	}
	if want := "ffffffffffffffffffffffffffffffff"; SerialHex(all) != want {
		t.Errorf("bits ever set: %s", SerialHex(all))
	}
}
