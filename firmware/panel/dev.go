package panel

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/display"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A command is the first byte of a transaction, sent with the data/command pin low. The names are the datasheet's.
type command byte

const (
	cmdSWRESET command = 0x01 // software reset
	cmdSLPIN   command = 0x10 // sleep in
	cmdSLPOUT  command = 0x11 // sleep out
	cmdNORON   command = 0x13 // partial mode off
	cmdINVOFF  command = 0x20 // display inversion off
	cmdINVON   command = 0x21 // display inversion on
	cmdDISPOFF command = 0x28 // display off
	cmdDISPON  command = 0x29 // display on
	cmdCASET   command = 0x2a // column address set: first and last column, 16 bits each
	cmdRASET   command = 0x2b // row address set: first and last row, 16 bits each
	cmdRAMWR   command = 0x2c // memory write: pixels
	cmdMADCTL  command = 0x36 // memory data access control: madctl bits
	cmdCOLMOD  command = 0x3a // interface pixel format
)

var commandNames = map[command]string{
	cmdSWRESET: "SWRESET", cmdSLPIN: "SLPIN", cmdSLPOUT: "SLPOUT", cmdNORON: "NORON", cmdINVOFF: "INVOFF", cmdINVON: "INVON",
	cmdDISPOFF: "DISPOFF", cmdDISPON: "DISPON", cmdCASET: "CASET", cmdRASET: "RASET", cmdRAMWR: "RAMWR", cmdMADCTL: "MADCTL",
	cmdCOLMOD: "COLMOD",
}

func (c command) String() string { return commandNames[c] }

// Bits of MADCTL: how the order of writing maps to the memory.
const (
	madctlMY = 0x80 // row address order: from the bottom
	madctlMX = 0x40 // column address order: from the right
	madctlMV = 0x20 // rows and columns exchanged
)

// quarterTurns holds MADCTL for pictures turned by 0, 90, 180 and 270 degrees clockwise.
var quarterTurns = [4]byte{0, madctlMX | madctlMV, madctlMX | madctlMY, madctlMY | madctlMV}

// colmod16 is COLMOD for 16 bits a pixel on both the RGB and the control interface.
const colmod16 = 0x55

// Times that the datasheet asks for, rounded up.
const (
	resetPulse   = 10 * time.Millisecond  // at least 10 us low
	resetTime    = 150 * time.Millisecond // 120 ms until SLPOUT is taken
	sleepOutTime = 120 * time.Millisecond // until the supply voltages are stable
	sleepInTime  = 5 * time.Millisecond
)

// defaultMaxTx is the longest transfer for a port that does not state one: the kernel's default for spidev.bufsiz.
const defaultMaxTx = 4096

// Opts is how a panel is mounted and connected.
type Opts struct {
	Panel     Panel
	Rotation  int              // 0, 90, 180 or 270: degrees that the picture is turned clockwise
	Mode      spi.Mode         // spi.Mode0; modules without a chip select line need spi.Mode3
	Clock     physic.Frequency // 0 stands for the panel's maximum
	Reset     gpio.PinOut      // nil where it is not connected
	Backlight gpio.PinOut      // nil where it is not connected
}

// A Dev is an initialised panel. It must not be used by two goroutines at once.
type Dev struct {
	panel     Panel
	turns     int
	bounds    image.Rectangle
	conn      spi.Conn
	dc        gpio.PinOut
	reset     gpio.PinOut
	backlight gpio.PinOut
	maxTx     int
	buf       []byte // a whole frame, RGB565 big-endian
	scratch   [4]byte
	asleep    bool
	sleep     func(time.Duration)
}

var _ display.Drawer = &Dev{}

// NewSPI connects to the panel behind the port, initialises it and shows black. The data/command pin dc is needed; the
// pins in opts are not.
func NewSPI(port spi.Port, dc gpio.PinOut, opts *Opts) (*Dev, error) {
	return newSPI(port, dc, opts, time.Sleep)
}

