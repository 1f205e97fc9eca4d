package dn_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dn"
)

// unhex reads octets written with blanks between them.
func unhex(t *testing.T, text string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// The encodings of names, which are read back as they were.
func TestDER(t *testing.T) {
	tests := []struct {
		title string
		der   string
		name  dn.Name
	}{
		{"empty", "3000", dn.Name{}},
		{"two RDNs", "3018 310b 3009 0603550406 13025553 3109 3007 0603550403 0c00",
			dn.Name{attr("2.5.4.6", 19, "US"), attr("2.5.4.3", 12, "")}},
		{"multi-valued RDN", "3014 3112 3007 0603550403 1300 3007 060355040b 1300",
			dn.Name{{{OID: "2.5.4.3", Tag: 19, Value: []byte{}}, {OID: "2.5.4.11", Tag: 19, Value: []byte{}}}}},
		{"attributes out of DER order", "3014 3112 3007 060355040b 1300 3007 0603550403 1300",
			dn.Name{{{OID: "2.5.4.11", Tag: 19, Value: []byte{}}, {OID: "2.5.4.3", Tag: 19, Value: []byte{}}}}},
		{"empty RDN", "3002 3100", dn.Name{{}}},
		{"BMPString", "300d 310b 3009 0603550403 1e0200fc", dn.Name{attr("2.5.4.3", 30, "\x00\xfc")}},
		{"BMPString with an odd octet", "300c 310a 3008 0603550403 1e01fc", dn.Name{attr("2.5.4.3", 30, "\xfc")}},
		{"UniversalString", "300f 310d 300b 0603550403 1c0400000041", dn.Name{attr("2.5.4.3", 28, "\x00\x00\x00A")}},
		{"T61String", "300c 310a 3008 0603550403 1401fc", dn.Name{attr("2.5.4.3", 20, "\xfc")}},
		{"invalid UTF-8", "300c 310a 3008 0603550403 0c01fc", dn.Name{attr("2.5.4.3", 12, "\xfc")}},
		{"NumericString", "300c 310a 3008 0603550403 120131", dn.Name{attr("2.5.4.3", 18, "1")}},
		{"VisibleString", "300c 310a 3008 0603550403 1a0131", dn.Name{attr("2.5.4.3", 26, "1")}},
		{"GeneralString", "300c 310a 3008 0603550403 1b0131", dn.Name{attr("2.5.4.3", 27, "1")}},
		{"BIT STRING", "300d 310b 3009 060355042d 030204f0", dn.Name{attr("2.5.4.45", 3, "\x04\xf0")}},
		{"SEQUENCE", "300d 310b 3009 0603550403 30020500", dn.Name{attr("2.5.4.3", 16, "\x05\x00")}},
		{"SET", "300b 3109 3007 0603550403 3100", dn.Name{attr("2.5.4.3", 17, "")}},
		{"NULL", "300b 3109 3007 0603550403 0500", dn.Name{attr("2.5.4.3", 5, "")}},
		{"tag 31", "300c 310a 3008 0603550403 1f1f00", dn.Name{attr("2.5.4.3", 31, "")}},
		{"tag 200", "300d 310b 3009 0603550403 1f814800", dn.Name{attr("2.5.4.3", 200, "")}},
		{"OID 0.0", "3009 3107 3005 060100 1300", dn.Name{attr("0.0", 19, "")}},
		{"OID 1.39", "3009 3107 3005 06014f 1300", dn.Name{attr("1.39", 19, "")}},
		{"OID 2.0", "3009 3107 3005 060150 1300", dn.Name{attr("2.0", 19, "")}},
		{"OID 2.999", "300a 3108 3006 06028837 1300", dn.Name{attr("2.999", 19, "")}},
		{"arc of 64 bits", "3013 3111 300f 060b2a 81ffffffffffffffff7f 1300", dn.Name{attr("1.2.18446744073709551615", 19, "")}},
		{"first arc of 64 bits", "3012 3110 300e 060a 81ffffffffffffffff7f 1300", dn.Name{attr("2.18446744073709551535", 19, "")}},
		{"arc of 2 to the power of 70", "3014 3112 3010 060c2a 8180808080808080808000 1300",
			dn.Name{attr("1.2.1180591620717411303424", 19, "")}},
		{"length of 128", "308192 31818f 30818c 0603550403 0c8184" + strings.Repeat("61", 132),
			dn.Name{attr("2.5.4.3", 12, strings.Repeat("a", 132))}},
		{"length of 256", "30820112 3182010e 3082010a 0603550403 0c820101" + strings.Repeat("61", 257),
			dn.Name{attr("2.5.4.3", 12, strings.Repeat("a", 257))}},
		{"length of 65536", "30830100 14 31830100 0f 30830100 0a 0603550403 0c830100 00" + strings.Repeat("61", 65536),
			dn.Name{attr("2.5.4.3", 12, strings.Repeat("a", 65536))}},
	}
	for _, test := range tests {
		t.Run(test.title, func(t *testing.T) {
			der := unhex(t, test.der)
			name, err := dn.FromDER(der)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.name, name); diff != "" {
				t.Errorf("name (-want +got):\n%s", diff)
			}
			again, err := name.DER()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again, der) {
				t.Errorf("encodes as %.200x", again)
			}
		})
	}
}

