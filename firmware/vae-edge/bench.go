package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"slices"
	"time"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

const (
	benchBlocks = 7
	benchBlock  = 150 * time.Millisecond
	benchWire   = 3 * time.Second
)

// A benchmark is what bench measures.
type benchmark struct {
	Version string       `json:"version"`
	Commit  string       `json:"commit"`
	CPU     string       `json:"cpu"`
	Machine string       `json:"machine,omitempty"`
	Model   modelReport  `json:"model"`
	Before  *vitals      `json:"before,omitempty"`
	Decode  []decodeRate `json:"decode"`
	Render  renderRate   `json:"render"`
	Wire    wireRate     `json:"wire"`
	After   *vitals      `json:"after,omitempty"`
}

// A decodeRate is how fast a backend decodes, one image at a time on one core.
type decodeRate struct {
	Backend string  `json:"backend"`
	Images  float64 `json:"images_per_second"`
}

// A renderRate is how fast frames are drawn that are shown nowhere.
type renderRate struct {
	Scene  string  `json:"scene"`
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Frames float64 `json:"frames_per_second"`
}

// A wireRate is how fast frames are shown on a panel.
type wireRate struct {
	Port   string  `json:"port"` // a device or emulated
	Board  string  `json:"board,omitempty"`
	Panel  string  `json:"panel"`
	Clock  int64   `json:"clock_hz"`
	Frames float64 `json:"frames_per_second"`
	Share  float64 `json:"wire_share"` // of the time, 0 to 1
	Bytes  float64 `json:"bytes_per_frame"`
}

const emulated = "emulated"

// bench measures the decoder on every backend, frames of the default scene that are shown nowhere, and the same frames on the panel that
// the command line names: on its port or, where that is not named, on a wire that is emulated and takes the time that the panel's would.
func bench(ctx context.Context, w io.Writer, c *config, sys *system) error {
	m, err := decoder.Open(c.play.Model)
	if err != nil {
		return err
	}
	chosen, err := decoder.New(m)
	if err != nil {
		return err
	}
	p := &prober{config: c, sys: sys, w: io.Discard}
	p.machine()
	b := &benchmark{CPU: sys.cpu(), Machine: p.model, Before: sys.vitals()}
	b.Version, b.Commit = buildVersion()
	if b.Model, err = newModelReport(m); err != nil {
		return err
	}
	info, _ := scene.Lookup(scene.Default)
	size := c.panel.Size
	if c.board.Rotation%180 != 0 {
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
		if !c.json && failed == nil {
			_, failed = io.WriteString(w, plain.Text(fmt.Sprintf(format+"\n", args...)))
		}
	}
	say("model   %s, %.2f million multiply-accumulates", describe(m), float64(m.MACs())/1e6)
	say("median of %d blocks of %v, one core", benchBlocks, benchBlock)
	if b.Before != nil {
		say("before  %v", b.Before)
	}
	for _, backend := range kernels.Backends() {
		decode, err := decoding(m, backend)
		if err != nil {
			return err
		}
		rate, err := sys.rate(ctx, decode)
		if err != nil {
			return err
		}
		b.Decode = append(b.Decode, decodeRate{backend.String(), rate})
		say("decode  %-12v %9.0f images/s", backend, rate)
	}
	rate, err := sys.rate(ctx, func(n uint64) { s.Render(frame, n) })
	if err != nil {
		return err
	}
	b.Render = renderRate{info.Name, size.X, size.Y, rate}
	say("frames  %-12s %9.0f frames/s of %dx%d, decoded and scaled, shown nowhere", info.Name, rate, size.X, size.Y)
	say("wire    %-12s %9.1f frames/s of %.1f kB, %.0f %% of the time on the wire at %v, %s", b.Wire.Panel, b.Wire.Frames, b.Wire.Bytes/1000, 100*b.Wire.Share,
		physic.Frequency(b.Wire.Clock)*physic.Hertz, b.Wire.Port)
	if b.After = sys.vitals(); b.After != nil {
		say("after   %v", b.After)
		if b.After.slowed() || b.Before.slowed() {
			say("note    these are the figures of a processor that was slowed down")
		}
	}
	if c.json {
		e := json.NewEncoder(plain.JSON(w))
		e.SetIndent("", "  ")
		return e.Encode(b)
	}
	return failed
}

// benchWire shows frames for a while.
func (p *prober) benchWire(ctx context.Context, s scene.Scene, frame draw.Image) (r wireRate, err error) {
	opts := p.panelOpts()
	opts.Clock = p.spiClock()
	if core, _ := p.core(); core > 0 && p.display.kind != targetSPI {
		opts.Clock = port.DividedClock(core, opts.Clock)
	}
	r = wireRate{Port: emulated, Board: p.board.Name, Panel: p.panel.Name, Clock: int64(opts.Clock / physic.Hertz)}
	opener := func() (*port.Wires, error) {
		module := paneltest.New(p.panel)
		module.MaxTx, module.WireTime, module.Blind = 1<<16, true, true
		return &port.Wires{Port: module.Port(), DC: module.DC(), Reset: module.Reset()}, nil
	}
	if p.display.kind == targetSPI {
		r.Port = p.display.spi.Device()
		opener = func() (*port.Wires, error) { return p.sys.wires(p.portOptions()) }
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
	limited, cancel := context.WithTimeout(ctx, benchWire)
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

// decoding returns a function that decodes the n-th picture of a walk.
func decoding(m *model.Model, b kernels.Backend) (func(n uint64), error) {
	d, err := decoder.NewOn(m, b)
	if err != nil {
		return nil, err
	}
	point, picture := make([]int16, m.Latent), make([]uint8, m.PictureSize())
	path := latent.NewWalk(1, m.Latent, m.LatentSteps)
	return func(n uint64) {
		path.At(point, n*latent.LegSteps/128)
		d.Decode(picture, point)
	}, nil
}

// medianRate calls f with 0, 1, 2 … for several blocks of time and returns the median block's calls per second.
func medianRate(ctx context.Context, f func(n uint64)) (float64, error) {
	f(0) // not timed: first calls fill caches
	var rates []float64
	n := uint64(1)
	for range benchBlocks {
		if ctx.Err() != nil {
			return 0, fmt.Errorf("interrupted")
		}
		first, start := n, time.Now()
		took := time.Duration(0)
		for took < benchBlock {
			f(n)
			n++
			took = time.Since(start)
		}
		rates = append(rates, float64(n-first)/took.Seconds())
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}
