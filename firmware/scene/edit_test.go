package scene

import (
	"image"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/latent"
)

// anEdit is one for greyModel.
func anEdit() Edit {
	return Edit{Code: []int16{2500, -300}, Means: [][]int16{{2000, 0}, {-1800, 900}, {0, -2500}}, From: 0, To: 1}
}

// The way begins and ends at the ends, goes on evenly, and comes back the same way, for ever.
func TestEditAmount(t *testing.T) {
	for n, want := range map[uint64]int{
		0: 0, editHold: 0, editHold + editMorph/2: latent.Whole / 2, editHold + editMorph: latent.Whole, editPeriod/2 + editHold: latent.Whole,
		editPeriod/2 + editHold + editMorph/2: latent.Whole / 2, editPeriod: 0, 1<<63 - 1<<63%editPeriod: 0,
	} {
		if got := editAmount(n); got != want {
			t.Errorf("frame %d: %d, want %d", n, got, want)
		}
	}
	for n := range uint64(2 * editPeriod) {
		a, b := editAmount(n), editAmount(n+1)
		if d := max(a-b, b-a); d > latent.Whole*3/2/editMorph+1 {
			t.Errorf("from frame %d to the next: %d to %d", n, a, b)
		}
		if there, back := editAmount(n), editAmount(3*editPeriod+editHold-n); there != back {
			t.Errorf("frame %d: %d on one way, %d on the other", n, there, back)
		}
	}
}

// Frames are pictures of the moved code, whatever was drawn before, and allocate nothing.
func TestEdit(t *testing.T) {
	e := anEdit()
	if err := e.Check(2); err != nil {
		t.Fatal(err)
	}
	d := newDecoder(t, greyModel())
	size := image.Pt(28, 28) // pixel by pixel
	s, err := e.Scene().New(d, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	img, point, want := NewImage(d.Model(), size, Grey), make([]int16, 2), make([]uint8, 28*28)
	for _, n := range []uint64{95, 0, 47, 100, 150, 1 << 40} {
		s.Render(img, n)
		latent.Toward(point, e.Code, e.Means, e.From, e.To, editAmount(n))
		d.Decode(want, point)
		if !slices.Equal(pixels(img), want) {
			t.Errorf("frame %d is not the picture at %v", n, point)
		}
	}
	n := uint64(0)
	if a := testing.AllocsPerRun(50, func() { n += 7; s.Render(img, n) }); a != 0 {
		t.Errorf("%v allocations a frame", a)
	}
}

// An edit to an end goes straight there and back, from one end of what fits to the other.
func TestEditStraight(t *testing.T) {
	e := Edit{Code: []int16{-4000, 100}, End: []int16{4000, -101}}
	d := newDecoder(t, greyModel())
	size := image.Pt(28, 28)
	s, err := e.Scene().New(d, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	img, want := NewImage(d.Model(), size, Grey), make([]uint8, 28*28)
	for _, c := range []struct {
		frame uint64
		point []int16
	}{{0, e.Code}, {editHold, e.Code}, {editHold + editMorph/2, []int16{0, 0}}, {editHold + editMorph, e.End}, {2*editHold + editMorph, e.End}, {editPeriod, e.Code}} {
		s.Render(img, c.frame)
		d.Decode(want, c.point)
		if !slices.Equal(pixels(img), want) {
			t.Errorf("frame %d is not the picture at %v", c.frame, c.point)
		}
	}
	for _, e := range []Edit{{Code: []int16{1, 2}, End: []int16{1}}, {Code: []int16{1}, End: []int16{1, 2}}} {
		if e.Check(2) == nil {
			t.Errorf("%v: nothing is against it", e)
		}
	}
}

func TestEditCheck(t *testing.T) {
	for name, change := range map[string]func(e *Edit){
		"code": func(e *Edit) { e.Code = e.Code[1:] },
		"mean": func(e *Edit) { e.Means[2] = nil },
		"from": func(e *Edit) { e.From = -1 },
		"to":   func(e *Edit) { e.To = 3 },
	} {
		e := anEdit()
		if change(&e); e.Check(2) == nil {
			t.Errorf("%s: nothing is against it", name)
		}
	}
}
