package main

import (
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/digit"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/doubts"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/portrait"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A studio encodes pictures, and decodes codes, with a pair of models.
type studio struct {
	console    *console.Console
	out        string
	asIs       bool
	m          *vae.Model
	runner     *vae.Runner
	d          *decoder.Decoder
	classifier *classify.Runner // of the digits; nil where the model may know others
	finder     *portrait.Finder // of faces; nil where they are not looked for
	digits     *doubts.Reader   // nil where they are not looked for
}

// openStudio opens the models that the options name.
func openStudio(o *options, c *console.Console) (*studio, error) {
	out, err := pictureFile(o.out)
	if err != nil {
		return nil, err
	}
	if err := checkWritable(out); err != nil {
		return nil, err
	}
	s, err := newStudio(o, c)
	if err != nil {
		return nil, err
	}
	s.out = out
	return s, nil
}

// newStudio opens the models of a studio that writes no picture yet.
func newStudio(o *options, c *console.Console) (*studio, error) {
	p, err := pair.Open(o.model)
	if err != nil {
		return nil, err
	}
	m, q := p.Float, p.Int8
	if m.Image[0] != m.Image[1] && !o.asIs {
		return nil, fmt.Errorf("%s is of images of %s: pictures can be made ready for square ones only, or pictures of that very size with --as-is", o.model, plain.ImageSize(m.Image))
	}
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	s := &studio{console: c, asIs: o.asIs, m: m, runner: vae.NewRunner(m, 0, nil), d: d}
	if ofDigits(o.model) {
		classifier, err := measure.Classifier()
		if err != nil {
			return nil, err
		}
		s.classifier = classify.NewRunner(classifier, 0, nil)
	}
	if m.Image[2] == 1 && !o.asIs {
		if s.digits, err = doubts.Open(o.model, q, s.classifier == nil, o.anyway, c); err != nil {
			return nil, err
		}
	}
	s.finder, err = openFinder(o, q, c)
	return s, err
}

// read returns the pixels of a picture as the model knows images, and says what it did for them.
func (s *studio) read(name string) ([]byte, error) {
	img, err := digit.ReadFile(name)
	if err != nil {
		return nil, err
	}
	colour := s.m.Image[2] == 3
	if square := s.m.Image[0] == s.m.Image[1]; s.asIs && !(colour && square) {
		if size := img.Bounds().Size(); size != image.Pt(s.m.Image[1], s.m.Image[0]) {
			cure := "scale or crop it"
			if square {
				cure = "leave --as-is out to have it made ready"
			}
			return nil, fmt.Errorf("%s: %d x %d pixels, the model's images have %d x %d: %s", name, size.X, size.Y, s.m.Image[1], s.m.Image[0], cure)
		}
		if colour {
			pixels := make([]byte, s.m.Pixels())
			photo.Scale(pixels, s.m.Image[0], s.m.Image[1], img, img.Bounds())
			return pixels, nil
		}
		return digit.Grey(img), nil
	}
	if colour {
		pixels, which, err := portrait.Cropped(s.finder, img, s.m.Image[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.console.Printf("%s: %d x %d pixels, %s, scaled to %d%s\n", name, img.Bounds().Dx(), img.Bounds().Dy(), which, s.m.Image[0], photo.Mismatch(img, 3))
		return pixels, nil
	}
	return s.digits.Read(name, img)
}

// readAll reads pictures, one after another.
func (s *studio) readAll(names []string) (pixels []byte, err error) {
	for _, name := range names {
		p, err := s.read(name)
		if err != nil {
			return nil, err
		}
		pixels = append(pixels, p...)
	}
	return pixels, nil
}

// encode returns the codes of images: Latent coordinates each.
func (s *studio) encode(pixels []byte) []float64 {
	mean, _ := s.runner.Encode(pixels)
	return pair.Widened(mean)
}

// decode returns the images of codes.
func (s *studio) decode(codes []float64) []byte {
	return pair.DrawInt8(s.d)(s.d.Model().FixedPoint(nil, codes...))
}

// seen says what a classifier of digits sees in an image.
func (s *studio) seen(what string, pixels []byte) {
	if s.classifier != nil {
		p := s.classifier.Predict(pixels)[0]
		s.console.Printf("%s: classified as %d, %.1f %%\n", what, p.Class, 100*p.Probability)
	}
}

func (s *studio) images(pixels []byte) picture.Images {
	return picture.Of(pixels, s.m.Image)
}

// write writes pictures to files, and says so.
func (s *studio) write(name string, p image.Image) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := picture.WriteFile(name, p); err != nil {
		return err
	}
	s.console.Printf("written: %s\n", name)
	return s.console.Err()
}

// sheetName is the name of the sheet beside a picture.
func sheetName(name string) string {
	extension := filepath.Ext(name)
	return strings.TrimSuffix(name, extension) + "-sheet.png"
}

// editSteps are the parts of the way that the sheet of an edit shows.
const editSteps = 4

// editPicture is the command that turns a digit into another.
func editPicture(o *options, c *console.Console) error {
	named := o.line.Operands
	if o.image != "" {
		named = append(named, o.image)
	}
	if len(named) == 1 && o.toward == "" && o.away == "" {
		return cli.Usagef("edit needs an aim: say --toward, as in edit %s --toward 4, or Smiling with a model of faces", cli.Quoted(named[0]))
	}
	if len(named) != 1 {
		return cli.Usagef("edit needs one picture, as in edit photo.jpg --toward 4")
	}
	s, err := openStudio(o, c)
	if err != nil {
		return err
	}
	q := s.d.Model()
	if !q.Exclusive() {
		return s.steer(o, named[0])
	}
	if o.away != "" {
		return cli.Usagef("--away: the concepts of %s exclude each other, say --toward another", o.model)
	}
	if o.amount > 1 {
		return cli.Usagef("--amount %g: want a number from 0 to 1, the concepts of %s exclude each other", o.amount, o.model)
	}
	to, err := q.ConceptIndex(o.toward)
	if err != nil {
		return cli.Usagef("--toward: %w", err)
	}
	own := -1
	if o.from != "" {
		if own, err = q.ConceptIndex(o.from); err != nil {
			return cli.Usagef("--from: %w", err)
		}
	}
	pixels, err := s.read(named[0])
	if err != nil {
		return err
	}
	code := q.FixedPoint(nil, s.encode(pixels)...)
	means := q.ConceptMeans()
	if own < 0 && s.classifier != nil {
		own, err = q.ConceptIndex(strconv.Itoa(s.classifier.Predict(pixels)[0].Class))
	}
	if own < 0 || err != nil {
		own = latent.Nearest(code, means)
	}
	var points []int16
	headings := []string{"picture"}
	for i := range editSteps + 1 {
		part := o.amount * float64(i) / editSteps
		headings = append(headings, fmt.Sprintf("%.0f %%", 100*part))
		points = append(points, code...)
		latent.Toward(points[i*q.Latent:], code, means, own, to, int(math.Round(part*latent.Whole)))
	}
	decoded := pair.DrawInt8(s.d)(points)
	edited := decoded[editSteps*q.PictureSize():]
	s.console.Printf("from %s toward %s, %.0f %% of the way\n", q.Concepts[own].Name, q.Concepts[to].Name, 100*o.amount)
	s.seen("picture", pixels)
	s.seen("edited", edited)
	if err := s.write(s.out, picture.Enlarged(s.images(edited))); err != nil {
		return err
	}
	return s.write(sheetName(s.out), picture.Strip(s.images(append(pixels, decoded...)), headings))
}

// steer edits a picture of what has attributes, such as a face, toward some and away from others.
func (s *studio) steer(o *options, name string) error {
	q := s.d.Model()
	if o.from != "" {
		return cli.Usagef("--from: the concepts of %s do not exclude each other, say --away", o.model)
	}
	aims, err := q.Aims(o.toward)
	if err != nil {
		return cli.Usagef("--toward: %w", err)
	}
	away, err := q.Aims(o.away)
	if err != nil {
		return cli.Usagef("--away: %w", err)
	}
	aims = append(aims, model.Opposite(away)...)
	pixels, err := s.read(name)
	if err != nil {
		return err
	}
	code := q.FixedPoint(nil, s.encode(pixels)...)
	var points []int16
	headings := []string{"picture"}
	for i := range editSteps + 1 {
		part := o.amount * float64(i) / editSteps
		headings = append(headings, fmt.Sprintf("%.0f %%", 100*part))
		points = append(points, q.Steered(code, aims, int(math.Round(part*latent.Whole)))...)
	}
	decoded := pair.DrawInt8(s.d)(points)
	s.console.Printf("%s, %.0f %% of the way\n", strings.Join(q.Says(aims), " and "), 100*o.amount)
	if err := s.write(s.out, picture.Enlarged(s.images(decoded[editSteps*q.PictureSize():]))); err != nil {
		return err
	}
	return s.write(sheetName(s.out), picture.Strip(s.images(append(pixels, decoded...)), headings))
}

// namesOf are the names in a list with commas between.
func namesOf(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// reconstruct is the command that encodes and decodes.
func reconstruct(o *options, c *console.Console) error {
	s, pixels, err := openPictures(o, c)
	if err != nil {
		return err
	}
	decoded := s.decode(s.encode(pixels))
	const columns = 10
	sheet := picture.Reconstructions([]picture.Row{{Name: "image", Images: s.images(pixels)}, {Name: "decoded", Images: s.images(decoded)}}, min(len(o.line.Operands), columns), nil)
	return s.write(s.out, sheet)
}

// average is the command that draws the mean of codes.
func average(o *options, c *console.Console) error {
	s, pixels, err := openPictures(o, c)
	if err != nil {
		return err
	}
	mean := make([]float64, s.m.Latent)
	for i, v := range s.encode(pixels) {
		mean[i%s.m.Latent] += v / float64(len(o.line.Operands))
	}
	decoded := s.decode(mean)
	s.seen("average", decoded)
	if err := s.write(s.out, picture.Enlarged(s.images(decoded))); err != nil {
		return err
	}
	headings := make([]string, len(o.line.Operands)+1)
	headings[len(o.line.Operands)] = "average"
	return s.write(sheetName(s.out), picture.Strip(s.images(append(pixels, decoded...)), headings))
}

// openPictures opens the models that a command line names, and its pictures.
func openPictures(o *options, c *console.Console) (*studio, []byte, error) {
	const most = 1000
	if n := len(o.line.Operands); n < 1 || n > most {
		return nil, nil, cli.Usagef("%s needs 1 to %d pictures, as in %s photo.jpg other.jpg", o.line.Command, most, o.line.Command)
	}
	s, err := openStudio(o, c)
	if err != nil {
		return nil, nil, err
	}
	pixels, err := s.readAll(o.line.Operands)
	return s, pixels, err
}

// interpolate is the command that draws what is between two pictures.
func interpolate(o *options, c *console.Console) error {
	named := o.line.Operands
	for _, name := range []string{o.from, o.to} {
		if name != "" {
			named = append(named, name)
		}
	}
	if len(named) != 2 || (o.from == "") != (o.to == "") {
		return cli.Usagef("interpolate needs two pictures, as in interpolate photo.jpg other.jpg, or --from and --to")
	}
	s, err := openStudio(o, c)
	if err != nil {
		return err
	}
	pixels, err := s.readAll(named)
	if err != nil {
		return err
	}
	codes := s.encode(pixels)
	a, b := codes[:s.m.Latent], codes[s.m.Latent:]
	between := straight
	if o.spherical {
		between = arc
	}
	var way []float64
	headings := []string{"from"}
	for i := range o.steps + 1 {
		part := float64(i) / float64(o.steps)
		way = append(way, between(a, b, part)...)
		headings = append(headings, fmt.Sprintf("%.0f %%", 100*part))
	}
	size := s.m.Pixels()
	all := append(pixels[:size:size], s.decode(way)...)
	return s.write(s.out, picture.Strip(s.images(append(all, pixels[size:]...)), append(headings, "to")))
}

// straight is the point at a part of the straight way from a to b.
func straight(a, b []float64, part float64) []float64 { return mix(a, b, 1-part, part) }

// arc is the point at a part of the way from a to b whose angle, as seen from the origin, grows
// evenly (Shoemake, 1985).
func arc(a, b []float64, part float64) []float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	angle := math.Acos(min(max(ab/math.Sqrt(aa*bb), -1), 1)) // NaN if one is the origin
	sin := math.Sin(angle)
	if !(sin > 1e-6) {
		return straight(a, b, part) // there is no arc, or there are many
	}
	return mix(a, b, math.Sin((1-part)*angle)/sin, math.Sin(part*angle)/sin)
}

func mix(a, b []float64, fa, fb float64) []float64 {
	m := make([]float64, len(a))
	for i := range m {
		m[i] = fa*a[i] + fb*b[i]
	}
	return m
}
