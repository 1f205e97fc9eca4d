package ca

import (
	"crypto/rand"
	"fmt"
	"math/big"
)

// serialBits is the size of a random serial number: 17 octets encoded at most,
// RFC 5280 section 4.1.2.2 allows 20.
const serialBits = 128

// maxSerialBits is the size of the greatest positive number of 20 octets.
const maxSerialBits = 20*8 - 1

// NewSerial is 128 random bits, never zero.
func NewSerial() (*big.Int, error) {
	for {
		n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
		if err != nil {
			return nil, fmt.Errorf("choosing a serial number: %w", err)
		}
		if n.Sign() > 0 {
			return n, nil
		}
	}
}

// SerialHex is the number as `openssl x509 -noout -serial` prints it, but in
// lower case: whole octets, so an even number of digits; "-" before a negative.
func SerialHex(n *big.Int) string {
	digits := new(big.Int).Abs(n).Text(16)
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	if n.Sign() < 0 {
		return "-" + digits
	}
	return digits
}
