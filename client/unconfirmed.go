package client

// unconfirmed are messages that were written and may not have arrived, in the order in which they were sent.
type unconfirmed []Unconfirmed

// add adds a message; lines that follow one another make one entry, and so do messages without a number.
func (d *unconfirmed) add(line int) {
	if n := len(*d); n > 0 {
		last := &(*d)[n-1]
		if last.Last == 0 && line == 0 || last.Last > 0 && line == last.Last+1 {
			last.Last = line
			last.Count++
			return
		}
	}
	*d = append(*d, Unconfirmed{line, line, 1})
}

// join adds a message to the last entry, whether its line follows or not, so that the number of entries is bounded.
func (d *unconfirmed) join(line int) {
	if len(*d) == 0 {
		d.add(line)
		return
	}
	last := &(*d)[len(*d)-1]
	last.Last = max(last.Last, line)
	last.Count++
}
