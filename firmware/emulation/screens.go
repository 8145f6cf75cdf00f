package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
)

// A screen is one of virt.dtsi: memory of the machine whose bytes are pixels.
type screen struct {
	address uint64
	size    image.Point
	stride  int
	pixel   int // bytes
}

// screens are those that the kernel calls fb0, fb1 and fb2.
var screens = []screen{
	{0x58000000, image.Pt(320, 240), 1280, 4},
	{0x58100000, image.Pt(161, 121), 350, 2},
	{0x58200000, image.Pt(100, 80), 304, 3},
}

// A look is what a screen shows at a moment, and whether its console draws text then.
type look struct {
	picture *image.RGBA
	text    bool
}

// bytes is how much memory the screen has.
func (s *screen) bytes() int { return s.stride * s.size.Y }

// image is the picture that the memory holds, by the formats of
// Documentation/devicetree/bindings/display/simple-framebuffer.yaml of Linux.
func (s *screen) image(memory []byte) *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: s.size})
	for y := range s.size.Y {
		for x := range s.size.X {
			p := memory[y*s.stride+x*s.pixel:]
			c := color.RGBA{A: 255}
			if s.pixel == 2 {
				v := int(binary.LittleEndian.Uint16(p))
				c.R, c.G, c.B = uint8((v>>11*255+15)/31), uint8((v>>5&63*255+31)/63), uint8((v&31*255+15)/31)
			} else {
				c.B, c.G, c.R = p[0], p[1], p[2]
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// decodeMemory reads QEMU's answer to a request for memory: 0x and digits.
func decodeMemory(answer string, size int) ([]byte, error) {
	if len(answer) != 2+2*size || answer[:2] != "0x" {
		return nil, fmt.Errorf("memory: %d characters for %d bytes", len(answer), size)
	}
	return hex.DecodeString(answer[2:])
}
