package repl

import (
	"cmp"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"wsx/client"
	"wsx/curl"
	"wsx/dialect"
	"wsx/repl/render"
	"wsx/terminal"
)

// off is the argument that turns off what a command has turned on.
const off = "off"

// allRows is the argument of /rows for showing all rows of a message.
const allRows = "all"

// candidates returns completion candidates without notes.
func candidates(texts ...string) []terminal.Candidate {
	list := make([]terminal.Candidate, len(texts))
	for i, text := range texts {
		list[i].Text = text
	}
	return list
}

func onlyWords(string) []terminal.Candidate { return candidates(append(render.OnlyNames(), off)...) }

func offOnly(string) []terminal.Candidate { return candidates(off) }

func rowNumbers(string) []terminal.Candidate { return candidates("20", "100", allRows, off) }

func onOff(string) []terminal.Candidate { return candidates("on", off) }

func programs(string) []terminal.Candidate { return candidates(curl.Programs()...) }

func lineEndWords(string) []terminal.Candidate { return candidates(LineEndNames()...) }

func timestampModes(string) []terminal.Candidate {
	return candidates(render.Wall, render.Relative, render.Delta, off)
}

func formats(string) []terminal.Candidate {
	var list []terminal.Candidate
	for _, f := range render.Formats() {
		list = append(list, terminal.Candidate{Text: f.Name, Note: f.Help})
	}
	return list
}

// closeCodes returns the codes with a name that a Close frame may carry.
func closeCodes(string) []terminal.Candidate {
	var list []terminal.Candidate
	for _, c := range render.CloseCodes() {
		if client.CheckClose(c.Code, "") == nil {
			list = append(list, terminal.Candidate{Text: strconv.Itoa(c.Code), Note: c.Name})
		}
	}
	return list
}

// maxFiles bounds how many file names Tab offers.
const maxFiles = 200

// files returns the file names that begin with what is typed; hidden ones only if that begins with a dot.
func files(begun string) []terminal.Candidate {
	dir, base := filepath.Split(begun)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil
	}
	var list []terminal.Candidate
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, base) || base == "" && strings.HasPrefix(name, ".") || len(list) == maxFiles {
			continue
		}
		if entry.IsDir() {
			name += string(filepath.Separator)
		}
		list = append(list, terminal.Candidate{Text: dir + name, Open: entry.IsDir()})
	}
	return list
}

// dialectNames returns the dialects that are built in.
func dialectNames(string) (list []terminal.Candidate) {
	for _, name := range append(dialect.Names(), "off") {
		list = append(list, terminal.Candidate{Text: name})
	}
	return list
}
