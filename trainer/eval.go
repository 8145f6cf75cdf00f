package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

const evalText = `
Measures a float32 model and its int8 decoder and encoder on the test images, and the latent space that
they share.
`

const evalTail = `
The keys of the JSON, figures being means over images and those in nats for a whole image:
  float_elbo_nats   -ELBO of the float32 model, float_bce_nats + kl_nats: less is better
  int8_elbo_nats    the same with the int8 decoder at the same latent points
  int8_cost_nats    int8_elbo_nats - float_elbo_nats
  int8_psnr_db      int8 pixels against float32 pixels at the posterior means; 100 if equal
  float_bce_nats    cross-entropy of grey levels, summed over pixels
  kl_nats           divergence of the posterior from the prior
  book_loss         the loss of section 8.4 of Chollet's book, a mean over pixels
  images            how many test images there were
  kl_nats_per_dimension  kl_nats by latent dimension
  active_dimensions      those whose posterior mean varies over the images, with a variance
                         above 0.01 (Burda et al., 2016)
  continuity_mean_grey, continuity_max_grey
                         how much the picture of the int8 decoder changes from a cell of a 60 x 60
                         grid to its right or lower neighbour: the mean over all pixels of the
                         absolute difference in grey levels of 0 to 255; the mean and the largest
                         of all 7,080 pairs. The grid stands at quantiles 0.05 to 0.95 of the normal
                         distribution in the first two dimensions, any other being 0
  float_iwae_nats        with --iwae: -log p(x) is at most this; less is better, and no more than
                         float_elbo_nats but for noise
  iwae_samples           N of --iwae
  encoder_error_sd       how far the codes of the int8 encoder are from the float32 one's means: root
                         mean square over images and dimensions, in standard deviations of the
                         posterior, by which the decoder's points were scattered in training
                         (of a classical autoencoder, which has none, in units)
  encoder_error_units    the same in units of the latent space
                         (both are missing where the model has no int8 encoder)

For the built-in digits, as a classifier reads them that knows nothing of the models:
  classified_same   share of the reconstructions at the posterior means that int8 and float32
                    decoder draw as the same digit
  classified_right  share of the int8 reconstructions that show the digit that the image does
  encoder_classified_same
                    share of the images whose codes by int8 and float32 encoder the int8
                    decoder draws as the same digit
  manifold_digits   how many tiles of the int8 manifold show a 0, a 1, and so on

Examples:
  go run ./trainer eval
  go run ./trainer eval --iwae 1000 --limit 1000
  go run ./trainer eval --model out --json
  go run ./trainer eval --model out/fashion --data fashion-mnist/

Exit status: 0 done, 1 failed, 2 wrong usage.
`

// eval is the command that measures.
func eval(o *options, c *console) error {
	m, q, _, test, err := openOn(o.model, &o.config)
	if err != nil {
		return err
	}
	if o.samples > 0 && m.KLWeight == 0 {
		return fmt.Errorf("--iwae: %s is a classical autoencoder, which has no posterior to draw samples from", o.model)
	}
	s, err := measure(m, q, test.Images, o.threads)
	if err != nil {
		return err
	}
	var judge *classify.Model
	if test.Embedded {
		if judge, err = builtInClassifier(); err != nil {
			return err
		}
		if s.agreement, err = agree(judge, m, q, test, o.threads); err != nil {
			return err
		}
	}
	e, err := encoder.Open(int8Name(o.model), q)
	if err == nil {
		s.encoderScore, err = measureEncoder(m, q, e, judge, test, o.threads)
	} else if errors.Is(err, encoder.ErrNone) {
		c.warnf("%v", cured(err))
		err = nil
	}
	if err != nil {
		return err
	}
	runner := vae.NewRunner(m, o.threads, nil)
	l, err := measureLatentSpace(m, q, runner, test.Images)
	if err != nil {
		return err
	}
	if o.samples > 0 {
		l.IWAESamples = o.samples
		if l.IWAE, err = measureIWAE(runner, test, o.samples, c); err != nil {
			return err
		}
	}
	if o.json {
		return c.json(struct {
			score
			latentSpace
		}{s, l})
	}
	c.printf("%s, %s latent dimensions, on %s test images; figures for an image\n\n", o.model, comma(m.Latent), comma(s.Images))
	c.printf("-ELBO, float32       %9.2f nats\n", s.FloatELBO)
	c.printf("  reconstruction     %9.2f nats\n", s.FloatBCE)
	c.printf("  KL divergence      %9.2f nats\n", s.KL)
	if l.IWAE != nil {
		c.printf("with %-14s  %9.2f nats, importance-weighted\n", comma(l.IWAESamples)+" samples", *l.IWAE)
	}
	c.printf("-ELBO, int8          %9.2f nats\n", s.Int8ELBO)
	c.printf("  cost of int8       %9.3f nats\n", s.Int8Cost)
	c.printf("PSNR, int8 to float  %9.1f dB\n", s.Int8PSNR)
	c.printf("book's loss          %9.4f\n", s.BookLoss)
	if s.agreement != nil {
		c.printf("\n%v\n", s.agreement)
	}
	if s.encoderScore != nil {
		c.printf("\n%v\n", s.encoderScore)
	}
	c.printf("\nactive dimensions    %9d of %d\n", l.Active, m.Latent)
	c.printf("KL by dimension     %s nats\n", lines(l.KL, "                    "))
	c.printf("change between cells %9.2f grey levels of 255, at most %.2f, on a %d x %d grid by int8\n", l.Mean, l.Largest, finestSide, finestSide)
	return c.failed
}

