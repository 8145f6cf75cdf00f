package main

import (
	"flag"
	"image"
	"image/gif"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
)

const walkUsage = `Usage: go run ./trainer walk [FLAGS]

Writes an animation of a way through the latent space, from digit to digit and back to the first,
on which the picture changes at an even rate: from each frame to the next by the same, not by the
same latent distance. vae-edge --scene morph goes the same way.

Flags:
  --path PATH    the way (default 0-9): with commas between, concepts of the model (concepts
                 --help), such as 3; ranges of those that are numbers, such as 0-9; and points, a
                 number for each latent dimension with colons between, such as 0.5:-1.2
  --frames N     2 to 10000 (default 200)
  --fps N        frames per second (default 25); at most 50 in a GIF, 120 in an APNG
  --model NAME   a built-in model, or the --out directory of a run (default ` + editModel + `)
  --out FILE     the animation: FILE.gif, or FILE.png or FILE.apng for an animated PNG, whose
                 pixels are exact in colour, too (default out/walk.gif)

It prints how evenly the picture changes and, of a built-in model, in what share of the frames
the classifier of digits is at least 50 % sure of what it sees.

Examples:
  go run ./trainer walk
  go run ./trainer walk --path 3,1,4,1,5,9 --frames 150 --out pi.png
  go run ./trainer walk --model mnist-2 --path 7,0.5:-1.2,2
  go run ./trainer walk --model out --frames 500 --fps 50

Exit status: 0 done, 1 failed, 2 wrong usage.
`

// Bounds of a walk.
const (
	mostWalkFrames = 10000
	mostGIFRate    = 50 // viewers play shorter delays slowly
	mostAPNGRate   = 120
)

// walk is the command that writes an animation of a path.
func walk(args []string, c *console) error {
	fs := flag.NewFlagSet("walk", flag.ContinueOnError)
	path := fs.String("path", "0-9", "")
	frames := fs.Int("frames", 200, "")
	fps := fs.Int("fps", 25, "")
	model := fs.String("model", editModel, "")
	out := fs.String("out", filepath.Join("out", "walk.gif"), "")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	if *frames < 2 || *frames > mostWalkFrames {
		return usageErrorf("--frames %d: must be 2 to %d", *frames, mostWalkFrames)
	}
	write, fastest := picture.WriteAPNG, mostAPNGRate
	switch extension := strings.ToLower(filepath.Ext(*out)); extension {
	case ".gif":
		write, fastest = writeLoop, mostGIFRate
	case ".png", ".apng":
	default:
		return usageErrorf("--out %s: its name must end in .gif, .png or .apng", *out)
	}
	if *fps < 1 || *fps > fastest {
		return usageErrorf("--fps %d: must be 1 to %d for %s", *fps, fastest, *out)
	}
	_, q, err := openPair(*model)
	if err != nil {
		return err
	}
	points, err := q.PathPoints(*path)
	if err != nil {
		return usageErrorf("--path: %v", cured(err))
	}
	d, err := decoder.New(q)
	if err != nil {
		return err
	}
	if err := checkWritable(*out); err != nil {
		return err
	}
	pixels := walkFrames(d, points, *frames)
	c.printf("%d points, %d frames, %.1f s\n", len(points), *frames, float64(*frames)/float64(*fps))
	least, mean, most := evenness(pixels, q.PictureSize())
	c.printf("from frame to frame a pixel changes by %.2f grey levels, %.2f at least and %.2f at most\n", mean, least, most)
	if _, ok := pretrained.Weights(*model); ok {
		judge, err := builtInClassifier()
		if err != nil {
			return err
		}
		c.printf("the classifier is at least 50 %% sure in %.1f %% of the frames\n", 100*sure(classify.NewRunner(judge, 0, nil), pixels))
	}
	images := picture.Frames(picture.Of(pixels, q.Image))
	if err := atomicfile.Write(*out, func(w io.Writer) error { return write(w, images, *fps) }); err != nil {
		return err
	}
	c.printf("written: %s\n", *out)
	return c.failed
}

// walkFrames are the pictures on the path through points and back to the first.
func walkFrames(d *decoder.Decoder, points [][]int16, frames int) []byte {
	q := d.Model()
	p := latent.NewPath(points, q.PictureSize(), d.Decode)
	step := p.Total() / uint64(frames)
	at := make([]int16, frames*q.Latent)
	for i := range frames {
		p.At(at[i*q.Latent:][:q.Latent], uint64(i), step)
	}
	return int8Decoder(d)(at)
}

// evenness is by how much pictures of so many bytes change from each to the next and from the last to the first, in grey levels a byte.
func evenness(pixels []byte, size int) (least, mean, most float64) {
	n := len(pixels) / size
	least = math.Inf(1)
	for i := range n {
		change := float64(latent.Change(pixels[i*size:][:size], pixels[(i+1)%n*size:][:size])) / float64(size)
		least, mean, most = min(least, change), mean+change/float64(n), max(most, change)
	}
	return least, mean, most
}

// sure is the share of pictures whose class has a probability of at least a half.
func sure(judge *classify.Runner, pixels []byte) float64 {
	predictions := judge.Predict(pixels)
	n := 0
	for _, p := range predictions {
		if p.Probability >= 0.5 {
			n++
		}
	}
	return float64(n) / float64(len(predictions))
}

// writeLoop writes frames as a GIF that repeats for ever.
func writeLoop(w io.Writer, frames []image.Image, fps int) error {
	return gif.EncodeAll(w, picture.Loop(frames, fps))
}
