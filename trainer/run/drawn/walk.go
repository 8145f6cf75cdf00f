package drawn

import (
	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// Walk are the pictures on the path through points and back to the first.
func Walk(d *decoder.Decoder, points [][]int16, frames int) []byte {
	q := d.Model()
	p := latent.NewPath(points, q.PictureSize(), d.Decode)
	step := p.Total() / uint64(frames)
	at := make([]int16, frames*q.Latent)
	for i := range frames {
		p.At(at[i*q.Latent:][:q.Latent], uint64(i), step)
	}
	return pair.DrawInt8(d)(at)
}
