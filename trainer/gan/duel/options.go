package duel

import (
	"cmp"
	"image"
	"maps"
	"path/filepath"

	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/gan"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
)

// Files of a run, in its folder, beside the weights.
const (
	samplesFile  = "samples.png"
	manifoldFile = "manifold.png"
	sheetFile    = "int8.png"
	lossFile     = "loss.png"
	recordFile   = folder.GAN
	pageFile     = "index.html"
)

var resultFiles = []string{pair.FloatFile, pair.Int8File, samplesFile, manifoldFile, sheetFile, lossFile, recordFile, pageFile}

// Defaults of the settings, which have been found to suit digits: see docs/gan.md.
const (
	defaultEpochs, defaultBatch, defaultLatent = 8, 32, 16
	defaultRate                                = 1e-3
)

// Options say what is trained, and how.
type Options struct {
	// Config has the epochs, the batch, the latent dimensions, the learning rate, the seed and the
	// data of the run; the rest is not for it.
	run.Config
	Out     string // the folder of the run
	Threads int    // 0: one per core
	Resume  bool   // the run whose checkpoint is in the folder
	Points  int    // at which the int8 generator learns; 0 is 20,000

	// Said are the settings that the user of the run has given, by their names: a run that is
	// resumed must agree with them, and brings the others with it.
	Said  map[string]bool
	Again string             // the command line that continues the run after an interruption
	Show  string             // the one that shows its model
	Cures map[Trouble]string // what its user can do about what goes wrong
}

// settings are those that decide the result, by their names.
func settings(c *run.Config) map[string]any {
	all := c.Values()
	values := map[string]any{}
	for _, name := range []string{"epochs", "batch", "latent", "lr", "seed", "limit", "test-limit"} {
		values[name] = all[name]
	}
	return values
}

// complete fills in what was left open.
func (o *Options) complete() {
	o.Epochs, o.Batch, o.Latent = cmp.Or(o.Epochs, defaultEpochs), cmp.Or(o.Batch, defaultBatch), cmp.Or(o.Latent, defaultLatent)
	o.LearningRate = cmp.Or(o.LearningRate, defaultRate)
}

// A match is one run.
type match struct {
	Options
	console     *console.Console
	interrupted func() bool

	train, test *dataset.Set
	dataHash    string
	model       *gan.Model
	trainer     *gan.Trainer
	gauge       *gauge
	told        map[Trouble]bool
	progress
}

// progress is what a checkpoint carries beside the state of the trainer.
type progress struct {
	Done    []Epoch `json:"epochs"`  // those that are done
	Sums    sums    `json:"sums"`    // over the images of the epoch under way
	Seconds float64 `json:"seconds"` // that it has taken so far
}

// sums are those of gan.Stats, each times its images.
type sums struct {
	Critic    float64 `json:"critic"`
	Generator float64 `json:"generator"`
	Images    float64 `json:"images"`
	Drawn     float64 `json:"drawn"`
	Gap       float64 `json:"gap"`
}

func (s *sums) add(of gan.Stats, weight float64) {
	s.Critic += weight * of.Critic
	s.Generator += weight * of.Generator
	s.Images += weight * of.Images
	s.Drawn += weight * of.Drawn
	s.Gap += weight * of.Gap
}

func (s sums) over(n float64) sums {
	return sums{s.Critic / n, s.Generator / n, s.Images / n, s.Drawn / n, s.Gap / n}
}

func (m *match) path(name string) string { return filepath.Join(m.Out, name) }

// perEpoch is the number of steps of an epoch. Images that do not fill a batch are left to the next
// epoch, which has others in that place.
func (m *match) perEpoch() int { return max(m.train.N/m.Batch, 1) }

func (m *match) steps() int { return m.Epochs * m.perEpoch() }

// early is how many steps a generator is given before its classes count.
const early = 3000

// troubles are what is wrong after an epoch. What may only be early is named when all is over.
func (m *match) troubles(e Epoch) (ts []Trouble) {
	for _, t := range troubles(e) {
		switch {
		case t != Uneven && t != Collapse || e.Epoch*m.perEpoch() >= early:
			ts = append(ts, t)
		case e.Epoch == m.Epochs:
			ts = append(ts, TooShort)
		}
	}
	return ts
}

// dataName names the data set for people.
func (m *match) dataName() string {
	if m.train.Embedded {
		return "MNIST, built in"
	}
	return m.Data
}

func (m *match) draw(name string, p image.Image) error { return picture.WriteFile(m.path(name), p) }

// Trains reports whether a run with these options has the settings and the data of c.
func (o Options) Trains(c run.Config) bool {
	o.complete()
	return maps.Equal(settings(&o.Config), settings(&c)) && o.Data == c.Data
}
