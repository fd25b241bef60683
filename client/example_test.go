package client_test

import (
	"context"
	"fmt"

	"wsx/client"
	"wsx/server"
)

// echoURL returns the URL of an echo server on loopback, and a function that ends it.
func echoURL() (url string, end func()) {
	s, err := server.Listen(context.Background(), server.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		panic(err)
	}
	return s.URL(), func() { s.Shutdown(context.Background()) }
}

func ExampleMessages() {
	url, end := echoURL()
	defer end()
	send := func(s *client.Session) {
		s.SendData(client.Text, []byte("hello"))
		s.SendData(client.Binary, []byte{1, 2})
		s.Flush()
	}
	received := 0
	for m, err := range client.Messages(context.Background(), url, client.Options{}, send) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%s %q\n", m.Type, m.Data)
		if received++; received == 2 {
			break
		}
	}
	// Output:
	// text "hello"
	// binary "\x01\x02"
}

// printer is a handler that prints events.
type printer struct{}

func (printer) Handle(e client.Event) error {
	fmt.Printf("%s %s %q\n", e.Kind, e.Dir, e.Payload)
	return nil
}

func (printer) Flush() error { return nil }

func ExampleDial() {
	url, end := echoURL()
	defer end()
	s, err := client.Dial(context.Background(), url, client.Options{}, printer{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.SendData(client.Text, []byte("hello"))
	s.Close(1000, "done")
	fmt.Println("ended with", s.Run())
	// Output:
	// open in ""
	// close out "done"
	// message in "hello"
	// close in "done"
	// ended with <nil>
}

func ExampleSession_Ping() {
	url, end := echoURL()
	defer end()
	s, err := client.Dial(context.Background(), url, client.Options{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Ping([]byte("still alive?"))
	s.Close(1000, "")
	s.Run()
	fmt.Println(s.Stats().RoundTrips.Count, "round trip")
	// Output: 1 round trip
}
