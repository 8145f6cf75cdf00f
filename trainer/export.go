package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/interop/cgen"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// export is the command that writes a model for other programs.
func export(o *options, c *console.Console) error {
	if o.cDir == "" {
		return cli.Usagef("nothing to write: say --c DIR; see %s export --help", command)
	}
	m, err := int8Decoder(o.model)
	if err != nil {
		return err
	}
	if err := exportC(o.cDir, m, c); err != nil {
		return err
	}
	return c.Err()
}

// int8Decoder opens the int8 decoder of a built-in model, of a run or in a file by itself.
func int8Decoder(name string) (*model.Model, error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && filepath.Base(name) != pair.FloatFile {
		return decoder.Open(name)
	}
	return decoder.Open(pair.Decoder(name))
}

// exportC writes the int8 decoder as C.
func exportC(dir string, m *model.Model, c *console.Console) error {
	p, err := cgen.Decoder(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, f := range p.Files {
		if err := atomicfile.WriteBytes(filepath.Join(dir, f.Name), f.Data); err != nil {
			return err
		}
	}
	c.Printf("written: the int8 decoder of %s in %s, C99: %s bytes of weights and tables in flash, %s bytes of maps and picture in RAM\n",
		m.Name, dir, plain.Comma(p.Flash), plain.Comma(p.RAM))
	c.Printf("to prove it: cd %s && cc -std=c99 -O2 -o golden main.c vae_decoder.c && ./golden\nprints: %s %s\n", quoted(dir), m.Name, p.Hash)
	return nil
}
