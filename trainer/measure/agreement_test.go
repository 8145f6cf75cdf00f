package measure

import (
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

func TestAgreement(t *testing.T) {
	p, err := pair.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	m, q := p.Float, p.Int8
	classifier, err := Classifier()
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.EmbeddedFirst(1, 620) // more than a block
	if err != nil {
		t.Fatal(err)
	}
	look := func(m *vae.Model, test *dataset.Set, threads int) *Agreement {
		t.Helper()
		a, err := Agree(classifier, m, q, test, threads)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, n := range a.ManifoldDigits {
			sum += n
		}
		if len(a.ManifoldDigits) != 10 || sum != pair.ManifoldSide*pair.ManifoldSide {
			t.Errorf("digits of the manifold are %v", a.ManifoldDigits)
		}
		return a
	}

	a := look(m, test, 1)
	if a.ClassifiedSame < 0.98 || a.ClassifiedSame == a.ClassifiedRight || a.ClassifiedRight < 0.5 {
		t.Errorf("the built-in model: %v", a)
	}
	if b := look(m, test, 3); a.String() != b.String() {
		t.Errorf("three threads see %v, one %v", b, a)
	}

	// Wrong labels are seen, and so is a float32 decoder that is another than the int8 one's.
	wrong := *test
	wrong.Labels = slices.Clone(test.Labels)
	for i := range wrong.Labels {
		wrong.Labels[i] = (wrong.Labels[i] + 1) % 10
	}
	if b := look(m, &wrong, 0); b.ClassifiedSame != a.ClassifiedSame || b.ClassifiedRight > 0.3 {
		t.Errorf("with wrong labels: %v", b)
	}
	other, err := vae.New(m.Config, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range other.Params() {
		if strings.HasPrefix(p.Name, "encoder.") {
			copy(p.Data, m.Params()[i].Data)
		}
	}
	if b := look(other, test, 0); b.ClassifiedSame > 0.5 || b.ClassifiedRight != a.ClassifiedRight {
		t.Errorf("with a decoder that was not trained: %v", b)
	}

	// A classifier that sees nothing but fives.
	for _, p := range classifier.Params() {
		clear(p.Data)
		if p.Name == "dense.bias" {
			p.Data[5] = 1
		}
	}
	fives := 0
	for _, l := range test.Labels {
		if l == 5 {
			fives++
		}
	}
	b := look(m, test, 0)
	if b.ClassifiedSame != 1 || b.ClassifiedRight != float64(fives)/float64(test.N) || b.ManifoldDigits[5] != 225 {
		t.Errorf("a classifier that sees nothing but fives: %v, there are %d", b, fives)
	}

	small, err := classify.New(classify.Config{Height: 8, Width: 8, Channels: 1, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Agree(small, m, q, test, 0); err == nil || !strings.Contains(err.Error(), "8 x 8, the models make 28 x 28") {
		t.Errorf("a classifier of other images: error %v", err)
	}
}

// TestClassifier holds the built-in classifier to what it is said to reach.
func TestClassifier(t *testing.T) {
	m, err := Classifier()
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.EmbeddedFirst(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		test = test.First(1000)
	}
	accuracy := classify.NewRunner(m, 0, nil).Accuracy(test.Images, test.Labels)
	t.Logf("%.4f of %d test images are classified right", accuracy, test.N)
	if accuracy < 0.99 {
		t.Errorf("accuracy is %v", accuracy)
	}
	if data, err := m.Marshal(); err != nil || len(data) > 300_000 {
		t.Errorf("the file has %d bytes, error %v", len(data), err)
	}
}
