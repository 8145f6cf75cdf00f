package importer

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
)

// A Score compares an int8 decoder with the float one at latent points.
type Score struct {
	Points int `json:"points"`
	// PSNR is in dB, over the 8-bit pixels of all pictures together, 100 if they are equal; Worst
	// that of the picture that differs most
	PSNR  float64 `json:"int8_psnr_db"`
	Worst float64 `json:"int8_worst_psnr_db"`
	Most  int     `json:"largest_difference"` // in grey levels of 0 to 255
	// Flat says that pictures at different points hardly differ, as those of weights that have not
	// been trained, of which a PSNR says nothing.
	Flat bool `json:"flat"`

	shape                [3]int
	firstFloat, firstQ   []byte
	worstFloat, worstInt []byte
}

// String is the figures in a line each.
func (s *Score) String() string {
	return fmt.Sprintf("PSNR, int8 to float  %9.1f dB\n  worst picture      %9.1f dB\nlargest difference   %9d grey levels of 255\n", s.PSNR, s.Worst, s.Most)
}

// Measure compares both at so many points, or at as many as are held back for this.
func (s *Source) Measure(q *model.Model, points, threads int, seed uint64) (*Score, error) {
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	runner := nn.NewRunner(s.Float, parallel.New(threads), nil)
	source, err := s.at().held(seed, threads)
	if err != nil {
		return nil, err
	}
	points = min(points, s.at().most())
	size := q.PictureSize()
	r := &Score{Points: points, Worst: math.Inf(1), shape: q.Image}
	draw := pair.DrawInt8(d)
	total := 0.0
	var low, high []byte
	for done := 0; done < points; {
		n := min(64, points-done)
		z, _, err := source.Next(n)
		if err != nil {
			return nil, err
		}
		fixed := q.FixedPoint(nil, pair.Widened(z)...)
		logits := make([]float32, n*size)
		runner.Outputs(logits, z)
		want, got := make([]byte, n*size), draw(fixed)
		pair.Pixels(want, logits)
		for i := range n {
			a, b := want[i*size:][:size], got[i*size:][:size]
			squares := 0.0
			for k := range a {
				e := int(a[k]) - int(b[k])
				squares += float64(e * e)
				r.Most = max(r.Most, e, -e)
			}
			if psnr := decibels(squares, size); psnr < r.Worst {
				r.Worst, r.worstFloat, r.worstInt = psnr, slices.Clone(a), slices.Clone(b)
			}
			total += squares
			if low == nil {
				low, high = slices.Clone(a), slices.Clone(a)
			}
			for k, v := range a {
				low[k], high[k] = min(low[k], v), max(high[k], v)
			}
		}
		if len(r.firstFloat) < shown*size {
			r.firstFloat, r.firstQ = append(r.firstFloat, want...), append(r.firstQ, got...)
		}
		done += n
	}
	r.PSNR = decibels(total, size*points)
	r.Flat = true
	for k := range low {
		r.Flat = r.Flat && high[k]-low[k] < 16
	}
	return r, nil
}

// decibels is the PSNR of so many pixels; 100 if they are equal.
func decibels(squares float64, pixels int) float64 {
	if squares == 0 {
		return 100
	}
	return min(100, 10*math.Log10(255*255*float64(pixels)/squares))
}

// shown pictures are on a sheet, besides the worst.
const shown, columns = 23, 8

// Sheet draws pictures of both, one below the other, the one that differs most first.
func (s *Score) Sheet() image.Image {
	size := s.shape[0] * s.shape[1] * s.shape[2]
	n := min(shown, len(s.firstFloat)/size)
	row := func(name string, worst, first []byte) picture.Row {
		return picture.Row{Name: name, Images: picture.Of(slices.Concat(worst, first[:n*size]), s.shape)}
	}
	return picture.Reconstructions([]picture.Row{row("float32", s.worstFloat, s.firstFloat), row("int8", s.worstInt, s.firstQ)}, min(columns, n+1), nil)
}
