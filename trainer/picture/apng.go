package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	stddraw "image/draw"
	"image/gif"
	"image/png"
	"io"
)

// frameSide is that of frames which is aimed at, in pixels.
const frameSide = 112

// Frames returns images, enlarged and with nothing around them: *image.Gray or, with three
// channels, *image.RGBA.
func Frames(m Images) []image.Image {
	scale := max(1, (frameSide+m.Width/2)/m.Width)
	var frames []image.Image
	for i := range len(m.Pixels) / (m.Height * m.Width * m.Channels) {
		r := image.Rect(0, 0, scale*m.Width, scale*m.Height)
		if m.Channels == 3 {
			s := sheet{img: image.NewRGBA(r), scale: scale}
			s.tile(m, i, 0, 0)
			frames = append(frames, s.img)
			continue
		}
		g := image.NewGray(r)
		pixels := m.at(i)
		for k := range g.Pix {
			g.Pix[k] = pixels[k/g.Stride/scale*m.Width+k%g.Stride/scale]
		}
		frames = append(frames, g)
	}
	return frames
}

// greys are the grey levels, by their values.
var greys = func() (p color.Palette) {
	for v := range 256 {
		p = append(p, color.Gray{uint8(v)})
	}
	return p
}()

// Loop joins frames, which must be of one size, into an animation that repeats for ever. Grey ones
// stay exact.
func Loop(frames []image.Image, fps int) *gif.GIF {
	g := &gif.GIF{}
	for i, f := range frames {
		var p *image.Paletted
		if grey, ok := f.(*image.Gray); ok {
			p = image.NewPaletted(f.Bounds(), greys)
			copy(p.Pix, grey.Pix)
		} else {
			p = image.NewPaletted(f.Bounds(), palette.Plan9)
			stddraw.FloydSteinberg.Draw(p, p.Rect, f, image.Point{})
		}
		g.Image = append(g.Image, p)
		// The moments of frames are rounded, not the delays, so that the animation takes the right
		// time as a whole.
		g.Delay = append(g.Delay, 100*(i+1)/fps-100*i/fps)
	}
	if len(g.Image) > 0 {
		g.Config = image.Config{ColorModel: g.Image[0].Palette, Width: g.Image[0].Rect.Dx(), Height: g.Image[0].Rect.Dy()}
	}
	return g
}

// WriteAPNG writes frames, which must be of one type and size, as an animated PNG that repeats for
// ever. Programs that do not know such files show the first frame.
//
// Every frame is written as a PNG, and their chunks are put together:
// https://www.w3.org/TR/png-3/#apng-frame-based-animation.
func WriteAPNG(w io.Writer, frames []image.Image, fps int) error {
	if len(frames) == 0 {
		return errors.New("picture: an animation without frames")
	}
	var out, frame bytes.Buffer
	var header []byte
	sequence := uint32(0)
	next := func() uint32 { sequence++; return sequence - 1 }
	for i, f := range frames {
		frame.Reset()
		if err := png.Encode(&frame, f); err != nil {
			return err
		}
		data := frame.Bytes()
		if i == 0 {
			out.Write(data[:pngSignature])
		}
		for data = data[pngSignature:]; len(data) > 0; {
			size := int(binary.BigEndian.Uint32(data)) + chunkOverhead
			name, body := string(data[4:8]), data[8:size-4]
			data = data[size:]
			switch name {
			case "IHDR":
				if i > 0 && !bytes.Equal(header, body) {
					return errors.New("picture: the frames of an animation are of different sizes or types")
				}
				control := binary.BigEndian.AppendUint32(nil, next())
				control = append(control, body[:8]...)        // width and height
				control = append(control, make([]byte, 8)...) // no offset
				// 1/fps seconds; nothing is kept or blended
				control = append(control, 0, 1, byte(fps>>8), byte(fps), 0, 0)
				if i == 0 {
					header = bytes.Clone(body)
					writeChunk(&out, "IHDR", body)
					// 0 plays: it repeats for ever
					writeChunk(&out, "acTL", binary.BigEndian.AppendUint32(nil, uint32(len(frames))), make([]byte, 4))
				}
				writeChunk(&out, "fcTL", control)
			case "IDAT":
				if i == 0 {
					writeChunk(&out, "IDAT", body)
				} else {
					writeChunk(&out, "fdAT", binary.BigEndian.AppendUint32(nil, next()), body)
				}
			case "IEND":
			default:
				return errors.New("picture: the frames of an animation must be grey or of full colour")
			}
		}
	}
	writeChunk(&out, "IEND")
	_, err := w.Write(out.Bytes())
	return err
}

const (
	pngSignature  = 8
	chunkOverhead = 12 // length, name and checksum
)

// writeChunk writes a chunk of a PNG.
func writeChunk(b *bytes.Buffer, name string, parts ...[]byte) {
	body := append([]byte(name), bytes.Join(parts, nil)...)
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(len(body)-len(name)))
	b.Write(number[:])
	b.Write(body)
	binary.BigEndian.PutUint32(number[:], crc32.ChecksumIEEE(body))
	b.Write(number[:])
}

// WriteLoop writes frames as a GIF that repeats for ever.
func WriteLoop(w io.Writer, frames []image.Image, fps int) error {
	return gif.EncodeAll(w, Loop(frames, fps))
}
