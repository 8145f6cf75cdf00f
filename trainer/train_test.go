package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist/mnisttest"
	"github.com/vae-edge/vae-edge/trainer/internal/weights/weightstest"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// parseTrain reads the flags of a training run.
func parseTrain(args []string) (options, error) {
	o, err := readLine(args)
	if err != nil {
		return options{}, err
	}
	return *o, nil
}

// That a file cannot be written is found out without touching what is there.
func TestCheckWritable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("what it holds"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		file: true, filepath.Join(dir, "new", "folder", "file"): true,
		dir: false, filepath.Join(file, "below"): false, filepath.Join(dir, strings.Repeat("x", 300)): false,
	} {
		if err := checkWritable(name); (err == nil) != want {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "what it holds" {
		t.Errorf("the file has become %q, %v", data, err)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, "new", "folder")); err != nil || len(entries) > 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// A full disk that was to hold the figures is a failure.
func TestFullOutput(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"eval", "--limit", "2"}, {"eval", "--limit", "2", "--json"}} {
		var stderr strings.Builder
		if status := realMain(args, fullWriter{}, &stderr); status != 1 || stderr.String() != "trainer: short write\n" {
			t.Errorf("%q: status %d, %q", args, status, stderr.String())
		}
	}
}

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// The built-in model that is used by default is the one that training without flags makes.
func TestBuiltIn(t *testing.T) {
	want, err := parseTrain(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseTrain(builtIn[0].training())
	if err != nil {
		t.Fatal(err)
	}
	if got.Config != want.Config {
		t.Errorf("%s is made with %+v, want %+v", builtIn[0].name, got.Config, want.Config)
	}
	for _, b := range builtIn {
		o, err := parseTrain(b.training())
		if err != nil {
			t.Fatal(err)
		}
		if got := o.run().Name; got != b.name {
			t.Errorf("training makes %s of the settings of %s", got, b.name)
		}
		if want := fmt.Sprintf("mnist-%d", o.Latent); b.data == "" && want != b.name {
			t.Errorf("the model %s has %d dimensions", b.name, o.Latent)
		}
	}
}

func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{"out/a-b_c.1": "out/a-b_c.1", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "": "''"} {
		if got := cli.Quoted(word); got != want {
			t.Errorf("cli.Quoted(%q) = %q, want %q", word, got, want)
		}
	}
}

// interrupted returns the folder of a run that was interrupted after its first step.
func interrupted(t *testing.T) (out string) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if err := mnisttest.WriteDigits(data, 60, 20); err != nil {
		t.Fatal(err)
	}
	out = filepath.Join(t.TempDir(), "out")
	o, err := parseTrain([]string{"--epochs", "2", "--batch", "16", "--data", data, "--out", out})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run.Train(ctx, o.run(), console.New("trainer", io.Discard, io.Discard)); !errors.Is(err, run.ErrInterrupted) {
		t.Fatal(err)
	}
	return out
}

