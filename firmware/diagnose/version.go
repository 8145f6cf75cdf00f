package diagnose

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/build"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// Version prints what was built, what it runs on and which model, by its name or file, it would
// decode; "": the default.
func Version(w io.Writer, name string) error {
	version, commit, _ := build.Info()
	backend, err := kernels.Select("")
	if err != nil {
		return err
	}
	m, err := decoder.Open(cmp.Or(name, decoder.DefaultModel))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "vae-edge %s\ncommit   %s\nbuilt    %s %s/%s\nbackend  %v\nmodel    %s\n",
		version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, backend, describe(m))
	return err
}

// describe is a model in a few words.
func describe(m *model.Model) string {
	says := fmt.Sprintf("%s: %d latent dimensions to %dx%dx%d pixels", m.Name, m.Latent, m.Image[0], m.Image[1], m.Image[2])
	if m.Mixture != nil {
		says += fmt.Sprintf(", samples of a mixture of %d", len(m.Mixture.Shares))
	}
	return says
}

// A ModelReport tells which model it is.
type ModelReport struct {
	Name   string `json:"name"`
	Latent int    `json:"latent"`
	Image  [3]int `json:"image"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"` // of the weights file
}

// newModelReport returns the report of a model.
func newModelReport(m *model.Model) (ModelReport, error) {
	data, err := m.Marshal() // is the file: a model has but one
	return ModelReport{m.Name, m.Latent, m.Image, len(data), fmt.Sprintf("%x", sha256.Sum256(data))}, err
}
