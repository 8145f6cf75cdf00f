package run

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// openCheckpoint reads the checkpoint that is to be resumed from and takes its configuration, or
// makes sure that there is none that a new run would destroy.
func (r *run) openCheckpoint() (*checkpoint, error) {
	path := r.path(CheckpointFile)
	saved, err := readCheckpoint(path)
	switch {
	case !r.Resume && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, weights.ErrOtherKind):
		return nil, fmt.Errorf("%w: choose another folder", err)
	case !r.Resume && err != nil:
		return nil, fmt.Errorf("%w: delete it to train anew", err)
	case !r.Resume:
		return nil, fmt.Errorf("%s is of %w (%d of %d epochs)", path, ErrUnfinished, len(saved.Done), saved.Config.Epochs)
	case errors.Is(err, fs.ErrNotExist):
		if saved, err = r.continued(); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("%w: it cannot be resumed from, delete it to train anew", err)
	}
	its := saved.Config.Values()
	my := r.Values()
	for _, name := range slices.Sorted(maps.Keys(my)) {
		mine := my[name]
		if name == "network" && r.ownNetwork() && saved.Config.ownNetwork() {
			continue // whatever its name, if its layers are the same
		}
		if r.Said[name] && mine != its[name] {
			return nil, &ConflictError{name, mine, its[name]}
		}
	}
	if r.Said["network"] && r.ownNetwork() {
		begun := saved.Config
		begun.Network = r.Network
		if err := begun.readNetwork(saved.Config.Layers.Image); err != nil {
			return nil, fmt.Errorf("%w; to go on with the layers that the run began with, name no network", err)
		}
		if !reflect.DeepEqual(begun.Layers, saved.Config.Layers) {
			return nil, &ConflictError{"network", r.Network, nil}
		}
	}
	data := saved.Config.Data
	if r.Said["data"] {
		data = r.Data
	}
	r.Config = saved.Config
	r.Data = data
	r.Name = saved.Name
	r.Animated = r.Animated || saved.Animated
	return saved, nil
}

// glance returns the test images that are looked at after every epoch: all of MNIST's, and of
// larger pictures, which would take a tenth of the time of training, some from all parts of the
// set.
func glance(test *dataset.Set) []byte {
	const most, least = 1 << 23, 500 // bytes, and images
	n := min(test.N, max(most/len(test.Image(0)), least))
	if n == test.N {
		return test.Images
	}
	images := make([]byte, 0, n*len(test.Image(0)))
	for i := range n {
		images = append(images, test.Image(i*test.N/n)...)
	}
	return images
}

