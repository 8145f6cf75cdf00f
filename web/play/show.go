package play

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	palettes "image/color/palette"
	"image/draw"
	"image/gif"
	"time"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// Limits of a scene and of an animation.
const (
	maxPanel  = 1024
	maxFrames = 500
	maxGIF    = 1 << 25 // pixels
)

// start begins the scene that is named Scene, Size pixels large, for a panel of that Look.
func (s *Session) start(m *loaded, r *Request) (any, error) {
	if min(r.Size[0], r.Size[1]) < 1 || max(r.Size[0], r.Size[1]) > maxPanel {
		return nil, fmt.Errorf("a panel of %d x %d pixels: sides are 1 to %d", r.Size[0], r.Size[1], maxPanel)
	}
	w, round := &show{request: *r, model: m, now: time.Now()}, r.Look == "round"
	info, ok := scene.Lookup(r.Scene)
	if !ok {
		return nil, fmt.Errorf("there is no scene %q", r.Scene)
	}
	switch {
	case r.Scene == "morph" && r.Path != "":
		info = scene.Morph(r.Path)
	case r.Scene == "sample" && r.Digit != "":
		info = scene.Digit(r.Digit)
	case r.Scene == "clock":
		zone := time.FixedZone("", min(max(r.Zone, -86400), 86400))
		info = scene.Clock(scene.ClockOptions{Now: func() time.Time { return s.show.now }, Zone: zone, Round: round})
	}
	p, err := paletteOf(r.Palette)
	if err != nil {
		return nil, err
	}
	size := image.Pt(r.Size[0], r.Size[1])
	area := info.Area(round, m.Model, size)
	if w.scene, err = info.New(m.decoder, r.Seed, area.Size()); err != nil {
		return nil, err
	}
	w.frame = scene.NewImage(m.Model, size, p)
	w.canvas, w.letters = w.frame, w.frame
	if round {
		w.canvas, w.letters = scene.Part(w.frame, area), scene.Part(w.frame, panel.Inscribed(size))
	}
	s.show = *w
	return Picture{Width: size.X, Height: size.Y}, nil
}

// frame draws frame number Frame of what was started, as a panel of that Look shows it: 16 bits of
// colour, on round glass, or dots that are on or off. An empty Look is the picture itself. Once
// Steer has steered, frames follow each other whatever their number.
func (s *Session) frame(r *Request) (any, []byte, error) {
	w := &s.show
	if w.scene == nil {
		return nil, nil, errors.New("no scene has been started")
	}
	w.now = time.Now()
	switch {
	case r.Steer != nil && *r.Steer != (scene.Input{}) && w.pilot == nil:
		w.pilot = scene.NewPilot(w.scene, r.Frame)
		fallthrough
	case w.pilot != nil:
		in := scene.Input{}
		if r.Steer != nil {
			in = *r.Steer
		}
		w.pilot.Render(w.canvas, in)
		if text := w.pilot.AppendCaption(nil); in.Moves() && len(text) > 0 {
			scene.Caption(w.letters, text)
		}
	default:
		w.scene.Render(w.canvas, r.Frame)
	}
	out := rgba(w.frame)
	look(r.Look, out, w.request.Size, w.model.Image[2] != 1)
	return Picture{Width: w.request.Size[0], Height: w.request.Size[1]}, out, nil
}

// look changes pixels to what a panel shows of them. Those of models of colour are dithered, as
// vae-edge has it.
func look(look string, pixels []byte, size [2]int, colour bool) {
	for i := 0; i < len(pixels); i += 4 {
		px, at := pixels[i:][:3], image.Pt(i/4%size[0], i/4/size[0])
		switch look {
		case "panel", "round":
			px[0], px[1], px[2] = panel.Shown(px[0], px[1], px[2], colour, at)
			// In halves of pixels, from the middle
			dx, dy, side := 2*at.X+1-size[0], 2*at.Y+1-size[1], min(size[0], size[1])
			if look == "round" && dx*dx+dy*dy > side*side {
				px[0], px[1], px[2] = 0, 0, 0
			}
		case "dots":
			v := byte(0)
			if panel.Lit(px[0], px[1], px[2], at) {
				v = 255
			}
			px[0], px[1], px[2] = v, v, v
		}
	}
}

// gif draws Frames frames from Frame on of what was started, as an animation of FPS frames a second
// that repeats for ever.
func (s *Session) gif(r *Request) (any, []byte, error) {
	w := &s.show
	size := w.request.Size
	switch {
	case w.scene == nil:
		return nil, nil, errors.New("no scene has been started")
	case r.Frames < 1 || r.Frames > maxFrames || r.Frames*size[0]*size[1] > maxGIF:
		return nil, nil, fmt.Errorf("an animation of %d frames: there may be %d of this size", r.Frames, min(maxFrames, maxGIF/(size[0]*size[1])))
	case r.FPS < 1 || r.FPS > 50:
		return nil, nil, fmt.Errorf("%d frames a second: a GIF has 1 to 50", r.FPS)
	}
	g := gif.GIF{}
	start := time.Now()
	for n := range r.Frames {
		w.now = start.Add(time.Duration(n) * time.Second / time.Duration(r.FPS))
		w.scene.Render(w.canvas, r.Frame+uint64(n))
		var img *image.Paletted
		switch f := w.frame.(type) {
		case *image.Paletted:
			img = image.NewPaletted(f.Rect, f.Palette)
			copy(img.Pix, f.Pix)
		case *image.Gray:
			img = image.NewPaletted(f.Rect, scene.Grey.Colors())
			copy(img.Pix, f.Pix)
		default:
			img = image.NewPaletted(f.Bounds(), palettes.Plan9)
			draw.Draw(img, img.Rect, f, image.Point{}, draw.Src)
		}
		g.Image = append(g.Image, img)
		g.Delay = append(g.Delay, 100*(n+1)/r.FPS-100*n/r.FPS)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		return nil, nil, err
	}
	return Picture{Width: size[0], Height: size[1]}, b.Bytes(), nil
}
