package cascade

import (
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// halves is a cascade whose objects are bright above and dark below.
const halves = `<opencv_storage><cascade><stageType>BOOST</stageType><featureType>HAAR</featureType>
<height>8</height><width>8</width><stageNum>1</stageNum><stages><_><stageThreshold>0.5</stageThreshold><weakClassifiers><_>
<internalNodes>0 -1 0 1.6</internalNodes><leafValues>0. 1.</leafValues></_></weakClassifiers></_></stages>
<features><_><rects><_>0 0 8 8 -1.</_><_>0 0 8 4 2.</_></rects></_></features></cascade></opencv_storage>`

func TestDetect(t *testing.T) {
	c, err := parse([]byte(halves))
	if err != nil {
		t.Fatal(err)
	}
	g := image.NewGray(image.Rect(10, 20, 130, 110)) // its pixels begin elsewhere than at (0, 0)
	for i := range g.Pix {
		g.Pix[i] = 100
	}
	const left, top, side = 50, 30, 24
	for y := range side {
		for x := range side {
			g.Pix[(top+y)*g.Stride+left+x] = uint8(200 * (1 - y/(side/2)))
		}
	}
	found := c.Detect(g, 16)
	if len(found) == 0 {
		t.Fatal("nothing is found")
	}
	if d := found[0]; math.Abs(d.X-(left+side/2)) > 4 || math.Abs(d.Y-(top+side/2)) > 3 || d.Width < 16 || d.Width > 36 || d.Windows < 3 {
		t.Errorf("%+v", d)
	}
	// What is flat has nothing in it, nor has what is smaller than the window.
	for _, size := range []image.Point{{100, 100}, {1, 1}, {1, 1000}, {1000, 1}, {7, 8}, {0, 0}} {
		if found := c.Detect(image.NewGray(image.Rectangle{Max: size}), 0); len(found) != 0 {
			t.Errorf("%v: %v", size, found)
		}
	}
}

// A feature that noise has, too, keeps nobody waiting.
func TestDetectEverything(t *testing.T) {
	c, err := parse([]byte(strings.Replace(halves, "0.5<", "-9<", 1)))
	if err != nil {
		t.Fatal(err)
	}
	g := image.NewGray(image.Rect(0, 0, 300, 200))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range g.Pix {
		g.Pix[i] = uint8(r.Uint32())
	}
	windows := 0
	for _, d := range c.Detect(g, 0) {
		windows += d.Windows
	}
	if windows == 0 || windows > mostWindows {
		t.Errorf("%d windows", windows)
	}
}

func TestShrunk(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 13, 9))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range g.Pix {
		g.Pix[i] = uint8(r.Uint32())
	}
	const w, h = 5, 4
	got := shrunk(g, w, h)
	for y := range h {
		for x := range w {
			sum := 0.0
			for sy := range 9 {
				for sx := range 13 {
					over := func(i, n, k, of int) float64 { // of pixel k of n by pixel i of `of`
						return max(0, min(float64(k+1)/float64(of), float64(i+1)/float64(n))-max(float64(k)/float64(of), float64(i)/float64(n)))
					}
					sum += over(sx, 13, x, w) * over(sy, 9, y, h) * w * h * float64(g.Pix[sy*g.Stride+sx])
				}
			}
			if math.Abs(float64(got[y*w+x])-sum) > 0.51 {
				t.Errorf("%d, %d: %d, want %.2f", x, y, got[y*w+x], sum)
			}
		}
	}
}

func TestReadFile(t *testing.T) {
	for name, change := range map[string][2]string{
		"not a cascade of OpenCV's format":   {halves, "<html>"},
		"not a boosted cascade":              {"HAAR", "LBP"},
		"0 x 8 pixels":                       {"<width>8", "<width>0"},
		"8 x 100000 pixels":                  {"<height>8", "<height>100000"},
		"it says 2":                          {"<stageNum>1", "<stageNum>2"},
		"is not within the window":           {"0 0 8 4 2.", "0 0 9 4 2."},
		"is no rectangle":                    {"0 0 8 4 2.", "0 0 8 4"},
		"tilted":                             {"</rects>", "</rects><tilted>1</tilted>"},
		"a node leads to -2":                 {"0 -1 0 1.6", "0 -2 0 1.6"},
		"a node leads to 1":                  {"0 -1 0 1.6", "1 -1 0 1.6"},
		"a node compares feature 1 of 1":     {"0 -1 0 1.6", "0 -1 1 1.6"},
		"a tree of 3 numbers":                {"0 -1 0 1.6", "0 -1 0"},
		`"NaN" is no number`:                 {"0 -1 0 1.6", "0 -1 0 NaN"},
		`"x" is no number`:                   {"0. 1.", "0. x"},
		"stage 0 has no trees":               {"<weakClassifiers>", "<other>"},
		"the threshold of stage 0 is no num": {"0.5<", "NaN<"},
	} {
		text := strings.Replace(halves, change[0], change[1], 1)
		if change[1] == "<other>" {
			text = strings.Replace(text, "</weakClassifiers>", "</other>", 1)
		}
		file := filepath.Join(t.TempDir(), "a.xml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFile(file); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "a.xml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
