package port

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

func TestI2CClock(t *testing.T) {
	files := fstest.MapFS{}
	for text, want := range map[string]physic.Frequency{"": 100 * physic.KiloHertz, "\x00\x06\x1a\x80": 400 * physic.KiloHertz, "\x00\x00\x00\x00": 100 * physic.KiloHertz} {
		files["sys/bus/i2c/devices/i2c-1/of_node/clock-frequency"] = &fstest.MapFile{Data: []byte(text)}
		if got := I2CClock(files, 1); got != want || (FasterI2C(got) == "") != (want > 100*physic.KiloHertz) {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	if got := I2CClock(files, 2); got != 100*physic.KiloHertz {
		t.Errorf("%v without a file", got)
	}
}

// TestI2CLink: a panel on I2C goes on behind a link that is opened again.
func TestI2CLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := panel.Find("sh1106-128x64")
		m := paneltest.New(p)
		open := 0
		d, link, err := OpenPanel(func() (*Wires, error) {
			w := &Wires{I2C: m.I2C(paneltest.I2CAddress, 400*physic.KiloHertz), Reset: m.Reset()}
			open++
			w.OnClose(func() { open-- })
			return w, nil
		}, panel.Opts{Panel: p, Clock: 400 * physic.KiloHertz})
		if err != nil {
			t.Fatal(err)
		}
		img := image.NewGray(d.Bounds())
		draw.Draw(img, img.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		m.Unplug()
		if err := d.Draw(d.Bounds(), img, image.Point{}); err == nil {
			t.Error("no error without a panel")
		}
		m.Replug()
		if err := link.Reopen(); err != nil || open != 1 {
			t.Errorf("error %v, %d openings", err, open)
		}
		if err := d.Draw(d.Bounds(), img, image.Point{}); err != nil {
			t.Error(err)
		}
		if slices.ContainsFunc(m.Image().Pix, func(v byte) bool { return v != 255 }) || len(m.Faults()) > 0 {
			t.Errorf("the glass is not white; faults %q", m.Faults())
		}
		link.Close()
		if open != 0 {
			t.Errorf("%d openings are left", open)
		}
	})
}
