package terminal

import "time"

// pace determines when the next frame may be drawn, and how much output it may contain. A slow terminal gets frames that it can
// read within one gap, so that typed keys are echoed soon.
type pace struct {
	gap   time.Duration // between two frames, at least
	last  time.Time     // when the last frame began
	limit int           // bytes of output in a frame
}

const (
	minFrame = 4 << 10
	maxFrame = 1 << 20
)

func newPace(gap time.Duration) pace { return pace{gap: gap, limit: 64 << 10} }

// wait returns how long to wait for the next frame; 0 = it may be drawn now.
func (p *pace) wait(now time.Time) time.Duration { return max(0, p.gap-now.Sub(p.last)) }

// frameDrawn delays the next frame by twice the time that this frame took to draw, so that drawing a very long line does not
// use all of the CPU time.
func (p *pace) frameDrawn(took time.Duration) { p.last = p.last.Add(2 * took) }

// frameWritten adapts the limit to how long a frame of n bytes took to write.
func (p *pace) frameWritten(n int, took time.Duration) {
	switch {
	case took > p.gap:
		p.limit = max(minFrame, int(int64(n)*int64(p.gap)/int64(took)))
	case took < p.gap/2 && n >= p.limit/2:
		p.limit = min(maxFrame, p.limit*2)
	}
}
