package main

import (
	"fmt"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// concepts is the command that finds directions.
func concepts(o *options, c *console.Console) error {
	if o.update && o.Limit > 0 {
		return cli.Usagef("--update with --limit: what is written must be of all images")
	}
	out, err := pictureFile(o.out)
	if err != nil {
		return err
	}
	if o.update { // before anybody has waited
		if err := pair.CheckFiles(o.model); err != nil {
			return err
		}
	}
	p, train, test, err := openOn(o, c)
	if err != nil {
		return err
	}
	if err := checkWritable(out); err != nil {
		return err
	}
	cs := measure.Codes(p.Float, vae.NewRunner(p.Float, o.threads, nil), c.Progress("encoding", train.N+test.N), train, test)
	attributes := measure.Attributes(train, test)
	exclusive := concept.Exclusive(attributes)
	found, err := concept.Find(cs[0], cs[1], attributes, concept.Options{Balanced: !exclusive})
	if err != nil {
		return err
	}
	if found = concept.Kept(p.Int8, found); len(found) == 0 && len(concept.Lost(attributes, nil)) == 0 {
		return fmt.Errorf("%s has no concepts: they need images of two classes or more, and these are of one", o.model)
	} else if len(found) == 0 {
		return fmt.Errorf("%s has no concepts: the codes of all images are the same, it has learnt nothing of single ones (posterior collapse); train it anew for more --epochs, with a smaller --kl-weight, or with more images", o.model)
	} else if lost := concept.Lost(attributes, found); len(lost) > 0 {
		c.Warnf("no concept is made of %s: the codes of such images are those of the others", plain.List(lost))
	}
	p.Int8.SetConcepts(concept.Fixed(p.Int8, found), exclusive)
	d, err := decoder.New(p.Int8)
	if err != nil {
		return err
	}
	report := measure.ConceptsReport{Images: test.N, Concepts: measure.Concepts(found)}
	if test.Embedded {
		classifier, err := measure.Classifier()
		if err != nil {
			return err
		}
		e, err := measure.NewEditor(classifier, d, test, cs[1].Values, o.threads)
		if err != nil {
			return err
		}
		for i := range report.Concepts {
			report.Concepts[i].Moved = e.Moved(report.Concepts[i].Name)
		}
		report.Edit = e.Edited(c.Progress("editing", test.N))
	}
	sheet := drawn.Concepts(d, concept.Mean(cs[0]))
	if err := picture.WriteFile(out, sheet); err != nil {
		return err
	}
	var mixed string
	if o.update {
		if mixed, err = p.Update(found, exclusive, cs[0].Values, o.threads); err != nil {
			return err
		}
	}
	if o.json {
		return c.JSON(report)
	}
	c.Printf("%s, %s test images\n\n", o.model, plain.Comma(test.N))
	c.Printf("%s", report)
	c.Printf("\nwritten: %s\n", out)
	if o.update {
		c.Printf("updated: %s and %s\n%s", pair.Files(o.model)[0], pair.Files(o.model)[1], mixed)
	}
	return c.Err()
}
