package diagnose

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

const benchBlocks = 7

// decoding returns a function that decodes the n-th picture of a walk.
func decoding(m *model.Model, b kernels.Backend) (func(n uint64), error) {
	d, err := decoder.NewOn(m, b)
	if err != nil {
		return nil, err
	}
	point, picture := make([]int16, m.Latent), make([]uint8, m.PictureSize())
	path := latent.NewWalk(1, m.Latent, m.Prior())
	return func(n uint64) {
		path.At(point, n*latent.LegSteps/128)
		d.Decode(picture, point)
	}, nil
}

// medianRate calls f with 0, 1, 2 … for several blocks of time and returns the median block's calls
// per second.
func medianRate(ctx context.Context, block time.Duration, f func(n uint64)) (float64, error) {
	f(0) // not timed: first calls fill caches
	var rates []float64
	n := uint64(1)
	for range benchBlocks {
		if ctx.Err() != nil {
			return 0, fmt.Errorf("interrupted")
		}
		first, start := n, time.Now()
		took := time.Duration(0)
		for took < block {
			f(n)
			n++
			took = time.Since(start)
		}
		rates = append(rates, float64(n-first)/took.Seconds())
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}
