package player

import (
	"context"
	"fmt"
	"image"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
)

// WritePNG writes one picture: frame 0 or, when a number of frames is given, the last of them.
func (p *Player) WritePNG(file string) error {
	frame, err := p.render(max(p.Frames, 1)-1, p.Size)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(file, func(w io.Writer) error { return png.Encode(w, frame) }); err != nil {
		return err
	}
	p.wrote(file, 1)
	return nil
}

// wrote tells of a file that was written. A pipe, or a link such as /dev/stdout, has a reader.
func (p *Player) wrote(file string, frames int) {
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		return
	}
	text := fmt.Sprintf("%s: written, %d x %d pixels", file, p.Size.X, p.Size.Y)
	if frames > 1 {
		text += fmt.Sprintf(", %d frames", frames)
	}
	p.console.Log(slog.LevelInfo, text, slog.String("file", file), slog.Int("width", p.Size.X), slog.Int("height", p.Size.Y), slog.Int("frames", frames))
}

// MaxGIFRate is the most frames a second that a GIF can have: viewers play shorter delays slowly.
const MaxGIFRate = 50

const (
	gifRate    = 25 // frames per second where none are given: GIF counts in 1/100 s
	gifSeconds = 4  // length where no frames are given
	// A GIF is put together in memory.
	maxGIFPixels = 1 << 29
)

// WriteGIF writes an animation that repeats for ever.
func (p *Player) WriteGIF(ctx context.Context, file string) error {
	fps, frames := uint64(p.FPS), p.Frames
	if fps == 0 {
		fps = gifRate
	}
	if frames == 0 {
		frames = gifSeconds * fps
	}
	if most := maxGIFPixels / uint64(p.Size.X*p.Size.Y); frames > most {
		return OptionError{Option: "frames", Value: fmt.Sprint(frames), Err: fmt.Errorf("a GIF of %dx%d has at most %d", p.Size.X, p.Size.Y, most)}
	}
	colors := p.Palette.Colors()
	if p.decoder.Model().Image[2] != 1 {
		colors = palette.Plan9
	}
	g := gif.GIF{Config: image.Config{ColorModel: colors, Width: p.Size.X, Height: p.Size.Y}}
	start := time.Now()
	// A file that cannot be written is found out before the frames are drawn.
	err := atomicfile.Write(file, func(w io.Writer) error {
		for n := range frames {
			if ctx.Err() != nil {
				return interrupted(file)
			}
			// When the frame will be seen, were it shown from now on
			at := start.Add(time.Duration(n) * time.Second / time.Duration(fps))
			p.now = func() time.Time { return at }
			frame, err := p.render(n, p.Size)
			if err != nil {
				return err
			}
			paletted := image.NewPaletted(frame.Bounds(), colors)
			switch frame := frame.(type) {
			case *image.Gray:
				copy(paletted.Pix, frame.Pix)
			case *image.Paletted:
				copy(paletted.Pix, frame.Pix)
			default: // in colour, which without dithering has coarse bands
				draw.FloydSteinberg.Draw(paletted, paletted.Rect, frame, image.Point{})
			}
			g.Image = append(g.Image, paletted)
			// The moments of frames are rounded, not the delays, so that the animation takes the
			// right time as a whole.
			g.Delay = append(g.Delay, int(100*(n+1)/fps-100*n/fps))
		}
		return gif.EncodeAll(interruptible{ctx, w, file}, &g)
	})
	if err == nil {
		p.wrote(file, len(g.Image))
	}
	return err
}

// interrupted is the error of a file that was not finished.
func interrupted(file string) error { return fmt.Errorf("interrupted: %s was not written", file) }

// interruptible writes to a file until the context ends, so that nothing is left behind.
type interruptible struct {
	ctx  context.Context
	w    io.Writer
	file string
}

func (i interruptible) Write(b []byte) (int, error) {
	if i.ctx.Err() != nil {
		return 0, interrupted(i.file)
	}
	return i.w.Write(b)
}
