package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseWait parses ">wait 1s".
func parseWait(line string) (time.Duration, error) {
	word, arg, _ := strings.Cut(line[1:], " ")
	if word == "wait" {
		return parseDuration(strings.TrimSpace(arg))
	}
	return 0, &hintedError{
		fmt.Sprintf(">%s: expected >wait D, >json STRING or > TEXT", word),
		"put > and a space before a line to send it, whatever it begins with",
	}
}

// parseDuration parses "1.5s", "200ms", "2m", or a number of seconds.
func parseDuration(written string) (time.Duration, error) {
	seconds, err := strconv.ParseFloat(written, 64)
	if err == nil && seconds >= 0 && seconds < math.MaxInt32 {
		return time.Duration(seconds * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(written)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration like 1.5s, 200ms or 2m", written)
	}
	return d, nil
}
