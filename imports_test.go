package vaeedge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/vae-edge/vae-edge"

// rooms are what every package of the module may import of it, from the bottom of the house up: a
// room knows rooms that stand above it here, and no other. A name that ends in /... stands for what
// is below a folder, too. A package that is not here has no place yet: give it one.
var rooms = []struct{ name, imports string }{
	{"internal/...", ""},
	{"kernels", "internal/..."},
	{"latent", "internal/..."},
	{"model/safetensors", "internal/..."},
	{"model", "internal/... kernels latent model/safetensors"},
	{"model/modeltest", "kernels model"},
	{"decoder/pretrained", "internal/..."},
	{"decoder", "internal/... kernels model/... decoder/pretrained"},
	{"encoder/pretrained", "internal/..."},
	{"encoder", "internal/... kernels model/... encoder/pretrained"},
	{"encoder/fit", "internal/... kernels latent model/... decoder encoder"},
	{"digit", "internal/..."},
	{"digit/digittest", ""},

	{"firmware/panel/rects", ""},
	{"firmware/panel/pixels", ""},
	{"firmware/panel", "firmware/panel/rects firmware/panel/pixels"},
	{"firmware/panel/paneltest", "firmware/panel"},
	{"firmware/pipeline", "firmware/panel"},
	{"firmware/palette", ""},
	{"firmware/night", ""},
	{"firmware/scene", "kernels latent model decoder firmware/palette"},
	{"firmware/bulk", "internal/... latent model decoder"},
	{"firmware/keys/keystest", ""},
	{"firmware/terminal/termtest", ""},
	{"firmware/terminal", "internal/... firmware/palette firmware/scene"},
	{"firmware/port", "firmware/panel"},
	{"firmware/keys", "firmware/panel firmware/scene firmware/port"},
	{"firmware/touch/touchtest", ""},
	{"firmware/touch", "firmware/port firmware/keys"},
	{"firmware/framebuffer", "firmware/panel/pixels"},
	{"firmware/target", "firmware/framebuffer firmware/port"},
	{"firmware/supervise", "firmware/panel firmware/port"},
	{"firmware/player", "internal/... latent model decoder/... encoder encoder/fit digit firmware/panel firmware/pipeline firmware/palette firmware/scene firmware/terminal firmware/keys firmware/port firmware/supervise firmware/night firmware/framebuffer firmware/touch"},
	{"firmware/diagnose", "internal/... kernels latent model decoder/... encoder firmware/panel/... firmware/pipeline firmware/scene firmware/port firmware/keys firmware/touch"},
	{"firmware/vae-edge", "internal/... kernels latent model decoder/... encoder/... digit firmware/night firmware/panel/... firmware/pipeline firmware/palette firmware/scene firmware/terminal/... firmware/keys/... firmware/port firmware/supervise firmware/player firmware/diagnose firmware/bulk firmware/framebuffer firmware/touch/... firmware/target"},
	{"firmware/appliance/disk", ""},
	{"firmware/appliance/init", ""},
	{"firmware/appliance", "internal/... firmware/appliance/disk"},
	{"firmware/emulation/init", "internal/..."},
	{"firmware/emulation", "internal/... model decoder firmware/panel/... firmware/scene firmware/appliance/disk"},

	{"trainer/interop/float16", ""},
	{"trainer/interop/arrays", "internal/... trainer/interop/float16"},
	{"trainer/sgemm", "internal/..."},
	{"trainer/dataset", ""},
	{"trainer/dataset/mnist", "internal/... trainer/dataset"},
	{"trainer/dataset/mnist/mnisttest", "trainer/dataset trainer/dataset/mnist"},
	{"trainer/console", "internal/..."},
	{"trainer/picture", "internal/..."},
	{"trainer/report", ""},
	{"trainer/pretrained", ""},
	{"trainer/internal/parallel", ""},
	{"trainer/internal/random", ""},
	{"trainer/internal/cascade", "internal/..."},
	{"trainer/portrait", "internal/... trainer/internal/cascade"},
	{"trainer/dataset/pictures", "internal/... trainer/dataset trainer/internal/parallel"},
	{"trainer/dataset/celeba", "internal/... trainer/dataset trainer/dataset/pictures"},
	{"trainer/dataset/folder", "internal/... trainer/dataset trainer/dataset/pictures"},
	{"trainer/dataset/faces", "trainer/dataset trainer/internal/parallel trainer/internal/random"},
	{"trainer/dataset/checked", "internal/... trainer/dataset"},
	{"trainer/dataset/tables", "internal/... trainer/dataset trainer/dataset/mnist trainer/interop/arrays"},
	{"trainer/dataset/named", "trainer/dataset trainer/dataset/..."},
	{"trainer/nn", "kernels model trainer/sgemm trainer/internal/parallel"},
	{"trainer/internal/weights", "internal/... model/safetensors trainer/nn"},
	{"trainer/internal/weights/weightstest", "model/safetensors"},
	{"trainer/mixture", "latent model trainer/internal/parallel trainer/internal/random"},
	{"trainer/pca", "trainer/sgemm trainer/internal/parallel trainer/internal/random"},
	{"trainer/vae", "kernels model trainer/sgemm trainer/nn trainer/internal/..."},
	{"trainer/classify", "model/... trainer/sgemm trainer/nn trainer/internal/..."},
	{"trainer/concept", "internal/... latent model"},
	{"trainer/quantize", "internal/... kernels latent model/... decoder encoder trainer/sgemm trainer/nn trainer/vae trainer/internal/..."},
	{"trainer/pair", "internal/... kernels latent model/... decoder/... encoder/... trainer/concept trainer/mixture trainer/nn trainer/pretrained trainer/quantize trainer/sgemm trainer/vae trainer/internal/weights"},
	{"trainer/doubts", "internal/... model/... encoder/... digit trainer/console trainer/pair"},
	{"trainer/measure", "trainer/internal/parallel internal/... kernels latent model decoder trainer/classify trainer/concept trainer/dataset trainer/mixture trainer/pair trainer/pca trainer/pretrained trainer/quantize trainer/vae"},
	{"trainer/edits", "internal/... latent model decoder trainer/classify trainer/concept trainer/dataset trainer/dataset/faces trainer/pair trainer/vae"},
	{"trainer/run/drawn", "latent model decoder trainer/dataset trainer/pair trainer/pca trainer/picture trainer/vae"},
	{"trainer/run/folder", "trainer/console trainer/report"},
	{"trainer/run", "trainer/run/drawn trainer/run/folder internal/... latent model/... decoder encoder trainer/classify trainer/concept trainer/console trainer/dataset/... trainer/nn trainer/measure trainer/mixture trainer/pair trainer/pca trainer/picture trainer/quantize trainer/report trainer/sgemm trainer/vae trainer/internal/..."},
	{"trainer/classify/digits", "internal/... trainer/classify trainer/console trainer/run"},
	{"trainer/compare", "internal/... latent model decoder trainer/classify trainer/dataset trainer/internal/... trainer/measure trainer/mixture trainer/nn trainer/pair trainer/picture trainer/sgemm trainer/vae"},
	{"trainer/gan", "model trainer/internal/... trainer/nn trainer/sgemm trainer/vae"},
	{"trainer/interop/cgen", "kernels model decoder"},
	{"trainer/interop/nchw", "model trainer/nn"},
	{"trainer/interop/onnxwrite", "kernels model trainer/nn trainer/interop/nchw"},
	{"trainer/interop/statedict", "internal/plain model model/safetensors trainer/nn trainer/vae trainer/interop/nchw trainer/interop/arrays"},
	{"trainer/interop/exporter", "internal/... model decoder trainer/console trainer/nn trainer/pair trainer/vae trainer/interop/cgen trainer/interop/nchw trainer/interop/onnxwrite trainer/interop/statedict"},
	{"trainer/interop/onnx", "trainer/interop/float16"},
	{"trainer/interop/onnx/onnxtest", "trainer/interop/onnx"},
	{"trainer/interop/linear", "kernels model trainer/nn"},
	{"trainer/interop/fold", "kernels model trainer/interop/linear trainer/interop/onnx"},
	{"trainer/interop/keras", "internal/plain model trainer/interop/arrays trainer/interop/linear"},
	{"trainer/interop/importer", "internal/... decoder encoder kernels latent model trainer/internal/parallel trainer/interop/fold trainer/interop/keras trainer/interop/linear trainer/interop/onnx trainer/nn trainer/pair trainer/picture trainer/quantize trainer/vae trainer/interop/arrays trainer/interop/statedict"},
	{"trainer/gan/duel", "internal/... model/... decoder trainer/classify trainer/compare trainer/console trainer/dataset trainer/gan trainer/internal/... trainer/interop/importer trainer/measure trainer/nn trainer/pair trainer/picture trainer/quantize trainer/report trainer/run/... trainer/sgemm trainer/vae"},
	{"trainer", "internal/... kernels latent model/... decoder/... encoder/... digit trainer/... digit/digittest"},

	{"web/page", ""},
	{"web/folder", "internal/... decoder/pretrained encoder/pretrained web/page"},
	{"web/play", "internal/... kernels latent model decoder encoder digit firmware/palette firmware/panel firmware/scene"},
	{"web/app", "web/play"},
	{"web", "internal/... web/folder"},

	{"bench", "internal/... kernels latent model decoder encoder firmware/panel/... firmware/pipeline firmware/scene trainer/..."},
	{".", ""},
}

