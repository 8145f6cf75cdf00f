package scene

import (
	"image"
	"image/draw"

	"github.com/vae-edge/vae-edge/decoder"
)

// AtName is the name of the scene of [At], and AtHelp what it shows.
const (
	AtName = "at"
	AtHelp = "the picture of one latent point (--at)"
)

// still shows the picture of a point.
type still struct {
	*stage
	at []int16
}

// At returns the scene that shows the picture of a latent point, as [model.Model.Point] reads it.
func At(point string) Info {
	return Info{AtName, AtHelp, decoder.DefaultModel, func(d Decoder, _ uint64, size image.Point) (Scene, error) {
		at, err := d.Model().Point(point)
		if err != nil {
			return nil, err
		}
		return withDials(&still{newStage(d, size), at}), nil
	}}
}

// pose implements [posed]. Dials move the point.
func (s *still) pose(uint64) { copy(s.point, s.at) }

// Render implements [Scene].
func (s *still) Render(dst draw.Image, n uint64) {
	s.pose(n)
	s.draw(dst)
}
