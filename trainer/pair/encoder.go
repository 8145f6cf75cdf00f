package pair

import (
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

// WriteEncoder writes the file of an encoder and returns its size in bytes.
func WriteEncoder(file string, e *model.Model) (int, error) {
	data, err := e.Marshal()
	if err != nil {
		return 0, err
	}
	return len(data), atomicfile.WriteBytes(file, data)
}
