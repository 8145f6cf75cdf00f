package folder

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

// picture is one of a single colour, a JPEG or, by its name, a PNG.
func picture(t *testing.T, name string, grey byte) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 90, 70))
	for y := range 70 {
		for x := range 90 {
			img.Set(x, y, color.RGBA{grey, grey / 2, 0, 255})
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	if !strings.HasSuffix(name, ".png") {
		b.Reset()
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// notes are those of the last load.
var notes []string

func load(dir string, o pictures.Reading) (train, test *dataset.Set, err error) {
	notes = nil
	o.Side, o.Threads, o.Note = 64, 2, func(s string) { notes = append(notes, s) }
	o.Progress = func(int) func(int) { return func(int) {} }
	return Load(dir, o)
}

// check holds a set against the grey levels of its pictures and what is true of them.
func check(t *testing.T, s *dataset.Set, names []string, greys []int, has func(k, i int) bool) {
	t.Helper()
	if s.N != len(greys) || s.Shape() != [3]int{64, 64, 3} || len(s.Attributes) != len(names) {
		t.Fatalf("%d pictures of %v with %d attributes, want %d with %d", s.N, s.Shape(), len(s.Attributes), len(greys), len(names))
	}
	for k, name := range names {
		if s.Attributes[k].Name != name {
			t.Errorf("attribute %d is %q, want %q", k, s.Attributes[k].Name, name)
		}
	}
	for i, grey := range greys {
		if p := int(s.Image(i)[(32*64+32)*3]); max(p-grey, grey-p) > 4 {
			t.Errorf("picture %d is %d, want %d", i, p, grey)
		}
		for k := range names {
			if s.Attributes[k].Has[i] != has(k, i) {
				t.Errorf("picture %d: %s is %v", i, names[k], s.Attributes[k].Has[i])
			}
		}
	}
}

func TestClasses(t *testing.T) {
	dir := t.TempDir()
	var train, test, classes, testClasses []int
	for class, name := range []string{"cats", "dogs"} {
		for i := range 23 {
			grey := 20 + 100*class + 4*i
			write(t, dir, fmt.Sprintf("%s/%02d.%s", name, i, []string{"jpg", "png", "JPEG"}[i%3]), picture(t, fmt.Sprintf("x.%s", []string{"jpg", "png", "jpg"}[i%3]), byte(grey)))
			if i%10 == 9 {
				test, testClasses = append(test, grey), append(testClasses, class)
			} else {
				train, classes = append(train, grey), append(classes, class)
			}
		}
	}
	write(t, dir, "cats/notes.txt", []byte("no picture"))
	write(t, dir, ".hidden/1.jpg", []byte("no picture"))
	trainSet, testSet, err := load(dir, pictures.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "left out: 1, the first is ") || !strings.HasSuffix(notes[0], "notes.txt") {
		t.Errorf("notes %q", notes)
	}
	check(t, trainSet, []string{"cats", "dogs"}, train, func(k, i int) bool { return classes[i] == k })
	check(t, testSet, []string{"cats", "dogs"}, test, func(k, i int) bool { return testClasses[i] == k })
	for i, class := range classes {
		if int(trainSet.Labels[i]) != class {
			t.Errorf("picture %d is of class %d", i, trainSet.Labels[i])
		}
	}
	if trainSet, testSet, err = load(dir, pictures.Reading{Train: 5, Test: 1}); err != nil || trainSet.N != 5 || testSet.N != 1 {
		t.Errorf("%d and %d pictures, error %v", trainSet.N, testSet.N, err)
	}
}

func TestOwnTest(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"train", "test"} {
		for k, name := range []string{"a", "b"} {
			write(t, dir, part+"/"+name+"/1.png", picture(t, "1.png", byte(50+100*k)))
		}
	}
	trainSet, testSet, err := load(dir, pictures.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dataset.Set{trainSet, testSet} {
		check(t, s, []string{"a", "b"}, []int{50, 150}, func(k, i int) bool { return k == i })
	}
	write(t, dir, "test/c/1.png", picture(t, "1.png", 9))
	if _, _, err := load(dir, pictures.Reading{}); err == nil || !strings.Contains(err.Error(), "train has the classes a, b and test a, b, c") {
		t.Errorf("error %v", err)
	}
}

func TestAttributes(t *testing.T) {
	dir := t.TempDir()
	list := "\ufefffile, smile ,hat\r\n"
	var train, test []int
	for i := range 20 {
		name := fmt.Sprintf("%02d.png", i)
		write(t, dir, name, picture(t, name, byte(10*i)))
		list += fmt.Sprintf("%s,%d,%d\r\n", name, i%2, i%3-1)
		if i == 9 || i == 19 {
			test = append(test, 10*i)
		} else {
			train = append(train, 10*i)
		}
	}
	write(t, dir, "attributes.csv", []byte(strings.ReplaceAll(list, ",2", ",1")))
	trainSet, testSet, err := load(dir, pictures.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	has := func(greys []int) func(k, i int) bool {
		return func(k, i int) bool {
			if n := greys[i] / 10; k == 0 {
				return n%2 == 1
			} else {
				return n%3 == 2
			}
		}
	}
	check(t, trainSet, []string{"smile", "hat"}, train, has(train))
	check(t, testSet, []string{"smile", "hat"}, test, has(test))
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing":         {nil, "has no two folders: make two or more, one for each class of pictures, or write attributes.csv"},
		"one class":       {map[string]string{"a/1.png": ""}, "has no two folders"},
		"too few":         {map[string]string{"a/1.png": "", "b/1.png": ""}, "2 pictures to learn from and 0 to test with"},
		"no test":         {map[string]string{"train/a/1.png": "", "train/b/1.png": ""}, "there is one of the folders train and test: both are needed, or neither"},
		"an empty list":   {map[string]string{"attributes.csv": ""}, "must begin with a line such as file,smiling,glasses"},
		"no attributes":   {map[string]string{"attributes.csv": "file\n1.png\n"}, "must begin with a line such as"},
		"a missing value": {map[string]string{"attributes.csv": "file,a,b\n1.png,1\n"}, "wrong number of fields"},
		"another value":   {map[string]string{"attributes.csv": "file,a\n1.png,yes\n"}, `line 2: a is "yes", want 1, 0 or -1`},
		"outside":         {map[string]string{"attributes.csv": "file,a\n../1.png,1\n"}, `"../1.png" is not in this folder`},
	} {
		dir := t.TempDir()
		for file, data := range c.files {
			write(t, dir, file, []byte(data))
		}
		if _, _, err := load(dir, pictures.Reading{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", name, err, c.want)
		}
	}
}
