// Package layers tests that the files of each package form layers: no two files use each other's declarations, directly or through
// others. Then each file can be read with those below it alone.
package layers

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func TestFilesFormLayers(t *testing.T) {
	packages := 0
	err := filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); dir != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		if noGo := new(build.NoGoError); errors.As(err, &noGo) {
			return nil
		}
		if err != nil {
			return err
		}
		packages++
		uses, err := usesOf(dir, pkg.GoFiles)
		if err != nil {
			return err
		}
		for _, cycle := range cycles(uses) {
			t.Errorf("%s: these files use each other: %s", strings.TrimPrefix(dir, root+"/"), strings.Join(cycle, " "))
			for _, edge := range within(uses, cycle) {
				t.Log(edge)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if packages < 40 {
		t.Errorf("%d packages were read", packages)
	}
}

// graph maps a file to the files that it uses, and these to the names that it uses of them.
type graph map[string]map[string]map[string]bool

// usesOf returns which files of a package use package-level names of which others. Methods and fields do not count: they are used
// through a value that another file may have made.
func usesOf(dir string, names []string) (graph, error) {
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(set, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	pkg, _ := config.Check(dir, set, files, info) // errors: the imports are missing, which the names of the package itself do not need
	receivers := receiversOf(files)
	uses := graph{}
	for identifier, object := range info.Uses {
		if object.Parent() != pkg.Scope() || receivers[identifier] {
			continue
		}
		from, to := fileOf(set, identifier.Pos()), fileOf(set, object.Pos())
		if from == to {
			continue
		}
		if uses[from] == nil {
			uses[from] = map[string]map[string]bool{}
		}
		if uses[from][to] == nil {
			uses[from][to] = map[string]bool{}
		}
		uses[from][to][object.Name()] = true
	}
	return uses, nil
}

// receiversOf returns the identifiers of the types of receivers. A type may have methods in several files, each at the height of what it
// uses.
func receiversOf(files []*ast.File) map[*ast.Ident]bool {
	receivers := map[*ast.Ident]bool{}
	for _, file := range files {
		for _, declaration := range file.Decls {
			if method, ok := declaration.(*ast.FuncDecl); ok && method.Recv != nil {
				ast.Inspect(method.Recv, func(node ast.Node) bool {
					if identifier, ok := node.(*ast.Ident); ok {
						receivers[identifier] = true
					}
					return true
				})
			}
		}
	}
	return receivers
}

type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not read", path)
}

func fileOf(set *token.FileSet, at token.Pos) string { return filepath.Base(set.Position(at).Filename) }

// cycles returns the groups of files that use each other: the strongly connected components of more than one file (Tarjan).
func cycles(uses graph) (groups [][]string) {
	index, low, onStack := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(file string)
	visit = func(file string) {
		index[file] = len(index) + 1
		low[file] = index[file]
		stack, onStack[file] = append(stack, file), true
		for _, next := range slices.Sorted(maps.Keys(uses[file])) {
			if index[next] == 0 {
				visit(next)
				low[file] = min(low[file], low[next])
			} else if onStack[next] {
				low[file] = min(low[file], index[next])
			}
		}
		if low[file] != index[file] {
			return
		}
		start := slices.Index(stack, file)
		group := slices.Sorted(slices.Values(stack[start:]))
		for _, one := range group {
			onStack[one] = false
		}
		if stack = stack[:start]; len(group) > 1 {
			groups = append(groups, group)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(uses)) {
		if index[file] == 0 {
			visit(file)
		}
	}
	return groups
}

// within returns the uses between the files of a group, each as a line.
func within(uses graph, group []string) (lines []string) {
	for _, from := range group {
		for _, to := range group {
			if names := uses[from][to]; len(names) > 0 {
				lines = append(lines, fmt.Sprintf("%s uses of %s: %s", from, to, strings.Join(slices.Sorted(maps.Keys(names)), " ")))
			}
		}
	}
	return lines
}
