package player

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/vae-edge/vae-edge/digit"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/encoder/fit"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// An editor makes the edit of a picture for models.
type editor struct {
	Edit
	origin func(*model.Model) string // the file or name that a model was opened by
	done   string                    // what was done to the picture, for people

	pixels []uint8 // of what is in the picture, which is read once for models of one shape
	shape  [3]int  // of the pixels
	steps  string  // what was done for them
	doubt  error   // what speaks against one digit
	crop   []string
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
	exclusive := m.Exclusive()
	var aims []model.Aim
	if exclusive {
		if e.To, err = m.ConceptIndex(ed.Toward); err != nil {
			return e, ed.unknown("toward", m, err)
		}
		e.From = -1
		if ed.From != "" {
			if e.From, err = m.ConceptIndex(ed.From); err != nil {
				return e, ed.unknown("from", m, err)
			}
		}
	}
	if !exclusive {
		if aims, err = m.Aims(ed.Toward); err != nil {
			return e, ed.unknown("toward", m, err)
		}
		away, err := m.Aims(ed.Away)
		if err != nil {
			return e, ed.unknown("away", m, err)
		}
		aims = append(aims, model.Opposite(away)...)
	}
	switch {
	case exclusive && ed.Away != "":
		return e, OptionError{Option: "away", Err: fmt.Errorf("the concepts of model %s exclude each other: say toward which it goes", m.Name)}
	case exclusive && ed.Amount > latent.Whole:
		return e, OptionError{Option: "amount", Err: fmt.Errorf("the concepts of model %s exclude each other: 1 is all of the way", m.Name)}
	case !exclusive && ed.From != "":
		return e, OptionError{Option: "from", Err: fmt.Errorf("the concepts of model %s do not exclude each other: say away from which it goes", m.Name)}
	}
	if m.Image[0] != m.Image[1] {
		return e, OptionError{Option: "image", Err: fmt.Errorf("model %s is of pictures of %dx%dx%d: photographs can be read for square ones only", m.Name, m.Image[0], m.Image[1], m.Image[2])}
	}
	em, err := pictures.Open(ed.origin(m), m)
	if err != nil {
		return e, err
	}
	enc, err := pictures.New(em)
	if err != nil {
		return e, err
	}
	if ed.shape != m.Image {
		if err := ed.read(m.Image); err != nil {
			return e, OptionError{Option: "image", Err: err, File: true}
		}
	}
	pixels := m.OnGround(ed.pixels)
	read, err := ed.judge(em, pixels)
	if err != nil {
		return e, OptionError{Option: "image", Err: err, File: true}
	}
	e.Code = make([]int16, m.Latent)
	enc.Encode(e.Code, pixels)
	if !exclusive {
		e.End = m.Steered(e.Code, aims, cmp.Or(ed.Amount, latent.Whole))
		ed.done = fmt.Sprintf("%s: %s; %s", ed.Image, ed.steps, strings.Join(m.Says(aims), ", "))
		return e, nil
	}
	e.Means, e.Amount = m.ConceptMeans(), ed.Amount
	if e.From < 0 {
		e.From = latent.Nearest(e.Code, e.Means)
	}
	ed.done = fmt.Sprintf("%s: %s%s; from %s toward %s", ed.Image, ed.steps, read, m.Concepts[e.From].Name, m.Concepts[e.To].Name)
	return e, nil
}

// unknown is the error of a concept that the model has not got. Where it has none at all and no
// encoder either, that comes first: concepts are found with it.
func (ed *editor) unknown(option string, m *model.Model, err error) error {
	if errors.Is(err, model.ErrNoConcepts) {
		if _, none := pictures.Open(ed.origin(m), m); errors.Is(none, pictures.ErrNone) {
			return none
		}
	}
	return OptionError{Option: option, Err: err}
}

// judge says what the picture, a digit made ready for a model, is read as by it, and how sure that
// is. The error is what speaks against the picture, unless it is to be used all the same.
func (ed *editor) judge(m *model.Model, pixels []uint8) (read string, err error) {
	if m.Image[2] != 1 {
		return "", nil
	}
	j, err := fit.New(m)
	if err != nil {
		return "", err
	}
	doubt := ed.doubt
	if what := j.Doubt(pixels); doubt == nil && what != "" {
		doubt = &digit.Doubt{What: what}
	}
	if doubt != nil && !ed.Anyway {
		return "", fmt.Errorf("%s: %s: %w", ed.Image, ed.steps, doubt)
	}
	if m.Exclusive() && len(m.Concepts) > 0 {
		concept, percent := j.Class(pixels)
		read = fmt.Sprintf("; read as %s, %d %% sure", m.Concepts[concept].Name, percent)
	}
	if doubt != nil {
		read += "; used although " + strings.TrimPrefix(doubt.Error(), "digit: ")
	}
	if !j.Known() {
		read += "; not compared with what the model has learnt from, of which its encoder's file says nothing"
	}
	return read, nil
}

// read reads the picture for models of that shape: a digit is found in it, of colour the square in
// its middle is taken.
func (ed *editor) read(shape [3]int) error {
	img, err := digit.ReadFile(ed.Image)
	if err != nil {
		return err
	}
	odd := photo.Mismatch(img, shape[2])
	if shape[2] == 1 {
		pixels, steps, err := digit.Prepare(img, shape[0])
		if pixels == nil {
			return fmt.Errorf("%s: %w%s", ed.Image, err, odd)
		}
		ed.pixels, ed.shape, ed.steps, ed.doubt = pixels, shape, steps.String()+odd, err
		ed.crop = digit.Text(pixels, shape[0])
		return nil
	}
	square := photo.Middle(img.Bounds(), 0)
	pixels := make([]uint8, shape[0]*shape[1]*3)
	photo.Scale(pixels, shape[0], shape[1], img, square)
	ed.pixels, ed.shape, ed.doubt, ed.crop = pixels, shape, nil, nil
	ed.steps = fmt.Sprintf("%d x %d pixels, the square of %d in its middle, scaled to %d", img.Bounds().Dx(), img.Bounds().Dy(), square.Dx(), shape[0]) + odd
	return nil
}
