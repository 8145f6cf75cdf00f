// Command trainer trains the variational autoencoder whose decoder the other programs run.
//
//	go run ./trainer            trains on the MNIST digits and writes everything to out/
//	go run ./trainer eval       measures a trained pair, float against int8
//	go run ./trainer --help     says more
//
// The network, its losses and a training step are in trainer/vae, the int8 decoder's in trainer/quantize. This package is what is
// around them: flags, progress, pictures, checkpoints and files.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

const usage = `Usage: go run ./trainer [COMMAND] [FLAGS]

Trains a convolutional variational autoencoder on the MNIST digits, which are part of the
module, and an int8 decoder that draws what it draws, and writes both, with pictures, to out/.

Commands:
  train        train a model (the default; the flags below)
  eval         measure a trained model: eval --help
  concepts     directions of the latent space that mean something: concepts --help
  edit         turn the digit of a picture into another: edit --help
  interpolate  what is between two pictures: interpolate --help
  average      the mean of pictures: average --help
  walk         an animation from digit to digit: walk --help
  reconstruct  pictures, encoded and decoded: reconstruct --help
  encoder      the int8 encoder of a trained model, anew: encoder --help
  pretrained   train the built-in models anew: pretrained --help

Flags:
  --epochs N        passes over the training images (default 10). The second half of the last
                    trains the int8 decoder, which learns to draw what the float32 one does.
                    From 10,000 steps on, with --loss elbo and a --kl-weight of 1 or more,
                    the noise of rounding is trained with
  --batch N         images a step (default 32; 16 with --loss book)
  --network NAME    book: that of the book's section, for images of even sides (default), or a
                    JSON file of layers, such as model/presets/book.json. What follows from the
                    rest may be left out; what the board cannot run is refused, by layer
  --latent N        dimensions of the latent space, 2 to 512 (default 2, or what a network's
                    file says)
  --loss NAME       elbo: the negative evidence lower bound, in nats an image (default)
                    book: the loss of section 8.4 of Chollet's Deep Learning with Python
  --kl-weight X     factor of the loss's KL term (default 1), reached over the first 30 % of
                    the steps with elbo; 0 trains a classical autoencoder, whose latent space
                    has holes
  --optimizer NAME  adam or rmsprop (default adam; rmsprop with --loss book)
  --lr X            learning rate (default 0.002 for adam with --loss elbo, 0.003 with --quick
                    besides, otherwise 0.001).
                    It rises to this in the first steps and falls to 0 along a cosine.
                    The encoder's dense layer learns at a fifth of it
  --seed N          of weights, order and noise (default 1). The same seed gives the same
                    files byte for byte on the same kind of CPU, with any --threads.
  --limit N         only the first N training and the first N test images (default 0: all)
  --test-limit N    only the first N test images (default: as many as --limit)
  --threads N       goroutines that compute (default 0: one per core)
  --data DIR        an IDX data set, gzipped or not: MNIST, Fashion-MNIST, KMNIST, EMNIST, or
                    your own, of any size that suits the network (default: the built-in digits)
  --out DIR         where files are written (default out)
  --resume          continue the run that was interrupted in --out, with its own settings
  --quick           a manifold to look at in less than a minute on two cores: 5 epochs of 10,500
                    images in batches of 16, measured on 2,000, unless --epochs, --limit, --batch
                    or --test-limit say otherwise. It is paid for with blurred digits, one or two
                    of them missing: 14 nats of -ELBO
  --animate         keep frames of the manifold and of the test images' means, in --out/frames,
                    many in the beginning and several an epoch later, and make training.gif of
                    them: the latent space as it puts itself in order. It takes up to 120
                    frames, each as long as training on some 500 images

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
  go run ./trainer --loss book --optimizer rmsprop --batch 16   (the book's loss, optimiser and batch)
  go run ./trainer --kl-weight 0 --out out/classical
  go run ./trainer --data fashion-mnist/ --out out/fashion
  go run ./trainer --resume

Exit status: 0 done, 1 failed or interrupted, 2 wrong usage.
`

// A command is a sub-command: its flags and what it does.
type command struct {
	usage string
	run   func(args []string, c *console) error
}

// commandNames are the commands, for people.
const commandNames = "train, eval, concepts, edit, interpolate, average, walk, reconstruct, encoder or pretrained"

