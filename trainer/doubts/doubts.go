// Package doubts makes photographs of digits ready for a model, and refuses those that are hardly
// such a digit.
package doubts

import (
	"errors"
	"fmt"
	"image"
	"strings"

	_ "golang.org/x/image/bmp" // formats of pictures that are read besides
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/vae-edge/vae-edge/digit"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/encoder/fit"
	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// A Reader makes digits ready for a model of square grey pictures.
type Reader struct {
	console *console.Console
	model   *model.Model
	judge   *fit.Judge // nil where there is no int8 encoder
	anyway  bool       // what is doubtful is used
	read    bool       // it is to be said what a digit is read as
}

// Open returns a reader for a model, named as pair.Open has it, whose decoder is q. It says what a
// digit is read as, if asked to, and uses what is doubtful if it is to be used anyway.
func Open(name string, q *model.Model, read, anyway bool, c *console.Console) (*Reader, error) {
	r := &Reader{console: c, model: q, read: read && q.Exclusive() && len(q.Concepts) > 0, anyway: anyway}
	whole, err := encoder.Open(pair.Decoder(name), q)
	if errors.Is(err, encoder.ErrNone) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.judge, err = fit.New(whole)
	return r, err
}

// Read returns the digit of a picture from a file of that name, and says what was done and seen.
// The error wraps a digit.Doubt where something is found that is hardly a digit.
func (r *Reader) Read(name string, img image.Image) ([]byte, error) {
	side, odd := r.model.Image[0], photo.Mismatch(img, 1)
	found, steps, doubt := digit.Prepare(img, side)
	if found == nil {
		return nil, fmt.Errorf("%s: %w%s", name, doubt, odd)
	}
	pixels := r.model.OnGround(found)
	r.console.Printf("%s: %v%s\n", name, steps, odd)
	if r.judge != nil && doubt == nil {
		if what := r.judge.Doubt(pixels); what != "" {
			doubt = &digit.Doubt{What: what}
		}
	}
	if doubt != nil && !r.anyway {
		return nil, fmt.Errorf("%s: %w", name, doubt)
	}
	if doubt != nil {
		r.console.Printf("%s: used although %s\n", name, strings.TrimPrefix(doubt.Error(), "digit: "))
		for _, line := range digit.Text(found, side) {
			r.console.Printf("%s\n", line)
		}
	}
	if r.judge == nil || !r.judge.Known() {
		r.console.Printf("%s: not compared with what %s has learnt from, of which the file of its int8 encoder, if there is one, says nothing\n", name, r.model.Name)
	}
	if r.judge != nil && r.read {
		concept, percent := r.judge.Class(pixels)
		r.console.Printf("%s: read as %s, %d %% sure\n", name, r.model.Concepts[concept].Name, percent)
	}
	return pixels, nil
}
