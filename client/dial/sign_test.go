package dial

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// counter returns a function that signs with the number of its call, and records the URLs it signs.
func counter(signed *[]string) func(string) (string, error) {
	return func(url string) (string, error) {
		*signed = append(*signed, url)
		_, rest, _ := strings.Cut(url, "://")
		path := rest[strings.IndexByte(rest, '/'):]
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		return fmt.Sprintf("%s%sX-Amz-Signature=%d", path, separator, len(*signed)), nil
	}
}

// TestSign: each request is signed anew, and a signature is not sent to another host, even if a redirect contains it.
func TestSign(t *testing.T) {
	end, requestsOfEnd := redirectServer(t, nil, nil)
	start, requestsOfStart := redirectServer(t, nil, map[string]string{
		"/same?X-Amz-Signature=1":      "/there?a=1&X-Amz-Signature=1",
		"/other?x=1&X-Amz-Signature=1": "http://" + end + "/end?x=1&X-Amz-Signature=1",
		"/bare?X-Amz-Signature=1":      "http://" + end + "/end?X-Amz-Signature=1",
	})
	for _, row := range []struct {
		path, first, last string
		requests          <-chan string
	}{
		{"/there", "/there?X-Amz-Signature=1", "/there?X-Amz-Signature=1", requestsOfStart},
		{"/same", "/same?X-Amz-Signature=1", "/there?a=1&X-Amz-Signature=2", requestsOfStart},
		{"/other?x=1", "/other?x=1&X-Amz-Signature=1", "/end?x=1", requestsOfEnd},
		{"/bare", "/bare?X-Amz-Signature=1", "/end", requestsOfEnd},
	} {
		var signed []string
		up := dialStream(t, "ws://"+start+row.path, Options{FollowRedirects: true, Host: "own.example", Sign: counter(&signed)})
		first := <-requestsOfStart
		last := first
		if row.first != row.last {
			last = <-row.requests
		}
		if !strings.HasPrefix(first, row.first+" ") || !strings.HasPrefix(last, row.last+" ") {
			t.Errorf("%s: the servers received %s, then %s", row.path, first, last)
		}
		if signed[0] != "http://own.example"+row.path {
			t.Errorf("%s: signed %q", row.path, signed)
		}
		if all := up.Handshake.URL + strings.Join(up.Handshake.Redirects, " ") + strings.Join(up.Handshake.Request, " "); strings.Contains(strings.ReplaceAll(all, "Signature=[redacted]", ""), "Signature=") {
			t.Errorf("%s: a signature is shown: %s", row.path, all)
		}
	}
}

func TestSignAgain(t *testing.T) {
	address, requests := redirectServer(t, nil, nil)
	var signed []string
	d, err := New(t.Context(), "ws://"+address+"/", Options{Sign: counter(&signed)})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < 3; n++ {
		up, err := d.Dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		up.Stream.Close()
		if got := <-requests; !strings.HasPrefix(got, fmt.Sprintf("/?X-Amz-Signature=%d ", n)) {
			t.Errorf("dial %d: %s", n, got)
		}
	}
}

func TestSignFails(t *testing.T) {
	cause := errors.New("no credentials")
	d, err := New(t.Context(), "ws://127.0.0.1:1/", Options{Sign: func(string) (string, error) { return "", cause }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Dial(context.Background()); !errors.Is(err, cause) {
		t.Error(err)
	}
	var usage *UsageError
	if err := (Options{Sign: func(string) (string, error) { return "", nil }, Bearer: "x"}).Check(); !errors.As(err, &usage) {
		t.Errorf("two credentials: %v", err)
	}
}
