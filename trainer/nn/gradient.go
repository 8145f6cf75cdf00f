package nn

import (
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// GradientOptions are how a gradient is computed. Its bits depend on them, but for the pool.
type GradientOptions struct {
	Batch   int // images, at most
	Shard   int // images that a goroutine takes through the networks together
	Pool    *parallel.Pool
	Backend *sgemm.Backend
	// Fused says of every network that it is run forward and backward in one go: see Pass.Run.
	Fused []bool
	// InputGradient says of every network that the gradient of its inputs is wanted.
	InputGradient []bool
	// Frozen says of every network that its weights stay as they are and have no gradient in
	// Values: what goes back through it is for the network before. nil is none.
	Frozen []bool
	// DenseInLanes: the gradients of dense layers are summed shard by shard, as those of
	// convolutions are, and not over the whole batch at once, which needs the activations around
	// them of all its images.
	DenseInLanes bool
	// Extra is the number of floats that the objective has gradients for, beside the networks'
	// weights.
	Extra int
}

func (o *GradientOptions) frozen(net int) bool { return o.Frozen != nil && o.Frozen[net] }

// Gradient computes the gradient of an objective over the images of a batch.
//
// A batch is cut into shards of a few images, whatever the number of threads, and
// shards are dealt to at most 16 lanes, which add up gradients and are summed in a
// fixed order. So the result does not depend on the threads.
type Gradient struct {
	// Values are laid out as the weights of the networks that are not frozen, one after the other,
	// and the extra floats
	Values  []float32
	Workers []*Worker // at most one for a thread of the pool

	o       GradientOptions
	nets    []*Network
	offsets []int // of the networks' weights in Values
	shard   func(w *Worker, first, count int)

	// Tensors of a whole batch, by network: those that the gradients of dense weights need of all
	// images.
	batchX, batchD [][][]float32

	lanes [][]float32
	// inLane is where a layer's weights are, then its biases, by network and layer; empty for a
	// dense layer without DenseInLanes
	inLane   [][]Span
	extra    Span // in a lane
	packings []packing
	pieces   []piece

	// Of the batch under way.
	images, active             int // active lanes
	runPack, runLane, runPiece func(worker, task int)
}

// piece is a task in computing Values: a part of a dense layer's, or the sum over the lanes of
// a range.
type piece struct {
	net, layer, part int
	lane, sum        Span // the same range in a lane and in Values; otherwise empty
}

const maxLanes = 16

// NewGradient prepares to compute the gradients of networks. shard is to take count images of the
// batch from number first on through the worker's passes, forward and backward; an image of a pass
// is numbered from 0 in the shard.
func NewGradient(nets []*Network, o GradientOptions, shard func(w *Worker, first, count int)) *Gradient {
	g := &Gradient{o: o, nets: nets, shard: shard}
	g.runPack, g.runLane, g.runPiece = g.pack, g.lane, g.piece
	size, inLane := 0, 0
	for k, n := range nets {
		g.offsets = append(g.offsets, size)
		frozen := o.frozen(k)
		g.packings = append(g.packings, n.packings(!frozen || o.InputGradient[k], o.InputGradient[k])...)
		spans := make([]Span, len(n.Layers))
		for i, l := range n.Layers {
			if frozen {
				break
			}
			if n.dense[i] != nil && !o.DenseInLanes {
				for part := range n.dense[i].Pieces() {
					g.pieces = append(g.pieces, piece{net: k, layer: i, part: part})
				}
				continue
			}
			of := Span{l.WeightSpan.From, l.BiasSpan.To} // biases follow weights
			spans[i] = Span{inLane, inLane + of.len()}
			g.addSums(inLane, size+of.From, of.len())
			inLane += of.len()
		}
		g.inLane = append(g.inLane, spans)
		g.batchX, g.batchD = append(g.batchX, make([][]float32, len(n.Layouts))), append(g.batchD, make([][]float32, len(n.Layouts)))
		if !o.DenseInLanes && !frozen {
			for i, d := range n.dense {
				if d != nil {
					g.batchTensor(g.batchX[k], n, n.Layers[i].source)
					g.batchTensor(g.batchD[k], n, i+1)
				}
			}
			if out := n.Output(); o.Fused[k] && g.batchD[k][out] != nil {
				g.batchX[k][out] = g.batchD[k][out] // outputs are replaced by their gradient
			}
		}
		if !frozen {
			size += n.Size()
		}
	}
	g.extra = Span{inLane, inLane + o.Extra}
	g.addSums(inLane, size, o.Extra)
	g.Values = make([]float32, size+o.Extra)

	shards := (o.Batch + o.Shard - 1) / o.Shard
	for range min(shards, maxLanes) {
		g.lanes = append(g.lanes, make([]float32, g.extra.To))
	}
	for i := range min(o.Pool.Threads(), len(g.lanes)) {
		w := &Worker{Number: i, inLane: g.inLane}
		for k := range nets {
			p := g.newPass(k)
			p.worker, p.net, p.frozen = w, k, o.frozen(k)
			w.Passes = append(w.Passes, p)
		}
		g.Workers = append(g.Workers, w)
	}
	return g
}

// addSums adds the tasks that sum a range of the lanes.
func (g *Gradient) addSums(lane, sum, n int) {
	for from := 0; from < n; from += rangeSize {
		to := min(from+rangeSize, n)
		g.pieces = append(g.pieces, piece{lane: Span{lane + from, lane + to}, sum: Span{sum + from, sum + to}})
	}
}

func (g *Gradient) batchTensor(tensors [][]float32, n *Network, tensor int) {
	if tensors[tensor] == nil {
		tensors[tensor] = make([]float32, g.o.Batch*n.Layouts[tensor].Size())
	}
}

// newPass makes a pass through a network, without the tensors of the whole batch.
func (g *Gradient) newPass(k int) *Pass {
	n := g.nets[k]
	p := n.newPass()
	p.inputGradient = g.o.InputGradient[k]
	last := n.segments[len(n.segments)-1]
	for t := range n.Layouts {
		// Backward, a segment reads what went forward through it. So only of the one that is turned
		// around in may an image take the place of the one before.
		images := g.o.Shard
		if g.o.Fused[k] && last.single && t > last.first {
			images = 1
		}
		if g.batchX[k][t] == nil {
			p.x[t] = n.memory(t, images)
		} else {
			p.x[t].stride = n.Layouts[t].Size()
		}
		switch {
		case g.batchD[k][t] != nil:
			p.d[t].stride = n.Layouts[t].Size()
		case g.o.Fused[k] && t == n.Output():
			p.d[t] = p.x[t]
		case t > 0 || p.inputGradient:
			images := 1
			if t == 0 || t == n.Output() || n.dense[t-1] != nil || !n.inside(t) {
				images = g.o.Shard
			}
			p.d[t] = n.memory(t, images)
		}
	}
	return p
}

// Compute takes the first images of a batch, as many as are given, through the networks with the
// weights as they are now. Values are only set by Sum.
func (g *Gradient) Compute(images int) {
	g.images = images
	g.o.Pool.Run(len(g.packings), g.runPack)
	g.active = min(len(g.lanes), (images+g.o.Shard-1)/g.o.Shard)
	g.o.Pool.Run(g.active, g.runLane)
}

// Sum sets Values after Compute.
func (g *Gradient) Sum() { g.o.Pool.Run(len(g.pieces), g.runPiece) }

func (g *Gradient) pack(_, task int) { g.packings[task].run() }

// lane runs every len(g.lanes)th shard, beginning with its own.
func (g *Gradient) lane(worker, lane int) {
	w := g.Workers[worker]
	w.lane = g.lanes[lane]
	clear(w.lane)
	w.Extra = g.extra.Of(w.lane)
	for first := lane * g.o.Shard; first < g.images; first += len(g.lanes) * g.o.Shard {
		count := min(g.o.Shard, g.images-first)
		for k, p := range w.Passes {
			for t, x := range g.batchX[k] {
				if x != nil {
					// This shard's alone
					p.x[t].data = x[first*p.x[t].stride : (first+count)*p.x[t].stride]
				}
			}
			for t, d := range g.batchD[k] {
				if d != nil {
					p.d[t].data = d[first*p.d[t].stride : (first+count)*p.d[t].stride]
				}
			}
		}
		g.shard(w, first, count)
		if g.o.DenseInLanes {
			w.addDense(count)
		}
	}
}

// addDense adds the gradients of dense weights over count images to the lane.
func (w *Worker) addDense(count int) {
	for k, p := range w.Passes {
		for i, d := range p.dense {
			if d != nil && !p.frozen {
				dw, db := w.ofLane(k, i)
				for part := range d.Pieces() {
					d.BackwardWeights(dw, db, p.D(i+1, 0), p.X(p.Layers[i].source, 0), count, part)
				}
			}
		}
	}
}

// piece computes a piece of Values.
func (g *Gradient) piece(_, task int) {
	p := g.pieces[task]
	if p.sum.len() > 0 {
		sum := p.sum.Of(g.Values)
		copy(sum, p.lane.Of(g.lanes[0]))
		for _, lane := range g.lanes[1:g.active] {
			g.o.Backend.Add(sum, p.lane.Of(lane))
		}
		return
	}
	n := g.nets[p.net]
	l := &n.Layers[p.layer]
	values := g.Values[g.offsets[p.net]:]
	d := n.dense[p.layer]
	dw, db := l.WeightSpan.Of(values), l.BiasSpan.Of(values)
	d.Clear(dw, db, p.part)
	d.BackwardWeights(dw, db, g.batchD[p.net][p.layer+1], g.batchX[p.net][l.source], g.images, p.part)
}
