package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/digit"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/exporter"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/interop/keras"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnxwrite"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/portrait"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// options are a command line. Nothing changes them once it is read.
type options struct {
	run.Config
	line cli.Line

	threads                 int
	out                     string
	resume, animated, quick bool

	model        string // a built-in one's name, or a folder or file of a run
	json, update bool
	samples      int

	name, size string // of import
	points     int
	source     importer.Options

	image, toward, away, from, to, path, concepts, only, cascade string
	amount                                                       float64
	steps, frames, fps, factors, inverted                        int
	spherical, asIs, anyway                                      bool

	export exporter.Options
}

// command is the name of the program as it is typed.
const command = "go run ./trainer"

// editModel is the built-in model that pictures are edited with where none is named: two dimensions
// have no room for a hand.
const editModel = "mnist-16"

// ganOut is the folder where a run of the command gan writes.
var ganOut = filepath.Join("out", "gan")

// expressions are the concepts of a face that change from moment to moment, of drawn faces and of
// CelebA: what is exchanged where nobody says what.
var expressions = []string{"Smiling", "Frowning", "Mouth_Slightly_Open", "Narrow_Eyes", "Turned_Left", "Turned_Right"}

// The fastest frame rates of a walk.
const (
	mostGIFRate  = 50 // viewers play shorter delays slowly
	mostAPNGRate = 120
)

// pictureFile is the file of a picture that is written: a PNG, whose name may lack the end. A
// photograph is easily named twice.
func pictureFile(name string) (string, error) {
	info, err := os.Stat(name)
	base := filepath.Base(name)
	switch extension := filepath.Ext(base); {
	case os.IsPathSeparator(name[len(name)-1]), err == nil && info.IsDir():
		return "", cli.Usagef("--out %s: it is a folder: name a file in it", name)
	case strings.EqualFold(extension, ".png") && len(base) > len(extension):
		return name, nil
	case extension == "" && err != nil && base[0] != '-':
		return name + ".png", nil
	}
	return "", cli.Usagef("--out %s: what is written is a PNG: its name must end in .png", name)
}

// cured adds to the error of a library, which knows of no command, what cures it.
func cured(err error) error {
	if errors.As(err, new(*digit.Doubt)) {
		return fmt.Errorf("%w: to use it all the same, say --anyway", err)
	}
	switch e := err.(type) {
	case *run.ConflictError:
		const cure = "leave it out, or train anew in another --out"
		if e.Its == nil {
			return cli.Usagef("--%s %v conflicts with --resume: its layers are not those that the run began with; %s", e.Setting, e.Mine, cure)
		}
		return cli.Usagef("--%s %v conflicts with --resume: the run began with --%s %v; %s", e.Setting, e.Mine, e.Setting, e.Its, cure)
	case *run.SettingError:
		return cli.Usagef("--%s %s: %w", e.Setting, e.Value, e.Err)
	}
	if lacks := (model.NoConceptError{}); errors.As(err, &lacks) {
		if name, ok := decoder.BuiltInWith(lacks.Name); ok {
			return fmt.Errorf("%w; --model %s has it", err, name)
		}
	}
	for _, c := range []struct {
		of   error
		cure string
	}{
		{model.ErrNoConcepts, "go run ./trainer concepts --update --model MODEL --data DATA writes them, if MODEL has an encoder and DATA, its images, are of two classes or more"},
		{encoder.ErrNone, "copy it from where the trainer wrote both, or write it with go run ./trainer encoder --model MODEL --data DATA"},
		{foreign.ErrArrays, command + " import --layers LAYERS.json FILE makes a model of them, where LAYERS.json lists its layers, see docs/pytorch.md"},
		{foreign.ErrWeights, command + " import FILE makes a model of a decoder in ONNX, to which other programs export theirs, see docs/interop.md"},
		{vae.ErrDiverged, "lower --lr"},
		{pair.ErrDecoderAlone, "vae-edge and walk show what it draws, and this command needs an encoder"},
		{portrait.ErrNoFace, "crop the picture to a square around the face, or say --as-is to take the square in its middle"},
		{linear.ErrBare, "say --logits if they are logits; otherwise let the decoder end with a sigmoid or tanh before it is exported"},
		{linear.ErrShape, "say --size HEIGHTxWIDTHxCHANNELS"},
		{importer.ErrNoLayers, "name the list of them with --layers"},
		{keras.ErrNoModel, "a list of layers is named with --layers"},
		{fold.ErrEnds, "name the latent point with --input and the picture with --output"},
		{fold.ErrEncoderEnds, "let a picture be its input, and name the means and the logarithms of the variances with --encoder-outputs"},
		{run.ErrDone, "to train it for more, say --epochs N with more than these; to train anew, leave --resume out"},
		{run.ErrUnfinished, "continue the run with --resume, delete the file to train anew, or choose another --out"},
		{onnxwrite.ErrInexact, "export --c writes it exact, and --onnx the float32 decoder"},
		{run.ErrOtherImages, "name theirs with --data"},
	} {
		if errors.Is(err, c.of) {
			return fmt.Errorf("%w: %s", err, c.cure)
		}
	}
	return err
}
