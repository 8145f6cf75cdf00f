package touch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/touch/touchtest"
)

// connect returns the chip's connection.
func connect(t *testing.T, c *touchtest.Chip) spi.Conn {
	t.Helper()
	conn, err := c.Connect(Clock, spi.Mode0, 8)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestProgram: the bytes of a reading.
func TestProgram(t *testing.T) {
	want := []byte{0xb1, 0, 0xc1, 0, 0xd1, 0}
	for range 7 {
		want = append(want, 0x91, 0, 0xd1, 0)
	}
	want = append(want, 0xb1, 0, 0xc0, 0, 0)
	if !bytes.Equal(program, want) {
		t.Errorf("% x", program)
	}
}

// TestReadings: a finger anywhere is where it is, pressed firmly or lightly, and nobody's is not
// there. Noise of the plates moves it by little, single conversions that are wild by nothing more.
func TestReadings(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := touchtest.New()
	chip := newChip(connect(t, c))
	lost := 0
	for n := range 3000 {
		f := touchtest.Finger{X: 200 + r.IntN(3700), Y: 200 + r.IntN(3700), Ohms: 200 + r.IntN(800)}
		noise, wild := 0, 0
		if n%3 > 0 {
			noise = 40
		}
		if n%3 > 1 {
			wild = 5
		}
		c.Do(func(c *touchtest.Chip) { c.Finger, c.Noise, c.Spikes = &f, noise, wild })
		got, err := chip.read()
		if err != nil {
			t.Fatal(err)
		}
		if !got.Touched && wild == 0 {
			t.Fatalf("%+v is no touch", f)
		}
		far := max(got.X-f.X, f.X-got.X, got.Y-f.Y, f.Y-got.Y)
		if got.Touched && far > noise && wild == 0 {
			t.Fatalf("%+v, noise %d: read at %d,%d", f, noise, got.X, got.Y)
		}
		if got.Touched && far > noise || !got.Touched {
			lost++
		}
	}
	if lost > 150 { // of 1000, for a wild pressure is none
		t.Errorf("%d readings are lost or wrong", lost)
	}
	touched := 0
	for range 3000 {
		c.Do(func(c *touchtest.Chip) { c.Finger, c.Noise, c.Spikes = nil, 60, 2 })
		got, err := chip.read()
		if err != nil {
			t.Fatal(err)
		}
		if got.Touched {
			touched++
		}
	}
	if touched > 10 {
		t.Errorf("%d of 3000 readings of nobody are touches", touched)
	}
	c.Do(func(c *touchtest.Chip) {
		c.Finger, c.Noise, c.Spikes = &touchtest.Finger{X: 2000, Y: 2000, Ohms: 20_000}, 0, 0
	})
	if got, err := chip.read(); err != nil || got.Touched {
		t.Errorf("a finger that hardly presses: %+v, %v", got, err)
	}
	if faults := c.Faults(); faults != nil {
		t.Error(faults)
	}
}

// TestDead: a chip whose line does not change is no touch but an error, and so is a port's.
func TestDead(t *testing.T) {
	c := touchtest.New()
	chip := newChip(connect(t, c))
	for stuck, bit := range map[int]string{1: "are 0;", 2: "are 1;"} {
		for _, f := range []*touchtest.Finger{nil, {X: 2000, Y: 1000, Ohms: 300}} {
			c.Do(func(c *touchtest.Chip) { c.Stuck, c.Finger = stuck, f })
			if got, err := chip.read(); !errors.Is(err, ErrSilent) || !strings.Contains(err.Error(), bit) || got.Touched {
				t.Errorf("%+v, %v", got, err)
			}
		}
	}
	c.Do(func(c *touchtest.Chip) { c.Fails = errors.New("no such device") })
	if _, err := chip.read(); err == nil {
		t.Error("no error")
	}
}

// TestCalibration: what three touches are solved to places all others, however the glass is wired,
// and is read as it is written. Nonsense is refused.
func TestCalibration(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 500 {
		want := Calibration{Left: 150 + r.IntN(300), Right: 3600 + r.IntN(400), Top: 150 + r.IntN(300), Bottom: 3600 + r.IntN(400), Swap: n%2 == 0}
		if n%4 < 2 {
			want.Left, want.Right = want.Right, want.Left
		}
		if n%8 < 4 {
			want.Top, want.Bottom = want.Bottom, want.Top
		}
		reading := func(p image.Point) Reading {
			x, y := want.Left+(want.Right-want.Left)*p.X/Whole, want.Top+(want.Bottom-want.Top)*p.Y/Whole
			if want.Swap {
				x, y = y, x
			}
			return Reading{true, x, y}
		}
		places := [3]image.Point{{400, 500}, {3600, 500}, {400, 3500}}
		for i, p := range places { // those of a picture that is turned
			places[i] = Turned(p, 360-90*(n/8%4))
			if back := Turned(places[i], 90*(n/8%4)); back != p {
				t.Fatal(p, back)
			}
		}
		got, err := Solve([3]Reading{reading(places[0]), reading(places[1]), reading(places[2])}, places)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			p := image.Pt(r.IntN(Whole), r.IntN(Whole))
			at := got.Place(reading(p))
			if d := at.Sub(p); max(d.X, -d.X, d.Y, -d.Y) > 12 {
				t.Fatalf("%v for %v: %v is at %v", got, want, p, at)
			}
		}
		if again, err := ParseCalibration(got.String()); err != nil || again != got {
			t.Fatal(again, err)
		}
	}
	for _, v := range []string{"", "1,2,3", "200,3900,200", "200,3900,200,3900,", "200,3900,200,3900,turn", "200,3900,200,3900,swap,swap", "a,b,c,d", "200,300,200,3900", "200,3900,3900,3800", "200,39000,0,4000", "-5000,3900,0,4000"} {
		if c, err := ParseCalibration(v); err == nil {
			t.Errorf("%q is %v", v, c)
		}
	}
	same := Reading{true, 2000, 2000}
	if c, err := Solve([3]Reading{same, same, same}, [3]image.Point{{0, 0}, {4000, 0}, {0, 4000}}); err == nil {
		t.Error(c)
	}
	if c, err := Solve([3]Reading{{true, 0, 0}, {true, 4000, 0}, {true, 3, 100}}, [3]image.Point{{0, 0}, {4000, 0}, {0, 4000}}); err == nil {
		t.Error(c)
	}
	if p := DefaultCalibration.Place(Reading{true, -500, 9000}); p != image.Pt(0, Whole) {
		t.Error(p)
	}
}

