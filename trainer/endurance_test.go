package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
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

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist/mnisttest"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// TestKilled kills a training at random moments, every other time while it is writing a file, and
// resumes it: never is a file corrupt or missing that was there, and in the end the weights are
// those of a training that nobody disturbed. VAE_EDGE_KILLS has the number of times.
func TestKilled(t *testing.T) {
	if err := exec.Command("trainer", "--help").Run(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip(err) // under emulation the kernel does not know the program's format
	}
	kills := 8 / gate.Step(4)
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
	if err := mnisttest.WriteDigits(data, 40, 10); err != nil {
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
		if _, err := os.Stat(filepath.Join(out, run.CheckpointFile)); err == nil {
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
			for _, name := range []string{pair.FloatFile, pair.Int8File} {
				want, err := os.ReadFile(filepath.Join(whole, name))
				got, err2 := os.ReadFile(filepath.Join(out, name))
				if err := errors.Join(err, err2); err != nil || !bytes.Equal(got, want) {
					t.Errorf("kill %d: %s is not that of a run without interruption, error %v", i, name, err)
				}
			}
			there = slices.DeleteFunc(there, func(name string) bool { return name == run.CheckpointFile })
		}
		for _, name := range append([]string{run.CheckpointFile}, run.ResultFiles...) {
			data, err := os.ReadFile(filepath.Join(out, name))
			switch {
			case errors.Is(err, fs.ErrNotExist) && name == run.CheckpointFile && allThere(out):
				// The run was killed when it had removed it, at the very end.
				there = slices.DeleteFunc(there, func(name string) bool { return name == run.CheckpointFile })
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
	return !slices.ContainsFunc(run.ResultFiles, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err != nil
	})
}

// checkFile reads a file of a run as whoever uses it does.
func checkFile(name string, data []byte) (err error) {
	switch filepath.Ext(name) {
	case ".png":
		_, err = png.Decode(bytes.NewReader(data))
	case ".html":
		if !bytes.HasSuffix(data, []byte("</html>\n")) {
			err = errors.New("cut off")
		}
	case ".json":
		if !json.Valid(data) {
			err = errors.New("no JSON")
		}
	default:
		_, err = safetensors.Parse(data)
	}
	if name == pair.Int8File && err == nil {
		_, err = model.Parse(data)
	}
	return err
}

// FuzzFlags: whatever the command line of a training is, it is understood or refused.
func FuzzFlags(f *testing.F) {
	for _, line := range []string{"--quick --latent 16", "--loss book --lr 1e-3 --seed 18446744073709551615", "--data d --limit 0 --kl-weight NaN", "--batch -1 --epochs 99999999999", "-h"} {
		f.Add(strings.ReplaceAll(line, " ", "\n"))
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, err := parseTrain(strings.Split(line, "\n"))
		if err == nil && o.line.Command == "" && !o.line.Help {
			err = o.Validate()
			if err != nil {
				t.Fatalf("understood, but: %v", err)
			}
		}
	})
}