// never are packages that must not know others by any way, however long, whatever the rows above
// come to allow. Tests of the first count.
//
// Training needs no committed weights. Package quantize is not in the rows that hold this: it
// decodes with package decoder, which has the built-in models within.
var never = []struct{ packages, others string }{
	{"firmware/...", "trainer/..."},
	{"trainer/...", "firmware/... web/..."},
	{"firmware/...", "web/..."},
	{"web/...", "trainer/..."},
	{"kernels", "latent model/... decoder/... encoder/..."},
	{"latent", "kernels model/... decoder/... encoder/..."},
	{"decoder/...", "encoder/... firmware/... trainer/..."},
	{"digit", "kernels latent model/... decoder/... encoder/..."},
	{"trainer/sgemm", "decoder/pretrained encoder/pretrained trainer/pretrained"},
	{"trainer/nn", "decoder/pretrained encoder/pretrained trainer/pretrained"},
	{"trainer/vae", "decoder/pretrained encoder/pretrained trainer/pretrained"},
	{"trainer/classify", "decoder/pretrained encoder/pretrained trainer/pretrained"},
	{"trainer/concept", "decoder/pretrained encoder/pretrained trainer/pretrained"},
}

// A listed package is what `go list` says of one, its path within the module and what its files
// import of that.
type listed struct {
	ImportPath, Dir, Name     string
	GoFiles, IgnoredGoFiles   []string
	TestImports, XTestImports []string
	room                      string
	// On every system, but not tests or programs that generate
	files   []*ast.File
	imports []string // of these
	fset    *token.FileSet
}

