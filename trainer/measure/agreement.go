package measure

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Agreement is what a classifier of the digits, which knows nothing of the models, reads in what
// they draw.
type Agreement struct {
	// ClassifiedSame is the share of the reconstructions at the posterior means that both decoders
	// make alike
	ClassifiedSame float64 `json:"classified_same"`
	// ClassifiedRight is the share of the int8 decoder's that are classified as the image's label
	ClassifiedRight float64 `json:"classified_right"`
	// ManifoldDigits are the tiles of the int8 decoder's manifold that are classified as each class
	ManifoldDigits []int `json:"manifold_digits"`
}

// ClassifierName is the name of the classifier of digits among the files of trainer/pretrained.
const ClassifierName = "digits-classifier"

// Classifier returns the built-in classifier of the MNIST digits.
func Classifier() (*classify.Model, error) {
	data, _ := pretrained.Weights(ClassifierName)
	return classify.Unmarshal(data)
}

// Agree has a classifier look at a pair of models on a set that it was trained for.
func Agree(classifier *classify.Model, m *vae.Model, q *model.Model, test *dataset.Set, threads int) (*Agreement, error) {
	if classifier.Image() != m.Image || classifier.Image() != q.Image || m.Latent != q.Latent {
		return nil, fmt.Errorf("the classifier is for images of %s, the models make %s", plain.ImageSize(classifier.Image()), plain.ImageSize(m.Image))
	}
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	floats, reader := vae.NewRunner(m, threads, nil), classify.NewRunner(classifier, threads, nil)
	z, _ := floats.Encode(test.Images)
	size := m.Pixels()
	logits := make([]float32, readBlock*size)
	float := read(reader, test.N, func(pixels []byte, first, n int) {
		floats.DecodeLogits(logits[:n*size], z[first*m.Latent:][:n*m.Latent])
		pair.Pixels(pixels, logits[:n*size])
	})
	int8 := read(reader, test.N, drawn(d, q.FixedPoint(nil, pair.Widened(z)...), threads))
	labels := make([]int, test.N)
	for i, l := range test.Labels {
		labels[i] = int(l)
	}
	a := &Agreement{ClassifiedSame: alike(int8, float), ClassifiedRight: alike(int8, labels), ManifoldDigits: make([]int, classifier.Classes)}
	points, _ := pair.ManifoldPoints(q.Plane())
	for _, class := range read(reader, pair.ManifoldSide*pair.ManifoldSide, drawn(d, points, threads)) {
		a.ManifoldDigits[class]++
	}
	return a, nil
}

// readBlock is the number of images that are drawn and read at a time, which bounds the memory for
// them.
const readBlock = 500

// read returns the classes that a classifier reads in n images. draw is to set the pixels of k of
// them, from number first on.
func read(classifier *classify.Runner, n int, draw func(pixels []byte, first, k int)) []int {
	classes := make([]int, 0, n)
	pixels := make([]byte, readBlock*classifier.Pixels())
	for len(classes) < n {
		first := len(classes)
		k := min(readBlock, n-first)
		of := pixels[:k*classifier.Pixels()]
		draw(of, first, k)
		for _, p := range classifier.Predict(of) {
			classes = append(classes, p.Class)
		}
	}
	return classes
}

// drawn draws what the int8 decoder makes of points. threads 0 is one per CPU.
func drawn(d *decoder.Decoder, points []int16, threads int) func(pixels []byte, first, k int) {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	dims := d.Model().Latent
	return func(pixels []byte, first, k int) { d.DecodeBatch(pixels, points[first*dims:][:k*dims], threads) }
}

// alike is the share of elements that are the same in both.
func alike(a, b []int) float64 {
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

// String is lines for a person.
func (a *Agreement) String() string {
	return fmt.Sprintf("what int8 draws, as a classifier reads it:\n"+
		"  as float32's       %9.2f %%\n"+
		"  as the label       %9.2f %%\n"+
		"  in the manifold       %s tiles of 0 to %d",
		100*a.ClassifiedSame, 100*a.ClassifiedRight, strings.Trim(fmt.Sprint(a.ManifoldDigits), "[]"), len(a.ManifoldDigits)-1)
}
