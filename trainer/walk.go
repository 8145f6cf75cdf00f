package main

import (
	"image"
	"image/gif"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
)

const walkText = `
Writes an animation of a way through the latent space, from digit to digit and back to the first,
on which the picture changes at an even rate: from each frame to the next by the same, not by the
same latent distance. vae-edge --scene morph goes the same way.
`

const walkTail = `
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
	mostGIFRate  = 50 // viewers play shorter delays slowly
	mostAPNGRate = 120
)

// walk is the command that writes an animation of a path.
func walk(o *options, c *console) error {
	write, fastest := picture.WriteAPNG, mostAPNGRate
	switch extension := strings.ToLower(filepath.Ext(o.out)); extension {
	case ".gif":
		write, fastest = writeLoop, mostGIFRate
	case ".png", ".apng":
	default:
		return cli.Usagef("--out %s: its name must end in .gif, .png or .apng", o.out)
	}
	if o.fps > fastest {
		return cli.Usagef("--fps %d: at most %d for %s", o.fps, fastest, o.out)
	}
	_, q, err := openPair(o.model)
	if err != nil {
		return err
	}
	if !o.line.Has("path") {
		o.path = q.OwnPath()
	}
	points, err := q.PathPoints(o.path)
	if err != nil {
		return cli.Usagef("--path: %w", cured(err))
	}
	d, err := decoder.New(q)
	if err != nil {
		return err
	}
	if err := checkWritable(o.out); err != nil {
		return err
	}
	pixels := walkFrames(d, points, o.frames)
	c.printf("%d points, %d frames, %.1f s\n", len(points), o.frames, float64(o.frames)/float64(o.fps))
	least, mean, most := evenness(pixels, q.PictureSize())
	c.printf("from frame to frame a pixel changes by %.2f grey levels, %.2f at least and %.2f at most\n", mean, least, most)
	if _, ok := pretrained.Weights(o.model); ok {
		judge, err := builtInClassifier()
		if err != nil {
			return err
		}
		c.printf("the classifier is at least 50 %% sure in %.1f %% of the frames\n", 100*sure(classify.NewRunner(judge, 0, nil), pixels))
	}
	images := picture.Frames(picture.Of(pixels, q.Image))
	if err := atomicfile.Write(o.out, func(w io.Writer) error { return write(w, images, o.fps) }); err != nil {
		return err
	}
	c.printf("written: %s\n", o.out)
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

// evenness is by how much pictures of so many bytes change from each to the next and from the last
// to the first, in grey levels a byte.
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
