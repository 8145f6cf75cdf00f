package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/digit"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// cured adds to the error of a library, which knows of no command, what cures it.
func cured(err error) error {
	if o := (player.OptionError{}); errors.As(err, &o) {
		flag := fmt.Errorf("--%w", err)
		if err = flag; !o.File {
			err = cli.Usage(flag)
		}
	}
	if errors.As(err, new(supervise.GivenUpError)) {
		return fmt.Errorf("%w, see --give-up", err)
	}
	if missing := (decoder.NotFoundError{}); errors.As(err, &missing) {
		if meant := cli.DidYouMean(missing.Name, pretrained.Names(), ""); meant != "" {
			return fmt.Errorf("%w: %s", err, strings.TrimSpace(meant))
		}
	}
	if lacks := (model.NoConceptError{}); errors.As(err, &lacks) {
		if name, ok := decoder.BuiltInWith(lacks.Name); ok {
			return fmt.Errorf("%w; --model %s has it", err, name)
		}
	}
	cure := ""
	switch {
	case errors.As(err, new(*digit.Doubt)):
		cure = "to use it all the same, say --anyway"
	case errors.Is(err, model.ErrNoConcepts):
		cure = "go run ./trainer concepts --update --model MODEL --data DATA writes them, if MODEL has an encoder and DATA, its images, are of two classes or more"
	case errors.Is(err, model.ErrPicture):
		cure = "to turn the digit in it into another, say vae-edge --image FILE --toward 4"
	case errors.Is(err, foreign.ErrArrays):
		cure = "go run ./trainer import --layers LAYERS.json FILE makes a model of them, where LAYERS.json lists its layers, see docs/pytorch.md"
	case errors.Is(err, foreign.ErrWeights):
		cure = "go run ./trainer import FILE makes a model of a decoder in ONNX, to which other programs export theirs, see docs/interop.md"
	case errors.Is(err, model.ErrText):
		cure = "the one that training writes is " + decoder.File + "; a configuration is for --config"
	case errors.Is(err, model.ErrFloat):
		cure = "name the folder, or " + decoder.File + " beside them"
	case errors.Is(err, pictures.ErrBuiltIn):
		cure = "choose another --model, such as mnist-16"
	case errors.Is(err, pictures.ErrNone):
		cure = "copy it from where the trainer wrote both, or write it with go run ./trainer encoder --model MODEL --data DATA; a decoder that was imported alone is to be imported with its encoder, go run ./trainer import --encoder ENCODER --data DATA DECODER"
	case errors.Is(err, decoder.ErrWrongPixels):
		cure = "run vae-edge verify, or set " + kernels.EnvBackend + "=generic"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, cure)
}

// otherDisplays is the hint for those who have no panel.
const otherDisplays = "without a panel try --display term or --display png:out.png"

// opened adds what else it may be where a panel of dots has no SPI port.
func (c *config) opened(w *port.Wires, err error) (*port.Wires, error) {
	if errors.Is(err, port.ErrNoDevice) && c.panel.Dots() && !c.display.Port.OnI2C() {
		err = fmt.Errorf("%w; a module with four pins is on I2C: say --display i2c1", err)
	}
	return opened(w, err)
}

// opened adds to the error of opening a port what else there is to see.
func opened(w *port.Wires, err error) (*port.Wires, error) {
	if errors.Is(err, port.ErrNoDevice) {
		err = fmt.Errorf("%w; %s", err, otherDisplays)
	}
	return w, err
}

// notes tell, when a panel is shown on a port that takes so many bytes at a time, what cannot be
// seen from here: what slows it down, and what may be wrong where nothing fails.
func (c *config) notes(maxTxSize int) []string {
	name := c.panel.Name
	if c.wanted.board != "" {
		name += " of " + c.wanted.board
	}
	if at := c.display.Port; at.OnI2C() {
		clock := port.I2CClock(os.DirFS("/"), at.Bus)
		notes := []string{fmt.Sprintf("%s on %v at 0x%02x, %v; if it stays dark, the address may be another (--i2c-address), and vae-edge probe with the same flags shows a test card and what to change", name, at, at.I2C, clock)}
		if faster := port.FasterI2C(clock); faster != "" {
			notes = append(notes, fmt.Sprintf("%d bytes a frame take %.0f ms there; %s", c.panel.FrameBytes(), 9000*float64(c.panel.FrameBytes())/float64(clock/physic.Hertz), faster))
		}
		return notes
	}
	notes := []string{fmt.Sprintf("%s on %v, %v, mode %d; if it stays dark, white or wrong: a module without a chip select line needs --mode 3, long wires a lower --hz, and vae-edge probe with the same flags shows a test card and what to change",
		name, c.display, c.board.Clock, c.board.Mode)}
	model, _ := os.ReadFile("/proc/device-tree/model")
	if f := port.DividedClock(port.CoreClock(string(model)), c.board.Clock); f != 0 && f < c.board.Clock {
		notes = append(notes, fmt.Sprintf("this board's divider makes at most %v of %v: the wire's share is less than shown", f, c.board.Clock))
	}
	if bytes := maxTxSize; bytes > 0 {
		if n, cure := port.Transfers(c.panel.FrameBytes(), bytes); cure != "" {
			notes = append(notes, fmt.Sprintf("the port takes %d bytes at a time, a frame is %d transfers; %s", bytes, n, cure))
		}
	}
	return notes
}
