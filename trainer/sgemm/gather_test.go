//go:build (amd64 || arm64) && !purego

package sgemm

import (
	"math"
	"math/rand/v2"
	"testing"
)

// gather copies what it should and writes nothing else, whatever the width.
func TestGather(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for width := 1; width <= 2*stripRows; width++ {
		for _, step := range []int{width, width + 1, 2*stripRows + 8} {
			for _, n := range []int{1, 2, 7} {
				src := values(rng, width+20)
				off := make([]int32, n)
				for i := range off {
					off[i] = int32(rng.IntN(21) - 30)
				}
				dst := canaries(n*step + 64)
				gather(dst, step, src, 30, off, width)
				for i, x := range dst {
					p, j := i/step, i%step
					want := canary
					if p < n && j < width {
						want = src[int(off[p])+30+j]
					}
					if math.Float32bits(x) != math.Float32bits(want) {
						t.Fatalf("%d rows of %d, %d apart: element %d is %v, want %v", n, width, step, i, x, want)
					}
				}
			}
		}
	}
}
