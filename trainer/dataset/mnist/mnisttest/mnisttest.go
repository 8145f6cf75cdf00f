// Package mnisttest writes data sets for tests.
package mnisttest

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

// most is how many images a set has at most.
const most = 1000

// embedded reads what is used of MNIST, once.
var embedded = sync.OnceValues(func() (sets [2]*dataset.Set, err error) {
	sets[0], sets[1], err = mnist.EmbeddedFirst(most, most)
	return sets, err
})

// Side is that of the small digits: 24 pixels by threes.
const Side = 8

// WriteDigits writes an IDX data set of so many images, up to 1,000, to a folder: MNIST's first
// ones made small.
func WriteDigits(dir string, trainN, testN int) error {
	if max(trainN, testN) > most {
		return fmt.Errorf("%d and %d images: there are at most %d", trainN, testN, most)
	}
	sets, err := embedded()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, s := range []struct {
		name string
		set  *dataset.Set
	}{{"train", sets[0].First(trainN)}, {"t10k", sets[1].First(testN)}} {
		images := []byte{0, 0, 8, 3}
		for _, n := range []uint32{uint32(s.set.N), Side, Side} {
			images = binary.BigEndian.AppendUint32(images, n)
		}
		for i := range s.set.N {
			large := s.set.Image(i)
			for y := range Side {
				for x := range Side {
					sum := 0
					for d := range 9 {
						sum += int(large[(2+3*y+d/3)*28+2+3*x+d%3])
					}
					images = append(images, byte(sum/9))
				}
			}
		}
		labels := append(binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(s.set.N)), s.set.Labels...)
		if err := os.WriteFile(filepath.Join(dir, s.name+"-images-idx3-ubyte"), images, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, s.name+"-labels-idx1-ubyte"), labels, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Change rewrites the files of WriteDigits as data sets of other kinds have them: "bright", on a
// bright ground; "binary", of the grey levels 0 and 1; "letters", as EMNIST has them, with labels
// from 1, on their sides, and by its names; "one", all of class 3.
func Change(dir, how string) error {
	for _, name := range []string{"train-images-idx3-ubyte", "t10k-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"} {
		old := filepath.Join(dir, name)
		data, err := os.ReadFile(old)
		if err != nil {
			return err
		}
		header := 16
		labels := data[3] == 1
		if labels {
			header = 8
		}
		body := data[header:]
		for i, v := range body {
			switch {
			case how == "bright" && !labels:
				body[i] = 255 - v
			case how == "binary" && !labels:
				body[i] = v >> 7
			case how == "letters" && labels:
				body[i] = v + 1
			case how == "one" && labels:
				body[i] = 3
			}
		}
		if how == "letters" {
			for first := 0; !labels && first < len(body); first += Side * Side {
				p := body[first:][:Side*Side]
				for y := range Side {
					for x := range y {
						p[y*Side+x], p[x*Side+y] = p[x*Side+y], p[y*Side+x]
					}
				}
			}
			if err := os.Remove(old); err != nil {
				return err
			}
			name = "emnist-letters-" + strings.Replace(name, "t10k", "test", 1)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
