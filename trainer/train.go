package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// The files of a run, in its directory.
const (
	floatFile           = "vae.safetensors"
	int8File            = "decoder.safetensors" // encoder.File is beside it
	manifoldFile        = "manifold.png"
	samplesFile         = "samples.png"
	reconstructionsFile = "reconstructions.png"
	latentFile          = "latent.png"
	lossFile            = "loss.png"
	reportFile          = "run.json"
	checkpointFile      = "checkpoint.safetensors"
)

var resultFiles = []string{floatFile, int8File, encoder.File, manifoldFile, samplesFile, reconstructionsFile, latentFile, lossFile, reportFile}

// evaluationSeed is that of the noise whenever a model is measured, so that figures can be compared
// across runs.
const evaluationSeed = 1

// figures are means over images. Those in nats are sums over the pixels of an image; neg_elbo_nats
// is the negative of the evidence lower bound, so less is better. objective is what is minimised.
type figures struct {
	NegELBO        float64 `json:"neg_elbo_nats"`
	Reconstruction float64 `json:"reconstruction_nats"`
	KL             float64 `json:"kl_nats"`
	BookLoss       float64 `json:"book_loss"`
	Objective      float64 `json:"objective"`
}

// add adds weight times what a batch or a set gave.
func (f *figures) add(s vae.Stats, weight float64) {
	f.NegELBO += weight * s.NegELBO
	f.Reconstruction += weight * s.Reconstruction
	f.KL += weight * s.KL
	f.BookLoss += weight * s.BookLoss
	f.Objective += weight * s.Objective
}

func (f figures) over(n float64) figures {
	return figures{f.NegELBO / n, f.Reconstruction / n, f.KL / n, f.BookLoss / n, f.Objective / n}
}

// epochFigures are those of an epoch: on the training images while they were learnt from, on the
// test images after it.
type epochFigures struct {
	Epoch           int     `json:"epoch"`
	Train           figures `json:"train"`
	Test            figures `json:"test"`
	ImagesPerSecond float64 `json:"images_per_second"`
	// Of the multiply-accumulates a second that loops on registers alone made after it
	LimitShare float64 `json:"limit_share"`
	Seconds    float64 `json:"seconds"` // of training
}

// progress is what a checkpoint carries beside weights and optimiser state.
type progress struct {
	Done    []epochFigures `json:"epochs"`  // those that are done
	Sums    figures        `json:"sums"`    // over the images of the epoch under way
	Seconds float64        `json:"seconds"` // that it has taken so far
}

// A trainingRun is one run of the trainer.
type trainingRun struct {
	options
	name        string // of the int8 model; empty to make one up
	console     *console
	interrupted func() bool
	continuing  string          // command line that continues the run after an interruption
	judge       *classify.Model // of the digits; nil for the built-in one

	train, test *mnist.Set
	dataHash    string
	model       *vae.Model
	trainer     *vae.Trainer
	runner      *vae.Runner
	// Steps after which a frame of the animation is drawn; empty without --animate
	frames map[int]bool
	progress
}

// errInterrupted ends a run that was interrupted and wrote a checkpoint.
var errInterrupted = errors.New("interrupted")

// train is the command that trains.
func train(o *options, c *console) error {
	ctx, stop := untilInterrupt(c)
	defer stop()
	return newRun(ctx, *o, c).run()
}

// untilInterrupt returns a context that the first interrupt ends. A second one ends the process.
func untilInterrupt(c *console) (ctx context.Context, stop func()) {
	// SIGPIPE: nobody reads what is printed any more.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP) // the terminal is gone
	}
	// Which is no reason to stop at once, however often it comes
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, release := signal.NotifyContext(context.Background(), signals...)
	quiet := context.AfterFunc(ctx, func() {
		release()
		if c.terminal {
			fmt.Fprintln(c.err) // a line of its own, not the end of the bar's
		}
		c.warnf("interrupted: stopping as soon as this step is done, or at once if interrupted again")
	})
	return ctx, func() {
		quiet()
		release()
	}
}

func newRun(ctx context.Context, o options, c *console) *trainingRun {
	return &trainingRun{
		options: o, console: c,
		interrupted: func() bool { return ctx.Err() != nil },
		continuing:  resumeCommand(o),
	}
}

