package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/mixture"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A Row is what is measured of pictures against the test images.
type Row struct {
	Of string `json:"of"`
	// Own says that the pictures are the model's own samples: of the distribution that its file
	// has, in int8.
	Own bool `json:"own_samples,omitempty"`
	// Frechet is the Fréchet distance, MMD the squared maximum mean discrepancy: of features.
	Frechet float64 `json:"frechet_distance"`
	MMD     float64 `json:"mmd"`
	// Sharpness and Variety are shares of those of the test images.
	Sharpness float64   `json:"sharpness"`
	Variety   float64   `json:"variety"`
	Classes   []float64 `json:"classes"` // shares, as the classifier reads them

	shown []byte // the first of the pictures
}

// A Space is what is measured of a model's latent space.
type Space struct {
	Model  string `json:"model"`
	Latent int    `json:"latent"`
	// By how much the int8 decoder's picture changes from a cell of a fine grid over the first two
	// dimensions to the next, in grey levels: the mean and the most. See measure.Continuity.
	Mean float64 `json:"continuity_mean_grey"`
	Most float64 `json:"continuity_max_grey"`
	// Order is the share of pictures at random points whose class, as the classifier reads it, is
	// the one of which the points of other pictures have their mean nearest by.
	Order float64 `json:"order"`
	// Way says how the latent point of a given image is found, Images how many test images it was
	// done for.
	Way    string  `json:"inversion"`
	Images int     `json:"inverted_images"`
	PSNR   float64 `json:"inversion_psnr_db"` // of what is drawn there
	// Right is the share of it that the classifier reads as the image's label
	Right float64 `json:"inversion_right"`
	// What it takes for an image.
	MACs    int     `json:"inversion_macs"`
	Seconds float64 `json:"inversion_seconds"`

	again []byte // the first images, drawn again
}

// A Comparison is all of it.
type Comparison struct {
	Images int     `json:"images"`
	Rows   []Row   `json:"rows"`
	Spaces []Space `json:"latent_spaces"`

	test  []byte // the first test images
	shape [3]int
}

// Options of a comparison.
type Options struct {
	Models   []string // names of built-in models, or folders of runs
	Inverted int      // test images whose latent points are searched
	Threads  int
	Seed     uint64
	// Progress tells how many of so many things are done.
	Progress func(what string, all int) func(done int)
}

// A subject is a model that is compared.
type subject struct {
	name  string
	whole *vae.Model // nil of a decoder alone
	float *nn.Model  // the decoder
	int8  *model.Model
}

func open(name string) (*subject, error) {
	p, err := pair.Open(name)
	if errors.Is(err, pair.ErrDecoderAlone) {
		m, q, err := pair.OpenAlone(name)
		if err != nil {
			return nil, err
		}
		return &subject{name: name, float: m, int8: q}, nil
	}
	if err != nil {
		return nil, err
	}
	return &subject{name: name, whole: p.Float, float: p.Float.Decoder, int8: p.Int8}, nil
}

// A bench measures against test images.
type bench struct {
	o           Options
	classifier  *classify.Runner
	train, test *dataset.Set
	moments     *Moments    // of the features of the test images
	references  *References // those
	sharpness   float64
	variety     float64
	done        func()
	result      *Comparison
}

