package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// noise is a number of images of nothing.
func noise(n, channels int) Images {
	m := Images{Height: 5, Width: 28, Channels: channels}
	for i := range n * m.Height * m.Width * channels {
		m.Pixels = append(m.Pixels, byte(i*i>>3))
	}
	return m
}

// TestAPNG takes an animated PNG apart as the specification says it is put together, and compares
// the pixels.
func TestAPNG(t *testing.T) {
	for _, channels := range []int{1, 3} {
		m := noise(3, channels)
		frames := Frames(m)
		var b bytes.Buffer
		if err := WriteAPNG(&b, frames, 300); err != nil {
			t.Fatal(err)
		}
		first, err := png.Decode(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		same(t, first, frames[0])
		var header, control []byte
		var got []image.Image
		sequence := uint32(0)
		take := func(body []byte) []byte {
			if n := binary.BigEndian.Uint32(body); n != sequence {
				t.Errorf("sequence number %d, want %d", n, sequence)
			}
			sequence++
			return body[4:]
		}
		order := ""
		for data := b.Bytes()[8:]; len(data) > 0; {
			size := binary.BigEndian.Uint32(data)
			name, body := string(data[4:8]), data[8:8+size]
			if sum := binary.BigEndian.Uint32(data[8+size:]); sum != crc32.ChecksumIEEE(data[4:8+size]) {
				t.Errorf("chunk %s has a wrong checksum", name)
			}
			data = data[12+size:]
			order += name + " "
			switch name {
			case "IHDR":
				header = body
			case "acTL":
				if !bytes.Equal(body, []byte{0, 0, 0, 3, 0, 0, 0, 0}) {
					t.Errorf("acTL is %v, want 3 frames for ever", body)
				}
			case "fcTL":
				control = take(body)
				want := append(bytes.Clone(header[:8]), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 300>>8, 300&255, 0, 0)
				if !bytes.Equal(control, want) {
					t.Errorf("fcTL is %v, want %v", control, want)
				}
			case "fdAT":
				var one bytes.Buffer
				one.WriteString("\x89PNG\r\n\x1a\n")
				writeChunk(&one, "IHDR", header)
				writeChunk(&one, "IDAT", take(body))
				writeChunk(&one, "IEND")
				f, err := png.Decode(&one)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, f)
			}
		}
		if want := "IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND "; order != want {
			t.Fatalf("chunks %s, want %s", order, want)
		}
		same(t, got[0], frames[1])
		same(t, got[1], frames[2])
	}
	if err := WriteAPNG(&bytes.Buffer{}, nil, 25); err == nil {
		t.Error("an animation without frames was written")
	}
	other := append(Frames(noise(1, 1)), Frames(noise(1, 3))...)
	if err := WriteAPNG(&bytes.Buffer{}, other, 25); err == nil {
		t.Error("frames of two types were written")
	}
	if err := WriteAPNG(&bytes.Buffer{}, []image.Image{image.NewPaletted(image.Rect(0, 0, 2, 2), greys)}, 25); err == nil {
		t.Error("frames with a palette were written")
	}
}

func same(t *testing.T, a, b image.Image) {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("%v, want %v", a.Bounds(), b.Bounds())
	}
	for y := range b.Bounds().Dy() {
		for x := range b.Bounds().Dx() {
			if color.RGBAModel.Convert(a.At(x, y)) != color.RGBAModel.Convert(b.At(x, y)) {
				t.Fatalf("pixel (%d,%d) is %v, want %v", x, y, a.At(x, y), b.At(x, y))
			}
		}
	}
}

// TestLoop: grey frames are exact in a GIF, and it takes as long as it should.
func TestLoop(t *testing.T) {
	for _, channels := range []int{1, 3} {
		m := noise(31, channels)
		frames := Frames(m)
		if want := image.Rect(0, 0, 4*28, 4*5); frames[0].Bounds() != want {
			t.Errorf("frames of %v, want %v", frames[0].Bounds(), want)
		}
		if r, _, _, _ := frames[1].At(4*3+2, 4*2+3).RGBA(); byte(r) != m.at(1)[(2*28+3)*channels] {
			t.Error("a frame is not the image enlarged")
		}
		g := Loop(frames, 30)
		total := 0
		for _, d := range g.Delay {
			total += d
		}
		if len(g.Image) != 31 || total != 103 || g.LoopCount != 0 || g.Config.Width != 4*28 {
			t.Errorf("%d frames in %d/100 s, loop count %d, width %d", len(g.Image), total, g.LoopCount, g.Config.Width)
		}
		if channels == 1 {
			same(t, g.Image[30], frames[30])
		}
	}
}
