package play

import (
	"fmt"

	"github.com/vae-edge/vae-edge/latent"
)

// decode decodes Point.
func (m *loaded) decode(r *Request) (any, []byte, error) {
	point, err := m.fixed(r.Point)
	if err != nil {
		return nil, nil, err
	}
	colors, err := m.colors(r.Palette)
	if err != nil {
		return nil, nil, err
	}
	m.decoder.Decode(m.picture, point)
	h, w := m.Image[0], m.Image[1]
	out := make([]byte, 4*h*w)
	colors.draw(out, 4*w, m.picture, m.Image)
	return Picture{w, h, m.real(point)}, out, nil
}

const maxSheet = 64 << 20 // bytes

// sheet decodes Size pictures of the model's plane, From on, Step apart.
func (m *loaded) sheet(r *Request) (any, []byte, error) {
	h, w := m.Image[0], m.Image[1]
	cols, rows := r.Size[0], r.Size[1]
	if cols < 1 || rows < 1 || cols > 1000 || rows > 1000 || 4*cols*w*rows*h > maxSheet {
		return nil, nil, fmt.Errorf("a sheet of %d x %d pictures", cols, rows)
	}
	colors, err := m.colors(r.Palette)
	if err != nil {
		return nil, nil, err
	}
	plane, point := m.Plane(), make([]int16, m.Latent)
	steps := func(x float64) int16 { return m.FixedPoint(nil, x)[0] }
	out := make([]byte, 4*cols*w*rows*h)
	for j := range rows {
		for i := range cols {
			plane.At(point, steps(r.From[0]+float64(i)*r.Step[0]), steps(r.From[1]+float64(j)*r.Step[1]))
			m.decoder.Decode(m.picture, point)
			colors.draw(out[4*(j*h*cols*w+i*w):], 4*cols*w, m.picture, m.Image)
		}
	}
	return Picture{Width: cols * w, Height: rows * h}, out, nil
}

// draw returns random point number Frame of Seed, as Point.
func (m *loaded) draw(r *Request) any {
	point := make([]int16, m.Latent)
	m.Prior().Draw(point, latent.NewStream(r.Seed, r.Frame))
	return Edited{m.real(point), -1}
}
