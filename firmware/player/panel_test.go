package player

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/keys/keystest"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/panel/pixels"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/internal/gate"
)

// A rig is an emulated panel on an emulated port, and a console.
type rig struct {
	t      testing.TB
	module *paneltest.Module
	i2c    bool // it is on an I2C bus
	opts   panel.Opts
	giveUp time.Duration
	// chipSelect is that of the panel's port.
	chipSelect int
	r          *Player
	log        *syncBuffer
	pins       []keys.Pin
	glass      *image.RGBA         // when the light went out last
	out        int                 // the events before that
	port       func(w *port.Wires) // changes the wires
	fails      func(n int) error   // of the n-th opening
	opened     []time.Time         // also in vain
	holds      int                 // wires that are open
	start      time.Time
}

// A syncBuffer is written by one goroutine and read by another.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func newRig(t testing.TB, args ...string) *rig {
	t.Helper()
	g := &rig{t: t, log: &syncBuffer{}, start: time.Now()}
	var said saying
	g.r, said = newTestPlayer(t, args...)
	g.r.console = terminal.NewConsole(g.log, terminal.ConsoleOptions{Name: "vae-edge"})
	g.opts, g.giveUp, g.chipSelect = said.mount, said.giveUp, said.chipSelect
	g.r.Round = g.opts.Panel.Round
	g.connect(g.opts.Panel)
	return g
}

// displays are panels of every controller, and on every kind of port. The first is tried most where
// people wait, the others at the gate and with VAE_EDGE_LONG.
var displays = []string{
	"st7735-80x160", "gc9a01-240x240", "ili9341-240x320", "ili9488-320x480", "ssd1351-128x128",
	"ssd1306-128x64", "ssd1306-128x64" + onI2C, "sh1106-128x64" + onI2C,
}

const onI2C = " on I2C"

// newDisplay makes a rig of one of the displays, of a part of whose glass that is large.
func newDisplay(t testing.TB, display string, args ...string) *rig {
	t.Helper()
	name, i2c := strings.CutSuffix(display, onI2C)
	g := newRig(t, append([]string{"--panel", name}, args...)...)
	g.i2c = i2c
	g.shrink()
	return g
}

// connect connects a panel.
func (g *rig) connect(p panel.Panel) {
	g.opts.Panel, g.module = p, paneltest.New(p)
	g.module.MaxTx = 65536
}

// shrink has a large panel a part of its glass: the commands are the same, and runs that are many
// do not take minutes.
func (g *rig) shrink() {
	if p := g.opts.Panel; p.Size.X*p.Size.Y > 128*160 {
		small, err := p.Fit(image.Pt(48, 48))
		if err != nil {
			g.t.Fatal(err)
		}
		g.connect(small)
	}
}

// A lamp is a backlight pin that tells when it goes out.
type lamp struct {
	gpio.PinOut
	out func()
}

func (l lamp) Out(level gpio.Level) error {
	if level == gpio.Low {
		l.out()
	}
	return l.PinOut.Out(level)
}

func (g *rig) open() (*port.Wires, error) {
	g.opened = append(g.opened, time.Now())
	if g.fails != nil {
		if err := g.fails(len(g.opened)); err != nil {
			return nil, err
		}
	}
	spi := g.module.Port()
	g.holds++
	w := &port.Wires{
		Port: spi, DC: g.module.DC(), Reset: g.module.Reset(),
		Backlight: lamp{g.module.Light(), func() { g.glass, g.out = g.module.Image(), g.module.Events() }},
	}
	if g.i2c {
		w.Port, w.DC, w.Reset = nil, nil, nil
		w.I2C = g.module.I2C(paneltest.I2CAddress, 400*physic.KiloHertz)
	}
	w.OnClose(func() { spi.Close(); g.holds-- })
	if g.port != nil {
		g.port(w)
	}
	return w, nil
}

func (g *rig) panelOptions() PanelOptions {
	return PanelOptions{
		Open: g.open, Mount: g.opts, GiveUp: g.giveUp,
		Keys:  func() ([]keys.Pin, []error) { return g.pins, nil },
		Notes: func(bytes int) []string { return []string{fmt.Sprintf("the port takes %d bytes", bytes)} },
	}
}

// run shows the scene until it ends or the context does.
func (g *rig) run(ctx context.Context) error {
	return g.r.OnPanel(ctx, g.panelOptions())
}

