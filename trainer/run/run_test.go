package run

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist/mnisttest"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/internal/weights/weightstest"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

func quiet() *console.Console { return console.New("run", io.Discard, io.Discard) }

// testOptions are those of a run of two epochs of four steps, the last two of which are the int8
// decoder's, and what is set besides.
func testOptions(t *testing.T, set ...string) Options {
	t.Helper()
	return options(t, t.TempDir(), 60, 20, append([]string{"--epochs", "2", "--batch", "16"}, set...)...)
}

// options are those of a run in a folder, with so many images.
func options(t testing.TB, dir string, train, test int, set ...string) Options {
	t.Helper()
	data := filepath.Join(dir, "data")
	if err := mnisttest.WriteDigits(data, train, test); err != nil {
		t.Fatal(err)
	}
	return parse(t, append([]string{"--data", data}, set...), filepath.Join(dir, "out"))
}

// parse sets what is named with dashes before, as the command line does.
func parse(t testing.TB, set []string, out string) Options {
	t.Helper()
	o := Options{Out: out, Again: "go on", Said: map[string]bool{}, Config: Config{Epochs: 10, Loss: string(vae.LossELBO), KLWeight: 1, Seed: 1}}
	for ; len(set) > 0; set = set[1:] {
		name := strings.TrimPrefix(set[0], "--")
		if name == "animate" {
			o.Animated = true
			continue
		}
		set = set[1:]
		if err := o.Set(name, set[0]); err != nil {
			t.Fatal(err)
		}
		o.Said[name] = true
	}
	o.Complete(false)
	return o
}

// What a run may be made to end at instead of a step: finishing-k is when it asks for the k-th time
// after the last epoch whether it is to end.
const (
	never     = -1
	finishing = -2
)

// trainUntil carries out a run that is interrupted after a step.
func trainUntil(o Options, stop int) (*run, error) {
	r := newRun(context.Background(), o, quiet())
	asked := 0
	r.interrupted = func() bool {
		if stop <= finishing && len(r.Done) == r.Epochs {
			asked++
			return asked > finishing-stop
		}
		return stop >= 0 && r.trainer.StepNumber() >= stop
	}
	return r, r.do()
}

// A run that is interrupted after every single step, and wherever else it can be, ends as one that
// was not.
func TestResume(t *testing.T) {
	everywhere := []int{1, 2, 3, 4, 5, 6, finishing, finishing, finishing - 1, finishing - 2}
	for _, c := range []struct {
		flags []string
		stops []int
	}{
		{[]string{"--kl-weight", "0", "--animate"}, everywhere},
		{[]string{"--latent", "3"}, []int{2, 5}},
		{[]string{"--loss", "book"}, []int{3, finishing}},
		{[]string{"--network", filepath.Join("testdata", "network.json")}, []int{1, 4}},
	} {
		flags := c.flags
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			if !gate.All() && flags[0] != "--kl-weight" {
				t.Skip("long: the first has everything")
			}
			o := testOptions(t, flags...)
			whole := o
			whole.Out = filepath.Join(t.TempDir(), "whole")
			want, err := trainUntil(whole, never)
			if err != nil {
				t.Fatal(err)
			}
			for i, stop := range c.stops {
				r, err := trainUntil(o, stop)
				if !errors.Is(err, ErrInterrupted) {
					t.Fatalf("run to step %d: error %v", stop, err)
				}
				if got := r.trainer.StepNumber(); stop > 0 && got != stop || stop < 0 && got != 6 {
					t.Fatalf("stopped after step %d, want %d", got, stop)
				}
				// Every other time with another number of threads.
				o.Resume, o.Threads = true, 1+i%2
			}
			got, err := trainUntil(o, never)
			if err != nil {
				t.Fatal(err)
			}
			names := []string{pair.FloatFile, pair.Int8File, manifoldFile, reconstructionsFile, latentFile, lossFile}
			if o.Animated {
				names = append(names, animationFile)
			}
			for _, name := range names {
				a, err := os.ReadFile(whole.Out + "/" + name)
				if err != nil {
					t.Fatal(err)
				}
				b, err := os.ReadFile(o.Out + "/" + name)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(a, b) {
					t.Errorf("%s differs from that of a run without interruption", name)
				}
			}
			for i, e := range got.Done {
				if w := want.Done[i]; e.Train != w.Train || e.Test != w.Test {
					t.Errorf("epoch %d: %+v, want %+v", i+1, e, w)
				}
			}
		})
	}
}

