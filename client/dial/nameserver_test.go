package dial

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer returns a resolver of the names given, with their addresses. A query for a name without addresses gets no answer; other
// names do not exist. It needs no UDP: queries go over streams.
func nameServer(t *testing.T, names map[string][]string) *net.Resolver {
	t.Helper()
	test, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var mu sync.Mutex // guards adding to running: the resolver may dial after the test has ended
	t.Cleanup(func() {
		mu.Lock()
		cancel()
		mu.Unlock()
		running.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if test.Err() != nil {
			return nil, test.Err()
		}
		near, far := net.Pipe()
		context.AfterFunc(test, func() { near.Close() }) // otherwise the resolver waits for seconds
		running.Go(func() { answerNames(far, names) })
		return near, nil
	}}
}

// answerNames answers the queries of a stream, each after its length (RFC 1035, section 4.2.2), until it ends.
func answerNames(conn net.Conn, names map[string][]string) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		if answer := answerName(query, names); answer != nil {
			conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
		}
	}
}

// answerName returns the answer to a query; nil = none.
func answerName(query []byte, names map[string][]string) []byte {
	var message dnsmessage.Message
	if message.Unpack(query) != nil || len(message.Questions) != 1 {
		return nil
	}
	question := message.Questions[0]
	message.Response, message.RecursionAvailable, message.Additionals = true, true, nil
	addresses, known := names[strings.TrimSuffix(question.Name.String(), ".")]
	switch {
	case !known:
		message.RCode = dnsmessage.RCodeNameError
	case len(addresses) == 0:
		return nil
	}
	for _, text := range addresses {
		address := netip.MustParseAddr(text)
		header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 60}
		switch {
		case address.Is4() && question.Type == dnsmessage.TypeA:
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
		case address.Is6() && question.Type == dnsmessage.TypeAAAA:
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
		}
	}
	answer, err := message.Pack()
	if err != nil {
		return nil
	}
	return answer
}
