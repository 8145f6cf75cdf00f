//go:build (amd64 || arm64 || arm.6 || (js && simd128)) && !purego

package kernels

import (
	"math"
	"slices"
	"sort"
	"sync/atomic"
	"unsafe"
)

// This file cuts layers into the tiles that the assembly computes. A convolution of any kernel,
// stride and direction is, phase by phase, a product of two matrices: rows are the phase's pixels
// as one flat list, columns are output channels, and the sum runs over steps, each a few
// consecutive bytes of the source at a fixed distance from the pixel. A list of offsets takes the
// place of an im2col copy.

// convKernel and denseKernel name an assembly function; their run methods call it. A function value
// would do, but arguments of its call would escape to the heap.
type (
	convKernel  int
	denseKernel int
)

// An engine is a set of assembly kernels of one instruction set.
type engine struct {
	// wide and narrow are by output channels; narrow serves what is left over, and is nil where
	// wide is narrow enough
	wide, narrow *tile
	wider        *tile // wide for more pixels, where those of a phase divide better; may be nil
	last         *tile // one output channel, looked up in a table of pixels
	lastRuns     *tile // the same, faster, where pixels come in runs; may be nil
	lastRows     *tile // the same, faster yet, of a kernel of 3; may be nil
	blocks       *tile // the same for all four phases at once, where a grid has them
	colours      *tile // the same, faster, for three channels; may be nil
	dense        *denseTile
	short        *denseTile // the same, faster, for few inputs; may be nil
	// budget is the multiply-accumulates of one call, far below 250 microseconds on the slowest
	// CPU: assembly is not preempted
	budget int
	// spread is how often blocks and colours have the bias of a phase: for every block of a vector
	spread int
}

// A tile is a kernel that computes some output pixels times some output channels at once.
type tile struct {
	convKernel
	pixels, channels int
	step             int // source bytes of a pixel that a step reads
	// Of engine.lastRuns only: neighbours is how many pixels must follow each other in a row, of
	// one step each, and rowTaps is how many taps a row of the kernel must have, 0 being any
	// number. runSum is the 16-bit lane that the product with weight i of a step is added in; it is
	// nil where products are added in 32 bits. As many of a row's taps as runTaps, from the left,
	// are added in 16 bits, and all where that is exact, too.
	neighbours, rowTaps, runTaps int
	runSum                       func(i int) int
	// Of engine.lastRows only: rows is how many rows under each other a tile has pixels of. The
	// list has the first of each, a step is a row of the source, and weights lie in the order of
	// taps.
	rows int
	// place is the output channel and the source byte that weight i of a step is for.
	place func(i int) (channel, source int)
	// lane is the output channel of bias, scale and accumulator i.
	lane func(i int) int
	// sum is the 16-bit lane that the product with weight i of a step is added in. It is nil where
	// products are added in 32 bits.
	sum func(i int) int
	// biasLanes is how many lanes begin with a channel's bias and zeros after it, 0 standing for 1.
	biasLanes int
	// quads says that the kernel adds four steps in 16 bits, too.
	quads bool
	// halves says that the kernel reads every weight as 16 bits.
	halves bool
	// Of engine.blocks only: entry is the block in a tile and the phase that entry i in the list of
	// pixels is for. The tile's pixels are blocks, its channels the phases of one output channel
	// after another.
	entry func(i int) (block, phase int)
}

// entries is how many pixels of the list a tile takes.
func (t *tile) entries() int {
	switch {
	case t.entry != nil:
		return t.pixels * gridPhases
	case t.rows != 0:
		return t.rows
	}
	return t.pixels
}

// lastTile is a tile of one output channel, the lanes of whose sums run over source bytes.
func lastTile(k convKernel, pixels, step int, sum func(i int) int) *tile {
	return &tile{
		convKernel: k,
		pixels:     pixels, channels: 1, step: step,
		place: func(i int) (channel, source int) { return 0, i },
		lane:  inOrder,
		sum:   sum,
	}
}

// inRuns makes t a tile for engine.lastRuns.
func (t *tile) inRuns(neighbours, rowTaps int) *tile {
	t.neighbours, t.rowTaps = neighbours, rowTaps
	return t
}

// blocksTile is a tile of one output channel of so many blocks, of 16 source bytes a step.
func blocksTile(k convKernel, blocks int, entry func(i int) (block, phase int), sum func(i int) int) *tile {
	return &tile{
		convKernel: k,
		pixels:     blocks, channels: gridPhases, step: 16,
		place: func(i int) (channel, source int) { return i / 16, i % 16 },
		lane:  inOrder,
		sum:   sum,
		entry: entry,
	}
}

