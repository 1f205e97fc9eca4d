package dn

import (
	"fmt"
	"strings"

	"github.com/xrash/smetrics"
)

// nearLabel is the label of the slash form that was probably meant: itself when
// it is one, in other case, without "OID." before it, under another name, or with
// a letter wrong. It is "" when none is near.
func nearLabel(label string) string {
	label = strings.Trim(label, " \t\r\n")
	if attributeOID(label) != "" {
		return label
	}
	if len(label) > 4 && strings.EqualFold(label[:4], "OID.") && attributeOID(label[4:]) != "" {
		return label[4:]
	}
	best, bestDistance := "", len(label)/5+1
	if len(label) < 4 {
		bestDistance = 1 // no letter may be wrong in C, ST or CN
	}
	lower := strings.ToLower(label)
	for line := range strings.Lines(objects) {
		oid, known, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if len(known)-len(label) >= bestDistance || len(label)-len(known) >= bestDistance || !isAttributeType(oid) {
			continue
		}
		if d := smetrics.WagnerFischer(lower, strings.ToLower(known), 1, 1, 1); d < bestDistance {
			best, bestDistance = known, d
		}
		if bestDistance == 0 {
			return best
		}
	}
	if known := otherName(label); known != "" {
		return known
	}
	return best
}

// otherName is the label of an attribute type by the names that other programs
// and OpenSSL's long form give it, "" when it is none of these.
func otherName(label string) string {
	switch strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(label)) {
	case "country", "countryname":
		return "C"
	case "s", "sp", "state", "province", "stateorprovince", "stateorprovincename", "statename":
		return "ST"
	case "city", "locality", "localityname", "town":
		return "L"
	case "org", "organization", "organisation", "organizationname", "organisationname", "company":
		return "O"
	case "unit", "orgunit", "organizationunit", "organizationalunit", "organizationalunitname", "department":
		return "OU"
	case "commonname", "common":
		return "CN"
	case "e", "email", "emailaddr":
		return "emailAddress"
	case "domaincomponent", "domain":
		return "DC"
	case "userid", "user":
		return "UID"
	case "surname", "lastname":
		return "SN"
	case "g", "givenname", "firstname":
		return "GN"
	case "serial", "serialno":
		return "serialNumber"
	case "streetaddress", "streetname":
		return "street"
	case "zip", "zipcode", "postcode":
		return "postalCode"
	case "t":
		return "title"
	case "dnq":
		return "dnQualifier"
	case "generation":
		return "generationQualifier"
	case "rfc822mailbox":
		return "mail"
	case "jurisdictioncountryname":
		return "jurisdictionC"
	case "jurisdictionstateorprovincename":
		return "jurisdictionST"
	case "jurisdictionlocalityname":
		return "jurisdictionL"
	}
	return ""
}

// unknownLabel says what is wrong with a label and which one is near.
func unknownLabel(label string) string {
	switch near := nearLabel(label); {
	case label == "":
		return "there is no attribute before the equals sign"
	case near != "" && near == strings.TrimSpace(label):
		return fmt.Sprintf("blanks around the label %s", near)
	case near != "":
		return fmt.Sprintf("unknown attribute %s, is %s meant?", quoted(label), near)
	case strings.Trim(label, "0123456789.") == "":
		_, err := parseOID(label)
		return err.Error()
	}
	return fmt.Sprintf("unknown attribute %s: known are C, ST, L, O, OU, CN, emailAddress, DC, UID, serialNumber, "+
		"the other attribute types OpenSSL has a short name for, and dotted OIDs", quoted(label))
}
