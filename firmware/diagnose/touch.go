package diagnose

import (
	"context"
	"image"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/touch"
)

// calibrate asks for touches on the test card, which has that size, and says what to configure.
func calibrate(ctx context.Context, o *touch.Options, size image.Point, say func(format string, args ...any)) {
	pad, err := o.OpenPad()
	if err != nil {
		say("%v", err)
		return
	}
	defer pad.Close()
	var readings [3]touch.Reading
	var places [3]image.Point
	names := [3]string{"TL", "TR", "BL"}
	for i, at := range panel.CardCorners(size) {
		say("press the middle of %s", names[i])
		if readings[i], err = pad.Press(ctx); err != nil {
			if ctx.Err() == nil {
				say("%v", err)
			}
			return
		}
		say("%s is at %d,%d", names[i], readings[i].X, readings[i].Y)
		of := func(v, n int) int { return (2*v + 1) * touch.Whole / (2 * n) }
		places[i] = touch.Turned(image.Pt(of(at.X, size.X), of(at.Y, size.Y)), 360-o.Rotation)
	}
	c, err := touch.Solve(readings, places)
	if err != nil {
		say("%v; the calibration is not known", err)
		return
	}
	say("write into the configuration file, for every rotation: touch-calibration = %v", c)
}
