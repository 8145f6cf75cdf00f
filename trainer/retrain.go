package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
)

const pretrainedText = `
Trains the classifier of digits and the built-in models anew, these with the settings that
go run ./trainer has by default, and writes their weights and the hashes of what they compute:

  trainer/pretrained/digits-classifier.safetensors
  trainer/pretrained/NAME.safetensors
  decoder/pretrained/NAME.safetensors
  decoder/pretrained/golden.txt
  encoder/pretrained/NAME.safetensors.gz
  encoder/pretrained/golden.txt

It is run from the root of the repository, and continues where it was interrupted.
`

// builtIn are the built-in models and the flags that train them.
var builtIn = []struct {
	name  string
	flags []string
}{
	{decoder.DefaultModel, []string{"--latent", "2"}},
	{"mnist-16", []string{"--latent", "16"}},
}

// Folders of the built-in models, from the root of the repository.
var (
	floatFolder = filepath.Join("trainer", "pretrained")
	int8Folder  = filepath.Join("decoder", "pretrained")
)

// pretrain is the command that makes the built-in models.
func pretrain(o *options, c *console) error {
	for _, dir := range []string{floatFolder, int8Folder, encoderFolder} {
		if err := checkFolder(dir); err != nil {
			return err
		}
	}
	if err := checkBackends(); err != nil {
		return err
	}
	again := command + " pretrained"
	for _, s := range o.line.Settings {
		again += " --" + s.Name + " " + quoted(s.Value)
	}
	ctx, stop := untilInterrupt(c)
	defer stop()
	judge, err := trainClassifier(ctx, o.Limit, o.threads, c)
	if errors.Is(err, errInterrupted) {
		c.warnf("interrupted before the first model; to continue:\n  %s", again)
	}
	if err != nil {
		return err
	}
	for _, b := range builtIn {
		dir := filepath.Join(o.out, b.name)
		flags := append(b.flags, "--out", dir, fmt.Sprintf("--limit=%d", o.Limit), fmt.Sprintf("--threads=%d", o.threads))
		if _, err := os.Stat(filepath.Join(dir, checkpointFile)); err == nil {
			flags = append(flags, "--resume")
		}
		run, err := readLine(flags)
		if err != nil {
			return err
		}
		r := newRun(ctx, *run, c)
		r.name = b.name
		r.judge = judge
		r.continuing = again
		if err := r.run(); err != nil {
			return err
		}
		if err := install(dir, b.name); err != nil {
			return err
		}
		c.printf("written: %s and %s\n", filepath.Join(floatFolder, b.name+".safetensors"), filepath.Join(int8Folder, b.name+".safetensors"))
	}
	return nil
}

// trainClassifier makes the built-in classifier of digits. It takes a minute, so that an
// interrupted one is not continued but begun anew.
func trainClassifier(ctx context.Context, limit, threads int, c *console) (*classify.Model, error) {
	o := classify.DefaultOptions
	o.Threads = threads
	data := config{Limit: limit}
	train, test, err := data.load()
	if err != nil {
		return nil, err
	}
	m, err := classify.New(classify.Config{Height: train.Height, Width: train.Width, Channels: train.Channels, Classes: 1 + int(slices.Max(train.Labels))}, o.Seed)
	if err != nil {
		return nil, err
	}
	c.printf("training the classifier of digits, %d epochs\n", o.Epochs)
	begin := time.Now()
	last := begin
	o.Progress = func(step, steps int, loss float64) error {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if now := time.Now(); now.Sub(last) > linePeriod {
			last = now
			c.printf("step %s of %s, cross-entropy %.4f nats\n", comma(step), comma(steps), loss)
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
	name := filepath.Join(floatFolder, classifierName+".safetensors")
	if err := atomicfile.WriteBytes(name, weights); err != nil {
		return nil, err
	}
	accuracy := classify.NewRunner(m, threads, nil).Accuracy(test.Images, test.Labels)
	c.printf("%.2f %% of %s test images are classified right, after %s\nwritten: %s\n\n",
		100*accuracy, comma(test.N), duration(time.Since(begin).Seconds()), name)
	return m, nil
}

// install copies the weights of a run to the built-in models and notes the hashes of what they
// compute.
func install(dir, name string) error {
	q, err := model.ReadFile(filepath.Join(dir, int8File))
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
	for _, w := range []struct{ from, folder string }{{floatFile, floatFolder}, {int8File, int8Folder}} {
		data, err := readFile(filepath.Join(dir, w.from), maxFile)
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
	return noteHash(filepath.Join(int8Folder, "golden.txt"), name, hash)
}
