package bench

import (
	"fmt"
	"image"
	"image/draw"
	"slices"
	"testing"
	"time"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/model"
)

// A wire is a panel's, at a clock.
type wire struct {
	panel string
	clock physic.Frequency
	i2c   bool
}

// String is the part of a benchmark's name.
func (w wire) String() string {
	s := fmt.Sprintf("panel=%s/hz=%d", w.panel, w.clock/physic.Hertz)
	if w.i2c {
		s += "/bus=i2c"
	}
	return s
}

// wires are those of the benchmarks. Scenes move fewer dots than the wire of a panel of one bit
// takes.
var wires = []struct {
	wire
	scenes []string
	slow   bool // as on a slow board, too
}{
	{wire{"st7789-240x240", 40 * physic.MegaHertz, false}, []string{"full", "walk", "manifold"}, true},
	{wire{"st7789-240x240", 62500 * physic.KiloHertz, false}, []string{"full", "walk", "manifold"}, true},
	{wire{"st7789-240x320", 40 * physic.MegaHertz, false}, []string{"full", "walk", "manifold"}, true},
	{wire{"st7789-240x320", 62500 * physic.KiloHertz, false}, []string{"full", "walk", "manifold"}, true},
	{wire{"gc9a01-240x240", 40 * physic.MegaHertz, false}, []string{"full", "walk"}, false},
	{wire{"ssd1351-128x128", 20 * physic.MegaHertz, false}, []string{"full", "walk"}, false},
	{wire{"ili9488-320x480", 20 * physic.MegaHertz, false}, []string{"full", "walk"}, false},
	{wire{"sh1106-128x64", 4 * physic.MegaHertz, false}, []string{"full"}, false},
	{wire{"ssd1306-128x64", 3300 * physic.KiloHertz, false}, []string{"full"}, false},
	{wire{"sh1106-128x64", 400 * physic.KiloHertz, true}, []string{"full"}, false},
	{wire{"ssd1306-128x64", 400 * physic.KiloHertz, true}, []string{"full"}, false},
}

// frames runs the benchmarks of frames on a panel.
func frames(b *testing.B, m *model.Model) {
	for _, w := range wires {
		for _, s := range w.scenes {
			for _, delay := range []time.Duration{0, time.Millisecond} {
				if delay > 0 && (s == "full" || !w.slow) {
					continue // it decodes nothing
				}
				name := fmt.Sprintf("op=frame/%v/scene=%s", w.wire, s)
				if delay > 0 {
					name += fmt.Sprintf("/decode=%v", delay)
				}
				b.Run(name, func(b *testing.B) { frame(b, m, w.wire, s, delay) })
			}
		}
	}
}

// frame shows b.N frames.
func frame(b *testing.B, m *model.Model, w wire, name string, delay time.Duration) {
	line := newLine(b, m, w, name, delay, uint64(b.N))
	p, _ := panel.Find(w.panel)
	b.ReportAllocs()
	b.ResetTimer()
	if err := line.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	s := line.Stats()
	b.ReportMetric(100*s.Share(), "%wire")
	b.ReportMetric(s.BytesPerFrame(), "bytes/frame")
	b.ReportMetric(100*s.BytesPerFrame()/float64(p.FrameBytes()), "%full")
	b.ReportMetric(float64(s.Render.Microseconds())/float64(b.N), "us-render/frame")
}

// newLine returns a pipeline of so many frames to a panel whose wire takes the time that it would
// at that clock.
func newLine(b testing.TB, m *model.Model, w wire, name string, delay time.Duration, frames uint64) *pipeline.Pipeline {
	b.Helper()
	p, ok := panel.Find(w.panel)
	if !ok {
		b.Fatalf("no panel %s", w.panel)
	}
	module := paneltest.New(p)
	module.MaxTx, module.WireTime, module.Blind = 65536, true, true
	opts := &panel.Opts{Panel: p, Clock: w.clock}
	var d panel.Display
	var err error
	if w.i2c {
		d, err = panel.OpenI2C(module.I2C(paneltest.I2CAddress, w.clock), opts)
	} else {
		d, err = panel.Open(module.Port(), module.DC(), opts)
	}
	if err != nil {
		b.Fatal(err)
	}
	source, img := pipeline.Source(noise{}), scene.NewImage(m, d.Bounds().Size(), scene.Grey)
	if name != "full" {
		info, ok := scene.Lookup(name)
		if !ok {
			b.Fatalf("no scene %s", name)
		}
		dec, err := decoder.New(m)
		if err != nil {
			b.Fatal(err)
		}
		s, err := info.New(dec, 1, d.Bounds().Size())
		if err != nil {
			b.Fatal(err)
		}
		moves := firstMove(s, img)
		if moves == 0 {
			b.Skip("all its frames are the same")
		}
		source = &slowed{s, dec, delay, moves}
	}
	line, err := pipeline.New(d, source, img, pipeline.Options{Frames: frames})
	if err != nil {
		b.Fatal(err)
	}
	return line
}

// firstMove draws frames until one differs from the one before, and returns its number: there is
// nothing to send before, and what a scene begins with, some tiles of a manifold for instance, is
// not what a frame costs. 0: none does.
func firstMove(s scene.Scene, img draw.Image) uint64 {
	s.Render(img, 0)
	before := slices.Clone(pixels(img))
	for n := range uint64(200) {
		if s.Render(img, n+1); !slices.Equal(pixels(img), before) {
			return n + 1
		}
	}
	return 0
}

// pixels are the bytes of an image that [scene.NewImage] made, grey or in colour.
func pixels(img draw.Image) []uint8 {
	if img, ok := img.(*image.RGBA); ok {
		return img.Pix
	}
	return img.(*image.Gray).Pix
}

// noise changes every pixel of every frame.
type noise struct{}

func (noise) Render(dst draw.Image, n uint64) {
	pix := pixels(dst)
	for i := range pix {
		pix[i] = uint8(i*7) + uint8(n)*85
	}
}

// A slowed scene is one whose decodes take as long as on a slow board.
type slowed struct {
	scene   scene.Scene
	decoder *decoder.Decoder
	delay   time.Duration // of a decode; 0: none
	first   uint64        // frame that is shown
}

func (s *slowed) Render(dst draw.Image, n uint64) {
	start, before := time.Now(), s.decoder.Decoded()
	s.scene.Render(dst, s.first+n)
	if d := time.Duration(s.decoder.Decoded()-before)*s.delay - time.Since(start); d > 0 {
		time.Sleep(d)
	}
}
