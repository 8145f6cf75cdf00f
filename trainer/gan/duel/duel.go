// Package duel is a run of the trainer of generative adversarial networks: it trains one, measures
// in every epoch how the two networks stand, says what goes wrong, and writes the generator in
// float32 and int8 and what it draws. A run that is interrupted goes on from its checkpoint, to the
// same bytes.
package duel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/compare"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/gan"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
)

// Train trains and writes the files of the run. The end of the context interrupts it after the step
// under way; it then returns run.ErrInterrupted.
func Train(ctx context.Context, o Options, c *console.Console) error {
	o.complete()
	m := &match{Options: o, console: c, interrupted: func() bool { return ctx.Err() != nil }, told: map[Trouble]bool{}}
	return m.do()
}

func (m *match) do() error {
	if err := pair.CheckBackends(); err != nil {
		return err
	}
	if m.Resume { // before anything is made
		if err := folder.CheckResumable(m.Out, run.CheckpointFile); err != nil {
			return err
		}
	}
	if err := folder.Prepare(m.Out, recordFile, append([]string{run.CheckpointFile}, resultFiles...), pageFile); err != nil {
		return err
	}
	unlock, err := folder.Lock(m.Out, ".", m.console)
	if err != nil {
		return err
	}
	defer unlock()
	saved, err := m.openCheckpoint()
	if err != nil {
		return err
	}
	if err := m.prepare(saved); err != nil {
		return err
	}
	m.header()
	if saved != nil {
		m.console.Printf("resumed    after step %s of %s\n", plain.Comma(m.trainer.StepNumber()), plain.Comma(m.steps()))
	}
	err = m.epochs()
	if err == nil {
		err = m.finish()
	}
	return folder.Resumable(err, m.path(run.CheckpointFile), m.Again)
}

// prepare loads the data and makes the model and what trains it, from the checkpoint if there is
// one.
func (m *match) prepare(saved *checkpoint) (err error) {
	if m.train, m.test, err = m.Load(run.Loading{Console: m.console, Threads: m.Threads, Interrupted: m.interrupted}); err != nil {
		return err
	}
	m.dataHash = run.DataHash(m.train, m.test)
	if saved != nil && saved.DataHash != m.dataHash {
		return fmt.Errorf("%s: %w", m.Out, run.ErrOtherImages)
	}
	if m.Batch > gan.MostBatch {
		return &run.SettingError{Setting: "batch", Value: fmt.Sprint(m.Batch), Err: fmt.Errorf("at most %d images are learnt from in a step, and as many drawn pictures", gan.MostBatch)}
	}
	if m.steps() > nn.MostSteps {
		return &run.SettingError{Setting: "epochs", Value: fmt.Sprint(m.Epochs), Err: fmt.Errorf("in batches of %d they are %d steps, at most %d can be counted: make the batches larger", m.Batch, m.steps(), nn.MostSteps)}
	}
	networks, err := gan.Networks(m.train.Shape(), m.Latent)
	if err != nil {
		if m.Data != "" {
			err = &run.SettingError{Setting: "data", Value: m.Data, Err: err}
		}
		return err
	}
	if err := checkSize(&networks); err != nil {
		return err
	}
	if m.model, err = gan.New(networks, m.Seed); err != nil {
		return err
	}
	o := gan.Usual
	o.Batch, o.Threads, o.Seed = min(m.Batch, m.train.N), m.Threads, m.Seed
	o.Schedule = nn.Schedule{Peak: m.LearningRate, Warmup: min(m.steps()/10, 100), Total: m.steps()}
	if m.trainer, err = gan.NewTrainer(m.model, o); err != nil {
		return err
	}
	if m.gauge, err = newGauge(m.model.Average, m.train, m.test, m.Seed, m.Threads); err != nil {
		return err
	}
	if saved == nil {
		return nil
	}
	m.progress = saved.progress
	if err := saved.restore(m.trainer); err != nil {
		return fmt.Errorf("%s: %w: it cannot be resumed from, delete it to train anew", m.path(run.CheckpointFile), err)
	}
	if n, first := m.trainer.StepNumber(), len(m.Done)*m.perEpoch(); n < first || n > first+m.perEpoch() {
		return fmt.Errorf("%s: step %d does not belong to epoch %d", m.path(run.CheckpointFile), n, len(m.Done)+1)
	}
	saved.checkKernels(m.console)
	return nil
}

