package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/edits"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// eval is the command that measures.
func eval(o *options, c *console.Console) error {
	p, train, test, err := openOn(o, c)
	if err != nil {
		return err
	}
	m, q := p.Float, p.Int8
	if o.samples > 0 && m.KLWeight == 0 {
		return fmt.Errorf("--iwae: %s is a classical autoencoder, which has no posterior to draw samples from", o.model)
	}
	toward, err := aims(o, p, test)
	if err != nil {
		return err
	}
	s, err := measure.Pair(m, q, test.Images, o.threads)
	if err != nil {
		return err
	}
	var classifier *classify.Model
	if test.Embedded {
		if classifier, err = measure.Classifier(); err != nil {
			return err
		}
		if s.Agreement, err = measure.Agree(classifier, m, q, test, o.threads); err != nil {
			return err
		}
	}
	e, err := encoder.Open(pair.Decoder(o.model), q)
	if err == nil {
		s.EncoderScore, err = measure.Encoder(m, q, e, classifier, test, o.threads)
	} else if errors.Is(err, encoder.ErrNone) {
		c.Warnf("%v", cured(err))
		err = nil
	}
	if err != nil {
		return err
	}
	runner := vae.NewRunner(m, o.threads, nil)
	l, err := measure.Latent(m, q, runner, test.Images)
	if err != nil {
		return err
	}
	if o.samples > 0 {
		l.IWAESamples = o.samples
		progress := c.Progress(fmt.Sprintf("drawing %s samples an image", plain.Comma(o.samples)), test.N)
		if l.IWAE, err = measure.ImportanceBound(runner, test, o.samples, progress); err != nil {
			return err
		}
	}
	var edited *edits.Figures
	if edited, err = measureEdits(o, c, p, train, test, toward); err != nil {
		return err
	}
	if o.json {
		return c.JSON(struct {
			measure.Score
			measure.LatentSpace
			Edits *edits.Figures `json:"edited,omitempty"`
		}{s, l, edited})
	}
	c.Printf("%s", measure.Report{Model: o.model, Dims: m.Latent, Score: s, LatentSpace: l})
	if edited != nil {
		c.Printf("\n%v", edited)
	}
	c.Printf("\nless -ELBO is better; docs/glossary.md explains the words\n")
	return c.Err()
}

// editable says whether edits of test images toward attributes can be measured.
func editable(p *pair.Pair, test *dataset.Set) bool {
	return len(test.Attributes) > 0 && len(p.Int8.Concepts) > 0 && !p.Int8.Exclusive()
}

// aims are the attributes that --toward names.
func aims(o *options, p *pair.Pair, test *dataset.Set) ([]string, error) {
	toward := strings.FieldsFunc(o.toward, func(r rune) bool { return r == ',' })
	if len(toward) > 0 && !editable(p, test) {
		return nil, cli.Usagef("--toward: edits are measured of a model and data with attributes, such as --data faces")
	}
	for _, name := range toward {
		if _, err := p.Int8.ConceptIndex(name); err != nil {
			return nil, cli.Usagef("--toward: %w", err)
		}
	}
	return toward, nil
}

// measureEdits measures edits toward attributes. It returns nil without any that the model knows.
func measureEdits(o *options, c *console.Console, p *pair.Pair, train, test *dataset.Set, toward []string) (*edits.Figures, error) {
	if !editable(p, test) {
		return nil, nil
	}
	options := edits.Options{Toward: toward, Amount: o.amount, Threads: o.threads, Progress: c.Progress}
	if o.dataOfModel() == named.Faces {
		options.Face, options.FaceWith = named.TestFace, named.TestFaceWith
	}
	b, err := edits.NewBench(p, train, test, options)
	if err != nil {
		return nil, err
	}
	figures := b.Measure()
	if options.Face != nil && o.factors > 0 {
		figures.Factors = b.Factors(o.factors)
	}
	return figures, nil
}

// dataOfModel is the data set to look at a model with: the one that is asked for, or else that of a
// built-in model.
func (o *options) dataOfModel() string {
	if b, ok := findBuiltIn(o.model); ok && !o.line.Has("data") {
		return b.data
	}
	return o.Data
}

// openOn opens a pair of models with the data set that they are to be looked at with, whose images
// must be of the size of theirs.
func openOn(o *options, c *console.Console) (p *pair.Pair, train, test *dataset.Set, err error) {
	if p, err = pair.Open(o.model); err != nil {
		return nil, nil, nil, err
	}
	its := o.Config
	its.Data = o.dataOfModel()
	if train, test, err = its.Load(run.Loading{Console: c, Threads: o.threads}); err == nil {
		err = checkImages(p.Float, test)
	}
	return p, train, test, err
}

// checkImages reports images that are not of the size of the model's.
func checkImages(m *vae.Model, test *dataset.Set) error {
	if test.Shape() != m.Image {
		return fmt.Errorf("the test images are %s and the model's %s: name the data set it was trained on with --data", plain.ImageSize(test.Shape()), plain.ImageSize(m.Image))
	}
	return nil
}
