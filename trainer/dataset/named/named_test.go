package named

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist/mnisttest"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

// load loads a data set and returns what was noted.
func load(name string) (notes []string, err error) {
	_, _, err = Load(name, celeba.Options{Reading: pictures.Reading{Note: func(text string) { notes = append(notes, text) }}})
	return notes, err
}

// What cannot be read is refused in one line that says what to do with it.
func TestOthers(t *testing.T) {
	for file, want := range map[string]string{
		"train-00000-of-00001.parquet": "is Parquet, which is not read so: load it with pandas.read_parquet", "emnist-letters.mat": "gzip.zip",
		"training.pt": "name the folder raw beside it", "mnist.pkl.gz": "is a pickle", "archive.zip": "unpack it and name the folder", "mnist_784.arff": "loadarff",
		"x_train.npy": "savez_compressed('mine.npz'", "mnist.h5": "HDF5", "cat.png": "for PNG and JPEG say folder:",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), []byte("data"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{dir, filepath.Join(dir, file)} {
			if file == "cat.png" && name != dir {
				want = "data are faces"
			}
			if _, err := load(name); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for name, want := range map[string]string{"face": "did you mean faces?", "nowhere": "there is no folder or file nowhere; data are faces, celeba:DIR", "celeba:nowhere": "there is no folder nowhere: it is to have CelebA's", "folder:nowhere": "it is to have a folder of PNG", "celeba:": "goes on with the name of a folder"} {
		if _, err := load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file of four stands for nothing, and a folder above them for all.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	if err := mnisttest.WriteDigits(filepath.Join(dir, "MNIST", "raw"), 30, 20); err != nil {
		t.Fatal(err)
	}
	if _, err := load(dir); err != nil {
		t.Error(err)
	}
	if _, err := load(filepath.Join(dir, "MNIST", "raw", "t10k-labels-idx1-ubyte")); err == nil || !strings.Contains(err.Error(), "name the folder that has all four") {
		t.Errorf("one of four files: %v", err)
	}
	if _, err := load(filepath.Join(dir, "MNIST", "row")); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
