package main

import (
	"path/filepath"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/compare"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/gan/duel"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// trainGAN is the command that trains a generator against a critic.
func trainGAN(o *options, c *console.Console) error {
	ctx, stop := untilInterrupt(c)
	defer stop()
	return duel.Train(ctx, duel.Options{
		Config: o.Config, Out: o.out, Threads: o.threads, Resume: o.resume, Said: o.said(),
		Again: resumeCommand(o), Show: "vae-edge --model " + cli.Quoted(o.out), Cures: map[duel.Trouble]string{
			duel.CriticWins: "train anew with a lower --lr, or on more images",
			duel.CriticLost: "train anew with a smaller --batch, which gives the critic more steps",
			duel.Collapse:   "train anew with another --seed and a lower --lr",
			duel.Uneven:     "train for more --epochs, or with another --seed",
		},
	}, c)
}

// compareModels is the command that measures generators of digits beside each other.
func compareModels(o *options, c *console.Console) error {
	models := o.line.Operands
	if len(models) == 0 {
		models = []string{"mnist-2", "mnist-16", "gan"}
	}
	files := []string{filepath.Join(o.out, "samples.png"), filepath.Join(o.out, "inverted.png")}
	for _, name := range files {
		if err := checkWritable(name); err != nil {
			return err
		}
	}
	train, test, err := o.Load(run.Loading{Console: c})
	if err != nil {
		return err
	}
	if test.N < 2 {
		return cli.Usagef("--limit %d: distances need more images", test.N)
	}
	r, err := compare.Digits(train, test, compare.Options{Models: models, Inverted: o.inverted, Threads: o.threads, Seed: o.Seed, Progress: c.Progress})
	if err != nil {
		return err
	}
	for i, rows := range [][]picture.Row{r.Sheet(), r.Again()} {
		if err := picture.WriteFile(files[i], picture.Reconstructions(rows, compare.Columns, nil)); err != nil {
			return err
		}
	}
	if o.json {
		return c.JSON(r)
	}
	c.Printf("%s\nwritten: %s and %s\n", r, files[0], files[1])
	return c.Err()
}
