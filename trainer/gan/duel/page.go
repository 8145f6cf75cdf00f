package duel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/compare"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// A record is gan.json.
type record struct {
	Config   run.Config `json:"config"`
	Model    string     `json:"model"`
	DataHash string     `json:"data_sha256"`
	run.Machine
	Seconds float64 `json:"training_seconds"`
	Epochs  []Epoch `json:"epochs"`
	Floor   float64 `json:"frechet_distance_of_training_images,omitempty"`

	Int8PSNR   float64 `json:"int8_psnr_db"`
	FloatBytes int64   `json:"float_bytes"`
	Int8Bytes  int64   `json:"int8_bytes"`
}

// measuredPoints are those at which the int8 generator is measured.
const measuredPoints = 1000

func (m *match) size(name string) int64 {
	info, err := os.Stat(m.path(name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// page is what the page of the run tells.
func (m *match) page(r *record) *report.Sheet {
	s := &report.Sheet{Title: r.Model, Kind: "A training run of a generative adversarial network", Says: m.sentences(r)}
	if m.Show != "" {
		s.Says = append(s.Says, report.Sentence{Text: "See it draw", Command: m.Show})
	}
	s.Facts = [][2]string{
		{"data", m.dataName()}, {"training images", plain.Comma(m.train.N)}, {"test images", plain.Comma(m.test.N)},
		{"pictures", plain.ImageSize(m.model.Image)}, {"latent dimensions", plain.Comma(m.Latent)},
		{"epochs, batch", fmt.Sprintf("%d, %d", m.Epochs, m.Batch)}, {"learning rate", fmt.Sprint(m.LearningRate)}, {"seed", fmt.Sprint(m.Seed)},
		{"trained in", duration(r.Seconds)}, {"processor", fmt.Sprintf("%s, %d threads", r.CPU, r.Machine.Threads)}, {"program", r.Version},
	}
	read := func(name string) report.Picture {
		data, err := os.ReadFile(m.path(name))
		if err != nil {
			return report.Picture{} // somebody has removed it
		}
		return report.Picture{File: name, Data: data}
	}
	s.Sections = []report.Section{
		{Title: "What it draws", Text: []string{"Pictures at points drawn at random, by the average of the generator's weights."}, Picture: read(samplesFile), Alt: "rows of pictures drawn at random points"},
		{Title: "Its latent space", Text: []string{"The plane of the first two latent dimensions, the others at 0. Nothing has put it in order: there is no encoder, and neighbours are as training has left them."}, Picture: read(manifoldFile), Alt: "a grid of pictures, each turning into its neighbours"},
		{
			Title: "The course of training",
			Text: []string{
				"The critic gives every picture a number, above 0 for an image. Images and drawn are the shares of both that it takes for what they are: where both come near 100 %, it wins, and the generator learns nothing more of it; where they come near 50 %, it can no longer tell them apart. Losses say little by themselves, because each network is measured by the other.",
				"Variety is how much drawn pictures differ from each other, in per cent of how much test images do. Distance is the Fr\u00e9chet distance of the features that the classifier has of drawn pictures to those that it has of test images: less is better.",
			},
			Picture: read(lossFile), Alt: "a curve over the epochs", Table: m.table(),
		},
		{Title: "Float32 and int8", Text: []string{fmt.Sprintf("Pictures of the float32 generator above those of the int8 one, which a board draws with. The first differ most; over %s pictures the peak signal-to-noise ratio is %.1f dB.", plain.Comma(measuredPoints), r.Int8PSNR)}, Picture: read(sheetFile), Alt: "pairs of pictures"},
	}
	if last := r.Epochs[len(r.Epochs)-1]; len(last.Classes) > 0 {
		table := [][]string{{"digit"}, {"share"}}
		for class, v := range last.Classes {
			table[0], table[1] = append(table[0], fmt.Sprint(class)), append(table[1], fmt.Sprintf("%.1f %%", 100*v))
		}
		s.Sections = append(s.Sections, report.Section{Title: "Digits", Text: []string{fmt.Sprintf("How many of %s drawn pictures the classifier reads as each digit. Where one is missing, the generator has collapsed.", plain.Comma(judged))}, Table: table})
	}
	for _, f := range [][2]string{
		{pair.Int8File, "the int8 generator: what a board draws with"}, {pair.FloatFile, "its float32 weights"}, {samplesFile, "pictures of points drawn at random"},
		{manifoldFile, "the plane of the first two latent dimensions"}, {sheetFile, "float32 beside int8"}, {lossFile, "the course of training"}, {recordFile, "the figures of this page, for programs"},
	} {
		s.Files = append(s.Files, report.File{Name: filepath.ToSlash(f[0]), Bytes: m.size(f[0]), What: f[1]})
	}
	return s
}

// table has a row for every epoch.
func (m *match) table() [][]string {
	rows := [][]string{{"epoch", "critic", "generator", "images", "drawn", "variety", "distance", "images a second"}}
	for _, e := range m.Done {
		distance := ""
		if len(e.Classes) > 0 {
			distance = fmt.Sprintf("%.1f", e.Distance)
		}
		rows = append(rows, []string{
			fmt.Sprint(e.Epoch), fmt.Sprintf("%.3f", e.Critic), fmt.Sprintf("%.3f", e.Generator), fmt.Sprintf("%.1f %%", 100*e.Images), fmt.Sprintf("%.1f %%", 100*e.Drawn),
			fmt.Sprintf("%.0f %%", 100*e.Variety), distance, plain.Comma(int(e.ImagesPerSecond)),
		})
	}
	return rows
}

func duration(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// sentences are what is said first of a run that is done.
func (m *match) sentences(r *record) (s []report.Sentence) {
	last := r.Epochs[len(r.Epochs)-1]
	if len(last.Classes) > 0 {
		s = append(s, report.Sentence{Text: fmt.Sprintf("Of %s drawn digits the classifier reads each class in %.1f to %.1f %%.", plain.Comma(judged), 100*compare.Least(last.Classes), 100*compare.Most(last.Classes))})
		s = append(s, report.Sentence{Text: fmt.Sprintf("The Fréchet distance of what is drawn to the test images is %.1f; that of as many training images is %.1f.", last.Distance, m.gauge.floor)})
	}
	s = append(s, report.Sentence{Text: fmt.Sprintf("The int8 generator draws what the float32 one does, to %.1f dB.", r.Int8PSNR)})
	for _, t := range m.troubles(last) {
		text := t.String() + "."
		if cure := m.Cures[t]; cure != "" {
			text = t.String() + ": " + cure + "."
		}
		s = append(s, report.Sentence{Text: strings.ToUpper(text[:1]) + text[1:]})
	}
	return s
}
