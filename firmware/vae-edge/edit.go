package main

import (
	"fmt"
	"sync"

	"github.com/vae-edge/vae-edge/digit"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// An editFlags is what the command line says of the edit scene.
type editFlags struct {
	image, toward, from string
	done                string       // what was done to the picture
	standIn             *model.Model // the built-in model that is shown in place of a file; nil: none is

	pixels []uint8 // of the digit in the picture, which is read once
	side   int     // of the pixels
	steps  digit.Steps
}

// editOptions are its flags.
func editOptions() []option {
	show := []string{""}
	text := func(field func(f *editFlags) *string) func(c *config, v string) error {
		return func(c *config, v string) error {
			*field(&c.edit) = v
			return setText(v)
		}
	}
	return []option{
		{"", "image", "FILE", "edit: a PNG or JPEG of one digit, a photograph for instance", "", show, text(func(f *editFlags) *string { return &f.image })},
		{"", "toward", "NAME", "edit: what it is to become, a concept of the model such as 4", "", show, text(func(f *editFlags) *string { return &f.toward })},
		{"", "from", "NAME", "edit: what it is; without it the concept whose mean is nearest", "", show, text(func(f *editFlags) *string { return &f.from })},
	}
}

// editBy returns what makes the scene's edit for a model: it encodes the picture, once for a model, and keeps in c.edit.done what was done,
// for people.
func (c *config) editBy() func(m *model.Model) (scene.Edit, error) {
	type encoded struct {
		model *model.Model
		edit  scene.Edit
	}
	var mu sync.Mutex
	// The last two, because the model that is shown may be asked for while its successor, whose encoder has taken the place of its own, is
	// being made ready.
	var last [2]encoded
	return func(m *model.Model) (scene.Edit, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, l := range last {
			if l.model == m {
				return l.edit, nil
			}
		}
		e, err := c.encode(m)
		if err == nil {
			last = [2]encoded{{m, e}, last[0]}
		}
		return e, err
	}
}

// encode encodes the picture for its edit.
func (c *config) encode(m *model.Model) (e scene.Edit, err error) {
	if e.To, err = m.ConceptIndex(c.edit.toward); err != nil {
		return e, usagef("--toward: %w", err)
	}
	e.From = -1
	if c.edit.from != "" {
		if e.From, err = m.ConceptIndex(c.edit.from); err != nil {
			return e, usagef("--from: %w", err)
		}
	}
	if m.Image[0] != m.Image[1] || m.Image[2] != 1 {
		return e, usagef("--image: model %s is of pictures of %dx%dx%d: photographs can be read for grey square ones only", m.Name, m.Image[0], m.Image[1], m.Image[2])
	}
	name := c.model
	if m == c.edit.standIn {
		name = m.Name
	}
	em, err := pictures.Open(name, m)
	if err != nil {
		return e, err
	}
	enc, err := pictures.New(em)
	if err != nil {
		return e, err
	}
	if c.edit.side != m.Image[0] {
		img, err := digit.ReadFile(c.edit.image)
		if err != nil {
			return e, fmt.Errorf("--image: %w", err)
		}
		pixels, steps, err := digit.Prepare(img, m.Image[0])
		if err != nil {
			return e, fmt.Errorf("--image: %s: %w", c.edit.image, err)
		}
		c.edit.pixels, c.edit.side, c.edit.steps = pixels, m.Image[0], steps
	}
	e.Code = make([]int16, m.Latent)
	enc.Encode(e.Code, c.edit.pixels)
	e.Means = m.ConceptMeans()
	if e.From < 0 {
		e.From = latent.Nearest(e.Code, e.Means)
	}
	c.edit.done = fmt.Sprintf("%s: %v; from %s toward %s", c.edit.image, c.edit.steps, m.Concepts[e.From].Name, m.Concepts[e.To].Name)
	return e, nil
}
