package quantize_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// However an encoder is quantized: what comes out is a valid weights file, the same for any number
// of threads, gives nearly the same codes and variances and leaves the float model as it was.
func TestEncoder(t *testing.T) {
	configs := configs
	if !gate.All() {
		configs = configs[:1] // threads are the same with all
	}
	for _, c := range configs {
		t.Run(c.name, func(t *testing.T) {
			m, images := c.trained(t)
			q, err := quantize.Quantize(m, "a-name", images, quantize.Options{Order: turns(50, 48), Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			before := weights(m)
			e, err := quantize.Encoder(m, q, images, quantize.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(weights(m), before) {
				t.Error("the float model has changed")
			}
			file, err := e.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if e, err = model.Parse(file); err != nil {
				t.Fatalf("the weights file cannot be read: %v", err)
			}
			if e.Name != "a-name" || e.DecoderSum != q.DecoderDigest() || len(e.Encoder) != len(c.Encoder) {
				t.Errorf("%q with %d layers for %s", e.Name, len(e.Encoder), e.DecoderSum)
			}
			again, err := quantize.Encoder(m, q, images, quantize.Options{Threads: 3})
			if err != nil {
				t.Fatal(err)
			}
			if other, err := again.Marshal(); err != nil || !bytes.Equal(other, file) {
				t.Errorf("3 threads make another file than 1, error %v", err)
			}

			// Against the float encoder, by the definitions.
			n := len(images) / m.Pixels()
			mean, logVar := vae.NewRunner(m, 1, nil).Encode(images)
			enc, err := encoder.New(e)
			if err != nil {
				t.Fatal(err)
			}
			var units, posterior, offset float64
			code, variance := make([]int16, m.Latent), make([]int16, m.Latent)
			for i := range n {
				enc.Posterior(code, variance, images[i*m.Pixels():][:m.Pixels()])
				for k := range code {
					at := i*m.Latent + k
					d := float64(code[k])/float64(e.LatentSteps) - float64(mean[at])
					sd := m.Deviation(logVar[at])
					if sd == 0 {
						sd = 1
					}
					units, posterior = units+d*d, posterior+d*d/(sd*sd)
					offset += d
					if sd := math.Exp(float64(variance[k]) / float64(e.LatentSteps) / 2); m.KLWeight > 0 && math.Abs(sd/m.Deviation(logVar[at])-1) > 0.3 {
						t.Errorf("image %d: a standard deviation of %v, want %v", i, sd, m.Deviation(logVar[at]))
					}
				}
			}
			units, posterior = math.Sqrt(units/float64(len(mean))), math.Sqrt(posterior/float64(len(mean)))
			s, err := quantize.EvaluateEncoder(m, e, images, 2)
			if err != nil || math.Abs(s.Units-units) > 1e-9 || math.Abs(s.Posterior-posterior) > 1e-9 {
				t.Errorf("the score is %+v, %v, want %v and %v", s, err, posterior, units)
			}
			if units > 0.1 || math.Abs(offset)/float64(len(mean)) > 0.003 {
				t.Errorf("codes are off by %.4f units, on average by %.4f", units, offset/float64(len(mean)))
			}
		})
	}
}

func TestEncoderRefuses(t *testing.T) {
	c := configs[0].Config
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	images := bars(c, 4)
	q, err := quantize.Quantize(m, "m", images, quantize.Options{Order: turns(10, 4)})
	if err != nil {
		t.Fatal(err)
	}
	for _, images := range [][]byte{nil, images[1:]} {
		if _, err := quantize.Encoder(m, q, images, quantize.Options{}); err == nil {
			t.Errorf("%d bytes of images are accepted", len(images))
		}
	}
	// Pictures of one level, and one picture alone.
	for _, grey := range []byte{0, 255} {
		if _, err := quantize.Encoder(m, q, bytes.Repeat([]byte{grey}, c.Pixels()), quantize.Options{}); err != nil {
			t.Errorf("grey level %d: %v", grey, err)
		}
	}
	m.Params()[5].Data[3] = float32(math.NaN())
	if _, err := quantize.Encoder(m, q, images, quantize.Options{}); err == nil || !strings.Contains(err.Error(), "activations are not finite") {
		t.Errorf("a weight that is no number: %v", err)
	}
}

// However large or small the weights of an encoder's layers are, its int8 form is a valid one. Only
// weights that are out of all proportion have none.
func FuzzEncoder(f *testing.F) {
	f.Add(int8(0), int8(0), int8(0), uint8(0))
	f.Add(int8(12), int8(-12), int8(12), uint8(3))
	f.Add(int8(40), int8(-40), int8(40), uint8(3))
	f.Add(int8(-40), int8(40), int8(-40), uint8(255))
	c := vae.Config{Network: modeltest.Book(4, 6, 1, 3, 4), Loss: vae.LossELBO, KLWeight: 1}
	images := make([]byte, 3*c.Pixels())
	for i := range images {
		images[i] = byte(i * i)
	}
	m, err := vae.New(c, 1)
	if err != nil {
		f.Fatal(err)
	}
	q, err := quantize.Quantize(m, "m", images, quantize.Options{Order: turns(3, 3), Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, conv, dense, heads int8, zeroed uint8) {
		m, err := vae.New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		const most = 40 // powers of 2
		proportioned := max(conv, dense, heads) <= 12 && min(conv, dense, heads) >= -12
		for i, p := range m.Params()[:14] {
			by := conv
			if i >= 8 {
				by = dense
			}
			if i >= 10 {
				by = heads
			}
			for k := range p.Data {
				p.Data[k] = float32(math.Ldexp(float64(p.Data[k]), int(max(min(by, most), -most))))
				if zeroed>>(k%8)&1 == 1 {
					p.Data[k] = 0
				}
			}
		}
		e, err := quantize.Encoder(m, q, images, quantize.Options{Threads: 1})
		if err != nil && !proportioned {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := encoder.New(e); err != nil {
			t.Fatal(err)
		}
	})
}
