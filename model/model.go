package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// FormatVersion is the newest version of the weights file and of the arithmetic it stands for. A
// file has the lowest version that has what it needs, and a file of a higher version than this is
// refused.
const FormatVersion = 6

// LatentSteps is the number of fixed-point steps in one unit of a latent coordinate that the
// trainer writes.
const LatentSteps = 2048

// An Int8Layer is a layer and its int8 weights.
type Int8Layer struct {
	Layer
	Weight []int8  // [out][ky][kx][in], or [out][in] for dense layers
	Bias   []int32 // one per output channel; one per output of a dense layer
	// Scale is one per output channel, and per output of a dense layer of activations
	Scale []float32
}

// constants is how many biases and scales the layer of that name has.
func (l *Int8Layer) constants(name string) (biases, scales int) {
	switch {
	case l.Op != Dense:
		return l.Out[2], l.Out[2]
	case name == latentLayer:
		return Elements(l.Out), l.Out[2]
	}
	return Elements(l.Out), Elements(l.Out)
}

// latentLayer is the name of the layer that reads a latent point, not activations.
const latentLayer = "decoder.0"

// A Model is the content of a weights file: an int8 decoder, an encoder, or both of one model.
type Model struct {
	Name   string // lower-case letters, digits, '.' and '-'
	Latent int    // dimensions of a latent point
	// LatentSteps are the fixed-point steps in one unit of a latent coordinate, 2048..4095
	LatentSteps int
	Image       [3]int      // height, width and channels (1 or 3) of a picture
	Decoder     []Int8Layer // empty in the file of an encoder alone
	Encoder     []Int8Layer // may be empty
	// DecoderSum is the DecoderDigest of the decoder that an encoder alone belongs to; otherwise
	// empty
	DecoderSum string
	Concepts   []Concept // may be empty
	// Classes says that the concepts exclude each other, of which the names say nothing: see
	// Exclusive
	Classes bool
	Mixture *latent.Mixture           // of the codes; nil: standard normal
	Table   *[kernels.TableSize]uint8 // pixel for each logit; nil where there is no decoder
	// Extra is what other programs keep in the file; may be nil, see ExtraPrefix
	Extra *safetensors.File
}

// ExtraPrefix starts the names of metadata entries and tensors that are carried along and not
// interpreted, but for that of [Model.BrightGround]. They are covered by the checksum like all
// else.
const ExtraPrefix = "x."

const (
	// maxFile is in bytes, far above any network that the limits of [Network.Check] allow to be
	// useful
	maxFile     = 1 << 27
	maxConcepts = 1024
)

// CheckName reports a name that a model cannot have.
func CheckName(name string) error {
	if !validName(name, "", "") {
		return fmt.Errorf("model name %q is not 1 to 64 of a-z, 0-9, '.' and '-'", name)
	}
	return nil
}

