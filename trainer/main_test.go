package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist/mnisttest"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"trainer": main})
}

// TestHelpWidth: the help of every command fits a terminal of 80 columns.
func TestHelpWidth(t *testing.T) {
	for name := range commands {
		var b strings.Builder
		if err := table.PrintHelp(&b, name); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if utf8.RuneCountInString(line) > cli.Width+1 { // its end counts
				t.Errorf("%s --help: %s", name, line)
			}
		}
	}
}

func TestScripts(t *testing.T) {
	if err := exec.Command("trainer", "--help").Run(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip(err) // under emulation the kernel does not know the program's format
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			switch name {
			case "long":
				return os.Getenv("VAE_EDGE_LONG") != "", nil
			case "ci": // the gate's run
				return gate.All(), nil
			}
			return false, fmt.Errorf("no condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"digits":   scriptDigits,
			"onnx":     scriptONNX,
			"foreign":  scriptForeign,
			"waitfor":  scriptWaitfor,
			"jsonkeys": scriptJSONKeys,
			"png":      scriptPNG,
			"photo":    scriptPhoto,
			"refused":  scriptRefused,
		},
	})
}

// refused ARG... is "! exec trainer ARG..." of a command line that is wrong usage. It is read here
// rather than by a process of its own, so it must not name files.
func scriptRefused(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! refused")
	}
	if status := realMain(args, ts.Stdout(), ts.Stderr()); status != 2 {
		ts.Fatalf("exit status %d, want 2", status)
	}
}

// digits DIR TRAIN TEST [HOW...] writes an IDX data set of so many images: MNIST's first ones made
// small, and then changed, see mnisttest.Change.
func scriptDigits(ts *testscript.TestScript, _ bool, args []string) {
	train, err := strconv.Atoi(args[1])
	ts.Check(err)
	test, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(mnisttest.WriteDigits(ts.MkAbs(args[0]), train, test))
	for _, how := range args[3:] {
		ts.Check(mnisttest.Change(ts.MkAbs(args[0]), how))
	}
}

// waitfor FILE waits until the file is there.
func scriptWaitfor(ts *testscript.TestScript, _ bool, args []string) {
	for range 3000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

// jsonkeys FILE KEY... reports whether the JSON object in the file, or in stdout, has exactly those
// keys.
func scriptJSONKeys(ts *testscript.TestScript, _ bool, args []string) {
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &object))
	got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(got, want) {
		ts.Fatalf("keys %q, want %q", got, want)
	}
}

// png FILE... reports whether the files are pictures of a size worth looking at.
func scriptPNG(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		f, err := os.Open(ts.MkAbs(name))
		ts.Check(err)
		p, err := png.Decode(f)
		f.Close()
		ts.Check(err)
		if s := p.Bounds().Size(); s.X < 500 || s.Y < 300 {
			ts.Fatalf("%s is of %v pixels", name, s)
		}
	}
}

// onnx FILE [OP] writes a small decoder, with an operator before the last.
func scriptONNX(ts *testscript.TestScript, _ bool, args []string) {
	file := onnxtest.Decoder
	if args[0] == "leaky.onnx" {
		file = func(...string) []byte { return onnxtest.LeakyDecoder() }
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file(args[1:]...), 0o644))
}

// foreign FILE writes weights as PyTorch's users save them.
func scriptForeign(ts *testscript.TestScript, _ bool, args []string) {
	header := `{"__metadata__":{"format":"pt"},"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}`
	data := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(data, 0, 60, 0, 60), 0o644))
}
