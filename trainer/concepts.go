package main

import (
	"fmt"
	"image"
	"math"
	"os"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

const conceptsText = `
Finds, for every class of a data set, where its codes are in the latent space of a model and
in which direction a code must move for its picture to come to be of that class; measures how
well that works, on the test images; and draws, by the int8 decoder, what lies along each
direction, from -3 to +3 standard deviations through the mean of all codes.
`

const conceptsTail = `
Training does the same and writes the concepts. The keys of the JSON:

  images                 how many test images there were
  concepts               for every class with training images:
    name                   its number
    images                 training images of it
    accuracy_mean_difference, accuracy_linear
                           how well test images of it and others are told apart along the
                           difference of their mean codes and along the normal of a linear
                           classifier, Fisher's discriminant: the mean of the shares of both
                           that are taken for what they are, so that a guess has 0.5
    direction              which of the two was taken
    moved_classified       of the test images of other classes, moved along the direction to
                           where the mean of this one is, the share that is drawn as this class
  edit                   test images edited fully toward another class, as go run ./trainer
                         edit does, each toward one class in turn:
    classified             share that is drawn as the class aimed at
    slant_before, slant_after, stroke_before, stroke_after
                           means over the images and what they were edited to, of the slant
                           (pixels to the right a pixel down) and of the width of strokes, in
                           pixels
    slant_correlation, stroke_correlation
                           of these between image and edited image: how much of the hand is kept

moved_classified and edit are there for the built-in digits, as a classifier reads them that
knows nothing of the models.

Examples:
  go run ./trainer concepts --model mnist-16
  go run ./trainer concepts --model out --data fashion-mnist/ --out fashion.png

Exit status: 0 done, 1 failed, 2 wrong usage.
`

// conceptFigures are those of a concept.
type conceptFigures struct {
	Name           string   `json:"name"`
	Images         int      `json:"images"`
	MeanDifference *float64 `json:"accuracy_mean_difference"` // nil where no test image tells
	Linear         *float64 `json:"accuracy_linear"`
	Direction      string   `json:"direction"`
	Moved          *float64 `json:"moved_classified,omitempty"`
}

// editFigures are those of editing test images toward other classes.
type editFigures struct {
	Classified        float64 `json:"classified"`
	SlantBefore       float64 `json:"slant_before"`
	SlantAfter        float64 `json:"slant_after"`
	SlantCorrelation  float64 `json:"slant_correlation"`
	StrokeBefore      float64 `json:"stroke_before"`
	StrokeAfter       float64 `json:"stroke_after"`
	StrokeCorrelation float64 `json:"stroke_correlation"`
}

// conceptsReport is what the command prints.
type conceptsReport struct {
	Images   int              `json:"images"`
	Concepts []conceptFigures `json:"concepts"`
	Edit     *editFigures     `json:"edit,omitempty"`
}

// codes are the posterior means of sets of images.
func codes(m *vae.Model, r *vae.Runner, progress func(done int), sets ...*mnist.Set) []concept.Codes {
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

// findConcepts finds those of the classes of images.
func (r *trainingRun) findConcepts() ([]concept.Concept, error) {
	progress := r.console.progress("concepts", r.train.N+r.test.N)
	cs := codes(r.model, r.runner, progress, r.train, r.test)
	return concept.Find(cs[0], cs[1], concept.Classes(r.train.Labels, r.test.Labels))
}

// concepts is the command that finds directions.
func concepts(o *options, c *console) error {
	if o.update && o.Limit > 0 {
		return cli.Usagef("--update with --limit: what is written must be of all images")
	}
	m, q, train, test, err := openOn(o.model, &o.config)
	if err != nil {
		return err
	}
	if o.update {
		if err := checkPairFiles(o.model); err != nil {
			return err
		}
	}
	if err := checkWritable(o.out); err != nil {
		return err
	}
	cs := codes(m, vae.NewRunner(m, o.threads, nil), c.progress("encoding", train.N+test.N), train, test)
	found, err := concept.Find(cs[0], cs[1], concept.Classes(train.Labels, test.Labels))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("%s has no concepts: they need images of two classes or more, whose codes lie apart", o.model)
	}
	q.Concepts = concept.Fixed(q, found)
	d, err := decoder.New(q)
	if err != nil {
		return err
	}
	report := conceptsReport{Images: test.N}
	for _, f := range found {
		report.Concepts = append(report.Concepts, conceptFigures{
			Name: f.Name, Images: f.Images, Direction: f.Method.String(),
			MeanDifference: number(f.Accuracy[concept.MeanDifference]), Linear: number(f.Accuracy[concept.Linear]),
		})
	}
	if test.Embedded {
		judge, err := builtInClassifier()
		if err != nil {
			return err
		}
		e, err := newEditor(judge, d, test, cs[1].Values, o.threads)
		if err != nil {
			return err
		}
		for i := range report.Concepts {
			report.Concepts[i].Moved = e.moved(report.Concepts[i].Name)
		}
		report.Edit = e.edited(c.progress("editing", test.N))
	}
	sheet := conceptSheet(d, concept.Mean(cs[0]))
	if err := writePicture(o.out, sheet); err != nil {
		return err
	}
	if o.update {
		if err := updatePair(o.model, m, q, found); err != nil {
			return err
		}
	}
	if o.json {
		return c.json(report)
	}
	c.printf("%s, %s test images\n\n", o.model, comma(test.N))
	report.print(c)
	c.printf("\nwritten: %s\n", o.out)
	if o.update {
		c.printf("updated: %s and %s\n", pairFiles(o.model)[0], pairFiles(o.model)[1])
	}
	return c.failed
}

// number returns nil for what is none: JSON has no word for it.
func number(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

// percent writes a share, or a dash where there is none.
func percent(x *float64) string {
	if x == nil {
		return "\u2013"
	}
	return fmt.Sprintf("%.1f %%", 100**x)
}

// print writes the tables for people.
func (r conceptsReport) print(c *console) {
	c.printf("%-12s%10s%18s%18s   %s\n", "", "images", "mean difference", "linear", "")
	for _, f := range r.Concepts {
		c.printf("%-12s%10s%18s%18s   %s", f.Name, comma(f.Images), percent(f.MeanDifference), percent(f.Linear), f.Direction)
		if f.Moved != nil {
			c.printf(", moved along it %s", percent(f.Moved))
		}
		c.printf("\n")
	}
	if e := r.Edit; e != nil {
		c.printf("\nedited toward another class, drawn as it %s\n", percent(&e.Classified))
		c.printf("slant   %.2f before, %.2f after, correlation %.2f\n", e.SlantBefore, e.SlantAfter, e.SlantCorrelation)
		c.printf("strokes %.2f pixels wide before, %.2f after, correlation %.2f\n", e.StrokeBefore, e.StrokeAfter, e.StrokeCorrelation)
	}
}

// conceptSteps are the columns of a sheet of concepts, in standard deviations.
var conceptSteps = []int{-3, -2, -1, 0, 1, 2, 3}

// conceptSheet draws what lies along the concepts of a decoder's model through a code.
func conceptSheet(d *decoder.Decoder, through []float64) image.Image {
	q := d.Model()
	code := q.FixedPoint(nil, through...)
	var names []string
	var points []int16
	for _, c := range q.Concepts {
		names = append(names, c.Name)
		for _, step := range conceptSteps {
			at := len(points)
			points = append(points, code...)
			latent.Along(points[at:], code, c.Direction, step*q.LatentSteps, q.LatentSteps)
		}
	}
	images := picture.Of(int8Decoder(d)(points), q.Image)
	return picture.Concepts(images, names, conceptSteps)
}

// An editor edits images of a set whose classes are their labels and has a classifier look at what
// comes of it.
type editor struct {
	d       *decoder.Decoder
	test    *mnist.Set
	points  []int16 // codes of the images
	classes []int   // of the model's concepts, which have the numbers of labels as names
	means   [][]int16
	judge   *classify.Runner
	threads int
}

func newEditor(judge *classify.Model, d *decoder.Decoder, test *mnist.Set, codes []float32, threads int) (*editor, error) {
	q := d.Model()
	if judge.Image() != q.Image {
		return nil, fmt.Errorf("the classifier is for images of %s, the model makes %s", imageSize(judge.Image()), imageSize(q.Image))
	}
	e := &editor{
		d: d, test: test, points: q.FixedPoint(nil, widened(codes)...), means: q.ConceptMeans(),
		judge: classify.NewRunner(judge, threads, nil), threads: threads,
	}
	for _, c := range q.Concepts {
		class, ok := concept.Class(c.Name)
		if !ok || class >= judge.Classes {
			return nil, fmt.Errorf("concept %q is no class of the classifier", c.Name)
		}
		e.classes = append(e.classes, class)
	}
	return e, nil
}

// moved returns the share of the images of other classes than a concept's that are drawn as that
// class when they are moved along its direction to where its mean is; nil if there are none.
func (e *editor) moved(name string) *float64 {
	q := e.d.Model()
	i, err := q.ConceptIndex(name)
	if err != nil {
		return nil // too short for the int8 model
	}
	c := &q.Concepts[i]
	class, _ := concept.Class(name)
	mean := latent.Position(c.Mean, c.Direction, q.LatentSteps)
	var points []int16
	for i := range e.test.N {
		if int(e.test.Labels[i]) == class {
			continue
		}
		code := e.points[i*q.Latent:][:q.Latent]
		at := len(points)
		points = append(points, code...)
		latent.Along(points[at:], code, c.Direction, int(mean)-int(latent.Position(code, c.Direction, q.LatentSteps)), q.LatentSteps)
	}
	n := len(points) / q.Latent
	if n == 0 {
		return nil
	}
	return number(alike(read(e.judge, n, drawn(e.d, points, e.threads)), slices.Repeat([]int{class}, n)))
}

// edited edits every image toward a class that is not its own, each of the other classes in turn.
func (e *editor) edited(progress func(done int)) *editFigures {
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
	classes := read(e.judge, e.test.N, func(pixels []byte, first, k int) {
		draw(pixels, first, k)
		for j := range k {
			a := measureHand(e.test.Image(first+j), q.Image)
			b := measureHand(pixels[j*q.PictureSize():][:q.PictureSize()], q.Image)
			before[0], before[1] = append(before[0], a.slant), append(before[1], a.stroke)
			after[0], after[1] = append(after[0], b.slant), append(after[1], b.stroke)
		}
		progress(first + k)
	})
	f := &editFigures{Classified: alike(classes, targets)}
	f.SlantBefore, f.SlantAfter, f.SlantCorrelation = compareFigures(before[0], after[0])
	f.StrokeBefore, f.StrokeAfter, f.StrokeCorrelation = compareFigures(before[1], after[1])
	return f
}

// checkPairFiles reports whether the files of a model can be written.
func checkPairFiles(name string) error {
	for _, file := range pairFiles(name) {
		if _, err := os.Stat(file); err != nil {
			if _, ok := pretrained.Weights(name); ok {
				return fmt.Errorf("there is no file %s here: run this from the root of the repository", file)
			}
			return err
		}
	}
	return nil
}

// updatePair writes a pair of models with the concepts that were found.
func updatePair(name string, m *vae.Model, q *model.Model, found []concept.Concept) error {
	floats, err := marshalFloat(m, found)
	if err != nil {
		return err
	}
	ints, err := q.Marshal()
	if err != nil {
		return err
	}
	for i, data := range [][]byte{floats, ints} {
		if err := atomicfile.WriteBytes(pairFiles(name)[i], data); err != nil {
			return err
		}
	}
	return nil
}
