package importer

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/quantize"
)

// learningRate is a factor of the rates at which decoders learn that have been trained here.
// Others may be far wider: at full rate they come to be farther from the float decoder before they
// come nearer, and need more points than anybody has the patience for.
const learningRate = 0.2

// Quantize makes the int8 decoder, learnt at so many points. If it then is farther
// from the float one than it was with the scales alone that it has begun with, it stays what it
// was: after few points it may be.
func (s *Source) Quantize(name string, points int, o quantize.Options) (*model.Model, error) {
	if o.Rate == 0 {
		o.Rate = learningRate
	}
	of := func(points int) (*model.Model, float64, error) {
		source, err := s.at().learn(o.Seed, o.Threads)
		if err != nil {
			return nil, 0, err
		}
		q, err := quantize.Decoder(s.Float, name, source, points, o)
		if err != nil {
			return nil, 0, err
		}
		score, err := s.Measure(q, compared, o.Threads, o.Seed^comparedSeed)
		if err != nil {
			return nil, 0, err
		}
		return q, score.PSNR, nil
	}
	first, before, err := of(0)
	if err != nil || points == 0 {
		return first, err
	}
	q, after, err := of(points)
	if err != nil || after >= before {
		return q, err
	}
	return first, nil
}

// compared is how many points decide that, which comparedSeed keeps apart from others.
const compared, comparedSeed = 256, 0x636f6d7061726564

// Write writes the weights to a folder, and the int8 encoder of a source that has one. Where nobody
// has given images, it learns from those that the decoder draws. Nothing is written where one of
// them cannot be made.
func (s *Source) Write(dir string, q *model.Model, threads int, seed uint64) error {
	var floats []byte
	var err error
	if s.Whole != nil {
		floats, err = pair.Marshal(s.Whole, nil)
	} else {
		floats, err = pair.MarshalDecoder(s.Float)
	}
	if err != nil {
		return err
	}
	q.SetBrightGround(s.BrightGround)
	ints, err := q.Marshal()
	if err != nil {
		return err
	}
	e, err := s.int8Encoder(q, threads, seed)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, pair.FloatFile), floats); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, pair.Int8File), ints); err != nil {
		return err
	}
	file := filepath.Join(dir, encoder.File)
	if e == nil { // one that was there is of another decoder
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	_, err = pair.WriteEncoder(file, e)
	return err
}

// int8Encoder makes the int8 encoder; nil of a source that has none.
func (s *Source) int8Encoder(q *model.Model, threads int, seed uint64) (*model.Model, error) {
	if s.Whole == nil {
		return nil, nil
	}
	images := s.images
	if images == nil {
		var err error
		if images, err = s.drawn(q, threads, seed); err != nil {
			return nil, err
		}
	}
	return pair.NewEncoder(s.Whole, q, images, threads)
}

// drawn are pictures that the int8 decoder draws.
func (s *Source) drawn(q *model.Model, threads int, seed uint64) ([]byte, error) {
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	source, err := s.at().held(seed, threads)
	if err != nil {
		return nil, err
	}
	const points = 1000
	z, _, err := source.Next(points)
	if err != nil {
		return nil, err
	}
	return pair.DrawInt8(d)(q.FixedPoint(nil, pair.Widened(z)...)), nil
}