// TestTurned: a place on glass is that of the picture there, as package paneltest turns it.
func TestTurned(t *testing.T) {
	// The upper left corner of the picture, as it is on glass for each rotation
	for turn, corner := range map[int]image.Point{0: {0, 0}, 90: {Whole, 0}, 180: {Whole, Whole}, 270: {0, Whole}} {
		if got := Turned(corner, turn); got != (image.Point{}) {
			t.Errorf("%d: %v", turn, got)
		}
	}
	for turn, right := range map[int]image.Point{0: {Whole, 0}, 90: {Whole, Whole}, 180: {0, Whole}, 270: {0, 0}} {
		if got := Turned(right, turn); got != image.Pt(Whole, 0) {
			t.Errorf("%d: the upper right corner is at %v", turn, got)
		}
	}
}

// A hand does things with a chip that Watch watches.
type hand struct {
	chip     *touchtest.Chip
	controls *keys.Controls
	log      []string
}

func (h *hand) at(x, y int) {
	h.chip.Do(func(c *touchtest.Chip) { c.Finger = &touchtest.Finger{X: x, Y: y, Ohms: 400} })
}

func (h *hand) up() { h.chip.Do(func(c *touchtest.Chip) { c.Finger = nil }) }

// frames takes what the controls say in some frames of 1/25 s, added up.
func (h *hand) frames(n int) (sum scene.Input, next int) {
	for range n {
		time.Sleep(40 * time.Millisecond)
		in, more := h.controls.Take(time.Now())
		sum.DX, sum.DY, sum.Step, sum.Auto = sum.DX+in.DX, sum.DY+in.DY, sum.Step+in.Step, sum.Auto || in.Auto
		next += more
	}
	return sum, next
}

