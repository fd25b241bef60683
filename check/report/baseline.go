package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"wsx/check"
)

// ReadBaseline reads the events of an earlier run, and returns the checks that failed in it.
func ReadBaseline(r io.Reader) (map[string]bool, error) {
	failed := map[string]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for number, complete := 1, false; ; number++ {
		if !lines.Scan() {
			if lines.Err() == nil && !complete {
				return nil, fmt.Errorf("line %d: no summary event: is this a JSON report of wsx check?", number)
			}
			return failed, lines.Err()
		}
		var event struct {
			Event   string        `json:"event"`
			ID      string        `json:"id"`
			Verdict check.Verdict `json:"verdict"`
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("line %d: not an event of a wsx check report", number)
		}
		switch {
		case event.Event == "summary":
			complete = true
		case event.Event != "check":
			return nil, fmt.Errorf("line %d: %q is not an event of wsx check", number, event.Event)
		case event.Verdict == check.Fail:
			failed[event.ID] = true
		}
	}
}
