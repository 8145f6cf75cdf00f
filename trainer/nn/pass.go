package nn

import "github.com/vae-edge/vae-edge/model"

// Pass is the memory with which one goroutine takes images through a Network.
// Images are numbered from 0 within a pass.
type Pass struct {
	*Network

	// After, unless nil, is called when a layer has computed its outputs of n images, its ReLU or
	// leaky ReLU included, before another reads them.
	After func(layer, image, n int)
	// Through, unless nil, takes the gradient of a layer's outputs to that of the sums, in the
	// place of its ReLU and of what After did.
	Through func(layer, image, n int)

	x, d          []Memory // by tensor: activations, and their gradients
	scratch       []float32
	inputGradient bool
	worker        *Worker // whose lane the gradients of weights are added to
	net           int     // its number of the network
	frozen        bool    // there are none
}

// Worker is the memory of a goroutine that computes gradients.
type Worker struct {
	Number int
	Passes []*Pass   // by network
	Extra  []float32 // the sums of the extra floats' gradients, to be added to

	lane   []float32
	inLane [][]Span // Gradient.inLane
}

// Memory is where a tensor of several images lies: one after the other, or each in the
// place of the one before.
type Memory struct {
	data   []float32
	stride int // floats from an image to the next; 0 if there is one
}

// At returns the memory from an image on.
func (m Memory) At(image int) []float32 { return m.data[image*m.stride:] }

// X is the tensor's activations from an image on, in its layout.
func (p *Pass) X(tensor, image int) []float32 { return p.x[tensor].At(image) }

// Beside makes memory for as many floats as the tensor's activations have, of as many images.
func (p *Pass) Beside(tensor int) Memory {
	m := p.x[tensor]
	m.data = make([]float32, len(m.data))
	return m
}

// D is their gradients.
func (p *Pass) D(tensor, image int) []float32 { return p.d[tensor].At(image) }

// Output is the number of the last tensor.
func (n *Network) Output() int { return len(n.Layers) }

// newPass makes what passes have in common.
func (n *Network) newPass() *Pass {
	p := &Pass{Network: n, x: make([]Memory, len(n.Layouts)), d: make([]Memory, len(n.Layouts))}
	scratch := 0
	for _, c := range n.convs {
		if c != nil {
			scratch = max(scratch, c.Scratch(1))
		}
	}
	p.scratch = make([]float32, scratch)
	return p
}

// memory makes memory for a tensor of so many images.
func (n *Network) memory(tensor, images int) Memory {
	size := n.Layouts[tensor].Size()
	m := Memory{data: make([]float32, images*size)}
	if images > 1 {
		m.stride = size
	}
	return m
}

// NewPass makes a pass that only runs forward, of up to so many images.
func (n *Network) NewPass(images int) *Pass {
	p := n.newPass()
	for t := range p.x {
		if n.inside(t) {
			p.x[t] = n.memory(t, 1)
		} else {
			p.x[t] = n.memory(t, images)
		}
	}
	return p
}

// inside says that a tensor lies inside a segment through which images go one at a time, or is the
// network's input or output there.
func (n *Network) inside(tensor int) bool {
	for i, s := range n.segments {
		if s.single && (tensor > s.first || tensor == s.first && i == 0 && n.convs[0] != nil) &&
			(tensor < s.end || tensor == s.end && i == len(n.segments)-1) {
			return true
		}
	}
	return false
}

// Run takes count images through the network. It calls load, unless nil, to set the input of an
// image, and each, unless nil, when the outputs of an image are there. With backward set each has
// to set their gradient, and Run takes it back to the input. The outputs of an image and their
// gradient may be those of the next one after each has returned.
func (p *Pass) Run(count int, load, each func(image int), backward bool) {
	last := len(p.segments) - 1
	for i, s := range p.segments {
		if !s.single {
			if i == 0 && load != nil {
				for image := range count {
					load(image)
				}
			}
			p.forward(s, 0, count)
			if i == last {
				if each != nil {
					for image := range count {
						each(image)
					}
				}
				if backward {
					p.backward(s, 0, count)
				}
			}
			continue
		}
		for image := range count {
			if i == 0 && load != nil {
				load(image)
			}
			p.forward(s, image, 1)
			if i == last {
				if each != nil {
					each(image)
				}
				if backward {
					p.backward(s, image, 1)
				}
			}
		}
		if i == last && backward {
			p.backwardEntry(s, count)
		}
	}
	if backward {
		p.backwardSegments(last, count)
	}
}

// Backward takes the gradients of the outputs of count images back to the input, after a Run
// without.
func (p *Pass) Backward(count int) { p.backwardSegments(len(p.segments), count) }

// backwardSegments goes back through the segments before that one.
func (p *Pass) backwardSegments(end, count int) {
	for i := end - 1; i >= 0; i-- {
		s := p.segments[i]
		if !s.single {
			p.backward(s, 0, count)
			continue
		}
		for image := range count {
			p.backward(s, image, 1)
		}
		p.backwardEntry(s, count)
	}
}