// watched runs f while a chip is watched, with its pen connected or not.
func watched(t *testing.T, o Options, f func(t *testing.T, h *hand)) {
	for _, pen := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := &hand{chip: touchtest.New(), controls: &keys.Controls{}}
			h.chip.Noise = 20
			closed := false
			o.Open = func() (*port.Wires, error) {
				w := &port.Wires{Port: h.chip}
				w.OnClose(func() { closed = true })
				return w, nil
			}
			if o.Pen = nil; pen {
				o.Pen = func() (gpio.PinIn, error) { return h.chip.Pen(), nil }
			}
			p, err := o.OpenPad()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan bool)
			go func() {
				defer close(done)
				o.Watch(ctx, p, h.controls, func(_ slog.Level, sentence string, _ ...slog.Attr) { h.log = append(h.log, sentence) })
			}()
			time.Sleep(time.Second)
			f(t, h)
			cancel()
			<-done
			if !closed {
				t.Error("it was not closed")
			}
			if faults := h.chip.Faults(); faults != nil {
				t.Error(faults)
			}
		})
	}
}

// TestGestures: a tap shows the next scene, a finger that rests has the scene go on by itself, one
// that is dragged moves as far as it does, in its direction on the picture, and is neither.
func TestGestures(t *testing.T) {
	for _, turn := range []int{0, 90, 180, 270} {
		watched(t, Options{Calibration: DefaultCalibration, Rotation: turn}, func(t *testing.T, h *hand) {
			if in, next := h.frames(50); in != (scene.Input{}) || next != 0 {
				t.Errorf("nobody: %+v, %d", in, next)
			}
			h.at(1500, 2500)
			h.frames(3)
			h.up()
			if in, next := h.frames(10); in != (scene.Input{}) || next != 1 {
				t.Errorf("a tap: %+v, %d", in, next)
			}
			h.at(1500, 2500)
			if in, next := h.frames(25); !in.Auto || in.Moves() || next != 0 {
				t.Errorf("a finger that rests: %+v, %d", in, next)
			}
			h.up()
			if in, next := h.frames(10); in != (scene.Input{}) || next != 0 {
				t.Errorf("and goes up: %+v, %d", in, next)
			}
			// Half of the way across the glass, to the right and a quarter down
			for n := range 41 {
				h.at(1000+45*n, 1500+22*n)
				time.Sleep(25 * time.Millisecond)
			}
			h.up()
			in, next := h.frames(60)
			right, up := in.DX, in.DY
			switch turn { // back to the glass
			case 90:
				right, up = in.DY, -in.DX
			case 180:
				right, up = -in.DX, -in.DY
			case 270:
				right, up = -in.DY, in.DX
			}
			if next != 0 || in.Auto || right < 20 || right > 32 || up < -16 || up > -10 {
				t.Errorf("turned by %d, dragged: %+v (%d to the right, %d up), %d", turn, in, right, up, next)
			}
			if turn == 0 && in.Step >= 0 {
				t.Errorf("dragged down: %d steps", in.Step)
			}
			if len(h.log) > 0 {
				t.Error(h.log)
			}
		})
	}
}

// TestGlitches: a reading alone is no touch, and a contact that fails for one is not two.
func TestGlitches(t *testing.T) {
	c := &keys.Controls{}
	g := gesture{controls: c, calibration: DefaultCalibration}
	now := time.Now()
	take := func(touched ...bool) (next int) {
		for _, on := range touched {
			now = now.Add(period)
			g.take(Reading{on, 2000, 2000}, now)
		}
		_, next = c.Take(now)
		return next
	}
	if n := take(false, true, false, false, true, false, false); n != 0 {
		t.Errorf("spikes are %d taps", n)
	}
	if n := take(true, true, true, false, true, true, false, true, false, false, false); n != 1 {
		t.Errorf("one tap with gaps is %d", n)
	}
}

