package pair

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	encoders "github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/packed"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/mixture"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// EncoderFolder is that of the encoders of the built-in models, from the root of the repository.
var EncoderFolder = filepath.Join("encoder", "pretrained")

// goldenFile is the file of hashes in the folders of int8 models.
const goldenFile = "golden.txt"

// Install makes the model of a run, in its folder, the built-in one of a name, which its int8 files
// then have, and notes the hashes of what they compute. It is for the root of the repository. A
// generator has no encoder.
func Install(dir, name string) error {
	if BuiltIn(dir) { // it is a folder all the same
		dir = "." + string(filepath.Separator) + dir
	}
	p, err := Open(dir)
	alone := errors.Is(err, ErrDecoderAlone)
	var q, e *model.Model
	switch {
	case alone:
		_, q, err = OpenAlone(dir)
	case err == nil:
		q = p.Int8
		e, err = encoder.Open(Decoder(dir), q)
	}
	if err != nil {
		return err
	}
	floats, err := regular.Read(Files(dir)[0], MaxFile)
	if err != nil {
		return err
	}
	q.Name = name
	ints, err := q.Marshal()
	if err != nil {
		return err
	}
	generic, err := kernels.Select("generic")
	if err != nil {
		return err
	}
	hash, err := decoder.Hash(q, generic)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(FloatFolder, name+".safetensors"), floats); err != nil {
		return err
	}
	if err := installDecoder(name, ints); err != nil {
		return err
	}
	if !alone {
		encoder := model.Model{
			Name: name, Latent: q.Latent, LatentSteps: q.LatentSteps, Image: q.Image,
			Encoder: e.Encoder, DecoderSum: q.DecoderDigest(), Extra: e.Extra,
		}
		if _, err := InstallEncoder(name, &encoder); err != nil {
			return err
		}
	}
	return noteHash(filepath.Join(Int8Folder, goldenFile), name, hash)
}

// Mix gives the int8 decoder of a model the mixture of its codes, see mixture.Of. A classical
// autoencoder has none: it is there to show what a latent space without order draws.
func Mix(m *vae.Model, q *model.Model, codes []float32, threads int) (*mixture.Figures, error) {
	if m.KLWeight == 0 {
		return nil, nil
	}
	return mixture.Of(q, codes, threads)
}

// Update writes both files with other concepts, which exclude each other or do not, and with the
// mixture of the codes that they are of. It returns a sentence on that, if there is anything to
// say.
func (p *Pair) Update(found []concept.Concept, exclusive bool, codes []float32, threads int) (mixed string, err error) {
	found = concept.Kept(p.Int8, found) // both files have the same
	p.Int8.SetConcepts(concept.Fixed(p.Int8, found), exclusive)
	if f, err := Mix(p.Float, p.Int8, codes, threads); err != nil {
		mixed = fmt.Sprintf("New pictures are drawn as before: %v\n", err)
	} else {
		mixed = f.String()
	}
	floats, err := Marshal(p.Float, found)
	if err != nil {
		return "", err
	}
	ints, err := p.Int8.Marshal()
	if err != nil {
		return "", err
	}
	files := Files(p.Name)
	if err := atomicfile.WriteBytes(files[0], floats); err != nil {
		return "", err
	}
	if BuiltIn(p.Name) {
		return mixed, installDecoder(p.Name, ints)
	}
	return mixed, atomicfile.WriteBytes(files[1], ints)
}

// installDecoder writes the int8 file of a built-in model. The default one is drawn with at once;
// the others are compressed, as the board's program would otherwise have more than 8 MB.
func installDecoder(name string, data []byte) error {
	file := filepath.Join(Int8Folder, name+".safetensors")
	unused := file + packed.Extension
	if name != decoder.DefaultModel {
		file, unused = unused, file
		var err error
		if data, err = packed.Pack(data); err != nil {
			return err
		}
	}
	if err := atomicfile.WriteBytes(file, data); err != nil {
		return err
	}
	if err := os.Remove(unused); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// InstallEncoder makes an encoder that of a built-in model and notes the hash of what it computes.
// It returns the name of the file.
func InstallEncoder(name string, e *model.Model) (file string, err error) {
	data, err := e.Marshal()
	if err != nil {
		return "", err
	}
	compressed, err := packed.Pack(data)
	if err != nil {
		return "", err
	}
	generic, err := kernels.Select("generic")
	if err != nil {
		return "", err
	}
	hash, err := encoder.Hash(e, generic)
	if err != nil {
		return "", err
	}
	file = filepath.Join(EncoderFolder, name+encoders.Extension)
	if err := atomicfile.WriteBytes(file, compressed); err != nil {
		return "", err
	}
	return file, noteHash(filepath.Join(EncoderFolder, goldenFile), name, hash)
}

// noteHash makes a file of golden hashes have that of a model.
func noteHash(file, name, hash string) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(string(old))), func(line string) bool {
		f := strings.Fields(line)
		return len(f) == 0 || f[0] == name
	})
	lines = append(lines, name+" "+hash+"\n")
	slices.Sort(lines)
	return atomicfile.WriteBytes(file, []byte(strings.Join(lines, "")))
}
