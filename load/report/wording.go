package report

import (
	"math"
	"time"
)

// milliseconds returns a duration in milliseconds, rounded to a tenth of a microsecond.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/100) / 10_000
}