func TestFromDERErrors(t *testing.T) {
	tests := map[string]struct{ der, problem string }{
		"nothing":                {"", "ends too early"},
		"cut":                    {"3005 3100", "truncated"},
		"bytes after it":         {"3000 00", "1 bytes follow it"},
		"not a SEQUENCE":         {"3100", "tag 17 where 16 is due"},
		"RDN not a SET":          {"3002 3000", "RDN 1: tag 16 where 17 is due"},
		"attribute no SEQUENCE":  {"3004 3102 3100", "attribute 1: tag 17"},
		"attribute without OID":  {"3004 3102 3000", "attribute 1: ends too early"},
		"attribute without text": {"3009 3107 3005 0603550403", "value of 2.5.4.3: ends too early"},
		"attribute with more":    {"300d 310b 3009 0603550403 1300 1300", "value of 2.5.4.3: 2 bytes follow it"},
		"second RDN":             {"300d 3109 3007 0603550403 1300 3000", "RDN 2: tag 16"},
		"empty OID":              {"3008 3106 3004 0600 1300", "empty object identifier"},
		"OID cut":                {"3009 3107 3005 060185 1300", "ends within an arc"},
		"OID padded":             {"300b 3109 3007 06032a8001 1300", "padded arc"},
		"indefinite length":      {"3080 0000", "indefinite length"},
		"long length":            {"308102 3100", "non-minimal length"},
		"padded length":          {"30820002 3100", "superfluous leading zeros"},
		"string in pieces":       {"300e 310c 300a 0603550403 33031301 61", "not encoded as DER"},
		"SEQUENCE not in pieces": {"300b 3109 3007 0603550403 1000", "not encoded as DER"},
		"context tag":            {"300b 3109 3007 0603550403 8000", "not a universal type"},
		"end of contents":        {"300b 3109 3007 0603550403 0000", "not a universal type"},
		"application tag":        {"300b 3109 3007 0603550403 5300", "not a universal type"},
		"over 1 MiB":             {"30831000 00" + strings.Repeat("3100", 1<<19), "more than 1048576"},
	}
	for title, test := range tests {
		name, err := dn.FromDER(unhex(t, test.der))
		if err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %v, %v", title, name, err)
		}
	}
}

func TestDERErrors(t *testing.T) {
	tests := map[string]struct {
		name    dn.Name
		problem string
	}{
		"no OID":       {dn.Name{attr("", 19, "x")}, `RDN 1: object identifier "" has one arc`},
		"short name":   {dn.Name{attr("2.5.4.3", 19, "x"), attr("C.N", 19, "x")}, `RDN 2: object identifier "C.N"`},
		"negative arc": {dn.Name{attr("1.-2", 19, "x")}, "not numbers"},
		"signed arc":   {dn.Name{attr("1.2.+3", 19, "x")}, "not numbers"},
		"no tag":       {dn.Name{attr("2.5.4.3", 0, "x")}, "tag 0 of 2.5.4.3"},
		"negative tag": {dn.Name{attr("2.5.4.3", -5, "x")}, "tag -5 of 2.5.4.3"},
		"over 1 MiB":   {dn.Name{attr("2.5.4.3", 19, strings.Repeat("x", 1<<20))}, "more than 1048576"},
	}
	for title, test := range tests {
		der, err := test.name.DER()
		if err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %.40x, %v", title, der, err)
		}
	}
}

// An OID may be as long as the name: reading and writing it takes no longer than
// its length warrants.
func TestDERHugeOID(t *testing.T) {
	for _, oid := range []string{"2.1" + strings.Repeat("0", 1<<19), "1.3" + strings.Repeat(".7", 1<<18)} {
		der, err := dn.Name{attr(oid, 19, "x")}.DER()
		if err != nil {
			t.Fatal(err)
		}
		name, err := dn.FromDER(der)
		if err != nil {
			t.Fatal(err)
		}
		if name[0][0].OID != oid {
			t.Errorf("an OID of %d characters is read as another of %d", len(oid), len(name[0][0].OID))
		}
	}
}
