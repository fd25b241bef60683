package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// sources is the folder of the servers, relative to the top of the repository.
const sources = "test/agreement/servers"

// family describes servers that are installed together.
type family struct {
	folder   string // in sources; "" = nothing is installed
	manifest string // the file that names the versions
	commands string // for the shell, run in the folder; $OUT is the folder to install into
}

// server is an echo server.
type server struct {
	name    string
	family  family
	version string // regular expression for the text before the version in the manifest
	command string // for the shell; $OUT is the folder where the family is installed, $PORT the port, $WSX the program
}

// servers lists all servers.
func servers() []server {
	golang := family{"go", "go.mod", `go build -o "$OUT/echo" .`}
	node := family{"node", "package.json", `cp package.json package-lock.json echo.js "$OUT" && npm ci --silent --no-fund --no-audit --prefix "$OUT"`}
	python := family{"python", "requirements.txt", `python3 -m venv "$OUT" && "$OUT/bin/pip" install -q -r requirements.txt && cp echo.py "$OUT"`}
	rust := family{"rust", "Cargo.toml", `cargo build --release -q --locked --target-dir "$OUT"`}
	java := family{"java", "pom.xml", `mvn -q -B "-DbuildDirectory=$OUT" compile dependency:copy-dependencies "-DoutputDirectory=$OUT/lib"`}
	return []server{
		{"wsx serve", family{}, "", `exec "$WSX" serve echo --addr 127.0.0.1:$PORT`},
		{"gorilla", golang, `gorilla/websocket v`, `exec "$OUT/echo" gorilla $PORT`},
		{"gobwas", golang, `gobwas/ws v`, `exec "$OUT/echo" gobwas $PORT`},
		{"coder", golang, `coder/websocket v`, `exec "$OUT/echo" coder $PORT`},
		{"ws", node, `"ws": "`, `exec node "$OUT/echo.js" $PORT`},
		{"websockets", python, `websockets==`, `exec "$OUT/bin/python" "$OUT/echo.py" websockets $PORT`},
		{"aiohttp", python, `aiohttp==`, `exec "$OUT/bin/python" "$OUT/echo.py" aiohttp $PORT`},
		{"tornado", python, `tornado==`, `exec "$OUT/bin/python" "$OUT/echo.py" tornado $PORT`},
		{"tungstenite", rust, `tungstenite = "`, `exec "$OUT/release/echo" $PORT`},
		{"jetty", java, `jetty-server</artifactId>\s*<version>`, `exec java -cp "$OUT/classes:$OUT/lib/*" JettyEcho $PORT`},
		{"undertow", java, `undertow-core</artifactId>\s*<version>`, `exec java -cp "$OUT/classes:$OUT/lib/*" UndertowEcho $PORT`},
	}
}

// install installs the family, once for each state of its folder, and returns the folder that it is installed in.
func (f family) install(ctx context.Context, log io.Writer) (string, error) {
	if f.folder == "" {
		return "", nil
	}
	sum, err := hashFolder(filepath.Join(sources, f.folder))
	if err != nil {
		return "", fmt.Errorf("%w (run it from the top of the repository)", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	out := filepath.Join(cache, "wsx", fmt.Sprintf("agreement-%s-%x", f.folder, sum[:4]))
	marker := filepath.Join(out, "installed") // written last
	if _, err := os.Stat(marker); err == nil {
		return out, nil
	}
	fmt.Fprintln(log, "agreement: installing", f.folder, "servers into", out)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", f.commands)
	cmd.Dir = filepath.Join(sources, f.folder)
	cmd.Env = append(os.Environ(), "OUT="+out)
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("install: %w\n%s", err, output)
	}
	return out, os.WriteFile(marker, nil, 0o644)
}

// hashFolder returns a hash of all files of a folder.
func hashFolder(folder string) ([]byte, error) {
	sum := sha256.New()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	return sum.Sum(nil), err
}

// installedVersion returns the version that the manifest names.
func (s server) installedVersion() (string, error) {
	if s.family.folder == "" {
		return "", nil
	}
	manifest, err := os.ReadFile(filepath.Join(sources, s.family.folder, s.family.manifest))
	if err != nil {
		return "", err
	}
	match := regexp.MustCompile(s.version + `([0-9A-Za-z.]+)`).FindSubmatch(manifest)
	if match == nil {
		return "", fmt.Errorf("no version of %s in %s", s.name, s.family.manifest)
	}
	return string(match[1]), nil
}

// start starts the server on a free port and returns when it listens. stop ends it.
func (s server) start(ctx context.Context, folder, wsx string) (url string, stop func(), err error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", s.command)
	cmd.Env = append(os.Environ(), "OUT="+folder, "WSX="+wsx, "PORT="+strconv.Itoa(port))
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
		writer.Close()
	}()
	stop = func() {
		cmd.Process.Kill()
		<-ended
	}
	output := bufio.NewScanner(reader)
	for output.Scan() {
		if regexp.MustCompile(`^listening`).Match(output.Bytes()) {
			go io.Copy(io.Discard, reader) // ended by stop
			return fmt.Sprintf("ws://127.0.0.1:%d/", port), stop, nil
		}
		err = errors.Join(err, errors.New(output.Text()))
	}
	stop()
	return "", nil, fmt.Errorf("the server ended: %w", err)
}

// freePort returns a port that was free a moment ago.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
