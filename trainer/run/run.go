// Package run trains a model and makes of it what a run of the trainer writes: the weights in
// float32 and int8, pictures of what it has learnt, and figures. A run that is interrupted goes on
// from its checkpoint, to the same bytes.
package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Train trains a model and writes the files of the run. The end of the context interrupts it after
// the step under way.
func Train(ctx context.Context, o Options, c *console.Console) error {
	return newRun(ctx, o, c).do()
}

func (r *run) do() error {
	if err := pair.CheckBackends(); err != nil {
		return err
	}
	if r.Resume { // before anything is made
		if err := folder.CheckResumable(r.Out, CheckpointFile, RecordFile); err != nil {
			return err
		}
	}
	if err := folder.Prepare(r.Out, RecordFile, append([]string{CheckpointFile, animationFile}, ResultFiles...), pageFile); err != nil {
		return err
	}
	unlock, err := folder.Lock(r.Out, framesFolder, r.console)
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
	if r.Animated {
		if err := r.prepareFrames(saved != nil && saved.Animated); err != nil {
			return err
		}
		r.frames = map[int]bool{}
		for _, step := range r.frameSteps() {
			r.frames[step] = true
		}
	}
	r.header()
	if saved != nil {
		r.console.Printf("resumed    after step %s of %s\n", plain.Comma(r.trainer.StepNumber()), plain.Comma(r.steps()))
	}
	if err := r.epochs(); err != nil {
		return r.resumable(err)
	}
	return r.resumable(r.finish())
}

// resumable adds to an error of the file system how to continue.
func (r *run) resumable(err error) error {
	return folder.Resumable(err, r.path(CheckpointFile), r.Again)
}

// epochs trains from wherever the run is to the end of its last epoch.
func (r *run) epochs() error {
	r.epochHeader()
	for _, e := range r.Done {
		r.epochLine(e)
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
		r.epochLine(e)
		r.checkAwake(e)
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
			r.console.Warnf("epoch %d is not saved, so that an interruption now would lose it: %v", e.Epoch, saved)
		}
		// A picture that somebody looks at cannot be replaced on every system. That is no reason to
		// stop.
		if !r.progressDue(e) {
			continue
		}
		if err := r.drawProgress(); err != nil {
			r.console.Warnf("the pictures of epoch %d are not drawn: %v", e.Epoch, err)
		}
	}
	if r.interrupted() {
		return r.stopped()
	}
	return nil
}

// progressDue says that it is time to draw how far the model has come: after the first epoch, and
// when another second has passed. Where all epochs are over sooner, the results are about to be
// drawn.
func (r *run) progressDue(e epochFigures) bool {
	const often = time.Second
	if e.Epoch == r.Epochs && e.Seconds < often.Seconds() || time.Since(r.shown.drawn) < often {
		return false
	}
	r.shown.drawn = time.Now()
	return true
}

// learn makes the steps of the epoch under way that are still to be made.
func (r *run) learn() error {
	epoch := len(r.Done)
	first, end := epoch*r.perEpoch(), min((epoch+1)*r.perEpoch(), r.steps())
	order := random.Permutation(r.Seed, epoch, r.train.N)
	r.startEpoch()
	defer r.endEpoch()
	for r.trainer.StepNumber() < end {
		at := (r.trainer.StepNumber() - first) * r.Batch
		batch := order[at:min(at+r.Batch, len(order))]
		begin := time.Now()
		r.model.KLWeight = r.weightAt(r.trainer.StepNumber() + 1)
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
		r.showStep(at + len(batch))
		r.drawFrame()
		if err := r.stopIfInterrupted(); err != nil {
			return err
		}
	}
	return nil
}

// weightAt is the factor of the KL term at a step.
func (r *run) weightAt(step int) float64 {
	if r.From > 0 {
		return r.KLWeight
	}
	return r.klWeight(step, r.steps())
}

