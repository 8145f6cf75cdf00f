package compare

import (
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// What a decoder has drawn is found again, the same with any number of threads.
func TestInversion(t *testing.T) {
	n, err := model.Preset("book", [3]int{8, 8, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	m := nn.NewModel("decoder.", n.Decoder, n.Point(), nil)
	m.Draw(1, 0)
	for _, l := range m.Layers {
		for i := range l.Weight {
			l.Weight[i] *= 3
		}
	}
	const images = 40
	z := make([]float32, 2*images)
	for i := range z {
		z[i] = vae.Noise(9, i/2, i%2)
	}
	r := nn.NewRunner(m, parallel.New(2), nil)
	draw := func(z []float32) []byte {
		logits := make([]float32, images*64)
		r.Outputs(logits, z)
		pixels := make([]byte, len(logits))
		pair.Pixels(pixels, logits)
		return pixels
	}
	want := draw(z)
	v := DefaultInversion
	found := v.Points(m, want, 1)
	off := 0
	for i, p := range draw(found) {
		off += max(int(p)-int(want[i]), int(want[i])-int(p))
	}
	if mean := float64(off) / (64 * images); !(mean < 2) {
		t.Errorf("what is drawn at the points that were found is %.2f grey levels off", mean)
	}
	if !slices.Equal(found, v.Points(m, want, 3)) {
		t.Error("it depends on the threads")
	}
	v.Steps = 0
	first := 0
	for i, p := range draw(v.Points(m, want, 1)) {
		first += max(int(p)-int(want[i]), int(want[i])-int(p))
	}
	if first < 4*off {
		t.Errorf("the search has brought %d only to %d", first, off)
	}
}
