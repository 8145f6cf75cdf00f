package pixels

import (
	"bytes"
	"fmt"
	"image/color"
	"testing"
)

// TestRGB565 checks that conversion picks the nearest level and that native colours convert to
// themselves.
func TestRGB565(t *testing.T) {
	distance := func(level uint32, v int) int {
		d := int(level>>8) - v
		return max(d, -d)
	}
	for v := range 256 {
		c := RGB565Model.Convert(color.Gray{uint8(v)}).(RGB565)
		r, g, b, a := c.RGBA()
		if distance(r, v) > 4 || distance(b, v) > 4 || distance(g, v) > 2 || a != 0xffff {
			t.Errorf("grey %d becomes %02x %02x %02x", v, r>>8, g>>8, b>>8)
		}
		if again := RGB565Model.Convert(color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)}); again != c {
			t.Errorf("%04x converts to %04x", c, again)
		}
	}
	var b bytes.Buffer
	for _, c := range []color.Color{color.Black, color.White, color.RGBA{R: 255, A: 255}, color.RGBA{G: 255, A: 255}, color.RGBA{B: 255, A: 255}} {
		fmt.Fprintf(&b, "%04x ", RGB565Model.Convert(c))
	}
	if got := b.String(); got != "0000 ffff f800 07e0 001f " {
		t.Errorf("black, white, red, green, blue: %s", got)
	}
}

// TestRGB666 checks the same of three bytes a pixel.
func TestRGB666(t *testing.T) {
	for v := range 256 {
		c := RGB666Model.Convert(color.Gray{uint8(v)}).(RGB666)
		r, g, b, a := c.RGBA()
		if d := int(r>>8) - v; r != g || g != b || a != 0xffff || d < -2 || d > 2 {
			t.Errorf("grey %d becomes %02x %02x %02x", v, r>>8, g>>8, b>>8)
		}
		if again := RGB666Model.Convert(color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)}); again != c {
			t.Errorf("%05x converts to %05x", c, again)
		}
	}
	if c := RGB666Model.Convert(color.RGBA{R: 255, B: 255, A: 255}); c != RGB666(0x3f03f) {
		t.Errorf("magenta is %05x", c)
	}
}