// onPanel is a picture in the colours that the panel has.
func (g *rig) onPanel(img image.Image) *image.RGBA {
	model := panel.RGB565Model
	if p := g.opts.Panel; p.FrameBytes() == 3*p.Size.X*p.Size.Y {
		model = pixels.RGB666Model
	}
	out := image.NewRGBA(img.Bounds())
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			n := out.Rect.Dx()
			if dx, dy := 2*x+1-n, 2*y+1-n; g.opts.Panel.Round && dx*dx+dy*dy > n*n {
				out.Set(x, y, color.Black)
				continue
			}
			c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
			if g.opts.Panel.Dots() {
				level := uint8(0)
				if panel.Lit(c.R, c.G, c.B, image.Pt(x, y)) {
					level = 255
				}
				c = color.RGBA{level, level, level, 255}
			}
			out.Set(x, y, model.Convert(c))
		}
	}
	return out
}

// checkGlass compares what was seen last with the frame that WritePNG writes.
func (g *rig) checkGlass(what string, args ...string) {
	g.t.Helper()
	size := g.opts.Panel.Size
	if g.opts.Rotation%180 != 0 {
		size = image.Pt(size.Y, size.X)
	}
	file := filepath.Join(g.t.TempDir(), "frame.png")
	args = append(args, "--size", fmt.Sprintf("%dx%d", size.X, size.Y))
	r := testPlayer(g.t, args...)
	r.Round = g.r.Round
	if err := r.WritePNG(file); err != nil {
		g.t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		g.t.Fatal(err)
	}
	frame, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		g.t.Fatal(err)
	}
	if got := paneltest.Turned(g.glass, g.opts.Rotation); !samePixels(got, g.onPanel(frame)) {
		g.t.Errorf("%s: the glass does not show the frame of the PNG", what)
	}
	if f := g.module.Faults(); len(f) > 0 {
		g.t.Errorf("%s: %q", what, f)
	}
}

// checkEnd checks that nothing is left behind: the panel dark and black, the port and pins
// released.
func (g *rig) checkEnd(what string) {
	g.t.Helper()
	if g.module.Backlight() != 0 || g.holds != 0 {
		g.t.Errorf("%s: backlight %v, %d ports open", what, g.module.Backlight(), g.holds)
	}
	for i, v := range g.module.Image().Pix {
		if v != 0 && i%4 != 3 {
			g.t.Fatalf("%s: the panel is not blank", what)
		}
	}
}

// checkLog checks the lines of the log by what each contains.
func (g *rig) checkLog(what string, want ...string) {
	g.t.Helper()
	lines := strings.Split(strings.TrimSuffix(g.log.String(), "\n"), "\n")
	if g.log.String() == "" {
		lines = nil
	}
	ok := len(lines) == len(want)
	for i := range lines {
		ok = ok && strings.Contains(lines[i], want[i])
	}
	if !ok {
		g.t.Errorf("%s: logged\n%s\nwant %q", what, g.log, want)
	}
}

// TestPanelShowsThePNG: after the last frame of any scene the glass shows what WritePNG
// writes for it.
func TestPanelShowsThePNG(t *testing.T) {
	for _, s := range scene.All() {
		for frames, args := range map[string][]string{
			"2":  {"--board", "waveshare-1.3"},
			"60": {"--panel", "st7735-80x160", "--rotate", "270"},
			"20": {"--board", "display-hat-mini", "--fps", "20"},
		} {
			if !gate.All() && frames == "2" && s.Name != "walk" {
				continue
			}
			if s.Name == "manifold" && frames == "20" {
				// 200 digits decoded for the first frame take generic code seconds, once is enough
				continue
			}
			what := s.Name + " " + strings.Join(args, " ")
			t.Run(what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					common := []string{"--scene", s.Name, "--frames", frames, "--seed", "3"}
					g := newRig(t, append(args[:len(args):len(args)], common...)...)
					g.module.WireTime = true
					if g.chipSelect == 1 {
						g.module.MaxTx = 4096
					}
					if err := g.run(t.Context()); err != nil {
						t.Fatal(err)
					}
					g.checkGlass(what, common...)
					g.checkEnd(what)
					g.checkLog(what)
				})
			})
		}
	}
}

// TestFaultAnywhere lets everything that happens fail once: the show goes on, and one line says so,
// another that it is over.
func TestFaultAnywhere(t *testing.T) {
	for _, name := range displays {
		t.Run(name, func(t *testing.T) { faultAnywhere(t, name) })
	}
}

// every is how many events apart faults are, of a number: each has one on the first display, and on
// others if VAE_EDGE_LONG is set.
func every(display string, events int) int {
	if os.Getenv("VAE_EDGE_LONG") != "" {
		return 1
	}
	if display == displays[0] {
		return gate.Step(2)
	}
	return max(1, events/25) * gate.Step(4)
}