var commands = map[string]command{
	"train":       {usage, train},
	"eval":        {evalUsage, eval},
	"concepts":    {conceptsUsage, concepts},
	"edit":        {editUsage, editPicture},
	"interpolate": {interpolateUsage, interpolate},
	"average":     {averageUsage, average},
	"walk":        {walkUsage, walk},
	"reconstruct": {reconstructUsage, reconstruct},
	"encoder":     {encoderUsage, exportEncoder},
	"pretrained":  {pretrainedUsage, pretrain},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run carries out a command line and returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	name := "train"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if name == "help" {
		name = "train"
		if len(args) > 0 {
			name = args[0]
		}
		args = []string{"--help"}
	}
	cmd, ok := commands[name]
	err := error(usageError(fmt.Sprintf("unknown command %q: it is %s", name, commandNames)))
	if ok {
		err = cmd.run(args, newConsole(stdout, stderr))
	}
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		if _, err = fmt.Fprint(stdout, cmd.usage); err == nil {
			return 0
		}
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "trainer: %s (go run ./trainer --help)\n", plain.Text(wrong.Error()))
		return 2
	case errors.Is(err, errInterrupted):
		return 1 // what to say about it has been said
	}
	fmt.Fprintf(stderr, "trainer: %s\n", plain.Text(err.Error()))
	return 1
}

// cured adds to the error of a library, which knows of no command, what cures it.
func cured(err error) error {
	for _, c := range []struct {
		of   error
		cure string
	}{
		{model.ErrNoConcepts, "go run ./trainer concepts --update writes them"},
		{encoder.ErrNone, "copy it from where the trainer wrote both, or write it with go run ./trainer encoder"},
		{vae.ErrDiverged, "lower --lr"},
	} {
		if errors.Is(err, c.of) {
			return fmt.Errorf("%w: %s", err, c.cure)
		}
	}
	return err
}

// checkBackends reports an environment that asks for kernels which this CPU does not have, before anybody has waited for them.
func checkBackends() error {
	if _, err := sgemm.Select(""); err != nil {
		return err
	}
	_, err := kernels.Select("")
	return err
}

// A usageError is a command line that asks for what there is not.
type usageError string

func (e usageError) Error() string { return string(e) }

func usageErrorf(format string, args ...any) error {
	return usageError(fmt.Sprintf(format, args...))
}

var (
	singleDash   = regexp.MustCompile(`(^|\s)-([a-z])`)
	invalidValue = regexp.MustCompile(`^invalid value (".*") for flag -([a-z0-9-]+): `)
)

// parse parses flags, of which there may be no others and nothing after them. It returns the names of those given.
func parse(fs *flag.FlagSet, args []string) (given map[string]bool, err error) {
	if given, err = parseFlags(fs, args); err == nil && fs.NArg() > 0 {
		err = usageErrorf("unexpected argument %q", fs.Arg(0))
	}
	return given, err
}

// kindOf says what the values of a flag are.
func kindOf(f *flag.Flag) string {
	switch f.Value.(flag.Getter).Get().(type) {
	case int:
		return "a whole number"
	case uint64:
		return "a whole number from 0 to 2^64-1"
	case float64:
		return "a number"
	}
	return "another"
}

// parseFlags parses flags, after which there may be arguments.
func parseFlags(fs *flag.FlagSet, args []string) (given map[string]bool, err error) {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if m := invalidValue.FindStringSubmatch(fmt.Sprint(err)); m != nil {
		return nil, usageErrorf("--%s %s: must be %s", m[2], m[1], kindOf(fs.Lookup(m[2])))
	} else if err != nil {
		return nil, usageError(singleDash.ReplaceAllString(err.Error(), "$1--$2"))
	}
	given = map[string]bool{}
	fs.Visit(func(f *flag.Flag) {
		given[f.Name] = true
		if e := checkValue(f); err == nil {
			err = e
		}
	})
	return given, err
}

// checkValue reports values of flags that no command takes.
func checkValue(f *flag.Flag) error {
	const maxThreads = 1024
	switch v := f.Value.(flag.Getter).Get(); {
	case v == "":
		return usageErrorf("--%s is empty", f.Name)
	case f.Name == "threads" && (v.(int) < 0 || v.(int) > maxThreads):
		return usageErrorf("--threads %d: must be 1 to %d, or 0 for one per core", v, maxThreads)
	case f.Name == "limit" && v.(int) < 0:
		return usageErrorf("--limit %d: must be 1 or more, or 0 for all images", v)
	}
	return nil
}