func (p *Pass) forward(s segment, image, n int) {
	for i := s.first; i < s.end; i++ {
		l := &p.Layers[i]
		y, x := p.X(i+1, image), p.X(l.source, image)
		if c := p.convs[i]; c != nil {
			c.Forward(y, x, l.Bias, l.isReLU(), n, p.scratch)
		} else {
			p.dense[i].Forward(y, x, l.Bias, l.isReLU(), n)
		}
		if l.Target == model.LeakyReLU {
			leakyReLU(y[:n*p.Layouts[i+1].Size()], l.Slope)
		}
		if p.After != nil {
			p.After(i, image, n)
		}
	}
}

// backward goes back through a segment, but for a dense layer that a segment of single images
// begins with.
func (p *Pass) backward(s segment, image, n int) {
	first := s.first
	if s.single && p.dense[first] != nil {
		first++
	}
	for end := s.end; end > first; {
		source := p.Layers[end-1].source
		begin := end - 1
		for begin > first && p.Layers[begin-1].source == source { // two heads
			begin--
		}
		for i := begin; i < end; i++ {
			if c := p.convs[i]; c != nil {
				p.backwardConv(i, image, n)
			} else if source > 0 || p.inputGradient {
				p.dense[i].Backward(p.D(source, image), p.D(i+1, image), i > begin, n)
			}
		}
		p.through(source, image, n)
		end = begin
	}
}

// backwardEntry goes back through the dense layer that a segment of single images begins with, if
// there is one, with all images at once, which makes more of its weights.
func (p *Pass) backwardEntry(s segment, count int) {
	d := p.dense[s.first]
	if source := p.Layers[s.first].source; d != nil && (source > 0 || p.inputGradient) {
		d.Backward(p.D(source, 0), p.D(s.first+1, 0), false, count)
		p.through(source, 0, count)
	}
}

// through takes the gradient of a tensor to that of the sums that its layer made it of.
func (p *Pass) through(tensor, image, n int) {
	layer := tensor - 1
	if layer < 0 {
		return
	}
	if p.Through != nil {
		p.Through(layer, image, n)
		return
	}
	size := n * p.Layouts[tensor].Size()
	d, y := p.D(tensor, image)[:size], p.X(tensor, image)[:size]
	switch l := &p.Layers[layer]; l.Target {
	case model.ReLU:
		p.backend.ReLUBackward(d, y)
	case model.LeakyReLU:
		leakyReLUBackward(d, y, l.Slope)
	}
}

// leakyReLU multiplies what is below 0 by the slope.
func leakyReLU(x []float32, slope float32) {
	for i, v := range x {
		x[i] = max(v, v*slope) // as the slope is below 1
	}
}

// leakyReLUBackward multiplies d by the slope where y, what leakyReLU gave, is not above 0: there
// the input was not either.
func leakyReLUBackward(d, y []float32, slope float32) {
	for i, v := range y[:len(d)] {
		if !(v > 0) {
			d[i] *= slope
		}
	}
}

// ofLane is where a lane adds up the gradients of a layer's weights and biases.
func (w *Worker) ofLane(net, layer int) (dw, db []float32) {
	of := w.inLane[net][layer].Of(w.lane)
	weights := w.Passes[net].Layers[layer].WeightSpan.len()
	return of[:weights], of[weights:]
}

// backwardConv adds the gradient of a convolution's weights, unless they are frozen, and sets that
// of its input, if somebody wants it.
func (p *Pass) backwardConv(layer, image, n int) {
	source := p.Layers[layer].source
	var dx []float32
	if source > 0 || p.inputGradient {
		dx = p.D(source, image)
	}
	var dw, db []float32
	if !p.frozen {
		dw, db = p.worker.ofLane(p.net, layer)
	}
	p.convs[layer].Backward(dx, dw, db, p.D(layer+1, image), p.X(source, image), n, p.scratch)
}

// SetInput sets the input of an image to values, row by row.
func (p *Pass) SetInput(image int, values []float32) {
	l, x := p.Layouts[0], p.X(0, image)
	for y := range l.Height {
		row := l.Row(x, 0, y)
		copy(row, values[y*len(row):])
	}
}

// Load sets the input of an image from its pixels, as grey levels 0 to 1.
func (p *Pass) Load(image int, pixels []byte) { p.LoadShifted(image, pixels, 0, 0) }

// LoadShifted is Load with the image shifted down by dy pixels and right by dx. What comes in from
// outside is background, 0.
func (p *Pass) LoadShifted(image int, pixels []byte, dy, dx int) {
	l, x := p.Layouts[0], p.X(0, image)
	size := l.Width * l.Channels
	first, end := max(dx, 0)*l.Channels, (l.Width+min(dx, 0))*l.Channels
	for y := range l.Height {
		row := l.Row(x, 0, y)
		if y-dy < 0 || y-dy >= l.Height || first >= end {
			clear(row)
			continue
		}
		clear(row[:first])
		clear(row[end:])
		row = row[first:end]
		from := pixels[(y-dy)*size:][:size][first-dx*l.Channels:]
		for i := range row {
			row[i] = GreyLevels[from[i]]
		}
	}
}
