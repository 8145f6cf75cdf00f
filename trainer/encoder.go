package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// exportEncoder is the command that makes an encoder.
func exportEncoder(o *options, c *console.Console) error {
	builtIn := pair.BuiltIn(o.model)
	if builtIn {
		if err := checkFolder(pair.EncoderFolder); err != nil {
			return err
		}
	}
	p, train, _, err := openOn(o, c)
	if err != nil {
		return err
	}
	e, err := pair.NewEncoder(p.Float, p.Int8, train.Images, o.threads)
	if err == nil {
		err = pair.NoteFit(e, p.Int8, train.Images)
	}
	if err != nil {
		return err
	}
	var file string
	if builtIn {
		file, err = pair.InstallEncoder(o.model, e)
	} else {
		file = filepath.Join(pair.Folder(o.model), encoder.File)
		_, err = pair.WriteEncoder(file, e)
	}
	if err != nil {
		return err
	}
	c.Printf("written: %s\n", file)
	return c.Err()
}

// checkFolder reports that there is none of that name.
func checkFolder(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s here: run this from the root of the repository", dir)
	}
	return nil
}
