package model

import (
	"maps"

	"github.com/vae-edge/vae-edge/model/safetensors"
)

// The entry of [Model.Extra] that says what the ground of a model's pictures is, where that is not
// dark. Programs that do not know it carry it along.
const (
	groundKey   = ExtraPrefix + "vae-edge.ground"
	groundLight = "bright"
)

// BrightGround says that the grey pictures that the model has learnt from have a ground that is
// brighter than what is drawn on it.
func (m *Model) BrightGround() bool {
	return m.Extra != nil && m.Extra.Metadata[groundKey] == groundLight
}

// SetBrightGround sets what [Model.BrightGround] says, for the file of the model, too.
func (m *Model) SetBrightGround(bright bool) {
	if bright == m.BrightGround() {
		return
	}
	extra := &safetensors.File{Metadata: map[string]string{}}
	if m.Extra != nil { // which copies of the model share
		extra.Metadata, extra.Tensors = maps.Clone(m.Extra.Metadata), m.Extra.Tensors
	}
	if extra.Metadata == nil {
		extra.Metadata = map[string]string{}
	}
	delete(extra.Metadata, groundKey)
	if bright {
		extra.Metadata[groundKey] = groundLight
	}
	m.Extra = extra
}

// OnGround returns a grey picture, which is bright on dark, as the model's pictures are: pixels
// itself or, if their ground is bright, a copy with dark and bright exchanged.
func (m *Model) OnGround(pixels []uint8) []uint8 {
	if !m.BrightGround() || m.Image[2] != 1 {
		return pixels
	}
	turned := make([]uint8, len(pixels))
	for i, v := range pixels {
		turned[i] = 255 - v
	}
	return turned
}
