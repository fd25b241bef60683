// Package mcp tests wsx mcp with the client of the Model Context Protocol's Go SDK. It is a module of its own, so that the
// program's go.mod stays short.
package mcp

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// build builds the program, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wsx")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/wsx")
	cmd.Dir = "../../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

func TestClientOfTheModule(t *testing.T) {
	wsx := build(t)
	runtimeDir, err := os.MkdirTemp("", "wsx") // short, for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(runtimeDir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.Command(wsx, "mcp")
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+runtimeDir)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if err := session.Ping(ctx, nil); err != nil {
		t.Error(err)
	}
	listed, err := session.ListTools(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range listed.Tools {
		names = append(names, tool.Name)
	}
	if got := strings.Join(names, " "); got != "open send receive close list check" {
		t.Errorf("tools: %s", got)
	}
	for _, step := range []struct {
		tool      string
		arguments map[string]any
		failed    bool
		want      string
	}{
		{"open", map[string]any{"name": "a", "url": "echo:"}, false, `"state":"open"`},
		{"send", map[string]any{"name": "a", "message": "hello"}, false, `"data":"hello"`},
		{"receive", map[string]any{"name": "a"}, false, `"cursor":2`},
		{"list", nil, false, `"name":"a"`},
		{"check", map[string]any{"url": "echo:", "only": "utf8.valid"}, false, `"fail":0`},
		{"open", map[string]any{"name": "b", "url": "wss://example.com"}, true, "not this machine"},
		{"close", map[string]any{"name": "a"}, false, `"closed":"a"`},
	} {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: step.tool, Arguments: step.arguments})
		if err != nil {
			t.Errorf("%s: %v", step.tool, err)
			continue
		}
		text := result.Content[0].(*mcp.TextContent).Text
		if result.IsError != step.failed || !strings.Contains(text, step.want) {
			t.Errorf("%s %v: failed %v: %s", step.tool, step.arguments, result.IsError, text)
		}
	}
}