// checkSize reports networks that would take all memory, with the gradients of the lanes and the
// grids that int8 is learnt with.
func checkSize(c *gan.Config) error {
	const most, copies = 8 << 30, 40 // bytes
	weights := c.Decoder.Weights(c.Point()) + c.Critic.Weights(c.Image)
	if bytes := 4 * copies * weights; bytes > most {
		return fmt.Errorf("the %d million weights for images of %s with %d latent dimensions need %d MB of memory, the most is %d: take fewer latent dimensions or smaller images",
			weights/1_000_000, plain.ImageSize(c.Image), c.Latent, bytes>>20, most>>20)
	}
	return nil
}

// header says what is about to be trained, on what and how.
func (m *match) header() {
	c := m.console
	row := func(name, kind, output, parameters string) {
		c.Printf("%-25s %-16s %-15s %10s\n", name, kind, output, parameters)
	}
	row("layer", "kind", "output", "parameters")
	for _, l := range m.model.Network.Summary() {
		if name, ok := strings.CutPrefix(l.Name, "decoder."); ok {
			row("generator."+name, l.Kind, plain.Shape(l.Output...), plain.Comma(l.Params))
		}
	}
	in := m.model.Image
	for i, name := range m.model.Config.Critic.Names() {
		l := m.model.Config.Critic[i]
		row("critic."+name, l.Op.Kind(), plain.Shape(l.Out[:]...), plain.Comma(m.model.Config.Critic[i:i+1].Weights(in)))
		in = l.Out
	}
	c.Printf("\ndata       %s: %s training and %s test images of %s\n", m.dataName(), plain.Comma(m.train.N), plain.Comma(m.test.N), plain.ImageSize(m.train.Shape()))
	epochs := "epochs"
	if m.Epochs == 1 {
		epochs = "epoch"
	}
	c.Printf("training   %d %s of %s steps, batch %d, seed %d\n", m.Epochs, epochs, plain.Comma(m.perEpoch()), m.Batch, m.Seed)
	if info, err := os.Stat(m.path(recordFile)); err == nil && !m.Resume {
		c.Printf("replaces   the run of %s in %s\n", info.ModTime().Format("2 January, 15:04"), m.Out)
	}
	c.Printf("objective  %s loss, %d latent dimensions; adam, learning rate %g falling to 0\n", m.model.Loss, m.Latent, m.LearningRate)
}

// epochs trains from wherever the run is to the end of its last epoch.
func (m *match) epochs() error {
	m.epochHeader()
	for _, e := range m.Done {
		m.epochLine(e)
		m.name(e, false)
	}
	for len(m.Done) < m.Epochs {
		if err := m.learn(); err != nil {
			return err
		}
		e := m.close()
		m.progress = progress{Done: append(m.Done, e)}
		m.epochLine(e)
		m.name(e, true)
		saved := m.writeCheckpoint()
		if m.interrupted() {
			if saved != nil {
				return saved
			}
			return m.stopped()
		}
		if saved != nil {
			m.console.Warnf("epoch %d is not saved, so that an interruption now would lose it: %v", e.Epoch, saved)
		}
		if err := m.draw(samplesFile, m.gauge.samples()); err != nil { // somebody may look at it
			m.console.Warnf("the pictures of epoch %d are not drawn: %v", e.Epoch, err)
		}
	}
	return nil
}

