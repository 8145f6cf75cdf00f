package fit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/model"
)

// open returns the judge of a built-in model, and the model.
func open(t *testing.T, name string) (*Judge, *model.Model) {
	t.Helper()
	d, err := decoder.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := encoder.Open(name, d)
	if err != nil {
		t.Fatal(err)
	}
	j, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	return j, m
}

// TestBuiltIn: what the built-in models draw at the means of their concepts is as they know it, and
// noise is not.
func TestBuiltIn(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for _, name := range []string{"mnist-2", "mnist-16"} {
		j, m := open(t, name)
		if !j.Known() {
			t.Errorf("%s says nothing of what is usual", name)
		}
		d, err := decoder.New(m)
		if err != nil {
			t.Fatal(err)
		}
		picture := make([]uint8, m.PictureSize())
		for i, mean := range m.ConceptMeans() {
			d.Decode(picture, mean)
			if doubt := j.Doubt(picture); doubt != "" {
				t.Errorf("%s, the mean %s: %s", name, m.Concepts[i].Name, doubt)
			}
			if got, sure := j.Class(picture); name == "mnist-16" && (got != i || sure < 50) {
				t.Errorf("%s, the mean %s: read as %s, %d %% sure", name, m.Concepts[i].Name, m.Concepts[got].Name, sure)
			}
		}
		g := lcg.Generator(1)
		for i := range picture {
			picture[i] = uint8(255 * g.Next(2))
		}
		if doubt := j.Doubt(picture); name == "mnist-16" && !strings.Contains(doubt, "has hardly seen its like") {
			t.Errorf("%s, noise: %q, a misfit of %d", name, doubt, j.Misfit(picture))
		}
	}
	if j, m := open(t, "faces"); j.Known() || j.Doubt(make([]uint8, m.PictureSize())) != "" {
		t.Error("the model of faces, of which nothing is noted, doubts")
	}
}

// TestBright: what is usual of a model of a bright ground is noted of pictures on such a ground,
// and found beside what the decoder's file says of the ground.
func TestBright(t *testing.T) {
	whole := model.Synthetic()
	whole.SetBrightGround(true)
	pictures := make([]uint8, 20*whole.PictureSize())
	g := lcg.Generator(7)
	for i := range pictures {
		pictures[i] = 255 - uint8(g.Next(256)*g.Next(2))
	}
	q, err := Measure(whole, pictures)
	if err != nil || !q.Bright || q.NinetyNine < 1 {
		t.Fatalf("%+v, %v", q, err)
	}
	d, e := *whole, *whole
	d.Encoder = nil
	e.DecoderSum = whole.DecoderDigest()
	e.Decoder, e.Table, e.Concepts, e.Extra = nil, nil, nil, nil
	for _, bright := range []bool{true, false} {
		q.Bright = bright
		if err := Note(&e, q); err != nil {
			t.Fatal(err)
		}
		m, err := encoder.Join("synthetic", &d, &e)
		if err != nil {
			t.Fatal(err)
		}
		j, err := New(m)
		if err != nil || j.Known() != bright || !m.BrightGround() {
			t.Errorf("noted of a bright ground %v: %v, known %v, bright %v", bright, err, j.Known(), m.BrightGround())
		}
	}
}

// TestNote: what is noted goes with the file of an encoder, and what is none is none.
func TestNote(t *testing.T) {
	whole := model.Synthetic()
	g := lcg.Generator(7)
	pictures := make([]uint8, 20*whole.PictureSize())
	for i := range pictures {
		pictures[i] = uint8(g.Next(256))
	}
	q, err := Measure(whole, pictures)
	if err != nil || q.Half < 1 || q.Half > q.Ninety || q.NinetyNine > q.NearlyAll {
		t.Fatalf("%+v, %v", q, err)
	}
	d := *whole
	d.Encoder = nil
	alone := *whole
	alone.DecoderSum = whole.DecoderDigest()
	alone.Decoder, alone.Table, alone.Concepts = nil, nil, nil
	dir := t.TempDir()
	for text, known := range map[string]bool{"": true, "{}": false, "7": false, "{": false, `{"99":"x"}`: false} {
		if err := Note(&alone, q); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			alone.Extra.Metadata[key] = text
		}
		data, err := alone.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, encoder.File), data, 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := encoder.Open(filepath.Join(dir, "decoder.safetensors"), &d)
		if err != nil {
			t.Fatal(err)
		}
		j, err := New(m)
		if err != nil || j.Known() != known {
			t.Errorf("%q: %v, known %v", text, err, j.Known())
		}
		if known && j.usual != q {
			t.Errorf("%+v are read as %+v", q, j.usual)
		}
	}
}
