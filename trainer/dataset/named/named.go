// Package named reads data sets by the names that users know them by.
package named

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/dataset/folder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

// Faces is the name of the drawn faces, FacesTrain how many there are to learn from. Those that
// measure begin where none learns.
const (
	Faces          = "faces"
	FacesTrain     = 20_000
	facesTest      = 5_000
	facesSeed      = 1
	facesTestFirst = 1 << 30
)

// What a name begins with that goes on with that of a folder of pictures.
const (
	celebaPrefix = "celeba:"
	folderPrefix = "folder:"
)

// Side is the height and width that pictures of files are scaled to.
const Side = 64

// TestFace returns the factors of a test picture of the drawn faces, by its number.
func TestFace(i int) faces.Face { return faces.Random(facesSeed, facesTestFirst+i) }

// TestFaceWith is TestFace with an attribute, which the drawn faces must know, and all else as it
// was.
func TestFaceWith(i int, attribute string) faces.Face {
	for other := i + 1; ; other++ {
		if o := TestFace(other); o.Attribute(attribute) {
			return TestFace(i).With(attribute, o)
		}
	}
}

// ErrInterrupted is wrapped by what Load returns when it is asked to end.
var ErrInterrupted = pictures.ErrInterrupted

// InColour says that pictures of that name are in colour and of Side pixels a side.
func InColour(name string) bool {
	return name == Faces || Celeba(name) || strings.HasPrefix(name, folderPrefix)
}

// Celeba says that a name is that of CelebA, whose terms its users are told.
func Celeba(name string) bool { return strings.HasPrefix(name, celebaPrefix) }

// meant says what else a folder without IDX files may be meant to be.
func meant(name string, err error) error {
	const all = "data are faces, celeba:DIR, folder:DIR or a folder of IDX files"
	if word := strings.ToLower(name); word == Faces || word == "face" {
		return fmt.Errorf("%w; did you mean faces? %s", err, all)
	}
	if _, e := os.Stat(name); e != nil {
		return fmt.Errorf("%w; %s", err, all)
	}
	if files, _ := filepath.Glob(filepath.Join(name, "*-ubyte*")); len(files) == 0 {
		return fmt.Errorf("%w; for PNG and JPEG say folder:%s", err, name)
	}
	return err
}

// Load reads the data set of that name: "faces", drawn ones; "celeba:" or "folder:" and a folder of
// pictures; a folder of IDX files; or, without a name, the digits that are part of the program. The
// options are those of CelebA, of which others take what is theirs; their Side is Side.
func Load(name string, o celeba.Options) (train, test *dataset.Set, err error) {
	limited := func(n, limit int) int {
		if limit > 0 {
			n = min(n, limit)
		}
		return n
	}
	o.Side = Side
	switch {
	case len(o.Attributes) > 0 && !Celeba(name):
		return nil, nil, errors.New("attributes are chosen of CelebA alone, celeba:DIR: leave them out")
	case o.Crop > 0 && !Celeba(name):
		return nil, nil, errors.New("a crop is of CelebA's pictures alone, celeba:DIR: leave it out")
	case name == celebaPrefix || name == folderPrefix:
		return nil, nil, fmt.Errorf("%s goes on with the name of a folder, as in %spictures", name, name)
	case name == "":
		train, test, err = mnist.EmbeddedFirst(o.Train, o.Test)
	case name == Faces:
		train = &faces.New(facesSeed, 0, limited(FacesTrain, o.Train)).Set
		test = &faces.New(facesSeed, facesTestFirst, limited(facesTest, o.Test)).Set
	case Celeba(name):
		train, test, err = celeba.Load(filepath.Clean(strings.TrimPrefix(name, celebaPrefix)), o)
	case strings.HasPrefix(name, folderPrefix):
		train, test, err = folder.Load(filepath.Clean(strings.TrimPrefix(name, folderPrefix)), o.Reading)
	default:
		if train, test, err = mnist.Load(name); err != nil {
			err = meant(name, err)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return train.First(limited(train.N, o.Train)), test.First(limited(test.N, o.Test)), nil
}
