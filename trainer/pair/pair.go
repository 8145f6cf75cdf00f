package pair

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/internal/packed"
	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/decoder"
	models "github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// The files of a model in the folder of a run; the int8 encoder's, encoder.File, is beside them.
const (
	FloatFile = "vae.safetensors"
	Int8File  = "decoder.safetensors"
)

// Folders of the built-in models, from the root of the repository.
var (
	FloatFolder = filepath.Join("trainer", "pretrained")
	Int8Folder  = filepath.Join("decoder", "pretrained")
)

// A Pair is a float32 model and its int8 decoder.
type Pair struct {
	Name  string // a built-in model's, or the folder of a run
	Float *vae.Model
	Int8  *model.Model
}

// BuiltIn says whether a name is that of a built-in model.
func BuiltIn(name string) bool {
	return pretrained.Has(name)
}

// Folder is the folder of a run that a name stands for: the name of a file of its model does, too.
func Folder(name string) string {
	switch filepath.Base(name) {
	case FloatFile, Int8File, encoder.File:
		return filepath.Dir(name)
	}
	return name
}

// Files are the files of a model: float32 and int8. Those of a built-in one are in the repository.
func Files(name string) [2]string {
	if BuiltIn(name) {
		file := name + ".safetensors"
		ints := filepath.Join(Int8Folder, file)
		if _, err := os.Stat(ints + packed.Extension); err == nil {
			ints += packed.Extension
		}
		return [2]string{filepath.Join(FloatFolder, file), ints}
	}
	dir := Folder(name)
	return [2]string{filepath.Join(dir, FloatFile), filepath.Join(dir, Int8File)}
}

// Decoder is what decoder.Open knows a model's decoder by.
func Decoder(name string) string {
	if BuiltIn(name) {
		return name
	}
	return Files(name)[1]
}

// CheckBackends reports an environment that asks for kernels which this CPU does not have, before
// anybody has waited for them.
func CheckBackends() error {
	if _, err := sgemm.Select(""); err != nil {
		return err
	}
	_, err := kernels.Select("")
	return err
}

// Open returns a built-in model or the one in the folder of a run.
func Open(name string) (*Pair, error) {
	if err := CheckBackends(); err != nil {
		return nil, err
	}
	floats, ok := pretrained.Weights(name)
	floatName, int8Name := name+", built in", Decoder(name)
	if !ok {
		var err error
		floatName = Files(name)[0]
		if info, err := os.Stat(Folder(name)); err == nil && !info.IsDir() {
			if data, err := regular.Read(name, MaxFile); err == nil && foreign.Recognized(data) != nil {
				return nil, fmt.Errorf("%s: %w", name, foreign.Recognized(data))
			}
			return nil, fmt.Errorf("%s is a file without a run's weights: name the folder of a run, or a built-in model (%s)", name, strings.Join(models.Names(), ", "))
		}
		floats, err = regular.Read(floatName, MaxFile)
		if info, e := os.Stat(Folder(name)); errors.Is(err, fs.ErrNotExist) && e == nil && info.IsDir() {
			return nil, fmt.Errorf("there is no %s in %s, which training writes when it is done", FloatFile, Folder(name))
		}
		if err != nil {
			return nil, fmt.Errorf("%s is no built-in model and no folder of a run: %w", name, err)
		}
	}
	m, concepts, err := Unmarshal(floats)
	if errors.Is(err, ErrDecoderAlone) || foreign.Is(err) {
		return nil, fmt.Errorf("%s: %w", floatName, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: copy it again or train anew", floatName, err)
	}
	q, err := decoder.Open(int8Name)
	if foreign.Is(err) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: copy it again or train anew", err)
	}
	if q.Image != m.Image || q.Latent != m.Latent {
		return nil, fmt.Errorf("%s makes images of %s from %d dimensions and %s %s from %d: both must be of one run",
			int8Name, plain.ImageSize(q.Image), q.Latent, floatName, plain.ImageSize(m.Image), m.Latent)
	}
	if its := q.Network(); !reflect.DeepEqual(its.Decoder, m.Network.Decoder) {
		return nil, fmt.Errorf("%s and %s have other layers: both must be of one run", int8Name, floatName)
	}
	if !ofOneRun(concepts, q) || quantize.Agreement(q, m.Decoder) < 0.75 {
		return nil, fmt.Errorf("%s and %s are not of one run, their concepts or weights differ: copy both from the same, or train anew", int8Name, floatName)
	}
	return &Pair{name, m, q}, nil
}

// OpenInt8 returns the int8 model of a built-in model, of a run or of a decoder that was imported.
func OpenInt8(name string) (*model.Model, error) {
	p, err := Open(name)
	if err == nil {
		return p.Int8, nil
	}
	if !errors.Is(err, ErrDecoderAlone) {
		return nil, err
	}
	_, q, err := OpenAlone(name)
	return q, err
}

// OpenAlone returns the float32 decoder and the int8 model of one that has no encoder: a built-in
// one, or that in a folder.
func OpenAlone(name string) (*nn.Model, *model.Model, error) {
	files := Files(name)
	data, ok := pretrained.Weights(name)
	if !ok {
		var err error
		if data, err = regular.Read(files[0], MaxFile); err != nil {
			return nil, nil, err
		}
	}
	m, err := UnmarshalDecoder(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: import it anew", files[0], err)
	}
	q, err := decoder.Open(Decoder(name))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: import it anew", err)
	}
	if its := q.Network(); q.Latent != m.In[2] || !reflect.DeepEqual(its.Decoder, m.Stack) {
		return nil, nil, fmt.Errorf("%s and %s have other layers: both must be of one model", files[1], files[0])
	}
	if quantize.Agreement(q, m) < 0.75 {
		return nil, nil, fmt.Errorf("%s: the files in it are not of one model, their weights differ: import it anew", Folder(name))
	}
	return m, q, nil
}

// ofOneRun says that concepts of a float32 model are those of an int8 one.
func ofOneRun(concepts []concept.Concept, q *model.Model) bool {
	if len(concepts) != len(q.Concepts) {
		return false
	}
	for _, c := range q.Concepts {
		i := slices.IndexFunc(concepts, func(f concept.Concept) bool { return f.Name == c.Name })
		if i < 0 {
			return false
		}
		for k, fixed := range q.FixedPoint(nil, concepts[i].Mean...) {
			// float32 may round to the other side
			if d := int(fixed) - int(c.Mean[k]); d < -1 || d > 1 {
				return false
			}
		}
	}
	return true
}

// CheckFiles reports files of a built-in model that are not there to be written anew.
func CheckFiles(name string) error {
	if !BuiltIn(name) {
		return nil
	}
	for _, file := range Files(name) {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("there is no file %s here: run this from the root of the repository", file)
		}
	}
	return nil
}
