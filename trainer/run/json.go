package run

import (
	"runtime"

	"github.com/vae-edge/vae-edge/internal/build"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// A Machine is what a run was computed by.
type Machine struct {
	Version  string `json:"version"` // of the program
	Go       string `json:"go"`
	Platform string `json:"platform"`
	CPU      string `json:"cpu"`
	Threads  int    `json:"threads"`
	Sgemm    string `json:"sgemm"`
}

// ThisMachine is this program on this machine, with so many threads, 0 being one per core.
func ThisMachine(threads int) Machine {
	version, commit, _ := build.Info()
	if version == "(devel)" {
		version = commit
	}
	return Machine{version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, cpu(), cores(threads), sgemm.Best().String()}
}

// A record is run.json.
type record struct {
	Config Config `json:"config"`
	Seed   uint64 `json:"seed"`
	Model  string `json:"model"`
	Machine
	// QuantizationNoise is the width of the noise, in steps
	QuantizationNoise float64 `json:"quantization_noise"`
	// WeightRange is how far from 0 the decoder's weights may be, in root mean squares; 0 is no
	// limit
	WeightRange float64 `json:"weight_range,omitempty"`
	TrainImages int     `json:"train_images"`
	// DataNotes are what was done to the images as they were read, and what is unusual about them
	DataNotes []string `json:"data_notes,omitempty"`
	// EpochTestImages is how many test images the figures of an epoch are of
	EpochTestImages int `json:"epoch_test_images"`
	// Int8Images is how many images the int8 decoder learnt from, in the last epoch
	Int8Images int `json:"int8_images"`
	// Seconds is the training time of the float32 model, without evaluation
	Seconds         float64        `json:"training_seconds"`
	ImagesPerSecond float64        `json:"images_per_second"`
	LimitShare      float64        `json:"limit_share"` // mean of the epochs'
	Epochs          []epochFigures `json:"epochs"`
	Final           finalFigures   `json:"final"`
}

// finalFigures are those of the table at the end of a run.
type finalFigures struct {
	measure.Score
	FloatBytes   int `json:"float_bytes"`
	Int8Bytes    int `json:"int8_bytes"`    // of the decoder
	EncoderBytes int `json:"encoder_bytes"` // int8
	// DataHash is of the images and labels that were learnt from and measured on
	DataHash string `json:"data_sha256"`
	// Continued is after how many epochs the run was done once, and taken up again
	Continued int `json:"continued_after_epochs,omitempty"`
}

func (r *run) record(s measure.Score, floatBytes, int8Bytes, encoderBytes int) record {
	rec := record{
		Config: r.Config, Seed: r.Seed, Model: r.Name, Machine: ThisMachine(r.Threads),
		QuantizationNoise: r.quantizationNoise(r.steps()), WeightRange: r.weightRange(), TrainImages: r.train.N, DataNotes: r.train.Notes, EpochTestImages: r.glancedImages(), Int8Images: len(r.int8Images()), Epochs: r.Done,
		Final: finalFigures{s, floatBytes, int8Bytes, encoderBytes, r.dataHash, r.From},
	}
	images := 0
	for i, e := range r.Done {
		rec.Seconds += e.Seconds
		rec.LimitShare += e.LimitShare / float64(len(r.Done))
		images += r.epochImages(i)
		if i+1 == r.From { // of which the second half was the int8 decoder's
			images -= r.perEpoch() / 2 * r.Batch
		}
	}
	rec.ImagesPerSecond = float64(images) / rec.Seconds
	return rec
}
