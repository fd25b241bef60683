package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// prepare builds wsx and the harness's programs into the folder, and finds the others on PATH.
func prepare(ctx context.Context, folder string, o options, log io.Writer) ([]contender, error) {
	packages := map[string]string{
		"limit": "wsx/bench/compare/limit", "plain": "wsx/bench/compare/plain", "loaded": "wsx/bench/compare/plain", "wsx": "wsx/cmd/wsx",
	}
	if err := build(ctx, filepath.Join(folder, "peer"), "wsx/bench/compare/peer", ""); err != nil {
		return nil, err
	}
	all := contenders()
	for _, name := range o.contenders {
		if !slices.ContainsFunc(all, func(c contender) bool { return c.name == name }) {
			return nil, fmt.Errorf("there is no contender %q", name)
		}
	}
	var ready []contender
	for _, c := range all {
		if len(o.contenders) > 0 && !slices.Contains(o.contenders, c.name) {
			continue
		}
		if source, isOwn := packages[c.name]; isOwn {
			c.path = filepath.Join(folder, c.name)
			if err := build(ctx, c.path, source, c.tag); err != nil {
				return nil, err
			}
		} else if path, err := exec.LookPath(c.name); err == nil {
			c.path = path
		} else {
			fmt.Fprintf(log, "compare: %s is not on PATH; %s\n", c.name, c.install)
			continue
		}
		ready = append(ready, c)
	}
	return ready, nil
}

// build builds each program alike, static and stripped as wsx is released.
func build(ctx context.Context, path, source, tag string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", tag, "-trimpath", "-ldflags", "-s -w", "-o", path, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", source, err, out)
	}
	return nil
}
