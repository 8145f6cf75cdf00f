package run

import (
	"errors"
	"image"
	"io/fs"
	"os"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// An outcome is what a run comes to.
type outcome struct {
	decoder, encoder *model.Model // int8
	concepts         []concept.Concept
	score            measure.Score
}

// finish makes the int8 models and writes the files of the run. The checkpoint of the last epoch
// stays until they are there.
func (r *run) finish() error {
	o, err := r.quantize()
	if err != nil {
		return err
	}
	rec, err := r.write(o)
	if err != nil {
		return err
	}
	page := r.page(rec)
	if html, err := pageBytes(page); err != nil { // all the rest is there
		r.console.Warnf("%s is not written: %v", pageFile, err)
	} else if err := atomicfile.WriteBytes(r.path(pageFile), html); err != nil {
		return err
	}
	if err := os.Remove(r.path(CheckpointFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.results(rec, page)
	return nil
}

// quantize makes the int8 models of the float32 one, and measures them.
func (r *run) quantize() (o outcome, err error) {
	order := r.int8Images()
	r.console.Printf("\nthe int8 decoder learns from %s images\n", plain.Comma(len(order)))
	learnt := r.console.Progress("int8", len(order))
	o.decoder, err = quantize.Quantize(r.model, r.Name, r.train.Images, quantize.Options{
		Order: order, Threads: r.Threads, Seed: r.Seed, Rate: r.int8Rate(),
		Progress: func(images int) bool {
			learnt(images)
			return !r.interrupted()
		},
	})
	if errors.Is(err, quantize.ErrStopped) {
		return o, r.stopped()
	}
	if err != nil {
		return o, err
	}
	o.decoder.SetBrightGround(r.train.BrightGround)
	r.console.Printf("measuring both on the test images\n")
	if o.score, err = measure.Pair(r.model, o.decoder, r.test.Images, r.Threads); err != nil {
		return o, err
	}
	if r.interrupted() {
		return o, r.stopped()
	}
	encoded := r.console.Progress("concepts", r.train.N+r.test.N)
	codes := measure.Codes(r.model, r.runner, encoded, r.train, r.test)
	if r.interrupted() {
		return o, r.stopped()
	}
	attributes := measure.Attributes(r.train, r.test)
	exclusive := concept.Exclusive(attributes)
	if o.concepts, err = concept.Find(codes[0], codes[1], attributes, concept.Options{Balanced: !exclusive}); err != nil {
		return o, err
	}
	o.concepts = concept.Kept(o.decoder, o.concepts) // both files have the same
	if lost := concept.Lost(attributes, o.concepts); len(lost) > 0 {
		r.console.Warnf("no concept is made of %s: the codes of such images are those of the others", plain.List(lost))
	}
	o.decoder.SetConcepts(concept.Fixed(o.decoder, o.concepts), exclusive)
	if o.score.Mixture, err = pair.Mix(r.model, o.decoder, codes[0].Values, r.Threads); err != nil {
		r.console.Warnf("new pictures are drawn from the standard normal distribution: %v", err)
	}
	if o.encoder, err = pair.NewEncoder(r.model, o.decoder, r.train.Images, r.Threads); err != nil {
		return o, err
	}
	if err := pair.NoteFit(o.encoder, o.decoder, r.train.Images); err != nil {
		return o, err
	}
	if r.interrupted() {
		return o, r.stopped()
	}
	if r.Loss == string(vae.LossSigma) {
		d, err := decoder.New(o.decoder)
		if err != nil {
			return o, err
		}
		o.score.Fidelity = measure.Faithful(r.model, r.runner, d, r.train, r.test, r.Threads)
		if r.interrupted() {
			return o, r.stopped()
		}
	}
	var classifier *classify.Model // which training does not depend on
	if r.train.Embedded {
		if classifier = r.Classifier; classifier == nil {
			classifier, err = measure.Classifier()
		}
		if err == nil {
			o.score.Agreement, err = measure.Agree(classifier, r.model, o.decoder, r.test, r.Threads)
		}
		if err != nil {
			classifier = nil
			r.console.Warnf("what the models draw is not classified: %v", err)
		}
	}
	o.score.EncoderScore, err = measure.Encoder(r.model, o.decoder, o.encoder, classifier, r.test, r.Threads)
	if err == nil && r.interrupted() {
		err = r.stopped()
	}
	return o, err
}

// write writes the files of the run.
func (r *run) write(o outcome) (rec record, err error) {
	floats, err := pair.Marshal(r.model, o.concepts)
	if err != nil {
		return rec, err
	}
	ints, err := o.decoder.Marshal()
	if err != nil {
		return rec, err
	}
	d, err := decoder.New(o.decoder)
	if err != nil {
		return rec, err
	}
	a := drawn.Artist{Decode: pair.DrawInt8(d), Model: r.model, Runner: r.runner, Test: r.test}
	if o.score.Fidelity != nil {
		a.Linear = o.score.Fidelity.Components
	}
	if o.decoder.PrincipalPlane() {
		plane := o.decoder.Plane()
		a.Plane = &plane
	}
	if err := os.MkdirAll(r.Out, 0o755); err != nil { // somebody may have removed it
		return rec, err
	}
	if err := atomicfile.WriteBytes(r.path(pair.FloatFile), floats); err != nil {
		return rec, err
	}
	if err := atomicfile.WriteBytes(r.path(pair.Int8File), ints); err != nil {
		return rec, err
	}
	encoderBytes, err := pair.WriteEncoder(r.path(encoder.File), o.encoder)
	if err != nil {
		return rec, err
	}
	for _, p := range []struct {
		name string
		draw func() image.Image
	}{
		{manifoldFile, a.Manifold},
		{samplesFile, func() image.Image { return a.Samples(o.decoder.Prior(), r.Seed) }},
		{reconstructionsFile, a.Reconstructions},
		{latentFile, a.Latent},
		{lossFile, func() image.Image { return lossPlot(r.Config, r.Done) }},
	} {
		if err := r.draw(p.name, p.draw()); err != nil {
			return rec, err
		}
	}
	if r.Animated {
		if err := r.animate(); err != nil {
			return rec, err
		}
	}
	rec = r.record(o.score, len(floats), len(ints), encoderBytes)
	return rec, atomicfile.WriteJSON(r.path(RecordFile), rec)
}