func newSPI(port spi.Port, dc gpio.PinOut, opts *Opts, sleep func(time.Duration)) (*Dev, error) {
	p := opts.Panel
	if min(p.Size.X, p.Size.Y) < 1 {
		return nil, fmt.Errorf("panel: %q: invalid size %v", p.Name, p.Size)
	}
	if opts.Rotation < 0 || opts.Rotation > 270 || opts.Rotation%90 != 0 {
		return nil, fmt.Errorf("panel: %s: invalid rotation %d: it is 0, 90, 180 or 270", p.Name, opts.Rotation)
	}
	if dc == nil {
		return nil, fmt.Errorf("panel: %s: no data/command pin: three-wire SPI is not supported", p.Name)
	}
	clock := opts.Clock
	if clock == 0 {
		clock = p.Clock
	}
	c, err := port.Connect(clock, opts.Mode, 8)
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", p.Name, err)
	}
	d := &Dev{
		panel: p, turns: opts.Rotation / 90,
		conn: c, dc: dc, reset: opts.Reset, backlight: opts.Backlight,
		maxTx: maxTx(port, c),
		buf:   make([]byte, 2*p.Size.X*p.Size.Y),
		sleep: sleep,
	}
	d.bounds.Max = p.Size
	if d.turns%2 == 1 {
		d.bounds.Max = image.Pt(p.Size.Y, p.Size.X)
	}
	if err := d.start(); err != nil {
		return nil, err
	}
	return d, nil
}

// maxTx is the longest transfer, in bytes: an even number, so that no pixel is split.
func maxTx(port spi.Port, c spi.Conn) int {
	for _, x := range []any{c, port} {
		if l, ok := x.(conn.Limits); ok {
			if n := l.MaxTxSize(); n >= 4 {
				return n &^ 1
			}
		}
	}
	return defaultMaxTx
}

// start brings the panel from any state to showing black with the backlight on.
func (d *Dev) start() error {
	// Dark until there is something to see: the memory holds noise after power-on.
	if err := d.setBacklight(gpio.Low); err != nil {
		return err
	}
	if err := d.restart(); err != nil {
		return err
	}
	if err := d.send(cmdSLPOUT); err != nil {
		return err
	}
	d.sleep(sleepOutTime)
	invert := cmdINVOFF
	if d.panel.Invert {
		invert = cmdINVON
	}
	for _, s := range []struct {
		cmd   command
		param []byte
	}{
		{cmdCOLMOD, []byte{colmod16}},
		{cmdMADCTL, []byte{quarterTurns[d.turns]}},
		{invert, nil},
		{cmdNORON, nil},
	} {
		if err := d.send(s.cmd, s.param...); err != nil {
			return err
		}
	}
	if err := d.black(); err != nil {
		return err
	}
	if err := d.send(cmdDISPON); err != nil {
		return err
	}
	d.asleep = false
	return d.setBacklight(gpio.High)
}

// restart resets the controller by its pin or, where that is not connected, by command: some ST7789VW stay black after SWRESET.
func (d *Dev) restart() error {
	if d.reset == nil {
		if err := d.send(cmdSWRESET); err != nil {
			return err
		}
	} else {
		for _, l := range []gpio.Level{gpio.High, gpio.Low, gpio.High} {
			if err := d.reset.Out(l); err != nil {
				return fmt.Errorf("panel: %s: reset pin: %w", d.panel.Name, err)
			}
			d.sleep(resetPulse)
		}
	}
	d.sleep(resetTime)
	return nil
}

func (d *Dev) setBacklight(l gpio.Level) error {
	if d.backlight == nil {
		return nil
	}
	if err := d.backlight.Out(l); err != nil {
		return fmt.Errorf("panel: %s: backlight pin: %w", d.panel.Name, err)
	}
	return nil
}

