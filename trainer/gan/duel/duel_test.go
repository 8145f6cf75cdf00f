package duel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist/mnisttest"
	"github.com/vae-edge/vae-edge/trainer/gan"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// options are those of a run of two epochs of four steps, and what is set besides.
func options(t *testing.T, dir string, set ...string) Options {
	t.Helper()
	data := filepath.Join(dir, "data")
	if err := mnisttest.WriteDigits(data, 68, 20); err != nil {
		t.Fatal(err)
	}
	o := Options{Out: filepath.Join(dir, "out"), Points: 64, Again: "go on", Said: map[string]bool{}, Cures: map[Trouble]string{Collapse: "wait"}}
	for set = append([]string{"epochs", "2", "batch", "16", "latent", "3", "seed", "4", "data", data}, set...); len(set) > 0; set = set[2:] {
		if err := o.Set(set[0], set[1]); err != nil {
			t.Fatal(err)
		}
		o.Said[set[0]] = true
	}
	return o
}

// until carries out a run that is interrupted after so many steps; below 0: never.
func until(o Options, steps int, out io.Writer) error {
	o.complete()
	m := &match{Options: o, console: console.New("gan", out, out), told: map[Trouble]bool{}}
	m.interrupted = func() bool { return steps >= 0 && m.trainer != nil && m.trainer.StepNumber() >= steps }
	return m.do()
}

func read(t *testing.T, names ...string) (files [][]byte) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	return files
}

