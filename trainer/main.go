// Command trainer trains the variational autoencoder whose decoder the other programs run.
//
//	go run ./trainer            trains on the MNIST digits and writes everything to out/
//	go run ./trainer eval       measures a trained pair, float against int8
//	go run ./trainer --help     says more
//
// The network, its losses and a training step are in trainer/vae, the int8 decoder's in
// trainer/quantize. This package is what is around them: flags, progress, pictures, checkpoints and
// files.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

const trainText = `
Trains a convolutional variational autoencoder on the MNIST digits, which are part of the
module, and an int8 decoder that draws what it draws, and writes both, with pictures, to out/.
`

const trainTail = `
Written to --out: vae.safetensors (float32 weights), decoder.safetensors (int8 weights for
vae-edge --model), encoder.safetensors (int8 weights that its edit scene finds beside those),
manifold.png, samples.png, reconstructions.png, latent.png, loss.png and run.json; training.gif
with --animate. manifold.png and reconstructions.png are redrawn every epoch.

Ctrl-C stops after the current batch, writes a checkpoint and prints the command that
continues from it, to the same result; a second Ctrl-C stops at once.

Examples:
  go run ./trainer
  go run ./trainer --quick --animate --out out/quick
  go run ./trainer --latent 16 --out out/16
  go run ./trainer --network mine.json --out out/mine
  go run ./trainer --loss book --optimizer rmsprop --batch 16
  go run ./trainer --kl-weight 0 --out out/classical
  go run ./trainer --data fashion-mnist/ --out out/fashion
  go run ./trainer --resume

Exit status: 0 done, 1 failed or interrupted, 2 wrong usage.
`

func main() { os.Exit(realMain(os.Args[1:], os.Stdout, os.Stderr)) }

// realMain carries out a command line and returns the exit status.
func realMain(args []string, stdout, stderr io.Writer) int {
	o, err := readLine(args)
	switch {
	case err == nil && o.line.Help:
		err = table.PrintHelp(stdout, o.line.Command)
	case err == nil:
		err = runs[o.line.Command](o, newConsole(stdout, stderr))
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errInterrupted):
		return 1 // what to say about it has been said
	}
	fmt.Fprintf(stderr, "trainer: %s\n", plain.Text(err.Error()))
	if errors.As(err, new(cli.UsageError)) {
		return 2
	}
	return 1
}

// cured adds to the error of a library, which knows of no command, what cures it.
func cured(err error) error {
	for _, c := range []struct {
		of   error
		cure string
	}{
		{model.ErrNoConcepts, "go run ./trainer concepts --update writes them, if its images are of two classes or more"},
		{encoder.ErrNone, "copy it from where the trainer wrote both, or write it with go run ./trainer encoder"},
		{vae.ErrDiverged, "lower --lr"},
	} {
		if errors.Is(err, c.of) {
			return fmt.Errorf("%w: %s", err, c.cure)
		}
	}
	return err
}

// checkBackends reports an environment that asks for kernels which this CPU does not have, before
// anybody has waited for them.
func checkBackends() error {
	if _, err := sgemm.Select(""); err != nil {
		return err
	}
	_, err := kernels.Select("")
	return err
}
