package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// pixel is a PNG.
func pixel() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// digits is a run like that of the built-in model of two dimensions.
func digits() *Run {
	share := 0.9926
	r := &Run{
		Model: "mnist-2", Data: "MNIST, built in", Image: [3]int{28, 28, 1}, TrainImages: 60000, TestImages: 10000, Latent: 2,
		KLWeight: 1, Noisy: true, Trained: time.Date(2026, 11, 29, 4, 5, 0, 0, time.UTC), Processor: "AMD EPYC", Threads: 2, Version: "v1.2.3",
		Final: Final{
			FloatNegELBO: 144.932, Int8NegELBO: 144.929, Int8Cost: -0.003, Int8PSNR: 47.3, Reconstruction: 138.51, KL: 6.42, Images: 10000,
			FloatBytes: 2204980, Int8Bytes: 100276, EncoderBytes: 498248,
			Digits:  &Digits{0.9969, 0.7596, []int{16, 25, 17, 17, 10, 16, 32, 26, 27, 39}},
			Encoder: &Encoder{0.313, 0.022, &share},
		},
		BuiltIn:  &BuiltIn{"mnist-2", true},
		Settings: []Setting{{"epochs", "10", "passes"}, {"batch", "32", "images a step"}},
		Files:    []File{{"decoder.safetensors", 100276, "what a board draws with"}, {"run.json", 4321, "figures"}},
		Commands: Commands{Show: "show it", Board: "copy it\nshow it there", Edit: "edit it", Measure: "measure it", MoreDims: "train --sixteen"},
		Manifold: Picture{"manifold.png", pixel()}, Samples: Picture{"samples.png", pixel()},
		Reconstructions: Picture{"reconstructions.png", pixel()}, LatentSpace: Picture{"latent.png", pixel()}, Classes: 10,
	}
	r.course(10)
	return r
}

// course gives a run that many epochs.
func (r *Run) course(n int) {
	r.Epochs = nil
	for i := range n {
		f := func(x float64) Figures {
			rec := 138 + x/float64(i+1)
			return Figures{rec + 6.5, rec, 6.5, 0.17 + x/1000/float64(i+1)}
		}
		r.Epochs = append(r.Epochs, Epoch{f(40), f(20), 43.2, 1395})
	}
}

// cases are runs of all kinds.
func cases() map[string]*Run {
	all := map[string]*Run{}
	add := func(name string, change func(r *Run)) {
		all[name] = digits()
		change(all[name])
	}
	add("digits", func(*Run) {})
	add("one epoch", func(r *Run) { r.course(1) })
	add("two epochs", func(r *Run) { r.course(2) })
	add("thousand epochs", func(r *Run) { r.course(1000) })
	add("sixteen dimensions", func(r *Run) { r.Latent, r.Mixture = 16, 64; r.Commands.MoreDims = "" })
	add("classical", func(r *Run) { r.KLWeight = 0; r.Final.KL = 0; r.BuiltIn = nil })
	add("book", func(r *Run) { r.Book, r.Noisy = true, false; r.Final.BookLoss = 0.1784 })
	add("classical book", func(r *Run) { r.Book, r.KLWeight = true, 0 })
	add("no encoder", func(r *Run) { r.Final.Encoder, r.Final.EncoderBytes = nil, 0 })
	add("short", func(r *Run) { r.Commands.Full = "train"; r.Final.Digits.Tiles[5] = 0 })
	add("colour", func(r *Run) {
		r.Data, r.Image, r.Latent, r.BuiltIn, r.Classes = "pictures", [3]int{64, 48, 3}, 64, nil, 1
		r.Final.Digits, r.Final.Encoder.Same, r.Final.Int8PSNR = nil, nil, 41
	})
	add("bare", func(r *Run) {
		*r = Run{Model: "a", Data: "b", Image: [3]int{1, 1, 1}, Latent: 1, Epochs: make([]Epoch, 3), Final: Final{Int8PSNR: 100}}
	})
	return all
}

