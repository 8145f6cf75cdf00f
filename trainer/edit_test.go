package main

import (
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vae-edge/vae-edge/digit"
	"github.com/vae-edge/vae-edge/digit/digittest"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/encoder/fit"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// photograph returns a digit as a camera might see it: dark ink on paper in uneven light, somewhere
// in the picture.
func photograph(pixels []byte, seed int) image.Image {
	const scale, w, h = 9, 640, 480
	img := image.NewGray(image.Rect(0, 0, w, h))
	noise := uint32(seed)
	left, top := 40+seed*37%300, 20+seed*53%180
	at := func(y, x int) int { // with the sides smoothed: between the middles of pixels
		u, v := x-left-scale/2, y-top-scale/2
		if u < 0 || v < 0 || u >= 27*scale || v >= 27*scale {
			return 0
		}
		i, fx, fy := v/scale*28+u/scale, u%scale, v%scale
		return (int(pixels[i])*(scale-fx)*(scale-fy) + int(pixels[i+1])*fx*(scale-fy) +
			int(pixels[i+28])*(scale-fx)*fy + int(pixels[i+29])*fx*fy) / scale / scale
	}
	for y := range h {
		for x := range w {
			noise = noise*1664525 + 1013904223
			light := 130 + x/8 + y/16 // of 255
			img.Pix[y*w+x] = byte(light*(255-at(y, x)*3/4)/255 + int(noise>>28))
		}
	}
	return img
}

// photo FILE N writes a photograph of test digit N as JPEG.
func scriptPhoto(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	_, test, err := mnist.EmbeddedFirst(1, n+1)
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	ts.Check(jpeg.Encode(f, photograph(test.Image(n), n), &jpeg.Options{Quality: 80}))
}

// Photographed digits are read as the digits they are.
func TestPhotographs(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine that training does not")
	}
	const n = 250 // with a 3 whose strokes fill the picture
	_, test, err := mnist.EmbeddedFirst(1, n)
	if err != nil {
		t.Fatal(err)
	}
	classifier, err := measure.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	photographs := 60 / gate.Step(6)
	var prepared, again []byte
	for i := range n {
		// What is as MNIST has it already.
		p, _, err := digit.Prepare(&image.Gray{Pix: test.Image(i), Stride: 28, Rect: image.Rect(0, 0, 28, 28)}, 28)
		if err != nil {
			t.Fatalf("digit %d as it is: %v", i, err)
		}
		again = append(again, p...)
		if i >= photographs {
			continue
		}
		p, s, err := digit.Prepare(photograph(test.Image(i), i), 28)
		if err != nil {
			t.Fatalf("digit %d: %v", i, err)
		}
		if !s.Inverted {
			t.Errorf("digit %d: taken for bright", i)
		}
		prepared = append(prepared, p...)
	}
	r := classify.NewRunner(classifier, 0, nil)
	if a := r.Accuracy(prepared, test.Labels[:photographs]); a < 0.98 {
		t.Errorf("of photographs %v are classified right", a)
	}
	if a := r.Accuracy(again, test.Labels[:n]); a < 0.98 {
		t.Errorf("of digits as they are %v are classified right", a)
	}
	sum := 0.0
	for i, v := range again {
		sum += math.Abs(float64(v) - float64(test.Images[i]))
	}
	if mean := sum / float64(len(again)); mean > 2 {
		t.Errorf("digits as they are change by %.2f grey levels", mean)
	}
}

// TestKinds: photographs of many kinds are read as the digits they are, or refused. The first of
// each kind that is hard, and with VAE_EDGE_LONG a hundred of each.
func TestKinds(t *testing.T) {
	n, long := 1, os.Getenv("VAE_EDGE_LONG") != ""
	if long {
		n = 100
	} else {
		gate.Only(t)
	}
	_, test, err := mnist.EmbeddedFirst(1, 2*n)
	if err != nil {
		t.Fatal(err)
	}
	classifier, err := measure.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	r := classify.NewRunner(classifier, 0, nil)
	models := []string{"mnist-2", "mnist-16"}
	judges := map[string]*fit.Judge{}
	for _, name := range models {
		p, err := pair.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := encoder.Open(name, p.Int8)
		if err != nil {
			t.Fatal(err)
		}
		if judges[name], err = fit.New(whole); err != nil {
			t.Fatal(err)
		}
		if !judges[name].Known() {
			t.Errorf("nothing is known of what %s has learnt from", name)
		}
	}
	plain, refused := 0, 0
	for _, k := range digittest.Kinds {
		if !long && k.Wants == "plain" {
			continue
		}
		type tally struct{ right, refused, wrong int }
		of := map[string]*tally{"mnist-2": {}, "mnist-16": {}}
		for i := range n {
			pixels, s, err := digit.Prepare(digittest.Draw(k.Kind, test.Image(i), test.Image(i+n), uint64(i+5)), 28)
			for _, name := range models {
				switch {
				case err != nil || judges[name].Doubt(pixels) != "":
					of[name].refused++
				case k.Wants != "refused" && r.Predict(pixels)[0].Class == int(test.Labels[i]):
					of[name].right++
				default:
					of[name].wrong++
					t.Logf("%s %d, %s: %v", k.Kind, i, name, s)
				}
			}
		}
		for _, name := range models {
			o := *of[name]
			t.Logf("%-16s %-8s %d right, %d refused, %d wrong", k.Kind, name, o.right, o.refused, o.wrong)
			// In percent, but for one picture in a hundred
			least := map[string]int{"plain": 98, "hard": 90, "bold": 90}[k.Wants]
			most := map[string]int{"either": 5, "refused": 5, "bold": 5}[k.Wants]
			if k.Wants == "plain" {
				plain += n
				refused += o.refused
			}
			if 100*o.right < least*n || 100*o.wrong > max(most*n, 100) || k.Kind == "noise" && o.wrong > 0 {
				t.Errorf("%s, %s: of %d %d are right, %d refused and %d wrong", k.Kind, name, n, o.right, o.refused, o.wrong)
			}
		}
	}
	if 100*refused > plain {
		t.Errorf("of %d plain ones %d are refused", plain, refused)
	}
}

func TestInterpolation(t *testing.T) {
	a, b := []float64{3, 0}, []float64{0, 4}
	for _, c := range []struct {
		way  func(a, b []float64, part float64) []float64
		part float64
		want []float64
	}{
		{straight, 0, a}, {straight, 1, b}, {straight, 0.25, []float64{2.25, 1}},
		{arc, 0, a}, {arc, 1, b}, {arc, 0.5, []float64{3 * math.Sqrt2 / 2, 4 * math.Sqrt2 / 2}},
	} {
		got := c.way(a, b, c.part)
		if math.Abs(got[0]-c.want[0])+math.Abs(got[1]-c.want[1]) > 1e-9 {
			t.Errorf("at %v: %v, want %v", c.part, got, c.want)
		}
	}
	// Where there is no arc.
	for _, ends := range [][2][]float64{{{0, 0}, {2, 2}}, {{1, 1}, {2, 2}}, {{-1, 0}, {1, 0}}} {
		got, want := arc(ends[0], ends[1], 0.5), straight(ends[0], ends[1], 0.5)
		if got[0] != want[0] || got[1] != want[1] {
			t.Errorf("between %v: %v, want %v", ends, got, want)
		}
	}
}

func TestSheetName(t *testing.T) {
	for name, want := range map[string]string{"a.png": "a-sheet.png", filepath.Join("x.y", "b"): filepath.Join("x.y", "b-sheet.png")} {
		if got := sheetName(name); got != want || !strings.HasSuffix(got, ".png") {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
