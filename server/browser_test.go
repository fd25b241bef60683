package server

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wsx/test/chromium"
)

// browser is a page in a browser.
type browser struct{ *chromium.Page }

// startBrowser starts a browser for a test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() && t.Name() != "TestPage" {
		t.Skip("one page in a browser is enough for -short")
	}
	return &browser{chromium.Start(t)}
}

// keyCodes are the keys that press knows by name, each with its virtual key code on Windows.
var keyCodes = map[string]int{
	"Enter": 13, "Tab": 9, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "KeyC": 67,
}

// press sends key events; an argument that is not the name of a key is typed as text.
func (b *browser) press(keys ...string) {
	b.T.Helper()
	for _, key := range keys {
		code := keyCodes[key]
		if code == 0 {
			b.Do("Input.insertText", map[string]any{"text": key})
			continue
		}
		name, text := key, ""
		switch key {
		case "Enter":
			text = "\r"
		case "KeyC":
			name, text = "c", "c"
		}
		event := map[string]any{"type": "keyDown", "key": name, "code": key, "windowsVirtualKeyCode": code, "text": text}
		b.Do("Input.dispatchKeyEvent", event)
		event["type"] = "keyUp"
		b.Do("Input.dispatchKeyEvent", event)
	}
}

// resize changes the size of the page, in pixels.
func (b *browser) resize(width, height int) {
	b.T.Helper()
	b.Do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false})
	b.Until(fmt.Sprintf("innerWidth === %d && innerHeight === %d", width, height))
	b.Eval(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`) // observers of the size have run
}

// setColourScheme selects a colour scheme, light or dark.
func (b *browser) setColourScheme(scheme string) {
	b.T.Helper()
	b.Do("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
}

// savePicture writes a picture of the page into the folder that PAGE_PICTURES names, if it is set.
func (b *browser) savePicture(name string) {
	b.T.Helper()
	dir := os.Getenv("PAGE_PICTURES")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	json.Unmarshal(b.Do("Page.captureScreenshot", map[string]any{"format": "png"}), &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.T.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		b.T.Fatal(err)
	}
}

// roles returns the roles and names of the accessibility tree.
func (b *browser) roles() map[string]bool {
	b.T.Helper()
	var tree struct {
		Nodes []struct{ Role, Name struct{ Value string } }
	}
	json.Unmarshal(b.Do("Accessibility.getFullAXTree", nil), &tree)
	found := map[string]bool{}
	for _, node := range tree.Nodes {
		found[strings.TrimSpace(node.Role.Value+" "+node.Name.Value)] = true
	}
	return found
}
