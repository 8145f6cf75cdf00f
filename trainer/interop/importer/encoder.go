package importer

import (
	"errors"
	"fmt"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// ParseEncoder reads the ONNX file of the encoder that belongs to the decoder. outputs are what of
// its graph are the means and the logarithms of the variances; nil: its outputs.
func (s *Source) ParseEncoder(data []byte, outputs []string) error {
	g, err := onnx.Parse(data)
	if err != nil {
		return err
	}
	s.FoundEncoder = found(g)
	if s.encoder, err = fold.Encoder(g, outputs, s.Network); err != nil {
		return err
	}
	return s.join()
}

// Split makes two channels of ReLU of each of leaky ReLU, which is the same in float32 and nearer
// to it in int8, at up to four times the work.
func (s *Source) Split() (err error) {
	s.Network = s.Network.Split()
	s.Float, err = s.Network.Model()
	if err == nil && s.encoder != nil {
		err = s.join()
	}
	return err
}

// join makes a model of encoder and decoder.
func (s *Source) join() error {
	stack, err := s.encoder.Stack()
	if err != nil {
		return err
	}
	c := vae.Config{Network: model.Network{Image: s.image(), Latent: s.Latent(), Encoder: stack, Decoder: s.Float.Stack}, Loss: vae.LossELBO}
	if c.Image[2] > 1 {
		c.Loss = vae.LossSigma
	}
	if s.encoder.Deviations {
		c.KLWeight = 1
	}
	if s.Whole, err = vae.Empty(c); err != nil {
		return err
	}
	s.encoder.Fill(s.Whole.Encoder)
	for i, p := range s.Whole.Decoder.Params() {
		copy(p.Data, s.Float.Params()[i].Data)
	}
	s.Float = s.Whole.Decoder
	return nil
}

// ErrStranger is for an encoder that does not read what the decoder draws.
var ErrStranger = errors.New("the encoder does not belong to this decoder, or its outputs are not the means and then the logarithms of the variances: where it sends pictures, the decoder draws others")

// Check reports an encoder that is not the decoder's: pictures that are encoded and drawn again are
// to be nearer to what they were than their mean is. They are those that are given, or drawn ones.
func (s *Source) Check(threads int) error {
	if s.encoder == nil {
		return nil
	}
	const points = 128
	source, err := s.at().held(0, threads)
	if err != nil {
		return err
	}
	z, images, err := source.Next(points)
	if err != nil {
		return err
	}
	size := model.Elements(s.image())
	logits, again := make([]float32, points*size), make([]float32, points*size)
	pixels := make([]byte, len(logits))
	decoder := nn.NewRunner(s.Float, parallel.New(threads), nil)
	decoder.Outputs(logits, z)
	pair.Pixels(pixels, logits)
	if images != nil {
		copy(pixels, images)
	}
	mean, _ := vae.NewRunner(s.Whole, threads, nil).Encode(pixels)
	for i, v := range mean {
		if v-v != 0 {
			return fmt.Errorf("the encoder gives the mean %v: it has not been trained, or reads other pixels", v)
		}
		mean[i] = max(-maxCode, min(v, maxCode))
	}
	decoder.Outputs(again, mean)
	second := make([]byte, len(pixels))
	pair.Pixels(second, again)
	middle := make([]float64, size)
	for i, v := range pixels {
		middle[i%size] += float64(v) / points
	}
	near, far := 0.0, 0.0
	for i, v := range pixels {
		d, m := float64(v)-float64(second[i]), float64(v)-middle[i%size]
		near += d * d
		far += m * m
	}
	if far > 0 && near >= far {
		return ErrStranger
	}
	return nil
}
