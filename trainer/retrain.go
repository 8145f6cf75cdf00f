package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// pretrain is the command that makes the built-in models.
func pretrain(o *options, c *console.Console) error {
	for _, dir := range []string{pair.FloatFolder, pair.Int8Folder, encoderFolder} {
		if err := checkFolder(dir); err != nil {
			return err
		}
	}
	again := command + " pretrained"
	for _, s := range o.line.Settings {
		again += " --" + s.Name + " " + quoted(s.Value)
	}
	if err := pair.CheckBackends(); err != nil {
		return err
	}
	ctx, stop := untilInterrupt(c)
	defer stop()
	classifier, err := trainClassifier(ctx, o.Limit, o.threads, c)
	if errors.Is(err, run.ErrInterrupted) {
		c.Warnf("interrupted before the first model; to continue:\n  %s", again)
	}
	if err != nil {
		return err
	}
	for _, b := range builtIn {
		dir := filepath.Join(o.out, b.name)
		flags := append(b.flags, "--out", dir, fmt.Sprintf("--limit=%d", o.Limit), fmt.Sprintf("--threads=%d", o.threads))
		if _, err := os.Stat(filepath.Join(dir, run.CheckpointFile)); err == nil {
			flags = append(flags, "--resume")
		}
		line, err := readLine(flags)
		if err != nil {
			return err
		}
		its := line.run()
		its.Name, its.Classifier, its.Again = b.name, classifier, again
		its.FillPage = nil // the built-in weights are about to be these
		if err := run.Train(ctx, its, c); err != nil {
			return err
		}
		if err := install(dir, b.name); err != nil {
			return err
		}
		c.Printf("written: %s and %s\n", filepath.Join(pair.FloatFolder, b.name+".safetensors"), filepath.Join(pair.Int8Folder, b.name+".safetensors"))
	}
	return nil
}

// trainClassifier makes the built-in classifier of digits. It takes a minute, so that an
// interrupted one is not continued but begun anew.
func trainClassifier(ctx context.Context, limit, threads int, c *console.Console) (*classify.Model, error) {
	o := classify.DefaultOptions
	o.Threads = threads
	data := run.Config{Limit: limit}
	train, test, err := data.Load(run.Loading{Console: c})
	if err != nil {
		return nil, err
	}
	m, err := classify.New(classify.Config{Height: train.Height, Width: train.Width, Channels: train.Channels, Classes: 1 + int(slices.Max(train.Labels))}, o.Seed)
	if err != nil {
		return nil, err
	}
	c.Printf("training the classifier of digits, %d epochs\n", o.Epochs)
	begin := time.Now()
	last := begin
	o.Progress = func(step, steps int, loss float64) error {
		if ctx.Err() != nil {
			return run.ErrInterrupted
		}
		if now := time.Now(); now.Sub(last) > 20*time.Second {
			last = now
			c.Printf("step %s of %s, cross-entropy %.4f nats\n", plain.Comma(step), plain.Comma(steps), loss)
		}
		return nil
	}
	if err := classify.Train(m, train.Images, train.Labels, o); err != nil {
		return nil, err
	}
	weights, err := m.Marshal()
	if err != nil {
		return nil, err
	}
	name := filepath.Join(pair.FloatFolder, measure.ClassifierName+".safetensors")
	if err := atomicfile.WriteBytes(name, weights); err != nil {
		return nil, err
	}
	accuracy := classify.NewRunner(m, threads, nil).Accuracy(test.Images, test.Labels)
	c.Printf("%.2f %% of %s test images are classified right, after %s\nwritten: %s\n\n",
		100*accuracy, plain.Comma(test.N), console.Duration(time.Since(begin).Seconds()), name)
	return m, nil
}

// install copies the weights of a run to the built-in models and notes the hashes of what they
// compute.
func install(dir, name string) error {
	q, err := model.ReadFile(filepath.Join(dir, pair.Int8File))
	if err != nil {
		return err
	}
	generic, err := kernels.Select("generic")
	if err != nil {
		return err
	}
	hash, err := decoder.Hash(q, generic)
	if err != nil {
		return err
	}
	for _, w := range []struct{ from, folder string }{{pair.FloatFile, pair.FloatFolder}, {pair.Int8File, pair.Int8Folder}} {
		data, err := regular.Read(filepath.Join(dir, w.from), pair.MaxFile)
		if err != nil {
			return err
		}
		if err := atomicfile.WriteBytes(filepath.Join(w.folder, name+".safetensors"), data); err != nil {
			return err
		}
	}
	e, err := model.ReadFile(filepath.Join(dir, encoder.File))
	if err != nil {
		return err
	}
	if _, err := installEncoder(name, e); err != nil {
		return err
	}
	return noteHash(filepath.Join(pair.Int8Folder, "golden.txt"), name, hash)
}
