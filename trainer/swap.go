package main

import (
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/picture"
)

// swap is the command that gives each of two faces the expression and the pose of the other.
func swap(o *options, c *console.Console) error {
	if len(o.line.Operands) != 2 {
		return cli.Usagef("swap needs two pictures, as in swap one.png other.png --model faces")
	}
	s, err := openStudio(o, c)
	if err != nil {
		return err
	}
	q := s.d.Model()
	if q.Exclusive() {
		return cli.Usagef("swap is for models of faces: the concepts of %s exclude each other; say --model faces", o.model)
	}
	names := namesOf(o.concepts)
	if o.concepts == "" {
		for _, concept := range q.Concepts {
			if slices.Contains(expressions, concept.Name) {
				names = append(names, concept.Name)
			}
		}
	}
	if len(names) == 0 {
		return cli.Usagef("%s has none of the concepts %s: say with --concepts which are exchanged", o.model, strings.Join(expressions, ", "))
	}
	var axes [][]float64
	for _, name := range names {
		k, err := q.ConceptIndex(name)
		if err != nil {
			return cli.Usagef("--concepts: %w", err)
		}
		axis := make([]float64, q.Latent)
		for i, v := range q.Concepts[k].Direction {
			axis[i] = float64(v)
		}
		axes = append(axes, axis)
	}
	pixels, err := s.readAll(o.line.Operands)
	if err != nil {
		return err
	}
	codes := s.encode(pixels)
	a, b := concept.Exchanged(codes[:q.Latent], codes[q.Latent:], axes)
	decoded := s.decode(slices.Concat(a, b))
	s.console.Printf("exchanged: %s\n", strings.Join(names, ", "))
	return s.write(s.out, picture.Strip(s.images(slices.Concat(pixels, decoded)), []string{"one", "other", "one as other", "other as one"}))
}
