package player

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/digit"
	pictures "github.com/vae-edge/vae-edge/encoder"
	encoders "github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
)

// writeOne writes a picture of a one.
func writeOne(t *testing.T) (file string) {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 60, 80))
	for y := 20; y < 60; y++ {
		for x := 28; x < 33; x++ {
			img.SetGray(x, y, color.Gray{255})
		}
	}
	file = filepath.Join(t.TempDir(), "one.png")
	if err := atomicfile.Write(file, func(w io.Writer) error { return png.Encode(w, img) }); err != nil {
		t.Fatal(err)
	}
	return file
}

// openBuiltIn returns the decoder and, alone, the encoder of mnist-16.
func openBuiltIn(t *testing.T) (m, e *model.Model) {
	t.Helper()
	m, err := decoder.Open("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	data, err := encoders.Weights("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	if e, err = model.Parse(data); err != nil {
		t.Fatal(err)
	}
	return m, e
}

// renamed are decoder and encoder by another name, with bright and dark exchanged.
func renamed(m, e *model.Model) (*model.Model, *model.Model) {
	m2, e2 := *m, *e
	m2.Name, e2.Name, m2.Table = "inverted", "inverted", negative().Table
	return &m2, &e2
}

// TestEditGround: a picture is made ready with the ground of the pictures that a model knows.
func TestEditGround(t *testing.T) {
	m, _ := openBuiltIn(t)
	ed := &editor{Edit: Edit{Image: writeOne(t), Toward: "4"}, origin: func(*model.Model) string { return "mnist-16" }}
	onDark, err := ed.encode(m)
	if err != nil {
		t.Fatal(err)
	}
	bright := *m
	bright.SetBrightGround(true)
	onBright, err := ed.encode(&bright)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := pictures.Open("mnist-16", m)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := pictures.New(whole)
	if err != nil {
		t.Fatal(err)
	}
	turned := slices.Clone(ed.pixels)
	for i, v := range turned {
		turned[i] = 255 - v
	}
	for name, c := range map[string]struct {
		pixels []uint8
		code   []int16
	}{"dark": {ed.pixels, onDark.Code}, "bright": {turned, onBright.Code}} {
		want := make([]int16, m.Latent)
		if enc.Encode(want, c.pixels); !slices.Equal(c.code, want) {
			t.Errorf("%s: the code is %v, want %v", name, c.code, want)
		}
	}
}

// TestEditReload: a service whose model is missing shows the edit of the built-in one, goes on to a
// model whose encoder comes long after the decoder, and reads the picture once.
func TestEditReload(t *testing.T) {
	m, e := renamed(openBuiltIn(t))
	synctest.Test(t, func(t *testing.T) {
		one := writeOne(t)
		f := newField(t, nil, "--scene", "edit", "--image", one, "--toward", "4", "--panel", "st7735-80x160", "--fps", "5", "--frames", "151")
		os.Remove(one)
		time.AfterFunc(5*time.Second, func() { f.write(marshal(t, m)) })
		time.AfterFunc(20*time.Second, func() {
			if err := atomicfile.WriteBytes(filepath.Join(filepath.Dir(f.file.name), pictures.File), marshal(t, e)); err != nil {
				t.Error(err)
			}
		})
		if err := f.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.checkLog("edit", "mnist-16 is shown until", "no encoder of model ", "model inverted from ")
	})
}

// TestStandIn: what the options ask of a model that is missing need not be there in the one
// that stands in for it. What no model can mend is an error at once.
func TestStandIn(t *testing.T) {
	two, err := decoder.Open("mnist-2")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		args := []string{"--scene", "morph", "--path", "0.5:-1.2,7", "--panel", "st7735-80x160", "--fps", "5", "--frames", "61"}
		f := newField(t, nil, args...)
		time.AfterFunc(5*time.Second, func() { f.write(marshal(t, two)) })
		if err := f.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.checkShown("path", two, 60-f.r.first, args...)
		f.checkLog("path", "mnist-16 is shown until", "model mnist-2 from ")
	})
	g := newRig(t, "--scene", "edit", "--image", "nowhere.png", "--toward", "4", "--model", "nowhere.safetensors")
	g.r.Unattended = true
	if err := g.r.open(); err == nil || !strings.Contains(err.Error(), "nowhere.png") {
		t.Errorf("no picture: error %v", err)
	}
	g.checkLog("no picture")
}

// TestDoubt: a picture of two digits is refused, with what was done to it and seen in it, unless it
// is to be used anyway.
func TestDoubt(t *testing.T) {
	m, _ := openBuiltIn(t)
	for _, anyway := range []bool{false, true} {
		p := testPlayer(t, "--scene", "edit", "--image", "../../digit/testdata/joined04.png", "--toward", "4")
		p.editor.Anyway = anyway
		_, err := p.editor.by()(m)
		if refused := errors.As(err, new(*digit.Doubt)); refused == anyway {
			t.Errorf("anyway %v: %v", anyway, err)
		}
		said := fmt.Sprint(p.editor.done, err)
		if !strings.Contains(said, "two digits") || anyway && !strings.Contains(said, "read as 0, 9") {
			t.Errorf("anyway %v: %s", anyway, said)
		}
	}
}

// TestBrightGround: a digit for a model whose pictures have a bright ground is judged on that, as
// it is encoded.
func TestBrightGround(t *testing.T) {
	m, e := openBuiltIn(t)
	m.SetBrightGround(true)
	e.DecoderSum = m.DecoderDigest()
	dir := t.TempDir()
	if err := atomicfile.WriteBytes(filepath.Join(dir, pictures.File), marshal(t, e)); err != nil {
		t.Fatal(err)
	}
	p := testPlayer(t, "--scene", "edit", "--image", writeOne(t), "--toward", "4", "--model", filepath.Join(dir, "decoder.safetensors"))
	edit, err := p.editor.by()(m)
	if err != nil {
		t.Fatal(err)
	}
	name := m.Concepts[edit.From].Name
	if want := "; read as " + name + ", "; !strings.Contains(p.editor.done, want) || !strings.Contains(p.editor.done, "from "+name+" toward 4") {
		t.Errorf("from %s: %s", name, p.editor.done)
	}
}

// TestEditAgain: the edit of a model that is shown is there while that of the next one is made.
func TestEditAgain(t *testing.T) {
	m, e := openBuiltIn(t)
	m2, e2 := renamed(m, e)
	dir := t.TempDir()
	write := func(e *model.Model) {
		if err := atomicfile.WriteBytes(filepath.Join(dir, pictures.File), marshal(t, e)); err != nil {
			t.Fatal(err)
		}
	}
	p := testPlayer(t, "--scene", "edit", "--image", writeOne(t), "--toward", "4", "--model", filepath.Join(dir, "decoder.safetensors"))
	by := p.editor.by()
	for _, pair := range [][2]*model.Model{{m, e}, {m2, e2}, {m, e2}} {
		write(pair[1])
		if _, err := by(pair[0]); err != nil {
			t.Errorf("%s: %v", pair[0].Name, err)
		}
	}
}
