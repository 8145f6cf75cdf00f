package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	encoders "github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vae-edge": main,
		"vae-edge-quick": func() { // which looks at its model all the time
			modelPoll = 20 * time.Millisecond
			main()
		},
		"vae-edge-hasty": func() { // which measures for less time
			hasty = true
			main()
		},
		"replace-model": replaceModel,
	})
}

// TestScript runs the command as a user does. Every script finds the synthetic model as
// synthetic.safetensors and its encoder alone, what looks like the float32 weights of a run as
// vae.safetensors, and the built-in model for edits, in dir, apart from its encoder; and bare
// there, a decoder without concepts.
func TestScript(t *testing.T) {
	needProgram(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "")
			e.Setenv("TERM", "xterm-256color")
			files, err := scriptFiles()
			if err != nil {
				return err
			}
			if err := os.Mkdir(filepath.Join(e.WorkDir, "dir"), 0o755); err != nil {
				return err
			}
			for name, data := range files {
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), data, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "refused": refused, "photo": photo},
		Condition: func(name string) (bool, error) {
			switch name {
			case "spidev":
				ports, err := filepath.Glob("/dev/spidev*")
				return len(ports) > 0, err
			case "ci":
				return gate.All(), nil
			case "golden":
				for _, name := range pretrained.Names() {
					if _, ok := decoder.Golden(name); !ok {
						return false, nil
					}
				}
				return true, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// scriptFiles are the models of scripts, see TestScript.
var scriptFiles = sync.OnceValues(func() (map[string][]byte, error) {
	synthetic := model.Synthetic()
	alone, bare := *synthetic, *synthetic
	alone.DecoderSum, alone.Decoder, alone.Table = synthetic.DecoderDigest(), nil, nil
	bare.Concepts, bare.Encoder = nil, nil
	files := map[string][]byte{}
	for name, m := range map[string]*model.Model{
		"synthetic.safetensors": synthetic, "synthetic-encoder.safetensors": &alone, filepath.Join("dir", "bare.safetensors"): &bare,
	} {
		data, err := m.Marshal()
		if err != nil {
			return nil, err
		}
		files[name] = data
	}
	float, err := safetensors.Parse(files["synthetic.safetensors"])
	if err != nil {
		return nil, err
	}
	float.Metadata["format"] = "vae-edge-float"
	if files["vae.safetensors"], err = float.Marshal(); err != nil {
		return nil, err
	}
	files[filepath.Join("dir", "mnist-16.safetensors")], _ = pretrained.Weights("mnist-16")
	files["encoder-16.safetensors"], err = encoders.Weights("mnist-16")
	return files, err
})

// needProgram skips a test that starts the program where that cannot be: an emulator of another CPU
// runs the test, but not its children.
func needProgram(t *testing.T) {
	t.Helper()
	if err := exec.Command("vae-edge", "--help").Run(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip(err)
	}
}

// photo is "photo FILE": writes photograph to it.
func photo(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), photograph(ts), 0o644))
}

// photograph is a PNG of a handwritten 1 on paper.
func photograph(t interface{ Fatalf(string, ...any) }) []byte {
	img := image.NewGray(image.Rect(0, 0, 120, 160))
	for i := range img.Pix {
		x, y := i%120, i/120
		img.Pix[i] = uint8(220 + y/20)
		if d := 2*x - 150 + y/2; y >= 40 && y < 125 && d >= -12 && d <= 12 {
			img.Pix[i] = 40
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatalf("%v", err)
	}
	return b.Bytes()
}

// refused is "refused vae-edge args...": the command line must be wrong usage. It is read here
// rather than by a process of its own, so it must not name files.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[0] != "vae-edge" {
		ts.Fatalf("usage: refused vae-edge args...")
	}
	stdout, err := os.Create(ts.MkAbs(".stdout"))
	ts.Check(err)
	defer stdout.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	code := exitStatus(run(ctx, args[1:], nil, stdout, nil, cancel), ts.Stderr())
	said, err := os.ReadFile(stdout.Name())
	ts.Check(err)
	ts.Stdout().Write(said)
	if code != 2 {
		ts.Fatalf("exit status %d, want 2", code)
	}
}

// status is "status N command args...": the command must end with exit status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