// inOrder is the order of channels where packing leaves it alone.
func inOrder(i int) int { return i }

// A denseTile is a kernel that computes some consecutive outputs at once.
type denseTile struct {
	single   denseKernel
	leaky    denseKernel // single for a leaky ReLU
	pair     denseKernel // for two points at once; single where there is none
	channels int
	inputs   int  // taken at once, 1 or 2; the weights of an output's inputs lie side by side,
	apart    bool // or those of all outputs for one input before those for the other
	short    bool // there are no more inputs than that, and the biases lie before a block's weights
	lane     func(i int) int
}

// convArgs is what a convolution kernel works on. Of every pixel it reads tile.step bytes at src +
// pixel.src + step for each step; weights, bias and scale lie in the order of tile.place and
// tile.lane.
type convArgs struct {
	src, dst *uint8
	pixels   *pixel
	tiles    int // counted down to 0
	steps    *int32
	pairs    int // 2*pairs steps, after 4*quads, may be added in 16 bits two by two
	singles  int // as many steps are left; where tile.runTaps says so, both count rows of steps
	weight   *int8
	bias     *int32
	scale    *float32
	table    *uint8 // last only
	store    int    // what is written
	// Of a leaky ReLU
	slope float32
	zero  int32
	quads int // the first 4*quads steps may be added in 16 bits four by four
}

// What a convolution kernel writes.
const (
	storeReLU  = iota // activations of a ReLU
	storeRaw          // accumulators: int32 at dst + 4*pixel.dst
	storeLeaky        // activations of a leaky ReLU
)

// denseArgs is what a dense kernel works on: rows*cols pixels of blocks*denseTile.channels outputs.
type denseArgs struct {
	dst    *uint8
	pitch  int    // bytes from pixel to pixel
	gap    int    // more bytes from row to row
	first  uint32 // the first two inputs; the second is 0 if the number of inputs is odd
	x      *int16 // the other inputs, or all where denseTile.inputs is 1
	inputs int    // how many x has
	weight *int8
	bias   *int32
	scale  *float32
	rows   int
	cols   int
	blocks int
	// Of a leaky ReLU
	slope float32
	zero  int32
	// The second point, for a pair.
	dst2   *uint8
	first2 uint32
	x2     *int16
}

// A pixel is where a tile reads and writes: bytes from the start of the maps.
type pixel struct{ src, dst int32 }

// scratchPixels is about the number of pixels that take the way through a scratch buffer at once.
const scratchPixels = 48

// maxNeighbours bounds tile.neighbours, a power of 2.
const maxNeighbours = 4

// maxChannels bounds tile.channels and denseTile.channels.
const maxChannels = 32

// A tiledConv is a convolution cut for an engine.
type tiledConv struct {
	parts  []part
	last   []part // for Pixels, where there are few channels
	placed atomic.Pointer[placement]
}

// A part is one phase's contribution to a block of output channels.
type part struct {
	*tile
	phase          *phase
	channel, count int // the first output channel and how many are real
	steps          []int32
	quads, pairs   int // see convArgs, as of
	singles        int
	weight         []int8
	bias           []int32
	scale          []float32
	// pixels has dst counted from the start of a scratch buffer of channels bytes a pixel, starting
	// again after every perScratch() pixels; in a last part, from the start of Pixels. See
	// phase.repeat.
	pixels []pixel
}

// A placement has, for every part, the pixels with dst for one layout of the output map.
type placement struct {
	layout Layout
	pixels [][]pixel
}

func (t *tile) perScratch() int { return scratchPixels / t.pixels * t.pixels }

// newTiled returns a backend around an engine.
func newTiled(name string, e *engine, limit func(n int) int) *backend {
	return &backend{
		name:      name,
		engine:    e,
		packConv:  e.packConv,
		conv:      e.conv,
		packDense: e.packDense,
		dense:     e.runDense,
		peak:      limit,
	}
}

// inPairs sets the limit of products added in 16 bits.
func (b *backend) inPairs(limit func(n int) int) *backend {
	b.peakPairs = limit
	return b
}

// lastChannels is the largest number of output channels that the last layer's own kernel is used
// for.
const lastChannels = 4

const (
	gridPhases     = 4
	colourChannels = 3 // of engine.colours
)

func (e *engine) packConv(c *Conv) {
	c.source.Border, c.source.Pitch = c.reach, (c.In.Channels+3)&^3
	for !e.cut(c) { // a step would read past the end of the map
		c.source.Border++
	}
}

