// Package edits measures edits of pictures toward attributes. A classifier that knows nothing of
// the model says how often an edit succeeds and what else it changes; of drawn faces their factors
// say it, too, which are found in the pictures.
package edits

//go:generate go run gallery.go

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Usual are the attributes that edits lead toward where nobody says which, of those there are.
var Usual = []string{"Smiling", "Eyeglasses", "Wearing_Hat"}

// amounts are how far edits go, see latent.Steer. What is read at 0 is the classifier's error.
var amounts = []float64{0, 1, 1.5, 2}

// Options are what is measured.
type Options struct {
	Toward  []string // names of attributes; Usual if there are none
	Amount  float64  // of the edits of which it is measured what else they change
	Threads int      // 0 is one per core
	// Of drawn faces: the test image of that number, and the same with an attribute
	Face     func(image int) faces.Face
	FaceWith func(image int, attribute string) faces.Face
	// Progress begins to tell of a task of so many images, and returns what is told how many are
	// done
	Progress func(what string, images int) func(done int)
}

// learnt is the number of training images that the classifier learns from, at most.
const learnt = 20_000

// block is the number of images that are drawn and read at a time, which bounds the memory for
// them.
const block = 500

// A Bench has what pictures are edited and read with.
type Bench struct {
	decoder *decoder.Decoder
	train   *dataset.Set // for what is bound
	test    *dataset.Set
	codes   []int16 // of the test images
	encoder *vae.Runner
	float   pair.Draw
	reader  *Reader
	o       Options
}

// NewBench trains a classifier on training images and on what the int8 decoder draws of them.
// The sets must have attributes, the same ones.
func NewBench(p *pair.Pair, train, test *dataset.Set, o Options) (*Bench, error) {
	if len(train.Attributes) == 0 || test.N == 0 {
		return nil, fmt.Errorf("edits are measured on images with attributes, %s has none", train.Name)
	}
	d, err := decoder.New(p.Int8)
	if err != nil {
		return nil, err
	}
	if len(o.Toward) == 0 {
		for _, name := range Usual {
			if _, err := p.Int8.ConceptIndex(name); err == nil && number(test, name) >= 0 {
				o.Toward = append(o.Toward, name)
			}
		}
	}
	for _, name := range o.Toward {
		if _, err := p.Int8.ConceptIndex(name); err != nil {
			return nil, err
		}
		if number(test, name) < 0 {
			return nil, fmt.Errorf("%s has no attribute %s", test.Name, name)
		}
	}
	runner := vae.NewRunner(p.Float, o.Threads, nil)
	b := &Bench{decoder: d, train: train, test: test, encoder: runner, float: pair.DrawFloat(runner, p.Float), o: o}
	set := train.First(learnt)
	tell := o.Progress("encoding", set.N+test.N)
	pixels := func(s *dataset.Set) func(first, n int) []byte {
		return func(first, n int) []byte { return s.Images[first*p.Float.Pixels():][:n*p.Float.Pixels()] }
	}
	drawn := pair.DrawInt8(d)(b.encoded(set.N, pixels(set), tell))
	b.codes = b.encoded(test.N, pixels(test), func(done int) { tell(set.N + done) })
	b.reader, err = Learn(set, drawn, o.Threads, func(images int) func(int) { return o.Progress("training a classifier", images) })
	return b, err
}

// encoded are the codes of n pictures, which draw returns some of at a time.
func (b *Bench) encoded(n int, draw func(first, n int) []byte, tell func(done int)) (points []int16) {
	for first := 0; first < n; first += block {
		k := min(block, n-first)
		mean, _ := b.encoder.Encode(draw(first, k))
		points = append(points, b.decoder.Model().FixedPoint(nil, pair.Widened(mean)...)...)
		tell(first + k)
	}
	return points
}

// redrawn are the codes of some of the test images, drawn faces, as they are with an attribute.
func (b *Bench) redrawn(images []int, attribute string) []int16 {
	tell := b.o.Progress("drawing with "+attribute, len(images))
	return b.encoded(len(images), func(first, n int) []byte {
		pictures := make([]byte, n*faces.Size)
		for i := range n {
			b.o.FaceWith(images[first+i], attribute).Draw(pictures[i*faces.Size:][:faces.Size])
		}
		return pictures
	}, tell)
}

// number is that of an attribute of a set by its name, -1 without.
func number(s *dataset.Set, name string) int {
	return slices.IndexFunc(s.Attributes, func(a dataset.Attribute) bool { return a.Name == name })
}

