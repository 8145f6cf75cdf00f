package pair

import (
	"github.com/vae-edge/vae-edge/encoder/fit"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// NewEncoder returns the int8 encoder of a pair of models, fitted to images: to the same ones of
// them in training and later.
func NewEncoder(m *vae.Model, q *model.Model, images []byte, threads int) (*model.Model, error) {
	const seed = 1
	return quantize.Encoder(m, q, images, quantize.Options{Threads: threads, Seed: seed})
}

// NoteFit has an encoder say how well it and its decoder q fit the grey images that both have
// learnt from. Of others it says nothing.
func NoteFit(e, q *model.Model, images []byte) error {
	if q.Image[2] != 1 {
		return nil
	}
	const most = 6000 // images, evenly from all
	size := q.PictureSize()
	n := len(images) / size
	var some []byte
	for i := range min(n, most) {
		at := i * n / min(n, most) * size
		some = append(some, images[at:at+size]...)
	}
	whole := *q
	whole.Encoder = e.Encoder
	usual, err := fit.Measure(&whole, some)
	if err != nil {
		return err
	}
	return fit.Note(e, usual)
}

// WriteEncoder writes the file of an encoder and returns its size in bytes.
func WriteEncoder(file string, e *model.Model) (int, error) {
	data, err := e.Marshal()
	if err != nil {
		return 0, err
	}
	return len(data), atomicfile.WriteBytes(file, data)
}
