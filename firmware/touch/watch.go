package touch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// A Pad is an open touch controller.
type Pad struct {
	Conn  conn.Conn
	Pen   gpio.PinIn // low while a finger presses; nil: not connected
	Close func()
}

// Options say how a touch screen is connected and mounted.
type Options struct {
	// Open opens the port, and Pen the interrupt's line; nil: that is not connected
	Open        func() (*port.Wires, error)
	Pen         func() (gpio.PinIn, error)
	Calibration Calibration
	Rotation    int // degrees that the picture is turned clockwise
}

// OpenPad opens the port and the line.
func (o Options) OpenPad() (*Pad, error) {
	w, err := o.Open()
	if err != nil {
		return nil, err
	}
	c, err := w.Port.Connect(Clock, spi.Mode0, 8)
	if err != nil {
		w.Close()
		return nil, err
	}
	p := &Pad{Conn: c, Close: w.Close}
	if o.Pen != nil {
		if p.Pen, err = o.Pen(); err != nil {
			w.Close()
			return nil, err
		}
	}
	return p, nil
}

const (
	// period is from reading to reading.
	period = 20 * time.Millisecond
	// penWait is how long a touch is waited for at a time, after which the chip is asked.
	penWait = time.Second
	// faultWait is from trial to trial of a chip that fails.
	faultWait = 2 * time.Second
)

// Watch lets the pad work the controls until the context ends, or for at most penWait longer, and
// closes it. Log takes what is wrong, once.
func (o Options) Watch(ctx context.Context, p *Pad, c *keys.Controls, log func(level slog.Level, sentence string, attrs ...slog.Attr)) {
	defer p.Close()
	chip, g := newChip(p.Conn), gesture{controls: c, calibration: o.Calibration, turn: o.Rotation}
	faulty := false
	for ctx.Err() == nil {
		if p.Pen != nil && !g.down && g.count == 0 && p.Pen.Read() == gpio.High {
			p.wait(ctx, penWait)
		}
		r, err := chip.read()
		if err != nil {
			g.lost(time.Now())
			if !faulty {
				log(slog.LevelWarn, fmt.Sprintf("touch: %v; touches do nothing until it does", err))
			}
			faulty = true
			pause(ctx, faultWait)
			continue
		}
		if faulty {
			log(slog.LevelInfo, "touch: the controller answers again")
			faulty = false
		}
		g.take(r, time.Now())
		pause(ctx, period) // conversions make edges of the pen's line as well
	}
}

// wait waits for the pen.
func (p *Pad) wait(ctx context.Context, most time.Duration) {
	start := time.Now()
	if !p.Pen.WaitForEdge(most) { // at once, where the line is gone
		pause(ctx, most-time.Since(start))
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// Press waits for a finger that presses and stays where it is, until it goes up, and returns where
// that was.
func (p *Pad) Press(ctx context.Context) (Reading, error) {
	chip := newChip(p.Conn)
	var last Reading
	count := 0
	for {
		r, err := chip.read()
		if err != nil {
			return r, err
		}
		switch {
		case r.Touched:
			last = r
			count++
		case count >= 5*steady: // not a spike
			return last, nil
		default:
			count = 0
		}
		pause(ctx, period)
		if ctx.Err() != nil {
			return last, ctx.Err()
		}
	}
}
