package importer

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/statedict"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// Options say which files a decoder comes in, and what they do not say.
type Options struct {
	File   string // ONNX, model.json of Keras's layers, or with Layers arrays, see package arrays
	Layers string // the file of the list of layers that the arrays are for, see [statedict.Read]
	// Of an ONNX file:
	Graph       fold.Options
	TwoChannels bool   // see [Source.Split]
	Encoder     string // the ONNX file of the encoder; empty: none
	// The values of the encoder's graph that are the means and the logarithms of the variances,
	// with a comma between; empty: its outputs.
	EncoderOutputs string
	Codes          string // a file of arrays with latent points, see [Source.SetCodes]; empty: none
}

// maxList is the largest list of layers, in bytes.
const maxList = 1 << 20

// ErrNoLayers is wrapped by the error for a file of arrays without the list of their layers.
var ErrNoLayers = errors.New("it has arrays, and nobody says of which layers")

// Open reads a decoder, and what belongs to it. An error names the file.
func Open(o Options) (s *Source, err error) {
	read := func(name string, limit int, parse func(data []byte) error) {
		if err != nil || name == "" {
			return
		}
		var data []byte
		if data, err = regular.Read(name, limit); err != nil {
			return
		}
		if err = parse(data); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
	}
	switch {
	case o.Layers != "":
		s, err = openArrays(o.File, o.Layers)
	case strings.EqualFold(filepath.Ext(o.File), ".json"):
		s, err = openKeras(o)
	default:
		read(o.File, pair.MaxFile, func(data []byte) (err error) {
			if arrays.Known(data) && foreign.Recognized(data) == nil {
				return ErrNoLayers
			}
			s, err = Parse(data, o.Graph)
			if other := foreign.Recognized(data); err != nil && (errors.Is(other, foreign.ErrArrays) || foreign.Is(other) && !errors.Is(other, foreign.ErrWeights)) {
				return other
			}
			return err
		})
	}
	if err == nil && o.TwoChannels {
		if err = s.Split(); err != nil {
			err = fmt.Errorf("%s: %w", o.File, err)
		}
	}
	read(o.Codes, arrays.MaxFile, func(data []byte) error {
		a, err := arrays.Parse(data)
		if err != nil {
			return err
		}
		return s.SetCodes(a)
	})
	read(o.Encoder, pair.MaxFile, func(data []byte) error {
		var outputs []string
		if o.EncoderOutputs != "" {
			outputs = strings.Split(o.EncoderOutputs, ",")
		}
		return s.ParseEncoder(data, outputs)
	})
	return s, err
}

// openKeras reads a model.json with layers of Keras's.
func openKeras(o Options) (*Source, error) {
	s := &Source{}
	var err error
	if s.Found, s.Network, err = readKeras(o.File, o.Graph); err == nil {
		s.Float, err = s.Network.Model()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.File, err)
	}
	return s, nil
}

// openArrays reads a file of arrays and the list of layers that they are for.
func openArrays(name, layers string) (*Source, error) {
	list, err := regular.Read(layers, maxList)
	if err != nil {
		return nil, err
	}
	a, err := arrays.Read(name)
	if err != nil {
		return nil, err
	}
	s := &Source{}
	if s.Whole, s.Float, err = statedict.Read(list, a); err != nil {
		return nil, fmt.Errorf("%s, %s: %w", name, layers, err)
	}
	for _, array := range slices.Sorted(maps.Keys(a)) {
		s.Found = append(s.Found, fmt.Sprintf("%s %v", array, a[array].Shape))
	}
	return s, nil
}
