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
				return nil, fmt.Errorf("line %d: it has no summary event: is it a report in JSON?", number)
			}
			return failed, lines.Err()
		}
		var event struct {
			Event   string        `json:"event"`
			ID      string        `json:"id"`
			Verdict check.Verdict `json:"verdict"`
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("line %d: it is not an event of such a report", number)
		}
		switch {
		case event.Event == "summary":
			complete = true
		case event.Event != "check":
			return nil, fmt.Errorf("line %d: an event %q is not of wsx check", number, event.Event)
		case event.Verdict == check.Fail:
			failed[event.ID] = true
		}
	}
}
