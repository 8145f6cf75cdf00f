package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
)

// walk is the command that writes an animation of a path.
func walk(o *options, c *console.Console) error {
	write, fastest := picture.WriteAPNG, mostAPNGRate
	switch extension := strings.ToLower(filepath.Ext(o.out)); extension {
	case ".gif":
		write, fastest = picture.WriteLoop, mostGIFRate
	case ".png", ".apng":
	default:
		return cli.Usagef("--out %s: its name must end in .gif, .png or .apng", o.out)
	}
	if o.fps > fastest {
		return cli.Usagef("--fps %d: at most %d for %s", o.fps, fastest, o.out)
	}
	q, err := pair.OpenInt8(o.model)
	if err != nil {
		return err
	}
	path := o.path
	if !o.line.Has("path") {
		path = q.OwnPath()
	}
	face := q.Drawn(o.Seed)
	if o.image != "" {
		if face, err = facesOf(o, c, face); err != nil {
			return err
		}
	}
	points, err := q.PathFrom(path, face)
	if err != nil {
		return cli.Usagef("--path: %w", err)
	}
	if o.line.Has("path") || !q.Exclusive() || len(q.Concepts) == 0 {
		c.Printf("path %s\n", path)
	}
	d, err := decoder.New(q)
	if err != nil {
		return err
	}
	if err := checkWritable(o.out); err != nil {
		return err
	}
	pixels := drawn.Walk(d, points, o.frames)
	c.Printf("%d points, %d frames, %.1f s\n", len(points), o.frames, float64(o.frames)/float64(o.fps))
	least, mean, most := measure.Evenness(pixels, q.PictureSize())
	c.Printf("from frame to frame a pixel changes by %.2f grey levels, %.2f at least and %.2f at most\n", mean, least, most)
	if ofDigits(o.model) {
		classifier, err := measure.Classifier()
		if err != nil {
			return err
		}
		c.Printf("the classifier is at least 50 %% sure in %.1f %% of the frames\n", 100*measure.Sure(classify.NewRunner(classifier, 0, nil), pixels))
	}
	images := picture.Frames(picture.Of(pixels, q.Image))
	if err := atomicfile.Write(o.out, func(w io.Writer) error { return write(w, images, o.fps) }); err != nil {
		return err
	}
	c.Printf("written: %s\n", o.out)
	return c.Err()
}

// facesOf are faces of which the first is that of the picture that the options name.
func facesOf(o *options, c *console.Console, others func(int) []int16) (func(int) []int16, error) {
	s, err := newStudio(o, c)
	if err != nil {
		return nil, err
	}
	q := s.d.Model()
	if q.Exclusive() {
		return nil, cli.Usagef("--image is for models of faces: the concepts of %s exclude each other, and a path goes through them", o.model)
	}
	pixels, err := s.read(o.image)
	if err != nil {
		return nil, err
	}
	code := q.FixedPoint(nil, s.encode(pixels)...)
	return func(k int) []int16 {
		if k == 0 {
			return code
		}
		return others(k)
	}, nil
}
