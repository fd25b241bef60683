package client

// unconfirmed are messages that may not have arrived, in the order in which they were sent.
type unconfirmed []Unconfirmed

// add adds a message; numbers that follow one another make one entry, and so do messages without a number.
func (u *unconfirmed) add(number int) {
	if n := len(*u); n > 0 {
		last := &(*u)[n-1]
		if last.Last == 0 && number == 0 || last.Last > 0 && number == last.Last+1 {
			last.Last = number
			last.Count++
			return
		}
	}
	*u = append(*u, Unconfirmed{number, number, 1})
}

// join adds a message to the last entry, whether its number follows or not, so that the number of entries is bounded.
func (u *unconfirmed) join(number int) {
	if len(*u) == 0 {
		u.add(number)
		return
	}
	last := &(*u)[len(*u)-1]
	if number > 0 {
		last.First = min(last.First, number)
	}
	last.Last = max(last.Last, number)
	last.Count++
}
