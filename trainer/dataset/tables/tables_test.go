package tables

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

// npy is a file of NumPy's.
func npy(kind, shape string, data ...byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape)
	header += strings.Repeat(" ", 63-(len(header)+10)%64) + "\n"
	return append([]byte("\x93NUMPY\x01\x00"+string([]byte{byte(len(header)), byte(len(header) >> 8)})+header), data...)
}

// npz is an archive of such files by their names.
func npz(t *testing.T, files map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		w, err := z.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	z.Close()
	return b.Bytes()
}

func write(t *testing.T, files map[string][]byte) (dir string) {
	dir = t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func count(from, n int) (b []byte) {
	for i := range n {
		b = append(b, byte(from+i))
	}
	return b
}

// keras is mnist.npz with three pictures of 2 x 3 and two.
func keras() map[string][]byte {
	return map[string][]byte{
		"x_train": npy("|u1", "3, 2, 3", count(10, 18)...), "y_train": npy("|u1", "3,", 7, 8, 9),
		"x_test": npy("|u1", "2, 2, 3", count(100, 12)...), "y_test": npy("<i8", "2,", 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0),
	}
}

func TestNumPy(t *testing.T) {
	kmnist := map[string][]byte{}
	for name, file := range map[string]string{"x_train": "kmnist-train-imgs.npz", "y_train": "kmnist-train-labels.npz", "x_test": "kmnist-test-imgs.npz", "y_test": "kmnist-test-labels.npz"} {
		kmnist[file] = npz(t, map[string][]byte{"arr_0": keras()[name]})
	}
	medical := map[string][]byte{"val_images": npy("|u1", "1, 2, 3", count(0, 6)...), "val_labels": npy("|u1", "1, 1", 0)}
	for name, data := range keras() {
		part := strings.TrimPrefix(strings.TrimPrefix(name, "x_"), "y_")
		if name[0] == 'x' {
			medical[part+"_images"] = data
		}
	}
	medical["train_labels"], medical["test_labels"] = npy("|u1", "3, 1", 7, 8, 9), npy("|u1", "2, 1", 1, 2)
	for name, files := range map[string]map[string][]byte{
		"mnist": {"mnist.npz": npz(t, keras()), "readme.txt": nil}, "several": kmnist, "medical": {"m.npz": npz(t, medical)},
	} {
		dir := write(t, files)
		train, test, err := Load(dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if train.N != 3 || train.Shape() != [3]int{2, 3, 1} || !bytes.Equal(train.Image(1), count(16, 6)) || !bytes.Equal(train.Labels, []byte{7, 8, 9}) ||
			test.N != 2 || !bytes.Equal(test.Image(1), count(106, 6)) || !bytes.Equal(test.Labels, []byte{1, 2}) || train.Name != filepath.Base(dir) {
			t.Errorf("%s: %+v and %+v", name, train, test)
		}
	}
	if train, _, err := Load(filepath.Join(write(t, map[string][]byte{"mnist.npz": npz(t, keras())}), "mnist.npz")); err != nil || train.Name != "mnist" {
		t.Errorf("by its file: %+v, %v", train, err)
	}
	for want, change := range map[string]map[string][]byte{
		"pixels are bytes":               {"x_train": npy("<f4", "1, 1, 1", 0, 0, 0, 0)},
		"of shape [18]":                  {"x_train": npy("|u1", "18,", count(10, 18)...)},
		"one number for each of 3":       {"y_train": npy("|u1", "3, 10", count(0, 30)...)},
		"label 1 of type \"<i2\"":        {"y_train": npy("<i2", "3,", 1, 0, 255, 255, 3, 0)},
		"label 0 of type \"|i1\"":        {"y_train": npy("|i1", "3,", 255, 0, 0)},
		"there is no array x_test":       {"x_test": nil},
		"both must be of one data":       {"x_test": npy("|u1", "2, 3, 2", count(100, 12)...)},
		"needs 18 bytes, it has 17":      {"x_train": npy("|u1", "3, 2, 3", count(10, 17)...)},
		"pictures and labels are called": {"x_train": nil},
	} {
		files := keras()
		for name, data := range change {
			if files[name] = data; data == nil {
				delete(files, name)
			}
		}
		if _, _, err := Load(write(t, map[string][]byte{"a.npz": npz(t, files)})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// table is a .csv file of n pictures of 2 x 2 with a label in front, 0, 1, 2 and again.
func table(head string, n int) []byte {
	b := []byte(head)
	for i := range n {
		b = fmt.Appendf(b, "%d,%d,1,2,%d\r\n", i%3, i, i%2)
	}
	return b
}

func TestValues(t *testing.T) {
	for name, c := range map[string]struct {
		files   map[string][]byte
		n, test int
		notes   string
	}{
		"Kaggle's": {map[string][]byte{"train.csv": table("label,pixel0,pixel1,pixel2,pixel3\n", 25), "test.csv": []byte("pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n"), "sample_submission.csv": []byte("ImageId,Label\n1,0\n")},
			23, 2, "test.csv has no labels: every tenth picture to learn from, 2, is one to test with"},
		"unlabelled without names": {map[string][]byte{"train.csv": table("", 25), "test.csv": []byte("1,2,3,4\n")}, 23, 2, "has no labels"},
		"two files":                {map[string][]byte{"mnist_train.csv": table("label,1x1,1x2,2x1,2x2\n", 5), "mnist_test.csv": table("", 3)}, 5, 3, ""},
		"quoted, with a mark":      {map[string][]byte{"a_train.csv": table("\ufeff\"label\",\"p\",\"p\",\"p\",\"p\"\n", 5), "a_test.csv": []byte("\"1\", 2.0,3,4,5\n\n")}, 5, 1, ""},
		"semicolons":               {map[string][]byte{"train.csv": bytes.ReplaceAll(table("label,a,b,c,d\n", 5), []byte(","), []byte(";")), "test.csv": bytes.ReplaceAll(table("", 2), []byte(","), []byte("\t"))}, 5, 2, ""},
		"counted columns":          {map[string][]byte{"train.tsv": bytes.ReplaceAll(table("0,1,2,3,4\n", 5), []byte(","), []byte("\t")), "test.csv": table("", 2)}, 5, 2, ""},
		"one file":                 {map[string][]byte{"digits.csv": table("", 20)}, 18, 2, "there are no pictures to test with"},
	} {
		train, test, err := Load(write(t, c.files))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if train.N != c.n || len(train.Labels) != c.n || len(train.Images) != 4*c.n || test.N != c.test || len(test.Images) != 4*c.test || train.Shape() != [3]int{2, 2, 1} || !strings.Contains(strings.Join(train.Notes, "\n"), c.notes) || (c.notes == "") != (train.Notes == nil) {
			t.Errorf("%s: %+v and %+v", name, train, test)
		}
		if train.Image(4)[0] != 4 || train.Labels[4] != 1 {
			t.Errorf("%s: picture 4 is %v, %d", name, train.Image(4), train.Labels[4])
		}
		if c.n == 23 && (test.Image(1)[0] != 19 || train.Image(9)[0] != 10) {
			t.Errorf("%s: the tenth picture is not one to test with", name)
		}
	}
	emnist := map[string][]byte{"emnist-letters-train.csv": table("", 5), "emnist-letters-test.csv": table("", 5)}
	if train, _, err := Load(write(t, emnist)); err != nil || !bytes.Equal(train.Image(3), []byte{3, 2, 1, 1}) || !slices.Equal(train.Notes, []string{mnist.Turned}) {
		t.Errorf("EMNIST: %v, %+v", err, train)
	}
	for want, file := range map[string]string{
		"labels come first, so put theirs there and call it label": "pixel1,pixel2,pixel3,pixel4,class\n1,2,3,4,0\n",
		"the last column looks like labels":                        "0,1,2,3,7\n0,1,2,3,9\n",
		"first does not: labels come first":                        strings.Repeat("0,1,2,3,7\n0,1,2,3,9\n", 10) + "2,1,2,3,1\n",
		"the first column has no name":                             ",label,a,b,c,d\n0,1,2,3,4,5\n",
		"as in (255*x).astype('uint8')":                            "1,0.5,0,0,1\n",
		"lines end with no newline":                                "label,a,b,c,d\r1,2,3,4,5\r",
		"it is in UTF-16":                                          "\xff\xfe1\x00",
		"a web page":                                               " <!DOCTYPE html>",
		"a pointer of Git LFS":                                     "version https://git-lfs.github.com/spec/v1\n",
		"line 2 has 4 values, those before it 5: is the file cut":  "0,1,2,3,7\n1,1,2,3\n",
		`line 2: "256" is not a whole number`:                      "0,1,2,3,7\n1,256,2,3,1\n",
		`line 2: "0.5" is not a whole number`:                      "0,1,2,3,7\n1,0.5,2,3,1\n",
		`line 2: "" is not a whole number`:                         "0,1,2,3,7\n1,,2,3,1\n",
		"has 3 values: a line is a picture's label":                "0,1,2\n",
		"its lines have pixels and no labels":                      "1,2,3,4\n",
		"there are no pictures in it":                              "label,a,b,c,d\n",
		"there are 2 pictures, of which every tenth":               "0,1,2,3,7\n1,1,2,3,1\n",
	} {
		if _, _, err := Load(write(t, map[string][]byte{"a.csv": []byte(file)})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for _, files := range []map[string][]byte{{}, {"a.csv": nil, "b.csv": nil}, {"a.txt": nil}} {
		if _, _, err := Load(write(t, files)); !errors.Is(err, ErrNone) {
			t.Errorf("%v: %v", files, err)
		}
	}
	if _, _, err := Load(write(t, map[string][]byte{"a_train.csv": nil, "b_train.csv": nil})); err == nil || !strings.Contains(err.Error(), "a folder of its own") {
		t.Errorf("two data sets: %v", err)
	}
}
