package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/portrait"
)

// ofFaces reports whether what a model draws is faces: its data are drawn ones or CelebA, or a
// concept is called as one of theirs.
func ofFaces(m *model.Model) bool {
	if strings.HasPrefix(m.Name, "faces-") || strings.HasPrefix(m.Name, "celeba-") {
		return true
	}
	attributes := faces.Attributes()
	return slices.ContainsFunc(m.Concepts, func(c model.Concept) bool { return slices.Contains(attributes, c.Name) })
}

// openFinder returns what finds faces where a model in colour is of some, or --cascade says that it
// is; otherwise nil, as without cascades, which is said.
func openFinder(o *options, m *model.Model, c *console.Console) (*portrait.Finder, error) {
	if o.cascade != "" && o.asIs {
		return nil, cli.Usagef("--cascade conflicts with --as-is, which looks for no face: leave one out")
	}
	if o.cascade != "" && m.Image[2] != 3 {
		return nil, cli.Usagef("--cascade is for models in colour, and %s is not: leave it out", o.model)
	}
	if o.asIs || m.Image[2] != 3 || o.cascade == "" && !ofFaces(m) {
		return nil, nil
	}
	f, err := portrait.Open(o.cascade)
	if errors.Is(err, portrait.ErrNone) {
		c.Warnf("%v, so faces are not looked for: install them (Debian and Raspberry Pi OS: sudo apt install opencv-data; macOS: brew install opencv) or name their folder with --cascade; the square in the middle of pictures is taken", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cascades: %w", err)
	}
	return f, nil
}