// cut cuts the convolution for its source layout. It reports whether all that is read lies inside
// the source map.
func (e *engine) cut(c *Conv) bool {
	t := &tiledConv{}
	g := newGrid(c.phases)
	if g != nil && c.Out.Channels <= lastChannels {
		tile := e.blocks
		if e.colours != nil && c.Out.Channels == colourChannels {
			tile = e.colours
		}
		pixels := blockPixels(c, g, tile)
		for channel := 0; channel < c.Out.Channels; channel += tile.channels / gridPhases {
			t.last = append(t.last, newBlocks(c, g, tile, e.spread, channel, pixels))
		}
	}
	for i := range c.phases {
		p := &c.phases[i]
		for channel := 0; channel < c.Out.Channels; {
			tile := e.wide
			if e.wider != nil && e.wider.excess(p) < tile.excess(p) {
				tile = e.wider
			}
			if e.narrow != nil && c.Out.Channels-channel < tile.channels {
				tile = e.narrow
			}
			t.parts = append(t.parts, newPart(c, p, tile, channel))
			channel += tile.channels
		}
		if e.lastRows != nil && e.lastRows.servesRows(c, p) {
			t.last = append(t.last, newRows(c, p, e.lastRows))
		} else if c.Out.Channels <= lastChannels && g == nil {
			last := e.last
			if e.lastRuns != nil && e.lastRuns.serves(c, p) {
				last = e.lastRuns
			}
			for channel := range c.Out.Channels {
				part := newPart(c, p, last, channel)
				for n := range part.pixels {
					y, x := part.at(n)
					part.pixels[n].dst = int32((y*c.Out.Width + x) * c.Out.Channels)
				}
				t.last = append(t.last, part)
			}
		}
	}
	c.tiled = t
	size := c.source.bytes(c.In)
	for _, p := range append(t.parts, t.last...) {
		first, last := p.pixels[0].src, p.pixels[0].src
		for _, px := range p.pixels {
			first, last = min(first, px.src), max(last, px.src)
		}
		for _, s := range p.steps {
			if first+s < 0 || int(last)+int(s)+p.step > size {
				return false
			}
		}
	}
	return true
}

// serves reports whether the phase's pixels come in the tile's runs, and whether its products can
// be added as the tile does.
func (t *tile) serves(c *Conv, p *phase) bool {
	if c.source.Pitch != t.step || p.inStep != 1 || p.cols%t.neighbours != 0 || len(p.taps) == 0 {
		return false
	}
	rows := map[int][]tap{}
	for _, tap := range p.taps {
		rows[tap.dy] = append(rows[tap.dy], tap)
	}
	for _, row := range rows {
		if t.rowTaps != 0 && len(row) != t.rowTaps {
			return false
		}
		if t.runSum == nil {
			continue
		}
		sortRow(row)
		for channel := range c.Out.Channels {
			var weights [][]int8
			for _, tap := range row {
				weights = append(weights, c.kernel(channel, tap))
			}
			for of := range slices.Chunk(weights, t.runTaps) {
				if !t.fit(of) {
					return false
				}
			}
		}
	}
	return true
}

// sortRow sorts the taps of a row of the source.
func sortRow(row []tap) {
	sort.Slice(row, func(i, k int) bool { return row[i].dx < row[k].dx })
}

// rowTaps is the side of the kernel that tiles of rows are for.
const rowTaps = 3

// servesRows reports whether the phase is one of engine.lastRows: of one channel, of all taps, and
// not much narrower than its tiles.
func (t *tile) servesRows(c *Conv, p *phase) bool {
	width := t.pixels / t.rows
	return c.Out.Channels == 1 && p.outStep == 1 && p.inStep == 1 && len(p.taps) == rowTaps*rowTaps &&
		c.source.Pitch == t.step/(width+rowTaps-1) && p.rows >= t.rows && p.cols >= width && 4*((p.cols+width-1)/width*width) <= 5*p.cols
}

// newRows returns the only channel of a phase in tiles of rows. Where they do not divide the phase,
// its last ones lie over others and compute the same again.
func newRows(c *Conv, p *phase, t *tile) part {
	part := part{tile: t, phase: p, count: 1, bias: aligned[int32](16), scale: aligned[float32](1)}
	part.bias[0], part.bias[8], part.scale[0] = p.bias[0], p.bias[0], c.scale[0]
	width := t.pixels / t.rows
	for y := 0; y < p.rows; y += t.rows {
		for x := 0; x < p.cols; x += width {
			y, x := min(y, p.rows-t.rows), min(x, p.cols-width)
			for row := range t.rows {
				part.pixels = append(part.pixels, pixel{c.sourceOffset(y, x), int32((y+row)*c.Out.Width + x)})
			}
		}
	}
	dy, dx := p.taps[0].dy, p.taps[0].dx
	for _, tap := range p.taps {
		dy, dx = min(dy, tap.dy), min(dx, tap.dx)
	}
	for row := range t.rows + rowTaps - 1 {
		part.steps = append(part.steps, int32(((dy+row)*(c.In.Width+2*c.source.Border)+dx)*c.source.Pitch))
	}
	part.weight = aligned[int8](rowTaps * rowTaps * c.source.Pitch)
	for _, tap := range p.taps {
		copy(part.weight[((tap.dy-dy)*rowTaps+tap.dx-dx)*c.source.Pitch:], c.kernel(0, tap))
	}
	return part
}

