package report

import (
	"math"
	"strconv"
)

// formatTime returns a time in milliseconds with three digits and a unit.
func formatTime(ms float64) string {
	switch {
	case ms == 0:
		return "0"
	case ms < 1:
		return formatDigits(ms*1000) + " us"
	case ms < 1000:
		return formatDigits(ms) + " ms"
	}
	return formatDigits(ms/1000) + " s"
}

// formatDigits returns a number with at least three significant digits.
func formatDigits(n float64) string {
	return strconv.FormatFloat(n, 'f', max(0, 2-int(math.Floor(math.Log10(math.Abs(n)+1e-12)))), 64)
}

// formatRate returns a rate per second.
func formatRate(n float64) string {
	if n < 100 {
		return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64)
	}
	return formatCount(uint64(math.Round(n)))
}

// formatCount returns a number with separated thousands.
func formatCount(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func formatBytes(n uint64) string {
	for _, unit := range []struct {
		size uint64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size {
			return formatDigits(float64(n)/float64(unit.size)) + " " + unit.name
		}
	}
	return formatCount(n) + " B"
}

func formatShare(share float64) string {
	return strconv.FormatFloat(math.Floor(share*1e5)/1e3, 'f', -1, 64) + " %"
}
