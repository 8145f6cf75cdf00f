package run

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Config is what decides the result of a training run. Its JSON is part of run.json and of
// checkpoints.
type Config struct {
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
	Data         string  `json:"data"`       // see Load; empty for the embedded digits

	Attributes string `json:"attributes,omitempty"` // with commas between; empty for all
	Crop       int    `json:"crop,omitempty"`       // of CelebA's pictures; 0 is the usual one
	Mirror     string `json:"mirror,omitempty"`     // yes or no: half of the images mirrored

	Network string         `json:"network,omitempty"` // a preset or a file; empty for the book's
	Layers  *model.Network `json:"layers,omitempty"`  // what the file says
}

// BookNetwork is the network where none is named, FacesNetwork that of faces.
const (
	BookNetwork  = "book"
	FacesNetwork = "faces"
)

// Values are the settings that decide the result, by their names, so that a resumed run must not
// change them. The folder of the data is not among them: it may have moved, and the checkpoint
// knows the images themselves.
func (c *Config) Values() map[string]any {
	return map[string]any{
		"epochs": c.Epochs, "batch": c.Batch, "latent": c.Latent, "loss": c.Loss, "kl-weight": c.KLWeight, "optimizer": c.Optimizer,
		"lr": c.LearningRate, "seed": c.Seed, "limit": c.Limit, "test-limit": c.TestLimit, "network": cmp.Or(c.Network, BookNetwork),
		"mirror": cmp.Or(c.Mirror, no),
	}
}

// Limits of settings. vae.Config has its own, about the network.
const (
	maxSteps      = 1 << 24 // what a checkpoint can count
	maxEpochs     = 2000    // the description of so many fits a checkpoint
	maxNetwork    = 1 << 20 // bytes of a file
	maxLatent     = 512     // means and logarithms of variances are the channels of one int8 layer
	maxImages     = 1 << 30
	defaultLatent = 2
	facesLatent   = 64
)

// settings has for each setting, and for the folder of the data, the function that sets it.
var settings = map[string]func(c *Config, value string) error{
	"epochs":    cli.Whole(func(c *Config) *int { return &c.Epochs }, 1, maxEpochs),
	"batch":     cli.Whole(func(c *Config) *int { return &c.Batch }, 1, 1<<14),
	"latent":    cli.Whole(func(c *Config) *int { return &c.Latent }, 2, maxLatent),
	"loss":      cli.Choice(func(c *Config) *string { return &c.Loss }, string(vae.LossELBO), string(vae.LossBook), string(vae.LossSigma)),
	"kl-weight": cli.Real(func(c *Config) *float64 { return &c.KLWeight }, 0, 1e6),
	"optimizer": cli.Choice(func(c *Config) *string { return &c.Optimizer }, nn.DefaultAdam.Name(), nn.DefaultRMSprop.Name()),
	"lr":        cli.Real(func(c *Config) *float64 { return &c.LearningRate }, 1e-8, 10),
	"seed": func(c *Config, v string) (err error) {
		if c.Seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			return errors.New("want a whole number from 0 to 2^64-1")
		}
		return nil
	},
	"limit":      cli.Whole(func(c *Config) *int { return &c.Limit }, 0, maxImages),
	"test-limit": cli.Whole(func(c *Config) *int { return &c.TestLimit }, 0, maxImages),
	"network":    cli.Text(func(c *Config) *string { return &c.Network }),
	"data": func(c *Config, v string) error {
		err := cli.Text(func(c *Config) *string { return &c.Data })(c, v)
		if v == digits { // as without it
			c.Data = ""
		}
		return err
	},
	"attributes": cli.Text(func(c *Config) *string { return &c.Attributes }),
	"crop":       cli.Whole(func(c *Config) *int { return &c.Crop }, 1, celeba.Width),
	"mirror":     cli.Choice(func(c *Config) *string { return &c.Mirror }, yes, no),
}

// digits is what the built-in digits are called where others are the default.
const digits = "digits"

