package celeba

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

const n = 20 // pictures

// picture is a JPEG whose middle square is of a brightness and whose margins are black.
func picture(t *testing.T, i, width, height int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	side := width * DefaultCrop / Width
	for y := range height {
		for x := range width {
			c := color.RGBA{A: 255}
			if x >= (width-side)/2 && x < (width+side)/2 && y >= (height-side)/2 && y < (height+side)/2 {
				c = color.RGBA{brightness(i), 128, 255 - brightness(i), 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func brightness(i int) byte { return byte(40 + 8*i) }

// smiles says what the lists say of picture i.
func smiles(i int) bool { return i%3 == 0 }

func listText(rows int) string {
	s := "202599\nBald Smiling Young \n"
	for i := range rows {
		smile := "-1"
		if smiles(i) {
			smile = " 1"
		}
		s += fmt.Sprintf("%06d.jpg -1 %s -1\n", i+1, smile)
	}
	return s
}

func listCSV(rows int, head string) string {
	s := head + ",Bald,Smiling,Young\n"
	for i := range rows {
		smile := -1
		if smiles(i) {
			smile = 1
		}
		s += fmt.Sprintf("%06d.jpg,-1,%d,-1\n", i+1, smile)
	}
	return s
}

// partition puts every fifth picture into the test part, and every tenth into none of the two.
func partition(i int) int {
	switch {
	case i%10 == 9:
		return validation
	case i%5 == 0:
		return test
	}
	return train
}

func partitionText(form, head string) string {
	s := head
	for i := range n {
		s += fmt.Sprintf(form, i+1, partition(i))
	}
	return s
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func writePictures(t *testing.T, dir string, count, width, height int) {
	files := map[string]string{}
	for i := range count {
		files[fmt.Sprintf("%06d.jpg", i+1)] = string(picture(t, i, width, height))
	}
	write(t, dir, files)
}

func load(dir string, o Options) (train, test *dataset.Set, notes []string, err error) {
	o.Side, o.Threads = 64, 2
	o.Note = func(s string) { notes = append(notes, s) }
	o.Progress = func(int) func(int) { return func(int) {} }
	train, test, err = Load(dir, o)
	return train, test, notes, err
}

// TestVariants reads the data as they are found in the wild.
func TestVariants(t *testing.T) {
	text := partitionText("%06d.jpg %d\n", "")
	for name, c := range map[string]struct {
		pictures      string
		count         int
		width, height int
		lists         map[string]string
		notes         []string // beginnings, or what is in them
		whole         bool     // there is no partition
	}{
		"the authors'": {"Img/img_align_celeba", n, 178, 218, map[string]string{
			"Anno/list_attr_celeba.txt": listText(n), "Eval/list_eval_partition.txt": text}, nil, false},
		"torchvision's": {"celeba/img_align_celeba", n, 178, 218, map[string]string{
			"celeba/list_attr_celeba.txt": listText(n), "celeba/list_eval_partition.txt": text, "celeba/identity_CelebA.txt": "000001.jpg 2880\n"}, nil, false},
		"Kaggle's": {"img_align_celeba/img_align_celeba", n, 178, 218, map[string]string{
			"list_attr_celeba.csv":    listCSV(n, "image_id"),
			"list_eval_partition.csv": partitionText("%06d.jpg,%d\n", "image_id,partition\n")}, nil, false},
		"empty head, Windows' lines": {"img_align_celeba", n, 178, 218, map[string]string{
			"list_attr_celeba.csv":    "\ufeff" + strings.ReplaceAll(listCSV(n, ""), "\n", "\r\n"),
			"list_eval_partition.txt": strings.ReplaceAll(text, "\n", "\r\n")}, nil, false},
		"half as large": {"img_align_celeba", n, 89, 109, map[string]string{
			"list_attr_celeba.txt": listText(n), "list_eval_partition.txt": text}, nil, false},
		"no partition": {"img_align_celeba", n, 178, 218, map[string]string{
			"list_attr_celeba.txt": listText(n)}, []string{"no list_eval_partition.txt: the last tenth"}, true},
		"fewer pictures than rows": {"img_align_celeba", n - 10, 178, 218, map[string]string{
			"list_attr_celeba.txt": listText(n), "list_eval_partition.txt": text}, []string{"10 of the 20 pictures"}, false},
		"fewer rows than pictures": {"img_align_celeba", n, 178, 218, map[string]string{
			"list_attr_celeba.txt": listText(n - 10), "list_eval_partition.txt": text}, []string{"10 pictures are not in list_attr_celeba.txt"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "Kaggle's" {
				t.Skip("the goroutines are the same")
			}
			dir := t.TempDir()
			writePictures(t, filepath.Join(dir, filepath.FromSlash(c.pictures)), c.count, c.width, c.height)
			write(t, dir, c.lists)
			trainSet, testSet, notes, err := load(dir, Options{Attributes: []string{"Smiling", "Bald"}})
			if err != nil {
				t.Fatal(err)
			}
			if len(notes) != len(c.notes) {
				t.Errorf("notes %q, want %q", notes, c.notes)
			}
			for i, want := range c.notes {
				if i < len(notes) && !strings.Contains(notes[i], want) {
					t.Errorf("note %q does not say %q", notes[i], want)
				}
			}
			rows := n
			if c.count < n || len(c.notes) > 0 && !c.whole {
				rows = n - 10
			}
			var want [parts][]int
			for i := range rows {
				part := partition(i)
				if c.whole {
					if part = train; i >= n-n/10 {
						part = test
					}
				}
				want[part] = append(want[part], i)
			}
			for part, s := range map[int]*dataset.Set{train: trainSet, test: testSet} {
				if s.N != len(want[part]) || s.Shape() != [3]int{64, 64, 3} || len(s.Images) != s.N*64*64*3 || len(s.Labels) != s.N {
					t.Fatalf("part %d has %d pictures of %v, want %d", part, s.N, s.Shape(), len(want[part]))
				}
				if len(s.Attributes) != 2 || s.Attributes[0].Name != "Bald" || s.Attributes[1].Name != "Smiling" {
					t.Fatalf("attributes %+v", s.Attributes)
				}
				for k, i := range want[part] {
					if s.Attributes[0].Has[k] || s.Attributes[1].Has[k] != smiles(i) {
						t.Errorf("picture %d has other attributes", i)
					}
					// Near the corners, too
					for _, at := range []int{(2*64 + 2) * 3, (32*64 + 32) * 3, (61*64 + 61) * 3} {
						if p := s.Image(k)[at:][:3]; absolute(int(p[0])-int(brightness(i))) > 8 || absolute(int(p[2])+int(brightness(i))-255) > 8 {
							t.Errorf("picture %d is %v at %d, want %d in red", i, p, at, brightness(i))
						}
					}
				}
			}
		})
	}
}

func absolute(x int) int { return max(x, -x) }

func TestCropAndLimits(t *testing.T) {
	dir := t.TempDir()
	writePictures(t, filepath.Join(dir, "img_align_celeba"), n, 178, 218)
	write(t, dir, map[string]string{"list_attr_celeba.txt": listText(n)})
	trainSet, testSet, _, err := load(dir, Options{Crop: 178, Reading: pictures.Reading{Train: 7, Test: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if trainSet.N != 7 || testSet.N != 2 || len(trainSet.Attributes) != 3 {
		t.Errorf("%d and %d pictures with %d attributes", trainSet.N, testSet.N, len(trainSet.Attributes))
	}
	if p := trainSet.Image(0)[:3]; p[0] > 9 || p[2] > 9 {
		t.Errorf("the corner of the whole width is %v, want black", p)
	}
}

// TestRefused: what is wrong with the files is said before any picture is read.
func TestRefused(t *testing.T) {
	text := partitionText("%06d.jpg %d\n", "")
	for name, c := range map[string]struct {
		lists map[string]string
		o     Options
		want  string
	}{
		"no list":           {nil, Options{}, "there is no list_attr_celeba.txt"},
		"a web page":        {map[string]string{"list_attr_celeba.txt": "<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title>"}, Options{}, "it is a web page"},
		"an empty list":     {map[string]string{"list_attr_celeba.txt": "\n"}, Options{}, "it is empty"},
		"a head alone":      {map[string]string{"list_attr_celeba.txt": "202599\nBald Smiling\n"}, Options{}, "lists no pictures"},
		"a count alone":     {map[string]string{"list_attr_celeba.txt": "202599\n"}, Options{}, "ends before the names"},
		"cut short":         {map[string]string{"list_attr_celeba.txt": listText(n)[:200]}, Options{}, "cut short"},
		"other values":      {map[string]string{"list_attr_celeba.txt": strings.Replace(listText(n), "-1", "2", 1)}, Options{}, `Bald is "2"`},
		"no such attribute": {map[string]string{"list_attr_celeba.txt": listText(n)}, Options{Attributes: []string{"Smirking"}}, `no attribute "Smirking": choose among Bald, Smiling, Young`},
		"a web page as partition": {map[string]string{"list_attr_celeba.txt": listText(n), "list_eval_partition.txt": "<html>"},
			Options{}, "it is a web page"},
		"other parts": {map[string]string{"list_attr_celeba.txt": listText(n), "list_eval_partition.txt": strings.Replace(text, " 2\n", " 3\n", 1)}, Options{}, "want the name of a picture and 0, 1 or 2"},
		"no test": {map[string]string{"list_attr_celeba.txt": listText(n), "list_eval_partition.txt": strings.ReplaceAll(text, " 2\n", " 1\n")},
			Options{}, "0 to test with"},
		"other pictures": {map[string]string{"list_attr_celeba.txt": strings.ReplaceAll(listText(n), ".jpg", ".bmp.x")}, Options{}, "none of the 20 pictures"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pictures := map[string]string{}
			for i := range n {
				pictures[fmt.Sprintf("img_align_celeba/%06d.jpg", i+1)] = "not read"
			}
			write(t, dir, pictures)
			write(t, dir, c.lists)
			if _, _, _, err := load(dir, c.o); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "cannot be read") {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
	if _, _, _, err := load(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "there are no pictures") {
		t.Errorf("an empty directory: error %v", err)
	}
	if _, _, _, err := load(filepath.Join(t.TempDir(), "nowhere"), Options{}); !os.IsNotExist(underlying(err)) {
		t.Errorf("no directory: error %v", err)
	}
}

func underlying(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || os.IsNotExist(err) {
			return err
		}
		err = u.Unwrap()
	}
}

// TestDamaged: a few damaged pictures are left out, many are refused.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	const many = 240
	files := map[string]string{"list_attr_celeba.txt": listText(many)}
	good := picture(t, 3, 178, 218)
	for i := range many {
		files[fmt.Sprintf("img_align_celeba/%06d.jpg", i+1)] = string(good)
	}
	files["img_align_celeba/000002.jpg"] = string(good[:len(good)/2])
	write(t, dir, files)
	trainSet, _, notes, err := load(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if trainSet.N != many-many/10-1 || !strings.Contains(strings.Join(notes, "\n"), "1 picture cannot be read and is left out: ") || trainSet.Attributes[1].Has[1] != smiles(2) {
		t.Errorf("%d pictures, notes %q", trainSet.N, notes)
	}
	for i := range 30 {
		files[fmt.Sprintf("img_align_celeba/%06d.jpg", i+1)] = "no picture"
	}
	write(t, dir, files)
	if _, _, _, err := load(dir, Options{}); err == nil || !strings.Contains(err.Error(), "000001.jpg: neither a PNG nor a JPEG") {
		t.Errorf("error %v", err)
	}
}
