package run

import (
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/picture"
)

// The frames of an animation are pictures in a folder, each named by the step after which it was
// drawn. So they survive an interruption, and a run that is resumed before a frame draws the same
// one again. Which steps they are follows from the configuration alone.
const framesFolder = "frames"

var framePattern = regexp.MustCompile(`^\d{8}\.png$`)

func (r *run) framePath(step int) string {
	return filepath.Join(r.Out, framesFolder, fmt.Sprintf("%08d.png", step))
}

// Bounds of an animation: a frame takes about as long as 500 training images, and half a megabyte
// of memory in the end.
const (
	fewestFrames   = 24
	mostFrames     = 120
	imagesPerFrame = 5000
)

// frameSteps are the steps after which a frame is drawn, ascending from 0 to the last. They lie
// close together in the beginning, when a step changes most.
func (r *run) frameSteps() []int {
	n := min(max(r.Epochs*r.train.N/imagesPerFrame, fewestFrames), mostFrames)
	var steps []int
	for i := range n {
		u := float64(i) / float64(n-1)
		step := int(math.Round(float64(r.steps()) * u * u))
		if len(steps) == 0 || step > steps[len(steps)-1] {
			steps = append(steps, step)
		}
	}
	return steps
}

// prepareFrames makes the folder of the frames, without any of another run unless this one has
// drawn them.
func (r *run) prepareFrames(begun bool) error {
	dir := filepath.Join(r.Out, framesFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if begun {
		return nil
	}
	if err := os.Remove(r.path(animationFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if framePattern.MatchString(e.Name()) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// drawFrame draws the run as it is if this is a step that has a frame.
func (r *run) drawFrame() {
	if len(r.frames) == 0 || !r.frames[r.trainer.StepNumber()] {
		return
	}
	if err := r.writeFrame(); err != nil {
		r.console.Warnf("the animation lacks a frame: %v", err)
	}
}

func (r *run) writeFrame() error {
	a, err := r.artist()
	if err != nil {
		return err
	}
	step := r.trainer.StepNumber()
	p := a.Frame(fmt.Sprintf("epoch %.2f of %d", float64(step)/float64(r.perEpoch()), r.Epochs))
	return atomicfile.Write(r.framePath(step), func(w io.Writer) error { return png.Encode(w, p) })
}

// animate writes the animation of the frames that there are.
func (r *run) animate() error {
	var frames []*image.Paletted
	for _, step := range r.frameSteps() {
		p, err := readFrame(r.framePath(step))
		if errors.Is(err, fs.ErrNotExist) {
			// Not drawn: the run was animated only after it had begun, or there has been a warning
			continue
		}
		if err != nil || len(frames) > 0 && p.Rect != frames[0].Rect {
			r.console.Warnf("%s is no frame of this run: the animation lacks it", r.framePath(step))
			continue
		}
		frames = append(frames, p)
	}
	if len(frames) == 0 {
		r.console.Warnf("there is no frame to make %s of", animationFile)
		return nil
	}
	return atomicfile.Write(r.path(animationFile), func(w io.Writer) error { return gif.EncodeAll(w, picture.Animation(frames)) })
}

func readFrame(name string) (*image.Paletted, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := png.Decode(f)
	if err != nil {
		return nil, err
	}
	frame, ok := p.(*image.Paletted)
	if !ok {
		return nil, errors.New("not drawn with a palette")
	}
	return frame, nil
}
