package run

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// A run that is done and goes on to more epochs, interrupted on the way, ends as one that is not.
func TestContinue(t *testing.T) {
	gate.Only(t)
	o := testOptions(t)
	first, err := trainUntil(o, never)
	if err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	if _, err := trainUntil(o, never); !errors.Is(err, ErrDone) {
		t.Errorf("without more epochs: %v", err)
	}
	o.Said = map[string]bool{"epochs": true}
	o.Epochs += 3
	other := o
	other.Out = filepath.Join(t.TempDir(), "other")
	if err := os.CopyFS(other.Out, os.DirFS(o.Out)); err != nil {
		t.Fatal(err)
	}
	want, err := trainUntil(o, never)
	if err != nil {
		t.Fatal(err)
	}
	done := len(first.Done)
	if len(want.Done) != done+3 || want.Done[done-1] != first.Done[done-1] || want.From != done {
		t.Errorf("%d epochs are done, continued after %d", len(want.Done), want.From)
	}
	if before, after := first.Done[done-1].Test.NegELBO, want.Done[done+2].Test.NegELBO; !(after < before) {
		t.Errorf("three more epochs make of %.2f nats %.2f", before, after)
	}
	for _, stop := range []int{first.steps() + 2, want.steps() - 2} {
		r, err := trainUntil(other, stop)
		if !errors.Is(err, ErrInterrupted) || r.From != done {
			t.Fatalf("stopped at %d: %v, from %d", stop, err, r.From)
		}
	}
	if _, err := trainUntil(other, never); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pair.FloatFile, pair.Int8File} {
		a, _ := os.ReadFile(filepath.Join(o.Out, name))
		b, _ := os.ReadFile(filepath.Join(other.Out, name))
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s differs from that of a run without interruption", name)
		}
	}
	// A record that does not say which images there were is refused.
	record, err := os.ReadFile(filepath.Join(o.Out, RecordFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Out, RecordFile), bytes.Replace(record, []byte("data_sha256"), []byte("data_sha"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Epochs++
	if _, err := trainUntil(o, never); err == nil || !strings.Contains(err.Error(), "it cannot be continued") {
		t.Errorf("a record of old: %v", err)
	}
}