func TestCheckpointRefused(t *testing.T) {
	o := testOptions(t)
	if _, err := trainUntil(o, 1); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.Out, CheckpointFile)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"format", weightstest.Replace("format", "checkpoint", "float"), `format "vae-edge-float"`},
		{"version", weightstest.Replace("version", "1", "2"), `version "2"`},
		{"no JSON", weightstest.Replace("run", "{", "["), "description of the run"},
		{"no time", weightstest.Replace("run", `"seconds":`, `"seconds":"`), "description of the run"},
		{"invalid setting", weightstest.Replace("run", `"batch":16`, `"batch":0`), "batch 0"},
		{"another network", weightstest.Replace("run", `"latent":2`, `"latent":3`), "has the shape"},
		{"another optimizer", weightstest.Replace("run", `"optimizer":"adam"`, `"optimizer":"rmsprop"`), "is missing"},
		{"more epochs done than there are", weightstest.Replace("run", `"epochs":null`, `"epochs":[{},{},{}]`), "3 epochs are done of 2"},
		{"another epoch", weightstest.Replace("run", `"epochs":null`, `"epochs":[{}]`), "step 1 does not belong to epoch 2"},
		{"another data set", weightstest.Replace("run", `"data_sha256":"`, `"data_sha256":"0`), "the images are not those"},
		{"a tensor too many", func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.New("more", []float32{1}, 1))
		}, "tensors, this run has"},
		{"a tensor too few", func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }, "is missing"},
		{"a number that is none", func(f *safetensors.File) {
			binary.LittleEndian.PutUint32(f.Tensors[0].Data, 0x7fc00000)
		}, "not finite: it cannot be resumed from, delete it to train anew"},
		{"another name", weightstest.Replace("run", `"name":"data-2"`, `"name":"../x"`), `name is "../x"`},
		{"a tensor of another type", func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "weights.decoder.conv.bias" })
			f.Tensors[i].DType = safetensors.Int32
		}, "holds I32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, intact, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, weightstest.Edit(t, path, c.change), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := trainUntil(o, 1); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}

