package vaeedge_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"image"
	"image/png"
	"io/fs"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// A page is a Markdown file.
type page struct {
	name     string   // its path
	text     string   // without what is in code
	prose    []string // lines outside blocks of code; "" for those within
	commands []string // of its blocks of sh, without comments
	anchors  []string // of its headings, as GitHub makes them
}

var (
	codeSpan = regexp.MustCompile("`[^`]*`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	comment  = regexp.MustCompile(`(^|\s+)# .*$`)
)

// pages reads README.md and the others.
func pages(t *testing.T) []page {
	t.Helper()
	names, err := filepath.Glob("docs/*.md")
	if err != nil || len(names) == 0 {
		t.Fatal("no pages in docs: ", err)
	}
	var all []page
	for _, name := range append([]string{"README.md", "CONTRIBUTING.md"}, names...) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p := page{name: filepath.ToSlash(name)}
		block, in := "", false // the language of the block of code
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSuffix(line, "\n")
			language, fence := strings.CutPrefix(line, "```")
			switch {
			case fence:
				block, in = language, !in
				line = ""
			case in && block == "sh":
				if c := strings.TrimSpace(comment.ReplaceAllString(line, "")); c != "" {
					p.commands = append(p.commands, c)
				}
				line = ""
			case in:
				line = ""
			case strings.HasPrefix(line, "#"):
				p.anchors = append(p.anchors, anchor(strings.TrimLeft(line, "# "), p.anchors))
			}
			p.prose = append(p.prose, line)
		}
		if in {
			t.Errorf("%s: a block of code has no end", name)
		}
		p.text = codeSpan.ReplaceAllString(strings.Join(p.prose, "\n"), "")
		all = append(all, p)
	}
	return all
}

// anchor is what GitHub calls a heading, after those before it on the page.
func anchor(heading string, before []string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	for n, try := 0, name; ; n++ {
		if n > 0 {
			try = fmt.Sprintf("%s-%d", name, n)
		}
		if !slices.Contains(before, try) {
			return try
		}
	}
}

// TestPageLinks: every relative link and every picture of a page is there, and every heading that a
// link names. So are all pages: README.md leads to each.
func TestPageLinks(t *testing.T) {
	all := pages(t)
	linked := map[string]bool{"README.md": true}
	for _, p := range all {
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			to, err := url.Parse(m[1])
			if err != nil {
				t.Errorf("%s: %v", p.name, err)
				continue
			}
			if to.Scheme != "" {
				continue
			}
			target := p.name
			if to.Path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), to.Path))
				if p.name == "README.md" {
					linked[target] = true
				}
			}
			if !filepath.IsLocal(target) {
				t.Errorf("%s: %s leads out of the repository", p.name, m[1])
			} else if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", p.name, m[1], err)
			}
			if to.Fragment == "" {
				continue
			}
			i := slices.IndexFunc(all, func(p page) bool { return p.name == target })
			if i < 0 || !slices.Contains(all[i].anchors, to.Fragment) {
				t.Errorf("%s: %s: there is no such heading", p.name, m[1])
			}
		}
	}
	for _, p := range all {
		if !linked[p.name] {
			t.Errorf("README.md has no link to %s", p.name)
		}
	}
}

// TestPagesWrap: prose has 100 columns, but for tables and for what cannot be broken.
func TestPagesWrap(t *testing.T) {
	for _, p := range pages(t) {
		for i, line := range p.prose {
			if utf8.RuneCountInString(line) > 100 && !strings.HasPrefix(line, "|") && !strings.Contains(line, "](http") {
				t.Errorf("%s:%d: %d columns", p.name, i+1, utf8.RuneCountInString(line))
			}
		}
	}
}

