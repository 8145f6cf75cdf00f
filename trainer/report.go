package main

import (
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"runtime/debug"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// score is what eval measures on the test images, means over them. Figures in nats are for a whole
// image. The ELBO stands with its sign turned, as a cost: of two models the one with the lower
// figure is better.
type score struct {
	// -ELBO of the float32 model: float_bce_nats + kl_nats
	FloatELBO float64 `json:"float_elbo_nats"`
	// The same with the int8 decoder, at the same latent points
	Int8ELBO float64 `json:"int8_elbo_nats"`
	Int8Cost float64 `json:"int8_cost_nats"` // the difference
	// Of the int8 decoder's pixels against the float32 one's at the means; 100 if there is no
	// difference
	Int8PSNR float64 `json:"int8_psnr_db"`
	FloatBCE float64 `json:"float_bce_nats"` // reconstruction
	KL       float64 `json:"kl_nats"`
	BookLoss float64 `json:"book_loss"` // the loss of the book's listing, a mean over pixels
	Images   int     `json:"images"`

	*agreement    // nil where no classifier knows the images
	*encoderScore // nil where there is no int8 encoder
}

// measure evaluates a pair of models on images.
func measure(m *vae.Model, q *model.Model, images []byte, threads int) (score, error) {
	s, err := quantize.Evaluate(m, q, images, evaluationSeed, threads)
	if err != nil {
		return score{}, err
	}
	r := score{s.FloatNegELBO, s.Int8NegELBO, s.CostNats, min(s.PSNR, 100), s.FloatBCE, s.KL, s.BookLoss, s.Images, nil, nil}
	for _, v := range []float64{r.FloatELBO, r.Int8ELBO, r.Int8PSNR, r.BookLoss} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return score{}, errors.New("the model's loss on the test images is not finite: it has not been trained")
		}
	}
	return r, nil
}

// runReport is run.json.
type runReport struct {
	Config      config  `json:"config"`
	Seed        uint64  `json:"seed"`
	Model       string  `json:"model"`
	Version     string  `json:"version"`
	Go          string  `json:"go"`
	Platform    string  `json:"platform"`
	CPU         string  `json:"cpu"`
	Threads     int     `json:"threads"`
	Sgemm       string  `json:"sgemm"`
	Roundoff    float64 `json:"roundoff"` // width of the quantization noise, in steps
	TrainImages int     `json:"train_images"`
	// That the int8 decoder learnt from, in the last epoch
	Int8Images int `json:"int8_images"`
	// Of the float32 model, without evaluation
	Seconds         float64        `json:"training_seconds"`
	ImagesPerSecond float64        `json:"images_per_second"`
	LimitShare      float64        `json:"limit_share"` // mean of the epochs'
	Epochs          []epochFigures `json:"epochs"`
	Final           finalFigures   `json:"final"`
}

// finalFigures are those of the table at the end of a run.
type finalFigures struct {
	score
	FloatBytes   int `json:"float_bytes"`
	Int8Bytes    int `json:"int8_bytes"`    // of the decoder
	EncoderBytes int `json:"encoder_bytes"` // int8
}

func (r *trainingRun) report(s score, floatBytes, int8Bytes, encoderBytes int) runReport {
	report := runReport{
		Config: r.config, Seed: r.Seed, Model: r.name,
		Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		CPU: cpu(), Threads: r.cores(), Sgemm: sgemm.Best().String(),
		Roundoff: r.roundoff(r.steps()), TrainImages: r.train.N, Int8Images: len(r.int8Images()), Epochs: r.Done,
		Final: finalFigures{s, floatBytes, int8Bytes, encoderBytes},
	}
	images := 0
	for i, e := range r.Done {
		report.Seconds += e.Seconds
		report.LimitShare += e.LimitShare / float64(len(r.Done))
		images += r.epochImages(i)
	}
	report.ImagesPerSecond = float64(images) / report.Seconds
	return report
}

// version is that of this module, as far as the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "(devel)" {
			v = s.Value
		}
	}
	return v
}

func writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(name, append(data, '\n'))
}