// list returns the packages of the module.
func list(t *testing.T) []*listed {
	t.Helper()
	// A result of go test is kept until what the test has looked at by itself changes: a new folder
	// or file has to.
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && len(path) > 1 && d.Name()[0] == '.' {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,GoFiles,IgnoredGoFiles,TestImports,XTestImports", "./...")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &stderr)
	}
	var all []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{fset: token.NewFileSet()}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p.room = within(p.ImportPath)
		found := map[string]bool{}
		for _, name := range append(slices.Clone(p.GoFiles), p.IgnoredGoFiles...) {
			if strings.HasSuffix(name, "_test.go") {
				continue // of another system
			}
			f, err := parser.ParseFile(p.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name.Name != p.Name {
				continue // a program that generates a file of the package
			}
			p.files = append(p.files, f)
			for _, i := range f.Imports {
				path, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if in := within(path); in != "" {
					found[in] = true
				}
			}
		}
		p.imports = slices.Sorted(maps.Keys(found))
		all = append(all, p)
	}
	if len(all) < len(rooms) {
		t.Fatalf("%d packages, and %d rooms have one each at least", len(all), len(rooms))
	}
	return all
}

// within is the path of a package within the module, "." for its root and "" for a package that is
// not of it.
func within(path string) string {
	if path == module {
		return "."
	}
	in, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return in
}

// covers reports whether a name of the tables stands for the package of that path.
func covers(name, path string) bool {
	folder, all := strings.CutSuffix(name, "/...")
	return path == folder || all && strings.HasPrefix(path, folder+"/")
}

// rowOf returns which of rooms is that of a package: the first that stands for it. -1: it has none.
func rowOf(path string) int {
	for i, r := range rooms {
		if covers(r.name, path) {
			return i
		}
	}
	return -1
}

