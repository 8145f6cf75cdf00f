package play

import (
	"errors"
	"fmt"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// maxSide and maxWork bound what a page can show of a dropped model: a picture must come soon.
const (
	maxSide = 1024
	maxWork = 20_000_000_000 // multiply-accumulates a picture
)

// An About says what this program is.
type About struct {
	Backend  string   `json:"backend"`
	Backends []string `json:"backends"`
	Palettes []string `json:"palettes"`
	Scenes   []string `json:"scenes"`
}

func (s *Session) about() (a About) {
	a.Backend = s.backend.String()
	for _, b := range kernels.Backends() {
		a.Backends = append(a.Backends, b.String())
	}
	for _, p := range palette.All() {
		a.Palettes = append(a.Palettes, p.Name)
	}
	for _, i := range scene.All() {
		a.Scenes = append(a.Scenes, i.Name)
	}
	return a
}

// An Info is what a page must know of a model.
type Info struct {
	Name       string      `json:"name"`
	Latent     int         `json:"latent"`
	Steps      int         `json:"steps"`
	Image      [3]int      `json:"image"`
	MACs       int         `json:"macs"`
	Encoder    bool        `json:"encoder"`
	Exclusive  bool        `json:"exclusive"` // concepts are classes
	Concepts   []string    `json:"concepts"`
	Means      [][]float64 `json:"means"`      // of the concepts
	OnPlane    [][]float64 `json:"onPlane"`    // the same, on the plane that sheets are of
	Attributes []string    `json:"attributes"` // where they are no classes, in the order of Turns
	Plane      Plane       `json:"plane"`
}

// A Plane is the one of the latent space that sheets are of, in units of latent coordinates.
type Plane struct {
	Center []float64    `json:"center"`
	Axes   [2][]float64 `json:"axes"` // of length one
}

// load makes a model of a weights file ready, under a name. The encoder's file may be empty.
func (s *Session) load(name string, data, encoderData []byte) (*Info, error) {
	m, err := decoder.Parse(data)
	if err != nil {
		return nil, err
	}
	var e *model.Model
	switch {
	case len(encoderData) > 0:
		if e, err = decoder.Parse(encoderData); err != nil {
			return nil, fmt.Errorf("the encoder's file: %w", err)
		}
	case len(m.Decoder) == 0:
		return nil, errors.New("this file has an encoder alone: drop it together with the decoder's")
	}
	return s.add(name, m, e)
}

// add makes a model ready. The encoder's may be nil.
func (s *Session) add(name string, m, e *model.Model) (*Info, error) {
	if m.Image[0] > maxSide || m.Image[1] > maxSide || m.MACs() > maxWork {
		return nil, fmt.Errorf("model %s draws pictures of %d x %d pixels with %d million multiply-accumulates: too much for a page", m.Name, m.Image[1], m.Image[0], m.MACs()/1_000_000)
	}
	l := &loaded{Model: m, picture: make([]uint8, m.PictureSize()), point: make([]int16, 0, m.Latent)}
	var err error
	if l.decoder, err = decoder.NewOn(m, s.backend); err != nil {
		return nil, err
	}
	if e != nil || len(m.Encoder) > 0 {
		if l.Model, err = encoder.Join(m.Name, m, e); err != nil {
			return nil, err
		}
		if l.encoder, err = encoder.NewOn(l.Model, s.backend); err != nil {
			return nil, err
		}
	}
	s.models[name] = l
	return l.info(), nil
}

// classes reports whether the model has concepts, and they are classes.
func (m *loaded) classes() bool { return len(m.Concepts) > 0 && m.Exclusive() }

func (m *loaded) info() *Info {
	i := &Info{
		Name: m.Name, Latent: m.Latent, Steps: m.LatentSteps, Image: m.Image, MACs: m.MACs(),
		Encoder: m.encoder != nil, Exclusive: m.classes(), Concepts: []string{}, Attributes: []string{},
	}
	plane := m.Plane()
	unit := make([]int16, m.Latent)
	i.Plane.Center = m.real(plane.Center)
	for k, axis := range plane.Axes {
		copy(unit, axis)
		for _, v := range unit {
			i.Plane.Axes[k] = append(i.Plane.Axes[k], float64(v)/axisUnit)
		}
	}
	for _, c := range m.Concepts {
		x, y := plane.Coordinates(c.Mean)
		i.Concepts, i.Means, i.OnPlane = append(i.Concepts, c.Name), append(i.Means, m.real(c.Mean)), append(i.OnPlane, m.real([]int16{x, y}))
	}
	if !i.Exclusive {
		for _, k := range m.Attributes(maxAttributes) {
			i.Attributes = append(i.Attributes, m.Concepts[k].Name)
		}
	}
	return i
}

// synthetic makes a synthetic model of package model ready.
func (s *Session) synthetic(name string) (*Info, error) {
	m := map[string]func() *model.Model{
		"synthetic": model.Synthetic, "synthetic-leaky": model.SyntheticLeaky, "synthetic-dense": model.SyntheticDense,
	}[name]
	if m == nil {
		return nil, fmt.Errorf("there is no model %q", name)
	}
	return s.add(name, m(), nil)
}

// A Verdict is what a backend computes for the stated points or pictures of a model.
type Verdict struct {
	Model   string `json:"model"`
	Half    string `json:"half"` // decoder or encoder
	Backend string `json:"backend"`
	Hash    string `json:"hash"`
	Golden  string `json:"golden"` // the committed one or, of another model, generic code's
	Source  string `json:"source"` // committed or generic
	OK      bool   `json:"ok"`
}

// verify computes the hashes of a loaded model on every backend.
func (s *Session) verify(name string) ([]Verdict, error) {
	m := s.models[name]
	if m == nil {
		return nil, fmt.Errorf("model %q is not loaded", name)
	}
	var all []Verdict
	half := func(half string, hash func(*model.Model, kernels.Backend) (string, error), golden string, committed bool) error {
		source := "committed"
		for _, b := range kernels.Backends() {
			got, err := hash(m.Model, b)
			if err != nil {
				return err
			}
			if !committed && golden == "" {
				golden, source = got, b.String()
			}
			all = append(all, Verdict{name, half, b.String(), got, golden, source, got == golden})
		}
		return nil
	}
	golden, committed := decoder.Golden(name)
	if err := half("decoder", decoder.Hash, golden, committed); err != nil {
		return nil, err
	}
	if m.encoder != nil {
		golden, committed = encoder.Golden(name)
		if err := half("encoder", encoder.Hash, golden, committed); err != nil {
			return nil, err
		}
	}
	return all, nil
}
