package measure

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
)

// Likeness is how like pictures are to others.
type Likeness struct {
	// PSNR is the peak signal-to-noise ratio over the pixels of all pictures together, in dB; 100
	// if there is no difference
	PSNR float64 `json:"psnr_db"`
	// SSIM is the mean of the pictures' structural similarity: 1 for the same, about 0 for others
	SSIM float64 `json:"ssim"`
}

// Alike compares pictures of that shape, one after another, with others. The structural similarity
// is that of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility
// to Structural Similarity" (2004): within Gaussian windows of 11 x 11 pixels with a standard
// deviation of 1.5, where they lie within the picture, and a mean over the channels. It is 0 where
// pictures are smaller than a window.
func Alike(a, b []byte, shape [3]int, threads int) Likeness {
	size := shape[0] * shape[1] * shape[2]
	n := len(a) / size
	squares, similar := make([]float64, n), make([]float64, n)
	pool := parallel.New(threads)
	windows := make([]similarity, pool.Threads())
	pool.Run(n, func(worker, i int) {
		x, y := a[i*size:(i+1)*size], b[i*size:(i+1)*size]
		for k, p := range x {
			d := float64(p) - float64(y[k])
			squares[i] += d * d
		}
		similar[i] = windows[worker].of(x, y, shape)
	})
	var l Likeness
	sum := 0.0
	for i := range n {
		sum += squares[i]
		l.SSIM += similar[i] / float64(n)
	}
	l.PSNR = 100
	if sum > 0 {
		l.PSNR = min(l.PSNR, 10*math.Log10(255*255*float64(n*size)/sum))
	}
	return l
}

const window = 11

// gaussian are the weights of a window's rows and columns.
var gaussian = func() (w [window]float64) {
	sum := 0.0
	for i := range w {
		d := float64(i - window/2)
		w[i] = math.Exp(-d * d / (2 * 1.5 * 1.5))
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}()

// similarity has the memory that a comparison needs.
type similarity struct {
	maps, rows [5][]float64 // x, y, their squares and their product
}

// of is the structural similarity of two pictures.
func (s *similarity) of(x, y []byte, shape [3]int) float64 {
	height, width, channels := shape[0], shape[1], shape[2]
	if height < window || width < window {
		return 0
	}
	inner := width - window + 1
	if len(s.maps[0]) < height*width {
		for m := range s.maps {
			s.maps[m], s.rows[m] = make([]float64, height*width), make([]float64, height*inner)
		}
	}
	const c1, c2 = (0.01 * 255) * (0.01 * 255), (0.03 * 255) * (0.03 * 255)
	sum := 0.0
	for c := range channels {
		for i := range height * width {
			a, b := float64(x[i*channels+c]), float64(y[i*channels+c])
			s.maps[0][i], s.maps[1][i], s.maps[2][i], s.maps[3][i], s.maps[4][i] = a, b, a*a, b*b, a*b
		}
		for m, of := range s.maps {
			for r := range height {
				row, out := of[r*width:][:width], s.rows[m][r*inner:][:inner]
				for i := range out {
					v := 0.0
					for k, w := range gaussian {
						v += w * row[i+k]
					}
					out[i] = v
				}
			}
		}
		for r := range height - window + 1 {
			for i := range inner {
				var v [5]float64
				for k, w := range gaussian {
					at := (r+k)*inner + i
					for m := range v {
						v[m] += w * s.rows[m][at]
					}
				}
				ma, mb := v[0], v[1]
				va, vb, cov := v[2]-ma*ma, v[3]-mb*mb, v[4]-ma*mb
				sum += (2*ma*mb + c1) * (2*cov + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
			}
		}
	}
	return sum / float64(channels*inner*(height-window+1))
}