// fit reports whether the products with these steps' weights can be added in the tile's 16-bit
// lanes.
func (t *tile) fit(steps [][]int8) bool {
	var positive, negative [maxChannels]int
	for _, weights := range steps {
		for i, w := range weights {
			positive[t.runSum(i)] += int(max(w, 0))
			negative[t.runSum(i)] -= int(min(w, 0))
		}
	}
	return max(slices.Max(positive[:]), slices.Max(negative[:])) <= groupLimit
}

// wholeRows puts the rows of steps first whose products can all be added, and counts both kinds.
func (t *tile) wholeRows(steps [][]int8) (order []int, whole, others int) {
	var last []int
	for first := 0; first < len(steps); first += t.rowTaps {
		fits := t.fit(steps[first:][:t.rowTaps])
		for i := range t.rowTaps {
			if fits {
				order = append(order, first+i)
			} else {
				last = append(last, first+i)
			}
		}
	}
	return append(order, last...), len(order) / t.rowTaps, len(last) / t.rowTaps
}

// excess is how many pixels too many the tiles for a phase have.
func (t *tile) excess(p *phase) int {
	return (t.pixels - p.rows*p.cols%t.pixels) % t.pixels
}

// repeat is the pixel that is n-th where the list goes on to fill a tile: the last ones in turn, as
// many as keep runs whole.
func (p *phase) repeat(n int) int {
	run := 1
	for run < maxNeighbours && p.cols%(2*run) == 0 {
		run *= 2
	}
	if pixels := p.rows * p.cols; n >= pixels {
		n = pixels - run + (n-pixels)%run
	}
	return n
}

// at is the output pixel that is n-th in the part's list.
func (p *part) at(n int) (y, x int) {
	n = p.phase.repeat(n)
	return p.phase.y0 + n/p.phase.cols*p.phase.outStep, p.phase.x0 + n%p.phase.cols*p.phase.outStep
}

func newPart(c *Conv, p *phase, t *tile, channel int) part {
	part := part{tile: t, phase: p, channel: channel, count: min(t.channels, c.Out.Channels-channel)}
	pixels := p.rows * p.cols
	for n := 0; n < pixels || n%t.pixels != 0; n++ {
		k := p.repeat(n)
		src := c.sourceOffset(k/p.cols*p.inStep, k%p.cols*p.inStep)
		part.pixels = append(part.pixels, pixel{src, int32(k % t.perScratch() * t.channels)})
	}
	lanes := max(1, t.biasLanes)
	part.bias, part.scale = aligned[int32](t.channels*lanes), aligned[float32](t.channels)
	for i := range t.channels {
		if o := t.lane(i); o < part.count {
			part.bias[i*lanes], part.scale[i] = p.bias[channel+o], c.scale[channel+o]
		}
	}

	part.pack(c, p.taps, func(o int, t tap) []int8 {
		if o >= part.count {
			return nil
		}
		return c.kernel(channel+o, t)
	})
	return part
}

// sourceOffset is where pixel (y, x) starts in the source map.
func (c *Conv) sourceOffset(y, x int) int32 {
	return int32(((y+c.source.Border)*(c.In.Width+2*c.source.Border) + x + c.source.Border) * c.source.Pitch)
}

// blockPixels is the list of the grid's blocks for output channel 0. What is cropped off goes where
// the list's last entry goes, which comes last, too.
func blockPixels(c *Conv, g *grid, t *tile) (pixels []pixel) {
	type block struct{ y, x int }
	var blocks []block
	g.each(func(y, x int) { blocks = append(blocks, block{y, x}) })
	for len(blocks)%t.pixels != 0 {
		blocks = append(blocks, blocks[len(blocks)-1])
	}
	at := func(i int) (dst int32, ok bool) {
		n, phase := t.entry(i % t.entries())
		b := blocks[i/t.entries()*t.pixels+n]
		y, x, ok := g.output(phase, b.y, b.x)
		return int32((y*c.Out.Width + x) * c.Out.Channels), ok
	}
	last, _ := at(len(blocks)*gridPhases - 1)
	for i := range len(blocks) * gridPhases {
		n, _ := t.entry(i % t.entries())
		b := blocks[i/t.entries()*t.pixels+n]
		dst, ok := at(i)
		if !ok {
			dst = last
		}
		pixels = append(pixels, pixel{c.sourceOffset(b.y, b.x), dst})
	}
	return pixels
}

