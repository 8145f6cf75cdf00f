package run

import (
	"image"

	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// lossPlot draws the course of training: the -ELBO, or the loss itself where that is another.
func lossPlot(c Config, epochs []epochFigures) image.Image {
	var train, test []float64
	for _, e := range epochs {
		if c.Loss == string(vae.LossBook) {
			train, test = append(train, e.Train.Objective), append(test, e.Test.Objective)
		} else {
			train, test = append(train, e.Train.NegELBO), append(test, e.Test.NegELBO)
		}
	}
	switch {
	case c.Loss == string(vae.LossBook):
		return picture.Loss("the book's loss", train, test)
	case c.KLWeight == 0:
		return picture.Loss("cross-entropy, nats an image", train, test)
	}
	return picture.Loss("\u2212ELBO, nats an image", train, test)
}

// artist draws the model as it is, with the float decoder and, as at the end of the run, a
// standardized latent space.
func (r *run) artist() (drawn.Artist, error) {
	m, err := vae.Empty(r.model.Config)
	if err != nil {
		return drawn.Artist{}, err
	}
	for i, p := range r.model.Params() {
		copy(m.Params()[i].Data, p.Data)
	}
	runner := vae.NewRunner(m, r.Threads, nil)
	m.Standardize(runner, r.train.First(drawn.FramePoints).Images) // enough for a look
	return drawn.Artist{Decode: pair.DrawFloat(runner, m), Model: m, Runner: runner, Test: r.test}, nil
}

// drawProgress redraws what shows how far the model has come, with the float decoder.
func (r *run) drawProgress() error {
	a, err := r.artist()
	if err != nil {
		return err
	}
	if err := r.draw(manifoldFile, a.Manifold()); err != nil {
		return err
	}
	return r.draw(reconstructionsFile, a.Reconstructions())
}

func (r *run) draw(name string, p image.Image) error { return picture.WriteFile(r.path(name), p) }
