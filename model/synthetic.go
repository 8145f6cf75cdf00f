package model

import (
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/kernels"
)

// Synthetic returns a small model whose weights come from a stated generator and not from training,
// so that what it decodes never changes. It has odd sizes, every kernel size, both strides, uneven
// edges, three channels and an encoder: it is what the golden hashes are about, not a picture of
// anything.
func Synthetic() *Model {
	m := &Model{
		Name: "synthetic", Latent: 3, LatentSteps: LatentSteps, Image: [3]int{41, 33, 3},
		Decoder: int8Layers(Stack{
			{Op: Dense, Out: [3]int{5, 4, 24}, Target: ReLU},
			{Op: ConvTranspose, Kernel: 3, Stride: 2, Edges: &kernels.Edges{0, 1, 0, 1}, Out: [3]int{10, 8, 37}, Target: ReLU},
			{Op: Conv, Kernel: 1, Stride: 1, Edges: &kernels.Edges{}, Out: [3]int{10, 8, 20}, Target: ReLU},
			{Op: ConvTranspose, Kernel: 4, Stride: 2, Edges: &kernels.Edges{1, 1, 1, 2}, Out: [3]int{20, 15, 9}, Target: ReLU},
			{Op: Conv, Kernel: 2, Stride: 1, Edges: &kernels.Edges{1, 0, 0, 1}, Out: [3]int{20, 15, 32}, Target: ReLU},
			{Op: ConvTranspose, Kernel: 5, Stride: 2, Edges: &kernels.Edges{1, 1, 0, 0}, Out: [3]int{41, 33, 17}, Target: ReLU},
			{Op: ConvTranspose, Kernel: 3, Stride: 1, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{41, 33, 3}, Target: Pixels},
		}),
		Encoder: int8Layers(Stack{
			{Op: Conv, Kernel: 3, Stride: 2, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{21, 17, 16}, Target: ReLU},
			{Op: Conv, Kernel: 3, Stride: 1, Edges: &kernels.Edges{}, Out: [3]int{19, 15, 11}, Target: ReLU},
			{Op: Dense, Out: [3]int{1, 1, 13}, Target: ReLU},
			{Op: Dense, Out: [3]int{1, 1, 6}, Target: Latent},
		}),
		Table: new([kernels.TableSize]uint8),
	}
	m.synthesize()
	return m
}

// SyntheticDense is a small model like Synthetic of what decoders other than the book's have: dense
// layers after the first, between convolutions and to pixels.
func SyntheticDense() *Model {
	m := &Model{
		Name: "synthetic-dense", Latent: 5, LatentSteps: LatentSteps, Image: [3]int{9, 7, 3},
		Decoder: int8Layers(Stack{
			{Op: Dense, Out: [3]int{1, 1, 37}, Target: ReLU},
			{Op: Dense, Out: [3]int{1, 1, 70}, Target: ReLU},
			{Op: Dense, Out: [3]int{3, 2, 19}, Target: ReLU},
			{Op: ConvTranspose, Kernel: 3, Stride: 2, Edges: &kernels.Edges{0, 1, 0, 1}, Out: [3]int{6, 4, 13}, Target: ReLU},
			{Op: Dense, Out: [3]int{2, 2, 25}, Target: ReLU},
			{Op: Dense, Out: [3]int{9, 7, 3}, Target: Pixels},
		}),
		Table: new([kernels.TableSize]uint8),
	}
	m.synthesize()
	return m
}

// SyntheticLeaky is a small model like Synthetic with leaky ReLUs of several slopes, in either
// half.
func SyntheticLeaky() *Model {
	m := &Model{
		Name: "synthetic-leaky", Latent: 4, LatentSteps: LatentSteps, Image: [3]int{30, 22, 3},
		Decoder: int8Layers(Stack{
			{Op: Dense, Out: [3]int{4, 3, 40}, Target: LeakyReLU, Slope: 0.2},
			{Op: ConvTranspose, Kernel: 3, Stride: 2, Edges: &kernels.Edges{0, 1, 0, 1}, Out: [3]int{8, 6, 37}, Target: LeakyReLU, Slope: 0.3},
			{Op: Conv, Kernel: 3, Stride: 1, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{8, 6, 41}, Target: LeakyReLU, Slope: 0.01},
			{Op: Dense, Out: [3]int{4, 3, 21}, Target: LeakyReLU, Slope: 0.01},
			{Op: ConvTranspose, Kernel: 4, Stride: 2, Edges: &kernels.Edges{1, 1, 1, 2}, Out: [3]int{8, 5, 9}, Target: ReLU},
			{Op: ConvTranspose, Kernel: 5, Stride: 2, Edges: &kernels.Edges{2, 2, 0, 2}, Out: [3]int{15, 11, 12}, Target: LeakyReLU, Slope: 0.25},
			{Op: ConvTranspose, Kernel: 4, Stride: 2, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{30, 22, 3}, Target: Pixels},
		}),
		Encoder: int8Layers(Stack{
			{Op: Conv, Kernel: 3, Stride: 2, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{15, 11, 16}, Target: LeakyReLU, Slope: 0.01},
			{Op: Conv, Kernel: 4, Stride: 2, Edges: &kernels.Edges{2, 2, 0, 2}, Out: [3]int{8, 5, 33}, Target: LeakyReLU, Slope: 0.2},
			{Op: Dense, Out: [3]int{1, 1, 13}, Target: LeakyReLU, Slope: 0.3},
			{Op: Dense, Out: [3]int{1, 1, 8}, Target: Latent},
		}),
		Table: new([kernels.TableSize]uint8),
	}
	m.synthesize()
	return m
}

// synthesize makes the table and the weights from the generator.
func (m *Model) synthesize() {
	// A sigmoid would need exp; any rising table will do: this one is a straight line.
	for i := range m.Table {
		m.Table[i] = uint8(min(max((i-kernels.TableSize/2)/16+128, 0), 255))
	}
	g := lcg.Generator(2024)
	m.eachLayer(func(name string, in [3]int, l *Int8Layer) error {
		weights := 1
		biases, scales := l.constants(name)
		for _, n := range l.weightShape(in) {
			weights *= n
		}
		inputs := weights / biases
		// A typical accumulator is about sqrt(inputs) times a typical product; the scale brings it
		// to where outputs vary.
		magnitude, target := 40*70, 110
		if name == latentLayer {
			magnitude = 4000 * 70
		}
		if !l.Activates() {
			target = 1000
		}
		root := 1
		for root*root < inputs {
			root++
		}
		for range weights {
			l.Weight = append(l.Weight, int8(g.Between(-127, 127)))
		}
		for range biases {
			l.Bias = append(l.Bias, int32(g.Between(-30, 30)*magnitude*root/100))
		}
		for range scales {
			// Dividing two integers is one correctly rounded operation.
			l.Scale = append(l.Scale, float32(target*g.Between(700, 1300))/float32(1000*magnitude*root))
		}
		return nil
	})
}