// send sends a command and its parameters.
func (d *Dev) send(c command, param ...byte) error {
	d.scratch[0] = byte(c)
	err := d.dc.Out(gpio.Low)
	if err == nil {
		err = d.conn.Tx(d.scratch[:1], nil)
	}
	if err == nil && len(param) > 0 {
		copy(d.scratch[:], param)
		if err = d.dc.Out(gpio.High); err == nil {
			err = d.conn.Tx(d.scratch[:len(param)], nil)
		}
	}
	if err != nil {
		return fmt.Errorf("panel: %s: %v: %w", d.panel.Name, c, err)
	}
	return nil
}

// sendPixels sends pixels for the rectangle r of the bounds.
func (d *Dev) sendPixels(r image.Rectangle, pixels []byte) error {
	at := r.Add(d.panel.Offset[d.turns])
	if err := d.send(cmdCASET, byte(at.Min.X>>8), byte(at.Min.X), byte((at.Max.X-1)>>8), byte(at.Max.X-1)); err != nil {
		return err
	}
	if err := d.send(cmdRASET, byte(at.Min.Y>>8), byte(at.Min.Y), byte((at.Max.Y-1)>>8), byte(at.Max.Y-1)); err != nil {
		return err
	}
	if err := d.send(cmdRAMWR); err != nil {
		return err
	}
	err := d.dc.Out(gpio.High)
	for err == nil && len(pixels) > 0 {
		n := min(len(pixels), d.maxTx)
		err = d.conn.Tx(pixels[:n], nil)
		pixels = pixels[n:]
	}
	if err != nil {
		return fmt.Errorf("panel: %s: %v: %w", d.panel.Name, cmdRAMWR, err)
	}
	return nil
}

func (d *Dev) black() error {
	clear(d.buf)
	return d.sendPixels(d.bounds, d.buf)
}

// String implements conn.Resource.
func (d *Dev) String() string {
	return fmt.Sprintf("%s{%s, %d degrees}", d.panel.Name, d.conn, 90*d.turns)
}

// Halt switches the backlight off, blanks the panel and puts it to sleep. Everything is tried even when something fails.
// The next Draw initialises the panel again. It implements conn.Resource.
func (d *Dev) Halt() error {
	d.asleep = true
	err := errors.Join(d.setBacklight(gpio.Low), d.black(), d.send(cmdDISPOFF), d.send(cmdSLPIN))
	d.sleep(sleepInTime)
	return err
}

// ColorModel implements display.Drawer. It is [RGB565Model].
func (d *Dev) ColorModel() color.Model { return RGB565Model }

// Bounds implements display.Drawer. Min is the origin.
func (d *Dev) Bounds() image.Rectangle { return d.bounds }

// Draw implements display.Drawer: it shows src, with the point srcPts at r.Min, on the part r of the panel, and returns when
// the pixels have been sent.
func (d *Dev) Draw(r image.Rectangle, src image.Image, srcPts image.Point) error {
	shift := srcPts.Sub(r.Min)
	r = r.Intersect(d.bounds).Intersect(src.Bounds().Sub(shift))
	if r.Empty() {
		return nil
	}
	if d.asleep {
		if err := d.start(); err != nil {
			return err
		}
	}
	return d.sendPixels(r, d.convert(src, r.Add(shift)))
}

// convert returns the pixels of src within r as they go over the wire.
func (d *Dev) convert(src image.Image, r image.Rectangle) []byte {
	buf := d.buf[:2*r.Dx()*r.Dy()]
	out := buf
	for y := r.Min.Y; y < r.Max.Y; y++ {
		switch src := src.(type) {
		case *image.Gray:
			for _, v := range src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()] {
				out = put(out, pack(v, v, v))
			}
		case *image.RGBA:
			row := src.Pix[src.PixOffset(r.Min.X, y):][:4*r.Dx()]
			for ; len(row) > 0; row = row[4:] {
				out = put(out, pack(row[0], row[1], row[2]))
			}
		default:
			for x := r.Min.X; x < r.Max.X; x++ {
				out = put(out, RGB565Model.Convert(src.At(x, y)).(RGB565))
			}
		}
	}
	return buf
}

func put(out []byte, c RGB565) []byte {
	out[0], out[1] = byte(c>>8), byte(c)
	return out[2:]
}