func faultAnywhere(t *testing.T, name string) {
	args := []string{"--scene", "walk", "--frames", "2"}
	run := func(t *testing.T, failAt int) (g *rig, err error) {
		synctest.Test(t, func(t *testing.T) {
			g = newDisplay(t, name, args...)
			g.module.FailAt(failAt)
			err = g.run(t.Context())
			if err == nil {
				what := fmt.Sprintf("fault at event %d", failAt)
				g.checkGlass(what, args...)
				g.checkEnd(what)
			}
		})
		return g, err
	}
	g, err := run(t, 0)
	if err != nil {
		t.Fatal(err)
	}
	shown := g.out // what comes after is the end
	for n, step := 0, every(name, g.module.Events()); n < g.module.Events(); n += step {
		g, err := run(t, n+1)
		what := fmt.Sprintf("fault at event %d", n+1)
		if n >= shown { // while the panel is blanked at the end, which is reported
			if !errors.Is(err, paneltest.ErrInjected) || g.holds != 0 {
				t.Errorf("%s: error %v, %d ports open", what, err, g.holds)
			}
			continue
		}
		if err != nil || len(g.opened) != 2 {
			t.Errorf("%s: error %v, %d openings", what, err, len(g.opened))
		}
		g.checkLog(what, "injected fault; trying again for 30s", "the panel is back after 0.")
	}
}

// TestUnplugged takes the panel away for a while, and then the port.
func TestUnplugged(t *testing.T) {
	args := []string{"--scene", "sample", "--frames", "200", "--fps", "20"}
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, append([]string{"--board", "waveshare-1.3"}, args...)...)
		time.AfterFunc(2*time.Second, g.module.Unplug)
		time.AfterFunc(8*time.Second, g.module.Replug)
		if err := g.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		g.checkGlass("unplugged", args...)
		g.checkEnd("unplugged")
		g.checkLog("unplugged", "unplugged; trying again for 30s", "the panel is back after ")
		// The delays double from one trial to the next, up to the longest.
		for i, want := range []time.Duration{200, 400, 800, 1600, 2000} {
			if got := g.opened[i+2].Sub(g.opened[i+1]); got != want*time.Millisecond {
				t.Errorf("trial %d came %v after the one before, want %v", i+1, got, want*time.Millisecond)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, append([]string{"--board", "waveshare-1.3"}, args...)...)
		g.fails = func(int) error {
			if t := time.Since(g.start); t > 2*time.Second && t < 8*time.Second {
				return port.Setupf("no SPI port spi0: enable it")
			}
			return nil
		}
		time.AfterFunc(2*time.Second, g.module.Unplug)
		time.AfterFunc(8*time.Second, g.module.Replug)
		if err := g.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		g.checkGlass("no port", args...)
		g.checkEnd("no port")
		g.checkLog("no port", "unplugged; trying again for 30s", "no SPI port spi0: enable it", "the panel is back after ")
	})
}

// TestGiveUp: what stays broken is given up after the time that was set, or never.
func TestGiveUp(t *testing.T) {
	for _, started := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			g := newRig(t, "--board", "waveshare-1.3", "--give-up", "5s", "--fps", "10")
			var from time.Time
			unplug := func() { from = time.Now(); g.module.Unplug() }
			if started {
				time.AfterFunc(2*time.Second+time.Millisecond, unplug)
			} else {
				unplug()
			}
			err := g.run(t.Context())
			if !errors.Is(err, paneltest.ErrUnplugged) || !strings.HasSuffix(err.Error(), "; given up after 5s") {
				t.Errorf("error %v", err)
			}
			if took := time.Since(from); took < 5*time.Second || took > 5200*time.Millisecond {
				t.Errorf("given up after %v", took)
			}
			if g.holds != 0 {
				t.Errorf("%d ports left open", g.holds)
			}
			g.checkLog("given up", "unplugged; trying again for 5s")
		})
		synctest.Test(t, func(t *testing.T) {
			g := newRig(t, "--board", "waveshare-1.3", "--give-up", "0", "--fps", "10")
			time.AfterFunc(2*time.Second, g.module.Unplug)
			ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
			defer cancel()
			if err := g.run(ctx); err != nil {
				t.Error(err)
			}
			if got := time.Since(g.start); got > 24*time.Hour+time.Second {
				t.Errorf("ended after %v", got)
			}
			g.checkLog("never", "unplugged; trying again until it is back")
		})
	}
}

