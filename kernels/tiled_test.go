//go:build (amd64 || arm64 || arm.6 || (js && simd128)) && !purego

package kernels

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// relocate moves all that assembly reads of the operator, for outputs of that layout.
func (c *Conv) relocate(alloc allocator, dst *Map) {
	if c.tiled == nil {
		return
	}
	placed := c.place(dst).pixels
	for i := range placed {
		placed[i] = relocated(alloc, placed[i])
	}
	for _, parts := range [][]part{c.tiled.parts, c.tiled.last} {
		for i := range parts {
			p := &parts[i]
			p.steps, p.weight = relocated(alloc, p.steps), relocated(alloc, p.weight)
			p.bias, p.scale = relocated(alloc, p.bias), relocated(alloc, p.scale)
			p.pixels = relocated(alloc, p.pixels)
		}
	}
}

func (d *Dense) relocate(alloc allocator) {
	if d.tiled == nil {
		return
	}
	parts := []*densePart{&d.tiled.rest}
	for i := range d.tiled.whole {
		parts = append(parts, &d.tiled.whole[i])
	}
	for _, p := range parts {
		p.weight, p.bias, p.scale = relocated(alloc, p.weight), relocated(alloc, p.bias), relocated(alloc, p.scale)
	}
}

// checkScratch runs the kernels as for a scratch buffer, but one of the allocator's, no larger than
// the pixels need.
func (c *Conv) checkScratch(alloc allocator, src *Map) {
	if c.tiled == nil {
		return
	}
	for i := range c.tiled.parts {
		p := &c.tiled.parts[i]
		for store, size := range []int{storeReLU: 1, storeRaw: 4, storeLeaky: 1} {
			for start := 0; start < len(p.pixels); start += p.perScratch() {
				pixels := relocated(alloc, p.pixels[start:min(start+p.perScratch(), len(p.pixels))])
				args := p.args(src)
				args.dst, args.store = &alloc(len(pixels) * p.channels * size)[0], store
				p.runAll(c.backend.engine, &args, pixels)
			}
		}
	}
}

func (d *Dense) checkScratch(alloc allocator, x []int16) {
	if d.tiled == nil || d.tiled.rest.blocks == 0 {
		return
	}
	t, pixels := d.backend.engine.dense, d.out.Height*d.out.Width
	for start := 0; start < pixels; start += scratchPixels {
		args := d.tiled.rest.args(d, x, start)
		args.pitch, args.rows, args.cols = t.channels, 1, min(scratchPixels, pixels-start)
		args.dst = &alloc(args.cols * t.channels)[0]
		t.one(d).run(&args)
	}
}

// Every start of a cache line's bytes.
func TestUnaligned(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	g, _ := geometry(true, Shape{3, 3, 20}, 41, 3, 2, Edges{0, 1, 0, 1})
	last, _ := geometry(false, Shape{3, 5, 12}, 1, 3, 1, Edges{1, 1, 1, 1})
	runs, _ := geometry(false, Shape{3, 4, 32}, 1, 3, 1, Edges{1, 1, 1, 1})
	rows, _ := geometry(false, Shape{3, 14, 32}, 1, 3, 1, Edges{1, 1, 1, 1})
	convs := []*convCase{newConvCase(g, small, r), newConvCase(last, small, r), newConvCase(runs, small, r), newConvCase(rows, small, r)}
	for i, in := range []int{12, 32} {
		blocks, _ := geometry(true, Shape{3, 4, in}, 3-2*i, 4, 2, Edges{1, 1, 1, 1})
		convs = append(convs, newConvCase(blocks, small, r))
	}
	dense := newDenseCase(3, Shape{2, 2, 41}, random, r)
	short := newDenseCase(2, Shape{2, 2, 64}, random, r)
	for _, b := range Backends() {
		for start := range 64 {
			alloc := func(size int) []byte { return make([]byte, start+size)[start:] }
			for _, c := range convs {
				c.check(t, b, alloc)
			}
			dense.check(t, b, alloc)
			short.check(t, b, alloc)
		}
	}
}

func TestGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	sums := map[string]func(int) int{}
	for _, b := range assembly() {
		for _, tile := range []*tile{b.engine.wide, b.engine.last, b.engine.blocks} {
			if tile.sum != nil {
				sums[fmt.Sprintf("%s, %d channels of %d pixels", b.name, tile.channels, tile.pixels)] = tile.sum
			}
		}
	}
	for name, sum := range sums {
		for f := range fillings {
			steps := make([][]int8, r.IntN([]int{20, 3 * groupWindow}[r.IntN(2)]))
			for i := range steps {
				steps[i] = f.weights(r, 128)
			}
			wanted := r.IntN(2) == 0
			order, quads, pairs := groups(steps, sum, wanted)
			if sorted := slices.Sorted(slices.Values(order)); len(order) != len(steps) || len(steps) > 0 && (sorted[0] != 0 || len(slices.Compact(sorted)) != len(steps)) {
				t.Fatalf("%s: %v is no order of %d steps", name, order, len(steps))
			}
			if !wanted && quads != 0 {
				t.Errorf("%s, filling %d: %d quads that are not wanted", name, f, quads)
			}
			switch f {
			case highest, lowest:
				if quads != 0 || pairs != 0 {
					t.Errorf("%s, filling %d: %d quads and %d pairs of steps that cannot be added", name, f, quads, pairs)
				}
			case small:
				if 2*quads+pairs != len(steps)/2 || wanted && quads == 0 && len(steps) > 7 {
					t.Errorf("%s, filling %d: only %d quads and %d pairs of %d steps", name, f, quads, pairs, len(steps))
				}
			}
			for g := range quads + pairs {
				of := order[4*min(g, quads):][2*max(0, g-quads):]
				if g < quads {
					of = of[:4]
				} else {
					of = of[:2]
				}
				high, low := map[int]int{}, map[int]int{}
				for _, i := range of {
					for k, w := range steps[i] {
						high[sum(k)] += max(int(w), 0) * ActivationMax
						low[sum(k)] += min(int(w), 0) * ActivationMax
					}
				}
				for lane := range high {
					if high[lane] > 32767 || low[lane] < -32768 {
						t.Errorf("%s, filling %d: a sum of steps %v ranges from %d to %d", name, f, of, low[lane], high[lane])
					}
				}
			}
		}
	}
}

// 100 fits all but itself, 158 only 100. Whoever takes the first that fits, or lets 100 choose
// first, leaves two without a partner.
func TestPartners(t *testing.T) {
	var all []group
	for i, sum := range []uint64{100, 150, 108, 158, 0, 259} {
		all = append(all, group{[]int{i}, []uint64{7 * perLane, sum << 48}})
	}
	if got, want := partners(all[:4]), []int{3, 2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("partners %v, want %v", got, want)
	}
	if got, want := partners(all[3:]), []int{1, 0, -1}; !slices.Equal(got, want) {
		t.Errorf("partners %v, want %v", got, want)
	}
}

// Work that exceeds the budget of a call is split anywhere.
func TestBudget(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	up, _ := geometry(true, Shape{5, 7, 20}, 43, 3, 2, Edges{0, 1, 0, 1})
	last, _ := geometry(false, Shape{9, 10, 32}, 3, 3, 1, Edges{1, 1, 1, 1})
	blocks, _ := geometry(true, Shape{6, 7, 32}, 3, 4, 2, Edges{1, 1, 1, 1})
	rows, _ := geometry(false, Shape{7, 26, 32}, 1, 3, 1, Edges{1, 1, 1, 1})
	cases := []*convCase{newConvCase(up, small, r), newConvCase(last, random, r), newConvCase(blocks, brink, r), newConvCase(rows, random, r)}
	dense := newDenseCase(5, Shape{6, 7, 75}, random, r)
	short := newDenseCase(2, Shape{6, 7, 128}, random, r)
	for _, b := range assembly() {
		for _, budget := range []int{1, 10_000, 30_000, 100_000} {
			e := *b.engine
			e.budget = budget
			tight := Backend{newTiled(b.name, &e, b.peak)}
			for _, c := range cases {
				c.check(t, tight, heap)
			}
			dense.check(t, tight, heap)
			short.check(t, tight, heap)
		}
	}
}

// Few channels of a transposed convolution go through a grid's blocks wherever one is full.
func TestBlocksServe(t *testing.T) {
	for _, b := range assembly() {
		for kernel := 1; kernel <= MaxKernel; kernel++ {
			for channels := 1; channels <= lastChannels+1; channels++ {
				for side := 1; side <= 3; side++ {
					before := (kernel - 1) / 2
					g, ok := geometry(true, Shape{side, side, 5}, channels, kernel, 2, Edges{before, before, before, before})
					if !ok {
						continue
					}
					conv, err := Backend{b}.NewLeakyConv(g, Slopes{In: 0.2 * float32(side%2)}, make([]int8, channels*kernel*kernel*5), make([]int32, channels), slices.Repeat([]float32{1}, channels))
					if err != nil {
						t.Fatal(err)
					}
					// A full block of kernel 4 takes two source pixels a side. Kernel 1 and one
					// source pixel have one phase.
					want := channels <= lastChannels && g.Out.Height > 1 && (kernel < 4 || side > 1)
					got := conv.tiled.last != nil && conv.tiled.last[0].entry != nil
					if got != want {
						t.Errorf("%s, %+v: blocks serve it: %t, want %t", b.name, g, got, want)
					}
				}
			}
		}
	}
}

