package main

import (
	"fmt"
	"os"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/digit"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/latent"
)

// editModel is the model that pictures are edited with where none is named: two dimensions have no room for a hand.
const editModel = "mnist-16"

// An editFlags is what the command line says of the edit scene.
type editFlags struct{ image, toward, from string }

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

// resolveEdit checks the flags of the edit scene, which go with it alone.
func (c *config) resolveEdit(given map[string]bool) error {
	if c.scene.Name != scene.EditName {
		for _, o := range editOptions() {
			if given[o.name] {
				return usagef("--%s is for the edit scene: say --scene %s too", o.name, scene.EditName)
			}
		}
		return nil
	}
	switch {
	case !given["image"]:
		return usagef("--scene %s needs a picture: say --image FILE, a PNG or JPEG of one digit", scene.EditName)
	case !given["toward"]:
		return usagef("--scene %s needs an aim: say --toward NAME, such as 4", scene.EditName)
	}
	if !given["model"] {
		c.model = editModel
	}
	return nil
}

// makeEdit encodes the picture and makes the scene of its edit by the model. It returns what was done, for people.
func (c *config) makeEdit(m *decoder.Model) (scene.Info, string, error) {
	var none scene.Info
	to, err := m.ConceptIndex(c.edit.toward)
	if err != nil {
		return none, "", fmt.Errorf("--toward: %w", err)
	}
	from := -1
	if c.edit.from != "" {
		if from, err = m.ConceptIndex(c.edit.from); err != nil {
			return none, "", fmt.Errorf("--from: %w", err)
		}
	}
	if m.Image[0] != m.Image[1] || m.Image[2] != 1 {
		return none, "", fmt.Errorf("--image: model %s is of pictures of %dx%dx%d: photographs can be read for grey square ones only", m.Name, m.Image[0], m.Image[1], m.Image[2])
	}
	em, err := pictures.Open(c.model, m)
	if err != nil {
		return none, "", err
	}
	enc, err := pictures.New(em)
	if err != nil {
		return none, "", err
	}
	pixels, steps, err := readDigit(c.edit.image, m.Image[0])
	if err != nil {
		return none, "", fmt.Errorf("--image: %w", err)
	}
	e := scene.Edit{Code: make([]int16, m.Latent), To: to}
	enc.Encode(e.Code, pixels)
	for _, k := range m.Concepts {
		e.Means = append(e.Means, k.Mean)
	}
	if e.From = from; from < 0 {
		e.From = latent.Nearest(e.Code, e.Means)
	}
	done := fmt.Sprintf("%s: %v; from %s toward %s", c.edit.image, steps, m.Concepts[e.From].Name, m.Concepts[to].Name)
	return e.Scene(), done, e.Check(m.Latent)
}

// readDigit returns side x side grey levels of the digit in a picture.
func readDigit(file string, side int) ([]uint8, digit.Steps, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, digit.Steps{}, err
	}
	defer f.Close()
	img, err := digit.Read(f)
	if err != nil {
		return nil, digit.Steps{}, fmt.Errorf("%s: %w", file, err)
	}
	pixels, steps, err := digit.Prepare(img, side)
	if err != nil {
		return nil, digit.Steps{}, fmt.Errorf("%s: %w", file, err)
	}
	return pixels, steps, nil
}
