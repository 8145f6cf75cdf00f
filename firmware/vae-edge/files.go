package main

import (
	"context"
	"fmt"
	"image"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"time"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
)

// writePNG writes one picture: frame 0 or, when a number of frames is given, the last of them.
func writePNG(file string, r *renderer) error {
	frame, err := r.render(max(r.frames, 1)-1, r.size)
	if err != nil {
		return err
	}
	return atomicfile.Write(file, func(w io.Writer) error { return png.Encode(w, frame) })
}

const (
	gifRate    = 25 // frames per second where none are given: GIF counts in 1/100 s
	gifSeconds = 4  // length where no frames are given
	maxGIFRate = 50 // viewers play shorter delays slowly
	// A GIF is put together in memory.
	maxGIFPixels = 1 << 29
)

// writeGIF writes an animation that repeats for ever.
func writeGIF(ctx context.Context, file string, r *renderer) error {
	fps, frames := uint64(r.fps), r.frames
	if fps == 0 {
		fps = gifRate
	}
	if frames == 0 {
		frames = gifSeconds * fps
	}
	if most := maxGIFPixels / uint64(r.size.X*r.size.Y); frames > most {
		return usagef("--frames %d: a GIF of %dx%d has at most %d", frames, r.size.X, r.size.Y, most)
	}
	colors := r.palette.Colors()
	if r.decoder.Model().Image[2] != 1 {
		colors = palette.Plan9
	}
	g := gif.GIF{Config: image.Config{ColorModel: colors, Width: r.size.X, Height: r.size.Y}}
	start := time.Now()
	// A file that cannot be written is found out before the frames are drawn.
	return atomicfile.Write(file, func(w io.Writer) error {
		for n := range frames {
			if ctx.Err() != nil {
				return fmt.Errorf("interrupted: %s was not written", file)
			}
			at := start.Add(time.Duration(n) * time.Second / time.Duration(fps)) // when the frame will be seen, were it shown from now on
			r.now = func() time.Time { return at }
			frame, err := r.render(n, r.size)
			if err != nil {
				return err
			}
			p := image.NewPaletted(frame.Bounds(), colors)
			switch frame := frame.(type) {
			case *image.Gray:
				copy(p.Pix, frame.Pix)
			case *image.Paletted:
				copy(p.Pix, frame.Pix)
			default:
				draw.Draw(p, p.Rect, frame, image.Point{}, draw.Src)
			}
			g.Image = append(g.Image, p)
			// The moments of frames are rounded, not the delays, so that the animation takes the right time as a whole.
			g.Delay = append(g.Delay, int(100*(n+1)/fps-100*n/fps))
		}
		return gif.EncodeAll(w, &g)
	})
}