// What Mirror says.
const (
	yes = "yes"
	no  = "no"
)

// Set sets the setting of that name, one of those of [Config.Values] or of the data: "data",
// "attributes" and "crop". Its error says what is wanted.
func (c *Config) Set(name, value string) error {
	set, ok := settings[name]
	if !ok {
		return errors.New("there is no such setting")
	}
	return set(c, value)
}

// Complete fills in what was left open, but for the epochs of pictures of files, which follow from
// how many there are. quick raises the default learning rate of Adam with the ELBO.
func (c *Config) Complete(quick bool) {
	if named.InColour(c.Data) {
		c.Network = cmp.Or(c.Network, FacesNetwork)
		c.Loss = cmp.Or(c.Loss, string(vae.LossSigma))
		if named.Celeba(c.Data) {
			c.Mirror = cmp.Or(c.Mirror, yes)
		}
		if c.Data == named.Faces {
			c.Epochs = cmp.Or(c.Epochs, colourEpochs(min(cmp.Or(c.Limit, named.FacesTrain), named.FacesTrain)))
		}
	} else {
		c.Epochs = cmp.Or(c.Epochs, 10)
	}
	c.Loss = cmp.Or(c.Loss, string(vae.LossELBO))
	adam, rate, batch := nn.DefaultAdam.Name(), 1e-3, 32
	book := c.Loss == string(vae.LossBook)
	if book {
		batch = 16
	}
	if c.Optimizer == "" {
		if c.Optimizer = adam; book {
			c.Optimizer = nn.DefaultRMSprop.Name()
		}
	}
	if !book && c.Optimizer == adam {
		if rate = 2e-3; quick {
			rate = 3e-3
		}
	}
	c.Batch, c.LearningRate = cmp.Or(c.Batch, batch), cmp.Or(c.LearningRate, rate)
	if c.Network == BookNetwork {
		c.Network = ""
	}
	if c.Latent == 0 && !c.ownNetwork() {
		if c.Latent = defaultLatent; c.Network == FacesNetwork {
			c.Latent = facesLatent
		}
	}
}

// Validate reports the first setting that is out of range.
func (c *Config) Validate() error {
	values := c.Values()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name == "latent" && c.Latent == 0 && c.ownNetwork() && c.Layers == nil {
			continue // until the file is read
		}
		if err := new(Config).Set(name, fmt.Sprint(values[name])); err != nil {
			return &SettingError{name, fmt.Sprint(values[name]), err}
		}
	}
	return nil
}

func (c *Config) optimizer() nn.Optimizer {
	switch c.Optimizer {
	case nn.DefaultAdam.Name():
		return nn.DefaultAdam
	case nn.DefaultRMSprop.Name():
		return nn.DefaultRMSprop
	}
	return nil
}

// schedule is that of the learning rate in a run of that many steps.
func (c *Config) schedule(steps int) nn.Schedule {
	return nn.Schedule{Peak: c.LearningRate, Warmup: warmup(steps), Total: steps}
}

// warmup is how many steps of a run its learning rate rises in: a tenth of a long one and more of a
// short one, because the first steps of Adam are the same size however few there are.
func warmup(steps int) int { return min(max(steps/10, min(steps/2, 50)), 100) }

// klWeight is the factor of the KL term at a step, the first being 1, of a run of that many. With
// the ELBO it rises to its value over the first three tenths of them (Bowman et al., 2016): from
// the start, before codes mean anything, its pull toward the prior would drive the units of the
// encoder's dense layer to where their ReLUs are dead, and would settle which digits lie side by
// side too early. The book's loss has its weight from the start, as in the book.
func (c *Config) klWeight(step, steps int) float64 {
	if c.Loss == string(vae.LossBook) {
		return c.KLWeight
	}
	const rise = 0.3
	return c.KLWeight * min(1, float64(step)/float64(steps)/rise)
}