// write returns the page of a run.
func write(t *testing.T, r *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// An element of a page.
type element struct {
	name       string
	attributes map[string]string
	within     strings.Builder
	text       string // of it and of those in it, spaces made one
}

// parse returns the elements of a page in the order of their ends. The page is XML as well, so that
// whatever is opened is closed.
func parse(t *testing.T, page string) (all []*element) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	var open []*element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				t.Fatalf("%s is not closed", open[0].name)
			}
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			open = append(open, e)
		case xml.CharData:
			for _, e := range open {
				e.within.Write(token)
			}
		case xml.EndElement:
			e := open[len(open)-1]
			e.text = strings.Join(strings.Fields(e.within.String()), " ")
			all, open = append(all, e), open[:len(open)-1]
		}
	}
}

// texts are those of all elements of a name.
func texts(all []*element, name string) (s []string) {
	for _, e := range all {
		if e.name == name {
			s = append(s, e.text)
		}
	}
	return s
}

var (
	outside   = regexp.MustCompile(`(?i)https?:|<script|<link|<iframe|@import|url\(|\bon[a-z]+=`)
	notNumber = regexp.MustCompile(`NaN|\bInf\b|[+-]Inf|ZgotmplZ|%!|<nil>|<no value>|\b\d+(\.\d+)?[eE][+-]?\d`)
	data      = regexp.MustCompile(`data:image/(png|gif);base64,[A-Za-z0-9+/=]+`)
)

// TestPages: whatever the run, its page is whole, needs nothing else and is the same when it is
// made again.
func TestPages(t *testing.T) {
	for name, r := range cases() {
		t.Run(name, func(t *testing.T) {
			page := write(t, r)
			if write(t, r) != page {
				t.Error("the page is not the same when it is made again")
			}
			all := parse(t, page)
			for _, e := range all {
				if src, ok := e.attributes["src"]; ok && data.FindString(src) != src {
					t.Errorf("a picture is at %.40s", src)
				}
				if href, ok := e.attributes["href"]; ok && !strings.HasPrefix(href, "./") {
					t.Errorf("a link leads to %s", href)
				}
				if e.name == "img" && (e.attributes["alt"] == "" || e.attributes["width"] == "0") {
					t.Errorf("a picture without words or size: %v", e.attributes["alt"])
				}
			}
			rest := data.ReplaceAllString(page, "")
			if s := outside.FindString(rest); s != "" {
				t.Errorf("the page needs something: %s", s)
			}
			if s := notNumber.FindString(rest); s != "" {
				t.Errorf("the page has %q", s)
			}
			if n := len(texts(all, "h1")); n != 1 {
				t.Errorf("%d titles", n)
			}
			for _, s := range r.Verdict() {
				if !slices.ContainsFunc(texts(all, "p"), func(p string) bool { return p == s.String() }) {
					t.Errorf("the page does not say: %s", s)
				}
			}
		})
	}
}