// newBlocks returns all four phases of a tile's output channels.
func newBlocks(c *Conv, g *grid, t *tile, spread, channel int, pixels []pixel) part {
	part := part{tile: t, channel: channel, count: t.channels, pixels: pixels}
	lanes := max(1, t.biasLanes)
	part.bias, part.scale = aligned[int32](t.channels*spread*lanes), aligned[float32](t.channels)
	for i := range t.channels {
		of, bias := channel+i/gridPhases, g.phases[i%gridPhases].bias
		part.scale[i] = c.scale[of]
		for k := range spread {
			part.bias[(i*spread+k)*lanes] = bias[of]
		}
	}
	part.pack(c, g.taps, func(o int, t tap) []int8 {
		if of, ok := g.tap(o%gridPhases, t); ok {
			return c.kernel(channel+o/gridPhases, of)
		}
		return nil
	})
	return part
}

// pack makes the steps from the taps, which are sorted by rows of the source. kernel returns the
// weights of a tile's channel at a tap, nil for none.
func (p *part) pack(c *Conv, taps []tap, kernel func(channel int, t tap) []int8) {
	t, width := p.tile, c.In.Width+2*c.source.Border

	where := make([]int, t.channels*t.step) // place, the other way round
	for i := range where {
		o, source := t.place(i)
		where[o*t.step+source] = i
	}
	// The taps of one source row are neighbours, so their bytes are one run.
	var offsets []int32
	var weights [][]int8
	for first := 0; first < len(taps); {
		end := first
		for end < len(taps) && taps[end].dy == taps[first].dy {
			end++
		}
		row := slices.Clone(taps[first:end])
		sortRow(row)
		start := (row[0].dy*width + row[0].dx) * c.source.Pitch
		steps := make([]int8, (len(row)*c.source.Pitch+t.step-1)/t.step*len(where))
		for i, tap := range row {
			for o := range t.channels {
				step, source := i*c.source.Pitch/t.step, i*c.source.Pitch%t.step
				for _, w := range kernel(o, tap) {
					steps[step*len(where)+where[o*t.step+source]] = w
					if source++; source == t.step {
						step, source = step+1, 0
					}
				}
			}
		}
		for at := range slices.Chunk(steps, len(where)) {
			offsets, weights = append(offsets, int32(start)), append(weights, at)
			start += t.step
		}
		first = end
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	if t.sum != nil {
		order, p.quads, p.pairs = groups(weights, t.sum, t.quads)
	}
	p.singles = len(weights) - 4*p.quads - 2*p.pairs
	if t.runTaps > 1 {
		order, p.pairs, p.singles = t.wholeRows(weights)
	}
	size := len(weights) * t.step * t.channels
	if t.halves {
		size *= 2
	}
	p.weight = aligned[int8](size)[:0]
	for _, i := range order {
		p.steps = append(p.steps, offsets[i])
		if !t.halves {
			p.weight = append(p.weight, weights[i]...)
			continue
		}
		for _, w := range weights[i] {
			p.weight = append(p.weight, w, w>>7) // little-endian
		}
	}
}

// A sum in 16 bits is exact for every input if its positive and its negative weights each add up to
// at most this.
const groupLimit = math.MaxInt16 / ActivationMax

// groupWindow bounds the groups among which merge looks for partners.
const groupWindow = 128

// A group is steps whose products can be added in 16 bits whatever the input.
type group struct {
	steps []int
	// sums are of the positive weights of every 16-bit lane, and of the negative ones, without
	// their signs: four to a word, see perLane
	sums []uint64
}

// perLane times a number is that number in each of a word's four lanes. A lane sums few weights, so
// that two groups' sums never carry into the next.
const perLane = 0x0001_0001_0001_0001

// groups finds quads of steps, if wanted, and pairs. It returns the steps in a new order, in which
// the quads come first and then the pairs, and the numbers of both.
func groups(weights [][]int8, sum func(i int) int, wanted bool) (order []int, quads, pairs int) {
	lanes := 0
	for i := range weights[:min(1, len(weights))] {
		for k := range weights[i] {
			lanes = max(lanes, sum(k)+1)
		}
	}
	all := make([]group, len(weights))
	for i, w := range weights {
		sums := make([]uint64, (2*lanes+3)/4)
		for k, v := range w {
			lane := 2 * sum(k)
			if v < 0 {
				lane++
			}
			sums[lane/4] += uint64(max(int(v), -int(v))) << (16 * (lane % 4))
		}
		all[i] = group{[]int{i}, sums}
	}
	two, one := merge(all)
	var four []group
	if wanted {
		four, two = merge(two)
	}
	for _, g := range slices.Concat(four, two, one) {
		order = append(order, g.steps...)
	}
	return order, len(four), len(two)
}

// merge merges groups two by two, and returns those that it merged and those that are left.
func merge(all []group) (merged, left []group) {
	windows := (len(all) + groupWindow - 1) / groupWindow
	for i := range windows { // of nearly equal length
		of := all[i*len(all)/windows : (i+1)*len(all)/windows]
		for i, k := range partners(of) {
			switch {
			case k < 0:
				left = append(left, of[i])
			case i < k:
				of[i].add(&of[k])
				merged = append(merged, of[i])
			}
		}
	}
	return merged, left
}

// partners finds each group another to merge with, -1 for none. Those that the fewest others fit
// choose first, so that nearly as many find one as could. They choose the one that most others fit,
// so that what they merge to is likelier to find a partner, too.
func partners(all []group) []int {
	fits := make([][]bool, len(all))
	others := make([]int, len(all)) // how many without a partner fit
	of := make([]int, len(all))
	for i := range all {
		fits[i], of[i] = make([]bool, len(all)), -1
		for k := range i {
			if all[i].fits(&all[k]) {
				fits[i][k], fits[k][i] = true, true
				others[i]++
				others[k]++
			}
		}
	}
	for {
		i := -1
		for c, n := range others {
			if n > 0 && (i < 0 || n < others[i]) {
				i = c
			}
		}
		if i < 0 {
			return of
		}
		k := -1
		for c, fit := range fits[i] {
			if fit && others[c] > 0 && (k < 0 || others[c] > others[k]) {
				k = c
			}
		}
		of[i], of[k] = k, i
		for c := range others {
			if fits[i][c] {
				others[c]--
			}
			if fits[k][c] {
				others[c]--
			}
		}
		others[i], others[k] = 0, 0
	}
}

// fits says whether all products of two groups can be added in 16 bits.
func (g *group) fits(h *group) bool {
	const below, signs = (math.MaxInt16 - groupLimit) * perLane, (math.MaxInt16 + 1) * perLane
	others := h.sums[:len(g.sums)]
	for l, s := range g.sums {
		if (s+others[l]+below)&signs != 0 {
			return false
		}
	}
	return true
}

// add merges a group into g.
func (g *group) add(h *group) {
	g.steps = append(g.steps, h.steps...)
	for l, s := range h.sums {
		g.sums[l] += s
	}
}

// aligned returns a zeroed slice that starts at a multiple of 64 bytes, so that no vector load
// crosses cache lines.
func aligned[T int8 | int32 | float32](n int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	s := make([]T, n+63/size)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(s)))&63) / size
	return s[skip : skip+n : skip+n]
}

