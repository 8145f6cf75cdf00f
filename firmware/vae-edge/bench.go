package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
)

const (
	benchBlocks = 7
	benchBlock  = 150 * time.Millisecond
	benchSide   = 240 // pixels of the frames
)

// bench measures the decoder on every backend, one image at a time on one core, and whole frames of the default scene that are
// shown nowhere.
func bench(ctx context.Context, w io.Writer, c *config) error {
	m, err := decoder.Open(c.model)
	if err != nil {
		return err
	}
	chosen, err := decoder.New(m)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "model   %s, %.2f million multiply-accumulates\n", describe(m), float64(m.MACs())/1e6)
	fmt.Fprintf(w, "median of %d blocks of %v, one core\n", benchBlocks, benchBlock)
	for _, b := range kernels.Backends() {
		decode, err := decoding(m, b)
		if err != nil {
			return err
		}
		rate, err := medianRate(ctx, decode)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "decode  %-12v %9.0f images/s\n", b, rate); err != nil {
			return err
		}
	}
	info, _ := scene.Lookup(scene.Default)
	size := image.Pt(benchSide, benchSide)
	s, err := info.New(chosen, 1, size)
	if err != nil {
		return err
	}
	frame := scene.NewImage(m, size, scene.Grey)
	rate, err := medianRate(ctx, func(n uint64) { s.Render(frame, n) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "frames  %-12s %9.0f frames/s of %dx%d, decoded and scaled, shown nowhere\n", info.Name, rate, size.X, size.Y)
	return err
}

// decoding returns a function that decodes the n-th picture of a walk.
func decoding(m *decoder.Model, b kernels.Backend) (func(n uint64), error) {
	d, err := decoder.NewOn(m, b)
	if err != nil {
		return nil, err
	}
	point, picture := make([]int16, m.Latent), make([]uint8, m.PictureSize())
	path := latent.NewWalk(1, m.Latent, m.LatentSteps)
	return func(n uint64) {
		path.At(point, n*latent.LegSteps/128)
		d.Decode(picture, point)
	}, nil
}

// medianRate calls f with 0, 1, 2 … for several blocks of time and returns the median block's calls per second.
func medianRate(ctx context.Context, f func(n uint64)) (float64, error) {
	f(0) // not timed: first calls fill caches
	var rates []float64
	n := uint64(1)
	for range benchBlocks {
		if ctx.Err() != nil {
			return 0, fmt.Errorf("interrupted")
		}
		first, start := n, time.Now()
		took := time.Duration(0)
		for took < benchBlock {
			f(n)
			n++
			took = time.Since(start)
		}
		rates = append(rates, float64(n-first)/took.Seconds())
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}