// TestFaultsAtStart: what a person must mend is no fault to wait for, a busy pin is.
func TestFaultsAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, "--board", "waveshare-1.3")
		g.fails = func(int) error { return port.Setupf("no SPI port") }
		if err := g.run(t.Context()); err == nil || err.Error() != "no SPI port" || time.Since(g.start) > 0 {
			t.Errorf("error %v after %v", err, time.Since(g.start))
		}
		g.checkLog("no port")
	})
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, "--board", "waveshare-1.3", "--frames", "2")
		g.fails = func(n int) error {
			if n < 4 {
				return errors.New("GPIO25, the panel's data/command pin, is in use by other@7")
			}
			return nil
		}
		if err := g.run(t.Context()); err != nil || len(g.opened) != 4 {
			t.Errorf("error %v after %d trials", err, len(g.opened))
		}
		g.checkLog("busy", "is in use by other@7; trying again for 30s", "the panel is back after 1.0 s")
		g.checkGlass("busy", "--frames", "2")
	})
}

// A stuckPort has transfers that never end once it is stuck.
type stuckPort struct {
	spi.Port
	stuck, free chan struct{}
}

func (p stuckPort) Connect(f physic.Frequency, m spi.Mode, bits int) (spi.Conn, error) {
	c, err := p.Port.Connect(f, m, bits)
	return stuckConn{c, p}, err
}

type stuckConn struct {
	spi.Conn
	port stuckPort
}

func (c stuckConn) Tx(w, r []byte) error {
	select {
	case <-c.port.stuck:
		<-c.port.free
	default:
	}
	return c.Conn.Tx(w, r)
}

// TestStop: whatever is going on, the end of the context ends the show within a second, without an
// error, and the panel is dark.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(g *rig, free chan struct{})
		end   time.Duration
		blank bool
		dark  bool
		log   []string
	}{
		{"running", func(*rig, chan struct{}) {}, 3 * time.Second, true, true, nil},
		{"initialising", func(*rig, chan struct{}) {}, 100 * time.Millisecond, true, true, nil},
		{"initialising again", func(g *rig, _ chan struct{}) { g.fails = later(1400 * time.Millisecond) }, 1600 * time.Millisecond, true, true,
			[]string{"trying again", "back after 1.8 s"}},
		{"backing off", func(g *rig, _ chan struct{}) { time.AfterFunc(time.Second, g.module.Unplug) }, 3 * time.Second, false, false, []string{"trying again"}},
		{"not started", func(g *rig, _ chan struct{}) { g.fails = later(time.Hour) }, 3 * time.Second, false, false, []string{"trying again"}},
		{"port gone", func(g *rig, _ chan struct{}) {
			g.fails = func(int) error {
				if time.Since(g.start) > time.Second {
					return errors.New("no port any more")
				}
				return nil
			}
			time.AfterFunc(1100*time.Millisecond, func() { g.module.FailAt(1) })
		}, 3 * time.Second, false, true, []string{"trying again", "no port any more"}},
		{"hung", func(g *rig, free chan struct{}) {
			stuck := make(chan struct{})
			g.port = func(w *port.Wires) { w.Port = stuckPort{w.Port, stuck, free} }
			time.AfterFunc(2*time.Second, func() { close(stuck) })
		}, 3 * time.Second, false, true, []string{"a transfer has taken more than 800ms; its backlight is off"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t, "--board", "waveshare-1.3", "--fps", "10")
				g.module.WireTime = true
				free := make(chan struct{})
				c.fault(g, free)
				ctx, cancel := context.WithTimeout(t.Context(), c.end)
				defer cancel()
				if err := g.run(ctx); err != nil {
					t.Error(err)
				}
				if took := time.Since(g.start) - c.end; took < 0 || took > time.Second {
					t.Errorf("took %v", took)
				}
				if c.blank {
					g.checkEnd(c.name)
				}
				if c.dark && g.module.Backlight() != 0 {
					t.Error("the backlight is on")
				}
				g.checkLog(c.name, c.log...)
				close(free)
				time.Sleep(time.Minute)
			})
		})
	}
}

// later is an opening that fails for a while.
func later(d time.Duration) func(int) error {
	start := time.Now()
	return func(int) error {
		if time.Since(start) < d {
			return errors.New("busy")
		}
		return nil
	}
}

