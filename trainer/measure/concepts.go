package measure

import (
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// ConceptFigures are those of a concept. Shares that are nil could not be measured.
type ConceptFigures struct {
	Name           string   `json:"name"`
	Images         int      `json:"images"`
	MeanDifference *float64 `json:"accuracy_mean_difference"`
	Linear         *float64 `json:"accuracy_linear"`
	AUC            *float64 `json:"auc"` // as they are read, see concept.Concept
	Direction      string   `json:"direction"`
	Moved          *float64 `json:"moved_classified,omitempty"`
}

// EditFigures are those of editing test images toward other classes.
type EditFigures struct {
	Classified        float64 `json:"classified"`
	SlantBefore       float64 `json:"slant_before"`
	SlantAfter        float64 `json:"slant_after"`
	SlantCorrelation  float64 `json:"slant_correlation"`
	StrokeBefore      float64 `json:"stroke_before"`
	StrokeAfter       float64 `json:"stroke_after"`
	StrokeCorrelation float64 `json:"stroke_correlation"`
}

// Attributes are those that pictures have or have not: the sets' own or, without any, to be of a
// class.
func Attributes(train, test *dataset.Set) []concept.Attribute {
	if len(train.Attributes) == 0 {
		return concept.Classes(train.Labels, test.Labels)
	}
	attributes := make([]concept.Attribute, len(train.Attributes))
	for i, a := range train.Attributes {
		attributes[i] = concept.Attribute{Name: a.Name, Train: a.Has, Test: test.Attributes[i].Has}
	}
	return attributes
}

// Codes are the posterior means of sets of images.
func Codes(m *vae.Model, r *vae.Runner, progress func(done int), sets ...*dataset.Set) []concept.Codes {
	const block = 1000 // images after which progress is told
	var cs []concept.Codes
	done := 0
	for _, s := range sets {
		c := concept.Codes{Dims: m.Latent}
		for first := 0; first < s.N; first += block {
			n := min(block, s.N-first)
			mean, _ := r.Encode(s.Images[first*m.Pixels():][:n*m.Pixels()])
			c.Values = append(c.Values, mean...)
			done += n
			progress(done)
		}
		cs = append(cs, c)
	}
	return cs
}

// An Editor edits images of a set whose classes are their labels and has a classifier look at what
// comes of it.
type Editor struct {
	d          *decoder.Decoder
	test       *dataset.Set
	points     []int16 // codes of the images
	classes    []int   // of the model's concepts, which have the numbers of labels as names
	means      [][]int16
	classifier *classify.Runner
	threads    int
}

// NewEditor returns an editor of images with these codes. It fails where the classifier does not
// know the images or the concepts.
func NewEditor(classifier *classify.Model, d *decoder.Decoder, test *dataset.Set, codes []float32, threads int) (*Editor, error) {
	q := d.Model()
	if classifier.Image() != q.Image {
		return nil, fmt.Errorf("the classifier is for images of %s, the model makes %s", plain.ImageSize(classifier.Image()), plain.ImageSize(q.Image))
	}
	e := &Editor{
		d: d, test: test, points: q.FixedPoint(nil, pair.Widened(codes)...), means: q.ConceptMeans(),
		classifier: classify.NewRunner(classifier, threads, nil), threads: threads,
	}
	for _, c := range q.Concepts {
		class, ok := concept.Class(c.Name)
		if !ok || class >= classifier.Classes {
			return nil, fmt.Errorf("concept %q is no class of the classifier", c.Name)
		}
		e.classes = append(e.classes, class)
	}
	return e, nil
}

// Moved returns the share of the images of other classes than a concept's that are drawn as that
// class when they are moved along its direction to where its mean is; nil if there are none.
func (e *Editor) Moved(name string) *float64 {
	q := e.d.Model()
	i, err := q.ConceptIndex(name)
	if err != nil {
		return nil // too short for the int8 model
	}
	c := &q.Concepts[i]
	class, _ := concept.Class(name)
	mean := c.Position(c.Mean, q.LatentSteps)
	var points []int16
	for i := range e.test.N {
		if int(e.test.Labels[i]) == class {
			continue
		}
		code := e.points[i*q.Latent:][:q.Latent]
		at := len(points)
		points = append(points, code...)
		latent.Along(points[at:], code, c.Direction, int(mean)-int(c.Position(code, q.LatentSteps)), q.LatentSteps)
	}
	n := len(points) / q.Latent
	if n == 0 {
		return nil
	}
	return finite(alike(read(e.classifier, n, drawn(e.d, points, e.threads)), slices.Repeat([]int{class}, n)))
}

// Edited edits every image toward a class that is not its own, each of the other classes in turn.
func (e *Editor) Edited(progress func(done int)) *EditFigures {
	if len(e.classes) < 2 {
		return nil
	}
	q := e.d.Model()
	var before, after [2][]float64 // slant and stroke
	points, targets := make([]int16, len(e.points)), make([]int, e.test.N)
	for i := range targets {
		code := e.points[i*q.Latent:][:q.Latent]
		to := i % len(e.classes)
		if e.classes[to] == int(e.test.Labels[i]) {
			to = (to + 1 + i/len(e.classes)%(len(e.classes)-1)) % len(e.classes)
		}
		targets[i] = e.classes[to]
		latent.Toward(points[i*q.Latent:][:q.Latent], code, e.means, latent.Nearest(code, e.means), to, latent.Whole)
	}
	draw := drawn(e.d, points, e.threads)
	classes := read(e.classifier, e.test.N, func(pixels []byte, first, k int) {
		draw(pixels, first, k)
		for j := range k {
			a := measureHandwriting(e.test.Image(first+j), q.Image)
			b := measureHandwriting(pixels[j*q.PictureSize():][:q.PictureSize()], q.Image)
			before[0], before[1] = append(before[0], a.slant), append(before[1], a.stroke)
			after[0], after[1] = append(after[0], b.slant), append(after[1], b.stroke)
		}
		progress(first + k)
	})
	f := &EditFigures{Classified: alike(classes, targets)}
	f.SlantBefore, f.SlantAfter, f.SlantCorrelation = compareFigures(before[0], after[0])
	f.StrokeBefore, f.StrokeAfter, f.StrokeCorrelation = compareFigures(before[1], after[1])
	return f
}

// Concepts are the figures of concepts that were found, of their accuracy.
func Concepts(found []concept.Concept) []ConceptFigures {
	var figures []ConceptFigures
	for _, f := range found {
		figures = append(figures, ConceptFigures{
			Name: f.Name, Images: f.Images, Direction: f.Method.String(),
			MeanDifference: finite(f.Accuracy[concept.MeanDifference]), Linear: finite(f.Accuracy[concept.Linear]),
			AUC: finite(f.AUC),
		})
	}
	return figures
}

// finite returns nil for what is none: JSON has no word for it.
func finite(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