// TestCommentsWrap: comments have 100 columns, a tab being four, but for addresses.
func TestCommentsWrap(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && len(path) > 1 && d.Name()[0] == '.' {
				return fs.SkipDir
			}
			return err
		}
		ext := filepath.Ext(path)
		if ext != ".go" && ext != ".s" && ext != ".h" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		lines := strings.Split(string(text), "\n")
		check := func(number int) {
			line := strings.ReplaceAll(lines[number-1], "\t", "    ")
			if n := utf8.RuneCountInString(line); n > 100 && !strings.Contains(line, "://") {
				t.Errorf("%s:%d: %d columns", path, number, n)
			}
		}
		if ext != ".go" {
			for i, line := range lines {
				if strings.Contains(line, "//") {
					check(i + 1)
				}
			}
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range tree.Comments {
			for _, c := range group.List {
				for n := set.Position(c.Pos()).Line; n <= set.Position(c.End()).Line; n++ {
					check(n)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files", files)
	}
}

// An exception is how the test runs a command of a page that it cannot run as typed, or what the
// command must print.
type exception struct {
	add    string   // is appended
	cannot string   // why it is not run
	prints []string // what must be in what it prints
}

// What is appended.
var (
	// Needs a terminal, and runs until it is stopped
	watched = exception{add: "--display none --frames 2"}
	board   = exception{add: "--help"}                // needs a board: only its flags are read
	minutes = exception{add: "--limit 40 --epochs 1"} // takes minutes
	images  = exception{add: "--limit 40"}            // takes a minute
	pytorch = exception{cannot: "needs PyTorch; .ci/nightly runs such"}
	root    = exception{cannot: "needs root on a board"}
	remote  = exception{cannot: "needs a board on the network"}
	built   = exception{cannot: "the test builds the program once"}
)

// exceptions has the commands of the pages that are not run as typed, or must print something. All
// others are run as they are, and must not fail.
var exceptions = map[string]exception{
	"git clone https://github.com/vae-edge/vae-edge": {cannot: "needs the network"},
	"cd vae-edge":                    {cannot: "the test is there"},
	"go test ./...":                  {cannot: "this test is one of them"},
	"go test -bench ./bench":         {cannot: "takes minutes of an idle machine"},
	"go install ./firmware/vae-edge": built,
	"release/run":                    {cannot: "needs the network; .ci/package runs it"},
	"release/image":                  {cannot: "needs the network; firmware/emulation/run --card does it"},
	"sudo dd if=dist/vae-edge.img of=/dev/sdX bs=4M conv=fsync": root,

	"go run ./web":                {cannot: "serves until it is stopped; the test of web has the page"},
	"go run ./web --out dist/web": {cannot: "takes a minute; the test of web does it"},
	"GOOS=js GOARCH=wasm go test -tags simd128 -exec \"node $PWD/.ci/node_exec.js\" ./kernels": {cannot: "needs node; .ci/run runs it"},

	"cc -std=c99 -O2 -o out/golden out/c/vae_golden.c out/c/vae_decoder.c": {cannot: "needs a C compiler; the test of package cgen has it"},
	"out/golden":                       {cannot: "needs a C compiler; the test of package cgen has it"},
	"bash .ci/interop/c mnist-2":       {cannot: "needs compilers and QEMU; .ci/nightly runs it"},
	"bash .ci/interop/onnx mnist-2":    {cannot: "needs another runtime; .ci/nightly runs it"},
	"bash .ci/interop/pytorch mnist-2": {cannot: "needs PyTorch; .ci/nightly runs it"},
	"vae-edge draw --model mnist-16 --count 60000 --out out/train-images.idx": {
		add: "--count 100", prints: []string{"100 of 100 pictures"},
	},
	"vae-edge draw --model mnist-16 --count 60000 --shard 2/4 --out out/part2.idx": {
		add: "--count 100", prints: []string{"25 of 100 pictures, from number 25 on"},
	},
	"cat out/part1.idx out/part2.idx out/part3.idx out/part4.idx >out/train-images.idx": {cannot: "the test has drawn one part"},

	"vae-edge":                      watched,
	"vae-edge --scene clock":        watched,
	"vae-edge --model out/imported": watched,
	"go run ./trainer import out/decoder.onnx --encoder out/encoder.onnx --data digits --out out/again": {
		add: "--points 64 --limit 200", prints: []string{"codes of the images", "encoder.safetensors in out/again"},
	},
	"go run ./trainer import decoder.onnx --codes codes.npy --out out/imported": {
		add: "--points 64", prints: []string{"at 10 given codes"},
	},
	"go run ./trainer import decoder.onnx --out out/imported": {
		add: "--points 320", prints: []string{"PSNR, int8 to float", "vae-edge --model out/imported"},
	},
	"tensorflowjs_converter --input_format keras decoder.h5 out/web": {cannot: "needs TensorFlow; the test has what it writes"},
	"go run ./trainer import out/web/model.json --out out/imported": {
		add: "--points 320", prints: []string{"PSNR, int8 to float", "vae-edge --model out/imported"},
	},
	"go run ./trainer import weights.npz --layers layers.json --out out/imported": {cannot: "needs Keras; the test of package importer has such"},
	"go run ./trainer walk --model out/imported --out out/imported.gif":           {add: "--frames 4", prints: []string{"8 points"}},
	"vae-edge --model out/decoder.safetensors":                                    watched,
	"vae-edge --model out/pictures/decoder.safetensors":                           watched,
	"vae-edge --scene manifold --palette ember":                                   watched,
	"vae-edge --model mnist-16 --scene sample":                                    watched,
	"vae-edge --digit 7":                  watched,
	"vae-edge --at 0.5:-1.2":              watched,
	"vae-edge --scene morph":              watched,
	"vae-edge --scene morph --path 3,1,4": watched,
	"vae-edge --config my.conf":           watched,
	"vae-edge --scene clock --seconds --hours 12 --time-zone Europe/Berlin": watched,
	"vae-edge --scene edit --image docs/photo.jpg --toward 4": {
		add: watched.add, prints: []string{"from 3 toward 4"},
	},

	"vae-edge --display spi0":                                                             board,
	"./vae-edge probe --board waveshare-1.3":                                              board,
	"./vae-edge --board waveshare-1.3":                                                    board,
	"vae-edge probe --board waveshare-1.3":                                                board,
	"vae-edge probe --board waveshare-1.44":                                               board,
	"vae-edge --board waveshare-1.3":                                                      board,
	"vae-edge probe --display i2c1 --panel sh1106-128x64":                                 board,
	"vae-edge probe --panel st7789 --size 76x284":                                         board,
	"vae-edge probe --panel st7735-128x160 --color-order rgb":                             board,
	"vae-edge bench --board waveshare-1.3":                                                board,
	"vae-edge probe --display spi0 --panel ili9341-240x320 --touch spi0.1 --touch-irq 17": board,
	"vae-edge --display fb0":                                                              board,
	"vae-edge --display fb0 --rotate 90 --scene clock --off 23:00-6:30":                   board,
	"vae-edge probe --config /etc/vae-edge/vae-edge.conf --no-card":                       board,

	"scp dist/vae-edge-linux-arm64 pi:vae-edge":                                             remote,
	"scp new.safetensors pi:models/.new && ssh pi mv models/.new models/digits.safetensors": remote,
	"sudo usermod -aG spi,gpio $USER":                                                       root,
	"sudo apt install ./vae-edge_*_arm64.deb":                                               root,
	"sudo nano /etc/vae-edge/vae-edge.conf":                                                 root,
	"sudo systemctl enable --now vae-edge":                                                  root,
	"sudo apt remove vae-edge":                                                              root,
	"journalctl -u vae-edge -f":                                                             root,

	"go run ./trainer":                                    minutes,
	"go run ./trainer gan":                                minutes,
	"go run ./trainer compare":                            {add: "--limit 40 --inverted 4", prints: []string{"gan, prior *"}},
	"vae-edge --model gan --scene sample":                 watched,
	"vae-edge --model gan --scene manifold":               watched,
	"go run ./trainer --quick --out out/quick":            {add: "--limit 40 --epochs 1 --test-limit 40"},
	"go run ./trainer --animate --out out/moving":         minutes,
	"go run ./trainer --latent 16 --out out/16":           minutes,
	"go run ./trainer --kl-weight 0 --out out/classical":  minutes,
	"go run ./trainer --network mine.json --out out/mine": minutes,
	"go run ./trainer --data faces --out out/faces": {
		add: "--limit 40 --epochs 1", prints: []string{"PSNR, dB"},
	},
	"go run ./trainer concepts --model faces --out out/attributes.png": {
		add: "--limit 40", prints: []string{"Wearing_Hat"},
	},
	"go run ./trainer --data celeba:celeba --attributes Smiling,Eyeglasses --out out/celeba": {
		add: "--epochs 1", prints: []string{"celeba:celeba: 18 training and 2 test images of 64 x 64 x 3"},
	},
	"go run ./trainer --data folder:animals --out out/animals": {
		add: "--epochs 1", prints: []string{"folder:animals: 18 training and 2 test images of 64 x 64 x 3"},
	},
	"vae-edge --model out/faces/decoder.safetensors": watched,
	"vae-edge --model faces":                         watched,
	"vae-edge --scene edit --model faces --image docs/face.png --toward Smiling": {
		add: watched.add, prints: []string{"; toward Smiling"},
	},
	"go run ./trainer --data pictures --out out/pictures":                      {add: "--epochs 1"},
	"vae-edge --model faces --scene morph":                                     watched,
	"vae-edge --model faces --scene morph --path frown,glasses,another,no-hat": watched,
	"go run ./trainer walk --model faces --path plain,hat,no-hat --image docs/face.png --out out/hat.gif": {
		add: "--frames 4", prints: []string{"path plain,hat,no-hat", "written: out/hat.gif"},
	},
	"go run ./trainer walk --model out/animals --path cats,dogs --out out/animals.gif": {add: "--frames 4", prints: []string{"2 points"}},
	"go run ./trainer --network colour.json --data pictures --out out/colour": {
		add: "--epochs 1", prints: []string{"images of 32 x 32 x 3", "encoder.conv4"},
	},
	"go run ./trainer eval --model out/faces --data faces": {
		add: "--limit 40 --factors 0", prints: []string{"toward Smiling: "},
	},
	"go run ./trainer eval":                       images,
	"go run ./trainer eval --model mnist-16":      images,
	"go run ./trainer eval --model out/classical": images,
	"go run ./trainer eval --iwae 1000":           {add: "--limit 10"},
	"go run ./trainer concepts --model mnist-16":  {add: "--limit 200"},
	"go run ./trainer edit --image docs/photo.jpg --toward 4": {
		prints: []string{"picture: classified as 3", "edited: classified as 4", "written: out/edited-sheet.png"},
	},
	"python3 trainer/interop/torch/train.py --network model/presets/book.json --latent 2 --data trainer/dataset/mnist --out out/torch":                            pytorch,
	"torchrun --nproc_per_node 8 trainer/interop/torch/train.py --network model/presets/faces.json --latent 64 --data faces.npy --out out/torch":                  pytorch,
	"torchrun --nnodes 2 --nproc_per_node 4 --rdzv_backend c10d --rdzv_endpoint node0:29500 train.py --network faces.json --latent 64 --data faces.npy --out out": pytorch,
	"go run ./trainer import out/torch/model.safetensors --layers out/torch/network.json --out out/back":                                                          pytorch,
	"vae-edge --model out/back": pytorch,
	"vae-edge verify":           {add: "--model mnist-2", prints: []string{"ok"}},
}

// long are pages whose commands take much time.
var long = []string{"docs/training.md", "docs/faces.md", "docs/gan.md", "docs/editing.md", "docs/interop.md", "docs/results.md", "docs/export.md", "docs/int8.md"}

// trained is how the commands name what a training run of the page's own leaves behind.
var trained = regexp.MustCompile(`^go run ./trainer|--model out/(\w+/|imported)`)

// TestPageCommands runs the commands of README.md and of the pages in docs: each page's in their
// order and in a folder of its own, which has what the repository has for them and the weights that
// training would leave in out. A command of several pages is run once.
func TestPageCommands(t *testing.T) {
	all := slices.DeleteFunc(pages(t), func(p page) bool { return p.name == "CONTRIBUTING.md" })
	for command := range exceptions {
		if !slices.ContainsFunc(all, func(p page) bool { return slices.Contains(p.commands, command) }) {
			t.Errorf("no page has the command %q any more", command)
		}
	}
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the pages' commands are those of a Unix shell")
	}
	list(t) // looks at all files: a result is kept until one of them changes

	bin := t.TempDir()
	programs := []string{"./firmware/vae-edge"}
	if !testing.Short() {
		programs = append(programs, "./trainer")
	}
	// All runs of all pages take a quarter of what all tests take: the gate has them.
	ci := gate.All()
	build := exec.Command("go", append([]string{"build", "-o", bin + string(filepath.Separator)}, programs...)...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// `go run ./trainer` is the program that is built already; nothing else of go is run.
	wrapper := "#!/bin/sh\n[ \"$1 $2\" = 'run ./trainer' ] || { echo \"go $*: not in this test\" >&2; exit 3; }\n" +
		"shift 2\nexec '" + filepath.Join(bin, "trainer") + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}

	files := inputs(t)
	taken := map[string]bool{}
	for _, p := range all {
		var commands []string
		for _, c := range p.commands {
			if !taken[c] && exceptions[c].cannot == "" && !(trained.MatchString(c) && (testing.Short() || !ci && slices.Contains(long, p.name))) {
				commands = append(commands, c)
			}
			taken[c] = true
		}
		if len(commands) == 0 {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(p.name), ".md"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeInputs(t, files, dir, bin)
			for _, command := range commands {
				t.Run(command, func(t *testing.T) { exceptions[command].run(t, command, dir, bin) })
			}
		})
	}
}

