package scene

import (
	"image"
	"slices"
	"testing"
)

// TestPilotAlone: without inputs, and with Auto alone, a pilot shows the frames of the scene.
func TestPilotAlone(t *testing.T) {
	d := newDecoder(t, classed(greyModel()))
	size := image.Pt(60, 50)
	for _, info := range infos() {
		s, err := info.New(d, 1, size)
		if err != nil {
			t.Fatal(err)
		}
		p, img, want := NewPilot(s, 70), NewImage(d.Model(), size, Grey), NewImage(d.Model(), size, Grey)
		for n := range uint64(20) {
			p.Render(img, Input{Auto: n > 10})
			s.Render(want, 70+n)
			if !slices.Equal(pixels(img), pixels(want)) || p.frame != 71+n || p.steered {
				t.Fatalf("scene %s: frame %d differs, or the next is %d", info.Name, 70+n, p.frame)
			}
		}
	}
}

// TestPilotSteered: inputs move what is shown, it stays when they end, and comes back to the frame
// where it left.
func TestPilotSteered(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine")
	}
	d := newDecoder(t, greyModel())
	size := image.Pt(120, 100)
	for _, name := range []string{"walk", "manifold"} {
		for _, start := range []uint64{70, 330, 700} {
			for _, in := range []Input{{DX: 1}, {DX: -1, DY: 1}, {DY: -1}, {Zoom: 1}, {Zoom: -1}, {DX: 1, DY: 1, Zoom: 1}} {
				info, _ := Lookup(name)
				s, err := info.New(d, 1, size)
				if err != nil {
					t.Fatal(err)
				}
				p, img, want := NewPilot(s, start), NewImage(d.Model(), size, Grey), NewImage(d.Model(), size, Grey)
				for range 40 {
					p.Render(img, in)
				}
				s.Render(want, start)
				moved := !slices.Equal(pixels(img), pixels(want))
				if !p.steered || p.frame != start || moved == (name == "walk" && in.DX == 0 && in.DY == 0) {
					t.Errorf("scene %s, %+v: moved: %t, frame %d", name, in, moved, p.frame)
				}
				p.Render(img, Input{})
				p.Render(want, Input{})
				if !slices.Equal(pixels(img), pixels(want)) {
					t.Errorf("scene %s, %+v: does not stay", name, in)
				}
				p.Render(img, Input{Auto: true})
				n := 0
				for ; p.steered && n < 200; n++ {
					p.Render(img, Input{})
				}
				s.Render(want, start)
				if n == 200 || p.frame != start+1 || !slices.Equal(pixels(img), pixels(want)) {
					t.Errorf("scene %s, %+v: after %d frames the next is %d, want %d and frame %d", name, in, n, p.frame, start+1, start)
				}
			}
		}
	}
}

// TestWalkMove: a held key moves the latent point evenly, up to three standard deviations.
func TestWalkMove(t *testing.T) {
	m := greyModel()
	s := newWalk(newDecoder(t, m), 1, image.Pt(9, 9)).(*walk)
	for _, in := range []Input{{DX: 1}, {DX: -1}, {DY: 1}, {DY: -1}} {
		c := Cursor{}
		var way []int64
		for range 200 {
			c = s.Move(c, in)
			way = append(way, int64(in.DX)*c.X+int64(in.DY)*c.Y)
		}
		limit := int64(walkReach * m.LatentSteps)
		for i, v := range way {
			if want := min(int64(i+1)*int64(m.LatentSteps/walkKeys), limit); v != want {
				t.Fatalf("%+v: after %d frames at %d, want %d", in, i+1, v, want)
			}
		}
		if way[199] != limit || in.DX == 0 && c.X != 0 || in.DY == 0 && c.Y != 0 {
			t.Errorf("%+v: ends at (%d, %d)", in, c.X, c.Y)
		}
	}
	// A walk that is farther out already is not thrown back.
	far := Cursor{X: 3*int64(m.LatentSteps) + 100}
	if c := s.Move(far, Input{DX: 1}); c != far {
		t.Errorf("from %v to %v", far, c)
	}
	if c := s.Move(far, Input{DX: -1}); c.X != far.X-int64(m.LatentSteps/walkKeys) {
		t.Errorf("from %v to %v", far, c)
	}
}

