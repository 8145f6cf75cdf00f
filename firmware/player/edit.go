package player

import (
	"fmt"
	"sync"

	"github.com/vae-edge/vae-edge/digit"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// An editor makes the edit of a picture for models.
type editor struct {
	Edit
	origin func(*model.Model) string // the file or name that a model was opened by
	done   string                    // what was done to the picture, for people

	pixels []uint8 // of the digit in the picture, which is read once
	side   int     // of the pixels
	steps  digit.Steps
}

// by returns what makes the scene's edit for a model: it encodes the picture, once for a model. Any
// goroutine may call that.
func (ed *editor) by() func(m *model.Model) (scene.Edit, error) {
	type encoded struct {
		model *model.Model
		edit  scene.Edit
	}
	var mu sync.Mutex
	// The last two, because the model that is shown may be asked for while its successor, whose
	// encoder has taken the place of its own, is being made ready.
	var last [2]encoded
	return func(m *model.Model) (scene.Edit, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, l := range last {
			if l.model == m {
				return l.edit, nil
			}
		}
		e, err := ed.encode(m)
		if err == nil {
			last = [2]encoded{{m, e}, last[0]}
		}
		return e, err
	}
}

// encode encodes the picture for its edit.
func (ed *editor) encode(m *model.Model) (e scene.Edit, err error) {
	if e.To, err = m.ConceptIndex(ed.Toward); err != nil {
		return e, OptionError{Option: "toward", Err: err}
	}
	e.From = -1
	if ed.From != "" {
		if e.From, err = m.ConceptIndex(ed.From); err != nil {
			return e, OptionError{Option: "from", Err: err}
		}
	}
	if m.Image[0] != m.Image[1] || m.Image[2] != 1 {
		return e, OptionError{Option: "image", Err: fmt.Errorf("model %s is of pictures of %dx%dx%d: photographs can be read for grey square ones only", m.Name, m.Image[0], m.Image[1], m.Image[2])}
	}
	em, err := pictures.Open(ed.origin(m), m)
	if err != nil {
		return e, err
	}
	enc, err := pictures.New(em)
	if err != nil {
		return e, err
	}
	if ed.side != m.Image[0] {
		img, err := digit.ReadFile(ed.Image)
		if err != nil {
			return e, OptionError{Option: "image", Err: err, File: true}
		}
		pixels, steps, err := digit.Prepare(img, m.Image[0])
		if err != nil {
			return e, OptionError{Option: "image", Err: fmt.Errorf("%s: %w", ed.Image, err), File: true}
		}
		ed.pixels, ed.side, ed.steps = pixels, m.Image[0], steps
	}
	e.Code = make([]int16, m.Latent)
	enc.Encode(e.Code, ed.pixels)
	e.Means = m.ConceptMeans()
	if e.From < 0 {
		e.From = latent.Nearest(e.Code, e.Means)
	}
	ed.done = fmt.Sprintf("%s: %v; from %s toward %s", ed.Image, ed.steps, m.Concepts[e.From].Name, m.Concepts[e.To].Name)
	return e, nil
}
