// Command trainer trains the variational autoencoder whose decoder the other programs run.
//
//	go run ./trainer            trains on the MNIST digits and writes everything to out/
//	go run ./trainer eval       measures a trained pair, float against int8
//	go run ./trainer --help     says more
//
// A run is in trainer/run; the network, its losses and a training step are in trainer/vae, the int8
// decoder's in trainer/quantize. This package has the table of commands and flags, and
// makes of each command calls of the packages below.
package main

import (
	"errors"
	"io"
	"os"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/run"
)

func main() { os.Exit(realMain(os.Args[1:], os.Stdout, os.Stderr)) }

// realMain carries out a command line and returns the exit status.
func realMain(args []string, stdout, stderr io.Writer) int {
	c := console.New("trainer", stdout, stderr)
	o, err := readLine(args)
	switch {
	case err == nil && o.line.Help:
		err = table.PrintHelp(stdout, o.line.Command)
	case err == nil:
		err = commands[o.line.Command](o, c)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, run.ErrInterrupted):
		return 1 // what to say about it has been said
	}
	err = cured(err)
	c.Warnf("%v", err)
	if errors.As(err, new(cli.UsageError)) {
		return 2
	}
	return 1
}

// commands are what the commands do.
var commands = map[string]func(o *options, c *console.Console) error{
	"": train, "eval": eval, "concepts": concepts, "edit": editPicture, "interpolate": interpolate, "swap": swap, "average": average,
	"walk": walk, "reconstruct": reconstruct, "encoder": exportEncoder, "export": export, "import": importDecoder, "pretrained": pretrain,
	"gan": trainGAN, "compare": compareModels,
}
