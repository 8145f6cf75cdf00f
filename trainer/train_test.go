package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// testOptions are those of a run of two epochs of four steps, the last two of which are the int8
// decoder's.
func testOptions(t *testing.T, flags ...string) options {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if err := writeDigits(data, 60, 20); err != nil {
		t.Fatal(err)
	}
	o, err := parseTrain(append([]string{"--epochs", "2", "--batch", "16", "--data", data, "--out", filepath.Join(t.TempDir(), "out")}, flags...))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// parseTrain reads the flags of a training run.
func parseTrain(args []string) (options, error) {
	o, err := readLine(args)
	if err != nil {
		return options{}, err
	}
	return *o, nil
}

// What a run may be made to end at instead of a step: finishing-k is when it asks for the k-th time
// after the last epoch whether it is to end.
const (
	never     = -1
	finishing = -2
)

// trainUntil carries out a run that is interrupted after a step.
func trainUntil(o options, stop int) (*trainingRun, error) {
	r := newRun(context.Background(), o, newConsole(io.Discard, io.Discard))
	asked := 0
	r.interrupted = func() bool {
		if stop <= finishing && len(r.Done) == r.Epochs {
			asked++
			return asked > finishing-stop
		}
		return stop >= 0 && r.trainer.StepNumber() >= stop
	}
	return r, r.run()
}

// A run that is interrupted after every single step, and wherever else it can be, ends as one that
// was not.
func TestResume(t *testing.T) {
	for _, flags := range [][]string{
		{"--latent", "3"}, {"--loss", "book"}, {"--kl-weight", "0", "--animate"}, {"--network", filepath.Join("testdata", "network.json")},
	} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			if testing.Short() && flags[0] != "--kl-weight" {
				t.Skip("long: the other has goroutines for the pictures, too")
			}
			o := testOptions(t, flags...)
			whole := o
			whole.out = filepath.Join(t.TempDir(), "whole")
			want, err := trainUntil(whole, never)
			if err != nil {
				t.Fatal(err)
			}
			for i, stop := range []int{1, 2, 3, 4, 5, 6, finishing, finishing, finishing - 1, finishing - 2} {
				r, err := trainUntil(o, stop)
				if !errors.Is(err, errInterrupted) {
					t.Fatalf("run to step %d: error %v", stop, err)
				}
				if got := r.trainer.StepNumber(); got != min(i+1, 6) {
					t.Fatalf("stopped after step %d, want %d", got, stop)
				}
				// Every other time with another number of threads.
				o.resume, o.threads = true, 1+i%2
			}
			got, err := trainUntil(o, never)
			if err != nil {
				t.Fatal(err)
			}
			names := []string{floatFile, int8File, manifoldFile, reconstructionsFile, latentFile, lossFile}
			if o.animated {
				names = append(names, animationFile)
			}
			for _, name := range names {
				a, err := os.ReadFile(whole.out + "/" + name)
				if err != nil {
					t.Fatal(err)
				}
				b, err := os.ReadFile(o.out + "/" + name)
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

// edit changes a safetensors file.
func edit(t *testing.T, name string, change func(f *safetensors.File)) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	if data, err = f.Marshal(); err != nil {
		t.Fatal(err)
	}
	return data
}

func replace(key, old, new string) func(f *safetensors.File) {
	return func(f *safetensors.File) {
		f.Metadata[key] = strings.Replace(f.Metadata[key], old, new, 1)
	}
}

func TestCheckpointRefused(t *testing.T) {
	o := testOptions(t)
	if _, err := trainUntil(o, 1); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.out, checkpointFile)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o.resume = true
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"format", replace("format", "checkpoint", "float"), `format "vae-edge-float"`},
		{"version", replace("version", "1", "2"), `version "2"`},
		{"no JSON", replace("run", "{", "["), "description of the run"},
		{"no time", replace("run", `"seconds":`, `"seconds":"`), "description of the run"},
		{"invalid setting", replace("run", `"batch":16`, `"batch":0`), "--batch 0"},
		{"another network", replace("run", `"latent":2`, `"latent":3`), "has the shape"},
		{"another optimizer", replace("run", `"optimizer":"adam"`, `"optimizer":"rmsprop"`), "is missing"},
		{"more epochs done than there are", replace("run", `"epochs":null`, `"epochs":[{},{},{}]`), "3 epochs are done of 2"},
		{"another epoch", replace("run", `"epochs":null`, `"epochs":[{}]`), "step 1 does not belong to epoch 2"},
		{"another data set", replace("run", `"data_sha256":"`, `"data_sha256":"0`), "the images are not those"},
		{"a tensor too many", func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.New("more", []float32{1}, 1))
		}, "tensors, this run has"},
		{"a tensor too few", func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }, "is missing"},
		{"a number that is none", func(f *safetensors.File) {
			binary.LittleEndian.PutUint32(f.Tensors[0].Data, 0x7fc00000)
		}, "not finite: it cannot be resumed from, delete it to train anew"},
		{"another name", replace("run", `"name":"data-2"`, `"name":"../x"`), `name is "../x"`},
		{"a tensor of another type", func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "weights.decoder.conv.bias" })
			f.Tensors[i].DType = safetensors.Int32
		}, "holds I32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(path, intact, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, edit(t, path, c.change), 0o644); err != nil {
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
	if _, err := trainUntil(o, 1); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.out, checkpointFile)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o.resume = true
	resume := func() error {
		r := newRun(context.Background(), o, newConsole(io.Discard, io.Discard))
		r.interrupted = func() bool { return true }
		return r.run()
	}
	if err := resume(); !errors.Is(err, errInterrupted) {
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
	o.line = cli.Line{}
	if _, err := trainUntil(o, 2); !errors.Is(err, errInterrupted) {
		t.Errorf("without its file: error %v", err)
	}
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"no layers", replace("run", `"layers":`, `"stairs":`), "has layers of its own: false"},
		{"layers of a preset", replace("run", `"network":"`, `"network":"book","old":"`), "has layers of its own: true"},
		{"layers that do not chain", replace("run", `"out":[4,4,10]`, `"out":[4,5,10]`), "decoder.1"},
		{"layers for other images", replace("run", `"layers":{"image":[8,8,1]`, `"layers":{"image":[8,8,3]`), "the network is for images of 8 x 8 x 3"},
		{"other layers", replace("run", `"out":[4,4,12]`, `"out":[4,4,14]`), "has the shape"},
	} {
		if err := os.WriteFile(path, intact, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, edit(t, path, c.change), 0o644); err != nil {
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
	r := newRun(context.Background(), o, newConsole(io.Discard, io.Discard))
	at := 0
	r.interrupted = func() bool {
		if at++; at == 2 || len(r.Done) == r.Epochs && at%2 == 0 {
			if err := os.RemoveAll(o.out); err != nil {
				t.Error(err)
			}
		}
		return false
	}
	if err := r.run(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{floatFile, int8File, manifoldFile, reportFile} {
		if _, err := os.Stat(filepath.Join(o.out, name)); err != nil {
			t.Error(err)
		}
	}
}

// A float32 and an int8 model of two runs are no pair.
func TestOfOneRun(t *testing.T) {
	floats, _ := pretrained.Weights(decoder.DefaultModel)
	_, concepts, err := parseFloat(floats)
	if err != nil {
		t.Fatal(err)
	}
	q, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	if !ofOneRun(concepts, q) {
		t.Error("the built-in model is not of one run")
	}
	concepts[3].Mean[1] += 2.1 / float64(q.LatentSteps)
	if ofOneRun(concepts, q) {
		t.Error("another mean goes unnoticed")
	}
	if ofOneRun(concepts[:3], q) {
		t.Error("concepts that are missing go unnoticed")
	}
}

// A picture that cannot be replaced does not end training, and what is lacking in the end is made
// once it can be.
func TestPictureInTheWay(t *testing.T) {
	o := testOptions(t)
	var stderr strings.Builder
	r := newRun(context.Background(), o, newConsole(io.Discard, &stderr))
	inTheWay := filepath.Join(o.out, manifoldFile)
	r.interrupted = func() bool {
		if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o755); err != nil {
			t.Error(err)
		}
		return false
	}
	if err := r.run(); err == nil || len(r.Done) != 2 {
		t.Fatalf("after %d epochs, error %v", len(r.Done), err)
	}
	if got := strings.Count(stderr.String(), "are not drawn"); got != 2 {
		t.Errorf("%d warnings, want 2: %s", got, stderr.String())
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	o.resume = true
	if _, err := trainUntil(o, never); err != nil {
		t.Error(err)
	}
}

// A checkpoint that is cut anywhere, or empty, is refused as it is read.
func TestCheckpointCut(t *testing.T) {
	o := testOptions(t)
	if _, err := trainUntil(o, 1); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.out, checkpointFile)
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
	r := newRun(context.Background(), o, newConsole(io.Discard, io.Discard))
	asked := false
	r.interrupted = func() bool {
		if !asked {
			asked = true
			if _, err := trainUntil(o, never); err == nil || !strings.Contains(err.Error(), "another run writes to --out "+o.out) {
				t.Errorf("the other run: error %v", err)
			}
		}
		return true
	}
	if err := r.run(); !errors.Is(err, errInterrupted) {
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
	o.resume = true
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
	o := testOptions(t)
	if _, err := trainUntil(o, never); err != nil {
		t.Fatal(err)
	}
	r := newRun(context.Background(), o, newConsole(io.Discard, io.Discard))
	taken := r.path(lossFile)
	r.interrupted = func() bool {
		if len(r.Done) == r.Epochs { // it is about to write its results
			if err := errors.Join(os.RemoveAll(taken), os.Mkdir(taken, 0o755)); err != nil {
				t.Error(err)
			}
		}
		return false
	}
	err := r.run()
	if err == nil || !strings.Contains(err.Error(), taken) || !strings.HasSuffix(err.Error(), "\n  "+resumeCommand(o)) {
		t.Fatalf("error %v", err)
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	o.resume = true
	if _, err := trainUntil(o, never); err != nil {
		t.Error(err)
	}

	// Without a checkpoint there is nothing to continue.
	if err := r.resumable(&fs.PathError{Op: "write", Path: taken, Err: io.ErrShortWrite}); strings.Contains(err.Error(), "resume") {
		t.Errorf("error %v", err)
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

// What is no file, or too large a one, is refused without reading it.
func TestReadFileRefuses(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxFile+1); err != nil {
		t.Skip(err) // no room, and no holes
	}
	for name, want := range map[string]string{dir: "not a regular file", os.DevNull: "not a regular file", large: "too many"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := readFile(name, maxFile)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: took %d bytes", name, n)
		}
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
		{256, 3000, []string{"--batch", "2000"}, "--batch 2000 of images of 256 x 256 needs 16378 MB"},
		{256, 1000, []string{"--batch", "2000"}, ""}, // a batch is never larger than the set
		{128, 100, []string{"--latent", "512"}, "lower --latent or make the images smaller"},
		{128, 100, []string{"--latent", "512", "--optimizer", "rmsprop"}, "lower --latent"},
		{27, 100, nil, "a side of 27 is no multiple"},
	} {
		o, err := parseTrain(c.flags)
		if err != nil {
			t.Fatal(err)
		}
		r := newRun(context.Background(), o, newConsole(io.Discard, io.Discard))
		r.train = &mnist.Set{N: c.n, Height: c.side, Width: c.side, Channels: 1}
		description, err := r.describe(r.train.Shape())
		if err == nil {
			err = r.checkSize(description)
		}
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d images of %d x %d with %q: error %v, want %q", c.n, c.side, c.side, c.flags, err, c.want)
		}
	}
}

// A damaged checkpoint is no wrong usage, and the error names it.
func TestDamagedCheckpointStatus(t *testing.T) {
	o := testOptions(t)
	if _, err := trainUntil(o, 1); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.out, checkpointFile)
	if err := os.WriteFile(path, edit(t, path, replace("run", `"batch":16`, `"batch":0`)), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if status := realMain([]string{"--resume", "--out", o.out}, io.Discard, &stderr); status != 1 || !strings.Contains(stderr.String(), path) {
		t.Errorf("status %d, %q: want 1 and the file's name", status, stderr.String())
	}
}

func TestFloatFile(t *testing.T) {
	c := vae.Config{Network: modeltest.Book(4, 6, 3, 2, 5), Loss: vae.LossBook, KLWeight: 0.5}
	m, err := vae.New(c, 7)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := marshalFloat(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, none, err := parseFloat(plain); err != nil || none != nil {
		t.Errorf("a file without concepts has %v, %v", none, err)
	}
	concepts := []concept.Concept{
		{Name: "a", Mean: []float64{1, 2}, Direction: []float64{3, 4}, Threshold: 5},
		{Name: "b", Mean: []float64{6, 7}, Direction: []float64{8, 9}, Threshold: 10},
	}
	data, err := marshalFloat(m, concepts)
	if err != nil {
		t.Fatal(err)
	}
	got, gotConcepts, err := parseFloat(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(gotConcepts, concepts) {
		t.Errorf("concepts %v, want %v", gotConcepts, concepts)
	}
	if !reflect.DeepEqual(got.Config, c) {
		t.Errorf("config %+v, want %+v", got.Config, c)
	}
	for i, p := range m.Params() {
		if !slices.Equal(p.Data, got.Params()[i].Data) {
			t.Errorf("%s has changed", p.Name)
		}
	}

	// Another network than the book's is described whole.
	deep := vae.Config{Network: modeltest.Deep(), Loss: vae.LossELBO, KLWeight: 1}
	dm, err := vae.New(deep, 7)
	if err != nil {
		t.Fatal(err)
	}
	deepData, err := marshalFloat(dm, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err = parseFloat(deepData)
	if err != nil || !reflect.DeepEqual(got.Config, deep) || !slices.Equal(got.Params()[3].Data, dm.Params()[3].Data) {
		t.Errorf("another network comes back as %+v, error %v", got, err)
	}
	deepName := filepath.Join(t.TempDir(), "deep")
	if err := os.WriteFile(deepName, deepData, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"the book's version", replace("version", "2", "1"), "image is missing"},
		{"layers that do not chain", replace("network", `"out":[4,6,9]`, `"out":[4,6,8]`), "has the shape"},
		{"sizes that do not follow", replace("network", `"out":[4,6,9]`, `"out":[4,7,9]`), "encoder.0"},
		{"no decoder", replace("network", `"decoder":`, `"coder":`), "unknown, repeated or unordered"},
		{"unknown field", replace("network", `"latent":4`, `"latent":4,"more":1`), "unknown, repeated or unordered"},
		{"larger network", replace("network", `"out":[1,1,12]`, `"out":[1,1,1000]`), "bytes of weights, there are"},
	} {
		if _, _, err := parseFloat(edit(t, deepName, c.change)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
	}

	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"int8 file", replace("format", "-float", ""), `format "vae-edge"`},
		{"version", replace("version", "1", "0"), `version "0"`},
		{"no JSON", replace("network", "}", ""), "description of the network"},
		{"invalid network", replace("network", `"height":4`, `"height":5`), "a side of 5 is no multiple"},
		{"larger network", replace("network", `"hidden":5`, `"hidden":1000`), "bytes of weights, there are"},
		{"huge network", func(f *safetensors.File) {
			f.Metadata["network"] = `{"height":256,"width":256,"channels":1,"latent":512,"hidden":1024,"loss":"elbo","kl_weight":1}`
		}, "bytes of weights, there are"},
		{"too large a network", replace("network", `"hidden":5`, `"hidden":16000`), "encoder.4"},
		{"unknown field", replace("network", `"height"`, `"depth":1,"height"`), "unknown, repeated or unordered"},
		{"other images", replace("network", `"channels":3`, `"channels":1`), "has the shape"},
		{"missing", func(f *safetensors.File) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "decoder.conv.bias" })
		}, "is missing"},
		{"too many", func(f *safetensors.File) { f.Tensors = append(f.Tensors, safetensors.New("more", []float32{1}, 1)) }, "24 tensors, this network has 23"},
		{"concepts that are not named", func(f *safetensors.File) { delete(f.Metadata, "concepts") }, "23 tensors, this network has 20"},
		{"no list of names", replace("concepts", "]", ""), "names of the concepts"},
		{"names of none", replace("concepts", `"a","b"`, ""), "there are none"},
		{"name twice", replace("concepts", `"b"`, `"a"`), "two concepts are named"},
		{"name", replace("concepts", `"b"`, `"B"`), "is not 1 to 64"},
		{"name too many", replace("concepts", `"b"`, `"b","c"`), "3 concepts of 2 dimensions"},
		{"missing threshold", func(f *safetensors.File) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "concepts.threshold" })
		}, "is missing"},
		{"infinite mean", func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "concepts.mean" })
			f.Tensors[i].Data = slices.Repeat([]byte{0, 0, 0x80, 0x7f}, 4)
		}, "not finite"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := edit(t, name, c.change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := parseFloat(changed)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 16*uint64(len(data)) {
				t.Errorf("took %d bytes for a file of %d", n, len(data))
			}
		})
	}
}

