package run

import (
	"cmp"
	"errors"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

// A Loading is how a data set is read: how many threads there are, what is told of it, and what
// ends it.
type Loading struct {
	Console     *console.Console
	Threads     int
	Interrupted func() bool // may be nil
}

// Load reads the data set, or as much of it as the limit says. It returns ErrInterrupted if it is
// asked to end.
func (c *Config) Load(l Loading) (train, test *dataset.Set, err error) {
	train, test, err = named.Load(c.Data, celeba.Options{
		Attributes: strings.FieldsFunc(c.Attributes, func(r rune) bool { return r == ',' }), Crop: c.Crop,
		Reading: pictures.Reading{
			Train: c.Limit, Test: cmp.Or(c.TestLimit, c.Limit), Threads: l.Threads, Interrupted: l.Interrupted,
			Note:     func(text string) { l.Console.Warnf("%s", text) },
			Progress: func(total int) func(done int) { return l.Console.Progress("reading pictures", total) },
		},
	})
	if errors.Is(err, named.ErrInterrupted) {
		err = ErrInterrupted
	}
	return train, test, err
}
