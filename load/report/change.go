package report

// Change is the difference of a metric between two reports.
type Change struct {
	Name  string  `json:"name"`
	Old   float64 `json:"old"` // ms, or a second
	New   float64 `json:"new"`
	Ratio float64 `json:"ratio"` // New / Old
	Low   float64 `json:"low"`   // with 95 % confidence the ratio is between Low and High; all three 0 = too few intervals
	High  float64 `json:"high"`
	Rate  bool    `json:"-"` // more is better
}
