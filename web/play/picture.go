package play

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/vae-edge/vae-edge/digit"
	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/latent"
)

// A Reading is what was found in a picture, and where it lies.
type Reading struct {
	Picture           // of the picture as the model knows it, in the bytes
	Steps   string    `json:"steps"`           // what was done to it
	Doubt   string    `json:"doubt,omitempty"` // why it may not be one digit
	Sigma   []float64 `json:"sigma"`           // standard deviations around Point
	Class   int       `json:"class"`           // the nearest; -1: there are none
	Error   float64   `json:"difference"`      // of the reconstruction, a mean of grey levels
}

// maxDrawing bounds the sides of what is drawn with a finger.
const maxDrawing = 2048

// read encodes a picture: a PNG or JPEG or, where Size says so, grey levels of ink on white.
func (m *loaded) read(r *Request, data []byte) (any, []byte, error) {
	if m.encoder == nil {
		return nil, nil, fmt.Errorf("model %s has no encoder, and reads no pictures; if there is a file of one, drop it together with the decoder's", m.Name)
	}
	if m.Image[0] != m.Image[1] {
		return nil, nil, fmt.Errorf("model %s is of pictures of %d x %d: pictures can be read for square ones only", m.Name, m.Image[1], m.Image[0])
	}
	var img image.Image
	if w, h := r.Size[0], r.Size[1]; w != 0 || h != 0 {
		if w < 1 || h < 1 || w > maxDrawing || h > maxDrawing || len(data) != w*h {
			return nil, nil, errors.New("a drawing must have a grey level for each of its pixels")
		}
		img = &image.Gray{Pix: data, Stride: w, Rect: image.Rect(0, 0, w, h)}
	} else {
		var err error
		if img, err = digit.Read(bytes.NewReader(data)); err != nil {
			return nil, nil, err
		}
	}
	var found Reading
	var pixels []uint8
	odd := photo.Mismatch(img, m.Image[2])
	if m.Image[2] == 1 {
		var steps digit.Steps
		var err error
		pixels, steps, err = digit.Prepare(img, m.Image[0])
		var doubt *digit.Doubt
		if errors.As(err, &doubt) && pixels != nil {
			found.Doubt = doubt.Error()
		} else if err != nil {
			return nil, nil, fmt.Errorf("%w%s", err, odd)
		}
		pixels, found.Steps = m.OnGround(pixels), steps.String()+odd
	} else {
		square := photo.Middle(img.Bounds(), 0)
		pixels = make([]uint8, m.PictureSize())
		photo.Scale(pixels, m.Image[0], m.Image[1], img, square)
		found.Steps = fmt.Sprintf("%d x %d pixels, the square of %d in its middle, scaled to %d", img.Bounds().Dx(), img.Bounds().Dy(), square.Dx(), m.Image[0]) + odd
	}
	mean, logVar := make([]int16, m.Latent), make([]int16, m.Latent)
	m.encoder.Posterior(mean, logVar, pixels)
	found.Width, found.Height, found.Point = m.Image[1], m.Image[0], m.real(mean)
	for _, v := range m.real(logVar) {
		found.Sigma = append(found.Sigma, math.Exp(v/2))
	}
	found.Class = -1
	if m.classes() {
		found.Class = latent.Nearest(mean, m.ConceptMeans())
	}
	m.decoder.Decode(m.picture, mean)
	sum := 0
	for i, p := range pixels {
		sum += max(int(p)-int(m.picture[i]), int(m.picture[i])-int(p))
	}
	found.Error = float64(sum) / float64(len(pixels))
	colors, err := m.colors(r.Palette)
	if err != nil {
		return nil, nil, err
	}
	out := make([]byte, 4*m.Image[0]*m.Image[1])
	colors.draw(out, 4*m.Image[1], pixels, m.Image)
	return found, out, nil
}

// edit moves Point by Amount toward a class, or along the attributes by Turns.
func (m *loaded) edit(r *Request) (any, error) {
	code, err := m.fixed(r.Point)
	if err != nil {
		return nil, err
	}
	point := make([]int16, m.Latent)
	if m.classes() {
		means := m.ConceptMeans()
		from := latent.Nearest(code, means)
		if r.Class != nil {
			from = *r.Class
		}
		if min(from, r.Toward) < 0 || max(from, r.Toward) >= len(means) || !(r.Amount >= 0 && r.Amount <= 1) {
			return nil, fmt.Errorf("from class %d by %v toward %d: there are %d, and 1 is all of the way", from, r.Amount, r.Toward, len(means))
		}
		latent.Toward(point, code, means, from, r.Toward, int(math.Round(r.Amount*latent.Whole)))
		return Edited{m.real(point), from}, nil
	}
	copy(point, code)
	all := m.Attributes(maxAttributes)
	if len(r.Turns) > len(all) {
		return nil, fmt.Errorf("%d attributes, model %s has %d", len(r.Turns), m.Name, len(all))
	}
	for k, turn := range r.Turns {
		if !(turn >= -3 && turn <= 3) {
			return nil, fmt.Errorf("an attribute turned by %v: it is -3 to 3", turn)
		}
		if turn != 0 {
			c := &m.Concepts[all[k]]
			without, with := c.Positions(m.LatentSteps)
			latent.Along(point, point, c.Direction, int(math.Round(turn*float64(int(with)-int(without)))), m.LatentSteps)
		}
	}
	return Edited{m.real(point), -1}, nil
}
