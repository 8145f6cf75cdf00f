package decoder

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vae-edge/vae-edge/decoder/safetensors"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/kernels"
)

// FormatVersion is the newest version of the weights file and of the arithmetic it stands for. A file has the lowest version that has what
// it needs, and a file of a higher version than this is refused.
const FormatVersion = 3

// LatentSteps is the number of fixed-point steps in one unit of a latent coordinate that the trainer writes.
const LatentSteps = 2048

// An Op is the operation of a layer.
type Op string

// The operations. A dense layer reads its source in NHWC order.
const (
	Dense         Op = "dense"
	Conv          Op = "conv"
	ConvTranspose Op = "conv_transpose"
)

// A Target is what becomes of a layer's accumulators.
type Target string

// The targets; see the arithmetic in package kernels.
const (
	ReLU   Target = "relu"   // activations 0..127
	Pixels Target = "pixels" // 8-bit pixels by way of the table; the decoder's last layer
	Latent Target = "latent" // int16 means, then int16 logarithms of variances; the encoder's last layer
)

// A Layer is one layer of a network and its weights.
type Layer struct {
	Op     Op        `json:"op"`
	Kernel int       `json:"kernel,omitempty"` // convolutions only, 1..5
	Stride int       `json:"stride,omitempty"` // convolutions only, 1 or 2
	Edges  *[4]int   `json:"edges,omitempty"`  // top, bottom, left, right: zeros added (conv) or outputs cropped (conv_transpose)
	Out    [3]int    `json:"out"`              // height, width, channels
	Target Target    `json:"to"`
	Weight []int8    `json:"-"` // [out][ky][kx][in], or [out][in] for dense layers
	Bias   []int32   `json:"-"` // one per output channel; one per output of a dense layer
	Scale  []float32 `json:"-"` // one per output channel
}

// A Model is the content of a weights file: an int8 decoder, an encoder, or both of one model.
type Model struct {
	Name        string                    // lower-case letters, digits, '.' and '-'
	Latent      int                       // dimensions of a latent point
	LatentSteps int                       // fixed-point steps in one unit of a latent coordinate, 2048..4095
	Image       [3]int                    // height, width and channels (1 or 3) of a picture
	Decoder     []Layer                   // empty in the file of an encoder alone
	Encoder     []Layer                   // may be empty
	DecoderSum  string                    // DecoderDigest of the decoder that an encoder alone belongs to; otherwise empty
	Concepts    []Concept                 // may be empty
	Table       *[kernels.TableSize]uint8 // pixel for each logit; nil where there is no decoder
	Extra       *safetensors.File         // what other programs keep in the file; may be nil, see ExtraPrefix
}

// ExtraPrefix starts the names of metadata entries and tensors that the decoder carries along but does not interpret. They are covered
// by the checksum like all else.
const ExtraPrefix = "x."

// Limits on what a file may ask for. They are far above what a microcomputer could decode in a second and keep
// what a hostile file can make a reader allocate small.
const (
	maxFile        = 1 << 27 // bytes
	maxLatent      = 1024
	maxLayers      = 32
	maxSide        = 1024
	maxChannels    = 1024
	maxActivations = 1 << 23 // over all layers of a network
	maxConcepts    = 1024
)