// TestOrder: what the page has, and in which order.
func TestOrder(t *testing.T) {
	want := []string{"What it draws", "The course of training", "Figures", "Settings", "Files", "What to do next"}
	all := parse(t, write(t, digits()))
	if got := texts(all, "h2"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	want = []string{"The manifold", "Samples", "Reconstructions", "The latent space", "Its parts", "Digits of the manifold"}
	if got := texts(all, "h3"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	page := write(t, digits())
	for _, s := range []string{
		"60,000 pictures to learn from, 10,000 to test with, 28 × 28 pixels", "29 November 2026, 04:05 UTC", "7 minutes of training in 10 epochs",
		"1,395 pictures a second", "AMD EPYC, 2 threads", "version v1.2.3", "99.69 %", "598,524", "copy it\nshow it there", "all ten are there",
		"<title>epoch 10: training 148.50, test 146.50 nats an image</title>", `<td class="n">148.50</td><td class="n">142.00</td><td class="n">6.50</td>`,
	} {
		if !strings.Contains(page, s) {
			t.Errorf("%q is not there", s)
		}
	}
	if got := texts(parse(t, write(t, cases()["bare"])), "h2"); !slices.Equal(got, []string{"The course of training", "Figures"}) {
		t.Errorf("a bare run has %q", got)
	}
}

// TestKinds: a page has no word of what its run does not have.
func TestKinds(t *testing.T) {
	all := cases()
	for _, c := range []struct {
		run       string
		has, lack []string
	}{
		{"digits", []string{"−ELBO", "Kullback-Leibler", "a plane like a map", "quantization noise"}, []string{"classical", "the book’s loss"}},
		{"classical", []string{"cross-entropy", "holes"}, []string{"ELBO", "KL", "variational", "prior", "standard deviations"}},
		{"book", []string{"the book’s loss", "a mean over pixels", "0.1784", "Kullback-Leibler"}, []string{"quantization noise"}},
		{"classical book", []string{"the book’s loss", "holes"}, []string{"ELBO", "KL", "prior"}},
		{"colour", []string{"48 × 64 pixels in colour", "PSNR of 41.0 dB", "64 numbers"}, []string{"digit,", "all ten", "classifier", "Its colour is its class"}},
		{"sixteen dimensions", []string{"a plane through the latent space", "from a <em>mixture</em> of 64 normal distributions"}, []string{"a plane like a map", "nines", "a round cloud"}},
		{"no encoder", nil, []string{"error of the int8 encoder", "decoder and encoder"}},
		{"one epoch", []string{`<details open="open">`, "no curve yet"}, []string{"<svg"}},
	} {
		page := strings.Join(strings.Fields(data.ReplaceAllString(write(t, all[c.run]), "")), " ")
		for _, s := range c.has {
			if !strings.Contains(page, s) {
				t.Errorf("%s: %q is not there", c.run, s)
			}
		}
		for _, s := range c.lack {
			if strings.Contains(page, s) {
				t.Errorf("%s: %q is there", c.run, s)
			}
		}
	}
}

// TestEscaped: texts from outside stay texts.
func TestEscaped(t *testing.T) {
	const evil = `"><script>alert('&amp;')</script><a href="http://x">`
	r := digits()
	r.Model, r.Data, r.Processor, r.Version, r.BuiltIn.Name = evil, evil, evil, evil, evil
	r.Settings = []Setting{{evil, evil, evil}}
	r.Files = []File{{evil, 1, evil}, {"javascript:alert(1)", 1, ""}}
	r.Commands = Commands{evil, evil, evil, evil, evil, evil}
	r.Animation = Picture{evil, largeGIF()}
	page := write(t, r)
	if strings.Contains(page, "<script") || strings.Contains(page, `<a href="http`) || strings.Contains(page, `"javascript:`) {
		t.Error("a text became part of the page")
	}
	all := parse(t, page)
	if got := texts(all, "h1"); len(got) != 1 || got[0] != evil {
		t.Errorf("the name is %q", got)
	}
	for _, e := range all {
		if href := e.attributes["href"]; e.name == "a" && !strings.HasPrefix(href, "./") {
			t.Errorf("a link leads to %s", href)
		}
	}
}

// smallGIF is a whole one, and largeGIF too large for a page.
func smallGIF() []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black}), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func largeGIF() []byte { return append(smallGIF(), make([]byte, mostEmbedded)...) }

// TestAnimation: a small one is part of the page, of a large one there is a link.
func TestAnimation(t *testing.T) {
	r := digits()
	r.Animation = Picture{"training.gif", smallGIF()}
	if page := write(t, r); !strings.Contains(page, "data:image/gif") || strings.Contains(page, `href="./training.gif"`) {
		t.Error("a small animation is no part of the page")
	}
	r.Animation.Data = largeGIF()
	if page := write(t, r); strings.Contains(page, "data:image/gif") || !strings.Contains(page, `href="./training.gif"`) || len(page) > 1<<20 {
		t.Error("there is no link to a large animation")
	}
}

