// Package named reads data sets by the names that users know them by.
package named

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/checked"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/dataset/folder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
	"github.com/vae-edge/vae-edge/trainer/dataset/tables"
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

// kinds are the data sets that there are, for people.
const kinds = "data are faces, celeba:DIR, folder:DIR or a folder of IDX files"

// files reads a data set from a folder or a file: of IDX files, of arrays or of values.
func files(name string) (train, test *dataset.Set, err error) {
	info, statErr := os.Stat(name)
	if statErr == nil && !info.IsDir() {
		train, test, err = tables.Load(name)
		if errors.Is(err, tables.ErrNone) {
			err = fmt.Errorf("%w%s: %s", err, others(name), kinds)
		}
		return train, test, err
	}
	if train, test, err = mnist.Load(name); err == nil || statErr != nil || !errors.Is(err, mnist.ErrNoFiles) {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("there is no folder or file %s", name)
		}
		if word := strings.ToLower(name); err != nil && (word == Faces || word == "face") {
			return nil, nil, fmt.Errorf("%w; did you mean faces? %s", err, kinds)
		}
		if err != nil && statErr != nil {
			err = fmt.Errorf("%w; %s", err, kinds)
		}
		return train, test, err
	}
	train, test, tablesErr := tables.Load(name)
	if !errors.Is(tablesErr, tables.ErrNone) {
		return train, test, tablesErr
	}
	entries, _ := os.ReadDir(name)
	for _, e := range entries {
		if cure := others(e.Name()); cure != "" {
			return nil, nil, fmt.Errorf("%w; %s%s", err, e.Name(), cure)
		}
	}
	return nil, nil, fmt.Errorf("%w, nor is there a .npz or .csv file; for PNG and JPEG say folder:%s", err, name)
}

// asArrays is how pictures that are kept in another way become a data set.
const asArrays = "write the pictures, as bytes of 0 to 255, and their labels to a .npz file, " +
	"numpy.savez_compressed('mine.npz', x_train=..., y_train=..., x_test=..., y_test=...), and name that"

// others says of a file that is not read what to do with it; "" if nothing is known of it.
func others(name string) string {
	lower := strings.ToLower(name)
	for _, o := range []struct{ ends, what, cure string }{
		{".parquet", "Parquet", "load it with pandas.read_parquet, whose rows have a picture as PNG and a label; " + asArrays},
		{".arrow", "Arrow", "load it with datasets.load_from_disk; " + asArrays},
		{".tfrecord", "TensorFlow's records", "load them with tensorflow_datasets.as_numpy; " + asArrays},
		{".mat", "MATLAB's, as EMNIST is published besides", "fetch the IDX files, gzip.zip, or load it with scipy.io.loadmat; " + asArrays},
		{".pt", "PyTorch's, as torchvision kept data once", "name the folder raw beside it, which has the IDX files, or load it with torch.load; " + asArrays},
		{".pkl", "a pickle", "load it with pickle.load; " + asArrays}, {".pkl.gz", "a pickle", "load it with pickle.load; " + asArrays},
		{".pickle", "a pickle", "load it with pickle.load; " + asArrays},
		{".npy", "a single array of NumPy's", "pictures and labels go together; " + asArrays},
		{".h5", "HDF5", "load it with h5py.File; " + asArrays}, {".hdf5", "HDF5", "load it with h5py.File; " + asArrays},
		{".arff", "ARFF, as OpenML has it", "load it with scipy.io.arff.loadarff; " + asArrays},
		{".csv.gz", "compressed", "unpack it with gunzip"}, {".npz.gz", "compressed", "unpack it with gunzip"},
		{".xz", "compressed", "unpack it with unxz"}, {".bz2", "compressed", "unpack it with bunzip2"},
		{".zip", "an archive", "unpack it and name the folder"}, {".7z", "an archive", "unpack it and name the folder"},
		{".rar", "an archive", "unpack it and name the folder"}, {".tar", "an archive", "unpack it and name the folder"},
		{".tar.gz", "an archive", "unpack it and name the folder"}, {".tgz", "an archive", "unpack it and name the folder"},
		{"-ubyte", "one of a data set's files", "name the folder that has all four"}, {"-ubyte.gz", "one of a data set's files", "name the folder that has all four"},
		{"-int.gz", "one of a data set's files", "name the folder that has all four"},
	} {
		if strings.HasSuffix(lower, o.ends) {
			return fmt.Sprintf(" is %s, which is not read so: %s", o.what, o.cure)
		}
	}
	return ""
}

// Load reads the data set of that name: "faces", drawn ones; "celeba:" or "folder:" and a folder of
// pictures; a folder of IDX files, or a folder or file of package tables; or, without a name, the
// digits that are part of the program. The options are those of CelebA, of which others take what
// is theirs; their Side is Side. Their Note is told the notes of the sets.
func Load(name string, o celeba.Options) (train, test *dataset.Set, err error) {
	limited := func(n, limit int) int {
		if limit > 0 {
			n = min(n, limit)
		}
		return n
	}
	o.Side = Side
	for prefix, has := range map[string]string{celebaPrefix: "CelebA's pictures and lists, as they were unpacked", folderPrefix: "a folder of PNG and JPEG pictures for each class"} {
		if dir, ok := strings.CutPrefix(name, prefix); ok && dir != "" {
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				return nil, nil, fmt.Errorf("there is no folder %s: it is to have %s", dir, has)
			}
		}
	}
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
		if train, test, err = files(name); err == nil {
			checked.Grey(train, test) // all of them, so that a part is taken as all are
		}
	}
	if err != nil {
		return nil, nil, err
	}
	train, test = train.First(limited(train.N, o.Train)), test.First(limited(test.N, o.Test))
	if name != "" && name != Faces { // these are known
		checked.Classes(train, test)
	}
	for _, text := range train.Notes {
		o.Note(text)
	}
	return train, test, nil
}
