package run

import (
	"context"
	"errors"
	"image/gif"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
)

func TestFrameSteps(t *testing.T) {
	for _, c := range []struct {
		epochs, batch, n int
		least, most      int // frames
	}{
		{10, 64, 60000, 110, mostFrames}, {2, 32, 16000, fewestFrames, fewestFrames}, {100, 64, 60000, mostFrames, mostFrames},
		{1, 64, 10, 2, 2}, {1, 32, 320, 5, 11}, {10000, 1, 60000, mostFrames, mostFrames},
	} {
		r := &run{Options: Options{Config: Config{Epochs: c.epochs, Batch: c.batch}}, train: &dataset.Set{N: c.n}}
		steps := r.frameSteps()
		if len(steps) < c.least || len(steps) > c.most {
			t.Errorf("%+v: %d frames", c, len(steps))
		}
		if steps[0] != 0 || steps[len(steps)-1] != r.steps() {
			t.Errorf("%+v: frames from step %d to %d of %d", c, steps[0], steps[len(steps)-1], r.steps())
		}
		for i := range steps[1:] {
			if steps[i+1] <= steps[i] || i > 0 && steps[i+1]-steps[i] < steps[i]-steps[i-1]-1 {
				t.Errorf("%+v: frames do not lie further and further apart: %v", c, steps)
				break
			}
		}
	}
}

func framesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, framesFolder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Frames of another run do not get into the animation, and what is not a frame is left alone.
func TestAnimate(t *testing.T) {
	o := testOptions(t, "--animate")
	dir := filepath.Join(o.Out, framesFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"00000001.png", "00000077.png", "mine.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var stderr strings.Builder
	if err := newRun(context.Background(), o, console.New("run", io.Discard, &stderr)).do(); err != nil {
		t.Fatal(err)
	}
	want := []string{"00000000.png", "00000001.png", "00000002.png", "00000003.png", "00000004.png", "00000005.png", "00000006.png", "mine.png"}
	if got := framesOf(t, o.Out); !slices.Equal(got, want) || stderr.Len() > 0 {
		t.Errorf("frames %q, want %q; %s", got, want, stderr.String())
	}
	f, err := os.Open(filepath.Join(o.Out, animationFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	g, err := gif.DecodeAll(f)
	if err != nil || len(g.Image) != 7 || g.LoopCount != 0 {
		t.Fatalf("%d frames in the animation, error %v", len(g.Image), err)
	}
	for i := range g.Image[1:] {
		if slices.Equal(g.Image[i].Pix, g.Image[i+1].Pix) {
			t.Errorf("frames %d and %d are equal", i, i+1)
		}
	}
}

// A run that is animated only since it was resumed has the frames from there on, and none of an
// earlier run.
func TestAnimateLate(t *testing.T) {
	gate.Only(t)
	o := testOptions(t, "--animate")
	if _, err := trainUntil(o, never); err != nil {
		t.Fatal(err)
	}
	o.Animated = false
	if _, err := trainUntil(o, 2); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	o.Resume, o.Animated = true, true
	if _, err := trainUntil(o, 3); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	o.Animated = false // the checkpoint knows
	if _, err := trainUntil(o, never); err != nil {
		t.Fatal(err)
	}
	if got, want := framesOf(t, o.Out), []string{"00000003.png", "00000004.png", "00000005.png", "00000006.png"}; !slices.Equal(got, want) {
		t.Errorf("frames %q, want %q", got, want)
	}
}

// A frame that is missing or damaged is left out, with a warning if it is there.
func TestAnimateWithoutAFrame(t *testing.T) {
	gate.Only(t)
	o := testOptions(t, "--animate")
	var stderr strings.Builder
	r := newRun(context.Background(), o, console.New("run", io.Discard, &stderr))
	r.interrupted = func() bool {
		if r.trainer.StepNumber() == 3 {
			os.Remove(r.framePath(1))
			os.WriteFile(r.framePath(2), []byte("cut"), 0o644)
		}
		return false
	}
	if err := r.do(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(stderr.String(), "is no frame of this run"); got != 1 {
		t.Errorf("%d warnings, want 1: %s", got, stderr.String())
	}
	data, err := os.ReadFile(filepath.Join(o.Out, animationFile))
	if err != nil {
		t.Fatal(err)
	}
	if g, err := gif.DecodeAll(strings.NewReader(string(data))); err != nil || len(g.Image) != 5 {
		t.Errorf("the animation has %d frames, want 5; error %v", len(g.Image), err)
	}
}
