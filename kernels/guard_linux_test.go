package kernels

import (
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// guards hands out memory that ends, or starts, at a page that must not be touched.
type guards struct {
	t     *testing.T
	atEnd bool
	maps  [][]byte
}

func (g *guards) alloc(size int) []byte {
	page := os.Getpagesize()
	inside := (size + page - 1) / page * page
	m, err := unix.Mmap(-1, 0, inside+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		g.t.Fatal(err)
	}
	g.maps = append(g.maps, m)
	for _, guard := range [][]byte{m[:page], m[page+inside:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			g.t.Fatal(err)
		}
	}
	start := page
	if g.atEnd {
		start += inside - size
	}
	return m[start : start+size : start+size]
}

func (g *guards) free() {
	for _, m := range g.maps {
		if err := unix.Munmap(m); err != nil {
			g.t.Error(err)
		}
	}
	g.maps = g.maps[:0]
}

// Nothing may be read or written outside what a kernel was given.
func TestGuardPages(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	g := guards{t: t}
	for n := range 72 {
		kernel, stride := 1+n%MaxKernel, 1+n/2%MaxStride
		edge := func() int { return r.IntN(kernel) }
		in := Shape{1 + r.IntN(6), 1 + r.IntN(6), 1 + r.IntN(70)}
		out := 1 + r.IntN(70)
		if n%3 == 0 {
			out = 1 + n%5
		}
		edges := Edges{edge(), edge(), edge(), edge()}
		if n%6 == 0 { // the default decoder's last layer
			kernel, stride, in.Channels, in.Width, edges = 3, 1, 32, 2*in.Width, Edges{1, 1, 1, 1}
		}
		transposed := n%4 < 2
		if n%6 == 3 { // a last layer in blocks of four pixels
			transposed, kernel, stride, edges = true, 2+n/6%4, 2, Edges{1, 1, 1, 1}
		}
		if n%12 == 6 { // the default decoder's last layer, rows of which are as long as a tile's
			out, in.Width = 1, 14*(1+n%5)-n%3
		}
		geometry, ok := geometry(transposed, in, out, kernel, stride, edges)
		if !ok {
			continue
		}
		conv := newConvCase(geometry, filling(n%int(fillings)), r)
		inputs, channels := 1+n%7, 1+r.IntN(70)
		if n%5 == 0 { // the default decoder's first layer
			inputs, channels = 1+n%2, 64*(1+n%3)
		}
		dense := newDenseCase(inputs, Shape{1 + r.IntN(3), 1 + r.IntN(3), channels}, random, r)
		for _, b := range Backends() {
			for _, g.atEnd = range []bool{true, false} {
				conv.check(t, b, g.alloc)
				dense.check(t, b, g.alloc)
				g.free()
			}
		}
	}
}
