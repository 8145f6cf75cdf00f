package player

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/firmware/night"
)

// A dimmer makes a display darker by night.
type dimmer struct {
	schedule night.Schedule
	zone     *time.Location
	light    func(percent int) // has the backlight be so bright
	dims     bool              // the backlight, between on and off
	day      int               // percent of the backlight by day

	percent int           // of the light by day, as it is now
	levels  [256]uint8    // of a picture that is dimmed
	colors  color.Palette // those of the picture's palette as they are, if it has one
	dimmed  color.Palette // nil: not made yet
}

// newDimmer returns the dimmer of a schedule in a zone.
func newDimmer(s night.Schedule, zone *time.Location, light func(percent int), dims bool, day int) *dimmer {
	return &dimmer{schedule: s, zone: zone, light: light, dims: dims, day: day, percent: 100}
}

// at sets the light for a time, and returns how bright it is then.
func (d *dimmer) at(now time.Time) int {
	percent := d.schedule.Percent(now.In(d.zone))
	if percent == d.percent {
		return percent
	}
	d.percent, d.dimmed = percent, nil
	switch {
	case percent == 0:
		d.light(0)
	case d.dims:
		d.light(max(1, d.day*percent/100))
	default:
		d.light(d.day)
	}
	part := 0 // the root of the light's part, in 1/256: levels are about the root of the light
	for (part+1)*(part+1)*100 <= 256*256*percent {
		part++
	}
	for v := range d.levels {
		d.levels[v] = uint8(v * part / 256)
	}
	return percent
}

// apply dims a frame, where the backlight does not.
func (d *dimmer) apply(frame draw.Image) {
	switch img := frame.(type) {
	case *image.Paletted:
		if d.colors == nil {
			d.colors = img.Palette
		}
		if img.Palette = d.colors; !d.dims && d.percent < 100 {
			if d.dimmed == nil {
				d.dimmed = slices.Clone(d.colors)
				for i, c := range d.colors {
					v := color.RGBAModel.Convert(c).(color.RGBA)
					d.dimmed[i] = color.RGBA{d.levels[v.R], d.levels[v.G], d.levels[v.B], v.A}
				}
			}
			img.Palette = d.dimmed
		}
	case *image.Gray:
		d.pixels(img.Pix, 1)
	case *image.RGBA:
		d.pixels(img.Pix, 4)
	}
}

// pixels dims pixels of so many bytes, the fourth of which is none of a colour.
func (d *dimmer) pixels(pix []uint8, bytes int) {
	if d.dims || d.percent == 100 {
		return
	}
	for i, v := range pix {
		if bytes == 1 || i%4 != 3 {
			pix[i] = d.levels[v]
		}
	}
}
