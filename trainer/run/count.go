package run

import (
	"time"

	"github.com/vae-edge/vae-edge/trainer/console"
)

// A show is what is kept of the progress that was shown, for the time that is left.
type show struct {
	line       *console.Status
	at         time.Time // of the last count
	images     int       // of the epoch under way, at that time
	rate       console.Rate
	evaluation time.Duration // of the last evaluation
	drawn      time.Time     // when the pictures were drawn
}

func (s *show) count(images int) {
	now := time.Now()
	s.rate.Add(float64(images-s.images), now.Sub(s.at).Seconds())
	s.at, s.images = now, images
}