// A run writes all its files. One that is interrupted, between epochs, within them or at its end,
// and goes on with another number of threads, writes the same weights.
func TestResumed(t *testing.T) {
	o := options(t, t.TempDir())
	var printed bytes.Buffer
	if err := Train(context.Background(), o, console.New("gan", &printed, &printed)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"critic", "  2/2", "int8 generator learns at 64 points", "index.html shows it all"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &printed)
		}
	}
	for _, name := range resultFiles {
		if info, err := os.Stat(filepath.Join(o.Out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if page := read(t, filepath.Join(o.Out, pageFile))[0]; !report.Is(page) || !bytes.Contains(page, []byte("data:image/png")) {
		t.Error("the page is none, or lacks its pictures")
	}
	if _, err := os.Stat(filepath.Join(o.Out, run.CheckpointFile)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the checkpoint is left")
	}
	_, q, err := pair.OpenAlone(o.Out)
	if err != nil || q.Latent != 3 || q.Image != [3]int{8, 8, 1} {
		t.Fatalf("%v", err)
	}
	want := read(t, filepath.Join(o.Out, pair.FloatFile), filepath.Join(o.Out, pair.Int8File))

	o = options(t, t.TempDir())
	o.Threads = 1
	for i, stop := range []int{0, 3, 4, 7, 8} {
		o.Threads, o.Resume = 1+i%2, i > 0
		printed.Reset()
		if err := until(o, stop, &printed); !errors.Is(err, run.ErrInterrupted) || !strings.Contains(printed.String(), fmt.Sprintf("interrupted after step %d of 8; to continue:\n  go on", max(stop, 1))) {
			t.Fatalf("interrupted after step %d: %v\n%s", stop, err, &printed)
		}
	}
	// While the int8 generator learns and is measured, at every moment at which that is looked for.
	o.complete()
	for late := 0; ; late++ {
		looked := 0
		m := &match{Options: o, console: console.New("gan", io.Discard, io.Discard), told: map[Trouble]bool{}}
		m.interrupted = func() bool { looked++; return looked > late }
		err := m.do()
		if err == nil {
			if late < 3 {
				t.Errorf("only %d moments at which it can be interrupted", late)
			}
			break
		}
		if !errors.Is(err, run.ErrInterrupted) {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(o.Out, run.CheckpointFile)); err != nil {
			t.Fatal(err)
		}
	}
	for i, got := range read(t, filepath.Join(o.Out, pair.FloatFile), filepath.Join(o.Out, pair.Int8File)) {
		if !bytes.Equal(got, want[i]) {
			t.Errorf("file %d of the run that was interrupted is another", i)
		}
	}
}

const never = -1

// What does not belong together is refused, and nothing is lost.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	o := options(t, dir)
	if err := until(o, 2, io.Discard); !errors.Is(err, run.ErrInterrupted) {
		t.Fatal(err)
	}
	if err := until(o, never, io.Discard); !errors.Is(err, run.ErrUnfinished) {
		t.Errorf("another run in its folder: %v", err)
	}
	for _, c := range []struct {
		set  []string
		want any
	}{
		{[]string{"epochs", "3"}, new(*run.ConflictError)}, {[]string{"latent", "4"}, new(*run.ConflictError)}, {[]string{"seed", "5"}, new(*run.ConflictError)},
	} {
		other := options(t, dir, c.set...)
		other.Resume = true
		if err := until(other, never, io.Discard); !errors.As(err, c.want) {
			t.Errorf("resumed with %v: %v", c.set, err)
		}
	}
	other := options(t, dir)
	other.Resume = true
	if err := mnisttest.WriteDigits(filepath.Join(dir, "data"), 60, 20); err != nil {
		t.Fatal(err)
	}
	if err := until(other, never, io.Discard); !errors.Is(err, run.ErrOtherImages) {
		t.Errorf("of other images: %v", err)
	}
	file := filepath.Join(o.Out, run.CheckpointFile)
	data := read(t, file)[0]
	data[len(data)/2] ^= 1
	for _, damaged := range [][]byte{data[:len(data)-5], data[:100], nil} {
		if err := os.WriteFile(file, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := until(other, never, io.Discard); err == nil || !strings.Contains(err.Error(), "cannot be resumed from") {
			t.Errorf("a damaged checkpoint: %v", err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := until(other, never, io.Discard); err == nil || !strings.Contains(err.Error(), "nothing to resume") {
		t.Errorf("no checkpoint: %v", err)
	}
	// The checkpoint of an autoencoder is not one to delete.
	if err := weights.WriteCheckpoint(file, weights.Autoencoder, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, other.Resume = range []bool{true, false} {
		if err := until(other, never, io.Discard); !errors.Is(err, weights.ErrOtherKind) || strings.Contains(err.Error(), "delete") {
			t.Errorf("the checkpoint of an autoencoder: %v", err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	wide := options(t, t.TempDir(), "batch", fmt.Sprint(gan.MostBatch+1))
	if err := until(wide, never, io.Discard); !errors.As(err, new(*run.SettingError)) {
		t.Errorf("a batch too large: %v", err)
	}
	if err := os.WriteFile(filepath.Join(o.Out, run.RecordFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := until(options(t, dir), never, io.Discard); err == nil || !strings.Contains(err.Error(), "of an autoencoder") {
		t.Errorf("in the folder of an autoencoder: %v", err)
	}
}

// Networks that take all memory are refused before.
func TestSize(t *testing.T) {
	for side, ok := range map[int]bool{28: true, 256: false} {
		c, err := gan.Networks([3]int{side, side, 1}, 512)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkSize(&c); (err == nil) != ok {
			t.Errorf("images of %d pixels a side: %v", side, err)
		}
	}
}

// What goes wrong is named once, with its cure.
func TestTroubles(t *testing.T) {
	even := make([]float64, 10)
	for i := range even {
		even[i] = 0.1
	}
	uneven := append([]float64{0.01, 0.21}, even[2:]...)
	for _, c := range []struct {
		e    Epoch
		want []Trouble
	}{
		{Epoch{Images: 0.8, Drawn: 0.8, Gap: 1, Variety: 1, Classes: even}, nil},
		{Epoch{Images: 0.99, Drawn: 0.98, Gap: 9, Variety: 1}, []Trouble{CriticWins}},
		{Epoch{Images: 0.5, Drawn: 0.5, Gap: 0.001, Variety: 0.9, Classes: uneven}, []Trouble{CriticLost, Uneven}},
		{Epoch{Images: 0.8, Drawn: 0.8, Gap: 1, Variety: 0.1, Classes: uneven}, []Trouble{Collapse}},
	} {
		if got := troubles(c.e); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: %v, want %v", c.e, got, c.want)
		}
	}
	var printed bytes.Buffer
	m := &match{Options: Options{Cures: map[Trouble]string{Uneven: "train for longer"}}, console: console.New("gan", &printed, &printed), told: map[Trouble]bool{}}
	m.Epochs, m.Batch = 9, 1
	m.train = trainSet(2000)
	for epoch := 1; epoch < 5; epoch++ {
		m.name(Epoch{Epoch: epoch, Images: 0.8, Drawn: 0.8, Gap: 1, Variety: 1, Classes: uneven}, true)
	}
	m.Epochs = 1
	if ts := m.troubles(Epoch{Epoch: 1, Images: 0.8, Drawn: 0.8, Gap: 1}); len(ts) != 1 || ts[0] != TooShort {
		t.Errorf("at the end, after %d steps: %v", m.perEpoch(), ts)
	}
	if got, want := printed.String(), "gan: after epoch 2 mode collapse: some classes are drawn far too rarely or too often: class 0 1.0 %, class 1 21.0 %. If that stays so, train for longer\n"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// A full disk in the end says how to go on, and what is there goes on.
func TestNoRoom(t *testing.T) {
	o := options(t, t.TempDir())
	taken := filepath.Join(o.Out, lossFile)
	m := &match{Options: o, console: console.New("gan", io.Discard, io.Discard), told: map[Trouble]bool{}}
	m.complete()
	m.interrupted = func() bool { // once the folder has been found writable
		if err := os.MkdirAll(taken, 0o755); err != nil {
			t.Fatal(err)
		}
		return false
	}
	if err := m.do(); err == nil || !strings.Contains(err.Error(), lossFile) || !strings.HasSuffix(err.Error(), "once that is put right, continue with:\n  go on") {
		t.Fatalf("error %v", err)
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	if err := until(o, never, io.Discard); err != nil {
		t.Error(err)
	}
}

// trainSet is a set of so many images, of which nothing else is known.
func trainSet(n int) *dataset.Set { return &dataset.Set{N: n} }
