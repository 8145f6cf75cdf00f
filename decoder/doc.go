// Package decoder turns latent points into pictures with int8 weights, bit for bit the same on
// every CPU.
//
// A dozen lines are a generative model:
//
//	m, err := decoder.Open(decoder.DefaultModel) // or the path of a weights file
//	if err != nil { … }
//	d, err := decoder.New(m)
//	if err != nil { … }
//	picture := make([]uint8, m.PictureSize()) // 28*28
//	d.Decode(picture, m.FixedPoint(nil, 0.5, -1.2))
//
// What a model and its weights file are is in package model. Model, Layer, Concept, Parse and
// ReadFile are its, by the names that they had here.
//
// # What stays stable
//
// The pixels: for one weights file and one fixed-point latent point they are the same on every CPU,
// with every backend and in every later version of this module. The names: Open, Parse, ReadFile,
// New, Decoder.Decode and the fields of Model keep their meaning within a major version of the
// module.
package decoder

import "github.com/vae-edge/vae-edge/model"

// The names that users of this package know, of what package model has.
type (
	Model   = model.Model
	Layer   = model.Int8Layer
	Concept = model.Concept
)

// Parse reads a weights file, see [model.Parse].
func Parse(data []byte) (*Model, error) { return model.Parse(data) }

// ReadFile reads the weights file of that path, see [model.ReadFile].
func ReadFile(path string) (*Model, error) { return model.ReadFile(path) }
