package scene_test

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// attributes is the synthetic colour model with attributes, each along a dimension.
func attributes() *model.Model {
	m := model.Synthetic()
	for i, name := range []string{"Wide_Face", "Eyeglasses", "Smiling"} {
		c := model.Concept{Name: name, Mean: make([]int16, 3), Direction: make([]int16, 3), Threshold: 200}
		c.Mean[i], c.Direction[i] = 2000, model.LatentSteps
		m.Concepts = append(m.Concepts, c)
	}
	return m
}

func attributed(t *testing.T, info scene.Info, b kernels.Backend) scene.Scene {
	t.Helper()
	d, err := decoder.NewOn(attributes(), b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := info.New(d, 5, image.Pt(33, 41))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAttributesGolden: frames of a way through what becomes of drawn faces, then of keys that
// change one, are the same on every backend and every CPU.
func TestAttributesGolden(t *testing.T) {
	const want = "28684e6562c64d0703b4cf3c466be02fa8f8b2f23f78f90dcfae27d18f86c2da"
	for _, b := range kernels.Backends() {
		t.Run(b.String(), func(t *testing.T) {
			s := attributed(t, scene.Morph("plain,frown,smile,glasses,another,no-glasses"), b)
			img := scene.NewImage(attributes(), image.Pt(33, 41), scene.Grey).(*image.RGBA)
			sum := sha256.New()
			for n := uint64(0); n < 300; n += 15 {
				s.Render(img, n)
				sum.Write(img.Pix)
			}
			p := scene.NewPilot(s, 40)
			for n := range 80 {
				in := scene.Input{DX: 1}
				if n == 40 {
					in = scene.Input{Step: -1, DY: -1}
				}
				p.Render(img, in)
				if n%20 == 19 {
					sum.Write(img.Pix)
				}
			}
			if got := hex.EncodeToString(sum.Sum(nil)); got != want {
				t.Errorf("hash %s, want %s", got, want)
			}
		})
	}
}

// TestDials: in every scene of one picture keys choose attributes and turn them, which stay as they
// are while others are turned, and the scene goes on where it was.
func TestDials(t *testing.T) {
	m := attributes()
	img := scene.NewImage(m, image.Pt(33, 41), scene.Grey).(*image.RGBA)
	edit := scene.Edit{Code: []int16{1, 2, 3}, End: []int16{3, 2, 1}}.Scene()
	for _, info := range []scene.Info{named(t, "walk"), named(t, "sample"), scene.DefaultMorph(), edit} {
		if !info.HasDials(m) {
			t.Errorf("%s has no dials", info.Name)
		}
		s := attributed(t, info, kernels.Best())
		p := scene.NewPilot(s, 7)
		press := func(in scene.Input, frames int, want string) {
			t.Helper()
			for range frames {
				p.Render(img, in)
			}
			if got := string(p.AppendCaption(nil)); got != want {
				t.Errorf("%s: %q, want %q", info.Name, got, want)
			}
		}
		s.Render(img, 7)
		before := slices.Clone(img.Pix)
		press(scene.Input{}, 1, "")
		press(scene.Input{Step: -1, DY: -1}, 1, "Eyeglasses  +0.0") // the plain words come first
		s.Render(img, 8)
		next := slices.Clone(img.Pix)
		press(scene.Input{DX: 1}, 30, "Eyeglasses  +1.0")
		if slices.Equal(img.Pix, before) {
			t.Errorf("%s: glasses change nothing", info.Name)
		}
		press(scene.Input{Step: 1}, 1, "Smiling  +0.0")
		press(scene.Input{DX: -1, Zoom: 1}, 3, "Smiling  +0.0")
		press(scene.Input{Zoom: -1}, 500, "Smiling  -3.0")
		press(scene.Input{Step: 1}, 1, "Wide_Face  +0.0")
		press(scene.Input{Step: -2}, 1, "Eyeglasses  +1.0")
		press(scene.Input{DY: -1}, 25, "Wide_Face  +0.0") // held
		press(scene.Input{DY: -1}, 8, "Smiling  -3.0")
		press(scene.Input{Auto: true}, 1, "Smiling  -2.9")
		press(scene.Input{}, 30, "")
		p = scene.NewPilot(s, 8)
		if press(scene.Input{}, 1, ""); !slices.Equal(img.Pix, next) {
			t.Errorf("%s does not go on", info.Name)
		}
	}
	for _, name := range []string{"manifold", "clock"} {
		if named(t, name).HasDials(m) {
			t.Errorf("%s has dials", name)
		}
	}
	m.SetConcepts(m.Concepts, true)
	if edit.HasDials(m) {
		t.Error("classes have dials")
	}
	if _, err := scene.Morph("plain,smlie").New(nothing{attributes()}, 1, image.Pt(1, 1)); err == nil || !strings.Contains(err.Error(), "did you mean smile?") {
		t.Errorf("error %v", err)
	}
}

// TestDialsAllocate: frames with dials allocate nothing.
func TestDialsAllocate(t *testing.T) {
	img := scene.NewImage(attributes(), image.Pt(33, 41), scene.Grey)
	p := scene.NewPilot(attributed(t, named(t, "walk"), kernels.Backends()[0]), 0)
	if a := testing.AllocsPerRun(20, func() { p.Render(img, scene.Input{DX: 1}) }); a != 0 {
		t.Errorf("%v allocations a frame", a)
	}
}

func named(t *testing.T, name string) scene.Info {
	t.Helper()
	info, ok := scene.Lookup(name)
	if !ok {
		t.Fatal(name)
	}
	return info
}

// nothing draws nothing.
type nothing struct{ m *model.Model }

func (d nothing) Model() *model.Model     { return d.m }
func (d nothing) Decode([]uint8, []int16) {}
