// Package paneltest emulates SPI panels for tests and benchmarks: modules that do with the bytes of
// a port and the levels of pins beside it what the data sheets say, and show what their glass
// would.
//
// An emulated controller is not lenient. Whatever a data sheet forbids, pixels in a format that it
// cannot take, a window outside its memory, a command too soon after a reset, is in
// [Module.Faults], which a test ought to find empty.
package paneltest

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"sync"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// ErrInjected is the error of what was told to fail.
var ErrInjected = errors.New("injected fault")

// ErrUnplugged is the error of an unplugged module.
var ErrUnplugged = errors.New("unplugged")

// A Module is a panel with its port and pins. Its fields are set before it is used; its methods may
// be called at any time.
type Module struct {
	// The longest transaction of the port in bytes; 0: the port does not state one, but takes no
	// more than 4,096
	MaxTx int
	Log   bool // keep the events
	PWM   bool // the backlight pin has pulse width modulation
	Blind bool // the glass is not emulated, only the wire

	// WireTime makes transactions take the time that they would at the clock of the connection. The
	// port keeps absolute deadlines: what a transaction slept too long, the next one sleeps less.
	WireTime bool

	// Now is the clock by which the controller's waiting times are checked; nil stands for
	// time.Now. A recording has its own.
	Now func() time.Time

	panel panel.Panel

	mu        sync.Mutex
	chip      chip
	log       []string
	faults    []string
	events    int
	failAt    int
	unplugged bool
	connected bool
	clock     physic.Frequency
	mode      spi.Mode
	dc, reset gpio.Level
	light     gpio.Duty
	counters  Counters
	end       time.Time // of the last transaction on the wire
	late      time.Duration
}

// Counters count what went over the wire.
type Counters struct {
	Transactions int
	Bytes        int
	Longest      int // transaction in bytes
}

// A chip is a controller.
type chip interface {
	// tx takes bytes that came with the level of the data/command pin.
	tx(dc gpio.Level, b []byte)
	// reset is what the pin does, or the power if cold.
	reset(cold bool)
	// pixel returns the colour that the glass shows at a point of the unrotated panel.
	pixel(x, y int) color.Color
}

// now is the time for the controller.
func (m *Module) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

func (m *Module) fault(format string, args ...any) {
	if len(m.faults) < 20 {
		m.faults = append(m.faults, fmt.Sprintf(format, args...))
	}
}

// event counts and logs something that may be told to fail.
func (m *Module) event(format string, args ...any) error {
	m.events++
	if m.unplugged {
		return ErrUnplugged
	}
	if m.events == m.failAt {
		return ErrInjected
	}
	if m.Log {
		m.log = append(m.log, fmt.Sprintf(format, args...))
	}
	return nil
}

// Panel returns the panel that the module is.
func (m *Module) Panel() panel.Panel { return m.panel }

// Faults returns what the data sheets forbid and was done nevertheless, the first 20.
func (m *Module) Faults() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.faults
}

// Events returns how many events there were: connections, transactions and levels set on pins.
func (m *Module) Events() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.events
}

// FailAt makes the n-th event from now fail, counted from 1; 0 makes none.
func (m *Module) FailAt(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failAt = 0
	if n > 0 {
		m.failAt = m.events + n
	}
}

// TakeLog returns the events since the last call, such as "dc Low" and "2a".
func (m *Module) TakeLog() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	log := m.log
	m.log = nil
	return log
}

// Counters returns what went over the wire.
func (m *Module) Counters() Counters {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counters
}

// Connection returns the clock and the mode of the connection.
func (m *Module) Connection() (physic.Frequency, spi.Mode) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clock, m.mode
}

// Unplug takes the module away: everything fails.
func (m *Module) Unplug() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unplugged = true
}

// Replug plugs it in again: power returns, the memory holds noise, the registers are reset.
func (m *Module) Replug() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unplugged = false
	m.chip.reset(true)
}

// Backlight returns the duty of the backlight pin.
func (m *Module) Backlight() gpio.Duty {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.light
}

// Image returns what the glass shows, unrotated: someone who looks at it with the backlight on. The
// colours are those of panel.RGB565, or panel.RGB666. Round glass is black around its circle.
func (m *Module) Image() *image.RGBA {
	m.mu.Lock()
	defer m.mu.Unlock()
	img := image.NewRGBA(image.Rectangle{Max: m.panel.Size})
	pix := img.Pix[:0]
	for y := range m.panel.Size.Y {
		for x := range m.panel.Size.X {
			if m.panel.Round && !within(image.Pt(x, y), m.panel.Size) {
				pix = append(pix, 0, 0, 0, 255)
				continue
			}
			r, g, b, _ := m.chip.pixel(x, y).RGBA()
			pix = append(pix, uint8(r>>8), uint8(g>>8), uint8(b>>8), 255)
		}
	}
	return img
}

// within reports whether a pixel is in the circle within a square of that size.
func within(p, size image.Point) bool {
	d := p.Mul(2).Add(image.Pt(1, 1)).Sub(size) // from the middle, in halves
	return d.X*d.X+d.Y*d.Y <= size.X*size.X
}

