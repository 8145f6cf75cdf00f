package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// TestKilled kills a training at random moments, every other time while it is writing a file, and
// resumes it: never is a file corrupt or missing that was there, and in the end the weights are
// those of a training that nobody disturbed. VAE_EDGE_KILLS has the number of times.
func TestKilled(t *testing.T) {
	if err := exec.Command("trainer", "--help").Run(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip(err) // under emulation the kernel does not know the program's format
	}
	kills := 20
	if v := os.Getenv("VAE_EDGE_KILLS"); v != "" {
		var err error
		if kills, err = strconv.Atoi(v); err != nil {
			t.Fatalf("VAE_EDGE_KILLS=%q: want a number", v)
		}
	}
	if testing.Short() {
		kills = min(kills, 5)
	}
	dir := t.TempDir()
	data, out, whole := filepath.Join(dir, "data"), filepath.Join(dir, "out"), filepath.Join(dir, "whole")
	if err := writeDigits(data, 40, 10); err != nil {
		t.Fatal(err)
	}
	train := func(flags ...string) *exec.Cmd {
		return exec.Command("trainer", append([]string{"--data", data, "--epochs", "4", "--batch", "20", "--threads", "1", "--out"}, flags...)...)
	}
	begin := time.Now()
	if text, err := train(whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	took := time.Since(begin)

	// Those of a run are there from some moment on and stay, the checkpoint only until the end.
	var there []string
	finished := 0
	for i := 0; i < kills || finished == 0; i++ {
		var flags []string
		if _, err := os.Stat(filepath.Join(out, checkpointFile)); err == nil {
			flags = append(flags, "--resume")
		}
		var said bytes.Buffer
		cmd := train(append([]string{out}, flags...)...)
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if i < kills {
			killAt(i, out, took, ended, cmd)
		}
		err := <-ended
		done := err == nil
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() > 0 {
			t.Fatalf("kill %d: not to be resumed: %v\n%s", i, err, &said)
		}
		if done {
			finished++
			for _, name := range []string{floatFile, int8File} {
				want, err := os.ReadFile(filepath.Join(whole, name))
				got, err2 := os.ReadFile(filepath.Join(out, name))
				if err := errors.Join(err, err2); err != nil || !bytes.Equal(got, want) {
					t.Errorf("kill %d: %s is not that of a run without interruption, error %v", i, name, err)
				}
			}
			there = slices.DeleteFunc(there, func(name string) bool { return name == checkpointFile })
		}
		for _, name := range append([]string{checkpointFile}, resultFiles...) {
			data, err := os.ReadFile(filepath.Join(out, name))
			switch {
			case errors.Is(err, fs.ErrNotExist) && name == checkpointFile && allThere(out):
				// The run was killed when it had removed it, at the very end.
				there = slices.DeleteFunc(there, func(name string) bool { return name == checkpointFile })
			case errors.Is(err, fs.ErrNotExist):
				if slices.Contains(there, name) {
					t.Errorf("kill %d: %s is gone", i, name)
				}
			case err != nil || checkFile(name, data) != nil:
				t.Errorf("kill %d: %s has %d bytes: %v, %v", i, name, len(data), err, checkFile(name, data))
			case !slices.Contains(there, name):
				there = append(there, name)
			}
		}
		if t.Failed() {
			return
		}
		if done { // anew
			if err := os.RemoveAll(out); err != nil {
				t.Fatal(err)
			}
			there = nil
		}
	}
	t.Logf("%d kills, %d runs came to their end", kills, finished)
}

// killAt kills the program at a random moment, or when it has begun to write a file, unless it has
// ended before.
func killAt(i int, out string, took time.Duration, ended chan error, cmd *exec.Cmd) {
	alive := func() bool { return len(ended) == 0 }
	if i%2 == 0 {
		for begin := time.Now(); alive() && time.Since(begin) < rand.N(took+1); {
			time.Sleep(time.Millisecond)
		}
	} else {
		for skip := rand.N(12); alive() && skip >= 0; {
			if writing, _ := filepath.Glob(filepath.Join(out, ".*.tmp")); len(writing) > 0 {
				skip--
				time.Sleep(rand.N(2 * time.Millisecond))
			}
		}
	}
	cmd.Process.Kill()
}

func allThere(dir string) bool {
	return !slices.ContainsFunc(resultFiles, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err != nil
	})
}

