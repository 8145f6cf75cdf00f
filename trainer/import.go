package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
)

// sheetFile is what import draws.
const sheetFile = "sheet.png"

// An imported decoder is measured at so many points. Below so many dB int8 is another decoder.
const measured, leastPSNR = 1000, 30

// importDecoder is the command that makes an int8 model of a decoder that was trained elsewhere.
func importDecoder(o *options, c *console.Console) error {
	if len(o.line.Operands) != 1 {
		return cli.Usagef("import needs one file, as in import decoder.onnx")
	}
	from, data := &o.source, o.line.Has("data")
	from.File = o.line.Operands[0]
	if o.size != "" {
		s := &from.Graph.Image
		if n, err := fmt.Sscanf(o.size, "%dx%dx%d", &s[0], &s[1], &s[2]); n != 3 || err != nil || o.size != fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]) || min(s[0], s[1], s[2]) < 1 {
			return cli.Usagef("--size %s: it is height, width and channels, as in 28x28x1", o.size)
		}
	}
	switch {
	case from.Layers != "" && (from.Graph != fold.Options{} || from.TwoChannels || from.Encoder != ""):
		return cli.Usagef("--layers says what the decoder is, and the encoder: leave --input, --output, --size, --logits, --two-channels and --encoder out")
	case from.Codes != "" && data:
		return cli.Usagef("--codes and --data both say where the int8 decoder learns: leave one out")
	case from.EncoderOutputs != "" && from.Encoder == "":
		return cli.Usagef("--encoder-outputs names values of --encoder's graph: say that, too")
	case from.Layers == "" && data && from.Encoder == "":
		return cli.Usagef("--data needs an encoder, which makes latent points of its images: name its file with --encoder")
	case !data && (o.line.Has("attributes") || o.line.Has("crop") || o.line.Has("limit")):
		return cli.Usagef("--attributes, --crop and --limit are of images, which --data names: say that, too, or leave them out")
	}
	name := o.name
	if name == "" {
		name = importer.NameOf(from.File)
	} else if err := model.CheckName(name); err != nil {
		return cli.Usagef("--name: %w", err)
	}
	if err := pair.CheckBackends(); err != nil {
		return err
	}
	s, err := importer.Open(*from)
	if err != nil {
		return err
	}
	if data {
		train, test, err := o.Load(run.Loading{Console: c, Threads: o.threads})
		if err == nil {
			s.BrightGround = train.BrightGround
			err = s.SetImages(train.Images, test.Images, test.Shape())
		}
		if err != nil {
			return err
		}
	}
	if err := s.Check(o.threads); err != nil {
		return err
	}
	if err := folder.CheckFree(o.out); err != nil {
		return fmt.Errorf("%w: choose another --out", err)
	}
	for _, name := range []string{pair.Int8File, pair.FloatFile, encoder.File, sheetFile} {
		if err := checkWritable(filepath.Join(o.out, name)); err != nil {
			return err
		}
	}
	if !o.json {
		c.Printf("%s:\n%s\n", from.File, s)
	}

	ctx, stop := untilInterrupt(c)
	defer stop()
	learnt := c.Progress("learning at "+s.Points(), o.points)
	q, err := s.Quantize(name, o.points, quantize.Options{Threads: o.threads, Seed: o.Seed, Progress: func(points int) bool {
		learnt(points)
		return ctx.Err() == nil
	}})
	if errors.Is(err, quantize.ErrStopped) {
		c.Warnf("interrupted: nothing is written")
		return run.ErrInterrupted
	}
	if err != nil {
		return err
	}
	score, err := s.Measure(q, measured, o.threads, o.Seed)
	if err != nil {
		return err
	}
	files := []string{pair.Int8File, pair.FloatFile, sheetFile}
	if s.Whole != nil { // the whole autoencoder
		files = append(files, encoder.File)
	}
	if err := s.Write(o.out, q, o.threads, o.Seed); err != nil {
		return err
	}
	if err := picture.WriteFile(filepath.Join(o.out, sheetFile), score.Sheet()); err != nil {
		return err
	}
	if o.json {
		return c.JSON(score)
	}
	c.Printf("at %s %s that it has not learnt at:\n%s", plain.Comma(score.Points), s.Points(), score)
	if score.Flat {
		c.Warnf("all pictures look alike: has it been trained, and do its latent points lie where it was measured, at %s? Others are given with --codes", s.Points())
	}
	if score.PSNR < leastPSNR {
		c.Warnf("int8 draws other pictures than the decoder that was trained: see %s, and try more --points", filepath.Join(o.out, sheetFile))
	}
	c.Printf("\nwritten: %s in %s\n\nshow it: vae-edge --model %s\n", strings.Join(files, ", "), o.out, cli.Quoted(o.out))
	return c.Err()
}
