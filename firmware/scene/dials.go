package scene

import (
	"fmt"
	"image/draw"

	"github.com/vae-edge/vae-edge/latent"
)

// A posed scene shows one picture at a time, decoded from a point.
type posed interface {
	Scene
	// pose sets the point of frame n.
	pose(n uint64)
	on() *stage
}

func (s *stage) on() *stage { return s }

// dials is a posed scene of what has attributes: keys choose one of these, up and down, and turn
// it, to the left and right or closer and away. The picture stays the one at which they began, and
// keeps what was set of other attributes.
type dials struct {
	posed
	attributes []int // of the model's concepts
	apart      []int // how far those with it and those without are apart, in latent steps
}

// withDials returns the scene with dials if its model has attributes.
func withDials(s posed) Scene {
	m := s.on().decoder.Model()
	if m.Exclusive() {
		return s
	}
	d := &dials{posed: s, attributes: m.Attributes(maxDials)}
	for _, i := range d.attributes {
		without, with := m.Concepts[i].Positions(m.LatentSteps)
		d.apart = append(d.apart, int(with)-int(without))
	}
	return d
}

const (
	// dialWhole is one whole, from where those are on average that have not the attribute to where
	// those are that have it, and how many frames of a key it takes.
	dialWhole = 30
	dialMost  = 3 * dialWhole
	// A key that is held goes on to further attributes after dialWait frames, each dialNext.
	dialWait = 25
	dialNext = 8
	// dialBack is by how much the dials go back in a frame.
	dialBack = 3
)

var _ captioned = (*dials)(nil)

// Cursor implements [Steerable].
func (s *dials) Cursor(n uint64) Cursor { return Cursor{Frame: n} }

// Move implements [Steerable].
func (s *dials) Move(c Cursor, in Input) Cursor {
	d := &c.Dials
	step := -in.Step // down is the next, as in a list
	if in.DY == 0 {
		d.held = 0
	} else if d.held++; d.held == dialWait {
		d.held -= dialNext
		step -= in.DY
	}
	n := len(s.attributes)
	d.chosen = int8(((int(d.chosen)+step)%n + n) % n)
	turn := min(max(in.DX+in.Zoom, -1), 1)
	at := &d.at[d.chosen]
	*at = int8(min(max(int(*at)+turn, -dialMost), dialMost))
	return c
}

// Return implements [Steerable].
func (s *dials) Return(c Cursor) (Cursor, bool) {
	there := true
	for i, v := range c.Dials.at {
		if v > 0 {
			v -= min(v, dialBack)
		} else {
			v += min(-v, dialBack)
		}
		c.Dials.at[i] = v
		there = there && v == 0
	}
	return c, there
}

// RenderAt implements [Steerable].
func (s *dials) RenderAt(dst draw.Image, c Cursor) {
	s.pose(c.Frame)
	stage := s.on()
	m := stage.decoder.Model()
	for k, i := range s.attributes {
		if v := int(c.Dials.at[k]); v != 0 {
			latent.Along(stage.point, stage.point, m.Concepts[i].Direction, v*s.apart[k]/dialWhole, m.LatentSteps)
		}
	}
	stage.draw(dst)
}

// AppendCaption implements [captioned]: an attribute and its amount.
func (s *dials) AppendCaption(text []byte, c Cursor) []byte {
	chosen := int(c.Dials.chosen) % len(s.attributes) // another model may have fewer
	name := s.on().decoder.Model().Concepts[s.attributes[chosen]].Name
	v := int(c.Dials.at[chosen])
	return fmt.Appendf(text, "%s  %+.1f", name, float64(v)/dialWhole)
}