// checkFile reads a file of a run as whoever uses it does.
func checkFile(name string, data []byte) (err error) {
	switch filepath.Ext(name) {
	case ".png":
		_, err = png.Decode(bytes.NewReader(data))
	case ".json":
		if !json.Valid(data) {
			err = errors.New("no JSON")
		}
	default:
		_, err = safetensors.Parse(data)
	}
	if name == int8File && err == nil {
		_, err = model.Parse(data)
	}
	return err
}

// A disk that is full after an epoch is no reason to stop: the next checkpoint may have room.
func TestUnsavedEpoch(t *testing.T) {
	o := testOptions(t)
	var stderr strings.Builder
	r := newRun(context.Background(), o, newConsole(io.Discard, &stderr))
	inTheWay := r.path(checkpointFile)
	begun := false
	r.interrupted = func() bool {
		var err error
		switch {
		case !begun:
			begun = true
			err = os.MkdirAll(filepath.Join(inTheWay, "x"), 0o755)
		case len(r.Done) == 1 && r.trainer.StepNumber() > 4:
			err = os.RemoveAll(inTheWay)
		}
		if err != nil {
			t.Error(err)
		}
		return false
	}
	if err := r.run(); err != nil || len(r.Done) != 2 {
		t.Errorf("after %d epochs, error %v", len(r.Done), err)
	}
	if got := stderr.String(); strings.Count(got, "epoch 1 is not saved") != 1 || strings.Contains(got, "epoch 2 is not saved") {
		t.Errorf("warnings %q", got)
	}
}

// What a file says is not obeyed by the terminal that shows it.
func TestControlCharacters(t *testing.T) {
	o := testOptions(t)
	if _, err := trainUntil(o, 1); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	path := filepath.Join(o.out, checkpointFile)
	if err := os.WriteFile(path, edit(t, path, replace("run", `"loss":"elbo"`, `"loss":"\u001b[2J"`)), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if status := realMain([]string{"--resume", "--out", o.out}, io.Discard, &stderr); status != 1 || !strings.Contains(stderr.String(), `\x1b[2J`) || strings.Contains(stderr.String(), "\x1b") {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}

// FuzzFlags: whatever the command line of a training is, it is understood or refused.
func FuzzFlags(f *testing.F) {
	for _, line := range []string{"--quick --latent 16", "--loss book --lr 1e-3 --seed 18446744073709551615", "--data d --limit 0 --kl-weight NaN", "--batch -1 --epochs 99999999999", "-h"} {
		f.Add(strings.ReplaceAll(line, " ", "\n"))
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, err := parseTrain(strings.Split(line, "\n"))
		if err == nil && o.line.Command == "" && !o.line.Help {
			err = o.validate()
			if err != nil {
				t.Fatalf("understood, but: %v", err)
			}
		}
	})
}

// FuzzFloat lies in the description of a float32 model, whose checksum is right.
func FuzzFloat(f *testing.F) { fuzzMetadata(f, floatFile, "network", "concepts") }

// FuzzCheckpoint does so in that of a checkpoint.
func FuzzCheckpoint(f *testing.F) { fuzzMetadata(f, checkpointFile, "run", "version") }

func fuzzMetadata(f *testing.F, name, key, otherKey string) {
	dir := f.TempDir()
	if err := writeDigits(filepath.Join(dir, "data"), 40, 10); err != nil {
		f.Fatal(err)
	}
	o, err := parseTrain([]string{"--epochs", "1", "--batch", "20", "--data", filepath.Join(dir, "data"), "--out", filepath.Join(dir, "out")})
	if err != nil {
		f.Fatal(err)
	}
	stop := never
	if name == checkpointFile {
		stop = 1
	}
	if _, err := trainUntil(o, stop); err != nil && !errors.Is(err, errInterrupted) {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.out, name))
	if err != nil {
		f.Fatal(err)
	}
	file, err := safetensors.Parse(data)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Metadata[key], file.Metadata[otherKey])
	f.Add(strings.ReplaceAll(file.Metadata[key], "20", "2000000000"), "")
	f.Add(strings.ReplaceAll(file.Metadata[key], "8", "-8"), `["a","a"]`)
	f.Fuzz(func(t *testing.T, description, other string) {
		file.Metadata[key], file.Metadata[otherKey] = description, other
		data, err := file.Marshal()
		if err != nil {
			return
		}
		if name == floatFile {
			parseFloat(data)
			return
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if c, err := readCheckpoint(path); err == nil && c.Config.validate() != nil {
			t.Errorf("accepted, but: %v", c.Config.validate())
		}
	})
}
