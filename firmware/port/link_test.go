package port

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"testing"
	"testing/synctest"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

// TestLink: a panel goes on behind a link that is opened again, and every opening is closed.
func TestLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := panel.Find("st7735-80x160")
		m := paneltest.New(p)
		open, fails := 0, error(nil)
		opener := func() (*Wires, error) {
			if fails != nil {
				return nil, fails
			}
			spi := m.Port()
			w := &Wires{Port: spi, DC: m.DC(), Reset: m.Reset(), Backlight: m.Light()}
			open++
			w.OnClose(func() { spi.Close(); open-- })
			return w, nil
		}
		d, link, err := OpenPanel(opener, panel.Opts{Panel: p})
		if err != nil {
			t.Fatal(err)
		}
		img := image.NewRGBA(d.Bounds())
		draw.Draw(img, img.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		show := func() error { return d.Draw(d.Bounds(), img, image.Point{}) }
		if err := show(); err != nil || open != 1 {
			t.Errorf("error %v, %d openings", err, open)
		}
		fails = errors.New("not now")
		if err := link.Reopen(); err != fails || open != 0 {
			t.Errorf("error %v, %d openings", err, open)
		}
		if err := show(); err != nil { // nothing has changed, so nothing is sent
			t.Errorf("error %v", err)
		}
		img.Set(3, 3, color.Black)
		if err := show(); !errors.Is(err, errClosed) {
			t.Errorf("error %v without a port", err)
		}
		fails = nil
		if err := link.Reopen(); err != nil || open != 1 {
			t.Errorf("error %v, %d openings", err, open)
		}
		if err := show(); err != nil {
			t.Error(err)
		}
		if f := m.Faults(); len(f) > 0 || m.Backlight() == 0 {
			t.Errorf("faults %q, backlight at %v", f, m.Backlight())
		}
		if r, g, b, _ := m.Image().At(3, 3).RGBA(); r+g+b != 0 {
			t.Error("the last picture is not shown")
		}
		link.Close()
		if open != 0 {
			t.Errorf("%d openings are left", open)
		}
	})
}
