// Package exporter writes a trained model's files for other programs, and tells of each.
package exporter

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/interop/cgen"
	"github.com/vae-edge/vae-edge/trainer/interop/onnxwrite"
	"github.com/vae-edge/vae-edge/trainer/interop/statedict"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Options are where files go; what has an empty name is not written.
type Options struct {
	Model       string // a built-in one's name, or a folder or file of a run
	C           string // a folder for the int8 decoder in C
	ONNX        string // the float32 decoder
	Encoder     string // the float32 encoder as ONNX
	Exact       string // the int8 decoder as ONNX
	SafeTensors string // the float32 encoder and decoder; their layers are written beside it
}

// Export writes the files. Those of int8 weights need no more than a decoder's file, the others the
// folder of a run. Nothing is written if the model cannot be opened.
func Export(o Options, c *console.Console) error {
	var (
		ints   *model.Model
		floats *pair.Pair // with an encoder
		alone  *nn.Model  // without one
		err    error
	)
	if o.C != "" || o.Exact != "" {
		if ints, err = int8Decoder(o.Model); err != nil {
			return err
		}
	}
	if o.ONNX+o.Encoder+o.SafeTensors != "" {
		if floats, err = pair.Open(o.Model); errors.Is(err, pair.ErrDecoderAlone) && o.Encoder+o.SafeTensors == "" {
			alone, ints, err = pair.OpenAlone(o.Model)
		}
		if err != nil {
			return err
		}
		if floats != nil {
			alone, ints = floats.Float.Decoder, floats.Int8
		}
	}
	for _, f := range []struct {
		to    string
		write func(to string) error
	}{
		{o.C, func(to string) error { return writeC(to, ints, c) }},
		{o.Exact, func(to string) error { return writeExact(to, ints, c) }},
		{o.ONNX, func(to string) error { return writeONNX(to, alone, ints.Name, c) }},
		{o.Encoder, func(to string) error { return writeEncoder(to, floats, c) }},
		{o.SafeTensors, func(to string) error { return writeSafeTensors(to, floats, c) }},
	} {
		if f.to != "" {
			if err := f.write(f.to); err != nil {
				return err
			}
		}
	}
	return c.Err()
}

// int8Decoder opens the int8 decoder of a built-in model, of a run or in a file by itself.
func int8Decoder(name string) (*model.Model, error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && filepath.Base(name) != pair.FloatFile && !pair.BuiltIn(name) {
		return decoder.Open(name)
	}
	return decoder.Open(pair.Decoder(name))
}

// writeC writes the int8 decoder as C.
func writeC(dir string, m *model.Model, c *console.Console) error {
	p, err := cgen.Decoder(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range p.Files {
		if err := atomicfile.WriteBytes(filepath.Join(dir, f.Name), f.Data); err != nil {
			return err
		}
	}
	c.Printf("written: the int8 decoder of %s in %s, C99: %s bytes of weights and tables in flash, %s bytes of maps and picture in RAM\n",
		m.Name, dir, plain.Comma(p.Flash), plain.Comma(p.RAM))
	c.Printf("to prove it, in that folder: cc -std=c99 -O2 -o golden vae_golden.c vae_decoder.c && ./golden\nprints: %s %s\n", m.Name, p.Hash)
	return nil
}

// writeExact writes the int8 decoder as ONNX.
func writeExact(file string, m *model.Model, c *console.Console) error {
	data, err := onnxwrite.Exact(m)
	if err == nil {
		err = atomicfile.WriteBytes(file, data)
	}
	if err != nil {
		return err
	}
	c.Printf("written: %s, the int8 decoder of %s, exact: point int16 [N, %d], %s steps to a unit, to pixels uint8 [N, %d, %d, %d]\n",
		file, m.Name, m.Latent, plain.Comma(m.LatentSteps), m.Image[0], m.Image[1], m.Image[2])
	return nil
}

// writeONNX writes the float32 decoder as ONNX.
func writeONNX(file string, m *nn.Model, name string, c *console.Console) error {
	data, err := onnxwrite.Float(m, name)
	if err == nil {
		err = atomicfile.WriteBytes(file, data)
	}
	if err != nil {
		return err
	}
	image := m.Stack[len(m.Stack)-1].Out
	c.Printf("written: %s, the float32 decoder: point float32 [N, %d] to pixels float32 [N, %d, %d, %d], 0 to 1\n",
		file, m.In[2], image[2], image[0], image[1])
	return nil
}

// writeEncoder writes the float32 encoder as ONNX.
func writeEncoder(file string, p *pair.Pair, c *console.Console) error {
	m := p.Float
	data, err := onnxwrite.Encoder(m.Encoder, p.Int8.Name, m.Loss == vae.LossBook)
	if err == nil {
		err = atomicfile.WriteBytes(file, data)
	}
	if err != nil {
		return err
	}
	c.Printf("written: %s, the float32 encoder: picture float32 [N, %d, %d, %d], 0 to 1, to mean and log_var float32 [N, %d]\n",
		file, m.Image[2], m.Image[0], m.Image[1], m.Latent)
	return nil
}

// writeSafeTensors writes the float32 weights for PyTorch, and the list of layers.
func writeSafeTensors(file string, p *pair.Pair, c *console.Console) error {
	weights, err := statedict.Marshal(p.Float)
	if err != nil {
		return err
	}
	layers, err := statedict.Layers(p.Float.Network)
	if err != nil {
		return err
	}
	beside := strings.TrimSuffix(file, filepath.Ext(file)) + ".json"
	if err := atomicfile.WriteBytes(file, weights); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(beside, layers); err != nil {
		return err
	}
	c.Printf("written: %s, the float32 weights of encoder and decoder in PyTorch's layouts, and %s, their layers\n", file, beside)
	return nil
}
