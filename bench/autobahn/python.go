package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed requirements.txt
var requirements []byte

var errNoPython = errors.New("the suite needs Python 2.7, which was not found (--python PATH names one)")

// python is an interpreter and the folder in which it finds the suite.
type python struct {
	path string // of a Python 2.7
	base string // PYTHONUSERBASE: a separate user site, so that nothing is shared with the machine's packages
}

// command returns a Python command that finds the suite's packages.
func (p python) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Env = append(os.Environ(), "PYTHONUSERBASE="+p.base, "PYTHONNOUSERSITE=", "PYTHONDONTWRITEBYTECODE=")
	return cmd
}

// findPython returns the first Python 2.7 that runs: the requested one, or one on PATH or of pyenv.
func findPython(ctx context.Context, requested string) (string, error) {
	candidates := []string{requested}
	if requested == "" {
		candidates = append([]string{"python2.7", "python2"}, pyenvPythons()...)
	}
	for _, path := range candidates {
		out, err := exec.CommandContext(ctx, path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
		if err == nil && strings.TrimSpace(string(out)) == "2.7" {
			return path, nil
		}
	}
	return "", errNoPython
}

func pyenvPythons() []string {
	root := os.Getenv("PYENV_ROOT")
	if home, err := os.UserHomeDir(); root == "" && err == nil {
		root = filepath.Join(home, ".pyenv")
	}
	found, _ := filepath.Glob(filepath.Join(root, "versions", "2.7*", "bin", "python2.7"))
	return found
}

// install installs the suite into the user's cache folder, once for each set of requirements. It installs into a
// temporary folder and renames it, so that an interrupted or a concurrent run does no harm.
func install(ctx context.Context, path string, log io.Writer) (python, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return python{}, err
	}
	base := filepath.Join(cache, "wsx", fmt.Sprintf("autobahn-%x", sha256.Sum256(requirements))[:17])
	if _, err := os.Stat(base); err == nil {
		return python{path, base}, nil
	}
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		return python{}, err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(base), "installing-")
	if err != nil {
		return python{}, err
	}
	defer os.RemoveAll(temporary)
	fmt.Fprintln(log, "autobahn: installing the suite into", base)
	if err := installInto(ctx, python{path, temporary}, log); err != nil {
		return python{}, err
	}
	if err := os.Rename(temporary, base); err != nil && !errors.Is(err, os.ErrExist) {
		return python{}, err
	}
	return python{path, base}, nil
}

func installInto(ctx context.Context, p python, log io.Writer) error {
	list := filepath.Join(p.base, "requirements.txt")
	if err := os.WriteFile(list, requirements, 0o644); err != nil {
		return err
	}
	if out, err := p.pip(ctx, "-r", list); err != nil {
		return fmt.Errorf("install the suite with pip: %w\n%s", err, out)
	}
	if _, err := p.pip(ctx, accelerator); err != nil {
		fmt.Fprintln(log, "autobahn: without a C compiler for", accelerator, "the suite takes several times as long")
	}
	return nil
}

// accelerator does the suite's masking and UTF-8 validation in C instead of Python. The verdicts are the same.
const accelerator = "wsaccel==0.6.2"

func (p python) pip(ctx context.Context, args ...string) (output []byte, err error) {
	install := []string{"-m", "pip", "install", "--user", "--ignore-installed", "--no-deps",
		"--disable-pip-version-check", "--no-warn-script-location"}
	return p.command(ctx, append(install, args...)...).CombinedOutput()
}