// TestManifoldMove: a held key moves all tiles by the same whole pixels a frame, to the edge of the
// plane and no farther.
func TestManifoldMove(t *testing.T) {
	for _, size := range manifoldSizes {
		s, _ := newPlane(t, greyModel(), 1, size)
		for _, zoom := range []int64{s.magnify * unit, s.magnify*unit + 12345, s.closest()} {
			for _, in := range []Input{{DX: 1}, {DX: -1}, {DY: 1}, {DY: -1}, {DX: 1, DY: -1}} {
				c := s.Move(Cursor{Zoom: zoom}, Input{})
				at := map[int]image.Point{}
				moving, edge := 0, false
				for n := range 1500 {
					next := s.Move(c, in)
					edge = next == c
					c = next
					s.place(view{c.X, c.Y, c.Zoom})
					speeds := map[image.Point]int{}
					for _, p := range s.placed {
						if q, ok := at[p.tile]; ok {
							speeds[q.Sub(p.at)]++
						}
					}
					clear(at)
					for _, p := range s.placed {
						at[p.tile] = p.at
					}
					if edge {
						break
					}
					if n == 0 {
						continue
					}
					if len(speeds) != 1 {
						t.Fatalf("%v, %+v at zoom %d: frame %d moves tiles by %v", size, in, c.Zoom, n, speeds)
					}
					want := max(1, min(size.X, size.Y)/planeKeys)
					for v := range speeds {
						// A rounded step may be one short; at the edge one direction ends before
						// the other.
						if dx, dy := v.X*in.DX, -v.Y*in.DY; max(dx, dy) > want || min(dx, dy) < 0 {
							t.Fatalf("%v, %+v: frame %d moves by %v, want %d", size, in, n, v, want)
						} else if max(dx, dy) >= want-1 {
							moving++
						}
					}
				}
				if x, y := s.limit(c.Zoom); !edge || moving < 10 && x+y > 2*unit {
					t.Errorf("%v, %+v at zoom %d: %d frames moved, reached the edge: %t", size, in, c.Zoom, moving, edge)
				}
			}
		}
	}
}

// TestManifoldSteeredDecodes: however it is steered, no frame decodes more than a slow board has
// time for, and soon nothing is missing.
func TestManifoldSteeredDecodes(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine")
	}
	for _, size := range []image.Point{{240, 240}, {135, 240}, {128, 64}} {
		s, decodes := newPlane(t, greyModel(), 1, size)
		img := NewImage(s.decoder.Model(), size, Grey)
		p := NewPilot(s, 0)
		p.Render(img, Input{})
		for _, in := range []Input{{Zoom: 1}, {DX: 1, DY: 1}, {DX: -1}, {DY: -1, DX: -1}, {Zoom: -1}, {Zoom: 1, DX: 1}, {}} {
			for n := range 130 {
				decodes.n = 0
				p.Render(img, in)
				if decodes.n > tilesSteered {
					t.Fatalf("%v, %+v: frame %d decodes %d tiles", size, in, n, decodes.n)
				}
			}
		}
		for _, p := range s.placed {
			if !s.decoded[p.tile] {
				t.Fatalf("%v: a tile is still missing", size)
			}
		}
	}
}

// TestSteered: keys move, and zoom, the scenes that are said to be moved and no others.
func TestSteered(t *testing.T) {
	d := newDecoder(t, classed(greyModel()))
	for _, info := range infos() {
		s, err := info.New(d, 1, image.Pt(80, 60))
		if err != nil {
			t.Fatal(err)
		}
		moves, zooms := info.Steered()
		m, moved := s.(Steerable)
		if moved != moves {
			t.Errorf("%s is steerable: %t, said to be: %t", info.Name, moved, moves)
		}
		if zoomed := moved && m.Move(m.Cursor(0), Input{Zoom: 1}) != m.Cursor(0); zoomed != zooms {
			t.Errorf("%s zooms: %t, said to: %t", info.Name, zoomed, zooms)
		}
	}
}

func TestPilotAllocatesNothing(t *testing.T) {
	d := newDecoder(t, classed(greyModel()))
	size := image.Pt(80, 60)
	for _, info := range infos() {
		s, err := info.New(d, 1, size)
		if err != nil {
			t.Fatal(err)
		}
		p, img, n := NewPilot(s, 0), NewImage(d.Model(), size, Grey), 0
		p.Render(img, Input{})
		if allocs := testing.AllocsPerRun(300, func() {
			p.Render(img, Input{DX: n % 3 / 2, Zoom: n % 2, Auto: n%100 > 50})
			n++
		}); allocs != 0 {
			t.Errorf("scene %s: %v allocations a frame", info.Name, allocs)
		}
	}
}
