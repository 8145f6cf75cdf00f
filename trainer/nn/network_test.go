package nn

import (
	"math"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// An image is moved whole, and what comes in is background.
func TestLoadShifted(t *testing.T) {
	const height, width, channels = 4, 5, 3
	in := [3]int{height, width, channels}
	m := NewModel("", model.Stack{model.Same(model.Conv, in, 3, 2, 2)}, in, nil)
	p := NewNetwork(m, sgemm.Best(), 1).NewPass(1)
	image := make([]byte, height*width*channels)
	for i := range image {
		image[i] = byte(7*i + 1)
	}
	x := p.X(0, 0)
	for dy := -5; dy <= 5; dy++ {
		for dx := -6; dx <= 6; dx++ {
			p.LoadShifted(0, image, dy, dx)
			sum := float32(0)
			for y := range height {
				for i, v := range p.Layouts[0].Row(x, 0, y) {
					sum += v
					want := float32(0)
					if sy, sx := y-dy, i/3-dx; sy >= 0 && sy < height && sx >= 0 && sx < width {
						want = float32(image[(sy*width+sx)*3+i%3]) / 255
					}
					if v != want {
						t.Fatalf("shift by %d, %d: value %d of row %d is %v, want %v", dy, dx, i, y, v, want)
					}
				}
			}
			for _, v := range x {
				sum -= v
			}
			if math.Abs(float64(sum)) > 1e-5 {
				t.Fatalf("shift by %d, %d: the border has %v", dy, dx, sum)
			}
		}
	}
}
