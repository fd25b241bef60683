package dial

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// counting signs with a number that differs each time, and notes what it signs.
func counting(signed *[]string) func(string) (string, error) {
	return func(url string) (string, error) {
		*signed = append(*signed, url)
		_, rest, _ := strings.Cut(url, "://")
		path := rest[strings.IndexByte(rest, '/'):]
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		return fmt.Sprintf("%s%sX-Amz-Signature=%d", path, mark, len(*signed)), nil
	}
}

// TestSign: each dial is signed anew, and no other host sees a signature, even where a server sends all that it was asked for there.
func TestSign(t *testing.T) {
	end, sawEnd := hop(t, nil, nil)
	start, sawStart := hop(t, nil, map[string]string{
		"/same?X-Amz-Signature=1":      "/there?a=1&X-Amz-Signature=1",
		"/other?x=1&X-Amz-Signature=1": "http://" + end + "/end?x=1&X-Amz-Signature=1",
		"/bare?X-Amz-Signature=1":      "http://" + end + "/end?X-Amz-Signature=1",
	})
	for _, row := range []struct {
		path, first, last string
		saw               <-chan string
	}{
		{"/there", "/there?X-Amz-Signature=1", "/there?X-Amz-Signature=1", sawStart},
		{"/same", "/same?X-Amz-Signature=1", "/there?a=1&X-Amz-Signature=2", sawStart},
		{"/other?x=1", "/other?x=1&X-Amz-Signature=1", "/end?x=1", sawEnd},
		{"/bare", "/bare?X-Amz-Signature=1", "/end", sawEnd},
	} {
		var signed []string
		up := dials(t, "ws://"+start+row.path, Options{FollowRedirects: true, Host: "own.example", Sign: counting(&signed)})
		first := <-sawStart
		last := first
		if row.first != row.last {
			last = <-row.saw
		}
		if !strings.HasPrefix(first, row.first+" ") || !strings.HasPrefix(last, row.last+" ") {
			t.Errorf("%s: the servers saw %s, then %s", row.path, first, last)
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
	address, saw := hop(t, nil, nil)
	var signed []string
	d, err := New("ws://"+address+"/", Options{Sign: counting(&signed)})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < 3; n++ {
		up, err := d.Dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		up.Stream.Close()
		if got := <-saw; !strings.HasPrefix(got, fmt.Sprintf("/?X-Amz-Signature=%d ", n)) {
			t.Errorf("dial %d: %s", n, got)
		}
	}
}

func TestSignFails(t *testing.T) {
	cause := errors.New("no credentials")
	d, err := New("ws://127.0.0.1:1/", Options{Sign: func(string) (string, error) { return "", cause }})
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