// TestRooms: the table says of every room what is below it, and every row of it is about something.
func TestRooms(t *testing.T) {
	all := list(t)
	for i, r := range rooms {
		if !slices.ContainsFunc(all, func(p *listed) bool { return rowOf(p.room) == i }) {
			t.Errorf("the row %s is of no package", r.name)
		}
		for name := range strings.FieldsSeq(r.imports) {
			some := false
			for _, p := range all {
				if k := rowOf(p.room); covers(name, p.room) && k < i {
					some = true
				} else if covers(name, p.room) && k > i {
					t.Errorf("%s may import %s, whose row is not above it", r.name, p.room)
				}
			}
			if !some {
				t.Errorf("%s may import %s, which is no package above it", r.name, name)
			}
		}
	}
}

// TestImports: imports run one way, on every system.
func TestImports(t *testing.T) {
	all := list(t)
	plan, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	// What is below a/b, or for tests, goes without saying.
	onMap := func(room string) bool {
		for at := room; ; at = path.Dir(at) {
			if bytes.Contains(plan, []byte("//\t"+at+" ")) || strings.HasSuffix(at, "test") {
				return true
			} else if strings.Count(at, "/") < 2 {
				return false
			}
		}
	}
	for _, p := range all {
		if p.room != "." && !onMap(p.room) {
			t.Errorf("package %s is not on the map in doc.go", p.room)
		}
		row := rowOf(p.room)
		if row < 0 {
			t.Errorf("package %s has no row in the table of rooms", p.room)
			continue
		}
		for _, path := range p.imports {
			allowed := slices.ContainsFunc(strings.Fields(rooms[row].imports), func(name string) bool { return covers(name, path) })
			if !allowed && rowOf(path) != row {
				t.Errorf("package %s imports %s, its row allows: %s", p.room, path, rooms[row].imports)
			}
		}
	}

	imports := map[string][]string{}
	for _, p := range all {
		imports[p.room] = p.imports
	}
	for _, p := range all {
		// From every package that p and its tests know to the one by which they came to know it.
		by := map[string]string{p.room: p.room}
		queue := []string{p.room}
		visit := func(from string, paths []string) {
			for _, path := range paths {
				if path != "" && by[path] == "" {
					by[path], queue = from, append(queue, path)
				}
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			visit(p.room, []string{within(path)})
		}
		for len(queue) > 0 {
			visit(queue[0], imports[queue[0]])
			queue = queue[1:]
		}
		for _, n := range never {
			if !covers(n.packages, p.room) {
				continue
			}
			for other := range strings.FieldsSeq(n.others) {
				for path := range by {
					if covers(other, path) && !covers(n.packages, path) {
						t.Errorf("package %s or its tests must not know %s, and do by way of %s", p.room, path, by[path])
					}
				}
			}
		}
	}
}

// namesCommand finds where a text tells to run a command of the module, and namesFlag where it
// tells of a flag.
var (
	namesCommand = regexp.MustCompile(`go run \./|\bvae-edge (-|(verify|bench|info|probe|help|version)\b)`)
	namesFlag    = regexp.MustCompile(`(^|\W)--[a-z]`)
)

// TestLibrariesNameNoCommand: what a library says is wrong is for every program that uses it, so
// that its texts name no command and its errors no flag. The command that shows an error adds what
// the user of the command can do.
func TestLibrariesNameNoCommand(t *testing.T) {
	for _, p := range list(t) {
		if p.Name == "main" || p.room == "internal/cli" { // which is the commands' own
			continue
		}
		check := func(n ast.Node, what *regexp.Regexp) {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return
			}
			if text, err := strconv.Unquote(l.Value); err != nil || what.MatchString(text) {
				t.Errorf("%v: a library names a command or its flag: %s", p.fset.Position(l.Pos()), l.Value)
			}
		}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				check(n, namesCommand)
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				fun, ok := call.Fun.(*ast.SelectorExpr)
				if ok && (fun.Sel.Name == "Errorf" || fun.Sel.Name == "New") {
					for _, arg := range call.Args {
						ast.Inspect(arg, func(n ast.Node) bool { check(n, namesFlag); return true })
					}
				}
				return true
			})
		}
	}
}

// TestRoomSizes: no package of the firmware or of the trainer has over 2,000 lines without its
// tests, and what programs have written.
func TestRoomSizes(t *testing.T) {
	for _, p := range list(t) {
		if !strings.HasPrefix(p.room, "firmware/") && !strings.HasPrefix(p.room, "trainer") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(p.room), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") && !bytes.HasPrefix(data, []byte("// Code generated ")) {
				lines += bytes.Count(data, []byte("\n"))
			}
		}
		if lines > 2000 {
			t.Errorf("package %s has %d lines", p.room, lines)
		}
	}
}