// run carries out the run, to its files.
func (r *trainingRun) run() error {
	if err := checkBackends(); err != nil {
		return err
	}
	if err := prepareOut(r.out); err != nil {
		return err
	}
	unlock, err := r.lock()
	if err != nil {
		return err
	}
	defer unlock()
	saved, err := r.openCheckpoint()
	if err != nil {
		return err
	}
	if err := r.prepare(saved); err != nil {
		return err
	}
	if r.animated {
		if err := r.prepareFrames(saved != nil && saved.Animated); err != nil {
			return err
		}
		r.frames = map[int]bool{}
		for _, step := range r.frameSteps() {
			r.frames[step] = true
		}
	}
	r.console.header(r)
	if saved != nil {
		r.console.printf("resumed    after step %s of %s\n", comma(r.trainer.StepNumber()), comma(r.steps()))
	}
	if err := r.epochs(); err != nil {
		return r.resumable(err)
	}
	return r.resumable(r.finish())
}

// resumable adds to an error of the file system, a full disk for instance, how to continue once
// that is put right, if there is a checkpoint to continue from.
func (r *trainingRun) resumable(err error) error {
	if !errors.As(err, new(*fs.PathError)) {
		return err
	}
	if _, e := os.Stat(r.path(checkpointFile)); e != nil {
		return err
	}
	return fmt.Errorf("%w; once that is put right, continue with:\n  %s", err, r.continuing)
}

// resumeCommand is the command line that continues a run with these options.
func resumeCommand(o options) string {
	s := "go run ./trainer --resume"
	if o.out != "out" {
		s += " --out " + quoted(o.out)
	}
	if o.Data != "" {
		s += " --data " + quoted(o.Data)
	}
	if o.threads != 0 {
		s += fmt.Sprintf(" --threads %d", o.threads)
	}
	return s
}

var plainWord = regexp.MustCompile(`^[\w./:@%+=,\\-]+$`)

// quoted returns a word as a shell takes it.
func quoted(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// prepareOut makes the directory of a run and fails if a file of the run could not be written to
// it.
func prepareOut(dir string) error {
	cannot := func(err error) error {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return fmt.Errorf("--out %s cannot be written to (%w): choose another directory", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cannot(err)
	}
	f, err := os.CreateTemp(dir, ".writable.*.tmp")
	if err != nil {
		return cannot(err)
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return cannot(err)
	}
	for _, name := range append([]string{checkpointFile, animationFile}, resultFiles...) {
		// To write to a pipe would wait for a reader
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("--out %s has something else than a file where %s is to be written: move it away", dir, name)
		}
	}
	return nil
}

// checkWritable reports a file that could not be written, before the work that is to be in it. It
// makes its folder.
func checkWritable(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil // who reads from a pipe would see its end
	}
	writable := errors.New("writable") // keeps what there is
	if err := atomicfile.Write(name, func(io.Writer) error { return writable }); err != writable {
		return fmt.Errorf("%w: choose another --out", err)
	}
	return nil
}

// lockFile stays in the directory: if the last run removed it, two others could each lock one of
// that name.
const lockFile = ".lock"

// lock keeps other runs out of the directory until unlock, or the end of the process, and removes
// the temporary files of one that was killed.
func (r *trainingRun) lock() (unlock func(), err error) {
	l := flock.New(r.path(lockFile))
	switch got, err := l.TryLock(); {
	case err != nil:
		// Not every file system has locks.
		r.console.warnf("cannot be kept from other runs: %v", err)
		return func() {}, nil
	case !got:
		return nil, fmt.Errorf("another run writes to --out %s: wait for its end or choose another directory", r.out)
	}
	for _, pattern := range []string{".*.tmp", framesFolder + "/.*.tmp"} {
		left, _ := fs.Glob(os.DirFS(r.out), pattern) // its error would be about the pattern
		for _, name := range left {
			if err := os.Remove(r.path(name)); err != nil {
				r.console.warnf("left by a run that was killed: %v", err)
			}
		}
	}
	return func() { l.Unlock() }, nil
}

func (r *trainingRun) path(name string) string { return filepath.Join(r.out, name) }