// The grid is that of the book's figure 8-14, which vae-edge's scene also shows: z[0] grows to the
// right and z[1] upwards.
func TestManifoldPoints(t *testing.T) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 3, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []int16
	a := artist{model: m, decode: func(points []int16) []byte {
		got = points
		return make([]byte, len(points)/3*64)
	}}
	a.manifold()
	var q [manifoldSide]int16
	latent.Quantiles(q[:], model.LatentSteps)
	for row := range q {
		for column := range q {
			want := []int16{q[column], q[len(q)-1-row], 0}
			if at := got[(row*len(q)+column)*3:][:3]; !slices.Equal(at, want) {
				t.Fatalf("row %d, column %d is drawn at %v, want %v", row, column, at, want)
			}
		}
	}
}

// With more dimensions the grid may lie in a plane of them.
func TestManifoldPlane(t *testing.T) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 3, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []int16
	plane := latent.Plane{Center: []int16{1, 2, 3}, Axes: [2][]int16{{0, 0, latent.AxisUnit}, {latent.AxisUnit, 0, 0}}}
	a := artist{model: m, plane: &plane, decode: func(points []int16) []byte {
		got = points
		return make([]byte, len(points)/3*64)
	}}
	a.manifold()
	var q [manifoldSide]int16
	latent.Quantiles(q[:], model.LatentSteps)
	if want := []int16{1 + q[manifoldSide-1], 2, 3 + q[0]}; !slices.Equal(got[:3], want) {
		t.Errorf("the first tile is drawn at %v, want %v", got[:3], want)
	}
}

