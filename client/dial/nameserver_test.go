package dial

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers for the names given with their addresses. A name with none gets no answer, one that is not given
// does not exist.
func nameServer(t *testing.T, names map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			if answer := answerName(packet[:n], names); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	})
	questions, stopAsking := context.WithCancel(context.Background())
	t.Cleanup(func() {
		stopAsking()
		conn.Close()
		running.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		question, err := new(net.Dialer).DialContext(questions, "udp", conn.LocalAddr().String())
		if err == nil {
			context.AfterFunc(questions, func() { question.Close() }) // or the resolver waits on for seconds
		}
		return question, err
	}}
}

// answerName is the answer to a query; nil = none.
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