// validName is a loop because compiling a regular expression would take a tenth of the program's start.
func validName(s string) bool {
	for i, r := range s {
		if letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'; !letter && (i == 0 || r != '.' && r != '-') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 64
}

// header is the JSON in the metadata entry "model".
type header struct {
	Name        string   `json:"name"`
	Latent      int      `json:"latent"`
	LatentSteps int      `json:"latent_steps"`
	Image       [3]int   `json:"image"`
	Decoder     []Layer  `json:"decoder,omitempty"`
	Encoder     []Layer  `json:"encoder,omitempty"`
	DecoderSum  string   `json:"decoder_sum,omitempty"`
	Concepts    []string `json:"concepts,omitempty"`
}

func (m *Model) header() header {
	return header{m.Name, m.Latent, m.LatentSteps, m.Image, m.Decoder, m.Encoder, m.DecoderSum, m.conceptNames()}
}

// version is that of the model's file.
func (m *Model) version() int {
	switch {
	case len(m.Decoder) == 0:
		return 3
	case len(m.Concepts) > 0:
		return 2
	}
	return 1
}

// DecoderDigest is the SHA-256, in lower-case hexadecimal, of the decoder's tensors: weights, biases and scales of layer after layer, as
// a weights file has them.
func (m *Model) DecoderDigest() string {
	sum := sha256.New()
	for _, l := range m.Decoder {
		for _, t := range []safetensors.Tensor{
			safetensors.New("", l.Weight, len(l.Weight)), safetensors.New("", l.Bias, len(l.Bias)), safetensors.New("", l.Scale, len(l.Scale)),
		} {
			sum.Write(t.Data)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Marshal returns the weights file that holds the model.
func (m *Model) Marshal() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	h, err := json.Marshal(m.header())
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	f := &safetensors.File{Metadata: map[string]string{
		"format":  "vae-edge",
		"version": fmt.Sprint(m.version()),
		"model":   string(h),
	}}
	if m.Extra != nil {
		for k, v := range m.Extra.Metadata {
			f.Metadata[k] = v
		}
		f.Tensors = append(f.Tensors, m.Extra.Tensors...)
	}
	if m.Table != nil {
		f.Tensors = append(f.Tensors, safetensors.New("table", m.Table[:], kernels.TableSize))
	}
	m.eachLayer(func(name string, in [3]int, l *Layer) error {
		f.Tensors = append(f.Tensors,
			safetensors.New(name+".weight", l.Weight, l.weightShape(m, in)...),
			safetensors.New(name+".bias", l.Bias, len(l.Bias)),
			safetensors.New(name+".scale", l.Scale, len(l.Scale)))
		return nil
	})
	f.Tensors = append(f.Tensors, m.conceptTensors()...)
	return f.Marshal()
}

// eachLayer visits every layer with its name and the shape of its source. A decoder's first source is the latent point, of
// shape {1, 1, Latent}.
func (m *Model) eachLayer(visit func(name string, in [3]int, l *Layer) error) error {
	for _, net := range []struct {
		name   string
		layers []Layer
		in     [3]int
	}{
		{"decoder", m.Decoder, [3]int{1, 1, m.Latent}},
		{"encoder", m.Encoder, m.Image},
	} {
		in := net.in
		for i := range net.layers {
			if err := visit(fmt.Sprintf("%s.%d", net.name, i), in, &net.layers[i]); err != nil {
				return err
			}
			in = net.layers[i].Out
		}
	}
	return nil
}

func (l *Layer) weightShape(m *Model, in [3]int) []int {
	if l.Op == Dense {
		return []int{l.Out[0] * l.Out[1] * l.Out[2], in[0] * in[1] * in[2]}
	}
	return []int{l.Out[2], l.Kernel, l.Kernel, in[2]}
}

func shape(s [3]int) kernels.Shape { return kernels.Shape{Height: s[0], Width: s[1], Channels: s[2]} }

// Geometry is that of a convolution of a source of that shape or, for an encoder's dense layer, of the one that computes it: of all of the
// source as one pixel, see kernels.Map.Split.
func (l *Layer) Geometry(in [3]int) kernels.Geometry {
	if l.Op == Dense {
		return kernels.Geometry{In: kernels.Shape{Height: 1, Width: 1, Channels: shape(in).Elements()}, Out: shape(l.Out), Kernel: 1, Stride: 1}
	}
	return kernels.Geometry{
		Transposed: l.Op == ConvTranspose,
		In:         shape(in), Out: shape(l.Out),
		Kernel: l.Kernel, Stride: l.Stride,
		Edges: kernels.Edges{Top: l.Edges[0], Bottom: l.Edges[1], Left: l.Edges[2], Right: l.Edges[3]},
	}
}

// checkForm reports whether the layers, their shapes and their order are ones that can be computed and whether there is a
// table, without looking at weights.
func (m *Model) checkForm() error {
	if !validName(m.Name) {
		return fmt.Errorf("decoder: model name %q is not 1 to 64 of a-z, 0-9, '.' and '-'", m.Name)
	}
	if m.Latent < 1 || m.Latent > maxLatent {
		return fmt.Errorf("decoder: %d latent dimensions, want 1..%d", m.Latent, maxLatent)
	}
	// 4095 steps are the most for which +-8 fits int16.
	if m.LatentSteps < 2048 || m.LatentSteps > 4095 {
		return fmt.Errorf("decoder: %d latent steps a unit, want 2048..4095", m.LatentSteps)
	}
	if c := m.Image[2]; c != 1 && c != 3 {
		return fmt.Errorf("decoder: pictures have %d channels, want 1 or 3", c)
	}
	if err := checkShape(m.Image); err != nil {
		return err
	}
	if len(m.Decoder) > maxLayers || len(m.Encoder) > maxLayers || len(m.Decoder)+len(m.Encoder) == 0 {
		return fmt.Errorf("decoder: %d decoder and %d encoder layers, at most %d and at least one", len(m.Decoder), len(m.Encoder), maxLayers)
	}
	switch alone := len(m.Decoder) == 0; {
	case !alone && m.Table == nil:
		return errors.New("decoder: the model has no table of pixels")
	case !alone && m.DecoderSum != "":
		return fmt.Errorf("decoder: the digest %q of a decoder beside the decoder", m.DecoderSum)
	case alone && (m.Table != nil || len(m.Concepts) > 0):
		return errors.New("decoder: a table of pixels or concepts without a decoder")
	case alone && !validDigest(m.DecoderSum):
		return fmt.Errorf("decoder: the digest %q of a decoder is not 64 of 0-9 and a-f", m.DecoderSum)
	}
	if err := CheckConceptNames(m.conceptNames()); err != nil {
		return err
	}
	activations := 0
	err := m.eachLayer(func(name string, in [3]int, l *Layer) error {
		if err := checkShape(l.Out); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if activations += shape(l.Out).Elements(); activations > maxActivations {
			return fmt.Errorf("decoder: %s: more than %d activations", name, maxActivations)
		}
		switch l.Op {
		case Conv, ConvTranspose:
			if l.Edges == nil {
				return fmt.Errorf("decoder: %s: a %s layer needs edges", name, l.Op)
			}
			if err := l.Geometry(in).Check(); err != nil {
				return fmt.Errorf("decoder: %s: %w", name, err)
			}
		case Dense:
			if l.Kernel != 0 || l.Stride != 0 || l.Edges != nil {
				return fmt.Errorf("decoder: %s: a dense layer has no kernel, stride or edges", name)
			}
		default:
			return fmt.Errorf("decoder: %s: unknown operation %q", name, l.Op)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.checkDecoder(); err != nil {
		return err
	}
	return m.checkEncoder()
}

func validDigest(s string) bool {
	sum, err := hex.DecodeString(s)
	return err == nil && len(sum) == sha256.Size && hex.EncodeToString(sum) == s
}

func checkShape(s [3]int) error {
	if min(s[0], s[1], s[2]) < 1 || max(s[0], s[1]) > maxSide || s[2] > maxChannels {
		return fmt.Errorf("decoder: shape %dx%dx%d: sides are 1..%d, channels 1..%d", s[0], s[1], s[2], maxSide, maxChannels)
	}
	return nil
}

// checkDecoder: one dense layer, then convolutions, the last of which gives the picture.
func (m *Model) checkDecoder() error {
	last := len(m.Decoder) - 1
	if last < 0 {
		return nil
	}
	for i, l := range m.Decoder {
		wantTarget := ReLU
		if i == last {
			wantTarget = Pixels
		}
		if (l.Op == Dense) != (i == 0) || l.Target != wantTarget {
			return fmt.Errorf("decoder: decoder.%d is %s to %s: a decoder is one dense layer to relu, convolutions to relu, and a convolution to pixels", i, l.Op, l.Target)
		}
	}
	if m.Decoder[last].Out != m.Image {
		return fmt.Errorf("decoder: the last layer gives %v, not a picture of %v", shape(m.Decoder[last].Out), shape(m.Image))
	}
	return nil
}

// checkEncoder: convolutions, then dense layers, the last of which gives means and logarithms of variances.
func (m *Model) checkEncoder() error {
	dense := false
	for i, l := range m.Encoder {
		wantTarget := ReLU
		if i == len(m.Encoder)-1 {
			wantTarget = Latent
			if l.Op != Dense || l.Out != [3]int{1, 1, 2 * m.Latent} {
				return fmt.Errorf("decoder: the encoder ends in %s of %v, want a dense layer of 1x1x%d", l.Op, shape(l.Out), 2*m.Latent)
			}
		}
		flat := l.Out[0] == 1 && l.Out[1] == 1
		if dense && l.Op != Dense || l.Op == Dense && !flat || l.Target != wantTarget {
			return fmt.Errorf("decoder: encoder.%d is %s of %v to %s: an encoder is convolutions to relu, dense layers of 1x1 pixels to relu, and one to latent", i, l.Op, shape(l.Out), l.Target)
		}
		dense = l.Op == Dense
	}
	return nil
}

// Check reports whether the model can be computed exactly: its layers chain, its tensors have the sizes that the
// layers give them, and its weights keep every accumulator in range (see kernels.CheckRange).
func (m *Model) Check() error {
	if err := m.checkForm(); err != nil {
		return err
	}
	if m.Extra != nil {
		for k := range m.Extra.Metadata {
			if !strings.HasPrefix(k, ExtraPrefix) {
				return fmt.Errorf("decoder: extra metadata %q does not start with %q", k, ExtraPrefix)
			}
		}
		for _, t := range m.Extra.Tensors {
			if !strings.HasPrefix(t.Name, ExtraPrefix) {
				return fmt.Errorf("decoder: extra tensor %q does not start with %q", t.Name, ExtraPrefix)
			}
		}
	}
	if err := m.checkConcepts(); err != nil {
		return err
	}
	return m.eachLayer(func(name string, in [3]int, l *Layer) error {
		biases := l.Out[2]
		if l.Op == Dense {
			biases = shape(l.Out).Elements()
		}
		weights := 1
		for _, n := range l.weightShape(m, in) {
			weights *= n
		}
		if len(l.Weight) != weights || len(l.Bias) != biases || len(l.Scale) != l.Out[2] {
			return fmt.Errorf("decoder: %s has %d weights, %d biases and %d scales, want %d, %d and %d",
				name, len(l.Weight), len(l.Bias), len(l.Scale), weights, biases, l.Out[2])
		}
		if err := kernels.CheckRange(l.Weight, l.Bias, l.Scale, name == "decoder.0"); err != nil {
			return fmt.Errorf("decoder: %s: %w", name, err)
		}
		return nil
	})
}

// Parse reads a weights file. It accepts exactly what Marshal writes and refuses everything else with an error that
// says what is wrong; it allocates no more than a small multiple of the file's real size.
func Parse(data []byte) (*Model, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("decoder: weights file of %d bytes, at most %d", len(data), maxFile)
	}
	f, err := safetensors.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("decoder: not a weights file: %w", err)
	}
	if f.Metadata["format"] != "vae-edge" {
		return nil, fmt.Errorf("decoder: not an int8 weights file of vae-edge (format %q)", f.Metadata["format"])
	}
	version := f.Metadata["version"]
	if version != "1" && version != "2" && version != "3" {
		return nil, fmt.Errorf("decoder: weights file of version %q, this program reads versions 1 to %d", version, FormatVersion)
	}
	var h header
	if err := json.Unmarshal([]byte(f.Metadata["model"]), &h); err != nil {
		return nil, fmt.Errorf("decoder: model description: %w", err)
	}
	m := &Model{
		Name: h.Name, Latent: h.Latent, LatentSteps: h.LatentSteps, Image: h.Image,
		Decoder: h.Decoder, Encoder: h.Encoder, DecoderSum: h.DecoderSum,
	}
	if len(m.Decoder) > 0 {
		m.Table = new([kernels.TableSize]uint8)
	}
	for _, name := range h.Concepts {
		m.Concepts = append(m.Concepts, Concept{Name: name})
	}
	if again, err := json.Marshal(m.header()); err != nil || string(again) != f.Metadata["model"] {
		return nil, errors.New("decoder: model description has unknown, repeated or unordered fields")
	}
	if version != fmt.Sprint(m.version()) {
		return nil, fmt.Errorf("decoder: weights file of version %s, what it has needs version %d", version, m.version())
	}
	if err := m.checkForm(); err != nil {
		return nil, err
	}
	known := map[string]bool{"format": true, "version": true, "model": true}
	extra := &safetensors.File{Metadata: map[string]string{}}
	for k, v := range f.Metadata {
		if strings.HasPrefix(k, ExtraPrefix) {
			extra.Metadata[k] = v
		} else if !known[k] {
			return nil, fmt.Errorf("decoder: unknown metadata %q", k)
		}
	}
	left := map[string]safetensors.Tensor{}
	for _, t := range f.Tensors {
		if strings.HasPrefix(t.Name, ExtraPrefix) {
			extra.Tensors = append(extra.Tensors, t)
		} else {
			left[t.Name] = t
		}
	}
	if len(extra.Metadata)+len(extra.Tensors) > 0 {
		m.Extra = extra
	}
	if m.Table != nil {
		table, err := take[uint8](left, "table", kernels.TableSize)
		if err != nil {
			return nil, err
		}
		copy(m.Table[:], table)
	}
	err = m.eachLayer(func(name string, in [3]int, l *Layer) (err error) {
		weight := l.weightShape(m, in)
		if l.Weight, err = take[int8](left, name+".weight", weight...); err != nil {
			return err
		}
		biases := l.Out[2]
		if l.Op == Dense {
			biases = weight[0]
		}
		if l.Bias, err = take[int32](left, name+".bias", biases); err != nil {
			return err
		}
		l.Scale, err = take[float32](left, name+".scale", l.Out[2])
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := m.takeConcepts(left); err != nil {
		return nil, err
	}
	for name := range left {
		return nil, fmt.Errorf("decoder: tensor %q belongs to no layer and no concept", name)
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	return m, nil
}

// take removes a tensor from those left and returns its values.
func take[E uint8 | int8 | int16 | int32 | float32](left map[string]safetensors.Tensor, name string, shape ...int) ([]E, error) {
	t, ok := left[name]
	if !ok {
		return nil, fmt.Errorf("decoder: tensor %q is missing", name)
	}
	if fmt.Sprint(t.Shape) != fmt.Sprint(shape) {
		return nil, fmt.Errorf("decoder: tensor %q has the shape %v, want %v", name, t.Shape, shape)
	}
	delete(left, name)
	values, err := safetensors.Values[E](t)
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	return values, nil
}

// ReadFile reads the weights file of that path.
func ReadFile(path string) (*Model, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	defer f.Close()
	// Not more than is needed to refuse it.
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