// Turned returns the image that was turned clockwise by so many degrees, turned back.
func Turned(img *image.RGBA, degrees int) *image.RGBA {
	for range degrees / 90 {
		s := img.Rect.Size()
		back := image.NewRGBA(image.Rect(0, 0, s.Y, s.X))
		for y := range s.X {
			for x := range s.Y {
				back.SetRGBA(x, y, img.RGBAAt(s.X-1-y, x))
			}
		}
		img = back
	}
	return img
}

// Port returns the port. It connects once, and again after it was closed.
func (m *Module) Port() spi.PortCloser { return port{m} }

// DC returns the data/command pin, Reset the reset pin and Light the backlight pin.
func (m *Module) DC() gpio.PinOut    { return &pin{m, "dc"} }
func (m *Module) Reset() gpio.PinOut { return &pin{m, "reset"} }
func (m *Module) Light() gpio.PinOut { return &pin{m, "backlight"} }

type port struct{ m *Module }

func (p port) String() string                    { return "emulated" }
func (p port) LimitSpeed(physic.Frequency) error { return errors.New("a limit is not emulated") }

func (p port) Close() error {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	p.m.connected = false
	return nil
}

func (p port) Connect(f physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if err := p.m.event("connect %v %v %d", f, mode, bits); err != nil {
		return nil, err
	}
	if p.m.connected {
		return nil, errors.New("a port can be connected only once") // as with sysfs
	}
	p.m.connected, p.m.clock, p.m.mode = true, f, mode
	if p.m.MaxTx == 0 {
		return wire(p), nil
	}
	return limitedWire{wire(p)}, nil
}

type wire struct{ m *Module }

func (w wire) String() string               { return "emulated" }
func (w wire) Duplex() conn.Duplex          { return conn.Full }
func (w wire) TxPackets([]spi.Packet) error { return errors.New("packets are not emulated") }

// A limitedWire states its limit.
type limitedWire struct{ wire }

func (w limitedWire) MaxTxSize() int { return w.m.MaxTx }

func (w wire) Tx(b, r []byte) error {
	m := w.m
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := m.MaxTx
	if limit == 0 {
		limit = 4096
	}
	switch {
	case len(b) == 0 || r != nil:
		return errors.New("want a write of at least one byte")
	case len(b) > limit:
		return fmt.Errorf("maximum Tx length is %d, got %d bytes", limit, len(b))
	}
	return m.transfer(b, len(b), 8, func() { m.chip.tx(m.dc, b) })
}

// transfer counts and logs a transaction, whose bytes take so many periods of the clock each on the
// wire, and lets the chip take it.
func (m *Module) transfer(b []byte, bytes, periods int, take func()) error {
	var err error
	if !m.Log {
		err = m.event("")
	} else if len(b) > 8 {
		err = m.event("% x ... %d bytes", b[:4], len(b))
	} else {
		err = m.event("% x", b)
	}
	if err != nil {
		return err
	}
	m.counters.Transactions++
	m.counters.Bytes += bytes
	m.counters.Longest = max(m.counters.Longest, len(b))
	now := time.Now()
	if !m.Blind {
		take()
	}
	if m.WireTime {
		m.wait(now, time.Duration(float64(periods*bytes)/float64(m.clock)*float64(physic.Hertz)*float64(time.Second)))
	}
	return nil
}

// shortest is the least that is slept: the rest is left to the next transaction. Shorter sleeps
// take longer than they should.
const shortest = 100 * time.Microsecond

// wait lets a transaction take its time. It begins when the one before has ended, or now; what that
// one slept too long is not counted.
func (m *Module) wait(now time.Time, took time.Duration) {
	start := now.Add(-m.late)
	if start.Before(m.end) {
		start = m.end
	}
	m.end = start.Add(took)
	if d := time.Until(m.end); d >= shortest {
		m.mu.Unlock()
		time.Sleep(d)
		m.mu.Lock()
	}
	m.late = max(0, time.Since(m.end))
}

// A pin is one of the pins beside the port.
type pin struct {
	m    *Module
	name string
}

func (p *pin) String() string   { return p.name }
func (p *pin) Name() string     { return p.name }
func (p *pin) Number() int      { return -1 }
func (p *pin) Function() string { return "Out" }
func (p *pin) Halt() error      { return nil }

func (p *pin) Out(l gpio.Level) error {
	m := p.m
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	if m.Log {
		err = m.event("%s %v", p.name, l)
	} else {
		err = m.event("")
	}
	if err != nil {
		return err
	}
	switch p.name {
	case "dc":
		m.dc = l
	case "reset":
		if l == gpio.High && m.reset == gpio.Low {
			m.chip.reset(false)
		}
		m.reset = l
	default:
		m.light = 0
		if l == gpio.High {
			m.light = gpio.DutyMax
		}
	}
	return nil
}

// errNoPWM is what a pin without pulse width modulation answers, as the lines of the kernel's GPIO
// chips are.
var errNoPWM = errors.New("the pin can be high or low only")

func (p *pin) PWM(d gpio.Duty, f physic.Frequency) error {
	m := p.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.PWM || p.name != "backlight" {
		return errNoPWM
	}
	if err := m.event("%s %v %v", p.name, d, f); err != nil {
		return err
	}
	m.light = d
	return nil
}

// noise fills the memory as power-on does.
func noise(memory []uint32) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range memory {
		memory[i] = r.Uint32() & 0xffff
	}
}
