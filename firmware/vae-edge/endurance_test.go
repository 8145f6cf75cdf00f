package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
)

// howMany is the number that an environment variable has, or the short form's.
func howMany(t *testing.T, name string, short int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return short
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number", name, v)
	}
	return n
}

// A syncBuffer is written by one goroutine and read by another.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// negative is the synthetic model with bright and dark exchanged.
func negative() *model.Model {
	m := model.Synthetic()
	m.Name = "negative"
	for i, v := range m.Table {
		m.Table[i] = 255 - v
	}
	return m
}

func marshal(t testing.TB, m *model.Model) []byte {
	t.Helper()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestNothingListens: the program for the board has no network code at all.
func TestNothingListens(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(tool, "list", "-deps", ".")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, "image/png") {
		t.Fatalf("the packages are %q", packages)
	}
	for _, p := range packages {
		if p == "net" || strings.HasPrefix(p, "net/") {
			t.Errorf("it uses package %s", p)
		}
	}
}

// replaceModel is the program that puts two models into a file by turns until it is killed:
// replace-model FILE ONE OTHER.
func replaceModel() {
	err := func() error {
		var models [2][]byte
		for i := range models {
			var err error
			if models[i], err = os.ReadFile(os.Args[2+i]); err != nil {
				return err
			}
		}
		fmt.Println("begun")
		for i := 0; ; i++ {
			if err := atomicfile.WriteBytes(os.Args[1], models[i%2]); err != nil {
				return err
			}
		}
	}()
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKilled kills the program that replaces a model's file, and now and then the one that shows
// it, at random moments: the file is always one of the two models, and is never refused.
// VAE_EDGE_KILLS has the number of times.
func TestKilled(t *testing.T) {
	needProgram(t)
	t.Parallel()
	kills := howMany(t, "VAE_EDGE_KILLS", 10)
	if testing.Short() {
		kills = min(kills, 5)
	}
	dir := t.TempDir()
	file, one, other := filepath.Join(dir, "model"), filepath.Join(dir, "one"), filepath.Join(dir, "other")
	models := [][]byte{marshal(t, model.Synthetic()), marshal(t, negative())}
	for i, name := range []string{one, other} {
		if err := errors.Join(os.WriteFile(name, models[i], 0o644), os.WriteFile(file, models[0], 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	var log syncBuffer
	shows := func() *exec.Cmd {
		cmd := exec.Command("vae-edge-quick", "--display", "term", "--model", file, "--log", "json")
		cmd.Stderr = struct{ io.Writer }{&log} // not its ReadFrom, which does not lock
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 100)); err != nil {
			t.Fatalf("nothing is shown: %v\n%s", err, &log)
		}
		go io.Copy(io.Discard, out)
		return cmd
	}
	show := shows()
	defer func() { show.Process.Kill() }()
	for i := range kills {
		writer := exec.Command("replace-model", file, one, other)
		out, err := writer.StdoutPipe()
		if err == nil {
			err = writer.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, len("begun\n"))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(50 * time.Millisecond))
		writer.Process.Kill()
		writer.Wait()
		data, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(data, models[0]) && !bytes.Equal(data, models[1]) {
			t.Fatalf("kill %d: the file has %d bytes of neither model, error %v", i, len(data), err)
		}
		if i%4 == 3 {
			show.Process.Kill()
			show.Wait()
			show = shows()
		}
	}
	// On a slow machine none has been quiet for long enough to be shown.
	for i := 0; i < 40 && !strings.Contains(log.String(), " is shown"); i++ {
		if err := atomicfile.WriteBytes(file, models[i%2]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
	}
	if err := show.Process.Signal(os.Interrupt); err == nil { // not on Windows
		if err := show.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
	}
	if strings.Contains(log.String(), `"WARN"`) || strings.Contains(log.String(), `"ERROR"`) {
		t.Errorf("logged\n%s", &log)
	}
	if !strings.Contains(log.String(), " is shown") {
		t.Error("no model was replaced while it was shown")
	}
}
