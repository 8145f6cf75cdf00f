package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// agreement is what a classifier of the digits, which knows nothing of the models, reads in what they draw.
type agreement struct {
	ClassifiedSame  float64 `json:"classified_same"`  // share of the reconstructions at the posterior means that both decoders make alike
	ClassifiedRight float64 `json:"classified_right"` // share of the int8 decoder's that are classified as the image's label
	ManifoldDigits  []int   `json:"manifold_digits"`  // tiles of the int8 decoder's manifold that are classified as each class
}

// classifier is the run's classifier of digits.
func (r *trainingRun) classifier() (*classify.Model, error) {
	if r.judge != nil {
		return r.judge, nil
	}
	return classify.BuiltIn()
}

// agree has a classifier look at a pair of models on a set that it was trained for.
func agree(judge *classify.Model, m *vae.Model, q *model.Model, test *mnist.Set, threads int) (*agreement, error) {
	if judge.Image() != m.Image || judge.Image() != q.Image || m.Latent != q.Latent {
		return nil, fmt.Errorf("the classifier is for images of %s, the models make %s", imageSize(judge.Image()), imageSize(m.Image))
	}
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	encoder, reader := vae.NewRunner(m, threads, nil), classify.NewRunner(judge, threads, nil)
	mean, logVar := make([]float32, test.N*m.Latent), make([]float32, test.N*m.Latent)
	encoder.Encode(mean, logVar, test.Images)

	const block = 500 // images, which bounds the memory for them
	size := m.Pixels()
	logits, pixels := make([]float32, block*size), make([]byte, block*size)
	var points []int16
	same, right := 0, 0
	for first := 0; first < test.N; first += block {
		n := min(block, test.N-first)
		z := mean[first*m.Latent:][:n*m.Latent]
		encoder.DecodeLogits(logits[:n*size], z)
		floatPixels(pixels, logits[:n*size])
		floats := reader.Predict(pixels[:n*size])
		points = points[:0]
		for _, v := range z {
			points = q.FixedPoint(points, float64(v))
		}
		d.DecodeBatch(pixels[:n*size], points, threads)
		for i, p := range reader.Predict(pixels[:n*size]) {
			if p.Class == floats[i].Class {
				same++
			}
			if p.Class == int(test.Labels[first+i]) {
				right++
			}
		}
	}
	a := &agreement{
		ClassifiedSame:  float64(same) / float64(test.N),
		ClassifiedRight: float64(right) / float64(test.N),
		ManifoldDigits:  make([]int, judge.Classes),
	}
	points, _ = manifoldPoints(q.Plane())
	pixels = make([]byte, manifoldSide*manifoldSide*size)
	d.DecodeBatch(pixels, points, threads)
	for _, p := range reader.Predict(pixels) {
		a.ManifoldDigits[p.Class]++
	}
	return a, nil
}

// String is a line for a person.
func (a *agreement) String() string {
	return fmt.Sprintf("classified as the float32 reconstruction %.2f %%, as the label %.2f %%; tiles of the manifold, 0 to %d: %s",
		100*a.ClassifiedSame, 100*a.ClassifiedRight, len(a.ManifoldDigits)-1, strings.Trim(fmt.Sprint(a.ManifoldDigits), "[]"))
}