// openCheckpoint reads the checkpoint that is to be resumed from and takes its configuration, or
// makes sure that there is none that a new run would destroy.
func (r *trainingRun) openCheckpoint() (*checkpoint, error) {
	path := r.path(checkpointFile)
	saved, err := readCheckpoint(path)
	switch {
	case !r.resume && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case !r.resume && err != nil:
		return nil, fmt.Errorf("%w: delete it to train anew", err)
	case !r.resume:
		return nil, fmt.Errorf("%s is of a run that is not done (%d of %d epochs): continue it with --resume, delete it to train anew, or choose another --out",
			path, len(saved.Done), saved.Config.Epochs)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("nothing to resume: there is no %s", path)
	case err != nil:
		return nil, fmt.Errorf("%w: it cannot be resumed from, delete it to train anew", err)
	}
	its := saved.Config.values()
	for flag, mine := range r.values() {
		if flag == "network" && r.networkFile() && saved.Config.networkFile() {
			continue // whatever its name, if its layers are the same
		}
		if r.line.Has(flag) && mine != its[flag] {
			return nil, cli.Usagef("--%s %v conflicts with --resume: the run began with --%s %v; leave it out, or train anew in another --out", flag, mine, flag, its[flag])
		}
	}
	if r.line.Has("network") && r.networkFile() {
		begun := saved.Config
		begun.Network = r.Network
		if err := begun.readNetwork(saved.Config.Layers.Image); err != nil {
			return nil, fmt.Errorf("%w; to go on with the layers that the run began with, leave --network out", err)
		}
		if !reflect.DeepEqual(begun.Layers, saved.Config.Layers) {
			return nil, cli.Usagef("--network %s conflicts with --resume: its layers are not those that the run began with; leave it out, or train anew in another --out", r.Network)
		}
	}
	data := saved.Config.Data
	if r.line.Has("data") {
		data = r.Data
	}
	r.config = saved.Config
	r.Data = data
	r.name = saved.Name
	r.animated = r.animated || saved.Animated
	return saved, nil
}

// prepare loads the data and makes the model and what trains it, from the checkpoint if there is
// one.
func (r *trainingRun) prepare(saved *checkpoint) (err error) {
	if r.train, r.test, err = r.load(); err != nil {
		return err
	}
	sum := sha256.New()
	for _, s := range []*mnist.Set{r.train, r.test} {
		fmt.Fprintf(sum, "%d %d %d %d\n", s.N, s.Height, s.Width, s.Channels)
		sum.Write(s.Images)
		sum.Write(s.Labels)
	}
	r.dataHash = hex.EncodeToString(sum.Sum(nil))
	if saved != nil && saved.DataHash != r.dataHash {
		return fmt.Errorf("the images are not those that the run in %s began with: name theirs with --data", r.out)
	}
	if saved == nil {
		if err := r.readNetwork(r.train.Shape()); err != nil {
			return err
		}
	}
	if r.name == "" {
		r.name = modelName(r.train, r.Latent)
	}
	if r.steps() > maxSteps {
		return cli.Usagef("--epochs %d with --batch %d are %d steps, at most %d can be counted: raise --batch", r.Epochs, r.Batch, r.steps(), maxSteps)
	}
	description, err := r.describe(r.train.Shape())
	if err == nil {
		err = r.checkSize(description)
	}
	if err != nil {
		switch {
		case r.networkFile():
			err = fmt.Errorf("--network %s: %w", r.Network, err)
		case r.Data != "":
			err = fmt.Errorf("--data %s: %w", r.Data, err)
		}
		return err
	}
	if r.model, err = vae.New(description, r.Seed); err != nil {
		return err
	}
	r.trainer, err = vae.NewTrainer(r.model, vae.Options{
		Batch: min(r.Batch, r.train.N), Threads: r.threads, Seed: r.Seed,
		Optimizer: r.optimizer(), Schedule: r.schedule(r.steps()), Roundoff: r.roundoff(r.steps()),
	})
	if err != nil {
		return err
	}
	r.runner = vae.NewRunner(r.model, r.threads, nil)
	if saved == nil {
		return nil
	}
	r.progress = saved.progress
	if err := saved.restore(r.model, r.trainer); err != nil {
		return fmt.Errorf("%s: %w: it cannot be resumed from, delete it to train anew", r.path(checkpointFile), err)
	}
	if n, first := r.trainer.StepNumber(), min(len(r.Done)*r.perEpoch(), r.steps()); n < first || n > min(first+r.perEpoch(), r.steps()) {
		return fmt.Errorf("%s: step %d does not belong to epoch %d", r.path(checkpointFile), n, len(r.Done)+1)
	}
	if saved.Sgemm != sgemm.Best().String() {
		r.console.warnf("the run began with matrix kernels %s and goes on with %s: weights may differ in their last bits", saved.Sgemm, sgemm.Best())
	}
	return nil
}

