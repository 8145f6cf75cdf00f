package cascade

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
)

// Limits of a file: well above those that OpenCV brings.
const (
	maxFile   = 8 << 20 // bytes
	maxWindow = 128     // pixels
)

// file is the XML of OpenCV's format.
type file struct {
	Cascade struct {
		Stage    string `xml:"stageType"`
		Feature  string `xml:"featureType"`
		Height   int    `xml:"height"`
		Width    int    `xml:"width"`
		StageNum int    `xml:"stageNum"`
		Stages   []struct {
			Threshold float64 `xml:"stageThreshold"`
			Trees     []struct {
				Nodes  string `xml:"internalNodes"`
				Leaves string `xml:"leafValues"`
			} `xml:"weakClassifiers>_"`
		} `xml:"stages>_"`
		Features []struct {
			Rects  []string `xml:"rects>_"`
			Tilted int      `xml:"tilted"`
		} `xml:"features>_"`
	} `xml:"cascade"`
}

// ReadFile reads a cascade, as OpenCV keeps it. Errors name the file.
func ReadFile(name string) (*Cascade, error) {
	data, err := regular.Read(name, maxFile)
	if err != nil {
		return nil, err
	}
	c, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// parse reads a cascade and refuses what could lead a search astray: a feature outside the window,
// or a way to a node that is not a later one.
func parse(data []byte) (*Cascade, error) {
	var f file
	if err := xml.NewDecoder(bytes.NewReader(data)).Decode(&f); err != nil {
		return nil, fmt.Errorf("not a cascade of OpenCV's format: %w", err)
	}
	d := &f.Cascade
	if d.Stage != "BOOST" || d.Feature != "HAAR" {
		return nil, errors.New("not a boosted cascade of Haar-like features in the format of OpenCV 2.4 and later")
	}
	if d.Width < 3 || d.Height < 3 || d.Width > maxWindow || d.Height > maxWindow {
		return nil, fmt.Errorf("a window of %d x %d pixels: want 3 to %d", d.Width, d.Height, maxWindow)
	}
	if len(d.Stages) == 0 || len(d.Stages) != d.StageNum {
		return nil, fmt.Errorf("%d stages, and it says %d", len(d.Stages), d.StageNum)
	}
	c := &Cascade{width: d.Width, height: d.Height}
	window := image.Rect(0, 0, d.Width, d.Height)
	for i, from := range d.Features {
		if from.Tilted != 0 {
			return nil, errors.New("tilted features cannot be computed")
		}
		var to feature
		for _, text := range from.Rects {
			v, err := numbers(text)
			if err != nil || len(v) != 5 {
				return nil, fmt.Errorf("feature %d: %q is no rectangle with its weight", i, text)
			}
			r := image.Rect(int(v[0]), int(v[1]), int(v[0]+v[2]), int(v[1]+v[3]))
			if r.Empty() || !r.In(window) {
				return nil, fmt.Errorf("feature %d: %q is not within the window", i, text)
			}
			to = append(to, weighted{r, v[4]})
		}
		c.features = append(c.features, to)
	}
	for i, from := range d.Stages {
		if from.Threshold != from.Threshold {
			return nil, fmt.Errorf("the threshold of stage %d is no number", i)
		}
		to := stage{threshold: from.Threshold}
		for _, t := range from.Trees {
			nodes, err := numbers(t.Nodes)
			leaves, err2 := numbers(t.Leaves)
			if err = errors.Join(err, err2); err != nil {
				return nil, fmt.Errorf("stage %d: %w", i, err)
			}
			read, err := treeOf(nodes, leaves, len(c.features))
			if err != nil {
				return nil, fmt.Errorf("stage %d: %w", i, err)
			}
			to.trees = append(to.trees, read)
		}
		if len(to.trees) == 0 {
			return nil, fmt.Errorf("stage %d has no trees", i)
		}
		c.stages = append(c.stages, to)
	}
	return c, nil
}

// treeOf makes a tree of four numbers a node: left, right, feature and threshold.
func treeOf(nodes, leaves []float64, features int) (tree, error) {
	t := tree{leaves: leaves}
	if len(nodes) == 0 || len(nodes)%4 != 0 {
		return t, fmt.Errorf("a tree of %d numbers, and a node has four", len(nodes))
	}
	for i := 0; i < len(nodes); i += 4 {
		for _, way := range nodes[i : i+2] {
			if later := way > float64(i/4) && way < float64(len(nodes)/4); !later && !(way <= 0 && -way < float64(len(leaves))) {
				return t, fmt.Errorf("a node leads to %g", way)
			}
		}
		if f := nodes[i+2]; !(f >= 0 && f < float64(features)) {
			return t, fmt.Errorf("a node compares feature %g of %d", f, features)
		}
		t.nodes = append(t.nodes, node{int(nodes[i+2]), nodes[i+3], int(nodes[i]), int(nodes[i+1])})
	}
	return t, nil
}

// numbers are those of a text, between spaces.
func numbers(text string) (all []float64, err error) {
	for word := range strings.FieldsSeq(text) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || math.Abs(v) > 1e9 || v != v {
			return nil, fmt.Errorf("%q is no number that can be", word)
		}
		all = append(all, v)
	}
	return all, nil
}
