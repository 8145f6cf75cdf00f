package run

import (
	"math"
	"time"

	"github.com/vae-edge/vae-edge/trainer/console"
)

// A show is what is kept of the progress that was shown, for the time that is left.
type show struct {
	line       *console.Status
	at         time.Time // of the last count
	images     int       // of the epoch under way, at that time
	rate       rate
	evaluation time.Duration // of the last evaluation
	drawn      time.Time     // when the pictures were drawn
}

// A rate is a number of images a second, over some minutes before: what happened long ago counts
// less and less, so that the time that is left neither swings with what else the machine does nor
// lags behind for long.
type rate struct{ images, seconds float64 }

func (r *rate) add(images int, seconds float64) {
	const memory = 180 // seconds
	kept := math.Exp(-seconds / memory)
	r.images, r.seconds = r.images*kept+float64(images), r.seconds*kept+seconds
}

func (s *show) count(images int) {
	now := time.Now()
	s.rate.add(images-s.images, now.Sub(s.at).Seconds())
	s.at, s.images = now, images
}
