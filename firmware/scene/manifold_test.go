package scene

import (
	"image"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
)

// A counter counts decodes.
type counter struct {
	Decoder
	n int
}

func (c *counter) Decode(picture []uint8, point []int16) {
	c.n++
	c.Decoder.Decode(picture, point)
}

func newPlane(t *testing.T, m *model.Model, seed uint64, size image.Point) (*manifold, *counter) {
	t.Helper()
	c := &counter{Decoder: newDecoder(t, m)}
	return newManifold(c, seed, size).(*manifold), c
}

var manifoldSizes = []image.Point{{240, 240}, {320, 240}, {135, 240}, {128, 64}, {80, 160}, {170, 320}, {128, 128}, {64, 64}, {480, 320}}

// TestManifoldWhole: at first all of the plane is seen, and no tile is cut off at an edge.
func TestManifoldWhole(t *testing.T) {
	for _, m := range []*model.Model{greyModel(), model.Synthetic()} {
		for _, size := range append([]image.Point{{80, 46}, {80, 47}, {132, 84}, {40, 22}, {31, 200}, {13, 12}}, manifoldSizes...) {
			s, _ := newPlane(t, m, 1, size)
			v := s.tour.view(0)
			s.place(v)
			sizes, _ := s.sizes(v)
			if len(s.placed) != s.cells*s.cells {
				t.Errorf("%s, %v: %d tiles, want %d", m.Name, size, len(s.placed), s.cells*s.cells)
			}
			for _, p := range s.placed {
				if r := (image.Rectangle{p.at, p.at.Add(sizes[p.level])}); !r.In(image.Rectangle{Max: size}) {
					t.Errorf("%s, %v: a tile at %v", m.Name, size, r)
				}
			}
		}
	}
}

// TestManifoldDecodes counts what every frame of a tour, and of the next one's beginning, decodes:
// no more than a slow board has time for.
func TestManifoldDecodes(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine")
	}
	for _, size := range manifoldSizes[:5] {
		s, decodes := newPlane(t, greyModel(), 1, size)
		img := NewImage(s.decoder.Model(), size, Grey)
		s.Render(img, 0)
		if all := s.cells * s.cells; decodes.n < all || decodes.n > all+tilesAhead {
			t.Errorf("%v: the first frame decodes %d tiles of %d", size, decodes.n, all)
		}
		most, sum := 0, decodes.n
		for n := uint64(1); n < tourFrames+200; n++ {
			decodes.n = 0
			s.Render(img, n)
			most = max(most, decodes.n)
			sum += decodes.n
		}
		if most > tilesAhead {
			t.Errorf("%v: a frame decodes %d tiles, want at most %d", size, most, tilesAhead)
		}
		// Else the flight shows nothing new, and the count above means nothing.
		if sum < s.cells*s.cells*5/4 {
			t.Errorf("%v: only %d tiles in a tour, at first there are %d", size, sum, s.cells*s.cells)
		}
		kept := 0
		for _, d := range s.decoded {
			if d {
				kept++
			}
		}
		if kept != sum {
			t.Errorf("%v: %d decodes for %d tiles", size, sum, kept)
		}
	}
}

// TestManifoldPan: while the magnification stays, all tiles move by the same whole pixels and none
// changes.
func TestManifoldPan(t *testing.T) {
	for _, m := range []*model.Model{greyModel(), model.Synthetic()} {
		for _, size := range manifoldSizes {
			s, _ := newPlane(t, m, 2, size)
			at := map[int]image.Point{}
			var before view
			pans := 0
			for n := range uint64(tourFrames) {
				v := s.tour.view(n)
				s.place(v)
				now := map[int]image.Point{}
				for _, p := range s.placed {
					now[p.tile] = p.at
				}
				if n > 0 && v.zoom == before.zoom {
					moved := map[image.Point]int{}
					for tile, p := range now {
						if q, ok := at[tile]; ok {
							moved[p.Sub(q)]++
						}
					}
					if len(moved) != 1 {
						t.Fatalf("%s, %v: tiles of frame %d move by %v", m.Name, size, n, moved)
					}
					pans++
				}
				before, at = v, now
			}
			if pans < tourFrames/4 {
				t.Errorf("%s, %v: only %d frames of a tour pan", m.Name, size, pans)
			}
		}
	}
}