// stopIfInterrupted ends the run with a checkpoint if it is to end.
func (r *run) stopIfInterrupted() error {
	if !r.interrupted() {
		return nil
	}
	r.endEpoch()
	if err := r.writeCheckpoint(); err != nil {
		return err
	}
	return r.stopped()
}

// checkLoss reports a loss that has exploded: far above that of a decoder that makes every pixel a
// coin toss.
func (r *run) checkLoss(objective float64) error {
	const factor = 20
	limit := factor * math.Ln2 * max(r.KLWeight, 1)
	switch r.Loss {
	case string(vae.LossELBO):
		limit *= float64(r.model.Pixels())
	case string(vae.LossSigma):
		limit *= 8 * float64(r.model.Pixels()) // the logarithms of grey levels
	}
	if objective <= limit { // false for NaN
		return nil
	}
	step := r.trainer.StepNumber()
	return fmt.Errorf("%w: the loss exploded to %.4g at step %d, learning rate %.4g", vae.ErrDiverged, objective, step, r.schedule(r.steps()).Rate(step))
}

// checkAwake says once, while there is training left, that no latent dimension says anything of an
// image: the posterior has collapsed to the prior. It does not look before the KL term has its
// whole weight.
func (r *run) checkAwake(e epochFigures) {
	const least = 0.02 // nats
	const early = 300  // steps in which nothing is learnt yet
	if r.asleep || r.trainer.StepNumber() < early || r.KLWeight == 0 || e.Test.KL > least*float64(r.Latent) || e.Epoch == r.Epochs || r.weightAt(r.trainer.StepNumber()) < r.KLWeight {
		return
	}
	if kl, _ := measure.Active(r.runner, r.test.First(drawn.FramePoints).Images); slices.Max(kl) > least {
		return
	}
	r.asleep = true
	cure := ""
	if r.Wake != "" {
		cure = ". If that stays so, " + r.Wake
	}
	r.console.Warnf("after epoch %d the KL divergence is near 0 in every latent dimension, %.3f nats in all: posterior collapse, in which every point is drawn as the mean of all images%s", e.Epoch, e.Test.KL, cure)
}

// diverged ends a run that can come to nothing. Its checkpoint would only lead here again.
func (r *run) diverged(err error) error {
	if e := os.Remove(r.path(CheckpointFile)); e != nil && !errors.Is(e, fs.ErrNotExist) {
		r.console.Warnf("%v", e)
	}
	return fmt.Errorf("%w (epoch %d; it is to rise to %g)", err, len(r.Done)+1, r.LearningRate)
}

// closeEpoch measures the model on test images and adds the epoch to those that are done.
func (r *run) closeEpoch() (epochFigures, error) {
	begin := time.Now()
	if len(r.Done) == r.Epochs-1 {
		r.model.Standardize(r.runner, r.train.Images)
	}
	stats := r.runner.Evaluate(r.glanced, measure.Seed)
	if err := r.checkLoss(stats.Objective); err != nil {
		return epochFigures{}, r.diverged(err)
	}
	r.shown.evaluation = time.Since(begin)
	n := float64(r.epochImages(len(r.Done)))
	e := epochFigures{Epoch: len(r.Done) + 1, Train: r.Sums.over(n), Seconds: r.Seconds, ImagesPerSecond: n / r.Seconds}
	e.LimitShare = e.ImagesPerSecond * float64(r.model.TrainingMACs()) / r.peak()
	e.Test.add(stats, 1)
	r.progress = progress{Done: append(r.Done, e), From: r.From}
	return e, nil
}

// peak measures how many multiply-accumulates a second the matrix kernels' processor can do on the
// run's threads.
func (r *run) peak() float64 {
	// The longer the epoch has taken, the longer it may take, to be the more exact.
	times := min(1+int(4*r.Seconds), 10)
	macs, begin := 0, time.Now()
	for range times {
		macs += sgemm.Best().Peak(r.cores())
	}
	return float64(macs) / time.Since(begin).Seconds()
}
