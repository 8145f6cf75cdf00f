package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A console is where a command writes what a person reads.
type console struct {
	out, err io.Writer
	terminal bool  // out is one: progress is a bar, and lines now and then otherwise
	failed   error // the first of printf

	bar            *progressbar.ProgressBar
	begin, last    time.Time // of the epoch under way, of its last line of progress
	beginImages    int
	evaluationTime time.Duration // of the last evaluation
}

func newConsole(out, err io.Writer) *console {
	return &console{out: out, err: err, terminal: isTerminal(out)}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// printf writes to the standard output. Where that fails, a training goes on, because its result is
// in files.
func (c *console) printf(format string, args ...any) {
	c.print(plain.Text(fmt.Sprintf(format, args...)))
}

func (c *console) print(s string) {
	if _, err := io.WriteString(c.out, s); c.failed == nil {
		c.failed = err
	}
}

// json prints a value, and returns what has gone wrong in printing.
func (c *console) json(v any) error {
	var b strings.Builder
	e := json.NewEncoder(plain.JSON(&b))
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	c.print(b.String())
	return c.failed
}

func (c *console) warnf(format string, args ...any) {
	fmt.Fprintf(c.err, "trainer: %s\n", plain.Text(fmt.Sprintf(format, args...)))
}

// comma writes a whole number with its thousands apart.
func comma(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func shape(s []int) string {
	words := make([]string, len(s))
	for i, n := range s {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, " x ")
}

// imageSize writes the shape of an image: its height and width, and the number of channels if there
// are several.
func imageSize(s [3]int) string {
	if s[2] == 1 {
		return shape(s[:2])
	}
	return shape(s[:])
}

// cpu names this machine's processor.
func cpu() string {
	if cpuid.CPU.BrandName != "" {
		return cpuid.CPU.BrandName
	}
	return "unnamed " + runtime.GOARCH
}

func (r *trainingRun) cores() int {
	if r.threads > 0 {
		return r.threads
	}
	return runtime.GOMAXPROCS(0)
}

// header says what is about to be trained, on what and how.
func (c *console) header(r *trainingRun) {
	c.printf("%-24s %-16s %-15s %10s\n", "layer", "kind", "output", "parameters")
	total := 0
	for _, l := range r.model.Network.Summary() {
		c.printf("%-24s %-16s %-15s %10s\n", l.Name, l.Kind, shape(l.Output), comma(l.Params))
		total += l.Params
	}
	c.printf("%-24s %-16s %-15s %10s\n\n", "total", "", "", comma(total))

	data := r.Data
	if r.train.Embedded {
		data = "MNIST, built in"
	}
	c.printf("data       %s: %s training and %s test images of %s", data, comma(r.train.N), comma(r.test.N), imageSize(r.train.Shape()))
	if r.networkFile() {
		c.printf("\nnetwork    %s, %d latent dimensions", r.Network, r.Latent)
	}
	epochs := "epochs"
	if r.Epochs == 1 {
		epochs = "epoch"
	}
	c.printf("\ntraining   %d %s of %s steps, batch %d, seed %d\n", r.Epochs, epochs, comma(r.perEpoch()), r.Batch, r.Seed)
	noise := ""
	if steps := r.roundoff(r.steps()); steps > 0 {
		noise = fmt.Sprintf("; quantization noise, %g steps", steps)
	}
	c.printf("objective  %s, KL weight %g; %s, learning rate %g falling to 0%s\n", r.Loss, r.KLWeight, r.Optimizer, r.LearningRate, noise)
	if r.quick && !r.resume && r.train.Embedded && !r.networkFile() {
		c.printf("quick      less training for less waiting: expect blurred digits, one or two of them missing, and a -ELBO 14 nats higher\n")
	}
	c.printf("processor  %s, %d threads, matrix kernels %s\n", cpu(), r.cores(), sgemm.Best())
}

// row writes a line of the table of epochs. Where the loss is not in nats, a fourth column of
// figures shows it.
func (c *console) row(first string, train, test []string, rest ...string) {
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
	c.printf("%s\n", line)
}

func (c *console) epochHeader(r *trainingRun) {
	columns := []string{"-ELBO", "recon.", "KL"}
	if r.Loss == string(vae.LossBook) {
		columns = append(columns, "loss")
	}
	width := 8*len(columns) + 2
	c.printf("\n%-7s%*s%*s\n", "", width, "training, nats/image", width, "test, nats/image")
	c.row("epoch", columns, columns, "images/s", "time")
}

func (c *console) epochLine(r *trainingRun, e epochFigures) {
	columns := func(f figures) []string {
		s := []string{fmt.Sprintf("%.2f", f.NegELBO), fmt.Sprintf("%.2f", f.Reconstruction), fmt.Sprintf("%.2f", f.KL)}
		if r.Loss == string(vae.LossBook) {
			s = append(s, fmt.Sprintf("%.4f", f.Objective))
		}
		return s
	}
	c.row(fmt.Sprintf("%3d/%d", e.Epoch, r.Epochs), columns(e.Train), columns(e.Test),
		comma(int(e.ImagesPerSecond)), duration(e.Seconds))
}

// duration writes seconds as a person does.
func duration(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// startEpoch begins to show the progress of an epoch of which the run may have done a part already.
func (c *console) startEpoch(r *trainingRun) {
	c.begin = time.Now()
	c.last = c.begin
	c.beginImages = (r.trainer.StepNumber() - len(r.Done)*r.perEpoch()) * r.Batch
	if !c.terminal {
		return
	}
	c.bar = progressbar.NewOptions(r.epochImages(len(r.Done)),
		progressbar.OptionSetWriter(c.out),
		progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionClearOnFinish())
}

// linePeriod is how often progress is told where there is no terminal.
const linePeriod = 20 * time.Second

// step shows that the epoch under way has come to so many images.
func (c *console) step(r *trainingRun, images int) {
	now := time.Now()
	if now.Sub(c.last) < 100*time.Millisecond || c.bar == nil && now.Sub(c.last) < linePeriod {
		return
	}
	c.last = now
	rate := float64(images-c.beginImages) / now.Sub(c.begin).Seconds()
	epochs := r.Epochs - len(r.Done)
	left := float64(epochs*r.train.N-images)/rate + float64(epochs)*c.evaluationTime.Seconds()
	what, figure := "-ELBO", r.Sums.over(float64(images)).NegELBO
	format := "%s %.2f"
	if r.Loss == string(vae.LossBook) {
		what, figure, format = "loss", r.Sums.over(float64(images)).Objective, "%s %.4f"
	}
	state := fmt.Sprintf("%3d/%d  "+format+"  %s images/s  %s left", len(r.Done)+1, r.Epochs, what, figure, comma(int(rate)), duration(left))
	if c.bar == nil {
		c.printf("%s  %s of %s images\n", state, comma(images), comma(r.epochImages(len(r.Done))))
		return
	}
	c.bar.Describe(state)
	c.bar.Set(images)
}

// endEpoch takes the bar away.
func (c *console) endEpoch() {
	if c.bar != nil {
		c.bar.Clear()
		c.bar = nil
	}
}

// progress returns a function to tell how many images of so many are done. What people read of it
// goes to the standard error, and is there only if they have to wait.
func (c *console) progress(what string, images int) func(done int) {
	return c.progressSince(time.Now(), what, images)
}

func (c *console) progressSince(begin time.Time, what string, images int) func(done int) {
	last := begin
	terminal := isTerminal(c.err)
	period := linePeriod
	if terminal {
		period = 200 * time.Millisecond
	}
	shown := false
	return func(done int) {
		now := time.Now()
		if done == images && terminal && shown {
			fmt.Fprint(c.err, "\r\x1b[K")
		}
		if done == images || now.Sub(last) < period {
			return
		}
		last = now
		left := now.Sub(begin).Seconds() / float64(done) * float64(images-done)
		line := fmt.Sprintf("%s: %s of %s images, %s left", what, comma(done), comma(images), duration(left))
		if terminal {
			fmt.Fprintf(c.err, "\r%s\x1b[K", line)
			shown = true
			return
		}
		fmt.Fprintln(c.err, line)
	}
}

// results shows what the run has come to.
func (c *console) results(r *trainingRun, report runReport) {
	f := report.Final
	c.printf("\n%-7s%13s%13s%11s%12s   %s\n", "", "-ELBO, nats", "cost, nats", "PSNR, dB", "bytes", "file")
	c.printf("%-7s%13.2f%13s%11s%12s   %s\n", "float32", f.FloatELBO, "", "", comma(f.FloatBytes), r.path(floatFile))
	c.printf("%-7s%13.2f%13.3f%11.1f%12s   %s\n", "int8", f.Int8ELBO, f.Int8Cost, f.Int8PSNR, comma(f.Int8Bytes), r.path(int8File))
	c.printf("%-7s%13s%13s%11s%12s   %s\n\n", "", "", "", "", comma(f.EncoderBytes), r.path(encoder.File))
	if f.agreement != nil {
		c.printf("%v\n", f.agreement)
	}
	c.printf("%v\n", f.encoderScore)
	also := strings.Join(resultFiles[3:], ", ")
	if r.animated {
		also += ", " + animationFile
	}
	c.printf("\nalso written to %s: %s\n", r.out, also)
}
