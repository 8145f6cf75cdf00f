package player

import (
	"cmp"
	"image"
	"os"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/model"
)

// Options say what is played, and how. Nothing changes them.
type Options struct {
	Scene  string // the name of the first
	Path   string // where morph goes; "": [model.Model.OwnPath]
	At     string // the latent point of scene at; "": there is no such scene
	Digit  string // that sample draws; "": all
	Clock  scene.ClockOptions
	Edit   Edit
	Model  string        // the name of a built-in one or a file; "": that of each scene
	Poll   time.Duration // how often a model's file is looked at; 0: every two seconds
	Seed   uint64
	Frames uint64      // 0: until stopped
	FPS    int         // frames a second; 0: the display's default
	Size   image.Point // of a file's frames in pixels, and of those for nobody
	Stats  Stats
	// Palette gives grey models a colour.
	Palette scene.Palette
	// Round is that of the display only the circle within is to be seen.
	Round bool
	// Unattended is a device with nobody there: the scene's default model stands in for a file that
	// cannot be shown, and the end may take longer.
	Unattended bool
	// Hangups have the model read again, each at once; nil: none comes.
	Hangups <-chan os.Signal
	// Cure adds to an error what its reader can do; nil: nothing.
	Cure func(error) error
}

// An Edit is a picture of a digit or a face, and what becomes of it in scene edit.
type Edit struct {
	Image  string // a PNG, JPEG or GIF file; "": there is no such scene
	Toward string // the concept that it becomes
	From   string // the concept that it is; "": the one whose mean is nearest
	// How far it goes, in parts of latent.Whole; 0 is all of the way
	Amount int
	// Of a model whose concepts do not exclude each other, such as one of faces, Toward and Away
	// are several, with commas between, and Amount may be more than latent.Whole.
	Away string
	// Anyway uses what is in the picture even if it is hardly one digit
	Anyway bool
}

// Stats are where figures go, once a second.
type Stats int

// What becomes of figures.
const (
	StatsOff     Stats = iota
	StatsLine          // a line
	StatsOverlay       // over the picture
)

// An OptionError says which of the options it is about, by the name that its field has in lower
// case.
type OptionError struct {
	Option string
	Value  string // "" where the error says enough
	Err    error
	File   bool // not the option is wrong but the file that it names
}

func (e OptionError) Error() string {
	if e.Value == "" {
		return e.Option + ": " + e.Err.Error()
	}
	return e.Option + " " + e.Value + ": " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e OptionError) Unwrap() error { return e.Err }

// DefaultModel is the model of the scene where no other is named.
func (o Options) DefaultModel() string {
	all := scenes(o, nil, nil)
	return all[indexOf(all, o.Scene)].Model
}

func indexOf(all []scene.Info, name string) int {
	return slices.IndexFunc(all, func(s scene.Info) bool { return s.Name == name })
}

// poll is how often to look at the model's file.
func (o Options) poll() time.Duration { return cmp.Or(o.Poll, 2*time.Second) }

// scenes are all that there are, as the options have them. A clock shows now; edit is nil where
// nobody will draw.
func scenes(o Options, now func() time.Time, edit func(*model.Model) (scene.Edit, error)) []scene.Info {
	all := slices.Clone(scene.All())
	if o.Edit.Image != "" {
		all = append(all, scene.EditBy(edit))
	}
	if o.At != "" {
		all = append(all, scene.At(o.At))
	}
	clock := o.Clock
	clock.Now, clock.Round = now, o.Round
	for i, s := range all {
		switch {
		case s.Name == "morph" && o.Path != "":
			all[i] = scene.Morph(o.Path)
		case s.Name == "clock":
			all[i] = scene.Clock(clock)
		case s.Name == "sample" && o.Digit != "":
			all[i] = scene.Digit(o.Digit)
		}
	}
	return all
}
