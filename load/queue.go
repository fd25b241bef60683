package load

// queue is a first-in, first-out queue.
type queue struct {
	items []int64
	head  int
}

func (q *queue) len() int { return len(q.items) - q.head }

func (q *queue) push(item int64) {
	if q.head > 0 && len(q.items) == cap(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, item)
}

func (q *queue) pop() (item int64, ok bool) {
	if q.len() == 0 {
		return 0, false
	}
	item = q.items[q.head]
	q.head++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return item, true
}