// prepare loads the data and makes the model and what trains it, from the checkpoint if there is
// one.
func (r *run) prepare(saved *checkpoint) (err error) {
	if r.train, r.test, err = r.Load(Loading{r.console, r.Threads, r.interrupted}); err != nil {
		return err
	}
	r.glanced = glance(r.test)
	r.dataHash = DataHash(r.train, r.test)
	if saved != nil && saved.DataHash != r.dataHash {
		return fmt.Errorf("%s: %w", r.Out, ErrOtherImages)
	}
	if saved == nil {
		r.Epochs = cmp.Or(r.Epochs, colourEpochs(r.train.N))
		if err := r.readNetwork(r.train.Shape()); err != nil {
			return err
		}
	}
	if r.Name == "" {
		r.Name = modelName(r.train, r.Latent)
	}
	if r.steps() > maxSteps {
		return &SettingError{"epochs", fmt.Sprint(r.Epochs), fmt.Errorf("in batches of %d they are %d steps, at most %d can be counted: make the batches larger", r.Batch, r.steps(), maxSteps)}
	}
	description, err := r.describe(r.train.Shape())
	if err == nil {
		err = r.checkSize(description)
	}
	if err != nil {
		switch {
		case r.ownNetwork():
			err = &SettingError{"network", r.Network, err}
		case r.Data != "":
			err = &SettingError{"data", r.Data, err}
		}
		return err
	}
	if r.model, err = vae.New(description, r.Seed); err != nil {
		return err
	}
	schedule := r.schedule(r.steps())
	if saved != nil {
		schedule.From = saved.From * r.perEpoch()
	}
	r.trainer, err = vae.NewTrainer(r.model, vae.Options{
		Batch: min(r.Batch, r.train.N), Threads: r.Threads, Seed: r.Seed,
		Optimizer: r.optimizer(), Schedule: schedule, QuantizationNoise: r.quantizationNoise(r.steps()),
		WeightRange: r.weightRange(), Mirror: r.Mirror == yes,
	})
	if err != nil {
		return err
	}
	r.runner = vae.NewRunner(r.model, r.Threads, nil)
	if saved == nil {
		return nil
	}
	r.progress = saved.progress
	if saved.weights != nil {
		if err := saved.takeUp(r.model, r.trainer, schedule.From); err != nil {
			return fmt.Errorf("%s: %w", r.path(pair.FloatFile), err)
		}
	} else if err := saved.restore(r.model, r.trainer); err != nil {
		return fmt.Errorf("%s: %w: it cannot be resumed from, delete it to train anew", r.path(CheckpointFile), err)
	}
	if n, first := r.trainer.StepNumber(), min(len(r.Done)*r.perEpoch(), r.steps()); n < first || n > min(first+r.perEpoch(), r.steps()) {
		return fmt.Errorf("%s: step %d does not belong to epoch %d", r.path(CheckpointFile), n, len(r.Done)+1)
	}
	if saved.Sgemm != sgemm.Best().String() {
		r.console.Warnf("the run began with matrix kernels %s and goes on with %s: weights may differ in their last bits", saved.Sgemm, sgemm.Best())
	}
	return nil
}

// DataHash is the SHA-256 of the images and labels of sets, by which a checkpoint knows them.
func DataHash(sets ...*dataset.Set) string {
	sum := sha256.New()
	for _, s := range sets {
		fmt.Fprintf(sum, "%d %d %d %d\n", s.N, s.Height, s.Width, s.Channels)
		sum.Write(s.Images)
		sum.Write(s.Labels)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// maxMemory bounds what the weights may take in a run, in bytes, and what the images of a batch
// may.
const maxMemory = 8 << 30

// How often the weights are there at the same time when int8 is learnt: with the gradients of the
// lanes, their moments, and their grids.
const encoderCopies, decoderCopies = 28, 40

// checkSize reports a run that would come to its end only to find its files too large, or that
// would take all memory before.
func (r *run) checkSize(c vae.Config) error {
	cure := "take fewer latent dimensions or smaller images"
	if r.ownNetwork() {
		cure = "give its layers fewer channels"
	}
	if bytes := 4 * c.Weights() * (1 + len(r.optimizer().Slots())); bytes > pair.MaxFile {
		return fmt.Errorf("images of %s with %d latent dimensions need a checkpoint of %d MB, the most is %d: %s",
			plain.ImageSize(c.Image), c.Latent, bytes>>20, pair.MaxFile>>20, cure)
	}
	if bytes := 4 * (encoderCopies*c.Encoder.Weights(c.Image) + decoderCopies*c.Decoder.Weights(c.Point())); bytes > maxMemory {
		return fmt.Errorf("the %d million weights for images of %s with %d latent dimensions need %d MB of memory, the most is %d: %s",
			c.Weights()/1_000_000, plain.ImageSize(c.Image), c.Latent, bytes>>20, maxMemory>>20, cure)
	}
	batch := min(r.Batch, r.train.N)
	kept, _ := c.KeptPerImage()
	if bytes := 4 * batch * kept; bytes > maxMemory {
		return fmt.Errorf("a batch of %d images of %s needs %d MB of memory, the most is %d: make it smaller",
			batch, plain.ImageSize(c.Image), bytes>>20, maxMemory>>20)
	}
	return nil
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// modelName makes up a name that the int8 file allows.
func modelName(s *dataset.Set, latent int) string {
	base := notInName.ReplaceAllString(strings.ToLower(s.Name), "-")
	base = strings.Trim(base[:min(len(base), 48)], "-")
	return fmt.Sprintf("%s-%d", cmp.Or(base, "vae"), latent)
}
