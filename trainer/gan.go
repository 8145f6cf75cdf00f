package main

import (
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/compare"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/gan/duel"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// trainGAN is the command that trains a generator against a critic.
func trainGAN(o *options, c *console.Console) error {
	ctx, stop := untilInterrupt(c)
	defer stop()
	return duel.Train(ctx, o.duel(resumeCommand(o)), c)
}

// duel are the options of a run that a command line asks for, and that another continues.
func (o *options) duel(again string) duel.Options {
	return duel.Options{
		Config: o.Config, Out: o.out, Threads: o.threads, Resume: o.resume, Said: o.said(),
		Again: again, Show: "vae-edge --model " + cli.Quoted(o.out), Cures: map[duel.Trouble]string{
			duel.CriticWins: "train anew with a lower --lr, or on more images",
			duel.CriticLost: "train anew with a smaller --batch, which gives the critic more steps",
			duel.Collapse:   "train anew with another --seed and a lower --lr",
			duel.Uneven:     "train for more --epochs, or with another --seed",
			duel.TooShort:   "train for more --epochs, or on more images",
		},
	}
}

// compareModels is the command that measures generators of digits beside each other.
func compareModels(o *options, c *console.Console) error {
	models := o.line.Operands
	if len(models) == 0 {
		models = []string{"mnist-2", "mnist-16", ganModel}
	}
	files := compare.Files(o.out)
	for _, name := range files {
		if err := checkWritable(name); err != nil {
			return err
		}
	}
	train, test, err := o.Load(run.Loading{Console: c})
	if err != nil {
		return err
	}
	r, err := compare.Digits(train, test, compare.Options{Models: models, Inverted: o.inverted, Threads: o.threads, Seed: o.Seed, Progress: c.Progress})
	if err == nil {
		err = r.Draw(files)
	}
	if err != nil {
		return err
	}
	if o.json {
		return c.JSON(r)
	}
	c.Printf("%s\nwritten: %s\n", r, plain.List(files))
	return c.Err()
}
