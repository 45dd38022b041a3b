package arch

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// module is the import path of the repository's root.
const module = "github.com/orgkeeper/orgkeeper"

// testTag is the build tag of files that only tests build into the binary.
const testTag = "crashpoints"

// source is one parsed Go file.
type source struct {
	path      string // from the root, with slashes
	test      bool   // a _test.go file, or one that only tests build
	generated bool
	lines     int
	syntax    *ast.File
	positions *token.FileSet
}

// built reports whether the file is left out of a build without the tag.
func (s source) built(tag string) bool {
	for _, group := range s.syntax.Comments {
		for _, comment := range group.List {
			if comment.Pos() < s.syntax.Package && comment.Text == "//go:build "+tag {
				return true
			}
		}
	}
	return false
}

// load parses every Go file of a tree, but for folders that the go command leaves out as well.
func load(tree fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (entry.Name() == "testdata" || strings.ContainsAny(entry.Name()[:1], "._")) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		s, err := parse(tree, name)
		sources = append(sources, s)
		return err
	})
	return sources, err
}

func parse(tree fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	positions := token.NewFileSet()
	syntax, err := parser.ParseFile(positions, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	return source{
		path:      name,
		test:      strings.HasSuffix(name, "_test.go") || wantsTag(syntax, testTag),
		generated: ast.IsGenerated(syntax),
		lines:     strings.Count(string(text), "\n"),
		syntax:    syntax,
		positions: positions,
	}, nil
}

// wantsTag reports whether the file is left out of every build without the tag.
func wantsTag(syntax *ast.File, tag string) bool {
	for _, group := range syntax.Comments {
		if group.Pos() > syntax.Package {
			break
		}
		for _, comment := range group.List {
			expression, err := constraint.Parse(comment.Text)
			if err == nil && demands(expression, tag) {
				return true
			}
		}
	}
	return false
}

// demands reports whether the tag is one of the terms that an expression joins by "and".
func demands(expression constraint.Expr, tag string) bool {
	switch e := expression.(type) {
	case *constraint.TagExpr:
		return e.Tag == tag
	case *constraint.AndExpr:
		return demands(e.X, tag) || demands(e.Y, tag)
	default:
		return false
	}
}

// in reports whether the file is in the folder or below it.
func (s source) in(folder string) bool { return strings.HasPrefix(s.path, folder+"/") }

// at formats the position of a node.
func (s source) at(node ast.Node) string { return s.positions.Position(node.Pos()).String() }

// imports lists the file's imports that are banned, each with its position.
func (s source) imports(banned func(imported string) bool) []string {
	var found []string
	for _, spec := range s.syntax.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		if banned(imported) {
			found = append(found, s.at(spec)+" imports "+imported)
		}
	}
	return found
}

// uses lists where the file mentions one of the names of an imported package, as in time.Now.
// With calls set, it lists the calls alone.
func (s source) uses(imported string, names []string, calls bool) []string {
	local := s.localName(imported)
	if local == "" {
		return nil
	}
	var found []string
	note := func(expression ast.Expr) {
		selector, ok := expression.(*ast.SelectorExpr)
		if !ok {
			return
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == local {
			for _, name := range names {
				if selector.Sel.Name == name {
					found = append(found, s.at(selector)+" uses "+imported+"."+name)
				}
			}
		}
	}
	ast.Inspect(s.syntax, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			if calls {
				note(n.Fun)
			}
		case *ast.SelectorExpr:
			if !calls {
				note(n)
			}
		}
		return true
	})
	return found
}

// localName returns the name under which the file knows an imported package, "" when it does not import it.
func (s source) localName(imported string) string {
	for _, spec := range s.syntax.Imports {
		if value, _ := strconv.Unquote(spec.Path.Value); value != imported {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

// tags lists the struct fields with a tag.
func (s source) tags() []string {
	var found []string
	ast.Inspect(s.syntax, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok && field.Tag != nil {
			found = append(found, s.at(field)+" has the tag "+field.Tag.Value)
		}
		return true
	})
	return found
}
