package main

import (
	"slices"
	"strconv"
	"strings"
)

// verdict is the suite's verdict on one case, and how the client ended.
type verdict struct {
	Case          string `json:"case"`
	Behavior      string `json:"behavior"`      // OK, NON-STRICT, INFORMATIONAL, UNIMPLEMENTED or FAILED
	BehaviorClose string `json:"behaviorClose"` // of the closing handshake: OK, WRONG CODE, UNCLEAN, INFORMATIONAL or FAILED
	Result        string `json:"result"`        // the suite's explanation
	ResultClose   string `json:"resultClose"`
	RemoteCode    int    `json:"remoteCloseCode"` // close code of the program under test; 0 = no code

	client string // how the client ended; "" = with exit code 0
	rerun  bool   // the case was run a second time
}

// The columns of the table, from best to worst.
const (
	ok            = "OK"
	nonStrict     = "NON-STRICT"
	informational = "INFORMATIONAL"
	unimplemented = "UNIMPLEMENTED"
	failed        = "FAILED"
)

var columns = []string{ok, nonStrict, informational, unimplemented, failed}

// informationalCases are the cases without a right behavior: data after a Close, and close codes that are not registered.
var informationalCases = []string{"7.1.6", "7.13.1", "7.13.2"}

// column returns the worse of the two behaviours. An unclean close or a wrong code is a failure here.
func (v verdict) column() string {
	return columns[max(severity(v.Behavior), severity(v.BehaviorClose))]
}

func severity(behavior string) int {
	if i := slices.Index(columns, behavior); i >= 0 {
		return i
	}
	return len(columns) - 1
}

// allowed reports whether the verdict is as good as it can be.
func (v verdict) allowed() bool {
	c := v.column()
	return c == ok || c == informational && slices.Contains(informationalCases, v.Case)
}

// reason returns why a verdict is not OK, in one line.
func (v verdict) reason() string {
	var parts []string
	if v.Behavior != ok {
		parts = append(parts, v.Result)
	}
	if v.BehaviorClose != ok {
		parts = append(parts, v.BehaviorClose+" close: "+v.ResultClose)
		if v.RemoteCode != 0 {
			parts = append(parts, "its close code was "+strconv.Itoa(v.RemoteCode))
		}
	}
	if v.client != "" {
		parts = append(parts, v.client)
	}
	return strings.Join(parts, "; ")
}

// faults returns the verdicts that are not allowed.
func faults(all []verdict) []verdict {
	return slices.DeleteFunc(slices.Clone(all), verdict.allowed)
}

// byCase compares verdicts by their case: 2.10 is after 2.9.
func byCase(a, b verdict) int {
	x, y := strings.Split(a.Case, "."), strings.Split(b.Case, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m - n
		}
	}
	return len(x) - len(y)
}
