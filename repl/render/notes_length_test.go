package render

import (
	"strings"
	"testing"
)

func TestCleanTruncates(t *testing.T) {
	if got := clean("/" + strings.Repeat("x", 200_000)); len(got) > 2*maxShownText || !strings.HasSuffix(got, "… (198001 more bytes)") {
		t.Errorf("a long path is shown in %d bytes", len(got))
	}
}
