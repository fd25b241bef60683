package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

//go:embed page.html
var pageText string

// WriteHTML writes the report as a self-contained page: the table, and plots of the latency by percentile, over time, and of
// the steps of connecting.
func (r *Report) WriteHTML(w io.Writer, objectives []Objective) error {
	var table strings.Builder
	if err := r.WriteTable(&table, objectives); err != nil {
		return err
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		*Report
		Table string
		Plots []*plot
	}{r, table.String(), []*plot{r.byPercentile(), r.overTime(), r.rateOverTime(), r.bySteps()}})
}

// The size of a plot and its margins, in units of its drawing.
const (
	plotWidth, plotHeight   = 720.0, 300.0
	marginLeft, marginBelow = 70.0, 40.0
	marginRight, marginOver = 20.0, 20.0
)

// plot is a drawing with two axes.
type plot struct {
	ID, Title, XName string
	Lines            []curve
	Bars             []bar
	XTicks, YTicks   []mark
	width, height    float64 // of what is drawn, in its own units
}

type curve struct{ Name, Class, Points string }

type bar struct {
	Name                string
	X, Y, Width, Height float64
	Class               string
}

// mark is a label at an axis, and its position.
type mark struct {
	At   float64
	Text string
}

// Width and the methods below return positions in the drawing.
func (p *plot) Width() float64  { return plotWidth }
func (p *plot) Height() float64 { return plotHeight }
func (p *plot) Left() float64   { return marginLeft }
func (p *plot) Right() float64  { return plotWidth - marginRight }
func (p *plot) Top() float64    { return marginOver }
func (p *plot) Bottom() float64 { return plotHeight - marginBelow }

func (p *plot) x(value float64) float64 { return p.Left() + value/p.width*(p.Right()-p.Left()) }
func (p *plot) y(value float64) float64 { return p.Bottom() - value/p.height*(p.Bottom()-p.Top()) }

// newPlot returns a plot with axes: x from 0 to width, y from 0 to a round number that is not below height.
func newPlot(id, title, xName string, width, height float64, label func(float64) string) *plot {
	p := &plot{ID: id, Title: title, XName: xName, width: math.Max(width, 1e-9)}
	step := roundStep(height / 5)
	p.height = step * math.Max(1, math.Ceil(height/step))
	for value := 0.0; value <= p.height*1.001; value += step {
		p.YTicks = append(p.YTicks, mark{p.y(value), label(value)})
	}
	return p
}

// roundStep returns the smallest step of 1, 2 or 5 times a power of ten that is not below the one wanted.
func roundStep(wanted float64) float64 {
	if !(wanted > 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(wanted)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= wanted {
			return factor * power
		}
	}
	return 10 * power
}

// curveOf draws a line through points.
func (p *plot) curveOf(name, class string, xs, ys []float64) {
	var points strings.Builder
	for i := range xs {
		fmt.Fprintf(&points, "%.1f,%.1f ", p.x(xs[i]), p.y(ys[i]))
	}
	p.Lines = append(p.Lines, curve{name, class, strings.TrimSpace(points.String())})
}

// byPercentile plots the latency over the percentile, with the same width for each further nine.
func (r *Report) byPercentile() *plot {
	nines := 1.0
	for n := float64(r.latency.Count()); n >= 100 && nines < 6; n /= 10 {
		nines++
	}
	p := newPlot("percentile", "Latency by percentile", "percentile", nines, r.Latency.Max, formatTime)
	var xs, ys []float64
	for x := 0.0; x <= nines; x += nines / 200 {
		xs = append(xs, x)
		ys = append(ys, milliseconds(r.latency.Percentile(100*(1-math.Pow(10, -x)))))
	}
	p.curveOf("latency", "a", xs, ys)
	p.XTicks = []mark{{p.x(0), "0"}, {p.x(math.Log10(2)), "50"}}
	for n := 1.0; n <= nines; n++ {
		p.XTicks = append(p.XTicks, mark{p.x(n), fmt.Sprintf("%.*f", max(0, int(n)-2), 100*(1-math.Pow(10, -n)))})
	}
	return p
}

// timeline returns an empty plot over the time of the run, and the x values of its intervals.
func (r *Report) timeline(id, title string, height float64, label func(float64) string) (p *plot, xs []float64) {
	end := r.Seconds
	for _, i := range r.Intervals {
		xs = append(xs, i.At)
		end = math.Max(end, i.At)
	}
	p = newPlot(id, title, "seconds", end, height, label)
	step := roundStep(end / 10)
	for at := 0.0; at <= end*1.001; at += step {
		p.XTicks = append(p.XTicks, mark{p.x(at), formatNumber(at)})
	}
	return p, xs
}

func formatNumber(n float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0") }

// overTime plots the latency over the run.
func (r *Report) overTime() *plot {
	highest := 0.0
	var p50, p99, maxima []float64
	for _, i := range r.Intervals {
		highest = math.Max(highest, i.Max)
		p50, p99, maxima = append(p50, i.P50), append(p99, i.P99), append(maxima, i.Max)
	}
	p, xs := r.timeline("time", "Latency over time", highest, formatTime)
	p.curveOf("max", "c", xs, maxima)
	p.curveOf("p99", "b", xs, p99)
	p.curveOf("p50", "a", xs, p50)
	return p
}

// rateOverTime plots the replies per second over the run.
func (r *Report) rateOverTime() *plot {
	highest := 0.0
	var rates []float64
	for _, i := range r.Intervals {
		highest = math.Max(highest, i.Rate)
		rates = append(rates, i.Rate)
	}
	p, xs := r.timeline("rate", "Replies per second", highest, formatRate)
	p.curveOf("rate", "a", xs, rates)
	return p
}

// bySteps plots the median and p99 of each step of connecting.
func (r *Report) bySteps() *plot {
	var steps []string
	highest := 0.0
	for _, step := range connectSteps() {
		if q, measured := r.Connecting[step]; measured {
			steps = append(steps, step)
			highest = math.Max(highest, q.P99)
		}
	}
	p := newPlot("connecting", "Connection steps", "median and p99 of each step", math.Max(1, float64(len(steps))), highest, formatTime)
	for i, step := range steps {
		q := r.Connecting[step]
		for j, value := range []float64{q.P50, q.P99} {
			left := float64(i) + .2 + .3*float64(j)
			p.Bars = append(p.Bars, bar{
				Name: step + map[int]string{0: " p50", 1: " p99"}[j] + ": " + formatTime(value), Class: map[int]string{0: "a", 1: "b"}[j],
				X: p.x(left), Y: p.y(value), Width: p.x(.28) - p.x(0), Height: p.Bottom() - p.y(value),
			})
		}
		p.XTicks = append(p.XTicks, mark{p.x(float64(i) + .5), step})
	}
	return p
}
