package touch

import (
	"image"
	"time"

	"github.com/vae-edge/vae-edge/firmware/keys"
)

const (
	// steady is how many readings in a row must say that a finger has come or gone.
	steady = 2
	// slack is how far a finger that taps may move.
	slack = Whole / 12
	// across is for how many frames a finger moves that goes from edge to edge.
	across = 64
)

// A gesture makes of readings what a finger does.
type gesture struct {
	controls    *keys.Controls
	calibration Calibration
	turn        int

	count    int  // readings in a row that differ from down
	down     bool // a finger presses
	drags    bool // it has moved farther than a tap may
	from, at image.Point
	rest     image.Point // of frames, in 1/Whole
}

// lost forgets a finger that is not seen any more, for the chip has failed: that is no tap.
func (g *gesture) lost(now time.Time) {
	if g.down {
		g.controls.Drag(0, 0)
		g.controls.Release(keys.NextScene, now)
	}
	g.down, g.count = false, 0
}

// take takes a reading.
func (g *gesture) take(r Reading, now time.Time) {
	place := g.at
	if r.Touched {
		place = Turned(g.calibration.Place(r), g.turn)
	}
	if r.Touched != g.down {
		if g.count++; g.count < steady {
			return
		}
		g.count, g.down = 0, r.Touched
		if g.down {
			g.from, g.at, g.drags, g.rest = place, place, false, image.Point{}
			g.controls.Press(keys.NextScene, now)
		} else {
			g.controls.Release(keys.NextScene, now)
		}
		return
	}
	g.count = 0
	if !g.down {
		return
	}
	moved := place.Sub(g.from)
	if !g.drags && max(moved.X, -moved.X, moved.Y, -moved.Y) <= slack {
		return
	}
	if !g.drags {
		g.drags, g.at = true, place // not what tells it from a tap
		g.controls.Drag(0, 0)
		return
	}
	g.rest = g.rest.Add(place.Sub(g.at).Mul(across))
	g.at = place
	frames := g.rest.Div(Whole)
	g.rest = g.rest.Sub(frames.Mul(Whole))
	if frames != (image.Point{}) {
		g.controls.Drag(frames.X, -frames.Y)
	}
}