func (p *part) args(src *Map) convArgs {
	return convArgs{
		src:     &src.Data[0],
		steps:   unsafe.SliceData(p.steps),
		quads:   p.quads,
		pairs:   p.pairs,
		singles: p.singles,
		weight:  unsafe.SliceData(p.weight),
		bias:    &p.bias[0],
		scale:   &p.scale[0],
	}
}

// runAll computes all tiles, in calls within the budget.
func (p *part) runAll(e *engine, args *convArgs, pixels []pixel) {
	macs := p.tile.pixels * p.channels * p.step * max(1, len(p.steps))
	most := max(1, e.budget/macs) * p.entries()
	for len(pixels) > 0 {
		n := min(most, len(pixels))
		args.pixels, args.tiles = &pixels[0], n/p.entries()
		p.run(args)
		pixels = pixels[n:]
	}
}

func (e *engine) conv(c *Conv, dst Output, src *Map) {
	switch {
	case dst.Map != nil:
		placed := c.place(dst.Map)
		for i := range c.tiled.parts {
			p := &c.tiled.parts[i]
			args := p.args(src)
			if c.slope != 0 {
				args.store, args.slope, args.zero = storeLeaky, c.slope, int32(c.zero)
			}
			if p.count < p.channels {
				p.runNarrow(e, args, dst.Map, placed.pixels[i])
				continue
			}
			args.dst = &dst.Map.Data[p.channel]
			p.runAll(e, &args, placed.pixels[i])
		}
	case dst.Pixels != nil && c.tiled.last != nil:
		for i := range c.tiled.last {
			p := &c.tiled.last[i]
			args := p.args(src)
			args.dst, args.table = &dst.Pixels[p.channel], &dst.Table[0]
			p.runAll(e, &args, p.pixels)
		}
	default:
		for i := range c.tiled.parts {
			c.tiled.parts[i].runRaw(e, c, dst, src)
		}
	}
}

