package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/encoder"
	encoders "github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// encoderFolder is that of the encoders of the built-in models, from the root of the repository.
var encoderFolder = filepath.Join("encoder", "pretrained")

// exportEncoder is the command that makes an encoder.
func exportEncoder(o *options, c *console.Console) error {
	builtIn := pair.BuiltIn(o.model)
	if builtIn {
		if err := checkFolder(encoderFolder); err != nil {
			return err
		}
	}
	p, train, _, err := openOn(o, c)
	if err != nil {
		return err
	}
	e, err := pair.NewEncoder(p.Float, p.Int8, train.Images, o.threads)
	if err != nil {
		return err
	}
	var file string
	if builtIn {
		file, err = installEncoder(o.model, e)
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
