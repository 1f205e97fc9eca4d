package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseValidity(t *testing.T) {
	now := time.Date(2028, 2, 28, 23, 30, 0, 999, time.FixedZone("east", 7200))
	begin := time.Date(2028, 2, 28, 20, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		days, notAfter string
		want           time.Time
	}{
		{"", "", begin.Add(825 * 24 * time.Hour)},
		{"1", "", time.Date(2028, 2, 29, 20, 30, 0, 0, time.UTC)},
		{"36525", "", begin.Add(36525 * 24 * time.Hour)},
		{"", "30d", time.Date(2028, 3, 29, 21, 30, 0, 0, time.UTC)},
		{"", "90m", time.Date(2028, 2, 28, 23, 0, 0, 0, time.UTC)},
		{"", "2050-01-01T01:00:00+01:00", time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		v, err := parseValidity(test.days, test.notAfter, defaultLeafDays, now)
		if err != nil || !v.notBefore.Equal(begin) || !v.notAfter.Equal(test.want) || v.notAfter.Location() != time.UTC {
			t.Errorf("days %q, not-after %q: %v to %v, %v; want %v to %v", test.days, test.notAfter, v.notBefore, v.notAfter, err, begin, test.want)
		}
	}
	for _, test := range [][2]string{
		{"0", ""}, {"-1", ""}, {"36526", ""}, {"1.5", ""}, {"many", ""}, {"30", "30d"},
		{"", "tomorrow"}, {"", "0d"}, {"", "-3h"}, {"", "2030-13-01T00:00:00Z"}, {"", "99999999999999999999d"},
	} {
		if v, err := parseValidity(test[0], test[1], defaultLeafDays, now); err == nil || hintOf(err) == "" {
			t.Errorf("days %q, not-after %q: %+v, %v; want an error with a hint", test[0], test[1], v, err)
		}
	}
}

func TestRandomPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p, err := randomPassword()
		if err != nil {
			t.Fatal(err)
		}
		if len(*p) != passwordLength || seen[*p] || strings.ContainsAny(*p, `'"\# `) {
			t.Errorf("password %q", *p)
		}
		for _, class := range passwordClasses() {
			if !strings.ContainsAny(*p, class) {
				t.Errorf("password %q has none of %q", *p, class)
			}
		}
		seen[*p] = true
	}
}

func TestNearest(t *testing.T) {
	names := []string{"bootstrap", "issue", "list", "show", "y"}
	for word, want := range map[string]string{
		"lst": "list", "ls": "", "bootstarp": "bootstrap", "isue": "issue", "nonsense": "", "sho": "show", "x": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("nearest %q is %q, want %q", word, got, want)
		}
	}
}
