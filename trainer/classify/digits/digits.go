// Package digits trains the built-in classifier of digits.
package digits

import (
	"context"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// Train makes the built-in classifier of digits and writes its file: of the first so many images, 0
// being all. It takes a minute, so that an interrupted one is not continued but begun anew.
func Train(ctx context.Context, name string, limit, threads int, c *console.Console) (*classify.Model, error) {
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
	if err := atomicfile.WriteBytes(name, weights); err != nil {
		return nil, err
	}
	accuracy := classify.NewRunner(m, threads, nil).Accuracy(test.Images, test.Labels)
	c.Printf("%.2f %% of %s test images are classified right, after %s\nwritten: %s\n\n",
		100*accuracy, plain.Comma(test.N), console.Duration(time.Since(begin).Seconds()), name)
	return m, nil
}
