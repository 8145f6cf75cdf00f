package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	_ "image/gif"
	_ "image/png"
	"io"
	"math"
	"time"
)

var (
	//go:embed page.html
	pageText string
	//go:embed style.html
	styleText string
)

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"comma": func(n int) string { return comma(n) }, "bytes": func(n int64) string { return comma(n) },
	"add": func(a, b int) int { return a + b }, "signed": signed,
	"megabytes": func(b []byte) string { return fmt.Sprintf("%.1f MB", float64(len(b))/1e6) },
}).Parse(pageText + styleText))

// Write writes the page of a run: HTML. It writes nothing where it returns an error of its own,
// because something that is needed is missing or a figure is not a number.
func Write(w io.Writer, r *Run) error {
	p, err := r.page()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// A page is what the template shows.
type page struct {
	*Run
	Says            []Sentence
	Classical, Flat bool // Flat: the latent space is a plane
	Thing, Colour   string
	Series          []series
	// The first series for a wide page and for a narrow one, then its parts; none of one epoch
	Charts                 []chart
	Rows                   []row
	Manifold, Samples      *embedded
	Reconstructions        *embedded
	LatentSpace, Animation *embedded
}

// An embedded picture is part of the page, unless it is large.
type embedded struct {
	File, Alt     string
	Source        template.URL // empty for a large one
	Data          []byte
	Width, Height int
}

// mostEmbedded bounds the animation of which the page is made larger.
const mostEmbedded = 6 << 20

// embed returns nil where there is no picture.
func embed(p Picture, most int) (*embedded, error) {
	if len(p.Data) == 0 {
		return nil, nil
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(p.Data))
	if err != nil {
		return nil, fmt.Errorf("report: %s: %w", p.File, err)
	}
	e := &embedded{File: p.File, Data: p.Data, Width: c.Width, Height: c.Height}
	if len(p.Data) <= most {
		e.Source = template.URL("data:image/" + format + ";base64," + base64.StdEncoding.EncodeToString(p.Data))
	}
	return e, nil
}

func (r *Run) page() (*page, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	p := &page{Run: r, Says: r.verdict(), Classical: r.classical(), Flat: r.Latent == 2, Thing: "picture", Series: r.series(), Rows: r.rows()}
	if r.Final.Digits != nil {
		p.Thing = "digit"
	}
	for _, e := range []struct {
		to   **embedded
		from Picture
		most int
		alt  string
	}{
		{&p.Manifold, r.Manifold, math.MaxInt, "a grid of " + p.Thing + "s, each turning into its neighbours"},
		{&p.Samples, r.Samples, math.MaxInt, "rows of " + p.Thing + "s drawn at random points"},
		{&p.Reconstructions, r.Reconstructions, math.MaxInt, "test images above what was decoded of them"},
		{&p.LatentSpace, r.LatentSpace, math.MaxInt, "a scatter plot of latent points"},
		{&p.Animation, r.Animation, mostEmbedded, "an animation of the manifold and of the latent points in training"},
	} {
		var err error
		if *e.to, err = embed(e.from, e.most); err != nil {
			return nil, err
		}
		if *e.to != nil {
			(*e.to).Alt = e.alt
		}
	}
	if len(r.Epochs) > 1 { // one is no course
		p.Charts = []chart{newChart("wide", p.Series[0], r.Epochs, 720, 320, true), newChart("narrow", p.Series[0], r.Epochs, 350, 250, false)}
		for _, s := range p.Series[1:] {
			p.Charts = append(p.Charts, newChart("part", s, r.Epochs, 350, 220, true))
		}
	}
	return p, nil
}

// A row is one of the table of figures.
type row struct{ Figure, Float, Int8, Meaning, Better string }

func (r *Run) rows() (rows []row) {
	const less, more = "less", "more"
	f := r.Final
	add := func(figure, float, int8, better, meaning string) {
		rows = append(rows, row{figure, float, int8, meaning, better})
	}
	nats := func(v float64) string { return signed(v, 2) }
	thing := "picture"
	if f.Digits != nil {
		thing = "digit"
	}
	if r.classical() {
		add("reconstruction, nats an image", nats(f.Reconstruction), nats(f.Reconstruction+f.Int8Cost), less,
			"by how much the pictures that are drawn miss the test images")
	} else {
		add("\u2212ELBO, nats an image", nats(f.FloatNegELBO), nats(f.Int8NegELBO), less,
			"the evidence lower bound with its sign turned: what it takes to describe a test image with the model, which is the two below together")
		add("reconstruction, nats an image", nats(f.Reconstruction), nats(f.Reconstruction+f.Int8Cost), less,
			"by how much the pictures that are drawn miss the test images")
		add("KL, nats an image", nats(f.KL), nats(f.KL), "neither",
			"how much the encoder says of an image beyond the prior; both are measured at the float32 encoder\u2019s points, so it is the same")
	}
	if r.Book {
		add("the book\u2019s loss", signed(f.BookLoss, 4), "", less, "what this training makes small, a mean over pixels")
	}
	add("cost of int8, nats an image", "", signed(f.Int8Cost, 3), less, "how much more an image takes because the decoder rounds")
	psnr, differ := "equal", "the pixels of both decoders are equal"
	if f.Int8PSNR < 100 {
		psnr = fmt.Sprintf("%.1f", f.Int8PSNR)
		differ = fmt.Sprintf("the peak signal-to-noise ratio: how close the pixels of both decoders are. Here they differ by %s levels of 255 (root mean square)", levels(f.Int8PSNR))
	}
	add("PSNR, int8 to float32, dB", "", psnr, more, differ)
	if l := f.Likeness; l != nil {
		beside := ""
		if p := l.Linear; p != nil {
			beside = fmt.Sprintf("; principal components of as many dimensions have %.2f dB and %.3f", p.PSNR, p.SSIM)
		}
		add("PSNR to the test images, dB", signed(l.Float.PSNR, 2), signed(l.Int8.PSNR, 2), more, "how close what is drawn of a test image is to it"+beside)
		add("SSIM to the test images", signed(l.Float.SSIM, 3), signed(l.Int8.SSIM, 3), more, "the structural similarity: as before, by what an eye sees more than by single pixels. 1 is the same")
	}
	if d := f.Digits; d != nil {
		add("read as the same digit", "", percent(d.Same, 2), more, "a classifier, which knows nothing of the model, reads in both decoders\u2019 pictures of a test image the same digit")
		add("read as the image\u2019s digit", "", percent(d.Right, 2), more, "it reads in the picture the digit that the test image shows: how much of a digit the model keeps")
	}
	if e := f.Encoder; e != nil {
		if !r.classical() {
			add("error of the int8 encoder, standard deviations", "", signed(e.Deviations, 3), less,
				"how far its points are from the float32 encoder\u2019s, beside how far around them points still stand for the same image: well below 1, it makes little difference")
		}
		add("error of the int8 encoder, units", "", signed(e.Units, 3), less, "the same in units of the latent space, in which most images lie between \u22122 and 2")
		if e.Same != nil {
			add("drawn as the same digit from its code", "", percent(*e.Same, 2), more, "the int8 decoder draws the same digit from either encoder\u2019s point")
		}
	}
	if f.FloatBytes > 0 && f.EncoderBytes > 0 {
		add("decoder and encoder, bytes", comma(f.FloatBytes), comma(f.Int8Bytes+f.EncoderBytes), less, "the files of the weights")
	}
	if f.Int8Bytes > 0 {
		add("decoder alone, bytes", "", comma(f.Int8Bytes), less, "all that a board needs to draw a "+thing)
	}
	return rows
}

// Duration is the time of training as a person says it.
func (p *page) Duration() string { return duration(p.seconds()) }

// Rate is the number of images a second, or nothing.
func (p *page) Rate() string {
	if rate := math.Round(p.imagesPerSecond()); rate > 0 {
		return signed(rate, 0)
	}
	return ""
}

// When is the time at which the run was done.
func (p *page) When() string {
	if p.Trained.IsZero() {
		return ""
	}
	return p.Trained.Format("2 January 2006, 15:04 MST")
}

// Size is that of the images.
func (p *page) Size() string {
	s := fmt.Sprintf("%d \u00d7 %d pixels", p.Image[1], p.Image[0])
	if p.Image[2] == 3 {
		s += " in colour"
	}
	return s
}

// duration writes seconds as a person says them.
func duration(seconds float64) string {
	several := func(n int, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return comma(n) + " " + unit + "s"
	}
	d := time.Duration(min(seconds, 1e9) * float64(time.Second))
	switch {
	case d < time.Second:
		return "less than a second"
	case d < 100*time.Second:
		return several(int(d.Round(time.Second).Seconds()), "second")
	case d < 100*time.Minute:
		return several(int(d.Round(time.Minute).Minutes()), "minute")
	}
	minutes := int(d.Round(time.Minute).Minutes())
	s := several(minutes/60, "hour")
	if minutes %= 60; minutes > 0 {
		s += " " + several(minutes, "minute")
	}
	return s
}

// generator marks pages of this package.
const generator = `<meta name="generator" content="vae-edge trainer"/>`

// Is reports whether a file is a page of this package.
func Is(page []byte) bool { return bytes.Contains(page[:min(len(page), 1<<10)], []byte(generator)) }
