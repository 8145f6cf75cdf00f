package duel

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/gan"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// A checkpoint is a run that stopped half-way: what its file's metadata says, and the tensors.
type checkpoint struct {
	Config   run.Config `json:"config"`
	DataHash string     `json:"data_sha256"` // of the images and labels in use
	Sgemm    string     `json:"sgemm"`
	progress
	file *safetensors.File
}

// writeCheckpoint writes the run as it is between two steps.
func (m *match) writeCheckpoint() error {
	description := checkpoint{Config: m.Config, DataHash: m.dataHash, Sgemm: sgemm.Best().String(), progress: m.progress}
	return weights.WriteCheckpoint(m.path(run.CheckpointFile), weights.GAN, description, weights.Tensors("", m.trainer.State()))
}

// readCheckpoint reads the file that writeCheckpoint wrote.
func readCheckpoint(name string) (*checkpoint, error) {
	c := &checkpoint{}
	var err error
	if c.file, err = weights.ReadCheckpoint(name, weights.GAN, pair.MaxFile, c); err != nil {
		return nil, err
	}
	values := settings(&c.Config)
	for _, setting := range slices.Sorted(maps.Keys(values)) {
		if err := new(run.Config).Set(setting, fmt.Sprint(values[setting])); err != nil {
			// Not wrapped: it is no fault of the settings
			return nil, fmt.Errorf("%s: %s %v: %v", name, setting, values[setting], err)
		}
	}
	if len(c.Done) > c.Config.Epochs {
		return nil, fmt.Errorf("%s: %d epochs are done of %d", name, len(c.Done), c.Config.Epochs)
	}
	return c, nil
}

// openCheckpoint reads the checkpoint that is to be resumed from and takes its configuration, or
// makes sure that there is none that a new run would destroy.
func (m *match) openCheckpoint() (*checkpoint, error) {
	path := m.path(run.CheckpointFile)
	saved, err := readCheckpoint(path)
	switch {
	case !m.Resume && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, weights.ErrOtherKind):
		return nil, fmt.Errorf("%w: choose another folder", err)
	case !m.Resume && err != nil:
		return nil, fmt.Errorf("%w: delete it to train anew", err)
	case !m.Resume:
		return nil, fmt.Errorf("%s is of %w (%d of %d epochs)", path, run.ErrUnfinished, len(saved.Done), saved.Config.Epochs)
	case err != nil:
		return nil, fmt.Errorf("%w: it cannot be resumed from, delete it to train anew", err)
	}
	its, my := settings(&saved.Config), settings(&m.Config)
	for _, name := range slices.Sorted(maps.Keys(my)) {
		if m.Said[name] && my[name] != its[name] {
			return nil, &run.ConflictError{Setting: name, Mine: my[name], Its: its[name]}
		}
	}
	data := saved.Config.Data
	if m.Said["data"] { // it may have moved
		data = m.Data
	}
	m.Config = saved.Config
	m.Data = data
	return saved, nil
}

// restore sets a trainer to the state of the checkpoint.
func (c *checkpoint) restore(t *gan.Trainer) error {
	state := t.State()
	if err := weights.Fill(state, c.file, ""); err != nil {
		return err
	}
	if len(c.file.Tensors) != len(state) {
		return fmt.Errorf("%d tensors, this run has %d", len(c.file.Tensors), len(state))
	}
	return t.Restore(state)
}

// checkKernels says that the run began with other matrix kernels.
func (c *checkpoint) checkKernels(console *console.Console) {
	if c.Sgemm != sgemm.Best().String() {
		console.Warnf("the run began with matrix kernels %s and goes on with %s: weights may differ in their last bits", c.Sgemm, sgemm.Best())
	}
}

// stopped says how to continue the run that the checkpoint holds.
func (m *match) stopped() error {
	m.console.Warnf("interrupted after step %s of %s; to continue:\n  %s", plain.Comma(m.trainer.StepNumber()), plain.Comma(m.steps()), m.Again)
	return run.ErrInterrupted
}
