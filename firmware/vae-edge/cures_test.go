package main

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/model"
)

// TestCured: what libraries, which know no command, say is wrong with a model comes with what to do, and stays what it is.
func TestCured(t *testing.T) {
	for want, err := range map[string]error{
		"--toward: a has no concepts: go run ./trainer concepts --update writes them":                           usagef("--toward: a has %w", model.ErrNoConcepts),
		"no encoder of a: copy it from where the trainer wrote both, or write it with go run ./trainer encoder": fmt.Errorf("%w of a", pictures.ErrNone),
		"other pixels than generic code gives: run vae-edge verify, or set VAE_EDGE_BACKEND=generic":            decoder.ErrWrongPixels,
		"file does not exist; given up after 5s, see --give-up":                                                 supervise.GivenUpError{Err: fs.ErrNotExist, After: 5 * time.Second},
		"file does not exist": fs.ErrNotExist,
	} {
		got := cured(err)
		if got.Error() != want || !errors.Is(got, err) || errors.As(got, new(usageError)) != errors.As(err, new(usageError)) {
			t.Errorf("%q is %q, want %q", err, got, want)
		}
	}
	if err := cured(nil); err != nil {
		t.Error(err)
	}
}
