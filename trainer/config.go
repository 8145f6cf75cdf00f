package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// config is what decides the result of a training run. Its JSON is part of run.json and of checkpoints.
type config struct {
	Epochs       int     `json:"epochs"`
	Batch        int     `json:"batch"`
	Latent       int     `json:"latent"`
	Loss         string  `json:"loss"`
	KLWeight     float64 `json:"kl_weight"`
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	Seed         uint64  `json:"seed"`
	Limit        int     `json:"limit"`
	TestLimit    int     `json:"test_limit"` // 0: as Limit
	Data         string  `json:"data"`       // directory; empty for the embedded digits

	Network string         `json:"network,omitempty"` // a preset or a file; empty for the book's
	Layers  *model.Network `json:"layers,omitempty"`  // what the file says
}

// bookNetwork is the network where none is named.
const bookNetwork = "book"

// options are a command line.
type options struct {
	config
	threads  int
	out      string
	resume   bool
	animated bool
	quick    bool
}

// quickly are the settings of --quick, for flags that are not given: enough for digits that can be told apart, in less than a minute on
// two cores. So few images teach more in many small steps, and a measurement of all test images would take a third of the time.
var quickly = []struct{ flag, value string }{{"epochs", "5"}, {"limit", "10500"}, {"test-limit", "2000"}, {"batch", "16"}}

// Flags that decide the result, so that a resumed run must not change them. --data is not among them: a directory may have
// moved, and the checkpoint knows the images themselves.
var configFlags = []string{"epochs", "batch", "latent", "loss", "kl-weight", "optimizer", "lr", "seed", "limit", "test-limit", "network"}

// defaultConfig are the settings where nothing else is said. Zeros follow from others.
var defaultConfig = config{Epochs: 10, Latent: 2, Loss: string(vae.LossELBO), KLWeight: 1, Seed: 1}

// flags makes the flags of the settings, whose defaults are as they are now.
func (c *config) flags(fs *flag.FlagSet) {
	fs.IntVar(&c.Epochs, "epochs", c.Epochs, "")
	fs.IntVar(&c.Batch, "batch", c.Batch, "")
	fs.IntVar(&c.Latent, "latent", c.Latent, "")
	fs.StringVar(&c.Loss, "loss", c.Loss, "")
	fs.Float64Var(&c.KLWeight, "kl-weight", c.KLWeight, "")
	fs.StringVar(&c.Optimizer, "optimizer", c.Optimizer, "")
	fs.Float64Var(&c.LearningRate, "lr", c.LearningRate, "")
	fs.Uint64Var(&c.Seed, "seed", c.Seed, "")
	fs.IntVar(&c.Limit, "limit", c.Limit, "")
	fs.IntVar(&c.TestLimit, "test-limit", c.TestLimit, "")
	fs.StringVar(&c.Data, "data", c.Data, "")
	fs.StringVar(&c.Network, "network", cmp.Or(c.Network, bookNetwork), "")
}

// value returns the setting that a flag stands for, as it is written.
func (c *config) value(name string) string {
	fs, same := flag.NewFlagSet("", flag.ContinueOnError), *c
	same.flags(fs)
	return fs.Lookup(name).DefValue
}

// parseTrain reads the command line of a training run.
func parseTrain(args []string) (o options, given map[string]bool, err error) {
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	o.config = defaultConfig
	o.flags(fs)
	fs.IntVar(&o.threads, "threads", 0, "")
	fs.StringVar(&o.out, "out", "out", "")
	fs.BoolVar(&o.resume, "resume", false, "")
	fs.BoolVar(&o.animated, "animate", false, "")
	fs.BoolVar(&o.quick, "quick", false, "")
	if given, err = parse(fs, args); err != nil {
		return o, nil, err
	}
	if o.quick && o.resume {
		return o, nil, usageErrorf("--quick conflicts with --resume: a run that is continued keeps its settings, leave --quick out")
	}
	if o.quick {
		for _, q := range quickly {
			if given[q.flag] {
				continue
			}
			if err := fs.Set(q.flag, q.value); err != nil {
				return o, nil, err
			}
			given[q.flag] = true
		}
	}
	if !given["optimizer"] {
		o.Optimizer = nn.DefaultAdam.Name()
		if o.Loss == string(vae.LossBook) {
			o.Optimizer = nn.DefaultRMSprop.Name()
		}
	}
	if !given["batch"] {
		o.Batch = 32
		if o.Loss == string(vae.LossBook) {
			o.Batch = 16
		}
	}
	if !given["lr"] {
		o.LearningRate = 1e-3
		if o.Loss == string(vae.LossELBO) && o.Optimizer == nn.DefaultAdam.Name() {
			o.LearningRate = 2e-3
			if o.quick {
				o.LearningRate = 3e-3
			}
		}
	}
	if o.Network == bookNetwork {
		o.Network = ""
	}
	if !given["latent"] && o.networkFile() {
		o.Latent = 0 // the file says
	}
	return o, given, o.validate()
}

// Limits of settings. vae.Config has its own, about the network.
const (
	maxEpochs = 10000
	maxBatch  = 1 << 14
	maxSteps  = 1 << 24 // what a checkpoint can count
	maxLatent = 512     // means and logarithms of variances are the channels of one int8 layer
)

