package run

import (
	"fmt"
	"math"
	"os"
	"time"

	"github.com/vae-edge/vae-edge/internal/plain"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/checked"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// header says what is about to be trained, on what and how.
func (r *run) header() {
	r.console.Printf("%-24s %-16s %-15s %10s\n", "layer", "kind", "output", "parameters")
	total := 0
	for _, l := range r.model.Network.Summary() {
		r.console.Printf("%-24s %-16s %-15s %10s\n", l.Name, l.Kind, plain.Shape(l.Output...), plain.Comma(l.Params))
		total += l.Params
	}
	r.console.Printf("%-24s %-16s %-15s %10s\n\n", "total", "", "", plain.Comma(total))

	r.console.Printf("data       %s: %s training and %s test images of %s", r.dataName(), plain.Comma(r.train.N), plain.Comma(r.test.N), plain.ImageSize(r.train.Shape()))
	if text := checked.Unmeasured(r.train, r.test); text != "" && !r.train.Embedded {
		r.console.Printf("\nlacking    %s", text)
	}
	if named.Celeba(r.Data) {
		r.console.Printf("\nterms      %s", celeba.Terms)
	}
	if r.ownNetwork() {
		r.console.Printf("\nnetwork    %s, %d latent dimensions", r.Network, r.Latent)
	}
	epochs := "epochs"
	if r.Epochs == 1 {
		epochs = "epoch"
	}
	r.console.Printf("\ntraining   %d %s of %s steps, batch %d, seed %d\n", r.Epochs, epochs, plain.Comma(r.perEpoch()), r.Batch, r.Seed)
	noise := ""
	if steps := r.quantizationNoise(r.steps()); steps > 0 {
		noise = fmt.Sprintf("; quantization noise, %g steps", steps)
		if steps == 1 {
			noise = "; quantization noise, 1 step"
		}
	}
	r.console.Printf("objective  %s, KL weight %g; %s, learning rate %g falling to 0%s\n", r.Loss, r.KLWeight, r.Optimizer, r.LearningRate, noise)
	if r.Quick && !r.Resume && r.train.Embedded && !r.ownNetwork() {
		r.console.Printf("quick      a first look: blurred digits, one or two missing, 14 nats more -ELBO\n")
	}
	if info, err := os.Stat(r.path(RecordFile)); err == nil && !r.Resume {
		r.console.Printf("replaces   the run of %s in %s\n", info.ModTime().Format("2 January, 15:04"), r.Out)
	}
	r.console.Printf("processor  %s, %d threads, matrix kernels %s\n", cpu(), r.cores(), sgemm.Best())
}

// row writes a line of the table of epochs. Where the loss is not in nats, a fourth column of
// figures shows it; with that of pictures in colour it is the peak signal-to-noise ratio.
func (r *run) row(first string, train, test []string, rest ...string) {
	line := fmt.Sprintf("%-7s", first)
	for _, group := range [][]string{train, test} {
		line += "  "
		for _, s := range group {
			line += fmt.Sprintf("%8s", s)
		}
	}
	for _, s := range rest {
		line += fmt.Sprintf("%10s", s)
	}
	r.console.Printf("%s\n", line)
}

// glancedImages is how many test images are looked at after every epoch.
func (r *run) glancedImages() int { return len(r.glanced) / r.model.Pixels() }

func (r *run) epochHeader() {
	columns := []string{"-ELBO", "recon.", "KL"}
	if r.Loss == string(vae.LossBook) {
		columns = append(columns, "loss")
	}
	if r.Loss == string(vae.LossSigma) {
		columns = append(columns, "dB")
	}
	width := 8*len(columns) + 2
	r.console.Printf("\nless -ELBO is better; in the end, %s explains the figures\n", r.path(pageFile))
	if n := r.glancedImages(); n < r.test.N {
		r.console.Printf("after every epoch %s of the test images are looked at, in the end all\n", plain.Comma(n))
	}
	r.console.Printf("\n%-7s%*s%*s\n", "", width, "training, nats/image", width, "test, nats/image")
	r.row("epoch", columns, columns, "images/s", "time")
}

func (r *run) epochLine(e epochFigures) {
	columns := func(f figures) []string {
		decimals := 2
		if r.Loss == string(vae.LossSigma) {
			decimals = 1
		}
		var s []string
		for _, v := range []float64{f.NegELBO, f.Reconstruction, f.KL} {
			s = append(s, fmt.Sprintf("%.*f", decimals, v))
		}
		if r.Loss == string(vae.LossSigma) {
			s = append(s, fmt.Sprintf("%.2f", -10*math.Log10(f.MSE)))
		}
		if r.Loss == string(vae.LossBook) {
			s = append(s, fmt.Sprintf("%.4f", f.Objective))
		}
		return s
	}
	r.row(fmt.Sprintf("%3d/%d", e.Epoch, r.Epochs), columns(e.Train), columns(e.Test),
		plain.Comma(int(e.ImagesPerSecond)), console.Duration(e.Seconds))
}

// startEpoch begins to show the progress of an epoch of which the run may have done a part already.
func (r *run) startEpoch() {
	r.shown.line = r.console.Status()
	r.shown.at = time.Now()
	r.shown.images = (r.trainer.StepNumber() - len(r.Done)*r.perEpoch()) * r.Batch
}

// showStep shows that the epoch under way has come to so many images.
func (r *run) showStep(images int) {
	s := &r.shown
	if !s.line.Due() {
		return
	}
	s.count(images)
	epochs := r.Epochs - len(r.Done)
	perSecond := s.rate.PerSecond()
	left := float64(epochs*r.train.N-images)/perSecond + float64(epochs)*s.evaluation.Seconds()
	what, figure := "-ELBO", r.Sums.over(float64(images)).NegELBO
	format := "%s %.2f"
	if r.Loss == string(vae.LossBook) {
		what, figure, format = "loss", r.Sums.over(float64(images)).Objective, "%s %.4f"
	}
	state := fmt.Sprintf("%3d/%d  "+format+"  %s images/s  %s left", len(r.Done)+1, r.Epochs, what, figure, plain.Comma(int(perSecond)), console.Duration(left))
	s.line.Show(state, images, r.epochImages(len(r.Done)))
}

// endEpoch takes the line away.
func (r *run) endEpoch() { r.shown.line.End() }

// results shows what the run has come to.
func (r *run) results(rec record, page *report.Run) {
	f := rec.Final
	r.console.Printf("\n%-7s%13s%13s%11s%12s   %s\n", "", "-ELBO, nats", "cost, nats", "PSNR, dB", "bytes", "file")
	r.console.Printf("%-7s%13.2f%13s%11s%12s   %s\n", "float32", f.FloatELBO, "", "", plain.Comma(f.FloatBytes), r.path(pair.FloatFile))
	r.console.Printf("%-7s%13.2f%13.3f%11.1f%12s   %s\n", "int8", f.Int8ELBO, f.Int8Cost, f.Int8PSNR, plain.Comma(f.Int8Bytes), r.path(pair.Int8File))
	r.console.Printf("%-7s%13s%13s%11s%12s   %s\n\n", "", "", "", "", plain.Comma(f.EncoderBytes), r.path(encoder.File))
	if l := f.Fidelity; l != nil {
		r.console.Printf("%-7s%13s%13s   %s\n", "", "PSNR, dB", "SSIM", "of test images, drawn again")
		for _, row := range []struct {
			name string
			of   *measure.Likeness
		}{{"float32", &l.Float}, {"int8", &l.Int8}, {fmt.Sprintf("PCA-%d", r.Latent), l.PCA}} {
			if row.of != nil {
				r.console.Printf("%-7s%13.2f%13.3f\n", row.name, row.of.PSNR, row.of.SSIM)
			}
		}
		r.console.Printf("\n")
	}
	if f.Mixture != nil {
		r.console.Printf("%v\n", f.Mixture)
	}
	for _, s := range page.Verdict() {
		text := s.Text
		if s.Command != "" {
			text += ":"
		}
		for _, line := range cli.Wrap(text, 80) {
			r.console.Printf("%s\n", line)
		}
		if s.Command != "" {
			r.console.Printf("  %s\n", s.Command)
		}
	}
	r.console.Printf("\n%s shows it all, with the pictures.\n", r.path(pageFile))
	if show := page.Commands.Show; show != "" {
		r.console.Printf("To see the model draw:\n  %s\n", show)
	}
}