// A float32 file may be of one dimension, which --latent does not make.
func TestGridOfOneDimension(t *testing.T) {
	if got, want := grid([]int16{-5, 5}, latent.NewPlane(1)), []int16{-5, 5, -5, 5}; !slices.Equal(got, want) {
		t.Errorf("grid of %v, want %v", got, want)
	}
}

// Two files that are not of one run are no pair.
func TestPairRefused(t *testing.T) {
	floats, ok := pretrained.Weights(decoder.DefaultModel)
	if !ok {
		t.Fatal("no default model")
	}
	ints, err := model.Synthetic().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := parseFloat(floats)
	if err != nil {
		t.Fatal(err)
	}
	q, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	q.Concepts = nil // as of images of one class
	nameless, err := q.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	own, err := marshalFloat(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := vae.New(m.Config, 1)
	if err != nil {
		t.Fatal(err)
	}
	another, err := marshalFloat(drawn, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		float, int8 []byte
		want        string
	}{
		{"other layers", floats, ints, "both must be of one run"},
		{"concepts in one", floats, nameless, "not of one run"},
		{"other weights", another, nameless, "not of one run"},
		{"a pair", own, nameless, ""},
	} {
		dir := t.TempDir()
		for name, data := range map[string][]byte{floatFile: c.float, int8File: c.int8} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := openPair(dir); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
}

func TestReconstructionsOfManyClasses(t *testing.T) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 2, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := vae.NewRunner(m, 1, nil)
	for _, c := range []struct {
		labels    []byte
		rows      int
		headings  bool
		decodings int
	}{
		{[]byte{0, 1, 0, 1, 0, 0, 0}, 4, true, 8},
		{[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2, false, 12},
	} {
		set := &mnist.Set{Labels: c.labels, N: len(c.labels), Height: 8, Width: 8, Channels: 1, Images: make([]byte, 64*len(c.labels))}
		decodings := 0
		a := artist{model: m, runner: r, test: set, decode: func(points []int16) []byte {
			decodings = len(points) / 2
			return make([]byte, 64*decodings)
		}}
		p := a.reconstructions()
		if decodings != c.decodings {
			t.Errorf("%d classes: %d decodings, want %d", len(c.labels), decodings, c.decodings)
		}
		if h := p.Bounds().Dy(); h < c.rows*2*80 || h > c.rows*2*100+70 {
			t.Errorf("%d classes: height %d is not that of %d rows", len(c.labels), h, c.rows)
		}
	}
}

// The built-in model that is used by default is the one that training without flags makes.
func TestBuiltIn(t *testing.T) {
	want, err := parseTrain(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseTrain(builtIn[0].flags)
	if err != nil {
		t.Fatal(err)
	}
	if got.config != want.config {
		t.Errorf("%s is made with %+v, want %+v", builtIn[0].name, got.config, want.config)
	}
	for _, b := range builtIn {
		o, err := parseTrain(b.flags)
		if err != nil {
			t.Fatal(err)
		}
		if name := modelName(&mnist.Set{Name: "mnist"}, o.Latent); name != b.name {
			t.Errorf("the model %s would be named %s by training", b.name, name)
		}
	}
}

// The weights of a KL term that is annealed.
func TestKLWeight(t *testing.T) {
	elbo := config{Loss: "elbo", KLWeight: 2}
	book := config{Loss: "book", KLWeight: 2}
	for _, c := range []struct {
		config      config
		step, steps int
		want        float64
	}{
		{elbo, 27, 9000, 0.02}, {elbo, 1350, 9000, 1}, {elbo, 2700, 9000, 2}, {elbo, 9000, 9000, 2}, {elbo, 1, 1, 2},
		{book, 1, 9380, 2}, {config{Loss: "elbo"}, 5, 100, 0},
	} {
		if got := c.config.klWeight(c.step, c.steps); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: KL weight %v at step %d of %d, want %v", c.config.Loss, got, c.step, c.steps, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 60000: "60,000", 1234567: "1,234,567"} {
		if got := comma(n); got != want {
			t.Errorf("comma(%d) = %q, want %q", n, got, want)
		}
	}
	for word, want := range map[string]string{"out/a-b_c.1": "out/a-b_c.1", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "": "''"} {
		if got := quoted(word); got != want {
			t.Errorf("quoted(%q) = %q, want %q", word, got, want)
		}
	}
	for data, want := range map[string]string{
		"mnist": "mnist-2", "fashion_MNIST": "fashion-mnist-2", "日本": "vae-2", strings.Repeat("a", 80): strings.Repeat("a", 48) + "-2",
	} {
		if got := modelName(&mnist.Set{Name: data}, 2); got != want {
			t.Errorf("name of a model of %q is %q, want %q", data, got, want)
		}
	}
}

// The flags that must agree with a checkpoint are those of the configuration.
func TestConfigFlags(t *testing.T) {
	c := config{Network: "file.json", Layers: &model.Network{}}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	// What the network's file says goes with its name
	if n, want := len(c.values()), len(fields)-2; n != want {
		t.Errorf("%d settings are compared, want %d: all but --data", n, want)
	}
	for name := range c.values() {
		if table.Find("", name) == nil {
			t.Errorf("there is no --%s", name)
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
		{128, 64, 1, "", "rmsprop", "MB of memory, the most is 8192: lower --latent"},
		{128, 64, 1, "mine.json", "rmsprop", "give its layers fewer channels"},
		{256, 16, 1, "", "adam", "need a checkpoint of 1741 MB, the most is 1024: lower --latent"},
		{256, 2, 1 << 12, "", "adam", "of memory, the most is 8192: lower it"},
	} {
		r := &trainingRun{train: &mnist.Set{N: 1 << 14, Height: c.side, Width: c.side, Channels: 1}}
		r.Batch, r.Network, r.Optimizer = c.batch, c.network, c.optimizer
		n, err := model.Preset(bookNetwork, r.train.Shape(), c.latent)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.checkSize(vae.Config{Network: n}); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("sides of %d, %d dimensions, batch %d, %q: error %v, want %q", c.side, c.latent, c.batch, c.network, err, c.want)
		}
	}
}
