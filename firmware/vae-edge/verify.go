package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/kernels"
)

// verify prints a line for every backend of this CPU: its name, the hash of the pixels computed there, and whether that is
// the committed one. It does so for the synthetic and all built-in models, or for the one that the command line names, which is
// held to the generic backend.
func verify(ctx context.Context, w io.Writer, c *config) error {
	// All backends are checked, but a name that is none is a mistake here as elsewhere.
	if _, err := kernels.Select(""); err != nil {
		return err
	}
	if c.model != "" {
		m, err := decoder.Open(c.model)
		if err != nil {
			return err
		}
		generic := kernels.Backends()[0]
		want, err := m.Hash(generic)
		if err != nil {
			return err
		}
		return verifyModel(ctx, w, m, c.model, want, generic.String())
	}
	golden, _ := decoder.Golden("synthetic")
	failed := verifyModel(ctx, w, decoder.Synthetic(), "synthetic", golden, "committed")
	for _, name := range pretrained.Names() {
		m, err := decoder.Open(name)
		if err != nil {
			return err
		}
		golden, _ := decoder.Golden(name) // none is as bad as another
		failed = errors.Join(failed, verifyModel(ctx, w, m, name, golden, "committed"))
	}
	return failed
}

// verifyModel prints the lines for one model. The hash that is wanted comes from source.
func verifyModel(ctx context.Context, w io.Writer, m *decoder.Model, name, want, source string) error {
	wrong := 0
	for _, b := range kernels.Backends() {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		got, err := m.Hash(b)
		if err != nil {
			return err
		}
		verdict := "ok     " + name + ", as " + source
		if got != want {
			verdict = fmt.Sprintf("not ok %s, %s is %q", name, source, want)
			wrong++
		}
		if _, err := fmt.Fprintf(w, "%-12v %s  %s\n", b, got, verdict); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return fmt.Errorf("model %s: wrong pixels on %d of %d backends", name, wrong, len(kernels.Backends()))
	}
	return nil
}