// validName allows other letters and, after the first, other marks than a model's name has. It is a
// loop because compiling a regular expression would take a tenth of the program's start.
func validName(s, letters, marks string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(letters, r)
		if !letter && (i == 0 || r != '.' && r != '-' && !strings.ContainsRune(marks, r)) {
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
	Decoder     Stack    `json:"decoder,omitempty"`
	Encoder     Stack    `json:"encoder,omitempty"`
	DecoderSum  string   `json:"decoder_sum,omitempty"`
	Concepts    []string `json:"concepts,omitempty"`
	Exclusive   bool     `json:"exclusive,omitempty"`
	Mixture     int      `json:"mixture,omitempty"` // its components
}

func (m *Model) header() header {
	n := m.Network()
	h := header{m.Name, m.Latent, m.LatentSteps, m.Image, n.Decoder, n.Encoder, m.DecoderSum, m.conceptNames(), m.Classes, 0}
	if m.Mixture != nil {
		h.Mixture = len(m.Mixture.Shares)
	}
	return h
}

// Network describes the model's layers.
func (m *Model) Network() Network {
	describe := func(layers []Int8Layer) (s Stack) {
		for _, l := range layers {
			s = append(s, l.Layer)
		}
		return s
	}
	return Network{Image: m.Image, Latent: m.Latent, Encoder: describe(m.Encoder), Decoder: describe(m.Decoder)}
}

// int8Layers are the layers of a stack, without their weights.
func int8Layers(s Stack) (layers []Int8Layer) {
	for _, l := range s {
		layers = append(layers, Int8Layer{Layer: l})
	}
	return layers
}

// version is that of the model's file.
func (m *Model) version() int {
	switch {
	case m.normals():
		return 6
	case m.generalized():
		return 5
	case m.Mixture != nil, m.Classes:
		return 4
	case len(m.Decoder) == 0:
		return 3
	case len(m.Concepts) > 0:
		return 2
	}
	return 1
}

// generalized reports whether there are layers that no decoder of the book has: a dense one of
// activations in the decoder, or a leaky ReLU.
func (m *Model) generalized() bool {
	for i := range m.Decoder {
		if i > 0 && m.Decoder[i].Op == Dense {
			return true
		}
	}
	leaky := func(l Int8Layer) bool { return l.Target == LeakyReLU }
	return slices.ContainsFunc(m.Decoder, leaky) || slices.ContainsFunc(m.Encoder, leaky)
}

// DecoderDigest is the SHA-256, in lower-case hexadecimal, of the decoder's tensors: weights,
// biases and scales of layer after layer, as a weights file has them.
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
		return nil, fmt.Errorf("model: %w", err)
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
	m.eachLayer(func(name string, in [3]int, l *Int8Layer) error {
		f.Tensors = append(f.Tensors,
			safetensors.New(name+".weight", l.Weight, l.weightShape(in)...),
			safetensors.New(name+".bias", l.Bias, len(l.Bias)),
			safetensors.New(name+".scale", l.Scale, len(l.Scale)))
		return nil
	})
	f.Tensors = append(f.Tensors, m.conceptTensors()...)
	f.Tensors = append(f.Tensors, m.mixtureTensors()...)
	return f.Marshal()
}

// Slopes are those of the leaky ReLUs that make what layer i of a decoder or encoder reads and what
// it gives.
func Slopes(layers []Int8Layer, i int) kernels.Slopes {
	s := kernels.Slopes{Out: layers[i].Slope}
	if i > 0 {
		s.In = layers[i-1].Slope
	}
	return s
}

