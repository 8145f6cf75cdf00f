package run

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// dataName names the data set for people.
func (r *run) dataName() string {
	if r.train.Embedded {
		return "MNIST, built in"
	}
	return r.Data
}

// page is what the page of a run that has written its other files tells.
func (r *run) page(rec record) *report.Run {
	f := rec.Final
	p := &report.Run{
		Wake:  r.Wake,
		Model: rec.Model, Data: r.dataName(), Folder: r.Out, Image: r.train.Shape(), TrainImages: r.train.N, TestImages: r.test.N,
		Latent: r.Latent, Book: r.Loss == string(vae.LossBook), KLWeight: r.KLWeight, Noisy: rec.QuantizationNoise > 0,
		Trained: time.Now(), Processor: rec.CPU, Threads: rec.Threads, Version: rec.Version, Classes: len(r.test.Classes()),
		Final: report.Final{
			FloatNegELBO: f.FloatELBO, Int8NegELBO: f.Int8ELBO, Int8Cost: f.Int8Cost, Int8PSNR: f.Int8PSNR, Reconstruction: f.FloatBCE,
			KL: f.KL, BookLoss: f.BookLoss, Images: f.Images, FloatBytes: f.FloatBytes, Int8Bytes: f.Int8Bytes, EncoderBytes: f.EncoderBytes,
		},
	}
	if r.KLWeight > 0 { // otherwise all are used, whatever for
		_, active := measure.Active(r.runner, r.test.Images)
		p.Final.Active = &active
	}
	if l := f.Fidelity; l != nil {
		similarity := func(l measure.Likeness) report.Similarity { return report.Similarity{PSNR: l.PSNR, SSIM: l.SSIM} }
		p.Final.Likeness = &report.Likeness{Float: similarity(l.Float), Int8: similarity(l.Int8)}
		if l.PCA != nil {
			linear := similarity(*l.PCA)
			p.Final.Likeness.Linear = &linear
		}
	}
	if a := f.Agreement; a != nil {
		p.Final.Digits = &report.Digits{Same: a.ClassifiedSame, Right: a.ClassifiedRight, Tiles: a.ManifoldDigits}
	}
	if f.Mixture != nil {
		p.Mixture = f.Mixture.Components
	}
	if e := f.EncoderScore; e != nil {
		p.Final.Encoder = &report.Encoder{Deviations: e.ErrorSD, Units: e.ErrorUnits, Same: e.Same}
	}
	for _, e := range r.Done {
		p.Epochs = append(p.Epochs, report.Epoch{Train: e.Train.page(), Test: e.Test.page(), Seconds: e.Seconds, ImagesPerSecond: e.ImagesPerSecond})
	}
	values := r.Values()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p.Settings = append(p.Settings, report.Setting{Name: name, Value: fmt.Sprint(values[name])})
	}
	for _, file := range []struct {
		name, what string
		picture    *report.Picture
	}{
		{pair.Int8File, "the int8 decoder: what a board draws with", nil},
		{encoder.File, "the int8 encoder: with it beside the decoder, a board edits pictures", nil},
		{pair.FloatFile, "the float32 weights of both, to measure and to edit with", nil},
		{manifoldFile, "the manifold", &p.Manifold},
		{samplesFile, "pictures of points drawn at random", &p.Samples},
		{reconstructionsFile, "test images, encoded and decoded", &p.Reconstructions},
		{latentFile, "where the test images lie in latent space", &p.LatentSpace},
		{lossFile, "the course of training", nil},
		{animationFile, "the latent space as training orders it", &p.Animation},
		{RecordFile, "the figures of this page, for programs", nil},
	} {
		if file.name == animationFile && !r.Animated {
			continue
		}
		data, err := os.ReadFile(r.path(file.name))
		if err != nil {
			continue // there were no frames, or somebody has removed it
		}
		p.Files = append(p.Files, report.File{Name: file.name, Bytes: int64(len(data)), What: file.what})
		if file.picture != nil {
			*file.picture = report.Picture{File: file.name, Data: data}
		}
	}
	if r.FillPage != nil {
		r.FillPage(p, r.Config)
	}
	return p
}

func (f figures) page() report.Figures {
	return report.Figures{NegELBO: f.NegELBO, Reconstruction: f.Reconstruction, KL: f.KL, Objective: f.Objective}
}

// pageBytes is the page.
func pageBytes(p *report.Run) ([]byte, error) {
	var b bytes.Buffer
	err := report.Write(&b, p)
	return b.Bytes(), err
}