// openOn opens a pair of models with the data set that they are to be looked at with, whose images
// must be of the size of theirs.
func openOn(name string, data *config) (m *vae.Model, q *model.Model, train, test *mnist.Set, err error) {
	if m, q, err = openPair(name); err != nil {
		return nil, nil, nil, nil, err
	}
	if train, test, err = data.load(); err == nil {
		err = checkImages(m, test)
	}
	return m, q, train, test, err
}

// checkImages reports images that are not of the size of the model's.
func checkImages(m *vae.Model, test *mnist.Set) error {
	if test.Shape() != m.Image {
		return fmt.Errorf("the test images are %s and the model's %s: name the data set it was trained on with --data", imageSize(test.Shape()), imageSize(m.Image))
	}
	return nil
}

// measureIWAE returns the mean of the importance-weighted bound, and tells how far it has come.
func measureIWAE(r *vae.Runner, test *mnist.Set, samples int, c *console) (*float64, error) {
	progress := c.progress(fmt.Sprintf("drawing %s samples an image", comma(samples)), test.N)
	mean := 0.0
	for _, bound := range r.ImportanceBound(test.Images, samples, evaluationSeed, progress) {
		mean += bound / float64(test.N)
	}
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return nil, errors.New("the importance-weighted bound is not finite")
	}
	return &mean, nil
}

// pairFiles are the files of a built-in model, in the repository, or of the one in the directory of
// a run: float32 and int8.
func pairFiles(name string) [2]string {
	if _, ok := pretrained.Weights(name); ok {
		return [2]string{filepath.Join(floatFolder, name+".safetensors"), filepath.Join(int8Folder, name+".safetensors")}
	}
	return [2]string{filepath.Join(name, floatFile), filepath.Join(name, int8File)}
}

// int8Name is what decoder.Open knows a model's decoder by.
func int8Name(name string) string {
	if _, ok := pretrained.Weights(name); ok {
		return name
	}
	return filepath.Join(name, int8File)
}

// openPair returns a built-in model or the one in the directory of a run, as float32 and as int8.
func openPair(name string) (*vae.Model, *model.Model, error) {
	if err := checkBackends(); err != nil {
		return nil, nil, err
	}
	floats, ok := pretrained.Weights(name)
	floatName, int8Name := name+", built in", int8Name(name)
	if !ok {
		var err error
		floatName = filepath.Join(name, floatFile)
		if floats, err = readFile(floatName, maxFile); err != nil {
			return nil, nil, fmt.Errorf("--model %s is no built-in model and no directory of a run: %w", name, err)
		}
	}
	m, concepts, err := parseFloat(floats)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: copy it again or train anew", floatName, err)
	}
	q, err := decoder.Open(int8Name)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: copy it again or train anew", err)
	}
	if q.Image != m.Image || q.Latent != m.Latent {
		return nil, nil, fmt.Errorf("%s makes images of %s from %d dimensions and %s %s from %d: both must be of one run",
			int8Name, imageSize(q.Image), q.Latent, floatName, imageSize(m.Image), m.Latent)
	}
	if its := q.Network(); !reflect.DeepEqual(its.Decoder, m.Network.Decoder) {
		return nil, nil, fmt.Errorf("%s and %s have other layers: both must be of one run", int8Name, floatName)
	}
	if !ofOneRun(concepts, q) || quantize.Agreement(q, m.Decoder) < 0.75 {
		return nil, nil, fmt.Errorf("%s and %s are not of one run, their concepts or weights differ: copy both from the same, or train anew", int8Name, floatName)
	}
	return m, q, nil
}

// ofOneRun says that concepts of a float32 model are those of an int8 one.
func ofOneRun(concepts []concept.Concept, q *model.Model) bool {
	if len(concepts) != len(q.Concepts) {
		return false
	}
	for _, c := range q.Concepts {
		i := slices.IndexFunc(concepts, func(f concept.Concept) bool { return f.Name == c.Name })
		if i < 0 {
			return false
		}
		for k, fixed := range q.FixedPoint(nil, concepts[i].Mean...) {
			// float32 may round to the other side
			if d := int(fixed) - int(c.Mean[k]); d < -1 || d > 1 {
				return false
			}
		}
	}
	return true
}