// inputs are the files that the commands need, of the repository and those that the pages describe.
func inputs(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for to, from := range map[string]string{
		"docs/photo.jpg":                   "docs/photo.jpg",
		"docs/face.png":                    "docs/face.png",
		"model/presets/book.json":          "model/presets/book.json",
		"out/decoder.safetensors":          "decoder/pretrained/mnist-2.safetensors",
		"out/pictures/decoder.safetensors": "decoder/pretrained/mnist-2.safetensors",
		"out/web/model.json":               "trainer/interop/keras/testdata/tfjs/model.json",
		"out/web/weights.bin":              "trainer/interop/keras/testdata/tfjs/weights.bin",
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		files[to] = data
	}
	// What the page on training describes: its network, and pictures in its format.
	text, err := os.ReadFile("docs/training.md")
	if err != nil {
		t.Fatal(err)
	}
	_, network, _ := strings.Cut(string(text), "```json\n")
	network, _, _ = strings.Cut(network, "```")
	files["colour.json"] = []byte(network)
	const side = 32
	for set, n := range map[string]int{"train": 16, "t10k": 8} {
		images := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 4}, uint32(n))
		labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
		for _, size := range []uint32{side, side, 3} {
			images = binary.BigEndian.AppendUint32(images, size)
		}
		for i := range n {
			labels = append(labels, byte(i%2))
			for k := range side * side * 3 {
				images = append(images, byte((k%(side*3)/3+9*i)*(k%3+1-i%2)))
			}
		}
		files["pictures/"+set+"-images-idx4-ubyte"], files["pictures/"+set+"-labels-idx1-ubyte"] = images, labels
	}
	files["decoder.onnx"] = onnxtest.Decoder()
	header := "{'descr': '<f4', 'fortran_order': False, 'shape': (100, 2), }"
	codes := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), 0)
	codes = append(codes, header...)
	for i := range 200 {
		codes = binary.LittleEndian.AppendUint32(codes, math.Float32bits(float32(i%17)/8-1))
	}
	files["codes.npy"] = codes
	// What the page on faces describes.
	attributes := "20\nEyeglasses Smiling\n"
	for i := range 20 {
		img := image.NewGray(image.Rect(0, 0, 178, 218))
		for k := range img.Pix {
			img.Pix[k] = byte(k*(i+1)/1000) | 0x80
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("animals/%s/%d.png", []string{"cats", "dogs"}[i/10], i)] = b.Bytes()
		files[fmt.Sprintf("celeba/img_align_celeba/%06d.png", i+1)] = b.Bytes()
		attributes += fmt.Sprintf("%06d.jpg %d %d\n", i+1, i%2*2-1, i/2%2*2-1)
	}
	files["celeba/list_attr_celeba.txt"] = []byte(attributes)
	return files
}

// writeInputs writes to a folder what the commands need.
func writeInputs(t *testing.T, files map[string][]byte, dir, bin string) {
	t.Helper()
	for name, data := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(bin, "vae-edge"), filepath.Join(dir, "vae-edge")); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
}

// run runs a command in a folder.
func (r exception) run(t *testing.T, command, dir, bin string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	line := strings.TrimSpace(command + " " + r.add)
	// The shell becomes the program, so that it is this that ends when time is up.
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec env "+line)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	for _, want := range r.prints {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s: %q is not in what it prints:\n%s", line, want, out)
		}
	}
}