// TestManifoldApart: tiles never overlap, new ones included, and all the display is covered where
// it pans.
func TestManifoldApart(t *testing.T) {
	for _, size := range manifoldSizes {
		s, _ := newPlane(t, greyModel(), 3, size)
		for n := uint64(0); n < tourFrames; n += 23 {
			v := s.tour.view(n)
			s.place(v)
			sizes, _ := s.sizes(v)
			owner := make([]int, size.X*size.Y)
			for i, p := range s.placed {
				r := image.Rectangle{p.at, p.at.Add(sizes[p.level])}.Intersect(image.Rectangle{Max: size})
				for y := r.Min.Y; y < r.Max.Y; y++ {
					for x := r.Min.X; x < r.Max.X; x++ {
						if owner[y*size.X+x] != 0 {
							t.Fatalf("%v, frame %d: two tiles at (%d,%d)", size, n, x, y)
						}
						owner[y*size.X+x] = i + 1
					}
				}
			}
			covered := 0
			for _, o := range owner {
				if o != 0 {
					covered++
				}
			}
			if stop := int64(s.magnify) * unit; v.zoom == 2*stop && covered < len(owner) {
				t.Fatalf("%v, frame %d: tiles cover %d pixels of %d", size, n, covered, len(owner))
			}
		}
	}
}

// TestManifoldSmooth: from one frame to the next tiles move and grow little, and come and go at the
// display's edge or when they are tiny, from one tour to the next as well.
func TestManifoldSmooth(t *testing.T) {
	for _, m := range []*model.Model{greyModel(), model.Synthetic()} {
		for _, size := range manifoldSizes {
			s, _ := newPlane(t, m, 4, size)
			most := 1 + min(size.X, size.Y)/40 // pixels that a tile may move
			inside := image.Rectangle{Max: size}.Inset(most)
			last := map[int]image.Rectangle{}
			for n := range uint64(tourFrames + 300) {
				v := s.tour.view(n)
				s.place(v)
				sizes, _ := s.sizes(v)
				now := map[int]image.Rectangle{}
				for _, p := range s.placed {
					now[p.tile] = image.Rectangle{p.at, p.at.Add(sizes[p.level])}
				}
				check := func(tile int, r, other image.Rectangle, found bool) {
					d := r.Min.Add(r.Max).Sub(other.Min).Sub(other.Max).Div(2)
					grown := r.Size().Sub(other.Size())
					switch {
					case !found && min(r.Dx(), r.Dy()) > 1 && r.Overlaps(inside):
						t.Fatalf("%s, %v: at frame %d tile %d at %v is alone", m.Name, size, n, tile, r)
					case found && max(d.X, -d.X, d.Y, -d.Y) > most:
						t.Fatalf("%s, %v: at frame %d tile %d moves by %v", m.Name, size, n, tile, d)
					case found && max(grown.X, -grown.X, grown.Y, -grown.Y) > max(1, most/2):
						t.Fatalf("%s, %v: at frame %d tile %d grows by %v", m.Name, size, n, tile, grown)
					}
				}
				if n > 0 {
					for tile, r := range now {
						other, ok := last[tile]
						check(tile, r, other, ok)
					}
					for tile, r := range last {
						other, ok := now[tile]
						check(tile, r, other, ok)
					}
				}
				last = now
			}
		}
	}
}

// BenchmarkRender times what is done a frame besides decoding: composition alone for the manifold,
// all of whose tiles are kept.
func BenchmarkRender(b *testing.B) {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		b.Fatal(err)
	}
	size := image.Pt(240, 240)
	img := NewImage(m, size, Grey)
	for _, c := range []struct {
		name, scene   string
		first, frames uint64
	}{{"walk", "walk", 0, 100}, {"manifold/hold", "manifold", 0, 60}, {"manifold/zoom", "manifold", 60, 150},
		{"manifold/pan", "manifold", 210, 150}, {"manifold/finer", "manifold", 360, 150}} {
		b.Run(c.name, func(b *testing.B) {
			d, err := decoder.New(m)
			if err != nil {
				b.Fatal(err)
			}
			info, _ := Lookup(c.scene)
			s, err := info.New(d, 1, size)
			if err != nil {
				b.Fatal(err)
			}
			for n := range c.frames + lookAhead {
				s.Render(img, c.first+n)
			}
			n := uint64(0)
			for b.Loop() {
				s.Render(img, c.first+n%c.frames)
				n++
			}
		})
	}
}