// place returns the pixels for the layout of the output map. They are made once for a layout.
func (c *Conv) place(dst *Map) *placement {
	placed := c.tiled.placed.Load()
	if placed == nil || placed.layout != dst.Layout {
		placed = &placement{layout: dst.Layout}
		for i := range c.tiled.parts {
			p := &c.tiled.parts[i]
			pixels := slices.Clone(p.pixels)
			for n := range pixels {
				pixels[n].dst = int32(dst.offset(p.at(n)))
			}
			placed.pixels = append(placed.pixels, pixels)
		}
		c.tiled.placed.Store(placed)
	}
	return placed
}

// runNarrow computes a part that has fewer channels than its tile, which must not write past them.
func (p *part) runNarrow(e *engine, args convArgs, dst *Map, placed []pixel) {
	var scratch [scratchPixels * maxChannels]uint8
	args.dst = &scratch[0]
	for start := 0; start < len(p.pixels); start += p.perScratch() {
		end := min(start+p.perScratch(), len(p.pixels))
		p.runAll(e, &args, p.pixels[start:end])
		for n := start; n < end; n++ {
			copy(dst.Data[int(placed[n].dst)+p.channel:][:p.count], scratch[p.pixels[n].dst:])
		}
	}
}

// runRaw computes accumulators and leaves the rest to the specification.
func (p *part) runRaw(e *engine, c *Conv, dst Output, src *Map) {
	var scratch [scratchPixels * maxChannels]int32
	args := p.args(src)
	args.dst, args.store = (*uint8)(unsafe.Pointer(&scratch[0])), storeRaw
	for start := 0; start < len(p.pixels); start += p.perScratch() {
		end := min(start+p.perScratch(), len(p.pixels))
		p.runAll(e, &args, p.pixels[start:end])
		for n := start; n < end; n++ {
			y, x := p.at(n)
			for i := range p.channels {
				if o := p.lane(i); o < p.count {
					dst.store(c, y, x, p.channel+o, scratch[int(p.pixels[n].dst)+i])
				}
			}
		}
	}
}

// A tiledDense is a dense layer cut for an engine: whole blocks of channels and what is left over,
// padded to a block.
type tiledDense struct {
	whole []densePart
	rest  densePart
}

type densePart struct {
	tile            *denseTile
	channel, blocks int
	// weight is [pixel][block][inputs/tile.inputs][channels][tile.inputs] or, of a short tile,
	// [pixel], the biases in bytes and [channels][tile.inputs].
	weight []int8
	bias   []int32
	scale  []float32 // [block][channels]
}

func (e *engine) packDense(d *Dense) {
	t := &tiledDense{}
	if s := e.short; s != nil && s.serves(d) {
		for channel := 0; channel < d.out.Channels; channel += s.channels {
			t.whole = append(t.whole, densePart{tile: s, channel: channel, blocks: 1})
		}
	} else {
		n := e.dense.channels
		whole := d.out.Channels / n
		if whole > 0 {
			t.whole = []densePart{{tile: e.dense, blocks: whole}}
		}
		if d.out.Channels%n != 0 {
			t.rest = densePart{tile: e.dense, channel: whole * n, blocks: 1}
			t.rest.pack(d)
		}
	}
	for i := range t.whole {
		t.whole[i].pack(d)
	}
	d.tiled = t
}

// serves reports whether a layer is one of engine.short.
func (t *denseTile) serves(d *Dense) bool {
	return d.inputs <= t.inputs && d.out.Channels%t.channels == 0 && d.slope == 0
}

// one is the kernel for one point.
func (t *denseTile) one(d *Dense) denseKernel {
	if d.slope != 0 {
		return t.leaky
	}
	return t.single
}

// groups is how many times a kernel takes inputs.
func (t *denseTile) groups(inputs int) int { return (inputs + t.inputs - 1) / t.inputs }

// bytes is how many weights a pixel has, with the biases that are among them.
func (p *densePart) bytes(inputs int) int {
	t := p.tile
	n := p.blocks * t.channels * t.groups(inputs) * t.inputs
	if t.short {
		n += 4 * t.channels
	}
	return n
}

