package quantize_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
)

// leakyDecoder is a random decoder of pictures of 16 x 16 with leaky ReLUs of that slope, in the
// order of layers of PyTorch-VAE's. Its activations have a variance of about 1, its logits of 4.
func leakyDecoder(slope float32, channels int, seed uint64) *nn.Model {
	const latent = 8
	s := model.Stack{{Op: model.Dense, Out: [3]int{2, 2, 4 * channels}}}
	for _, of := range []struct {
		op       model.Op
		kernel   int
		stride   int
		channels int
	}{
		{model.ConvTranspose, 3, 2, 2 * channels}, {model.ConvTranspose, 3, 2, channels},
		{model.ConvTranspose, 4, 2, channels}, {model.Conv, 3, 1, 3},
	} {
		s = append(s, model.Same(of.op, s[len(s)-1].Out, of.kernel, of.stride, of.channels))
	}
	for i := range s {
		s[i].Target, s[i].Slope = model.LeakyReLU, slope
	}
	s[len(s)-1].Target, s[len(s)-1].Slope = model.Pixels, 0
	m := nn.NewModel("", s, [3]int{1, 1, latent}, nil)
	rng := rand.New(rand.NewPCG(seed, 5))
	for i, l := range m.Layers {
		inputs, gain := float64(l.Kernel*l.Kernel*l.In[2])/float64(l.Stride*l.Stride), 2/(1+float64(slope)*float64(slope))
		switch {
		case l.Op == model.Conv:
			inputs, gain = float64(l.Kernel*l.Kernel*l.In[2]), 4*gain
		case l.Op == model.Dense:
			inputs, gain = latent, 1
		}
		for k := range l.Weight {
			m.Layers[i].Weight[k] = float32(rng.NormFloat64() * math.Sqrt(gain/inputs))
		}
		for k := range l.Bias {
			m.Layers[i].Bias[k] = float32(0.3 * rng.NormFloat64())
		}
	}
	return m
}

// twoChannels is the decoder that computes the same with two ReLU channels, of x and of -x, in the
// place of every leaky one.
func twoChannels(m *nn.Model) *nn.Model {
	s := append(model.Stack{}, m.Stack...)
	for i := range s {
		if s[i].Target == model.LeakyReLU {
			s[i].Target, s[i].Slope, s[i].Out[2] = model.ReLU, 0, 2*s[i].Out[2]
		}
	}
	to := nn.NewModel("", s, m.In, nil)
	for i, l := range m.Layers {
		n := &to.Layers[i]
		ins, outs, slope := 1, 1, float32(0)
		if i > 0 && m.Layers[i-1].Target == model.LeakyReLU {
			ins, slope = 2, m.Layers[i-1].Slope
		}
		if l.Target == model.LeakyReLU {
			outs = 2
		}
		in, out := l.In[2], len(l.Bias)
		for k, w := range l.Weight {
			taps, a, b := k/(in*out), k/out%in, k%out
			if l.Op == model.ConvTranspose {
				a, b = k%in, k/in%out
			}
			for x := range ins {
				for y := range outs {
					v := w
					if x == 1 {
						v *= -slope
					}
					if y == 1 {
						v = -v
					}
					// Channel c becomes 2c, of x, and 2c+1, of -x
					at := ((taps*in+a)*ins+x)*out*outs + b*outs + y
					if l.Op == model.ConvTranspose {
						at = ((taps*out+b)*outs+y)*in*ins + a*ins + x
					}
					n.Weight[at] = v
				}
			}
		}
		for c, v := range l.Bias {
			n.Bias[c*outs] = v
			if outs == 2 {
				n.Bias[c*outs+1] = -v
			}
		}
	}
	return to
}

// int8PSNR is the PSNR of the decoder's int8 form, learnt at so many points of the prior, at
// others.
func int8PSNR(t *testing.T, m *nn.Model, points int) (psnr float64, q *model.Model) {
	t.Helper()
	latent := m.In[2]
	q, err := quantize.Decoder(m, "leaky", &quantize.Prior{Latent: latent, Seed: 1}, points, quantize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return priorPSNR(t, m, q), q
}

// A leaky ReLU natively, by a zero point, against two ReLU channels, which compute the same in
// float32 with up to four times the multiplications. Their steps are finer below 0: that is 3 dB of
// random decoders, and not worth it.
func TestLeakyAgainstTwoChannels(t *testing.T) {
	gate.Only(t)
	seeds, points, channels := uint64(1), 500, 8
	if os.Getenv("VAE_EDGE_LONG") == "1" {
		seeds, points, channels = 3, 6000, 16
	}
	for _, slope := range []float32{0.01, 0.2, 0.3} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("slope %v, %d", slope, seed), func(t *testing.T) {
				m := leakyDecoder(slope, channels, seed)
				two := twoChannels(m)
				z, _, _ := (&quantize.Prior{Latent: m.In[2], Seed: 3}).Next(4)
				a, b := make([]float32, 4*16*16*3), make([]float32, 4*16*16*3)
				nn.NewRunner(m, parallel.New(1), nil).Outputs(a, z)
				nn.NewRunner(two, parallel.New(1), nil).Outputs(b, z)
				for i := range a {
					if math.Abs(float64(a[i]-b[i])) > 1e-4 {
						t.Fatalf("logit %d is %v with leaky ReLUs, %v with two channels", i, a[i], b[i])
					}
				}
				native, q := int8PSNR(t, m, points)
				other, q2 := int8PSNR(t, two, points)
				if !(native >= 36 && native >= other-4 && 3*q.MACs() < q2.MACs()) {
					t.Errorf("native %.1f dB, two channels %.1f dB", native, other)
				}
				t.Logf("native %.1f dB with %d multiply-accumulates, two channels %.1f dB with %d", native, q.MACs(), other, q2.MACs())
			})
		}
	}
}
