package vae

import (
	"math"
	"math/rand/v2"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// textbook is the network in float64, written from the definitions of its
// layers and losses, to hold the fast one against.
type textbook struct {
	Config
	encoder, decoder []nn.Layer
	// By the address of an array's first number in the model
	params map[*float32][]float64
	// noise, where it is set, is added to what a layer of the decoder makes of an image.
	noise func(image, layer int, x []float64)
}

func newTextbook(m *Model) *textbook {
	t := &textbook{Config: m.Config, encoder: m.Encoder.Layers, decoder: m.Decoder.Layers, params: map[*float32][]float64{}}
	for _, p := range m.Params() {
		var wide []float64
		for _, v := range p.Data {
			wide = append(wide, float64(v))
		}
		t.params[&p.Data[0]] = wide
	}
	return t
}

// run computes a layer.
func (t *textbook) run(l nn.Layer, x []float64) []float64 {
	w, b := t.params[&l.Weight[0]], t.params[&l.Bias[0]]
	var y []float64
	if l.Op != model.Dense {
		y = conv64(l.Geometry(l.In), x, w, b)
	} else {
		for o := range b {
			sum := b[o]
			for k, v := range x {
				sum += v * w[k*len(b)+o]
			}
			y = append(y, sum)
		}
	}
	if l.Target == model.ReLU {
		for i, v := range y {
			y[i] = max(v, 0)
		}
	}
	return y
}

func conv64(c kernels.Geometry, x, w, b []float64) []float64 {
	oh, ow := c.Out.Height, c.Out.Width
	y := make([]float64, oh*ow*c.Out.Channels)
	for i := range y {
		y[i] = b[i%c.Out.Channels]
	}
	sh, sw := oh, ow // the small picture
	if c.Transposed {
		sh, sw = c.In.Height, c.In.Width
	}
	for sy := range sh {
		for sx := range sw {
			for k := range c.Kernel * c.Kernel {
				iy, ix := sy*c.Stride+k/c.Kernel-c.Edges[kernels.Top], sx*c.Stride+k%c.Kernel-c.Edges[kernels.Left]
				oy, ox := sy, sx
				if c.Transposed {
					iy, ix, oy, ox = oy, ox, iy, ix
				}
				if iy < 0 || iy >= c.In.Height || ix < 0 || ix >= c.In.Width || oy < 0 || oy >= oh || ox < 0 || ox >= ow {
					continue
				}
				for ci := range c.In.Channels {
					for co := range c.Out.Channels {
						at := (k*c.In.Channels+ci)*c.Out.Channels + co
						if c.Transposed {
							at = (k*c.Out.Channels+co)*c.In.Channels + ci
						}
						y[(oy*ow+ox)*c.Out.Channels+co] += x[(iy*c.In.Width+ix)*c.In.Channels+ci] * w[at]
					}
				}
			}
		}
	}
	return y
}

func (t *textbook) encode(pixels []byte) (mean, logVar []float64) {
	x := make([]float64, len(pixels))
	for i, p := range pixels {
		x[i] = float64(p) / 255
	}
	heads := len(t.encoder) - 2
	for _, l := range t.encoder[:heads] {
		x = t.run(l, x)
	}
	return t.run(t.encoder[heads], x), t.run(t.encoder[heads+1], x)
}

func (t *textbook) decode(image int, z []float64) []float64 {
	for i, l := range t.decoder {
		z = t.run(l, z)
		if t.noise != nil && l.Target == model.ReLU {
			t.noise(image, i, z)
		}
	}
	return z
}

// crossEntropy64 goes through the probability, as definitions do.
func crossEntropy64(logits []float64, pixels []byte) float64 {
	sum := 0.0
	for i, l := range logits {
		p, x := 1/(1+math.Exp(-l)), float64(pixels[i])/255
		sum -= x*math.Log(p) + (1-x)*math.Log(1-p)
	}
	return sum
}

// squares64 is the sum of the squares of what the pixels that are drawn are away from an image.
func squares64(logits []float64, pixels []byte) float64 {
	sum := 0.0
	for i, l := range logits {
		d := 1/(1+math.Exp(-l)) - float64(pixels[i])/255
		sum += d * d
	}
	return sum
}

// stats of images, with the noise of image i in dimension d being eps(i, d).
// With bookPoints, LossBook is taken at the points that it samples itself.
func (t *textbook) stats(images [][]byte, eps func(i, d int) float32, bookPoints bool) Stats {
	n, pixels, latent := float64(len(images)), float64(t.Pixels()), float64(t.Latent)
	s := Stats{Images: len(images), KLPerDim: make([]float64, t.Latent)}
	for i, image := range images {
		mean, logVar := t.encode(image)
		point := func(deviation func(logVar float64) float64) []float64 {
			var z []float64
			for d := range mean {
				z = append(z, mean[d]+deviation(logVar[d])*float64(eps(i, d)))
			}
			return z
		}
		elbo := func(l float64) float64 { return math.Exp(l / 2) }
		none := func(float64) float64 { return 0 }
		own, book := elbo, math.Exp
		if t.Loss == LossBook {
			own = math.Exp
		}
		if t.KLWeight == 0 {
			own, book = none, none
		}
		if !bookPoints {
			book = own
		}
		if t.Loss == LossSigma {
			s.MSE += squares64(t.decode(i, point(own)), image) / pixels / n
		} else {
			s.Reconstruction += crossEntropy64(t.decode(i, point(own)), image) / n
			s.BookLoss += crossEntropy64(t.decode(i, point(book)), image) / pixels / n
		}
		for d := range mean {
			if t.KLWeight == 0 {
				continue
			}
			m, l := mean[d], logVar[d]
			s.BookLoss += -5e-4 * (1 + l - m*m - math.Exp(l)) / latent / n
			deviation := own(l)
			s.KLPerDim[d] += (m*m + deviation*deviation - 1 - 2*math.Log(deviation)) / 2 / n
		}
	}
	s.BCE = s.Reconstruction / pixels
	if t.Loss == LossSigma {
		// The density of grey levels around those that are drawn, at the variance that makes it
		// largest
		variance := 255 * 255 * (s.MSE + leastVariance)
		s.Reconstruction = pixels * (math.Log(2*math.Pi*variance) + 1) / 2
		s.BookLoss = 0
	}
	for _, v := range s.KLPerDim {
		s.KL += v
	}
	s.NegELBO = s.Reconstruction + s.KL
	s.Objective = s.Reconstruction + t.KLWeight*s.KL
	if t.Loss == LossBook {
		s.Objective = s.BCE + t.KLWeight*(s.BookLoss-s.BCE)
	}
	return s
}

// configs are small networks with every objective.
func configs() map[string]Config {
	elbo := Config{Network: modeltest.Book(4, 6, 1, 2, 5), Loss: LossELBO, KLWeight: 1}
	colour, weighted, deep, sigma := elbo, elbo, elbo, elbo
	colour.Network = modeltest.Book(4, 6, 3, 3, 8)
	weighted.Network = modeltest.Book(2, 4, 1, 2, 5)
	deep.Network = modeltest.Deep()
	sigma.Network, sigma.Loss = modeltest.Deep(), LossSigma
	book, classical, classicalBook := weighted, weighted, weighted
	weighted.KLWeight = 0.25
	book.Loss, book.KLWeight = LossBook, 30 // so that the KL term counts
	classical.KLWeight = 0
	classicalBook.Loss, classicalBook.KLWeight = LossBook, 0
	return map[string]Config{
		"elbo": elbo, "colour": colour, "weighted": weighted, "book": book, "deep": deep, "sigma": sigma,
		"classical": classical, "classical book": classicalBook,
	}
}

// randomModel is a model with biases other than zero.
func randomModel(c Config) *Model {
	m, err := New(c, 1)
	if err != nil {
		panic(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range m.Params() {
		if len(p.Shape) == 1 {
			for i := range p.Data {
				p.Data[i] = rng.Float32()*0.4 - 0.2
			}
		}
	}
	return m
}

// randomImages are smooth blots, n of them in one slice.
func randomImages(c Config, n int) []byte {
	rng := rand.New(rand.NewPCG(3, 4))
	var images []byte
	for range n {
		cy, cx, r := rng.Float64()*float64(c.Image[0]), rng.Float64()*float64(c.Image[1]), 1+rng.Float64()*float64(c.Image[0])/3
		for i := range c.Pixels() {
			y, x := i/c.Image[2]/c.Image[1], i/c.Image[2]%c.Image[1]
			d := math.Hypot(float64(y)-cy, float64(x)-cx) / r
			images = append(images, byte(255*math.Exp(-d*d)))
		}
	}
	return images
}

func cut(images []byte, size int) (list [][]byte) {
	for ; len(images) > 0; images = images[size:] {
		list = append(list, images[:size])
	}
	return list
}
