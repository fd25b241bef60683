package main

import (
	"slices"
	"strings"
	"testing"
)

func TestColumn(t *testing.T) {
	for _, c := range []struct {
		v       verdict
		want    string
		allowed bool
	}{
		{verdict{Case: "1.1.1", Behavior: "OK", BehaviorClose: "OK"}, ok, true},
		{verdict{Case: "6.4.1", Behavior: "NON-STRICT", BehaviorClose: "OK"}, nonStrict, false},
		{verdict{Case: "6.4.1", Behavior: "OK", BehaviorClose: "FAILED"}, failed, false},
		{verdict{Case: "13.3.1", Behavior: "UNIMPLEMENTED", BehaviorClose: "OK"}, unimplemented, false},
		{verdict{Case: "7.5.1", Behavior: "OK", BehaviorClose: "WRONG CODE"}, failed, false},
		{verdict{Case: "3.1", Behavior: "OK", BehaviorClose: "UNCLEAN"}, failed, false},
		{verdict{Case: "7.1.6", Behavior: "INFORMATIONAL", BehaviorClose: "INFORMATIONAL"}, informational, true},
		{verdict{Case: "7.1.5", Behavior: "INFORMATIONAL", BehaviorClose: "OK"}, informational, false},
		{verdict{Case: "7.13.2", Behavior: "NON-STRICT", BehaviorClose: "OK"}, nonStrict, false},
	} {
		if got := c.v.column(); got != c.want || c.v.allowed() != c.allowed {
			t.Errorf("%+v: column %s allowed %v, want %s %v", c.v, got, c.v.allowed(), c.want, c.allowed)
		}
	}
}

func TestVerdictOrder(t *testing.T) {
	all := []verdict{{Case: "13.1.1"}, {Case: "2.10"}, {Case: "2.9"}, {Case: "1.2.1"}, {Case: "12.1.10"}, {Case: "12.1.9"}}
	slices.SortFunc(all, byCase)
	var got []string
	for _, v := range all {
		got = append(got, v.Case)
	}
	if want := "1.2.1 2.9 2.10 12.1.9 12.1.10 13.1.1"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	all := []verdict{
		{Case: "1.1.1", Behavior: ok, BehaviorClose: ok},
		{Case: "7.1.6", Behavior: informational, BehaviorClose: ok, Result: "undefined"},
		{Case: "7.5.1", Behavior: ok, BehaviorClose: "WRONG CODE", ResultClose: "should be 1007", RemoteCode: 1000},
	}
	printTable(&out, all)
	printFaults(&out, all)
	want := `
  group  cases  OK  NON-STRICT  INFORMATIONAL  UNIMPLEMENTED  FAILED  about
      1      1   1           0              0              0       0  framing
      7      2   0           0              1              0       1  close
    all      3   1           0              1              0       1  

7.1.6    INFORMATIONAL (allowed) undefined
7.5.1    FAILED WRONG CODE close: should be 1007; its close code was 1000
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	printJSON(&out, []verdict{{Case: "7.5.1", Behavior: ok, BehaviorClose: "WRONG CODE", RemoteCode: 1000}})
	want := `[{"case":"7.5.1","behavior":"OK","behaviorClose":"WRONG CODE","result":"","resultClose":"","remoteCloseCode":1000,"verdict":"FAILED"}]` + "\n"
	if out.String() != want {
		t.Errorf("got %swant %s", out.String(), want)
	}
}
