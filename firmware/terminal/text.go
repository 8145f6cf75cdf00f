package terminal

import (
	"bytes"
	"image"
	"os"
)

// plainSize is the size in pixels of frames that go to a file or a pipe: 64 characters by 32 lines.
var plainSize = image.Pt(64, 64)

// plainText is a display that writes frames as lines of ASCII, one frame below the other, with an
// empty line between them.
type plainText struct {
	out    *os.File
	size   image.Point
	buf    []byte
	second bool
}

// Size is the size of frames in pixels.
func (p *plainText) Size() image.Point { return p.size }

// Show writes a frame.
func (p *plainText) Show(frame image.Image) error {
	p.buf = p.buf[:0]
	if p.second {
		p.buf = append(p.buf, '\n')
	}
	p.second = true
	for y := range p.size.Y / 2 {
		start := len(p.buf)
		for x := range p.size.X {
			p.buf = append(p.buf, glyph(frame, x, y))
		}
		p.buf = append(p.buf[:start], bytes.TrimRight(p.buf[start:], " ")...)
		p.buf = append(p.buf, '\n')
	}
	_, err := p.out.Write(p.buf)
	return err
}

// Close does nothing: what was written stays.
func (p *plainText) Close() error { return nil }
