package terminal

import "time"

// pace determines when the next frame may be drawn and how much output it may carry. A slow terminal gets frames as large as
// it reads in one gap, so that a key typed meanwhile is echoed soon.
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

// drew notes how long a frame took to make: a line of a megabyte must not use all of the time.
func (p *pace) drew(took time.Duration) { p.last = p.last.Add(2 * took) }

// wrote notes how long a frame of n bytes took to write.
func (p *pace) wrote(n int, took time.Duration) {
	switch {
	case took > p.gap:
		p.limit = max(minFrame, int(int64(n)*int64(p.gap)/int64(took)))
	case took < p.gap/2 && n >= p.limit/2:
		p.limit = min(maxFrame, p.limit*2)
	}
}