// TestRefused: what no page can be made of is an error, and nothing is written.
func TestRefused(t *testing.T) {
	nan, half := math.NaN(), 1.5
	for name, change := range map[string]func(r *Run){
		"no epoch":        func(r *Run) { r.Epochs = nil },
		"no name":         func(r *Run) { r.Model = "" },
		"no data":         func(r *Run) { r.Data = "" },
		"no image":        func(r *Run) { r.Image[2] = 2 },
		"no latent space": func(r *Run) { r.Latent = 0 },
		"NaN":             func(r *Run) { r.Epochs[3].Test.KL = nan },
		"infinite":        func(r *Run) { r.Epochs[3].Train.Objective = math.Inf(1) },
		"time":            func(r *Run) { r.Epochs[3].Seconds = -1 },
		"final":           func(r *Run) { r.Final.Int8Cost = nan },
		"no PSNR":         func(r *Run) { r.Final.Int8PSNR = 0 },
		"KL weight":       func(r *Run) { r.KLWeight = nan },
		"share":           func(r *Run) { r.Final.Digits.Same = nan },
		"encoder":         func(r *Run) { r.Final.Encoder.Deviations = nan },
		"encoder's share": func(r *Run) { r.Final.Encoder.Same = &half },
		"no picture":      func(r *Run) { r.Samples.Data = []byte("GIF, or so") },
	} {
		r := digits()
		change(r)
		var b bytes.Buffer
		if err := Write(&b, r); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v, and %d bytes are written", name, err, b.Len())
		}
		if name != "no picture" && r.Verdict() != nil {
			t.Errorf("%s: there is a verdict", name)
		}
	}
	failing := errors.New("disk full")
	if err := Write(writer(func([]byte) (int, error) { return 0, failing }), digits()); !errors.Is(err, failing) {
		t.Errorf("error %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// spoken is the verdict, a line for each part.
func spoken(r *Run) string {
	var lines []string
	for _, s := range r.Verdict() {
		lines = append(lines, s.String())
	}
	return strings.Join(lines, "\n")
}

// TestVerdict: the words are those that docs/results.md stands for.
func TestVerdict(t *testing.T) {
	const draws, nearly, isWorse = "The int8 decoder draws what the float32 one draws: ", "The int8 decoder draws nearly what", "The int8 decoder draws worse"
	for _, c := range []struct {
		what             string
		share, psnr      float64
		cost, deviations float64
		image            [3]int
		want             string
	}{
		{"mnist-2", 0.9969, 47.3, -0.003, 0.313, [3]int{28, 28, 1}, draws + "99.7 % of its digits"},
		{"mnist-16", 0.9992, 48.7, 0.0, 0.125, [3]int{28, 28, 1}, draws + "99.9 % of its digits"},
		{"seed 2", 0.9946, 47.4, 0.0, 0.3, [3]int{28, 28, 1}, draws + "99.5 % of its digits"},
		{"thirty epochs", 0.9944, 45.8, 0.01, 0.3, [3]int{28, 28, 1}, draws},
		{"book", 0.9944, 44.8, 0.02, 0.3, [3]int{28, 28, 1}, draws},
		{"all", 1, 50, 0, 0, [3]int{28, 28, 1}, draws + "100.0 % of its digits"},
		{"almost all", 0.9999, 50, 0, 0, [3]int{28, 28, 1}, draws + "99.9 % of its digits"},
		{"one of a hundred", 0.9899, 47, 0, 0, [3]int{28, 28, 1}, nearly},
		{"one of ten", 0.9, 47, 0, 0, [3]int{28, 28, 1}, "The int8 decoder often draws another digit than the float32 one: 90.0 % of its digits"},
		{"costs a little", 0.9969, 47, 0.06, 0, [3]int{28, 28, 1}, nearly},
		{"costs more", 0.9969, 47, 0.6, 0, [3]int{28, 28, 1}, isWorse},
		{"pixels", 0, 47.3, 0, 0, [3]int{28, 28, 1}, draws + "their pixels differ by 1.1 levels of 255, which is a PSNR of 47.3 dB"},
		{"equal pixels", 0, 100, 0, 0, [3]int{28, 28, 1}, draws + "pixel for pixel."},
		{"pixels near", 0, 40, 0, 0, [3]int{28, 28, 1}, nearly},
		{"pixels worse", 0, 37.9, 0, 0, [3]int{28, 28, 1}, isWorse},
		{"a large image", 0, 46, 0.6, 0, [3]int{64, 64, 3}, draws},
	} {
		r := digits()
		r.Image, r.Final.Int8PSNR, r.Final.Int8Cost, r.Final.Digits.Same, r.Final.Encoder.Deviations = c.image, c.psnr, c.cost, c.share, c.deviations
		if c.share == 0 {
			r.Final.Digits = nil
		}
		if got := r.Verdict()[0].Text; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		if len(r.Verdict()) > 1 && strings.Contains(r.Verdict()[1].Text, "encoder") {
			t.Errorf("%s: %s", c.what, r.Verdict()[1])
		}
	}

	for _, c := range []struct {
		change func(r *Run)
		want   string
	}{
		{func(r *Run) { r.Final.Active = new(0) }, "It has learnt nothing of single images"},
		{func(r *Run) { r.Latent, r.Final.Active = 64, new(63) }, "Of the 64 latent dimensions 63 say something of an image."},
		{func(r *Run) { r.Latent, r.Final.Active = 64, new(64) }, "The int8 decoder draws"},
		{func(r *Run) { // whatever it costs in nats
			r.Final.Digits, r.Final.Int8Cost = nil, 23
			r.Final.Likeness = &Likeness{Similarity{24.8, 0.774}, Similarity{24.7, 0.773}, &Similarity{23.2, 0.7}}
		}, "The int8 decoder draws what the float32 one draws"},
	} {
		r := digits()
		c.change(r)
		if got := r.Verdict(); got == nil || !strings.HasPrefix(got[0].Text, c.want) {
			t.Errorf("%v, want %q", got, c.want)
		}
	}
	similar := func(psnr, ssim float64) string {
		r := digits()
		r.Final.Likeness = &Likeness{Similarity{24.8, 0.774}, Similarity{psnr, ssim}, &Similarity{23.2, 0.7}}
		return r.Verdict()[1].Text
	}
	if got := similar(24.7, 0.773); !strings.Contains(got, "a PSNR of 24.7 dB and an SSIM of 0.773, more than principal components") {
		t.Errorf("better than linear: %s", got)
	}
	for _, got := range []string{similar(23.1, 0.773), similar(24.7, 0.6)} {
		if !strings.Contains(got, "Principal components of as many dimensions have 23.2 and 0.700: it has not learnt enough") {
			t.Errorf("worse than linear: %s", got)
		}
	}

	said := func(change func(r *Run)) string {
		r := digits()
		change(r)
		return spoken(r)
	}
	share := 0.9
	for _, c := range []struct {
		change func(r *Run)
		want   string // as a regular expression; what begins with ! must not be there
	}{
		{func(*Run) {}, `76\.0 % of the test images are still read`},
		{func(*Run) {}, `many fours are drawn as nines\. More numbers keep such digits apart: train --sixteen\n`},
		{func(*Run) {}, `(?m)^The weights are those of the built-in model mnist-2, byte for byte\.$`},
		{func(*Run) {}, `!encoder|short|No tile`},
		{func(r *Run) { r.Commands.MoreDims = "" }, `drawn as nines\.\n`},
		{func(r *Run) { r.Final.Digits.Tiles[4] = 30 }, `look alike share a place in latent space, and one is drawn as the other`},
		{func(r *Run) { r.Final.Digits.Tiles = nil }, `look alike share a place`},
		{func(r *Run) { r.Final.Digits.Tiles[3] = 0 }, `No tile of the manifold is read as a 3\.`},
		{func(r *Run) { copy(r.Final.Digits.Tiles[3:], []int{0, 0, 0}) }, `No tile of the manifold is read as a 3, 4 or 5\.`},
		{func(r *Run) { r.Latent = 16; r.Final.Digits.Tiles[4] = 0 }, `!nines|No tile`},
		{func(r *Run) { r.BuiltIn.Same = false }, `the weights are not, byte for byte`},
		{func(r *Run) { r.BuiltIn = nil }, `!built-in`},
		{func(r *Run) { r.KLWeight = 0 }, `classical autoencoder: nothing orders its latent space`},
		{func(r *Run) { r.Commands.Full = "train it" }, `short training.*: train it\n`},
		{func(r *Run) { r.Final.Encoder.Deviations = 2 }, `!encoder is`}, // but the same is drawn
		{func(r *Run) { r.Final.Encoder = &Encoder{Deviations: 0.3} }, `!encoder is`},
		{func(r *Run) { r.Final.Encoder = &Encoder{Deviations: 0.6} }, `encoder is close to the float32 one: its codes are off by 0\.60 standard`},
		{func(r *Run) { r.Final.Encoder = &Encoder{Deviations: 1.2} }, `encoder is worse than the float32 one: its codes are off by 1\.20`},
		{func(r *Run) { r.Final.Encoder.Same = &share }, `encoder is worse than the float32 one: 90\.0 % of its codes`},
		{func(r *Run) { r.Final.Encoder, r.KLWeight = &Encoder{Deviations: 1.2}, 0 }, `!encoder is`},
		{func(r *Run) { r.Final.Encoder, r.Book = &Encoder{Deviations: 1.2}, true }, `!encoder is`},
		{func(r *Run) { r.Final.Int8Cost = 0.7 }, `and an image takes 0\.70 nats more to describe`},
	} {
		want, not := strings.CutPrefix(c.want, "!")
		if got := said(c.change); regexp.MustCompile(want).MatchString(got) == not {
			t.Errorf("%s: it says\n%s", c.want, got)
		}
	}
	for name, r := range cases() {
		for _, s := range r.Verdict() {
			if s := s.String(); strings.ContainsAny(s, "\n<>") || s == "" || strings.Contains(s, "..") {
				t.Errorf("%s: %q", name, s)
			}
		}
	}
}

// TestChart: whatever the values, a plot has a few marks, and all of it lies within.
func TestChart(t *testing.T) {
	of := func(f Figures) float64 { return f.NegELBO }
	for name, value := range map[string]func(i int) float64{
		"flat":          func(int) float64 { return 144.9 },
		"zero":          func(int) float64 { return 0 },
		"nearly flat":   func(i int) float64 { return 144.9 + 1e-13*float64(i%2) },
		"falls":         func(i int) float64 { return 140 + 30/float64(i+1) },
		"negative":      func(i int) float64 { return -3e5 - float64(i*i) },
		"both signs":    func(i int) float64 { return 10 - float64(i) },
		"small":         func(i int) float64 { return 1e-9 * float64(i) },
		"very small":    func(i int) float64 { return 5e-324 * float64(i) },
		"large":         func(i int) float64 { return maxFigure * float64(1-2*(i%2)) },
		"one peak":      func(i int) float64 { return 1 + 1e6*float64(i/777%2)*float64(1-min(1, i%777)) },
		"the book's":    func(i int) float64 { return 0.178 + 0.001*math.Exp(-float64(i)) },
		"about a limit": func(i int) float64 { return 0.09999 + 0.00002*float64(i%2) },
	} {
		for _, n := range []int{2, 3, 10, 11, 37, 1000, 10000} {
			if testing.Short() && n > 1000 {
				continue
			}
			var epochs []Epoch
			for i := range n {
				epochs = append(epochs, Epoch{Train: Figures{NegELBO: value(i)}, Test: Figures{NegELBO: value(i + 1)}})
			}
			for _, width := range []int{350, 720} {
				c := newChart("wide", series{Name: "f", of: of}, epochs, width, 300, true)
				fail := func(format string, args ...any) {
					t.Helper()
					t.Errorf("%s, %d epochs, width %d: "+format, append([]any{name, n, width}, args...)...)
				}
				for axis, marks := range [][]mark{c.X, c.Y} {
					low, high := c.Left, c.Right
					if axis == 1 {
						low, high = c.Top, c.Bottom
					}
					if len(marks) < 1 || axis == 1 && len(marks) < 2 || len(marks) > 24 {
						fail("axis %d has %d marks", axis, len(marks))
					}
					seen := map[string]bool{}
					for i, m := range marks {
						if !(m.At >= low && m.At <= high) || seen[m.Label] || m.Label == "" {
							fail("mark %+v of axis %d", m, axis)
						}
						seen[m.Label] = true
						room := 20.0
						if axis == 0 {
							room = 6 * float64(len(m.Label))
						}
						if i > 0 && math.Abs(m.At-marks[i-1].At) < room {
							fail("marks %+v and %+v touch", marks[i-1], m)
						}
					}
				}
				if c.Left > 140 {
					fail("the plot begins at %v", c.Left)
				}
				lowest := math.Inf(1) // of the test curve, the highest on the screen
				for k, u := range c.Curves {
					points := strings.Fields(u.Points)
					if len(points) == 0 || len(points) > mostSpots || n <= mostSpots && len(points) < n-1 {
						fail("%d points", len(points))
					}
					last := -1.0
					for _, p := range points {
						a, b, _ := strings.Cut(p, ",")
						x, err1 := strconv.ParseFloat(a, 64)
						y, err2 := strconv.ParseFloat(b, 64)
						if err1 != nil || err2 != nil || x < c.Left || x > c.Right || y < c.Top || y > c.Bottom || x < last {
							fail("point %s", p)
						}
						if last = x; k == 1 {
							lowest = min(lowest, y)
						}
					}
				}
				if name == "one peak" && n >= 1000 && lowest > c.Top+20 {
					fail("the peak is lost: the highest point is at %v", lowest)
				}
				if len(c.Hover) > mostHover || len(c.Hover) == 0 {
					fail("%d texts", len(c.Hover))
				}
				for _, s := range c.Hover {
					if !(s.Width > 0 && s.X >= c.Left && s.X+s.Width <= c.Right+0.2) {
						fail("strip %+v", s)
					}
				}
			}
		}
	}
}

// TestSmallPage: a page of many epochs is not much larger than its table.
func TestSmallPage(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand epochs are long")
	}
	r := digits()
	r.course(10000)
	if page := write(t, r); len(page) > 4<<20 || strings.Count(page, "<circle") > 0 {
		t.Errorf("%d bytes, %d dots", len(page), strings.Count(page, "<circle"))
	}
}

// TestWords: numbers as people read them.
func TestWords(t *testing.T) {
	for _, c := range [][2]string{
		{signed(-0.003, 3), "−0.003"}, {signed(-0.0004, 3), "0.000"}, {signed(1234567.891, 2), "1,234,567.89"}, {signed(-1000, 0), "−1,000"},
		{comma(999), "999"}, {comma(100276), "100,276"},
		{percent(0.9969, 2), "99.69 %"}, {percent(0.99999, 2), "99.99 %"}, {percent(1, 2), "100.00 %"}, {percent(0, 1), "0.0 %"},
		{duration(0.4), "less than a second"}, {duration(1), "1 second"}, {duration(49.6), "50 seconds"}, {duration(480), "8 minutes"},
		{duration(7261), "2 hours 1 minute"}, {duration(7200), "2 hours"}, {duration(maxFigure), "277,777 hours 47 minutes"},
		{levels(47.3), "1.1"}, {missing([]int{1, 0, 1}), "1"}, {missing([]int{0, 0}), "0 or 1"}, {missing(nil), ""},
		{fmt.Sprint(roundStep(0.3), roundStep(1), roundStep(3), roundStep(7)), "0.5 1 5 10"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
}