// preparable says that training can prepare the decoder for int8: with the whole of the KL term,
// which keeps codes together. With less of it a few codes, and so activations, lie so far beyond
// the others that these would drown in a noise that is a share of the largest. The book's loss is
// trained as in the book.
func (c *Config) preparable() bool {
	return c.Loss != string(vae.LossBook) && c.KLWeight >= 1 && (c.Layers == nil || vae.Noisable(*c.Layers))
}

// quantizationNoise is the noise that prepares activations. With the ELBO a run of few steps, in
// which they do not grow so far, learns more without.
func (c *Config) quantizationNoise(steps int) float64 {
	switch {
	case !c.preparable():
		return 0
	case c.Loss == string(vae.LossSigma):
		return vae.SigmaQuantizationNoise
	case steps < 10_000:
		return 0
	}
	return vae.DefaultQuantizationNoise
}

// weightRange is what prepares weights. Those of digits lose nothing without it.
func (c *Config) weightRange() float64 {
	if c.Loss == string(vae.LossSigma) && c.preparable() {
		return vae.SigmaWeightRange
	}
	return 0
}

// int8Rate is the factor of the learning rates of the int8 decoder: weights that were prepared need
// to learn little.
func (c *Config) int8Rate() float64 {
	if c.weightRange() > 0 {
		return 0.15
	}
	return 1
}

// colourEpochs is how often pictures in colour are learnt from, if there are so many: until they
// have been 400,000.
func colourEpochs(images int) int { return min(max(400_000/images, 10), 100) }

// ownNetwork says that the network is a file's.
func (c *Config) ownNetwork() bool {
	return !slices.Contains(model.PresetNames(), cmp.Or(c.Network, BookNetwork))
}

// readNetwork reads the network's file, if it is one, for images of a data set, and takes the
// number of latent dimensions from it.
func (c *Config) readNetwork(image [3]int) error {
	if !c.ownNetwork() {
		return nil
	}
	data, err := regular.Read(c.Network, maxNetwork)
	if errors.Is(err, fs.ErrNotExist) {
		return &SettingError{"network", c.Network, fmt.Errorf("it is neither a file nor one of %s: %w", strings.Join(model.PresetNames(), ", "), err)}
	}
	if err != nil {
		return &SettingError{"network", c.Network, err}
	}
	n, err := model.ParseNetwork(data, image, c.Latent)
	if errors.Is(err, model.ErrNoLatent) {
		n, err = model.ParseNetwork(data, image, defaultLatent)
	}
	if err != nil {
		return &SettingError{"network", c.Network, err}
	}
	if n.Latent < 2 || n.Latent > maxLatent {
		return &SettingError{"network", c.Network, fmt.Errorf("%d latent dimensions: want 2 to %d", n.Latent, maxLatent)}
	}
	c.Layers, c.Latent = &n, n.Latent
	return nil
}

// describe describes the network for images of that shape.
func (c *Config) describe(image [3]int) (v vae.Config, err error) {
	v = vae.Config{Loss: vae.Loss(c.Loss), KLWeight: c.KLWeight}
	if c.Layers != nil {
		if v.Network = *c.Layers; v.Image != image || v.Latent != c.Latent {
			err = fmt.Errorf("the network is for images of %s and %d latent dimensions, not %s and %d", plain.ImageSize(v.Image), v.Latent, plain.ImageSize(image), c.Latent)
		}
	} else {
		v.Network, err = model.Preset(cmp.Or(c.Network, BookNetwork), image, c.Latent)
	}
	if err != nil {
		return v, err
	}
	return v, v.Validate()
}

// A SettingError is a setting that makes no sense with the rest.
type SettingError struct {
	Setting, Value string
	Err            error
}

// Error names the setting.
func (e *SettingError) Error() string { return fmt.Sprintf("%s %s: %v", e.Setting, e.Value, e.Err) }

// Unwrap returns the error that says why.
func (e *SettingError) Unwrap() error { return e.Err }