// TestPanelKeys presses keys of a board while it runs.
func TestPanelKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		args := []string{"--panel", "st7735-80x160", "--fps", "20", "--frames", "100"}
		left := keystest.New()
		g := newRig(t, args...)
		g.pins = []keys.Pin{{Key: panel.Key{Meaning: panel.Left}, PinIn: left}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(990*time.Millisecond, func() { left.Set(gpio.Low) })
		time.AfterFunc(1990*time.Millisecond, func() { left.Set(gpio.High) })
		if err := g.run(ctx); err != nil {
			t.Fatal(err)
		}
		steered := g.glass
		cancel()
		// The first frame came after 0.3 s. 20 frames to the left from where the walk was then, and
		// there it stayed.
		s, _ := scene.Lookup("walk")
		size := g.module.Image().Rect.Size()
		at, err := s.New(testPlayer(t).decoder, 1, size)
		if err != nil {
			t.Fatal(err)
		}
		p, img := scene.NewPilot(at, 14), scene.NewImage(g.r.decoder.Model(), size, scene.Grey)
		for range 20 {
			p.Render(img, scene.Input{DX: -1})
		}
		if !samePixels(steered, g.onPanel(img)) {
			t.Error("the key did not move the point to where it should be")
		}
		time.Sleep(2 * time.Second)
	})
	synctest.Test(t, func(t *testing.T) {
		next := keystest.New()
		g := newRig(t, "--panel", "st7735-80x160", "--fps", "20", "--frames", "100")
		g.pins = []keys.Pin{{Key: panel.Key{Meaning: panel.Press}, PinIn: next}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(990*time.Millisecond, func() { next.Set(gpio.Low) })
		time.AfterFunc(1090*time.Millisecond, func() { next.Set(gpio.High) })
		if err := g.run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		if g.r.info.Name != "sample" {
			t.Fatalf("the scene is %s", g.r.info.Name)
		}
		if g.r.first != 16 {
			t.Fatalf("it began with frame %d", g.r.first)
		}
		g.checkGlass("next scene", "--scene", "sample", "--frames", fmt.Sprint(100-g.r.first))
		time.Sleep(2 * time.Second)
	})
}

// TestPanelAllocatesNothing counts what frames with an overlay and keys allocate.
func TestPanelAllocatesNothing(t *testing.T) {
	for i, s := range scene.All() {
		if s.Name == "clock" || i%gate.Step(3) != 0 {
			continue // the clock stands still, and so does the wire
		}
		g := newRig(t, "--panel", "st7735-80x160", "--scene", s.Name, "--stats=overlay", "--frames", "2000")
		g.module.Blind = true
		var before, after runtime.MemStats
		var frames int64
		g.pins = []keys.Pin{{Key: panel.Key{Meaning: panel.Left}, PinIn: keystest.New()}}
		ctx, cancel := context.WithCancel(t.Context())
		count := 0
		g.port = func(w *port.Wires) {
			w.Port = countingPort{w.Port, func() {
				switch count++; count {
				case 100:
					runtime.ReadMemStats(&before)
					frames = -g.r.meter.read().Frames
				case 550:
					runtime.ReadMemStats(&after)
					frames += g.r.meter.read().Frames
					cancel()
				}
			}}
		}
		if err := g.run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		// The runtime itself may need a few.
		if n := after.Mallocs - before.Mallocs; frames < 20 || n > 10 {
			t.Errorf("%s: %d allocations in %d frames", s.Name, n, frames)
		}
	}
}

// A countingPort tells of every transaction.
type countingPort struct {
	spi.Port
	tx func()
}

func (p countingPort) Connect(f physic.Frequency, m spi.Mode, bits int) (spi.Conn, error) {
	c, err := p.Port.Connect(f, m, bits)
	return countingConn{c, p.tx}, err
}

type countingConn struct {
	spi.Conn
	tx func()
}

func (c countingConn) Tx(w, r []byte) error {
	c.tx()
	return c.Conn.Tx(w, r)
}

// TestPanelClockIdle: while the time does not change, a clock neither decodes nor sends.
func TestPanelClockIdle(t *testing.T) {
	run := func(frames string) (bytes int64, decoded int, took time.Duration) {
		synctest.Test(t, func(t *testing.T) { // at midnight, UTC
			g := newRig(t, "--panel", "st7735-80x160", "--scene", "clock", "--time-zone", "UTC", "--fps", "10", "--frames", frames)
			start := time.Now()
			if err := g.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			bytes, decoded, took = g.r.meter.read().Bytes, g.r.decoder.decoder.Decoded(), time.Since(start)
		})
		return bytes, decoded, took
	}
	once, four, _ := run("1")
	still, decoded, took := run("400")
	if four != 4 || decoded != four || still != once {
		t.Errorf("%d decodes and %d bytes in %v, want %d and %d", decoded, still, took, four, once)
	}
	if took < 15*time.Second || took > 58*time.Second {
		t.Errorf("400 frames took %v", took)
	}
	if moving, decoded, _ := run("1800"); moving < 2*once || decoded < 40 {
		t.Errorf("%d decodes and %d bytes over a change of all digits", decoded, moving)
	}
}