// learn makes the steps of the epoch under way that are still to be made.
func (m *match) learn() error {
	epoch := len(m.Done)
	first, end := epoch*m.perEpoch(), (epoch+1)*m.perEpoch()
	order := m.order()
	line := m.console.Status()
	defer line.End()
	var rate console.Rate
	shown, at := m.trainer.StepNumber(), time.Now()
	for m.trainer.StepNumber() < end {
		i := (m.trainer.StepNumber() - first) * m.Batch
		batch := order[i:min(i+m.Batch, len(order))]
		begin := time.Now()
		stats, err := m.trainer.Step(m.train.Images, batch)
		if err != nil {
			return m.diverged(err)
		}
		m.Seconds += time.Since(begin).Seconds()
		m.Sums.add(stats, float64(len(batch)))
		if step := m.trainer.StepNumber(); line.Due() {
			rate.Add(float64(step-shown), time.Since(at).Seconds())
			shown, at = step, time.Now()
			left := float64(m.steps()-step)/rate.PerSecond() + float64(m.Epochs-epoch)*m.gauge.seconds
			line.Show(fmt.Sprintf("%3d/%d  %s images/s  %s left", epoch+1, m.Epochs, plain.Comma(int(rate.PerSecond()*float64(m.Batch))), console.Duration(left)), (step-first)*m.Batch, m.perEpoch()*m.Batch)
		}
		if m.interrupted() {
			line.End()
			if err := m.writeCheckpoint(); err != nil {
				return err
			}
			return m.stopped()
		}
	}
	return nil
}

// diverged ends a run that can come to nothing. Its checkpoint would only lead here again.
func (m *match) diverged(err error) error {
	if e := os.Remove(m.path(run.CheckpointFile)); e != nil && !errors.Is(e, fs.ErrNotExist) {
		m.console.Warnf("%v", e)
	}
	return fmt.Errorf("%w (epoch %d)", err, len(m.Done)+1)
}

// close measures the epoch that has been learnt.
func (m *match) close() Epoch {
	images := float64(m.perEpoch() * min(m.Batch, m.train.N))
	s := m.Sums.over(images)
	e := Epoch{
		Epoch: len(m.Done) + 1, Critic: s.Critic, Generator: s.Generator, Images: s.Images, Drawn: s.Drawn, Gap: s.Gap,
		Seconds: m.Seconds, ImagesPerSecond: images / m.Seconds,
	}
	m.gauge.measure(&e)
	return e
}

func (m *match) epochHeader() {
	m.console.Printf("\n%s explains the figures in the end\n\n", m.path(pageFile))
	line := fmt.Sprintf("%-7s%9s%11s%10s%10s%10s", "epoch", "critic", "generator", "images", "drawn", "variety")
	if m.gauge.classifier != nil {
		line += fmt.Sprintf("%10s%14s", "distance", "least class")
	}
	m.console.Printf("%s%10s%9s\n", line, "images/s", "time")
}

func (m *match) epochLine(e Epoch) {
	line := fmt.Sprintf("%3d/%-3d%9.3f%11.3f%8.1f %%%8.1f %%%8.0f %%", e.Epoch, m.Epochs, e.Critic, e.Generator, 100*e.Images, 100*e.Drawn, 100*e.Variety)
	if len(e.Classes) > 0 {
		line += fmt.Sprintf("%10.1f%12.1f %%", e.Distance, 100*compare.Least(e.Classes))
	}
	m.console.Printf("%s%10s%9s\n", line, plain.Comma(int(e.ImagesPerSecond)), console.Duration(e.Seconds))
}

// name says what is wrong after an epoch, each once; with now unset, it has been said before.
func (m *match) name(e Epoch, now bool) {
	for _, t := range m.troubles(e) {
		if m.told[t] {
			continue
		}
		m.told[t] = true
		if !now || t == TooShort { // the end says so
			continue
		}
		text := fmt.Sprintf("after epoch %d %s", e.Epoch, t)
		if t == Uneven {
			text += fmt.Sprintf(": %s", shares(e.Classes))
		}
		if cure := m.Cures[t]; cure != "" && e.Epoch < m.Epochs {
			text += ". If that stays so, " + cure
		}
		m.console.Warnf("%s", text)
	}
}