// A damaged checkpoint is no wrong usage, and the error names it.
func TestDamagedCheckpointStatus(t *testing.T) {
	out := interrupted(t)
	path := filepath.Join(out, run.CheckpointFile)
	if err := os.WriteFile(path, weightstest.Edit(t, path, weightstest.Replace("run", `"batch":16`, `"batch":0`)), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if status := realMain([]string{"--resume", "--out", out}, io.Discard, &stderr); status != 1 || !strings.Contains(stderr.String(), path) {
		t.Errorf("status %d, %q: want 1 and the file's name", status, stderr.String())
	}
}

// What a file says is not obeyed by the terminal that shows it.
func TestControlCharacters(t *testing.T) {
	out := interrupted(t)
	path := filepath.Join(out, run.CheckpointFile)
	if err := os.WriteFile(path, weightstest.Edit(t, path, weightstest.Replace("run", `"loss":"elbo"`, `"loss":"\u001b[2J"`)), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if status := realMain([]string{"--resume", "--out", out}, io.Discard, &stderr); status != 1 || !strings.Contains(stderr.String(), `\x1b[2J`) || strings.Contains(stderr.String(), "\x1b") {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}

func TestQuick(t *testing.T) {
	for _, c := range []struct {
		flags                      string
		epochs, limit, test, batch int
	}{
		{"--quick", 5, 10500, 2000, 16},
		{"--quick --epochs 3", 3, 10500, 2000, 16},
		{"--limit 500 --quick --batch 8", 5, 500, 2000, 8},
		{"--quick --limit 0 --test-limit 0", 5, 0, 0, 16},
		{"--quick=false", 10, 0, 0, 32},
	} {
		o, err := parseTrain(strings.Fields(c.flags))
		if err != nil {
			t.Fatal(err)
		}
		if o.Epochs != c.epochs || o.Limit != c.limit || o.TestLimit != c.test || o.Batch != c.batch {
			t.Errorf("%s: %d epochs, limits %d and %d, batch %d; want %+v", c.flags, o.Epochs, o.Limit, o.TestLimit, o.Batch, c)
		}
	}
	for flags, rate := range map[string]float64{"--quick": 3e-3, "--quick --lr 0.1": 0.1, "--quick --loss book": 1e-3, "": 2e-3} {
		if o, err := parseTrain(strings.Fields(flags)); err != nil || o.LearningRate != rate {
			t.Errorf("%q: learning rate %v, error %v; want %v", flags, o.LearningRate, err, rate)
		}
	}
	// A run that was not a quick one is not resumed as one.
	out := interrupted(t)
	var stderr strings.Builder
	if status := realMain([]string{"--resume", "--quick", "--out", out}, io.Discard, &stderr); status != 2 || !strings.Contains(stderr.String(), "conflicts with --resume") {
		t.Errorf("status %d: %s", status, stderr.String())
	}
}

// TestCured: what a run refuses names the flag, and is wrong usage where the command line is at
// fault.
func TestCured(t *testing.T) {
	for _, c := range []struct {
		err   error
		want  string
		usage bool
	}{
		{&run.ConflictError{Setting: "batch", Mine: 8, Its: 16}, "--batch 8 conflicts with --resume: the run began with --batch 16; leave it out, or train anew in another --out", true},
		{&run.ConflictError{Setting: "network", Mine: "a.json"}, "--network a.json conflicts with --resume: its layers are not those that the run began with; leave it out, or train anew in another --out", true},
		{&run.SettingError{Setting: "network", Value: "a.json", Err: fs.ErrNotExist}, "--network a.json: file does not exist", true},
		{fmt.Errorf("a.json: %w", &run.SettingError{Setting: "batch", Value: "0", Err: fs.ErrInvalid}), "a.json: batch 0: invalid argument", false},
		{fmt.Errorf("x is of %w", run.ErrUnfinished), "x is of a run that is not done: continue the run with --resume, delete the file to train anew, or choose another --out", false},
		{run.ErrOtherImages, "the images are not those that the run began with: name theirs with --data", false},
		{vae.ErrDiverged, vae.ErrDiverged.Error() + ": lower --lr", false},
		{fs.ErrExist, "file already exists", false},
	} {
		got := cured(c.err)
		if got.Error() != c.want || errors.As(got, new(cli.UsageError)) != c.usage {
			t.Errorf("%q, usage %v: want %q, %v", got, !c.usage, c.want, c.usage)
		}
	}
}

// TestPage: the commands on the page of a run go on from that run.
func TestPage(t *testing.T) {
	for _, c := range []struct {
		flags, more, full string
	}{
		{"", "go run ./trainer --latent 16 --out out/16", ""},
		{"--latent 8", "", ""},
		{"--quick", "go run ./trainer --latent 16 --lr 0.003 --epochs 5 --batch 16 --limit 10500 --test-limit 2000 --out out/16", "go run ./trainer --out out/full"},
		{"--quick --data my/data --latent 8 --seed 5", "", "go run ./trainer --latent 8 --seed 5 --data my/data --out out/full"},
		{"--loss book --kl-weight 0.5", "go run ./trainer --latent 16 --loss book --kl-weight 0.5 --out out/16", ""},
		{"--data faces", "", ""},
		{"--data faces --epochs 3", "", ""},
		{"--kl-weight 0", "go run ./trainer --latent 16 --kl-weight 0 --out out/16", ""},
	} {
		o, err := parseTrain(append(strings.Fields(c.flags), "--out", "my out"))
		if err != nil {
			t.Fatal(err)
		}
		p := &report.Run{Settings: []report.Setting{{Name: "epochs", Value: "10"}}}
		o.page(p, o.Config)
		if p.Commands.MoreDims != c.more || p.Commands.Full != c.full {
			t.Errorf("%q: %q and %q, want %q and %q", c.flags, p.Commands.MoreDims, p.Commands.Full, c.more, c.full)
		}
		for _, command := range []string{p.Commands.MoreDims, p.Commands.Full} {
			if args, ok := strings.CutPrefix(command, "go run ./trainer "); ok {
				if _, err := parseTrain(strings.Fields(args)); err != nil {
					t.Errorf("%s: %v", command, err)
				}
			}
		}
		if want := "vae-edge --model 'my out/decoder.safetensors'"; filepath.ToSlash(p.Commands.Show) != want {
			t.Errorf("shown by %q, want %q", p.Commands.Show, want)
		}
		if s := p.Settings[0]; s.Name != "--epochs" || s.Meaning == "" {
			t.Errorf("setting %+v", s)
		}
		// There is no file to compare, so that it cannot be the same.
		want := map[string]string{"": "mnist-2", "--data faces": "faces"}[c.flags]
		if b := p.BuiltIn; (b != nil) != (want != "") || b != nil && (b.Name != want || b.Same) || o.run().Name != want {
			t.Errorf("%q: built in %+v", c.flags, b)
		}
		if want := "go run ./trainer --resume --out 'my out'"; !strings.HasPrefix(o.run().Again, want) {
			t.Errorf("again by %q, want %q", o.run().Again, want)
		}
	}
}
