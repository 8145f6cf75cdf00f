package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/bulk"
	"github.com/vae-edge/vae-edge/internal/plain"
)

// draw writes random pictures to a file.
func draw(ctx context.Context, c *config) error {
	m, err := decoder.Open(c.play.Model)
	if err != nil {
		return err
	}
	o := c.draw
	o.Seed, o.Threads = c.play.Seed, cmp.Or(o.Threads, runtime.GOMAXPROCS(0))
	err = write(ctx, c.out, func() error {
		err := bulk.WriteFile(ctx, c.out, m, o)
		if ctx.Err() != nil && err != nil {
			return fmt.Errorf("interrupted: %s was not written", c.out)
		}
		return err
	})
	if err != nil {
		return err
	}
	first, end := o.Shard.Range(o.Count)
	fmt.Fprintf(os.Stderr, "vae-edge: %s: written, %s of %s pictures, from number %s on, %d x %d pixels\n", plain.Text(c.out),
		plain.Comma(int(end-first)), plain.Comma(int(o.Count)), plain.Comma(int(first)), m.Image[1], m.Image[0])
	return nil
}
