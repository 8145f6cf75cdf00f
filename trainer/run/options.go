package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/klauspost/cpuid/v2"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Files of a run, in its folder, beside those of the pair of models.
const (
	manifoldFile        = "manifold.png"
	samplesFile         = "samples.png"
	reconstructionsFile = "reconstructions.png"
	latentFile          = "latent.png"
	lossFile            = "loss.png"
	RecordFile          = folder.Autoencoder // of JSON; config is the run's Config
	pageFile            = "index.html"
	CheckpointFile      = folder.Checkpoint
	animationFile       = "training.gif"
)

// ResultFiles are what every run writes.
var ResultFiles = []string{pair.FloatFile, pair.Int8File, encoder.File, manifoldFile, samplesFile, reconstructionsFile, latentFile, lossFile, RecordFile, pageFile}

// Options say what is trained, and how.
type Options struct {
	Config
	Out      string // the folder of the run
	Threads  int    // 0: one per core
	Resume   bool   // the run whose checkpoint is in the folder
	Animated bool
	Quick    bool // the settings are those of a first look, which is said

	// Said are the settings that the user of the run has given, by the names of [Config.Values] and
	// "data": a run that is resumed must agree with them, and brings the others with it.
	Said map[string]bool

	Name       string          // of the int8 model; empty: made up from the data's
	Classifier *classify.Model // of the digits; nil: the built-in one
	Again      string          // the command line that continues the run after an interruption
	Wake       string          // what its user can do about latent points that say nothing

	// FillPage adds to the page of a run what the run does not know: the commands that go on from
	// it, what its settings mean, and whether its weights are those of a built-in model. It may be
	// nil.
	FillPage func(page *report.Run, c Config)
}

// Errors of a run. The first ends one that was interrupted, which has written a checkpoint and said
// how to go on.
var (
	ErrInterrupted = errors.New("interrupted")
	ErrUnfinished  = errors.New("a run that is not done")
	ErrOtherImages = errors.New("the images are not those that the run began with")
)

// A ConflictError is a setting that is not what the run began with.
type ConflictError struct {
	Setting   string
	Mine, Its any // Its is nil where the layers of two files of networks differ
}

// Error says what differs.
func (e *ConflictError) Error() string {
	if e.Its == nil {
		return fmt.Sprintf("%s %v: its layers are not those that the run began with", e.Setting, e.Mine)
	}
	return fmt.Sprintf("%s %v: the run began with %v", e.Setting, e.Mine, e.Its)
}

// A run is one run of the trainer.
type run struct {
	Options     // one that is resumed takes Config, Name and Animated from its checkpoint
	console     *console.Console
	shown       show
	interrupted func() bool

	train, test *dataset.Set
	glanced     []byte // test images, see glance
	dataHash    string
	model       *vae.Model
	trainer     *vae.Trainer
	runner      *vae.Runner
	// Steps after which a frame of the animation is drawn; empty if it is not animated
	frames map[int]bool
	asleep bool // it has been said that latent points say nothing
	progress
}

func newRun(ctx context.Context, o Options, c *console.Console) *run {
	return &run{Options: o, console: c, interrupted: func() bool { return ctx.Err() != nil }}
}

func (r *run) path(name string) string { return filepath.Join(r.Out, name) }

func (r *run) cores() int { return cores(r.Threads) }

func cores(threads int) int {
	if threads > 0 {
		return threads
	}
	return runtime.GOMAXPROCS(0)
}

// perEpoch is the number of steps of an epoch; the last one may have fewer images.
func (r *run) perEpoch() int { return (r.train.N + r.Batch - 1) / r.Batch }

// steps is the number of steps that train the float32 model. The second half of the last epoch is
// left for the int8 decoder.
func (r *run) steps() int { return r.Epochs*r.perEpoch() - r.perEpoch()/2 }

// int8Images are the images that the int8 decoder learns from: the rest of the last epoch, or all
// where an epoch is a single step.
func (r *run) int8Images() []int {
	order := random.Permutation(r.Seed, r.Epochs-1, r.train.N)
	if first := r.epochImages(r.Epochs - 1); first < len(order) {
		return order[first:]
	}
	return order
}

// epochImages is the number of images that train the float32 model in an epoch, the first being 0.
func (r *run) epochImages(epoch int) int {
	return min(r.train.N, (r.steps()-epoch*r.perEpoch())*r.Batch)
}

// cpu names this machine's processor.
func cpu() string {
	if cpuid.CPU.BrandName != "" {
		return cpuid.CPU.BrandName
	}
	return "unnamed " + runtime.GOARCH
}
