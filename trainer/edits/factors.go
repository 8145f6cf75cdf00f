package edits

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// Factors measures edits of drawn faces, the test images: those of an attribute on so many faces at
// most, of which to find the factors takes about a second each, and longer if it is not a face that
// is drawn.
func (b *Bench) Factors(most int) []Factors {
	var all []Factors
	// Of every face its drawing is looked at once, whatever it is edited toward
	before := map[int]faces.Face{}
	draw := pair.DrawInt8(b.decoder)
	size := len(b.test.Image(0))
	var images [][]int
	var looked []int
	for _, name := range b.o.Toward {
		of := b.without(number(b.test, name), min(most, b.test.N))
		images = append(images, of)
		looked = append(looked, of...)
	}
	looked = slices.Compact(slices.Sorted(slices.Values(looked)))
	done, total := 0, len(looked)
	for _, of := range images {
		total += 2 * len(of)
	}
	tell := b.o.Progress("finding factors", total)
	fit := func(points []int16, start []faces.Face) []faces.Face {
		pictures := draw(points)
		found := make([]faces.Face, len(start))
		concurrently(len(start), b.o.Threads, func(i int) {
			found[i], _ = faces.Fit(pictures[i*size:][:size], start[i])
		}, func(n int) { tell(done + n) })
		done += len(start)
		return found
	}
	dims := b.decoder.Model().Latent
	var points []int16
	var start []faces.Face
	for _, i := range looked {
		points = append(points, b.codes[i*dims:][:dims]...)
		start = append(start, b.o.Face(i))
	}
	for k, f := range fit(points, start) {
		before[looked[k]] = f
	}
	for k, name := range b.o.Toward {
		start = start[:0]
		for _, i := range images[k] {
			start = append(start, before[i])
		}
		after := fit(b.edited(images[k], name, b.o.Amount), start)
		redrawn := fit(b.redrawn(images[k], name), start)
		all = append(all, compare(name, start, after, redrawn))
	}
	return all
}

// compare measures what became of faces, by an edit and where they were drawn with what it is
// toward.
func compare(name string, before, after, redrawn []faces.Face) Factors {
	f := Factors{Toward: name, Images: len(before), Moved: changes(before, after)}
	aims := faces.Decisive(name)
	for k, r := range changes(before, redrawn) {
		f.Moved[k].Aim = slices.Contains(aims, r.Name)
		f.Moved[k].Redrawn = r.Change
	}
	for i := range before {
		if before[i].Attribute(name) {
			f.Before += 1 / float64(len(before))
		}
		if after[i].Attribute(name) {
			f.Share += 1 / float64(len(before))
		}
	}
	slices.SortStableFunc(f.Moved, func(a, b Factor) int {
		switch {
		case a.Aim && !b.Aim:
			return -1
		case b.Aim && !a.Aim:
			return 1
		}
		return cmp.Compare(b.Excess(), a.Excess())
	})
	return f
}

// changes are the mean changes of every factor of faces.
func changes(before, after []faces.Face) (factors []Factor) {
	for i := range before {
		for k, c := range faces.Changes(before[i], after[i]) {
			if i == 0 {
				factors = append(factors, Factor{Name: c.Factor})
			}
			if !math.IsNaN(c.Share) {
				factors[k].Change += c.Share
				factors[k].Faces++
			}
		}
	}
	for k := range factors {
		factors[k].Change /= max(float64(factors[k].Faces), 1)
	}
	return factors
}

// concurrently calls f for 0 to n-1 on so many goroutines, 0 being one per core, and tells from
// time to time how many are done.
func concurrently(n, threads int, f func(i int), tell func(done int)) {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	var telling sync.Mutex
	done := 0
	for range threads {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
				telling.Lock()
				done++
				tell(done)
				telling.Unlock()
			}
		})
	}
	wait.Wait()
}
