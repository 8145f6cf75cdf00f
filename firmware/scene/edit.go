package scene

import (
	"cmp"
	"fmt"
	"image"
	"image/draw"
	"slices"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// EditName is the name of the scene of an [Edit].
const EditName = "edit"

// EditHelp says what it shows, in a line.
const EditHelp = "the digit of a picture (--image) turning into another (--toward) and back, or a face"

// An Edit is a picture whose code is moved from one class to another, see latent.Toward, or where
// concepts do not exclude each other, straight to an end.
type Edit struct {
	Code     []int16   // of the picture: Latent coordinates
	Means    [][]int16 // of the codes of classes
	From, To int       // of Means: the class that the picture is of, and the other
	End      []int16   // in place of these three
	Amount   int       // how much of the way, in parts of latent.Whole; 0 is all of it
}

// The edit scene holds either end for editHold frames and goes to the other in editMorph frames.
const (
	editHold   = 30
	editMorph  = 60
	editPeriod = 2 * (editHold + editMorph)
)

// Scene returns the scene that goes there and back endlessly, whatever the seed. The edit must not
// change from then on.
func (e Edit) Scene() Info {
	return EditBy(func(*model.Model) (Edit, error) { return e, nil })
}

// EditBy is the scene whose edit depends on the model: making the scene calls by.
func EditBy(by func(m *model.Model) (Edit, error)) Info {
	return Info{EditName, EditHelp, crispModel, func(d Decoder, _ uint64, size image.Point) (Scene, error) {
		e, err := by(d.Model())
		if err == nil {
			err = e.Check(d.Model().Latent)
		}
		if err != nil {
			return nil, err
		}
		return withDials(&edit{newStage(d, size), e}), nil
	}}
}

// Check reports whether the edit is one for a model of so many latent dimensions.
func (e Edit) Check(dims int) error {
	if e.End != nil {
		if len(e.Code) != dims || len(e.End) != dims {
			return fmt.Errorf("scene: an edit from %d coordinates to %d, the model has %d", len(e.Code), len(e.End), dims)
		}
		return nil
	}
	if n := len(e.Means); min(e.From, e.To) < 0 || max(e.From, e.To) >= n {
		return fmt.Errorf("scene: an edit from class %d to %d of %d", e.From, e.To, n)
	}
	for _, c := range append(slices.Clone(e.Means), e.Code) {
		if len(c) != dims {
			return fmt.Errorf("scene: an edit of %d coordinates, the model has %d", len(c), dims)
		}
	}
	return nil
}

// edit is the scene of an Edit.
type edit struct {
	*stage
	Edit
}

// Render implements [Scene].
func (s *edit) Render(dst draw.Image, n uint64) {
	s.pose(n)
	s.draw(dst)
}

func (s *edit) pose(n uint64) {
	amount := int(int64(editAmount(n)) * int64(cmp.Or(s.Amount, latent.Whole)) / latent.Whole)
	if s.End != nil {
		for i, x := range s.Code {
			s.point[i] = int16(int64(x) + (int64(s.End[i])-int64(x))*int64(amount)/latent.Whole)
		}
	} else {
		latent.Toward(s.point, s.Code, s.Means, s.From, s.To, amount)
	}
}

// editAmount is how far frame n has come, of latent.Whole.
func editAmount(n uint64) int {
	const there = editHold + editMorph
	at := int64(n % editPeriod)
	u := max(at-editHold, 0)
	if at >= there {
		u = editMorph - max(at-there-editHold, 0)
	}
	part, whole := smoothstep(u, editMorph)
	return int(part * latent.Whole / whole)
}
