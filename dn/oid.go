package dn

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// formatOID is the dotted decimal form of the content octets of an OBJECT
// IDENTIFIER (X.690 section 8.19). Arcs may have any size.
func formatOID(content []byte) (string, error) {
	if len(content) == 0 {
		return "", fmt.Errorf("empty object identifier")
	}
	if content[len(content)-1]&0x80 != 0 {
		return "", fmt.Errorf("object identifier ends within an arc")
	}
	var b strings.Builder
	for start := 0; start < len(content); {
		if content[start] == 0x80 {
			return "", fmt.Errorf("object identifier with a padded arc")
		}
		end := start
		for content[end]&0x80 != 0 {
			end++
		}
		end++
		if start == 0 {
			b.WriteString(firstArcs(content[:end]))
		} else {
			b.WriteByte('.')
			b.WriteString(decimal(content[start:end], 0))
		}
		start = end
	}
	return b.String(), nil
}

// firstArcs splits the first subidentifier, which holds 40 times the first arc
// plus the second; only under the first arc 2 may the second exceed 39.
func firstArcs(subidentifier []byte) string {
	if len(subidentifier) == 1 && subidentifier[0] < 80 {
		return strconv.Itoa(int(subidentifier[0])/40) + "." + strconv.Itoa(int(subidentifier[0])%40)
	}
	return "2." + decimal(subidentifier, 80)
}

// decimal is the base-128 number in octets, less minus, in decimal.
func decimal(octets []byte, minus int64) string {
	if len(octets) <= 9 { // 63 bits
		var n int64
		for _, c := range octets {
			n = n<<7 | int64(c&0x7F)
		}
		return strconv.FormatInt(n-minus, 10)
	}
	// Pack groups of 7 bits into octets from the end, so that a long arc costs
	// no more than its length.
	packed := make([]byte, (len(octets)*7+7)/8)
	at, bits, acc := len(packed), 0, uint(0)
	for i := len(octets) - 1; i >= 0; i-- {
		acc |= uint(octets[i]&0x7F) << bits
		for bits += 7; bits >= 8; bits -= 8 {
			at--
			packed[at] = byte(acc)
			acc >>= 8
		}
	}
	if bits > 0 {
		packed[at-1] = byte(acc)
	}
	n := new(big.Int).SetBytes(packed)
	return n.Sub(n, big.NewInt(minus)).String()
}

// usualOID is what most OIDs of attributes are not longer than, in octets.
const usualOID = 16

// parseOID is the content octets of a dotted decimal OID: at least two arcs, the
// first 0, 1 or 2, the second below 40 under 0 and 1, digits without leading
// zeros (X.660 section 7.6).
func parseOID(dotted string) ([]byte, error) {
	first, rest, found := strings.Cut(dotted, ".")
	if !found {
		return nil, fmt.Errorf("object identifier %q has one arc, at least two are needed", dotted)
	}
	for arc := range strings.SplitSeq(dotted, ".") {
		if !isNumber(arc) {
			return nil, fmt.Errorf("object identifier %q is not numbers joined by dots", dotted)
		}
	}
	if len(first) != 1 || first > "2" {
		return nil, fmt.Errorf("object identifier %q begins with neither 0, 1 nor 2", dotted)
	}
	second, rest, more := strings.Cut(rest, ".")
	if first < "2" && (len(second) > 2 || len(second) == 2 && second >= "40") {
		return nil, fmt.Errorf("object identifier %q has a second arc over 39", dotted)
	}
	content := appendArc(make([]byte, 0, usualOID), second, int64(first[0]-'0')*40)
	for more {
		var arc string
		arc, rest, more = strings.Cut(rest, ".")
		content = appendArc(content, arc, 0)
	}
	return content, nil
}

// isNumber reports digits without a leading zero.
func isNumber(s string) bool {
	if s == "" || s[0] == '0' && s != "0" {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// appendArc appends a decimal number plus some in base 128.
func appendArc(content []byte, arc string, plus int64) []byte {
	if len(arc) <= 18 { // fits 63 bits with plus
		n, _ := strconv.ParseInt(arc, 10, 64)
		return appendBase128(content, n+plus)
	}
	n, _ := new(big.Int).SetString(arc, 10)
	packed := n.Add(n, big.NewInt(plus)).Bytes()
	octets := make([]byte, (len(packed)*8+6)/7)
	at, bits, acc := len(octets), 0, uint(0)
	for i := len(packed) - 1; i >= 0; i-- {
		acc |= uint(packed[i]) << bits
		for bits += 8; bits >= 7; bits -= 7 {
			at--
			octets[at] = byte(acc&0x7F) | 0x80
			acc >>= 7
		}
	}
	if bits > 0 {
		at--
		octets[at] = byte(acc) | 0x80
	}
	for at < len(octets)-1 && octets[at] == 0x80 {
		at++
	}
	octets[len(octets)-1] &= 0x7F
	return append(content, octets[at:]...)
}

// appendBase128 appends n, not negative, in groups of 7 bits, the highest first,
// all but the last with the top bit set.
func appendBase128(content []byte, n int64) []byte {
	shift := 0
	for n>>shift > 0x7F {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
		content = append(content, byte(n>>shift)|0x80)
	}
	return append(content, byte(n&0x7F))
}
