package doubts_test

import (
	"bytes"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/digit"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/doubts"
)

// A photograph is read the same from every format that is read besides PNG and JPEG.
func TestFormats(t *testing.T) {
	q, err := decoder.Open("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	r, err := doubts.Open("mnist-16", q, true, false, console.New("trainer", &said, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		t.Helper()
		img, err := digit.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		said.Reset()
		pixels, err := r.Read(name, img)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said.String(), ": read as 3, ") {
			t.Errorf("%s: %s", filepath.Base(name), said.String())
		}
		return pixels
	}
	photo := filepath.Join("..", "..", "docs", "photo.jpg")
	read(photo)
	data, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	colour, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(colour.Bounds()) // of which PNG keeps 8 bits
	draw.Draw(img, img.Rect, colour, image.Point{}, draw.Src)
	var want []byte
	for _, c := range []struct {
		ending string
		encode func(w io.Writer, img image.Image) error
	}{
		{"png", png.Encode},
		{"bmp", bmp.Encode},
		{"tiff", func(w io.Writer, img image.Image) error { return tiff.Encode(w, img, nil) }},
		{"gif", func(w io.Writer, img image.Image) error { return gif.Encode(w, img, nil) }},
	} {
		var b bytes.Buffer
		if err := c.encode(&b, img); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "photo."+c.ending)
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		switch got := read(name); {
		case want == nil:
			want = got
		case c.ending != "gif" && !slices.Equal(got, want): // GIF has 256 colours
			t.Errorf("%s: other pixels than of the PNG", c.ending)
		}
	}
	read(filepath.Join("testdata", "photo.webp"))
	read(filepath.Join("testdata", "lossless.webp"))
}
