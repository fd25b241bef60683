package report_test

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wsx/check/report"
)

// TestHTMLInABrowser renders the page at the width of a phone, with light and with dark colours: nothing is wider than the screen,
// and text contrasts with its background.
func TestHTMLInABrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is not tried in a browser")
	}
	var page strings.Builder
	r := sample()
	r.Findings[0].RepeatCommand = "wsx check --only " + strings.Repeat("a-very-long-word", 20) + " " + url
	if err := report.HTML(&page, r, url, func(s string) string { return s }); err != nil {
		t.Fatal(err)
	}
	const probe = `<!doctype html><title>not drawn</title><iframe width="360" height="640" srcdoc="%s"></iframe>
<script>
const frame = document.querySelector('iframe');
frame.onload = () => {
  const page = frame.contentDocument, style = frame.contentWindow.getComputedStyle(page.body);
  const light = (color) => color.match(/\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 765;
  document.title = 'fits ' + (page.documentElement.scrollWidth <= 360) + ', articles ' + page.querySelectorAll('article').length +
    ', dark ' + (light(style.backgroundColor) < 0.2) + ', readable ' + (Math.abs(light(style.color) - light(style.backgroundColor)) > 0.5);
};
</script>`
	for scheme, dark := range []bool{true, false} { // as Chromium numbers the schemes
		folder, err := os.MkdirTemp("", "page")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(folder) }) // children of the browser may still write there
		path := filepath.Join(folder, "probe.html")
		if err := os.WriteFile(path, fmt.Appendf(nil, probe, html.EscapeString(page.String())), 0o600); err != nil {
			t.Fatal(err)
		}
		dom, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme), "--user-data-dir="+folder, "--dump-dom", "file://"+path).Output()
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("<title>fits true, articles 5, dark %v, readable true</title>", dark)
		if !bytes.Contains(dom, []byte(want)) {
			t.Errorf("no %s in %.300s", want, dom)
		}
	}
}
