package latent

import (
	"math"
	"math/big"
	"slices"
	"testing"
)

func TestPosition(t *testing.T) {
	r := NewRand(3)
	code, direction := make([]int16, 16), make([]int16, 16)
	for range 1000 {
		r.Normal(code, 2048)
		r.Normal(direction, 700)
		var along, square int64
		for i, d := range direction {
			along += int64(code[i]) * int64(d)
			square += int64(d) * int64(d)
		}
		want := math.Floor(2048*float64(along)/float64(square) + 0.5)
		if got := Position(code, direction, 2048); math.Abs(float64(got)-want) > 1e-6 {
			t.Fatalf("%v along %v is %d, want %v", code, direction, got, want)
		}
	}
	for _, c := range []struct {
		code, direction []int16
		want            int16
	}{
		{[]int16{3, 0}, []int16{1, 0}, 3 * 2048},
		{[]int16{-3, 5}, []int16{2, 0}, -3 * 1024},
		{[]int16{1000, 0}, []int16{1, 0}, math.MaxInt16},
		{[]int16{-20, 7}, []int16{1, 0}, math.MinInt16},
	} {
		if got := Position(c.code, c.direction, 2048); got != c.want {
			t.Errorf("%v along %v is %d, want %d", c.code, c.direction, got, c.want)
		}
	}
	// As large as it can be.
	code, direction = make([]int16, 1024), make([]int16, 1024)
	for i := range code {
		code[i], direction[i] = math.MinInt16, math.MinInt16
	}
	if got := Position(code, direction, 4095); got != 4095 {
		t.Errorf("the longest code along itself is %d, want 4095", got)
	}
}

func TestAlong(t *testing.T) {
	for _, c := range []struct {
		code, direction []int16
		amount          int
		want            []int16
	}{
		{[]int16{10, 20}, []int16{3, -5}, 0, []int16{10, 20}},
		{[]int16{10, 20}, []int16{3, -5}, 2 * 2048, []int16{16, 10}},
		{[]int16{10, 20}, []int16{3, -5}, -2048 / 2, []int16{9, 23}}, // -1.5 and 2.5 are rounded up
		{[]int16{10, 20}, []int16{32767, -32768}, math.MaxInt32, []int16{32767, -32768}},
	} {
		if Along(c.code, c.code, c.direction, c.amount, 2048); !slices.Equal(c.code, c.want) {
			t.Errorf("%v by %d: %v, want %v", c.direction, c.amount, c.code, c.want)
		}
	}
	// A code moved along a direction has moved by so much.
	code, direction := []int16{700, -3000, 44}, []int16{1000, -800, 1500}
	before := Position(code, direction, 2048)
	Along(code, code, direction, 1234, 2048)
	if got := int(Position(code, direction, 2048)) - int(before); got < 1232 || got > 1236 {
		t.Errorf("moved by %d, want 1234", got)
	}
}

