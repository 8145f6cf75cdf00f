package edits

import (
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset"
)

// A Reader is a classifier that says which attributes a picture shows. It knows nothing of codes.
type Reader struct {
	run   *classify.Runner
	names []string
}

// Answers are what a Reader says of pictures: for each of them, whether it has each attribute.
type Answers struct {
	has        []bool
	attributes int
}

// Has is the answer for a picture and an attribute, both by their numbers.
func (a Answers) Has(picture, attribute int) bool { return a.has[picture*a.attributes+attribute] }

// Len is the number of pictures.
func (a Answers) Len() int { return len(a.has) / a.attributes }

// learning is how a Reader learns. It was chosen on training images that it had not learnt from.
var learning = classify.Options{Epochs: 8, Batch: 64, LearningRate: 3e-3, Seed: 1}

// Learn returns a reader of the attributes of a set, which has learnt from its pictures and from
// what a decoder drew of their codes, one after another as they are: blur alone would deceive a
// classifier that has seen none. Progress is told how many images it has learnt from, of so many
// altogether.
func Learn(set *dataset.Set, drawn []byte, threads int, progress func(images int) func(done int)) (*Reader, error) {
	shape := set.Shape()
	m, err := classify.New(classify.Config{
		Height: shape[0], Width: shape[1], Channels: shape[2], Classes: len(set.Attributes), Independent: true,
	}, learning.Seed)
	if err != nil {
		return nil, err
	}
	r := &Reader{}
	var images [][]byte
	var labels []byte
	for i := range set.N {
		for _, image := range [][]byte{set.Image(i), drawn[i*m.Pixels():][:m.Pixels()]} {
			images = append(images, image)
			for _, a := range set.Attributes {
				label := byte(0)
				if a.Has[i] {
					label = 1
				}
				labels = append(labels, label)
			}
		}
	}
	for _, a := range set.Attributes {
		r.names = append(r.names, a.Name)
	}
	o := learning
	o.Threads = threads
	tell := progress(o.Epochs * len(images))
	o.Progress = func(step, steps int, _ float64) error {
		tell(step * (o.Epochs * len(images)) / steps)
		return nil
	}
	if err := classify.TrainOn(m, images, labels, o); err != nil {
		return nil, err
	}
	r.run = classify.NewRunner(m, threads, nil)
	return r, nil
}

// Read says which attributes pictures show, one after another.
func (r *Reader) Read(pictures []byte) Answers {
	p := make([]float32, len(pictures)/r.run.Pixels()*len(r.names))
	r.run.Probabilities(p, pictures)
	a := Answers{make([]bool, len(p)), len(r.names)}
	for i, v := range p {
		a.has[i] = v > 0.5
	}
	return a
}
