package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/model"
)

// TestCured: what libraries, which know no command, say is wrong with a model comes with what to
// do, and stays what it is.
func TestCured(t *testing.T) {
	for want, err := range map[string]error{
		"--toward: a has no concepts: go run ./trainer concepts --update --model MODEL --data DATA writes them, if MODEL has an encoder and DATA, its images, are of two classes or more":                                                                                      cli.Usagef("--toward: a has %w", model.ErrNoConcepts),
		"no encoder of a: copy it from where the trainer wrote both, or write it with go run ./trainer encoder --model MODEL --data DATA; a decoder that was imported alone is to be imported with its encoder, go run ./trainer import --encoder ENCODER --data DATA DECODER": fmt.Errorf("%w of a", pictures.ErrNone),
		"other pixels than generic code gives: run vae-edge verify, or set VAE_EDGE_BACKEND=generic":                                                                                                                                                                           decoder.ErrWrongPixels,
		"file does not exist; given up after 5s, see --give-up": supervise.GivenUpError{Err: fs.ErrNotExist, After: 5 * time.Second},
		"file does not exist": fs.ErrNotExist,
	} {
		got := cured(err)
		if got.Error() != want || !errors.Is(got, err) || errors.As(got, new(cli.UsageError)) != errors.As(err, new(cli.UsageError)) {
			t.Errorf("%q is %q, want %q", err, got, want)
		}
	}
	if err := cured(nil); err != nil {
		t.Error(err)
	}
}

// TestForeignWeights: weights of other programs are called that, with the command that imports
// them, and what a download has left in the place of a file is called what it is.
func TestForeignWeights(t *testing.T) {
	half := `{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`
	half = string(binary.LittleEndian.AppendUint64(nil, uint64(len(half)))) + half + "\x80\x3f\x80\x3f"
	for want, data := range map[string]string{
		"weights of another program, arrays by name: safetensors, BF16: go run ./trainer import --layers LAYERS.json FILE": half,
		"weights of another program: ONNX: go run ./trainer import FILE":                                                   "\x08\x08\x12\x07pytorch",
		"a web page (HTML), not the file itself":                                                                           "<!DOCTYPE html>\n<html>",
		"a pointer of Git LFS":                                                                                             "version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
	} {
		name := filepath.Join(t.TempDir(), "model.safetensors")
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := decoder.Open(name)
		if got := cured(err); got == nil || !strings.HasPrefix(got.Error(), name+": model: "+want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCuredOptions: what a player says of an option is said of its flag, and is wrong usage unless
// it is about a file.
func TestCuredOptions(t *testing.T) {
	wrong := errors.New("wrong")
	for want, err := range map[string]player.OptionError{
		"--palette ember: wrong": {Option: "palette", Value: "ember", Err: wrong},
		"--toward: wrong":        {Option: "toward", Err: wrong},
		"--image: wrong":         {Option: "image", Err: wrong, File: true},
	} {
		got := cured(err)
		if got.Error() != want || !errors.Is(got, wrong) || errors.As(got, new(cli.UsageError)) == err.File {
			t.Errorf("%q is %q, want %q", err, got, want)
		}
	}
}

// TestNotes: what a panel is told with has the flags to change, and a short transfer its cure.
func TestNotes(t *testing.T) {
	c, err := parse([]string{"--panel", "st7735-80x160", "--stats"})
	if err != nil {
		t.Fatal(err)
	}
	notes := c.notes(4096)
	if first := notes[0]; !strings.Contains(first, "st7735-80x160 on spi0, 15MHz, mode 0; if it stays dark, white or wrong: ") || !strings.Contains(first, "--mode 3") || !strings.Contains(first, "vae-edge probe") {
		t.Errorf("first line: %s", first)
	}
	if all := strings.Join(notes, "\n"); !strings.Contains(all, "takes 4096 bytes at a time, a frame is 7 transfers; for 1 put spidev.bufsiz=65536 in /boot/firmware/cmdline.txt") {
		t.Errorf("notes %s", all)
	}
}
