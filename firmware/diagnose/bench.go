package diagnose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/internal/build"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
)

// A BenchReport is what Bench measures.
type BenchReport struct {
	Version string       `json:"version"`
	Commit  string       `json:"commit"`
	CPU     string       `json:"cpu"`
	Machine string       `json:"machine,omitempty"`
	Model   ModelReport  `json:"model"`
	Before  *Vitals      `json:"before,omitempty"`
	Decode  []DecodeRate `json:"decode"`
	Render  RenderRate   `json:"render"`
	Wire    WireRate     `json:"wire"`
	After   *Vitals      `json:"after,omitempty"`
}

// A DecodeRate is how fast a backend decodes, one image at a time on one core.
type DecodeRate struct {
	Backend string  `json:"backend"`
	Images  float64 `json:"images_per_second"`
}

// A RenderRate is how fast frames are drawn that are shown nowhere.
type RenderRate struct {
	Scene  string  `json:"scene"`
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Frames float64 `json:"frames_per_second"`
}

// A WireRate is how fast frames are shown on a panel.
type WireRate struct {
	Port   string  `json:"port"` // a device or emulated
	Board  string  `json:"board,omitempty"`
	Panel  string  `json:"panel"`
	Clock  int64   `json:"clock_hz"`
	Frames float64 `json:"frames_per_second"`
	Share  float64 `json:"wire_share"` // of the time, 0 to 1
	Bytes  float64 `json:"bytes_per_frame"`
}

const emulated = "emulated"

// Bench measures the decoder on every backend, frames of the default scene that are shown nowhere,
// and the same frames on the panel: on its port or, without one, on a wire that is emulated and
// takes the time that the panel's would.
func Bench(ctx context.Context, o *Options, sys *System, w io.Writer) error {
	m, err := decoder.Open(o.Model)
	if err != nil {
		return err
	}
	chosen, err := decoder.New(m)
	if err != nil {
		return err
	}
	p := &prober{o: o, sys: sys, w: io.Discard}
	p.machine()
	b := &BenchReport{CPU: sys.cpu(), Machine: p.model, Before: sys.vitals()}
	b.Version, b.Commit, _ = build.Info()
	if b.Model, err = newModelReport(m); err != nil {
		return err
	}
	info, _ := scene.Lookup(scene.Default)
	size := o.Mount.Panel.Size
	if o.Board.Rotation%180 != 0 {
		size = image.Pt(size.Y, size.X)
	}
	s, err := info.New(chosen, 1, size)
	if err != nil {
		return err
	}
	frame := scene.NewImage(m, size, scene.Grey)
	// First, because it may fail.
	if b.Wire, err = p.benchWire(ctx, s, frame); err != nil {
		return err
	}
	var failed error // to write
	say := func(format string, args ...any) {
		if !o.JSON && failed == nil {
			_, failed = io.WriteString(w, plain.Text(fmt.Sprintf(format+"\n", args...)))
		}
	}
	say("model   %s, %.2f million multiply-accumulates", describe(m), float64(m.MACs())/1e6)
	say("median of %d blocks of %v, one core", benchBlocks, sys.Block)
	if b.Before != nil {
		say("before  %v", b.Before)
	}
	for _, backend := range kernels.Backends() {
		decode, err := decoding(m, backend)
		if err != nil {
			return err
		}
		rate, err := sys.Rate(ctx, decode)
		if err != nil {
			return err
		}
		b.Decode = append(b.Decode, DecodeRate{backend.String(), rate})
		say("decode  %-12v %9.0f images/s", backend, rate)
	}
	rate, err := sys.Rate(ctx, func(n uint64) { s.Render(frame, n) })
	if err != nil {
		return err
	}
	b.Render = RenderRate{info.Name, size.X, size.Y, rate}
	say("frames  %-12s %9.0f frames/s of %dx%d, decoded and scaled, shown nowhere", info.Name, rate, size.X, size.Y)
	say("wire    %-12s %9.1f frames/s of %.1f kB, %.0f %% of the time on the wire at %v, %s", b.Wire.Panel, b.Wire.Frames, b.Wire.Bytes/1000, 100*b.Wire.Share,
		physic.Frequency(b.Wire.Clock)*physic.Hertz, b.Wire.Port)
	if b.After = sys.vitals(); b.After != nil {
		say("after   %v", b.After)
		if b.After.Slowed() || b.Before.Slowed() {
			say("note    these are the figures of a processor that was slowed down")
		}
	}
	if o.JSON {
		e := json.NewEncoder(plain.JSON(w))
		e.SetIndent("", "  ")
		return e.Encode(b)
	}
	return failed
}

// benchWire shows frames for a while.
func (p *prober) benchWire(ctx context.Context, s scene.Scene, frame draw.Image) (r WireRate, err error) {
	opts := p.o.Mount
	opts.Clock = p.o.clock()
	if p.o.Port.OnI2C() {
		opts.Clock = port.I2CClock(p.sys.Files, p.o.Port.Bus)
	} else if core, _ := p.core(); core > 0 && !p.o.SPI {
		opts.Clock = port.DividedClock(core, opts.Clock)
	}
	r = WireRate{Port: emulated, Board: p.o.Board.Name, Panel: p.o.Mount.Panel.Name, Clock: int64(opts.Clock / physic.Hertz)}
	opener := func() (*port.Wires, error) {
		module := paneltest.New(p.o.Mount.Panel)
		module.MaxTx, module.WireTime, module.Blind = 1<<16, true, true
		if p.o.Port.OnI2C() {
			return &port.Wires{I2C: module.I2C(paneltest.I2CAddress, opts.Clock)}, nil
		}
		return &port.Wires{Port: module.Port(), DC: module.DC(), Reset: module.Reset()}, nil
	}
	if p.o.SPI {
		r.Port = p.o.Port.Device()
		opener = func() (*port.Wires, error) { return p.sys.Wires(p.o.Port) }
	}
	dev, link, err := port.OpenPanel(opener, opts)
	if err != nil {
		return r, err
	}
	defer func() {
		err = errors.Join(err, dev.Halt())
		link.Close()
	}()
	line, err := pipeline.New(dev, s, frame, pipeline.Options{})
	if err != nil {
		return r, err
	}
	limited, cancel := context.WithTimeout(ctx, p.sys.Wire)
	defer cancel()
	if err := line.Run(limited); err != nil {
		return r, err
	}
	if ctx.Err() != nil {
		return r, errors.New("interrupted")
	}
	stats := line.Stats()
	r.Frames, r.Share, r.Bytes = stats.FPS(), stats.Share(), stats.BytesPerFrame()
	return r, nil
}
