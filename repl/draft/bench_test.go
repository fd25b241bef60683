package draft

import "testing"

// BenchmarkLearn adds the keys and values of a message of a feed.
func BenchmarkLearn(b *testing.B) {
	const message = `{"channel":"ticker","symbol":"BTC-USD","price":"64312.55","size":"0.0123","side":"buy","time":"2026-01-01T00:00:00Z","sequence":123456789}`
	var v Vocabulary
	b.SetBytes(int64(len(message)))
	for range b.N {
		v.Learn(message)
	}
}