func (c *config) validate() error {
	switch {
	case c.Epochs < 1 || c.Epochs > maxEpochs:
		return usageErrorf("--epochs %d: must be 1 to %d", c.Epochs, maxEpochs)
	case c.Batch < 1 || c.Batch > maxBatch:
		return usageErrorf("--batch %d: must be 1 to %d", c.Batch, maxBatch)
	case c.Latent == 0 && c.networkFile() && c.Layers == nil: // until the file is read
	case c.Latent < 2 || c.Latent > maxLatent:
		return usageErrorf("--latent %d: must be 2 to %d", c.Latent, maxLatent)
	case c.Loss != string(vae.LossELBO) && c.Loss != string(vae.LossBook):
		return usageErrorf("--loss %q: must be elbo or book", c.Loss)
	case !(c.KLWeight >= 0 && c.KLWeight <= 1e6):
		return usageErrorf("--kl-weight %v: must be 0 to 1e6", c.KLWeight)
	case c.optimizer() == nil:
		return usageErrorf("--optimizer %q: must be adam or rmsprop", c.Optimizer)
	case !(c.LearningRate >= 1e-8 && c.LearningRate <= 10):
		return usageErrorf("--lr %v: must be 1e-8 to 10", c.LearningRate)
	case c.Limit < 0:
		return usageErrorf("--limit %d: must be 1 or more, or 0 for all images", c.Limit)
	case c.TestLimit < 0:
		return usageErrorf("--test-limit %d: must be 1 or more, or 0 for as many as --limit", c.TestLimit)
	}
	return nil
}

func (c *config) optimizer() nn.Optimizer {
	switch c.Optimizer {
	case nn.DefaultAdam.Name():
		return nn.DefaultAdam
	case nn.DefaultRMSprop.Name():
		return nn.DefaultRMSprop
	}
	return nil
}

// schedule is that of the learning rate in a run of that many steps.
func (c *config) schedule(steps int) nn.Schedule {
	return nn.Schedule{Peak: c.LearningRate, Warmup: warmup(steps), Total: steps}
}

// warmup is how many steps of a run its learning rate rises in: a tenth of a long one and more of a short one, because the first steps of
// Adam are the same size however few there are.
func warmup(steps int) int { return min(max(steps/10, min(steps/2, 50)), 100) }

// klWeight is the factor of the KL term at a step, the first being 1, of a run of that many. With the ELBO it rises to its value over
// the first three tenths of them (Bowman et al., 2016): from the start, before codes mean anything, its pull toward the prior would drive the
// units of the encoder's dense layer to where their ReLUs are dead, and would settle which digits lie side by side too early. The
// book's loss has its weight from the start, as in the book.
func (c *config) klWeight(step, steps int) float64 {
	if c.Loss == string(vae.LossBook) {
		return c.KLWeight
	}
	const rise = 0.3
	return c.KLWeight * min(1, float64(step)/float64(steps)/rise)
}

// roundoff is the noise that prepares the decoder for int8: for the whole of the ELBO, whose KL term keeps codes together. With less of it a
// few codes, and so activations, lie so far beyond the others that these would drown in a noise that is a share of the largest. The book's
// loss is trained as in the book. And a run of few steps, in which activations do not grow so far, learns more without.
func (c *config) roundoff(steps int) float64 {
	if c.Loss != string(vae.LossELBO) || c.KLWeight < 1 || steps < 10_000 {
		return 0
	}
	return vae.DefaultRoundoff
}

// networkFile says that the network is a file's.
func (c *config) networkFile() bool { return !slices.Contains(model.PresetNames(), c.value("network")) }

// readNetwork reads the network's file, if it is one, for images of a data set, and takes the number of latent dimensions from it.
func (c *config) readNetwork(image [3]int) error {
	if !c.networkFile() {
		return nil
	}
	data, err := readFile(c.Network)
	if errors.Is(err, fs.ErrNotExist) {
		return usageErrorf("--network %s is neither a file nor %s: %v", c.Network, strings.Join(model.PresetNames(), ", "), err)
	}
	if err != nil {
		return fmt.Errorf("--network: %w", err)
	}
	n, err := model.ParseNetwork(data, image, c.Latent)
	if err != nil {
		return fmt.Errorf("--network %s: %w", c.Network, err)
	}
	c.Layers, c.Latent = &n, n.Latent
	return c.validate()
}

// describe describes the network for images of that shape.
func (c *config) describe(image [3]int) (v vae.Config, err error) {
	v = vae.Config{Loss: vae.Loss(c.Loss), KLWeight: c.KLWeight}
	if c.Layers != nil {
		if v.Network = *c.Layers; v.Image != image || v.Latent != c.Latent {
			err = fmt.Errorf("the network is for images of %s and %d latent dimensions, not %s and %d", imageSize(v.Image), v.Latent, imageSize(image), c.Latent)
		}
	} else {
		v.Network, err = model.Preset(c.value("network"), image, c.Latent)
	}
	if err != nil {
		return v, err
	}
	return v, v.Validate()
}

// load reads the data set, or as much of it as the limit says.
func (c *config) load() (train, test *mnist.Set, err error) {
	if c.Data == "" {
		train, test, err = mnist.Embedded()
	} else {
		train, test, err = mnist.Load(c.Data)
	}
	if err != nil {
		return nil, nil, err
	}
	if c.Limit > 0 {
		train = train.First(c.Limit)
	}
	if n := cmp.Or(c.TestLimit, c.Limit); n > 0 {
		test = test.First(n)
	}
	return train, test, nil
}
