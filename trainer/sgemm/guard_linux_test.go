package sgemm

import (
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guarded copies s between two pages that fault when they are touched: against
// the second, or if front is set, against the first.
func guarded[E int32 | float32 | float64](t *testing.T, s []E, front bool) []E {
	if len(s) == 0 {
		return s
	}
	page := unix.Getpagesize()
	size := len(s) * int(unsafe.Sizeof(s[0]))
	inner := (size + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, inner+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(mem) })
	for _, guard := range [][]byte{mem[:page], mem[page+inner:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	start := page
	if !front {
		start += inner - size
	}
	g := unsafe.Slice((*E)(unsafe.Pointer(&mem[start])), len(s))
	copy(g, s)
	return g
}

// Every operand ends, or begins, where reading or writing one byte more faults.
func TestGuardPages(t *testing.T) {
	fault := func(t *testing.T, do func()) {
		t.Helper()
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			t.Helper()
			if r := recover(); r != nil {
				t.Fatalf("outside an operand: %v", r)
			}
		}()
		do()
	}
	each(t, func(t *testing.T, b *Backend) {
		rng := rand.New(rand.NewPCG(7, 7))
		for i := range 60 {
			front := i%2 == 0
			f32 := func(s []float32) []float32 { return guarded(t, s, front) }
			i32 := func(s []int32) []int32 { return guarded(t, s, front) }

			c := newGemmCase(b, rng, 1+rng.IntN(30), 1+rng.IntN(70), 1+rng.IntN(20), 1+rng.IntN(4))
			// The first and the last row go to the very ends.
			last := len(c.AOff) - 1
			lo, hi := int32(0), int32(0)
			for _, tap := range c.Taps {
				lo, hi = min(lo, tap), max(hi, tap)
			}
			c.A = c.A[:int(hi-lo)+c.K+rng.IntN(9)]
			for i := range c.AOff {
				c.AOff[i] = -lo
			}
			c.AOff[last] = int32(len(c.A)-c.K) - hi
			for i := range c.COff {
				c.COff[i] = int32(i * c.B.Cols)
			}
			c.C = c.C[:len(c.COff)*c.B.Cols]
			c.A, c.C, c.Bias, c.B.data = f32(c.A), f32(c.C), f32(c.Bias), f32(c.B.data)
			c.AOff, c.COff, c.Taps = i32(c.AOff), i32(c.COff), i32(c.Taps)
			fault(t, func() { b.Gemm(&c.Gemm) })

			rows, cols, pixels := 1+rng.IntN(30), 1+rng.IntN(70), 1+rng.IntN(120)
			aOff, dOff := make([]int32, pixels), make([]int32, pixels)
			for i := range pixels {
				aOff[i], dOff[i] = int32(i*rows+5), int32(i*cols)
			}
			a, d := f32(values(rng, pixels*rows)), f32(values(rng, pixels*cols))
			w := f32(values(rng, rows*cols))
			aOff, dOff = i32(aOff), i32(dOff)
			fault(t, func() { b.Outer(w, cols, a, aOff, []int32{-5}, rows, d, dOff, cols) })

			x, y := f32(values(rng, i)), f32(values(rng, i))
			m, v := f32(values(rng, i)), f32(values(rng, i))
			fault(t, func() {
				b.Add(x, y)
				b.ReLUBackward(x, y)
				b.Adam(x, y, m, v, 1, 0.5, 0.5, 1)
				b.RMSprop(x, y, v, 1, 0.5, 1)
			})

			e, sigmoid := guarded(t, make([]float64, i), front), guarded(t, make([]float64, i), front)
			fault(t, func() { b.Sigmoid(e, sigmoid, x) })

			channels := []int{8, 16, 40, 3}[rng.IntN(4)]
			n := channels * rng.IntN(30)
			x, random := f32(values(rng, n)), i32(make([]int32, n))
			scale, peak := f32(values(rng, channels)), f32(values(rng, channels))
			fault(t, func() { b.Noise(x, random, scale, peak) })
		}
	})
}