// Digits compares models of digits with the classifier of digits, on as many pictures as there are
// test images.
func Digits(train, test *dataset.Set, o Options) (*Comparison, error) {
	m, err := measure.Classifier()
	if err != nil {
		return nil, err
	}
	if m.Image() != test.Shape() {
		return nil, fmt.Errorf("the classifier is for images of %s, these are %s", plain.ImageSize(m.Image()), plain.ImageSize(test.Shape()))
	}
	if test.N < 2 || train.N < test.N {
		return nil, fmt.Errorf("%d training and %d test images: a distance needs two test images, and as many training images", train.N, test.N)
	}
	var subjects []*subject
	steps := 1
	for _, name := range o.Models {
		s, err := open(name)
		if err != nil {
			return nil, err
		}
		if s.int8.Image != test.Shape() {
			return nil, fmt.Errorf("%s draws %s, and the classifier reads %s", name, plain.ImageSize(s.int8.Image), plain.ImageSize(test.Shape()))
		}
		subjects = append(subjects, s)
		switch steps += 3; {
		case s.whole != nil:
			steps += 2
		case s.int8.Mixture != nil:
			steps++
		}
	}
	told, count := o.Progress("comparing", steps), 0
	b := &bench{
		o: o, classifier: classify.NewRunner(m, o.Threads, nil), train: train, test: test,
		sharpness: Sharpness(test.Images, test.Shape()), variety: Variety(test.Images, len(test.Image(0))),
		done:   func() { count++; told(count) },
		result: &Comparison{Images: test.N, test: test.First(columns).Images, shape: test.Shape()},
	}
	features := Features(b.classifier, test.Images)
	b.moments = MomentsOf(features, b.classifier.FeatureCount(), o.Threads)
	b.references = NewReferences(features, b.classifier.FeatureCount(), o.Threads)
	b.row("training images", Some(train, test.N))
	for _, s := range subjects {
		if err := b.compare(s); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return b.result, nil
}

// row measures pictures, and returns what it has found.
func (b *bench) row(of string, pixels []byte) *Row {
	f, dims := Features(b.classifier, pixels), b.classifier.FeatureCount()
	b.result.Rows = append(b.result.Rows, Row{
		Of: of, Frechet: Frechet(b.moments, MomentsOf(f, dims, b.o.Threads), b.o.Threads), MMD: b.references.MMD(f),
		Sharpness: Sharpness(pixels, b.test.Shape()) / b.sharpness, Variety: Variety(pixels, len(b.test.Image(0))) / b.variety,
		Classes: Histogram(b.classifier, pixels), shown: pixels[:min(columns*len(b.test.Image(0)), len(pixels))],
	})
	b.done()
	return &b.result.Rows[len(b.result.Rows)-1]
}

// samples measures pictures of a distribution in int8, and if it is the model's own, in float32,
// too. It returns the points as numbers and the pictures.
func (b *bench) samples(s *subject, of string, prior latent.Prior, draw func(points []int16) []byte) (z []float32, pixels []byte) {
	fixed, z := b.points(prior, s.int8)
	pixels = draw(fixed)
	_, mixed := prior.(*latent.Mixture)
	own := mixed == (s.int8.Mixture != nil)
	if own {
		b.row(s.name+", "+of+floatOf, b.drawFloat(s.float, z))
	}
	b.row(s.name+", "+of, pixels).Own = own
	return z, pixels
}

// mixture is that of a model: its own or, if there is none, what it would be; nil of a decoder
// alone, and of codes that none can be told of.
func (b *bench) mixture(s *subject) *latent.Mixture {
	if s.int8.Mixture != nil || s.whole == nil {
		return s.int8.Mixture
	}
	codes, _ := vae.NewRunner(s.whole, b.o.Threads, nil).Encode(b.train.First(mixedCodes).Images)
	mixed, _ := mixture.Choose(codes, s.int8.Latent, b.o.Threads)
	if mixed == nil {
		return nil
	}
	fixed, err := mixed.Fixed(s.int8.LatentSteps)
	if err != nil {
		return nil // no file has one, either
	}
	return fixed
}

// drawFloat draws with the float32 decoder.
func (b *bench) drawFloat(m *nn.Model, z []float32) []byte {
	const block = 1000 // points, which bounds the memory for logits
	r := nn.NewRunner(m, parallel.New(b.o.Threads), nil)
	size, dims := len(b.test.Image(0)), m.In[2]
	pixels := make([]byte, len(z)/dims*size)
	logits := make([]float32, block*size)
	for first := 0; first < len(z)/dims; first += block {
		n := min(block, len(z)/dims-first)
		r.Outputs(logits[:n*size], z[first*dims:(first+n)*dims])
		pair.Pixels(pixels[first*size:], logits[:n*size])
	}
	return pixels
}

// points draws points of a distribution, in fixed point and as numbers.
func (b *bench) points(prior latent.Prior, q *model.Model) (fixed []int16, z []float32) {
	fixed = make([]int16, b.test.N*q.Latent)
	r := latent.NewRand(b.o.Seed)
	for point := range slices.Chunk(fixed, q.Latent) {
		prior.Draw(point, r)
	}
	z = make([]float32, len(fixed))
	for i, v := range fixed {
		z[i] = float32(v) / float32(q.LatentSteps)
	}
	return fixed, z
}

// compare measures a model.
func (b *bench) compare(s *subject) error {
	d, err := decoder.New(s.int8)
	if err != nil {
		return err
	}
	draw := pair.DrawInt8(d)
	z, sampled := b.samples(s, priorOf, latent.Normal(s.int8.LatentSteps), draw)
	space := Space{Model: s.name, Latent: s.int8.Latent, Way: "search", Images: min(b.o.Inverted, b.test.N)}
	space.Mean, space.Most = measure.Continuity(draw, s.int8.Latent, s.int8.PictureSize())
	space.Order = order(z, s.int8.Latent, b.classifier.Predict(sampled), b.classifier.Classes())
	images := b.test.First(space.Images)
	if mixed := b.mixture(s); mixed != nil {
		b.samples(s, fmt.Sprintf("%s%d", mixtureOf, len(mixed.Shares)), mixed, draw)
	} else if s.whole != nil {
		b.done()
	}
	if s.whole != nil {
		mean, _ := vae.NewRunner(s.whole, b.o.Threads, nil).Encode(b.test.Images)
		b.row(s.name+", test images again", draw(s.int8.FixedPoint(nil, pair.Widened(mean)...)))
		space.Way, space.Images, images = "encoder", b.test.N, b.test
		space.MACs = s.whole.Network.Encoder.MACs(s.whole.Image)
	}
	begin := time.Now()
	var found []float32
	if s.whole != nil {
		found, _ = vae.NewRunner(s.whole, b.o.Threads, nil).Encode(images.Images)
	} else {
		found = DefaultInversion.Points(s.float, images.Images, b.o.Threads)
		space.MACs = DefaultInversion.MACs(s.float)
	}
	space.Seconds = time.Since(begin).Seconds() / float64(images.N)
	again := draw(s.int8.FixedPoint(nil, pair.Widened(found)...))
	space.PSNR = measure.Alike(images.Images, again, images.Shape(), b.o.Threads).PSNR
	space.Right = b.classifier.Accuracy(again, images.Labels)
	space.again = again[:min(len(again), columns*s.int8.PictureSize())]
	b.result.Spaces = append(b.result.Spaces, space)
	b.done()
	return nil
}

// columns is how many pictures of a kind the pictures show.
const columns = 20

// What rows are of, after the name of the model.
const priorOf, mixtureOf, floatOf = "prior", "mixture of ", ", float32"

// mixedCodes are how many training images' codes the mixture is fitted to.
const mixedCodes = 20_000

// String is tables for a person.
func (c *Comparison) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%-34s%10s%10s%10s%9s%18s\n", "", "distance", "MMD", "sharpness", "variety", "least, most class")
	for _, r := range c.Rows {
		name := r.Of
		if r.Own {
			name += " *"
		}
		fmt.Fprintf(&s, "%-34s%10.1f%10.4f%8.0f %%%7.0f %%%10.1f %5.1f %%\n", name, r.Frechet, r.MMD, 100*r.Sharpness, 100*r.Variety, 100*Least(r.Classes), 100*Most(r.Classes))
	}
	s.WriteString("* the model's own samples, as it draws them in int8; all but float32 is int8\n")
	fmt.Fprintf(&s, "\n%-24s%8s%14s%12s%10s%10s%10s%12s\n", "latent space", "order", "change, grey", "inversion", "PSNR, dB", "right", "M MACs", "ms an image")
	for _, p := range c.Spaces {
		fmt.Fprintf(&s, "%-24s%6.0f %%%7.2f, %5.1f%12s%10.1f%8.1f %%%10s%12.2f\n", fmt.Sprintf("%s, %d", p.Model, p.Latent), 100*p.Order, p.Mean, p.Most, p.Way, p.PSNR, 100*p.Right, plain.Comma(int(math.Round(float64(p.MACs)/1e6))), 1000*p.Seconds)
	}
	s.WriteString("\nless distance and MMD is better; M MACs: million multiply-accumulates an image;\ndocs/gan.md explains the columns\n")
	return s.String()
}