// TestFaults: a chip that does not answer is told of once, is no touch, and works when it is back.
func TestFaults(t *testing.T) {
	watched(t, Options{Calibration: DefaultCalibration}, func(t *testing.T, h *hand) {
		for _, stuck := range []int{1, 2, 0} {
			h.chip.Do(func(c *touchtest.Chip) { c.Stuck = stuck })
			h.at(500+stuck*1000, 2000)
			if in, next := h.frames(200); stuck > 0 && (in != scene.Input{} || next != 0) {
				t.Errorf("stuck: %+v, %d", in, next)
			}
			h.up()
			h.frames(100)
		}
		if len(h.log) != 2 || !strings.Contains(h.log[0], "does not answer: all its bits are ") || !strings.Contains(h.log[1], "answers again") {
			t.Errorf("%q", h.log)
		}
		h.log = nil
		h.chip.Do(func(c *touchtest.Chip) { c.Fails = errors.New("input/output error") })
		h.frames(300)
		h.chip.Do(func(c *touchtest.Chip) { c.Fails = nil })
		h.frames(100)
		h.at(1000, 1000)
		h.frames(3)
		h.up()
		if _, next := h.frames(40); next != 1 {
			t.Error("a tap after a fault does nothing")
		}
		if len(h.log) != 2 || !strings.Contains(h.log[0], "input/output error") {
			t.Errorf("%q", h.log)
		}
	})
}

// A failing chip has one transfer that fails.
type failing struct {
	*touchtest.Chip
	n, at int
}

func (f *failing) Connect(c physic.Frequency, m spi.Mode, bits int) (spi.Conn, error) {
	_, err := f.Chip.Connect(c, m, bits)
	return f, err
}

func (f *failing) Tx(w, r []byte) error {
	if f.n++; f.n == f.at {
		return errors.New("input/output error")
	}
	return f.Chip.Tx(w, r)
}

// TestFaultAnywhere: whichever reading of a tap fails, it is at most one tap and nothing else, and
// so is the next, which is one.
func TestFaultAnywhere(t *testing.T) {
	for at := 1; at < 40; at++ { // of which some twenty come before the second tap
		synctest.Test(t, func(t *testing.T) {
			h := &hand{chip: touchtest.New(), controls: &keys.Controls{}}
			f := &failing{Chip: h.chip, at: at}
			o := Options{Calibration: DefaultCalibration, Open: func() (*port.Wires, error) { return &port.Wires{Port: f}, nil }}
			p, err := o.OpenPad()
			if err != nil {
				t.Fatal(err)
			}
			p.Close = func() {}
			ctx, cancel := context.WithCancel(t.Context())
			go o.Watch(ctx, p, h.controls, func(slog.Level, string, ...slog.Attr) {})
			for n := range 2 {
				h.frames(2)
				h.at(1500, 2500)
				h.frames(5)
				h.up()
				if in, next := h.frames(80); in != (scene.Input{}) || next > 1 || next == 0 && n > 0 {
					t.Errorf("fault at reading %d, tap %d: %+v, %d taps", at, n+1, in, next)
				}
			}
			cancel()
			time.Sleep(time.Minute)
		})
	}
}

// TestPress: for a calibration a finger counts when it has pressed for a while and is up again.
func TestPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := touchtest.New()
		p := &Pad{Conn: connect(t, c), Close: func() {}}
		go func() {
			for i, d := range []int{1, 500} {
				time.Sleep(time.Second)
				c.Do(func(c *touchtest.Chip) { c.Finger = &touchtest.Finger{X: 700 + i, Y: 800, Ohms: 300} })
				time.Sleep(time.Duration(d) * time.Millisecond)
				c.Do(func(c *touchtest.Chip) { c.Finger = nil })
			}
		}()
		if r, err := p.Press(t.Context()); err != nil || r.X != 701 || r.Y != 800 {
			t.Error(r, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := p.Press(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		c.Do(func(c *touchtest.Chip) { c.Stuck = 1 })
		if _, err := p.Press(t.Context()); !errors.Is(err, ErrSilent) {
			t.Error(err)
		}
	})
}

// TestOpenPad: what cannot be opened leaves nothing open.
func TestOpenPad(t *testing.T) {
	closed := 0
	c := touchtest.New()
	open := func() (*port.Wires, error) {
		w := &port.Wires{Port: c}
		w.OnClose(func() { closed++ })
		return w, nil
	}
	if _, err := (Options{Open: func() (*port.Wires, error) { return nil, errors.New("busy") }}).OpenPad(); err == nil {
		t.Error("no error")
	}
	if _, err := (Options{Open: open, Pen: func() (gpio.PinIn, error) { return nil, fmt.Errorf("busy") }}).OpenPad(); err == nil || closed != 1 {
		t.Error(err, closed)
	}
}