// Measure measures all but factors.
func (b *Bench) Measure() *Figures {
	f := &Figures{Amount: b.o.Amount, Learnt: min(learnt, b.train.N), Images: b.test.N}
	int8 := pair.DrawInt8(b.decoder)
	tell := b.o.Progress("reading pictures", 3*b.test.N)
	pictures := b.read(b.test.N, func(first, n int) []byte {
		tell(first + n)
		size := len(b.test.Image(0))
		return b.test.Images[first*size:][:n*size]
	})
	drawn := b.drawn(b.codes, int8, func(n int) { tell(b.test.N + n) })
	floats := b.drawn(b.codes, b.float, func(n int) { tell(2*b.test.N + n) })
	for k, a := range b.test.Attributes {
		same := 0
		for i := range b.test.N {
			if drawn.Has(i, k) == floats.Has(i, k) {
				same++
			}
		}
		f.Attributes = append(f.Attributes, Attribute{
			Name: a.Name, Images: count(a.Has), Pictures: balanced(pictures, k, a.Has), Drawn: balanced(drawn, k, a.Has),
			Agree: float64(same) / float64(b.test.N),
		})
	}
	for _, name := range b.o.Toward {
		f.Edits = append(f.Edits, b.edit(name, f.Attributes))
	}
	return f
}

// read has the classifier read n pictures, which draw returns some of at a time.
func (b *Bench) read(n int, draw func(first, n int) []byte) Answers {
	all := Answers{attributes: len(b.reader.names)}
	for first := 0; first < n; first += block {
		all.has = append(all.has, b.reader.Read(draw(first, min(block, n-first))).has...)
	}
	return all
}

// drawn has the classifier read what is drawn of points.
func (b *Bench) drawn(points []int16, draw pair.Draw, tell func(done int)) Answers {
	dims := b.decoder.Model().Latent
	return b.read(len(points)/dims, func(first, n int) []byte {
		tell(first + n)
		return draw(points[first*dims:][:n*dims])
	})
}

// edited are the codes of some of the test images, moved toward a concept.
func (b *Bench) edited(images []int, name string, amount float64) (points []int16) {
	q := b.decoder.Model()
	concept, _ := q.ConceptIndex(name) // NewBench has looked
	for _, i := range images {
		code := b.codes[i*q.Latent:][:q.Latent]
		points = append(points, q.Steered(code, []model.Aim{{Concept: concept}}, int(math.Round(amount*latent.Whole)))...)
	}
	return points
}

// without are the first test images that have not an attribute, at most that many.
func (b *Bench) without(attribute, most int) (images []int) {
	for i, has := range b.test.Attributes[attribute].Has {
		if !has && len(images) < most {
			images = append(images, i)
		}
	}
	return images
}

// edit measures edits toward an attribute, all of which are read this well.
func (b *Bench) edit(name string, read []Attribute) Edit {
	aim := number(b.test, name)
	images := b.without(aim, b.test.N)
	e := Edit{Toward: name, Images: len(images)}
	if len(images) == 0 {
		return e
	}
	asked := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(amounts), b.o.Amount))))
	tell := b.o.Progress("editing toward "+name, len(asked)*len(images))
	var before, after Answers
	for k, amount := range asked {
		answers := b.drawn(b.edited(images, name, amount), pair.DrawInt8(b.decoder), func(n int) { tell(k*len(images) + n) })
		if amount == 0 {
			before = answers
		}
		if amount == b.o.Amount {
			after = answers
		}
		e.Read = append(e.Read, Read{amount, answers.share(aim)})
	}
	for k, a := range b.train.Attributes {
		if k != aim {
			e.Moved = append(e.Moved, Moved{
				Name: a.Name, Before: before.share(k), After: after.share(k), Bound: !concept.Combined(b.train.Attributes[aim].Has, a.Has),
				Unread: read[k].Drawn == nil || *read[k].Drawn < readable,
			})
		}
	}
	if b.o.FaceWith != nil {
		redrawn := b.drawn(b.redrawn(images, name), pair.DrawInt8(b.decoder), func(int) {})
		for i, m := range e.Moved {
			share := redrawn.share(number(b.test, m.Name))
			e.Moved[i].Redrawn = &share
		}
	}
	slices.SortStableFunc(e.Moved, func(a, b Moved) int { return cmp.Compare(math.Abs(b.Excess()), math.Abs(a.Excess())) })
	return e
}

// share is that of the pictures which are read as having an attribute.
func (a Answers) share(attribute int) float64 {
	n := 0
	for i := range a.Len() {
		if a.Has(i, attribute) {
			n++
		}
	}
	return float64(n) / float64(a.Len())
}

func count(has []bool) (n int) {
	for _, h := range has {
		if h {
			n++
		}
	}
	return n
}

// balanced is the balanced accuracy of the answers for an attribute; nil where there is none.
func balanced(a Answers, attribute int, has []bool) *float64 {
	share := concept.BalancedAccuracy(has, func(i int) bool { return a.Has(i, attribute) })
	if math.IsNaN(share) {
		return nil
	}
	return &share
}