func TestSteer(t *testing.T) {
	for _, c := range []struct {
		position, without, with int16
		amount, want            int
	}{
		{-100, -100, 300, 0, 0},
		{-100, -100, 300, Whole, 400},
		{-100, -100, 300, Whole / 4, 100},
		{50, -100, 300, Whole, 250},
		{50, -100, 300, 2 * Whole, 650},
		{400, -100, 300, Whole, 0},
		{400, -100, 300, 3 * Whole / 2, 200},
		{0, 300, -100, Whole, -100},
		{-500, 300, -100, 2 * Whole, -400},
		{math.MinInt16, math.MinInt16, math.MaxInt16, 3 * Whole, 3 * (1<<16 - 1)},
	} {
		if got := Steer(c.position, c.without, c.with, c.amount); got != c.want {
			t.Errorf("from %d, %d to %d, by %d: %d, want %d", c.position, c.without, c.with, c.amount, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	points := [][]int16{{0, 0}, {32767, 32767}, {-32768, -32768}, {32767, 32767}}
	for _, c := range []struct {
		code []int16
		want int
	}{{[]int16{5, -9}, 0}, {[]int16{32767, 32767}, 1}, {[]int16{-32768, -30000}, 2}} {
		if got := Nearest(c.code, points); got != c.want {
			t.Errorf("nearest to %v is %d, want %d", c.code, got, c.want)
		}
	}
}

func TestToward(t *testing.T) {
	means := [][]int16{{0, 0}, {4000, 0}, {0, 4000}}
	edit := func(code []int16, from, to, amount int) []int16 {
		moved := make([]int16, len(code))
		Toward(moved, code, means, from, to, amount)
		return moved
	}
	for _, c := range []struct {
		name             string
		code             []int16
		from, to, amount int
		want             []int16
	}{
		{"none of the way", []int16{70, -90}, 0, 1, 0, []int16{70, -90}},
		{"all of it, and what it has beyond the mean", []int16{70, -90}, 0, 1, Whole, []int16{4070, -90}},
		{"half of it", []int16{70, -90}, 0, 1, Whole / 2, []int16{2070, -90}},
		{"to its own class", []int16{70, -90}, 0, 0, Whole, []int16{70, -90}},
		// 2000 beyond the mean toward class 0 would be the border: half of it is kept.
		{"no more than half-way to the border", []int16{-2000, -400}, 0, 1, Whole, []int16{3000, -200}},
		{"away from all others nothing is in the way", []int16{9000, -9000}, 0, 1, Whole, []int16{13000, -9000}},
		{"clamped", []int16{32000, -32000}, 0, 1, Whole, []int16{32767, -32000}},
	} {
		if got := edit(c.code, c.from, c.to, c.amount); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	code := []int16{70, -90}
	if Toward(code, code, means, 0, 1, Whole); code[0] != 4070 || code[1] != -90 {
		t.Errorf("in place: %v", code)
	}
}

// The end of the way is where its mean is nearest, wherever the code was, and nothing overflows.
func TestTowardReaches(t *testing.T) {
	const dims, classes = 1024, 10
	r := NewRand(9)
	means := make([][]int16, classes)
	for i := range means {
		means[i] = make([]int16, dims)
		r.Normal(means[i], 2048)
	}
	code, end := make([]int16, dims), make([]int16, dims)
	for _, spread := range []int{100, 2048, 4095} {
		for i := range 200 {
			r.Normal(code, spread)
			for k := range code {
				if i%10 == 0 {
					code[k] = []int16{math.MinInt16, math.MaxInt16}[(i/10+k)%2]
				}
			}
			from, to := Nearest(code, means), i%classes
			Toward(end, code, means, from, to, Whole)
			clamped := slices.ContainsFunc(end, func(x int16) bool { return x == math.MaxInt16 || x == math.MinInt16 })
			if got := Nearest(end, means); got != to && !clamped {
				t.Fatalf("spread %d: toward class %d the code ends at class %d", spread, to, got)
			}
			// The same in numbers of any size.
			keep := big.NewRat(1, 1)
			for c, other := range means {
				along, square := new(big.Int), new(big.Int)
				for k := range other {
					d := big.NewInt(int64(other[k]) - int64(means[to][k]))
					along.Add(along, new(big.Int).Mul(d, big.NewInt(int64(code[k])-int64(means[from][k]))))
					square.Add(square, new(big.Int).Mul(d, d))
				}
				if c != to && along.Sign() > 0 {
					if limit := new(big.Rat).SetFrac(square, along.Lsh(along, 2)); limit.Cmp(keep) < 0 {
						keep = limit
					}
				}
			}
			kept, _ := keep.Float64()
			for k, got := range end {
				want := float64(means[to][k]) + kept*(float64(code[k])-float64(means[from][k]))
				if want = min(max(want, math.MinInt16), math.MaxInt16); math.Abs(float64(got)-want) > 2 {
					t.Fatalf("coordinate %d is %d, want %v", k, got, want)
				}
			}
		}
	}
}