func (p *densePart) pack(d *Dense) {
	t := p.tile
	pixels, groups, bytes := d.out.Height*d.out.Width, t.groups(d.inputs), p.bytes(d.inputs)
	outputs := p.blocks * t.channels
	p.weight, p.scale = aligned[int8](pixels*bytes), aligned[float32](outputs)
	if !t.short {
		p.bias = aligned[int32](pixels * outputs)
	}
	// An odd number of inputs leaves a gap after the first, see denseArgs.first.
	gap := groups*t.inputs - d.inputs
	for b := range p.blocks {
		for i := range t.channels {
			o := p.channel + b*t.channels + t.lane(i)
			if o >= d.out.Channels {
				continue
			}
			p.scale[b*t.channels+i] = d.scale[o]
			for px := range pixels {
				from, block := px*d.out.Channels+o, px*p.blocks+b
				weight := p.weight[px*bytes:][:bytes]
				if t.short {
					for k := range 4 { // little-endian
						weight[4*i+k] = int8(d.bias[from] >> (8 * k))
					}
					weight = weight[4*t.channels:]
				} else {
					p.bias[block*t.channels+i] = d.bias[from]
				}
				for k := range d.inputs {
					at := k
					if k > 0 {
						at += gap
					}
					inside := i*t.inputs + at%t.inputs
					if t.apart {
						inside = at%t.inputs*t.channels + i
					}
					weight[(b*groups+at/t.inputs)*t.channels*t.inputs+inside] = d.weight[from*d.inputs+k]
				}
			}
		}
	}
}

// args returns the arguments for the pixels from the given one on.
func (p *densePart) args(d *Dense, x []int16, pixel int) denseArgs {
	t := p.tile
	a := denseArgs{
		weight: &p.weight[pixel*p.bytes(d.inputs)],
		scale:  &p.scale[0],
		blocks: p.blocks,
		slope:  d.slope,
		zero:   int32(d.zero),
	}
	if !t.short {
		a.bias = &p.bias[pixel*p.blocks*t.channels]
	}
	a.first, a.x, a.inputs = t.split(x)
	return a
}

// split separates the inputs that the kernel takes first.
func (t *denseTile) split(x []int16) (first uint32, rest *int16, inputs int) {
	if t.inputs == 1 {
		return 0, &x[0], len(x)
	}
	first = uint32(uint16(x[0]))
	n := 1
	if len(x)%2 == 0 {
		first |= uint32(uint16(x[1])) << 16
		n = 2
	}
	return first, unsafe.SliceData(x[n:]), len(x) - n
}

// runDense computes the rows from y on for one point, or for two where x2 is not nil.
func (e *engine) runDense(d *Dense, dst, dst2 *Map, x, x2 []int16, y, rows int) {
	if x2 != nil && (dst.Layout != dst2.Layout || e.dense.pair == e.dense.single || d.slope != 0) {
		e.runDense(d, dst, nil, x, nil, y, rows)
		e.runDense(d, dst2, nil, x2, nil, y, rows)
		return
	}
	for i := range d.tiled.whole {
		p := &d.tiled.whole[i]
		// A call takes whole rows or, where they are long, a part of one.
		pixels := max(1, e.budget/8/(d.inputs*d.out.Channels))
		most, cols := max(1, pixels/dst.Width), min(pixels, dst.Width)
		for first := y; first < y+rows; first += most {
			for px := 0; px < dst.Width; px += cols {
				a := p.args(d, x, first*dst.Width+px)
				at := dst.offset(first, px) + p.channel
				a.dst = &dst.Data[at]
				a.rows, a.cols = min(most, y+rows-first), min(cols, dst.Width-px)
				a.pitch, a.gap = dst.Pitch, 2*dst.Border*dst.Pitch
				if x2 == nil {
					p.tile.one(d).run(&a)
					continue
				}
				a.dst2 = &dst2.Data[at]
				a.first2, a.x2, _ = p.tile.split(x2)
				p.tile.pair.run(&a)
			}
		}
	}
	if d.tiled.rest.blocks > 0 {
		e.runDenseRest(d, dst, x, y, rows)
		if x2 != nil {
			e.runDenseRest(d, dst2, x2, y, rows)
		}
	}
}

// runDenseRest computes the channels that do not fill a block.
func (e *engine) runDenseRest(d *Dense, dst *Map, x []int16, y, rows int) {
	p := &d.tiled.rest
	t := p.tile
	var scratch [scratchPixels * maxChannels]uint8
	end := (y + rows) * dst.Width
	for start := y * dst.Width; start < end; start += scratchPixels {
		a := p.args(d, x, start)
		a.dst, a.pitch, a.rows, a.cols = &scratch[0], t.channels, 1, min(scratchPixels, end-start)
		t.one(d).run(&a)
		for i := range a.cols {
			at := start + i
			copy(dst.At(at/dst.Width, at%dst.Width)[p.channel:], scratch[i*t.channels:])
		}
	}
}
