package latent

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"testing"
)

// bar draws a bright bar of 2000 pixels as far as the first coordinate says, so that the picture
// changes with it, nine times as fast where it is positive.
func bar(picture []uint8, point []int16) {
	x := int(point[0])
	if x > 0 {
		x *= 9
	}
	x += 4096
	for i := range picture {
		picture[i] = uint8(min(max(x-i*20, 0), 20))
	}
}

var corners = [][]int16{{-2048, 300}, {2048, -500}, {1000, 900}, {-1500, 0}}

// TestPathPace: a path changes the picture evenly however the decoder changes it with the point,
// and passes its points.
func TestPathPace(t *testing.T) {
	p := NewPath(corners, 2000, bar)
	const frames = 100
	step := p.Total() / frames
	point, last, picture := make([]int16, 2), make([]uint8, 2000), make([]uint8, 2000)
	uneven, fast := 0, 0
	passed := make([]bool, len(corners))
	var before []int16
	for n := range uint64(frames) {
		p.At(point, n, step)
		bar(picture, point)
		if n > 0 {
			change := Change(last, picture)
			// Uneven only where the bar turns round, or has another speed from one pixel to the
			// next.
			if change > step*105/100 || change < step*95/100 {
				uneven++
			}
			if change > 2*step {
				t.Errorf("frame %d changes by %d, want %d", n, change, step)
			}
			fast = max(fast, int(max(point[0]-before[0], before[0]-point[0])))
		}
		for i, c := range corners {
			far := max(point[0]-c[0], c[0]-point[0], point[1]-c[1], c[1]-point[1])
			passed[i] = passed[i] || far < 400
		}
		before = slices.Clone(point)
		last, picture = picture, last
	}
	if uneven > 6 || slices.Contains(passed, false) {
		t.Errorf("%d frames are uneven, points passed: %v", uneven, passed)
	}
	// Even steps would be of some 150.
	if fast < 300 {
		t.Errorf("the longest step is %d: the pace is not that of the picture", fast)
	}
	if p.At(point, 0, step); !slices.Equal(point, corners[0]) {
		t.Errorf("begins at %v, want %v", point, corners[0])
	}
}

// TestPathAnyMoment: what is at a moment does not depend on what was asked before, and the path
// goes round and round.
func TestPathAnyMoment(t *testing.T) {
	used := NewPath(corners, 2000, bar)
	total := used.Total()
	if again := used.Total(); again != total || total == 0 {
		t.Errorf("totals %d and %d", total, again)
	}
	got, want := make([]int16, 2), make([]int16, 2)
	for _, c := range []struct{ n, step, same uint64 }{
		{5, 100, 500}, {3 * total, 7, 0}, {3*total + 5, 1, 5}, {1 << 62, 8, math.MaxUint64 % total}, {total - 1, 1, total - 1}, {total, 1, 0},
	} {
		if c.n == 1<<62 {
			c.same = (math.MaxUint64%total + 1) % total * 2 % total // 2^65
		}
		used.At(got, c.n, c.step)
		NewPath(corners, 2000, bar).At(want, c.same, 1)
		if !slices.Equal(got, want) {
			t.Errorf("%d times %d: %v, %d is at %v", c.n, c.step, got, c.same, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { used.At(got, 12345, 99) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
	// It decodes no more than it has to.
	decodes := 0
	lazy := NewPath(corners, 2000, func(picture []uint8, point []int16) { decodes++; bar(picture, point) })
	if lazy.At(got, 0, 1); decodes != 2 {
		t.Errorf("%d decodes for the first frame, want 2", decodes)
	}
	// A picture that never changes.
	still := NewPath(corners, 1, func(picture []uint8, _ []int16) { picture[0] = 7 })
	still.At(got, 1<<40, 3)
	if still.Total() != 0 {
		t.Errorf("a still picture changes by %d", still.Total())
	}
}

func TestPathGolden(t *testing.T) {
	p, point, sum := NewPath(corners, 2000, bar), make([]int16, 2), sha256.New()
	for n := range uint64(300) {
		p.At(point, n, 777)
		sum.Write([]byte{byte(point[0]), byte(point[0] >> 8), byte(point[1]), byte(point[1] >> 8)})
	}
	const want = "2f7298e9beb1e51e86a8e4788d6ebcbc39986f207c04fbe7b917cdb46731e079"
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}
