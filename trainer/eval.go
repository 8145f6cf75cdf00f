package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

const evalUsage = `Usage: go run ./trainer eval [FLAGS]

Measures a float32 model and its int8 decoder on the test images.

Flags:
  --model NAME   a built-in model, or the --out directory of a run (default ` + decoder.DefaultModel + `)
  --data DIR     an IDX data set (default: the built-in digits)
  --threads N    goroutines that compute (default 0: one per core)
  --json         print JSON

The keys of the JSON, figures being means over images and those in nats for a whole image:
  float_elbo_nats   -ELBO of the float32 model, float_bce_nats + kl_nats: less is better
  int8_elbo_nats    the same with the int8 decoder at the same latent points
  int8_cost_nats    int8_elbo_nats - float_elbo_nats
  int8_psnr_db      int8 pixels against float32 pixels at the posterior means; 100 if equal
  float_bce_nats    cross-entropy of grey levels, summed over pixels
  kl_nats           divergence of the posterior from the prior
  book_loss         the loss of Chollet's listing 8-27, a mean over pixels
  images            how many test images there were

For the built-in digits, as a classifier reads them that knows nothing of the models:
  classified_same   share of the reconstructions at the posterior means that int8 and float32
                    decoder draw as the same digit
  classified_right  share of the int8 reconstructions that show the digit that the image does
  manifold_digits   how many tiles of the int8 manifold show a 0, a 1, and so on

Examples:
  go run ./trainer eval
  go run ./trainer eval --model out --json
  go run ./trainer eval --model fashion --data fashion-mnist/

Exit status: 0 done, 1 failed, 2 wrong usage.
`

// eval is the command that measures.
func eval(args []string, c *console) error {
	fs := flag.NewFlagSet("eval", flag.ContinueOnError)
	name := fs.String("model", decoder.DefaultModel, "")
	data := fs.String("data", "", "")
	threads := fs.Int("threads", 0, "")
	asJSON := fs.Bool("json", false, "")
	given, err := parse(fs, args)
	if err != nil {
		return err
	}
	if err := checkThreads(*threads); err != nil {
		return err
	}
	for _, f := range []string{"model", "data"} {
		if given[f] && fs.Lookup(f).Value.String() == "" {
			return usageErrorf("--%s is empty", f)
		}
	}
	m, q, err := openPair(*name)
	if err != nil {
		return err
	}
	var test *mnist.Set
	if *data == "" {
		_, test, err = mnist.Embedded()
	} else {
		_, test, err = mnist.Load(*data)
	}
	if err != nil {
		return err
	}
	if test.Height != m.Height || test.Width != m.Width || test.Channels != m.Channels {
		return fmt.Errorf("the test images are %d x %d x %d and the model's %d x %d x %d: name the data set it was trained on with --data",
			test.Height, test.Width, test.Channels, m.Height, m.Width, m.Channels)
	}
	s, err := measure(m, q, test.Images, *threads)
	if err != nil {
		return err
	}
	if *data == "" {
		judge, err := classify.BuiltIn()
		if err != nil {
			return err
		}
		if s.agreement, err = agree(judge, m, q, test, *threads); err != nil {
			return err
		}
	}
	if *asJSON {
		out, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return err
		}
		c.printf("%s\n", out)
		return nil
	}
	c.printf("%s, %s latent dimensions, on %s test images; figures for an image\n\n", *name, comma(m.Latent), comma(s.Images))
	c.printf("-ELBO, float32       %9.2f nats\n", s.FloatELBO)
	c.printf("  reconstruction     %9.2f nats\n", s.FloatBCE)
	c.printf("  KL divergence      %9.2f nats\n", s.KL)
	c.printf("-ELBO, int8          %9.2f nats\n", s.Int8ELBO)
	c.printf("  cost of int8       %9.3f nats\n", s.Int8Cost)
	c.printf("PSNR, int8 to float  %9.1f dB\n", s.Int8PSNR)
	c.printf("book's loss          %9.4f\n", s.BookLoss)
	if s.agreement != nil {
		c.printf("\n%v\n", s.agreement)
	}
	return nil
}

// openPair returns a built-in model or the one in the directory of a run, as float32 and as int8.
func openPair(name string) (*vae.Model, *decoder.Model, error) {
	floats, ok := pretrained.Weights(name)
	floatName, int8Name := name+", built in", name
	if !ok {
		var err error
		floatName, int8Name = filepath.Join(name, floatFile), filepath.Join(name, int8File)
		if floats, err = readFile(floatName); err != nil {
			return nil, nil, fmt.Errorf("--model %s is no built-in model and no directory of a run: %w", name, err)
		}
	}
	m, err := parseFloat(floats)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", floatName, err)
	}
	q, err := decoder.Open(int8Name)
	if err != nil {
		return nil, nil, err
	}
	return m, q, nil
}