// Rows of taps that are added in 16 bits are where that is exact.
func TestWholeRows(t *testing.T) {
	g, _ := geometry(false, Shape{4, 8, 32}, 1, 3, 1, Edges{1, 1, 1, 1})
	for _, b := range assembly() {
		last := b.engine.lastRuns
		if last == nil || last.runTaps != 2 {
			continue
		}
		for _, c := range []struct {
			weight        int8 // of one row; others have 1
			serves        bool
			whole, others int
		}{{43, true, 3, 0}, {-43, true, 3, 0}, {44, true, 2, 1}, {64, true, 2, 1}, {65, false, 0, 0}} {
			for row := range 3 {
				weights := slices.Repeat([]int8{1}, 9*32)
				for i := range 3 * 32 {
					weights[row*3*32+i] = c.weight
				}
				conv, err := Backend{b}.NewConv(g, weights, []int32{0}, []float32{1})
				if err != nil {
					t.Fatal(err)
				}
				p := &conv.tiled.last[0]
				if serves := p.tile == last; serves != c.serves || serves && (p.pairs != c.whole || p.singles != c.others) {
					t.Errorf("%s, weights %d: served: %t, by %d whole rows and %d others, want %+v", b.name, c.weight, serves, p.pairs, p.singles, c)
				}
			}
		}
	}
}

// The default decoder's layers have the kernels that are made for them, and others do not.
func TestFastest(t *testing.T) {
	for _, b := range assembly() {
		for _, c := range []struct {
			in, out Shape
			kernel  int
			want    bool // the kernel for several rows
		}{
			{Shape{28, 28, 32}, Shape{28, 28, 1}, 3, true},
			{Shape{2, 14, 29}, Shape{2, 14, 1}, 3, true},
			{Shape{2, 23, 32}, Shape{2, 23, 1}, 3, true},
			{Shape{2, 22, 32}, Shape{2, 22, 1}, 3, false}, // much of the tiles would be left over
			{Shape{2, 13, 32}, Shape{2, 13, 1}, 3, false},
			{Shape{1, 14, 32}, Shape{1, 14, 1}, 3, false},
			{Shape{4, 14, 28}, Shape{4, 14, 1}, 3, false},
			{Shape{4, 14, 32}, Shape{4, 14, 2}, 3, false},
			{Shape{4, 14, 32}, Shape{4, 14, 1}, 5, false},
		} {
			edge := c.kernel / 2
			g := Geometry{In: c.in, Out: c.out, Kernel: c.kernel, Stride: 1, Edges: Edges{edge, edge, edge, edge}}
			n := c.out.Channels
			conv, err := Backend{b}.NewConv(g, make([]int8, n*c.kernel*c.kernel*c.in.Channels), make([]int32, n), slices.Repeat([]float32{1}, n))
			if err != nil {
				t.Fatal(err)
			}
			got := conv.tiled.last[0].rows != 0
			if want := c.want && b.engine.lastRows != nil; got != want {
				t.Errorf("%s, %v to %v: several rows at once: %t, want %t", b.name, c.in, c.out, got, want)
			}
		}
		for _, c := range []struct {
			inputs, channels int
			slope            float32
			want             bool // the kernel for few inputs
		}{{2, 64, 0, true}, {1, 128, 0, true}, {3, 64, 0, false}, {2, 96, 0, false}, {2, 64, 0.2, false}} {
			n := c.channels
			d, err := Backend{b}.NewLeakyDense(c.inputs, Shape{1, 1, n}, c.slope, make([]int8, c.inputs*n), make([]int32, n), slices.Repeat([]float32{1}, n))
			if err != nil {
				t.Fatal(err)
			}
			got := d.tiled.whole[0].tile.short
			if want := c.want && b.engine.short != nil; got != want {
				t.Errorf("%s, %+v: the kernel for few inputs: %t, want %t", b.name, c, got, want)
			}
		}
	}
}
