package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A run that is done has no checkpoint any more: what it goes on from, to more epochs, is its
// record and its float32 weights. The optimizer begins anew, with a warm-up of its own, at the
// place of the schedule that the epochs before have come to; the KL term has its whole weight from
// there on.

// ErrDone is wrapped by the error for a run that has all the epochs that it is to have.
var ErrDone = errors.New("the run in it is done")

// continued returns what the run that is done in the folder is to go on from.
func (r *run) continued() (*checkpoint, error) {
	name := r.path(RecordFile)
	data, err := regular.Read(name, pair.MaxFile)
	var rec struct { // what is needed of a record
		Config Config         `json:"config"`
		Model  string         `json:"model"`
		Sgemm  string         `json:"sgemm"`
		Range  float64        `json:"weight_range"`
		Epochs []epochFigures `json:"epochs"`
		Final  struct {
			DataHash string `json:"data_sha256"`
		} `json:"final"`
	}
	if err == nil {
		err = plain.JSONError(json.Unmarshal(data, &rec))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := &checkpoint{Config: rec.Config, Name: rec.Model, DataHash: rec.Final.DataHash, Sgemm: rec.Sgemm}
	c.Done, c.From = rec.Epochs, len(rec.Epochs)
	switch {
	case len(c.Done) != c.Config.Epochs || model.CheckConceptNames([]string{c.Name}) != nil || c.Config.ownNetwork() != (c.Config.Layers != nil):
		return nil, fmt.Errorf("%s is not the record of a run that is done", name)
	case !r.Said["epochs"] || r.Epochs <= len(c.Done):
		return nil, fmt.Errorf("nothing to resume: there is no %s\n  %w, of %d epochs", r.path(CheckpointFile), ErrDone, len(c.Done))
	case c.DataHash == "":
		return nil, fmt.Errorf("%s does not say which images the run learnt from, as those of older versions: it cannot be continued", name)
	case rec.Range != c.Config.weightRange():
		return nil, fmt.Errorf("%s is of an older version, which prepared the decoder for int8 otherwise: it cannot be continued", name)
	}
	c.Config.Epochs = r.Epochs
	if err := c.Config.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %v", name, err) // not wrapped: it is no fault of the settings
	}
	name = r.path(pair.FloatFile)
	if data, err = regular.Read(name, pair.MaxFile); err != nil {
		return nil, err
	}
	if c.weights, _, err = pair.Unmarshal(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// takeUp sets a model to the weights of the run that was done, and its trainer to the step that
// comes next.
func (c *checkpoint) takeUp(m *vae.Model, t *vae.Trainer, step int) error {
	if !reflect.DeepEqual(c.weights.Config, m.Config) {
		return errors.New("the weights are of another network than the record of the run")
	}
	for i, p := range c.weights.Params() {
		copy(m.Params()[i].Data, p.Data)
	}
	return t.TakeUp(step)
}
