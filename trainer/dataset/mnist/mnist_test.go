package mnist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset"
)

// The files are those that Y. LeCun published.
func TestEmbeddedFiles(t *testing.T) {
	for name, want := range map[string]string{
		"train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
		"train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
		"t10k-images-idx3-ubyte":  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
		"t10k-labels-idx1-ubyte":  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
	} {
		f, err := embedded.Open(name + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		if !z.ModTime.IsZero() || z.Name != "" {
			t.Errorf("%s.gz: its header has a time or a name", name)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, z); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != want {
			t.Errorf("%s has SHA-256 %s, want %s", name, got, want)
		}
	}
}

func TestEmbedded(t *testing.T) {
	train, test, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range [][2]int{{7, 3}, {1, 70_000}} {
		a, b, err := EmbeddedFirst(n[0], n[1])
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range []*dataset.Set{a, b} {
			all := []*dataset.Set{train, test}[i]
			want := all
			if n[i] > 0 {
				want = all.First(n[i])
			}
			if s.N != want.N || !bytes.Equal(s.Images, want.Images) || !bytes.Equal(s.Labels, want.Labels) || s.Name != all.Name || !s.Embedded {
				t.Errorf("the first %d are %d others", n[i], s.N)
			}
		}
	}
	for _, c := range []struct {
		set    *dataset.Set
		n      int
		labels []byte // the first ones
	}{
		{train, 60000, []byte{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}},
		{test, 10000, []byte{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}},
	} {
		s := c.set
		if s.N != c.n || s.Height != 28 || s.Width != 28 || s.Channels != 1 || len(s.Images) != c.n*784 || len(s.Labels) != c.n {
			t.Errorf("%d images of %dx%dx%d, %d pixels, %d labels", s.N, s.Height, s.Width, s.Channels, len(s.Images), len(s.Labels))
		}
		if !bytes.HasPrefix(s.Labels, c.labels) {
			t.Errorf("labels start with %v, want %v", s.Labels[:10], c.labels)
		}
	}
	if f := test.First(3); f.N != 3 || len(f.Images) != 3*784 || len(f.Labels) != 3 || !bytes.Equal(f.Image(2), test.Image(2)) {
		t.Errorf("First(3) has %d images, %d pixels, %d labels", f.N, len(f.Images), len(f.Labels))
	}
	if f := test.First(1 << 30); f.N != test.N {
		t.Errorf("First of more than all has %d images", f.N)
	}
}

// idx returns an IDX file with those dimensions and data that counts up from start.
func idx(start byte, dims ...uint32) []byte {
	n := 1
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
		n *= int(d)
	}
	for i := range n {
		b = append(b, start+byte(i))
	}
	return b
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// small is a data set of three training and two test images of 2x3.
func small() map[string][]byte {
	return map[string][]byte{
		canonical[trainImages]: idx(10, 3, 2, 3), canonical[trainLabels]: idx(0, 3),
		canonical[testImages]: idx(100, 2, 2, 3), canonical[testLabels]: idx(5, 2),
	}
}

func writeSet(t *testing.T, files map[string][]byte) (dir string) {
	dir = t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	rename := func(f func(string) string) map[string][]byte {
		files := map[string][]byte{}
		for name, data := range small() {
			files[f(name)] = data
		}
		return files
	}
	compressed := map[string][]byte{}
	for name, data := range small() {
		compressed[name+".gz"] = gzipped(data)
	}
	both := small()
	both[canonical[trainImages]+".gz"] = []byte("not even read")
	both["emnist-mapping.txt"] = []byte("0 48")
	colour := small()
	colour["train-images-idx4-ubyte"], colour["t10k-images-idx4-ubyte"] = idx(10, 3, 2, 1, 3), idx(100, 2, 2, 1, 3)
	delete(colour, canonical[trainImages])
	delete(colour, canonical[testImages])

	for _, c := range []struct {
		name                    string
		files                   map[string][]byte
		height, width, channels int
		first                   []byte // pixels of the first training image
	}{
		{"plain", small(), 2, 3, 1, []byte{10, 11, 12, 13, 14, 15}},
		{"compressed", compressed, 2, 3, 1, []byte{10, 11, 12, 13, 14, 15}},
		{"plain preferred", both, 2, 3, 1, []byte{10, 11, 12, 13, 14, 15}},
		{"dotted names", rename(func(s string) string { return strings.Replace(s, "-idx", ".idx", 1) }), 2, 3, 1, []byte{10, 11, 12, 13, 14, 15}},
		{"prefixed", rename(func(s string) string { return "kmnist_" + s }), 2, 3, 1, []byte{10, 11, 12, 13, 14, 15}},
		{"emnist lies on its side", rename(func(s string) string { return "emnist-letters-" + strings.Replace(s, "t10k", "test", 1) }), 3, 2, 1, []byte{10, 13, 11, 14, 12, 15}},
		{"colour", colour, 2, 1, 3, []byte{10, 11, 12, 13, 14, 15}},
	} {
		t.Run(c.name, func(t *testing.T) {
			train, test, err := Load(writeSet(t, c.files))
			if err != nil {
				t.Fatal(err)
			}
			if train.N != 3 || test.N != 2 {
				t.Errorf("%d and %d images, want 3 and 2", train.N, test.N)
			}
			for _, s := range []*dataset.Set{train, test} {
				if s.Height != c.height || s.Width != c.width || s.Channels != c.channels {
					t.Errorf("images of %dx%dx%d, want %dx%dx%d", s.Height, s.Width, s.Channels, c.height, c.width, c.channels)
				}
			}
			if !bytes.Equal(train.Image(0), c.first) || !bytes.Equal(train.Labels, []byte{0, 1, 2}) || !bytes.Equal(test.Labels, []byte{5, 6}) {
				t.Errorf("first image %v, labels %v and %v", train.Image(0), train.Labels, test.Labels)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	images, labels := canonical[trainImages], canonical[trainLabels]
	bomb := append([]byte{0, 0, 8, 3}, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28)
	bomb = gzipped(append(bomb, make([]byte, 64<<20)...))
	garbled := gzipped(idx(10, 3, 2, 3))
	garbled[len(garbled)-5] ^= 1
	for _, c := range []struct {
		name    string
		replace map[string][]byte // nil takes a file away
		want    []string          // in the error
	}{
		{"wrong magic", map[string][]byte{images: []byte("PK\x03\x04 a zip file")}, []string{images, "504b0304", "not an IDX file"}},
		{"wrong element type", map[string][]byte{images: append([]byte{0, 0, 0x0d, 3}, idx(0, 3, 2, 3)[4:]...)}, []string{images, "00000d03"}},
		{"empty", map[string][]byte{images: {}}, []string{images, "cut short"}},
		{"cut header", map[string][]byte{images: idx(0, 3, 2, 3)[:15]}, []string{images, "cut short"}},
		{"cut data", map[string][]byte{images: idx(0, 3, 2, 3)[:33]}, []string{images, "cut short"}},
		{"overlong", map[string][]byte{images: append(idx(0, 3, 2, 3), 0)}, []string{images, "more than the 18 bytes"}},
		{"lying header", map[string][]byte{images: {0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 4, 0, 0, 0, 4, 0}}, []string{images, "more than 2147483647 bytes"}},
		{"lying header that fits", map[string][]byte{images: {0, 0, 8, 3, 0, 31, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28}}, []string{images, "cut short"}},
		{"huge side", map[string][]byte{images: {0, 0, 8, 3, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 1}}, []string{images, "each is 1 to 1024"}},
		{"no images", map[string][]byte{images: idx(0, 0, 2, 3), labels: idx(0, 0)}, []string{images, "no images"}},
		{"empty images", map[string][]byte{images: idx(0, 3, 0, 3)}, []string{images, "each is 1 to 1024"}},
		{"counts differ", map[string][]byte{labels: idx(0, 4)}, []string{images, labels, "3 images", "4 labels"}},
		{"sizes differ", map[string][]byte{images: idx(0, 3, 3, 2)}, []string{images, canonical[testImages], "3x2x1", "2x3x1"}},
		{"labels for images", map[string][]byte{images: idx(0, 3)}, []string{images, "holds labels"}},
		{"images for labels", map[string][]byte{labels: idx(0, 3, 1, 1)}, []string{labels, "holds images"}},
		{"two channels", map[string][]byte{images: nil, "train-images-idx4-ubyte": idx(0, 3, 2, 3, 2)}, []string{"idx4", "2 channels"}},
		{"missing", map[string][]byte{images: nil, labels: nil}, []string{"no " + images + ", no " + labels}},
		{"two data sets", map[string][]byte{"emnist-" + images: idx(0, 3, 2, 3)}, []string{`"", "emnist"`, "directory of its own"}},
		{"two spellings", map[string][]byte{"test-labels-idx1-ubyte": idx(0, 2)}, []string{"test-labels-idx1-ubyte", canonical[testLabels], "keep one"}},
		{"not compressed", map[string][]byte{images: nil, images + ".gz": idx(0, 3, 2, 3)}, []string{images + ".gz", "not compressed"}},
		{"compressed unsaid", map[string][]byte{images: gzipped(idx(0, 3, 2, 3))}, []string{images, "rename"}},
		{"cut compressed", map[string][]byte{images: nil, images + ".gz": garbled[:len(garbled)-9]}, []string{images + ".gz", "cut short"}},
		{"damaged compressed", map[string][]byte{images: nil, images + ".gz": garbled}, []string{images + ".gz", "checksum", "damaged: fetch it again"}},
		{"gzip bomb", map[string][]byte{images: nil, images + ".gz": bomb}, []string{images + ".gz", "more than the 784 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := small()
			for name, data := range c.replace {
				if files[name] = data; data == nil {
					delete(files, name)
				}
			}
			dir := writeSet(t, files)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := Load(dir)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range append(c.want, dir, "mnist: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q is not one line", err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("took %d bytes of memory", n)
			}
		})
	}
}

func TestLoadDirectory(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "nowhere")
	if _, _, err := Load(missing); err == nil || !strings.Contains(err.Error(), missing+": cannot list") {
		t.Errorf("a directory that is not there: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(file); err == nil || !strings.Contains(err.Error(), file+": cannot list") {
		t.Errorf("a file for a directory: %v", err)
	}
	dir := writeSet(t, small())
	name := filepath.Join(dir, canonical[testImages])
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory for a file: %v", err)
	}
}

// What is accepted is exactly header and data; nothing panics or takes memory that the file does
// not have.
func FuzzReadIDX(f *testing.F) {
	f.Add(idx(0, 3, 2, 3), false)
	f.Add(idx(0, 5), false)
	f.Add(idx(9, 1, 2, 2, 3), false)
	f.Add(idx(0, 3, 2, 3)[:20], false)
	f.Add([]byte{0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 4, 0, 0, 0, 4, 0}, false)
	f.Add(append([]byte{0, 0, typeInt, 2, 0, 0, 0, 1, 0, 0, 0, 2}, make([]byte, 8)...), false)
	f.Add(gzipped(idx(0, 3, 2, 3)), true)
	f.Add(gzipped(make([]byte, 1<<16)), true)
	f.Fuzz(func(t *testing.T, file []byte, compressed bool) {
		data, dims, element, err := readIDX(bytes.NewReader(file), int64(len(file)), compressed, 0)
		if err != nil {
			if data != nil || dims != nil {
				t.Errorf("an error and a result")
			}
			return
		}
		if cap(data) > 4*maxRatio*len(file)+4096 {
			t.Errorf("%d bytes of memory for a file of %d", cap(data), len(file))
		}
		sizes := make([]uint32, len(dims))
		for i, d := range dims {
			sizes[i] = uint32(d)
		}
		if compressed {
			z, err := gzip.NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if file, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		header := idx(0, sizes...)
		if element == 4 {
			header[2] = typeInt
		}
		if !slices.Equal(append(header[:4+4*len(dims)], data...), file) {
			t.Errorf("dimensions %v and %d bytes of data are not the file's", dims, len(data))
		}
	})
}