// eachLayer visits every layer with its name and the shape of its source. A decoder's first source
// is the latent point, of shape {1, 1, Latent}.
func (m *Model) eachLayer(visit func(name string, in [3]int, l *Int8Layer) error) error {
	for _, net := range []struct {
		name   string
		layers []Int8Layer
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

func (l *Int8Layer) weightShape(in [3]int) []int {
	if l.Op == Dense {
		return []int{Elements(l.Out), Elements(in)}
	}
	return []int{l.Out[2], l.Kernel, l.Kernel, in[2]}
}

// CheckForm reports whether the layers, their shapes and their order are ones that can be computed
// and whether there is a table, without looking at weights, which package kernels checks when
// operators are made of them.
func (m *Model) CheckForm() error {
	if !validName(m.Name, "", "") {
		return fmt.Errorf("model name %q is not 1 to 64 of a-z, 0-9, '.' and '-'", m.Name)
	}
	// 4095 steps are the most for which +-8 fits int16.
	if m.LatentSteps < 2048 || m.LatentSteps > 4095 {
		return fmt.Errorf("model: %d latent steps a unit, want 2048..4095", m.LatentSteps)
	}
	n := m.Network()
	if err := n.Check(); err != nil {
		return err
	}
	switch alone := len(m.Decoder) == 0; {
	case !alone && m.Table == nil:
		return errors.New("model: the model has no table of pixels")
	case !alone && m.DecoderSum != "":
		return fmt.Errorf("model: the digest %q of a decoder beside the decoder", m.DecoderSum)
	case alone && (m.Table != nil || len(m.Concepts) > 0 || m.Mixture != nil):
		return errors.New("model: a table of pixels, concepts or a mixture without a decoder")
	case m.Classes && (len(m.Concepts) == 0 || numbered(m.Concepts)):
		return errors.New("model: it says that concepts exclude each other, which none do or names that are numbers say")
	case alone && !validDigest(m.DecoderSum):
		return fmt.Errorf("model: the digest %q of a decoder is not 64 of 0-9 and a-f", m.DecoderSum)
	}
	return CheckConceptNames(m.conceptNames())
}

func validDigest(s string) bool {
	sum, err := hex.DecodeString(s)
	return err == nil && len(sum) == sha256.Size && hex.EncodeToString(sum) == s
}

// Check reports whether the model can be computed exactly: its layers chain, its tensors have the
// sizes that the layers give them, and its weights keep every accumulator in range (see
// kernels.Slopes).
func (m *Model) Check() error {
	if err := m.CheckForm(); err != nil {
		return err
	}
	if m.Extra != nil {
		for k := range m.Extra.Metadata {
			if !strings.HasPrefix(k, ExtraPrefix) {
				return fmt.Errorf("model: extra metadata %q does not start with %q", k, ExtraPrefix)
			}
		}
		for _, t := range m.Extra.Tensors {
			if !strings.HasPrefix(t.Name, ExtraPrefix) {
				return fmt.Errorf("model: extra tensor %q does not start with %q", t.Name, ExtraPrefix)
			}
		}
	}
	if err := m.checkConcepts(); err != nil {
		return err
	}
	if err := m.checkMixture(); err != nil {
		return err
	}
	err := m.eachLayer(func(name string, in [3]int, l *Int8Layer) error {
		biases, scales := l.constants(name)
		weights := 1
		for _, n := range l.weightShape(in) {
			weights *= n
		}
		if len(l.Weight) != weights || len(l.Bias) != biases || len(l.Scale) != scales {
			return fmt.Errorf("model: %s has %d weights, %d biases and %d scales, want %d, %d and %d",
				name, len(l.Weight), len(l.Bias), len(l.Scale), weights, biases, scales)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := checkRanges("decoder", m.Decoder); err != nil {
		return err
	}
	return checkRanges("encoder", m.Encoder)
}

func checkRanges(stack string, layers []Int8Layer) error {
	for i, l := range layers {
		name := fmt.Sprintf("%s.%d", stack, i)
		if err := Slopes(layers, i).CheckRange(l.Weight, l.Bias, l.Scale, name == latentLayer); err != nil {
			return fmt.Errorf("model: %s: %w", name, err)
		}
	}
	return nil
}

// The errors that wrap one of these, or one of package foreign, are for what is no weights file but
// something else.
var (
	ErrPicture = errors.New("a picture, not a weights file")
	ErrText    = errors.New("text, not a weights file")
	// ErrFloat is for what the int8 weights were made of.
	ErrFloat = errors.New("these are the float32 weights of a run")
)

// instead tells what data are that are no weights file; nil where that is not known.
func instead(data []byte) error {
	if err := foreign.Recognized(data); err != nil {
		return err
	}
	for _, magic := range []string{"\x89PNG\r\n", "\xff\xd8\xff", "GIF8"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return ErrPicture
		}
	}
	if len(data) == 0 {
		return errors.New("an empty file, not a weights file")
	}
	// A weights file begins with a number of eight bytes, most of them zero.
	binary := func(r rune) bool { return r > '~' || r < ' ' && r != '\n' && r != '\r' && r != '\t' }
	if bytes.ContainsFunc(data[:min(len(data), 8)], binary) {
		return nil
	}
	return ErrText
}

// Parse reads a weights file. It accepts exactly what Marshal writes and refuses everything else
// with an error that says what is wrong; it allocates no more than a small multiple of the file's
// real size.
func Parse(data []byte) (*Model, error) {
	if len(data) > maxFile {
		if other := foreign.Begun(data); other != nil {
			return nil, fmt.Errorf("model: %w", other)
		}
		return nil, fmt.Errorf("model: weights file of %d bytes, at most %d", len(data), maxFile)
	}
	f, err := safetensors.Parse(data)
	if other := instead(data); err != nil && other != nil {
		return nil, fmt.Errorf("model: %w", other)
	}
	if err != nil {
		return nil, fmt.Errorf("model: not a weights file: %w", err)
	}
	if f.Metadata["format"] == "vae-edge-float" {
		return nil, ErrFloat
	}
	if f.Metadata["format"] != "vae-edge" {
		return nil, fmt.Errorf("model: not an int8 weights file of vae-edge (format %q)", f.Metadata["format"])
	}
	version := f.Metadata["version"]
	if !slices.Contains([]string{"1", "2", "3", "4", "5", "6"}, version) {
		return nil, fmt.Errorf("model: weights file of version %q, this program reads versions 1 to %d", version, FormatVersion)
	}
	var h header
	if err := json.Unmarshal([]byte(f.Metadata["model"]), &h); err != nil {
		return nil, fmt.Errorf("model description: %w", plain.JSONError(err))
	}
	m := &Model{
		Name: h.Name, Latent: h.Latent, LatentSteps: h.LatentSteps, Image: h.Image,
		Decoder: int8Layers(h.Decoder), Encoder: int8Layers(h.Encoder), DecoderSum: h.DecoderSum, Classes: h.Exclusive,
	}
	if len(m.Decoder) > 0 {
		m.Table = new([kernels.TableSize]uint8)
	}
	for _, name := range h.Concepts {
		m.Concepts = append(m.Concepts, Concept{Name: name})
	}
	if h.Mixture < 0 || h.Mixture > latent.ShareWhole {
		return nil, fmt.Errorf("model: a mixture of %d components", h.Mixture)
	}
	if h.Mixture > 0 {
		m.Mixture = &latent.Mixture{Shares: make([]int16, h.Mixture), Steps: m.LatentSteps}
	}
	if again, err := json.Marshal(m.header()); err != nil || string(again) != f.Metadata["model"] {
		return nil, errors.New("model description has unknown, repeated or unordered fields")
	}
	if err := m.CheckForm(); err != nil {
		return nil, err
	}
	known := map[string]bool{"format": true, "version": true, "model": true}
	extra := &safetensors.File{Metadata: map[string]string{}}
	for k, v := range f.Metadata {
		if strings.HasPrefix(k, ExtraPrefix) {
			extra.Metadata[k] = v
		} else if !known[k] {
			return nil, fmt.Errorf("model: unknown metadata %q", k)
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
	err = m.eachLayer(func(name string, in [3]int, l *Int8Layer) (err error) {
		weight := l.weightShape(in)
		if l.Weight, err = take[int8](left, name+".weight", weight...); err != nil {
			return err
		}
		biases, scales := l.constants(name)
		if l.Bias, err = take[int32](left, name+".bias", biases); err != nil {
			return err
		}
		l.Scale, err = take[float32](left, name+".scale", scales)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := m.takeConcepts(left); err != nil {
		return nil, err
	}
	if err := m.takeMixture(left); err != nil {
		return nil, err
	}
	if version != fmt.Sprint(m.version()) {
		return nil, fmt.Errorf("model: weights file of version %s, what it has needs version %d", version, m.version())
	}
	for name := range left {
		return nil, fmt.Errorf("model: tensor %q belongs to no layer, no concept and no mixture", name)
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
		return nil, fmt.Errorf("model: tensor %q is missing", name)
	}
	if fmt.Sprint(t.Shape) != fmt.Sprint(shape) {
		return nil, fmt.Errorf("model: tensor %q has the shape %v, want %v", name, t.Shape, shape)
	}
	delete(left, name)
	values, err := safetensors.Values[E](t)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return values, nil
}

// ReadFile reads the weights file of that path.
func ReadFile(path string) (*Model, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer f.Close()
	// Not more than is needed to refuse it.
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// PictureSize is the number of bytes of a picture: height * width * channels.
func (m *Model) PictureSize() int { return m.Image[0] * m.Image[1] * m.Image[2] }

// MACs is the number of multiply-accumulates of one decoded picture, those on zeros around the maps
// included.
func (m *Model) MACs() int {
	n := m.Network()
	return n.Decoder.MACs(n.Point())
}

// FixedPoint appends the latent point with these real coordinates to dst, rounded to the model's
// steps and clamped to the range of int16 (at least +-8).
func (m *Model) FixedPoint(dst []int16, coordinates ...float64) []int16 {
	for _, x := range coordinates {
		v := math.RoundToEven(x * float64(m.LatentSteps))
		dst = append(dst, int16(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return dst
}
