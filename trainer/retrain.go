package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/classify/digits"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/gan/duel"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/run/folder"
)

// pretrain is the command that makes the built-in models.
func pretrain(o *options, c *console.Console) error {
	if o.from != "" && (o.only == "" || o.Limit > 0) {
		return cli.Usagef("--from: say with --only which model that run becomes, and no --limit, because nothing is trained")
	}
	for _, dir := range []string{pair.FloatFolder, pair.Int8Folder, pair.EncoderFolder} {
		if err := checkFolder(dir); err != nil {
			return err
		}
	}
	if o.from != "" {
		return adopt(o, c)
	}
	again := command + " pretrained"
	for _, s := range o.line.Settings {
		again += " --" + s.Name + " " + cli.Quoted(s.Value)
	}
	if err := pair.CheckBackends(); err != nil {
		return err
	}
	ctx, stop := untilInterrupt(c)
	defer stop()
	var classifier *classify.Model
	if o.only == "" {
		var err error
		classifier, err = digits.Train(ctx, filepath.Join(pair.FloatFolder, measure.ClassifierName+".safetensors"), o.Limit, o.threads, c)
		if errors.Is(err, run.ErrInterrupted) {
			c.Warnf("interrupted before the first model; to continue:\n  %s", again)
		}
		if err != nil {
			return err
		}
	}
	for _, b := range builtIn {
		if o.only != "" && o.only != b.name {
			continue
		}
		dir := filepath.Join(o.out, b.name)
		flags := append(b.training(), "--out", dir, fmt.Sprintf("--limit=%d", o.Limit), fmt.Sprintf("--threads=%d", o.threads))
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
		if err := install(dir, b.name, c); err != nil {
			return err
		}
	}
	if o.only != "" && o.only != ganModel {
		return nil
	}
	dir := filepath.Join(o.out, ganModel)
	its, err := readLine([]string{"gan", "--out", dir, fmt.Sprintf("--limit=%d", o.Limit), fmt.Sprintf("--threads=%d", o.threads)})
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(dir, run.CheckpointFile))
	its.resume = err == nil
	if err := duel.Train(ctx, its.duel(again), c); err != nil {
		return err
	}
	return install(dir, ganModel, c)
}

// adopt makes a run that is done a built-in model.
func adopt(o *options, c *console.Console) error {
	dir, record := pair.Folder(o.from), folder.Autoencoder
	if o.only == ganModel {
		record = folder.GAN
	}
	data, err := regular.Read(filepath.Join(dir, record), pair.MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s in %s, which training writes when it is done", record, dir)
	}
	var its struct{ Config run.Config }
	if err == nil {
		err = plain.JSONError(json.Unmarshal(data, &its))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, record), err)
	}
	flags := []string{"gan"}
	if b, ok := findBuiltIn(o.only); ok {
		flags = b.training()
	}
	usual, err := readLine(flags)
	if err != nil || usual.Config != its.Config && (o.only != ganModel || !usual.duel("").Trains(its.Config)) {
		c.Warnf("%s was trained with other settings than %s is: %s %s makes another model", dir, o.only, command, strings.Join(flags, " "))
	}
	return install(dir, o.only, c)
}

// install makes the model of a run a built-in one, and says so.
func install(dir, name string, c *console.Console) error {
	if err := pair.Install(dir, name); err != nil {
		return err
	}
	// This program has them not yet
	folders := []string{pair.FloatFolder, pair.Int8Folder, pair.EncoderFolder}
	if name == ganModel {
		folders = folders[:2]
	}
	c.Printf("written: %s in %s\n", name, plain.List(folders))
	return c.Err()
}
