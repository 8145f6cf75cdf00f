package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	encoders "github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

const encoderText = `
Makes the int8 encoder of a model that is trained already anew, from its float32 weights, and
writes it: encoder.safetensors beside the decoder or, for a built-in model, the file and the
hash in encoder/pretrained, for which it is run from the root of the repository. The decoder
stays as it is. Training does the same.
`

// encoderFolder is that of the encoders of the built-in models, from the root of the repository.
var encoderFolder = filepath.Join("encoder", "pretrained")

// encoderSeed chooses the images that an encoder's scales are fitted to: the same ones in training
// and later.
const encoderSeed = 1

// exportEncoder is the command that makes an encoder.
func exportEncoder(o *options, c *console) error {
	_, builtIn := pretrained.Weights(o.model)
	if builtIn {
		if err := checkFolder(encoderFolder); err != nil {
			return err
		}
	}
	m, q, train, _, err := openOn(o.model, &o.config)
	if err != nil {
		return err
	}
	e, err := quantize.Encoder(m, q, train.Images, quantize.Options{Threads: o.threads, Seed: encoderSeed})
	if err != nil {
		return err
	}
	var file string
	if builtIn {
		file, err = installEncoder(o.model, e)
	} else {
		file = filepath.Join(o.model, encoder.File)
		_, err = writeEncoder(file, e)
	}
	if err != nil {
		return err
	}
	c.printf("written: %s\n", file)
	return c.failed
}

// checkFolder reports that there is none of that name.
func checkFolder(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s here: run this from the root of the repository", dir)
	}
	return nil
}

// writeEncoder writes the file of an encoder and returns its size in bytes.
func writeEncoder(file string, e *model.Model) (int, error) {
	data, err := e.Marshal()
	if err != nil {
		return 0, err
	}
	return len(data), atomicfile.WriteBytes(file, data)
}

// installEncoder makes an encoder that of a built-in model and notes the hash of what it computes.
// It returns the name of the file.
func installEncoder(name string, e *model.Model) (file string, err error) {
	data, err := e.Marshal()
	if err != nil {
		return "", err
	}
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.HuffmanOnly) // weights do not repeat
	if err != nil {
		return "", err
	}
	if _, err := w.Write(data); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	generic, err := kernels.Select("generic")
	if err != nil {
		return "", err
	}
	hash, err := encoder.Hash(e, generic)
	if err != nil {
		return "", err
	}
	file = filepath.Join(encoderFolder, name+encoders.Extension)
	if err := atomicfile.WriteBytes(file, compressed.Bytes()); err != nil {
		return "", err
	}
	return file, noteHash(filepath.Join(encoderFolder, "golden.txt"), name, hash)
}

// noteHash makes a file of golden hashes have that of a model.
func noteHash(file, name, hash string) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(string(old))), func(line string) bool {
		f := strings.Fields(line)
		return len(f) == 0 || f[0] == name
	})
	lines = append(lines, name+" "+hash+"\n")
	slices.Sort(lines)
	return atomicfile.WriteBytes(file, []byte(strings.Join(lines, "")))
}

// encoderScore is what is measured of an int8 encoder on the test images.
type encoderScore struct {
	ErrorSD float64 `json:"encoder_error_sd"` // see quantize.EncoderScore
	// The same in units of the latent space
	ErrorUnits float64 `json:"encoder_error_units"`
	// Share of the reconstructions that are classified alike by either encoder's code; nil without
	// a classifier
	Same *float64 `json:"encoder_classified_same,omitempty"`
}

// measureEncoder measures an int8 encoder. The judge may be nil.
func measureEncoder(m *vae.Model, q, e *model.Model, judge *classify.Model, test *mnist.Set, threads int) (*encoderScore, error) {
	s, err := quantize.EvaluateEncoder(m, e, test.Images, threads)
	if err != nil {
		return nil, err
	}
	r := &encoderScore{ErrorSD: s.Posterior, ErrorUnits: s.Units}
	if judge == nil {
		return r, nil
	}
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	reader := classify.NewRunner(judge, threads, nil)
	share := alike(
		read(reader, test.N, drawn(d, q.FixedPoint(nil, widened(s.Means)...), threads)),
		read(reader, test.N, drawn(d, s.Codes, threads)))
	r.Same = &share
	return r, nil
}

// String is a line for a person.
func (s *encoderScore) String() string {
	line := fmt.Sprintf("codes of the int8 encoder are off by %.3f standard deviations of the posterior, %.3f units", s.ErrorSD, s.ErrorUnits)
	// A classical autoencoder, which has no posterior
	if math.Abs(s.ErrorSD-s.ErrorUnits) <= 1e-9*s.ErrorUnits {
		line = fmt.Sprintf("codes of the int8 encoder are off by %.3f units", s.ErrorUnits)
	}
	if s.Same != nil {
		line += fmt.Sprintf("; classified as with the float32 one's %.2f %%", 100**s.Same)
	}
	return line
}
