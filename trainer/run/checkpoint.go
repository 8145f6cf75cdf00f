package run

import (
	"fmt"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A checkpoint is a run that stopped half-way: what its file's metadata says, and the tensors.
type checkpoint struct {
	Config   Config `json:"config"`
	Name     string `json:"name"`        // of the int8 model
	DataHash string `json:"data_sha256"` // of the images and labels in use
	Sgemm    string `json:"sgemm"`
	Animated bool   `json:"animated,omitempty"` // from the start, or since it was resumed
	progress
	file    *safetensors.File
	weights *vae.Model // of a run that is done, in place of file
}

// Prefixes of the tensors of a checkpoint.
const (
	weightPrefix = "weights."
	statePrefix  = "state."
)

// writeCheckpoint writes the run as it is between two steps.
func (r *run) writeCheckpoint() error {
	run := checkpoint{Config: r.Config, Name: r.Name, DataHash: r.dataHash, Sgemm: sgemm.Best().String(), Animated: r.Animated, progress: r.progress}
	return weights.WriteCheckpoint(r.path(CheckpointFile), weights.Autoencoder, run, append(weights.Tensors(weightPrefix, r.model.Params()), weights.Tensors(statePrefix, r.trainer.State())...))
}

// readCheckpoint reads the file that writeCheckpoint wrote.
func readCheckpoint(name string) (*checkpoint, error) {
	c := &checkpoint{}
	var err error
	if c.file, err = weights.ReadCheckpoint(name, weights.Autoencoder, pair.MaxFile, c); err != nil {
		return nil, err
	}
	if err := c.Config.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %v", name, err) // not wrapped: it is no fault of the settings
	}
	if model.CheckConceptNames([]string{c.Name}) != nil { // the same names are valid
		return nil, fmt.Errorf("%s: the model's name is %q", name, c.Name)
	}
	if c.Config.ownNetwork() != (c.Config.Layers != nil) {
		return nil, fmt.Errorf("%s: the network %q has layers of its own: %t", name, c.Config.Network, c.Config.Layers != nil)
	}
	if len(c.Done) > c.Config.Epochs || c.From < 0 || c.From > len(c.Done) {
		return nil, fmt.Errorf("%s: %d epochs are done of %d, continued after %d", name, len(c.Done), c.Config.Epochs, c.From)
	}
	return c, nil
}

// restore sets a model and its trainer to the state of the checkpoint.
func (c *checkpoint) restore(m *vae.Model, t *vae.Trainer) error {
	if err := weights.Fill(m.Params(), c.file, weightPrefix); err != nil {
		return err
	}
	state := t.State()
	if err := weights.Fill(state, c.file, statePrefix); err != nil {
		return err
	}
	if want := len(m.Params()) + len(state); len(c.file.Tensors) != want {
		return fmt.Errorf("%d tensors, this run has %d", len(c.file.Tensors), want)
	}
	return t.Restore(state)
}

// stopped says how to continue the run that the checkpoint holds.
func (r *run) stopped() error {
	r.console.Warnf("interrupted after step %s of %s; to continue:\n  %s", plain.Comma(r.trainer.StepNumber()), plain.Comma(r.steps()), r.Again)
	return ErrInterrupted
}