// maxMemory bounds what the weights may take in a run, in bytes, and what the images of a batch
// may.
const maxMemory = 8 << 30

// How often the weights are there at the same time when int8 is learnt: with the gradients of the
// lanes, their moments, and their grids.
const encoderCopies, decoderCopies = 28, 40

// checkSize reports a run that would come to its end only to find its files too large, or that
// would take all memory before.
func (r *trainingRun) checkSize(c vae.Config) error {
	cure := "lower --latent or make the images smaller"
	if r.networkFile() {
		cure = "give its layers fewer channels"
	}
	if bytes := 4 * c.Weights() * (1 + len(r.optimizer().Slots())); bytes > maxFile {
		return fmt.Errorf("images of %s with %d latent dimensions need a checkpoint of %d MB, the most is %d: %s",
			imageSize(c.Image), c.Latent, bytes>>20, maxFile>>20, cure)
	}
	if bytes := 4 * (encoderCopies*c.Encoder.Weights(c.Image) + decoderCopies*c.Decoder.Weights(c.Point())); bytes > maxMemory {
		return fmt.Errorf("the %d million weights for images of %s with %d latent dimensions need %d MB of memory, the most is %d: %s",
			c.Weights()/1_000_000, imageSize(c.Image), c.Latent, bytes>>20, maxMemory>>20, cure)
	}
	batch := min(r.Batch, r.train.N)
	kept, _ := c.KeptPerImage()
	if bytes := 4 * batch * kept; bytes > maxMemory {
		return fmt.Errorf("--batch %d of images of %s needs %d MB of memory, the most is %d: lower it",
			batch, imageSize(c.Image), bytes>>20, maxMemory>>20)
	}
	return nil
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// modelName makes up a name that the int8 file allows.
func modelName(s *mnist.Set, latent int) string {
	base := notInName.ReplaceAllString(strings.ToLower(s.Name), "-")
	base = strings.Trim(base[:min(len(base), 48)], "-")
	return fmt.Sprintf("%s-%d", cmp.Or(base, "vae"), latent)
}

// perEpoch is the number of steps of an epoch; the last one may have fewer images.
func (r *trainingRun) perEpoch() int { return (r.train.N + r.Batch - 1) / r.Batch }

// steps is the number of steps that train the float32 model. The second half of the last epoch is
// left for the int8 decoder.
func (r *trainingRun) steps() int { return r.Epochs*r.perEpoch() - r.perEpoch()/2 }

// int8Images are the images that the int8 decoder learns from: the rest of the last epoch, or all
// where an epoch is a single step.
func (r *trainingRun) int8Images() []int {
	order := random.Permutation(r.Seed, r.Epochs-1, r.train.N)
	if first := r.epochImages(r.Epochs - 1); first < len(order) {
		return order[first:]
	}
	return order
}

// epochImages is the number of images that train the float32 model in an epoch, the first being 0.
func (r *trainingRun) epochImages(epoch int) int {
	return min(r.train.N, (r.steps()-epoch*r.perEpoch())*r.Batch)
}

// epochs trains from wherever the run is to the end of its last epoch.
func (r *trainingRun) epochs() error {
	r.console.epochHeader(r)
	for _, e := range r.Done {
		r.console.epochLine(r, e)
	}
	if r.trainer.StepNumber() == 0 {
		r.drawFrame()
	}
	for len(r.Done) < r.Epochs {
		if err := r.learn(); err != nil {
			return err
		}
		e, err := r.closeEpoch()
		if err != nil {
			return err
		}
		r.console.epochLine(r, e)
		// Before anything that can fail for want of room. Where even that has none, there may be
		// some after the next epoch, and this one is not lost as long as the run goes on.
		saved := r.writeCheckpoint()
		if r.interrupted() {
			if saved != nil {
				return saved
			}
			return r.stopped()
		}
		if saved != nil {
			r.console.warnf("epoch %d is not saved, so that an interruption now would lose it: %v", e.Epoch, saved)
		}
		// A picture that somebody looks at cannot be replaced on every system. That is no reason to
		// stop.
		if err := r.drawProgress(); err != nil {
			r.console.warnf("the pictures of epoch %d are not drawn: %v", e.Epoch, err)
		}
	}
	if r.interrupted() {
		return r.stopped()
	}
	return nil
}

// learn makes the steps of the epoch under way that are still to be made.
func (r *trainingRun) learn() error {
	epoch := len(r.Done)
	first, end := epoch*r.perEpoch(), min((epoch+1)*r.perEpoch(), r.steps())
	order := random.Permutation(r.Seed, epoch, r.train.N)
	r.console.startEpoch(r)
	defer r.console.endEpoch()
	for r.trainer.StepNumber() < end {
		at := (r.trainer.StepNumber() - first) * r.Batch
		batch := order[at:min(at+r.Batch, len(order))]
		begin := time.Now()
		r.model.KLWeight = r.klWeight(r.trainer.StepNumber()+1, r.steps())
		stats, err := r.trainer.Step(r.train.Images, batch)
		r.model.KLWeight = r.KLWeight
		if err == nil {
			err = r.checkLoss(stats.Objective)
		}
		if err != nil {
			return r.diverged(err)
		}
		r.Seconds += time.Since(begin).Seconds()
		r.Sums.add(stats, float64(len(batch)))
		r.console.step(r, at+len(batch))
		r.drawFrame()
		if err := r.stopIfInterrupted(); err != nil {
			return err
		}
	}
	return nil
}

// stopIfInterrupted ends the run with a checkpoint if it is to end.
func (r *trainingRun) stopIfInterrupted() error {
	if !r.interrupted() {
		return nil
	}
	r.console.endEpoch()
	if err := r.writeCheckpoint(); err != nil {
		return err
	}
	return r.stopped()
}

// stopped says how to continue the run that the checkpoint holds.
func (r *trainingRun) stopped() error {
	r.console.warnf("interrupted after step %s of %s; to continue:\n  %s", comma(r.trainer.StepNumber()), comma(r.steps()), r.continuing)
	return errInterrupted
}

// checkLoss reports a loss that has exploded: far above that of a decoder that makes every pixel a
// coin toss.
func (r *trainingRun) checkLoss(objective float64) error {
	const factor = 20
	limit := factor * math.Ln2 * max(r.KLWeight, 1)
	if r.Loss == string(vae.LossELBO) {
		limit *= float64(r.model.Pixels())
	}
	if objective <= limit { // false for NaN
		return nil
	}
	step := r.trainer.StepNumber()
	return fmt.Errorf("%w: the loss exploded to %.4g at step %d, learning rate %.4g", vae.ErrDiverged, objective, step, r.schedule(r.steps()).Rate(step))
}

// diverged ends a run that can come to nothing. Its checkpoint would only lead here again.
func (r *trainingRun) diverged(err error) error {
	if e := os.Remove(r.path(checkpointFile)); e != nil && !errors.Is(e, fs.ErrNotExist) {
		r.console.warnf("%v", e)
	}
	return fmt.Errorf("%w (epoch %d; --lr is %g)", cured(err), len(r.Done)+1, r.LearningRate)
}

// closeEpoch measures the model on the test images and adds the epoch to those that are done.
func (r *trainingRun) closeEpoch() (epochFigures, error) {
	begin := time.Now()
	if len(r.Done) == r.Epochs-1 {
		r.model.Standardize(r.runner, r.train.Images)
	}
	stats := r.runner.Evaluate(r.test.Images, evaluationSeed)
	if err := r.checkLoss(stats.Objective); err != nil {
		return epochFigures{}, r.diverged(err)
	}
	r.console.evaluationTime = time.Since(begin)
	n := float64(r.epochImages(len(r.Done)))
	e := epochFigures{Epoch: len(r.Done) + 1, Train: r.Sums.over(n), Seconds: r.Seconds, ImagesPerSecond: n / r.Seconds}
	e.LimitShare = e.ImagesPerSecond * float64(r.model.TrainingMACs()) / r.limit()
	e.Test.add(stats, 1)
	r.progress = progress{Done: append(r.Done, e)}
	return e, nil
}

// limit measures how many multiply-accumulates a second the matrix kernels' processor can do on the
// run's threads.
func (r *trainingRun) limit() float64 {
	const times = 10
	macs, begin := 0, time.Now()
	for range times {
		macs += sgemm.Best().Peak(r.cores())
	}
	return float64(macs) / time.Since(begin).Seconds()
}

// drawProgress redraws what shows how far the model has come, with the float decoder.
func (r *trainingRun) drawProgress() error {
	a, err := r.artist()
	if err != nil {
		return err
	}
	if err := r.draw(manifoldFile, a.manifold()); err != nil {
		return err
	}
	return r.draw(reconstructionsFile, a.reconstructions())
}

// artist draws the model as it is, with the float decoder and, as at the end of the run, a
// standardized latent space.
func (r *trainingRun) artist() (artist, error) {
	m, err := vae.New(r.model.Config, 0)
	if err != nil {
		return artist{}, err
	}
	for i, p := range r.model.Params() {
		copy(m.Params()[i].Data, p.Data)
	}
	runner := vae.NewRunner(m, r.threads, nil)
	m.Standardize(runner, r.train.First(framePoints).Images) // enough for a look
	return artist{decode: floatDecoder(runner, m), model: m, runner: runner, test: r.test}, nil
}

func (r *trainingRun) draw(name string, p image.Image) error { return writePicture(r.path(name), p) }

// writePicture writes a picture to a file.
func writePicture(name string, p image.Image) error {
	return atomicfile.Write(name, func(w io.Writer) error { return picture.Write(w, p) })
}

// finish quantizes the trained model, measures both and writes the files of the run. The checkpoint
// of the last epoch stays until they are there.
func (r *trainingRun) finish() error {
	order := r.int8Images()
	r.console.printf("\nthe int8 decoder learns from %s images\n", comma(len(order)))
	learnt := r.console.progress("int8", len(order))
	q, err := quantize.Quantize(r.model, r.name, r.train.Images, quantize.Options{
		Order: order, Threads: r.threads, Seed: r.Seed,
		Progress: func(images int) bool {
			learnt(images)
			return !r.interrupted()
		},
	})
	if errors.Is(err, quantize.ErrStopped) {
		return r.stopped()
	}
	if err != nil {
		return err
	}
	r.console.printf("measuring both on the test images\n")
	s, err := measure(r.model, q, r.test.Images, r.threads)
	if err != nil {
		return err
	}
	if r.interrupted() {
		return r.stopped()
	}
	concepts, err := r.findConcepts()
	if err != nil {
		return err
	}
	q.Concepts = concept.Fixed(q, concepts)
	e, err := quantize.Encoder(r.model, q, r.train.Images, quantize.Options{Threads: r.threads, Seed: encoderSeed})
	if err != nil {
		return err
	}
	var judge *classify.Model // which training does not depend on
	if r.train.Embedded {
		if judge, err = r.classifier(); err == nil {
			s.agreement, err = agree(judge, r.model, q, r.test, r.threads)
		}
		if err != nil {
			judge = nil
			r.console.warnf("what the models draw is not classified: %v", err)
		}
	}
	if s.encoderScore, err = measureEncoder(r.model, q, e, judge, r.test, r.threads); err != nil {
		return err
	}
	floats, err := marshalFloat(r.model, concepts)
	if err != nil {
		return err
	}
	ints, err := q.Marshal()
	if err != nil {
		return err
	}
	d, err := decoder.New(q)
	if err != nil {
		return err
	}
	a := artist{decode: int8Decoder(d), model: r.model, runner: r.runner, test: r.test}
	if q.PrincipalPlane() {
		plane := q.Plane()
		a.plane = &plane
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil { // somebody may have removed it
		return err
	}
	if err := atomicfile.WriteBytes(r.path(floatFile), floats); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(r.path(int8File), ints); err != nil {
		return err
	}
	encoderBytes, err := writeEncoder(r.path(encoder.File), e)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		draw func() image.Image
	}{
		{manifoldFile, a.manifold},
		{samplesFile, func() image.Image { return a.samples(r.Seed) }},
		{reconstructionsFile, a.reconstructions},
		{latentFile, a.latent},
		{lossFile, func() image.Image { return lossPlot(r.config, r.Done) }},
	} {
		if err := r.draw(p.name, p.draw()); err != nil {
			return err
		}
	}
	if r.animated {
		if err := r.animate(); err != nil {
			return err
		}
	}
	report := r.report(s, len(floats), len(ints), encoderBytes)
	if err := writeJSON(r.path(reportFile), report); err != nil {
		return err
	}
	if err := os.Remove(r.path(checkpointFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.console.results(r, report)
	return nil
}
