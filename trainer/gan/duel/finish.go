package duel

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// usualPoints are those at which the int8 generator learns.
const usualPoints = 20_000

// finish makes the int8 generator and writes the files of the run. The checkpoint of the last epoch
// stays until they are there.
func (m *match) finish() error {
	points := cmp.Or(m.Points, usualPoints)
	s := &importer.Source{Float: m.model.Average, BrightGround: m.train.BrightGround}
	m.console.Printf("\nthe int8 generator learns at %s points of the prior\n", plain.Comma(points))
	learnt := m.console.Progress("int8", points)
	q, err := s.Quantize(m.modelName(), points, quantize.Options{Threads: m.Threads, Seed: m.Seed, Progress: func(points int) bool {
		learnt(points)
		return !m.interrupted()
	}})
	if errors.Is(err, quantize.ErrStopped) {
		return m.stopped()
	}
	if err != nil {
		return err
	}
	score, err := s.Measure(q, measuredPoints, m.Threads, m.Seed)
	if err != nil {
		return err
	}
	if m.interrupted() { // from here on it takes less than to begin again
		return m.stopped()
	}
	if err := os.MkdirAll(m.Out, 0o755); err != nil { // somebody may have removed it
		return err
	}
	if err := s.Write(m.Out, q, m.Threads, m.Seed); err != nil {
		return err
	}
	manifold, err := m.manifold(q)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		of   image.Image
	}{{samplesFile, m.gauge.samples()}, {manifoldFile, manifold}, {sheetFile, score.Sheet()}, {lossFile, m.lossPlot()}} {
		if err := m.draw(p.name, p.of); err != nil {
			return err
		}
	}
	r := &record{
		Config: m.Config, Model: q.Name, DataHash: m.dataHash, Machine: run.ThisMachine(m.Threads), Epochs: m.Done, Floor: m.gauge.floor,
		Int8PSNR: score.PSNR, FloatBytes: m.size(pair.FloatFile), Int8Bytes: m.size(pair.Int8File),
	}
	for _, e := range m.Done {
		r.Seconds += e.Seconds
	}
	if err := atomicfile.WriteJSON(m.path(recordFile), r); err != nil {
		return err
	}
	page := m.page(r)
	var html bytes.Buffer
	if err := report.WriteSheet(&html, page); err != nil { // all the rest is there
		m.console.Warnf("%s is not written: %v", pageFile, err)
	} else if err := atomicfile.WriteBytes(m.path(pageFile), html.Bytes()); err != nil {
		return err
	}
	if err := os.Remove(m.path(run.CheckpointFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	m.console.Printf("\n%-7s%12s   %s\n", "", "bytes", "file")
	m.console.Printf("%-7s%12s   %s\n", "float32", plain.Comma(int(r.FloatBytes)), m.path(pair.FloatFile))
	m.console.Printf("%-7s%12s   %s\n\n", "int8", plain.Comma(int(r.Int8Bytes)), m.path(pair.Int8File))
	for _, s := range page.Says {
		m.console.Printf("%s\n", s)
	}
	m.console.Printf("\n%s shows it all, with the pictures.\n", m.path(pageFile))
	return nil
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// modelName makes up a name that the int8 file allows.
func (m *match) modelName() string {
	base := strings.Trim(notInName.ReplaceAllString(strings.ToLower(m.train.Name), "-"), "-")
	const most = 40
	name := fmt.Sprintf("%s-gan-%d", base[:min(len(base), most)], m.Latent)
	if model.CheckName(name) != nil {
		return fmt.Sprintf("gan-%d", m.Latent)
	}
	return name
}

// manifold draws the plane of the first two latent dimensions, as int8 has it.
func (m *match) manifold(q *model.Model) (image.Image, error) {
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	of := &vae.Model{Config: vae.Config{Network: m.model.Network}}
	return (&drawn.Artist{Decode: pair.DrawInt8(d), Model: of}).Manifold(), nil
}

// lossPlot draws the course of training: the Fréchet distance where there is one, or the critic's
// gap.
func (m *match) lossPlot() image.Image {
	var values []float64
	figure := "Fr\u00e9chet distance to test images"
	for _, e := range m.Done {
		if m.gauge.classifier != nil {
			values = append(values, e.Distance)
		} else {
			values, figure = append(values, e.Variety), "variety of drawn pictures, that of test images being 1"
		}
	}
	return picture.Course(figure, picture.Line{Name: "drawn pictures", First: 1, Values: values})
}