// A run goes on with the layers that it began with, whatever has become of their file, and says so
// if it is named again.
func TestNetworkResumed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "network.json"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "network.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	o := testOptions(t, "--network", file)
	if _, err := trainUntil(o, 1); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.Out, CheckpointFile)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	resume := func() error {
		r := newRun(context.Background(), o, quiet())
		r.interrupted = func() bool { return true }
		return r.do()
	}
	if err := resume(); !errors.Is(err, ErrInterrupted) {
		t.Errorf("named again: error %v", err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("12"), []byte("13"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := resume(); err == nil || !strings.Contains(err.Error(), "its layers are not those that the run began with") {
		t.Errorf("another network by the same name: error %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	o.Said = nil
	if _, err := trainUntil(o, 2); !errors.Is(err, ErrInterrupted) {
		t.Errorf("without its file: error %v", err)
	}
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"no layers", weightstest.Replace("run", `"layers":`, `"stairs":`), "has layers of its own: false"},
		{"layers of a preset", weightstest.Replace("run", `"network":"`, `"network":"book","old":"`), "has layers of its own: true"},
		{"layers that do not chain", weightstest.Replace("run", `"out":[4,4,10]`, `"out":[4,5,10]`), "decoder.1"},
		{"layers for other images", weightstest.Replace("run", `"layers":{"image":[8,8,1]`, `"layers":{"image":[8,8,3]`), "the network is for images of 8 x 8 x 3"},
		{"other layers", weightstest.Replace("run", `"out":[4,4,12]`, `"out":[4,4,14]`), "has the shape"},
	} {
		if err := os.WriteFile(path, intact, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, weightstest.Edit(t, path, c.change), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := trainUntil(o, 2); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
	}
}

// Who removes the directory of a run loses no more than the pictures and the frames that were
// there.
func TestOutRemoved(t *testing.T) {
	o := testOptions(t, "--animate")
	r := newRun(context.Background(), o, quiet())
	at := 0
	r.interrupted = func() bool {
		if at++; at == 2 || len(r.Done) == r.Epochs && at%2 == 0 {
			if err := os.RemoveAll(o.Out); err != nil {
				t.Error(err)
			}
		}
		return false
	}
	if err := r.do(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pair.FloatFile, pair.Int8File, manifoldFile, RecordFile} {
		if _, err := os.Stat(filepath.Join(o.Out, name)); err != nil {
			t.Error(err)
		}
	}
}

// A picture that cannot be replaced does not end training, and what is lacking in the end is made
// once it can be.
func TestPictureInTheWay(t *testing.T) {
	o := testOptions(t)
	var stderr strings.Builder
	r := newRun(context.Background(), o, console.New("run", io.Discard, &stderr))
	inTheWay := filepath.Join(o.Out, manifoldFile)
	r.interrupted = func() bool {
		if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o755); err != nil {
			t.Error(err)
		}
		return false
	}
	if err := r.do(); err == nil || len(r.Done) != 2 {
		t.Fatalf("after %d epochs, error %v", len(r.Done), err)
	}
	// After the second epoch, too, if this machine is slow
	if got := strings.Count(stderr.String(), "are not drawn"); got != 1 && got != 2 {
		t.Errorf("%d warnings, want one: %s", got, stderr.String())
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	if _, err := trainUntil(o, never); err != nil {
		t.Error(err)
	}
}

// A checkpoint that is cut anywhere, or empty, is refused as it is read.
func TestCheckpointCut(t *testing.T) {
	o := testOptions(t)
	if _, err := trainUntil(o, 1); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.Out, CheckpointFile)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 7, 8, 9, 100, 1000, 10000, len(intact) / 2, len(intact) - 4, len(intact) - 1, len(intact) + 1} {
		cut := append(slices.Clone(intact), 0)[:n]
		if err := os.WriteFile(path, cut, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readCheckpoint(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%d bytes of %d: error %v", n, len(intact), err)
		}
	}
}

// While a run is writing to a directory, no other is begun there; what one that was killed has left
// is removed by the next.
func TestLock(t *testing.T) {
	o := testOptions(t)
	r := newRun(context.Background(), o, quiet())
	asked := false
	r.interrupted = func() bool {
		if !asked {
			asked = true
			if _, err := trainUntil(o, never); err == nil || !strings.Contains(err.Error(), "another run writes to "+o.Out) {
				t.Errorf("the other run: error %v", err)
			}
		}
		return true
	}
	if err := r.do(); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if err := os.MkdirAll(r.path(framesFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	left := []string{r.path("." + manifoldFile + ".123.tmp"), r.path(framesFolder + "/.00000001.png.123.tmp")}
	mine := r.path("note.tmp")
	for _, name := range append(left, mine) {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o.Resume = true
	if _, err := trainUntil(o, never); err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", name)
		}
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

// Few steps are half warm-up, many a tenth, at most 100.
func TestWarmup(t *testing.T) {
	for steps, want := range map[int]int{1: 0, 15: 7, 62: 31, 100: 50, 500: 50, 700: 70, 1000: 100, 20_000: 100} {
		if got := warmup(steps); got != want {
			t.Errorf("%d steps: %d of warm-up, want %d", steps, got, want)
		}
	}
}

// A file that cannot be written ends the run with the command that continues it.
func TestUnwritable(t *testing.T) {
	gate.Only(t)
	o := testOptions(t)
	if _, err := trainUntil(o, never); err != nil {
		t.Fatal(err)
	}
	r := newRun(context.Background(), o, quiet())
	taken := r.path(lossFile)
	r.interrupted = func() bool {
		if len(r.Done) == r.Epochs { // it is about to write its results
			if err := errors.Join(os.RemoveAll(taken), os.Mkdir(taken, 0o755)); err != nil {
				t.Error(err)
			}
		}
		return false
	}
	err := r.do()
	if err == nil || !strings.Contains(err.Error(), taken) || !strings.HasSuffix(err.Error(), "\n  "+o.Again) {
		t.Fatalf("error %v", err)
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	if _, err := trainUntil(o, never); err != nil {
		t.Error(err)
	}

	// Without a checkpoint there is nothing to continue.
	if err := r.resumable(&fs.PathError{Op: "write", Path: taken, Err: io.ErrShortWrite}); strings.Contains(err.Error(), "go on") {
		t.Errorf("error %v", err)
	}
}

// A run does not touch one of a generative adversarial network, whether that is done or not.
func TestOtherKind(t *testing.T) {
	dir := t.TempDir()
	o := Options{Out: dir}
	if err := weights.WriteCheckpoint(filepath.Join(dir, CheckpointFile), weights.GAN, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, o.Resume = range []bool{true, false} {
		if _, err := trainUntil(o, never); !errors.Is(err, weights.ErrOtherKind) || strings.Contains(err.Error(), "delete") {
			t.Errorf("its checkpoint: %v", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, folder.GAN), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := trainUntil(o, never); err == nil || !strings.Contains(err.Error(), "has a training run of a generative adversarial network") {
		t.Errorf("in the folder of one: %v", err)
	}
}

// What cannot be finished, or would take all memory, is refused before it is begun.
func TestSizeRefused(t *testing.T) {
	for _, c := range []struct {
		side, n int
		flags   []string
		want    string
	}{
		{28, 60000, nil, ""},
		{28, 60000, []string{"--latent", "512", "--batch", "16384"}, ""},
		{256, 100, nil, ""},
		{256, 3000, []string{"--batch", "2000"}, "a batch of 2000 images of 256 x 256 needs 16378 MB"},
		{256, 1000, []string{"--batch", "2000"}, ""}, // a batch is never larger than the set
		{128, 100, []string{"--latent", "512"}, "take fewer latent dimensions or smaller images"},
		{128, 100, []string{"--latent", "512", "--optimizer", "rmsprop"}, "take fewer latent dimensions"},
		{27, 100, nil, "a side of 27 is no multiple"},
	} {
		o := parse(t, c.flags, "")
		r := newRun(context.Background(), o, quiet())
		r.train = &dataset.Set{N: c.n, Height: c.side, Width: c.side, Channels: 1}
		description, err := r.describe(r.train.Shape())
		if err == nil {
			err = r.checkSize(description)
		}
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d images of %d x %d with %q: error %v, want %q", c.n, c.side, c.side, c.flags, err, c.want)
		}
	}
}

// The weights of a KL term that is annealed.
func TestKLWeight(t *testing.T) {
	elbo := Config{Loss: "elbo", KLWeight: 2}
	book := Config{Loss: "book", KLWeight: 2}
	for _, c := range []struct {
		config      Config
		step, steps int
		want        float64
	}{
		{elbo, 27, 9000, 0.02}, {elbo, 1350, 9000, 1}, {elbo, 2700, 9000, 2}, {elbo, 9000, 9000, 2}, {elbo, 1, 1, 2},
		{book, 1, 9380, 2}, {Config{Loss: "elbo"}, 5, 100, 0},
	} {
		if got := c.config.klWeight(c.step, c.steps); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: KL weight %v at step %d of %d, want %v", c.config.Loss, got, c.step, c.steps, c.want)
		}
	}
}

// The settings that must agree with a checkpoint are those of the configuration.
func TestValues(t *testing.T) {
	c := Config{Network: "file.json", Layers: &model.Network{}, Mirror: no}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	// What the network's file says goes with its name
	if n, want := len(c.Values()), len(fields)-2; n != want {
		t.Errorf("%d settings are compared, want %d: all but the folder of the data", n, want)
	}
	for name := range c.Values() {
		if settings[name] == nil {
			t.Errorf("nothing sets %s", name)
		}
	}
}

// A run that could not come to its end is refused before it begins.
func TestCheckSize(t *testing.T) {
	for _, c := range []struct {
		side, latent, batch int
		network, optimizer  string
		want                string
	}{
		{28, 2, 32, "", "adam", ""},
		{256, 2, 32, "", "adam", ""},
		{128, 64, 1, "", "rmsprop", "MB of memory, the most is 8192: take fewer latent"},
		{128, 64, 1, "mine.json", "rmsprop", "give its layers fewer channels"},
		{256, 16, 1, "", "adam", "need a checkpoint of 1741 MB, the most is 1024: take fewer latent"},
		{256, 2, 1 << 12, "", "adam", "of memory, the most is 8192: make it smaller"},
	} {
		r := &run{train: &dataset.Set{N: 1 << 14, Height: c.side, Width: c.side, Channels: 1}}
		r.Batch, r.Network, r.Optimizer = c.batch, c.network, c.optimizer
		n, err := model.Preset(BookNetwork, r.train.Shape(), c.latent)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.checkSize(vae.Config{Network: n}); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("sides of %d, %d dimensions, batch %d, %q: error %v, want %q", c.side, c.latent, c.batch, c.network, err, c.want)
		}
	}
}

// A disk that is full after an epoch is no reason to stop: the next checkpoint may have room.
func TestUnsavedEpoch(t *testing.T) {
	o := testOptions(t)
	var stderr strings.Builder
	r := newRun(context.Background(), o, console.New("run", io.Discard, &stderr))
	inTheWay := r.path(CheckpointFile)
	begun := false
	r.interrupted = func() bool {
		var err error
		switch {
		case !begun:
			begun = true
			err = os.MkdirAll(filepath.Join(inTheWay, "x"), 0o755)
		case len(r.Done) == 1 && r.trainer.StepNumber() > 4:
			err = os.RemoveAll(inTheWay)
		}
		if err != nil {
			t.Error(err)
		}
		return false
	}
	if err := r.do(); err != nil || len(r.Done) != 2 {
		t.Errorf("after %d epochs, error %v", len(r.Done), err)
	}
	if got := stderr.String(); strings.Count(got, "epoch 1 is not saved") != 1 || strings.Contains(got, "epoch 2 is not saved") {
		t.Errorf("warnings %q", got)
	}
}

// FuzzCheckpoint lies in the description of a checkpoint, whose checksum is right.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	o := options(f, dir, 40, 10, "--epochs", "1", "--batch", "20")
	if _, err := trainUntil(o, 1); !errors.Is(err, ErrInterrupted) {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.Out, CheckpointFile))
	if err != nil {
		f.Fatal(err)
	}
	weightstest.FuzzMetadata(f, data, "run", "version", func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), CheckpointFile)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if c, err := readCheckpoint(path); err == nil && c.Config.Validate() != nil {
			t.Errorf("accepted, but: %v", c.Config.Validate())
		}
	})
}

// FuzzSettings: whatever a setting is set to, it is understood or refused.
func FuzzSettings(f *testing.F) {
	o := options(f, f.TempDir(), 4, 1)
	for name, value := range o.Values() {
		f.Add(name, fmt.Sprint(value))
	}
	f.Add("seed", "18446744073709551615")
	f.Add("kl-weight", "NaN")
	f.Fuzz(func(t *testing.T, name, value string) {
		if settings[name] == nil {
			t.Skip()
		}
		c := Config{Epochs: 1, Loss: string(vae.LossELBO)}
		if c.Set(name, value) != nil {
			return
		}
		c.Complete(false)
		if err := c.Validate(); err != nil {
			t.Fatalf("understood, but: %v", err)
		}
	})
}

// TestModelName: what names a data set may have names a model.
func TestModelName(t *testing.T) {
	for data, want := range map[string]string{
		"mnist": "mnist-2", "fashion_MNIST": "fashion-mnist-2", "日本": "vae-2", strings.Repeat("a", 80): strings.Repeat("a", 48) + "-2",
	} {
		if got := modelName(&dataset.Set{Name: data}, 2); got != want {
			t.Errorf("name of a model of %q is %q, want %q", data, got, want)
		}
	}
}

// A checkpoint has room for the figures of the longest run.
func TestManyEpochs(t *testing.T) {
	r, err := trainUntil(testOptions(t), 1)
	if !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	const long = -123456.78901234567
	f := figures{long, long, long, long, long, 0} // there is no loss that has all
	for i := range maxEpochs {
		r.Done = append(r.Done, epochFigures{i + 1, f, f, long, long, long})
	}
	r.Epochs = maxEpochs
	if err := r.writeCheckpoint(); err != nil {
		t.Fatal(err)
	}
	saved, err := readCheckpoint(r.path(CheckpointFile))
	if err != nil || len(saved.Done) != maxEpochs {
		t.Errorf("error %v", err)
	}
}
