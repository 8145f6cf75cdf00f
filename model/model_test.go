package model

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// TestOthersAreNamed: of what was never a weights file the error says what it is; a damaged one is
// none of those.
func TestOthersAreNamed(t *testing.T) {
	whole, err := Synthetic().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]error{
		"\x89PNG\r\n\x1a\n\x00": ErrPicture, "\xff\xd8\xff\xe0": ErrPicture, "GIF89a": ErrPicture,
		"seed = 1\n": ErrText, "{}": ErrText, "": nil, string(whole[:9]): nil, string(whole[:len(whole)-1]): nil, "PK\x03\x04": nil, "<!DOCTYPE html>": nil,
	} {
		_, err := Parse([]byte(data))
		if err == nil || errors.Is(err, ErrPicture) != (want == ErrPicture) || errors.Is(err, ErrText) != (want == ErrText) {
			t.Errorf("%.10q: error %v, want %v", data, err, want)
		}
	}
}

func TestMACs(t *testing.T) {
	m := &Model{Latent: 2, Image: [3]int{28, 28, 1}, Decoder: int8Layers(Stack{
		{Op: Dense, Out: [3]int{14, 14, 64}, Target: ReLU},
		{Op: ConvTranspose, Kernel: 3, Stride: 2, Edges: &kernels.Edges{0, 1, 0, 1}, Out: [3]int{28, 28, 32}, Target: ReLU},
		{Op: Conv, Kernel: 3, Stride: 1, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{28, 28, 1}, Target: Pixels},
	})}
	if got, want := m.MACs(), 12544*2+196*9*64*32+784*9*32; got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
}

func TestFixedPoint(t *testing.T) {
	m := &Model{LatentSteps: 2048}
	got := m.FixedPoint(nil, 0, 1, -1, 0.5/2048, 1.5/2048, 100, -100)
	if want := []int16{0, 2048, -2048, 0, 2, 32767, -32768}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func marshal(t testing.TB, m *Model) []byte {
	t.Helper()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// syntheticWithClasses has concepts that exclude each other, of which their names say nothing.
func syntheticWithClasses() *Model {
	m := syntheticWithConcepts()
	m.SetConcepts(m.Concepts, true)
	return m
}

// syntheticWithConcepts is Synthetic with two concepts.
func syntheticWithConcepts() *Model {
	m := Synthetic()
	m.Concepts = []Concept{
		{Name: "4", Mean: []int16{1, -2, 32767}, Direction: []int16{0, 0, -1}, Threshold: -5},
		{Name: "with-hat", Mean: []int16{0, 0, 0}, Direction: []int16{-32768, 7, 9}, Threshold: 4000},
	}
	return m
}

// syntheticWithNormals has concepts that are read across a normal.
func syntheticWithNormals() *Model {
	m := syntheticWithConcepts()
	for i := range m.Concepts {
		m.Concepts[i].Normal = []int16{int16(i), 900, -1}
	}
	return m
}

// syntheticMixed is the same with a mixture of two components.
func syntheticMixed() *Model {
	m := syntheticWithConcepts()
	m.Mixture = &latent.Mixture{
		Shares: []int16{latent.ShareWhole - 1, 1}, Means: []int16{1, 2, 3, -4, 5, 32767},
		Factor: []int16{latent.FactorUnit, 0, 8000, -1, 5, 9000}, Steps: m.LatentSteps,
	}
	return m
}

// syntheticEncoder is the encoder of Synthetic alone.
func syntheticEncoder() *Model {
	m := Synthetic()
	m.DecoderSum = m.DecoderDigest()
	m.Decoder, m.Table = nil, nil
	return m
}

func leakyEncoder() *Model {
	m := SyntheticLeaky()
	m.DecoderSum, m.Decoder, m.Table = m.DecoderDigest(), nil, nil
	return m
}

func TestConceptIndex(t *testing.T) {
	m := syntheticWithConcepts()
	if i, err := m.ConceptIndex("with-hat"); err != nil || i != 1 {
		t.Errorf("with-hat is %v, %v", i, err)
	}
	if _, err := m.ConceptIndex("5"); err == nil || !strings.Contains(err.Error(), "4, with-hat") {
		t.Errorf("%v: want an error that names the concepts there are", err)
	}
	m.Concepts = nil
	if _, err := m.ConceptIndex("4"); err == nil {
		t.Error("a concept of none")
	}
}

// Concepts, an encoder alone, classes and a mixture take versions of their own, without which a
// file stays what it always was.
func TestVersion(t *testing.T) {
	for name, m := range map[string]*Model{
		"1": Synthetic(), "2": syntheticWithConcepts(), "3": syntheticEncoder(), "4, mixture": syntheticMixed(), "4, classes": syntheticWithClasses(),
		"5, dense": SyntheticDense(), "5, leaky": SyntheticLeaky(), "5, leaky encoder": leakyEncoder(),
	} {
		want := name[:1]
		f, err := safetensors.Parse(marshal(t, m))
		if err != nil {
			t.Fatal(err)
		}
		if f.Metadata["version"] != want {
			t.Errorf("%d concepts: version %q, want %q", len(m.Concepts), f.Metadata["version"], want)
		}
	}
}

// The digest is of all that the decoder computes with, and of nothing else.
func TestDecoderDigest(t *testing.T) {
	m := syntheticWithConcepts()
	want := m.DecoderDigest()
	m.Concepts, m.Encoder = nil, nil
	if m.DecoderDigest() != want {
		t.Error("concepts or the encoder change it")
	}
	for name, change := range map[string]func(l *Int8Layer){
		"weight": func(l *Int8Layer) { l.Weight[3] ^= 1 },
		"bias":   func(l *Int8Layer) { l.Bias[1]++ },
		"scale":  func(l *Int8Layer) { l.Scale[0] *= 2 },
	} {
		m := Synthetic()
		if change(&m.Decoder[2]); m.DecoderDigest() == want {
			t.Errorf("another %s does not change it", name)
		}
	}
}

func TestModelRoundTrip(t *testing.T) {
	t.Run("1", func(t *testing.T) { roundTrip(t, Synthetic()) })
	t.Run("2", func(t *testing.T) { roundTrip(t, syntheticWithConcepts()) })
	t.Run("4", func(t *testing.T) { roundTrip(t, syntheticMixed()) })
	t.Run("3", func(t *testing.T) { roundTrip(t, syntheticEncoder()) })
	t.Run("4", func(t *testing.T) { roundTrip(t, syntheticWithClasses()) })
	t.Run("5", func(t *testing.T) { roundTrip(t, SyntheticDense()) })
	t.Run("5", func(t *testing.T) { roundTrip(t, SyntheticLeaky()) })
	t.Run("5", func(t *testing.T) { roundTrip(t, leakyEncoder()) })
	t.Run("6", func(t *testing.T) { roundTrip(t, syntheticWithNormals()) })
}

func roundTrip(t *testing.T, m *Model) {
	m.Extra = &safetensors.File{
		Metadata: map[string]string{"x.origin": "test"},
		Tensors:  []safetensors.Tensor{safetensors.New("x.direction", []int16{1, 2, 3}, 3)},
	}
	data := marshal(t, m)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Error("read back, the model differs")
	}
	if !bytes.Equal(marshal(t, got), data) {
		t.Error("written again, the file differs")
	}
}

func TestDamageIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	data := marshal(t, Synthetic())
	step := max(1, len(data)/2000) // every byte of the header region, a sample of the rest
	for i := 0; i < len(data); i++ {
		if i > 2048 && i%step != 0 {
			continue
		}
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		if _, err := Parse(bad); err == nil {
			t.Fatalf("byte %d flipped: accepted", i)
		}
		if i%step == 0 {
			if _, err := Parse(data[:i]); err == nil {
				t.Fatalf("cut to %d bytes: accepted", i)
			}
		}
	}
}

// forge writes a file with a right checksum around wrong content.
func forge(t *testing.T, m *Model, change func(f *safetensors.File)) []byte {
	t.Helper()
	f, err := safetensors.Parse(marshal(t, m))
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	data, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A stranger can compute a checksum: every lie of a well-formed file is found too, and without a
// large allocation.
func TestLiesAreRefused(t *testing.T) {
	describe := func(from, to string) func(*safetensors.File) {
		return func(f *safetensors.File) {
			was := f.Metadata["model"]
			if f.Metadata["model"] = strings.Replace(was, from, to, 1); f.Metadata["model"] == was {
				t.Fatalf("%q is not in the description", from)
			}
		}
	}
	tensor := func(name string, change func(*safetensors.Tensor)) func(*safetensors.File) {
		return func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == name })
			change(&f.Tensors[i])
		}
	}
	set := func(key, value string) func(*safetensors.File) {
		return func(f *safetensors.File) { f.Metadata[key] = value }
	}
	refused := func(m *Model, lies map[string]func(*safetensors.File)) {
		t.Helper()
		for name, change := range lies {
			data := forge(t, m, change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse(data)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(20*len(data)) {
				t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(data))
			}
		}
		if _, err := Parse(forge(t, m, func(*safetensors.File) {})); err != nil {
			t.Errorf("unchanged: %v", err)
		}
	}
	refused(Synthetic(), map[string]func(*safetensors.File){
		"format":                set("format", "vae-edge-float"),
		"version":               set("version", "2"),
		"version of no decoder": set("version", "3"),
		"version of a mixture":  set("version", "4"),
		"version of classes":    set("version", "4"),
		"newer version":         set("version", "5"),
		"newest version":        set("version", "6"),
		"version to come":       set("version", "7"),
		"classes of none":       describe(`"latent_steps"`, `"exclusive":true,"latent_steps"`),
		"no version":            func(f *safetensors.File) { delete(f.Metadata, "version") },
		"unknown metadata":      set("author", "me"),
		"no description":        set("model", ""),
		"spaces":                set("model", " {}"),
		"unknown field":         describe(`"latent":3`, `"latent":3,"colour":1`),
		"field twice":           describe(`"latent":3`, `"latent":3,"latent":3`),
		"name":                  describe(`"synthetic"`, `"../synthetic"`),
		"latent":                describe(`"latent":3`, `"latent":4`),
		"huge latent":           describe(`"latent":3`, `"latent":1000000000`),
		"no latent":             describe(`"latent":3`, `"latent":0`),
		"steps":                 describe(`2048`, `2047`),
		"many steps":            describe(`2048`, `4096`),
		"image":                 describe(`"image":[41,33,3]`, `"image":[41,33,1]`),
		"two channels":          describe(`"image":[41,33,3]`, `"image":[41,33,2]`),
		"huge image":            describe(`"image":[41,33,3]`, `"image":[1000000,1000000,3]`),
		"huge layer":            describe(`[10,8,37]`, `[1000000,1000000,37]`),
		"activations":           describe(`[5,4,24]`, `[1024,1024,1024]`),
		"shapes that differ":    describe(`[10,8,37]`, `[10,9,37]`),
		"channels":              describe(`[10,8,37]`, `[10,8,36]`),
		"negative":              describe(`[10,8,37]`, `[10,8,-37]`),
		"kernel":                describe(`"kernel":5`, `"kernel":7`),
		"stride":                describe(`"stride":2`, `"stride":3`),
		"edges":                 describe(`"edges":[1,1,1,2]`, `"edges":[1,1,1,9]`),
		"no edges":              describe(`"edges":[1,1,1,2],`, ``),
		"edges of dense":        describe(`"op":"dense"`, `"op":"dense","kernel":1`),
		"operation":             describe(`"op":"conv"`, `"op":"pool"`),
		"order":                 describe(`"op":"dense"`, `"op":"conv"`),
		"target":                describe(`"to":"relu"`, `"to":"pixels"`),
		"last target":           describe(`"to":"pixels"`, `"to":"relu"`),
		"encoder's end":         describe(`[1,1,6]`, `[1,1,5]`),
		"encoder's target":      describe(`"to":"latent"`, `"to":"relu"`),
		"wide dense":            describe(`[1,1,13]`, `[13,1,1]`),
		"missing tensor":        func(f *safetensors.File) { f.Tensors = f.Tensors[1:] },
		"tensor too many":       func(f *safetensors.File) { f.Tensors = append(f.Tensors, safetensors.New("y", []int8{1}, 1)) },
		"shape of a tensor":     tensor("decoder.1.weight", func(t *safetensors.Tensor) { t.Shape = []int{len(t.Data)} }),
		"type of a tensor":      tensor("decoder.1.weight", func(t *safetensors.Tensor) { t.DType = safetensors.Uint8 }),
		"weight -128":           tensor("decoder.1.weight", func(t *safetensors.Tensor) { t.Data = slices.Repeat([]byte{0x80}, len(t.Data)) }),
		"bias":                  tensor("decoder.1.bias", func(t *safetensors.Tensor) { t.Data = slices.Repeat([]byte{0xff, 0xff, 0xff, 0x7f}, len(t.Data)/4) }),
		"NaN scale":             tensor("encoder.1.scale", func(t *safetensors.Tensor) { t.Data = slices.Repeat([]byte{0xff}, len(t.Data)) }),
		"huge scale":            tensor("decoder.2.scale", func(t *safetensors.Tensor) { t.Data = slices.Repeat([]byte{0x7f, 0x7f, 0x7f, 0x7f}, len(t.Data)/4) }),
		"short table": func(f *safetensors.File) {
			tensor("table", func(t *safetensors.Tensor) { t.Shape, t.Data = []int{4095}, t.Data[1:] })(f)
		},
	})
	many := make([]string, maxConcepts+1)
	for i := range many {
		many[i] = fmt.Sprintf("%q", fmt.Sprint(i))
	}
	const names = `"concepts":["4","with-hat"]`
	refused(syntheticWithConcepts(), map[string]func(*safetensors.File){
		"version of a file with concepts": set("version", "1"),
		"leading mark":                    describe(names, `"concepts":["4","_with-hat"]`),
		"empty name":                      describe(names, `"concepts":["4",""]`),
		"long name":                       describe("with-hat", strings.Repeat("a", 65)),
		"name twice":                      describe(names, `"concepts":["4","4"]`),
		"name too many":                   describe(names, `"concepts":["4","with-hat","5"]`),
		"name too few":                    describe(names, `"concepts":["4"]`),
		"no names":                        describe(names, `"concepts":[]`),
		"no concepts":                     describe(","+names, ``),
		"order of fields":                 func(f *safetensors.File) { describe(","+names, ``)(f); describe(`{"name"`, `{`+names+`,"name"`)(f) },
		"too many concepts":               describe(names, `"concepts":[`+strings.Join(many, ",")+`]`),
		"missing mean":                    tensor("concepts.mean", func(t *safetensors.Tensor) { t.Name = "concepts.median" }),
		"missing threshold":               tensor("concepts.threshold", func(t *safetensors.Tensor) { t.Name = "x.threshold" }),
		"flat direction":                  tensor("concepts.direction", func(t *safetensors.Tensor) { t.Shape = []int{6} }),
		"type of a mean":                  tensor("concepts.mean", func(t *safetensors.Tensor) { t.DType, t.Data = safetensors.Int8, t.Data[:6] }),
		"no direction":                    tensor("concepts.direction", func(t *safetensors.Tensor) { clear(t.Data[:6]) }),
	})
	refused(syntheticWithNormals(), map[string]func(*safetensors.File){
		"version of a file with normals": set("version", "2"),
		"normals of an unknown version":  set("version", "7"),
		"flat normals":                   tensor("concepts.normal", func(t *safetensors.Tensor) { t.Shape = []int{6} }),
		"few normals":                    tensor("concepts.normal", func(t *safetensors.Tensor) { t.Shape, t.Data = []int{1, 3}, t.Data[:6] }),
		"type of a normal":               tensor("concepts.normal", func(t *safetensors.Tensor) { t.DType, t.Data = safetensors.Int8, t.Data[:6] }),
		"no normal":                      tensor("concepts.normal", func(t *safetensors.Tensor) { clear(t.Data[6:]) }),
		"normals of no concepts":         describe(","+names, ``),
	})
	refused(syntheticMixed(), map[string]func(*safetensors.File){
		"version of a file with a mixture": set("version", "2"),
		"components too many":              describe(`"mixture":2`, `"mixture":3`),
		"no number of components":          describe(`"mixture":2`, `"mixture":-2`),
		"so many components":               describe(`"mixture":2`, `"mixture":200000000`),
		"no mixture":                       describe(`,"mixture":2`, ``),
		"missing share":                    tensor("mixture.share", func(t *safetensors.Tensor) { t.Name = "mixture.shares" }),
		"a share of 0":                     tensor("mixture.share", func(t *safetensors.Tensor) { clear(t.Data[2:]) }),
		"flat means":                       tensor("mixture.mean", func(t *safetensors.Tensor) { t.Shape = []int{6} }),
		"short factor":                     tensor("mixture.factor", func(t *safetensors.Tensor) { t.Shape, t.Data = []int{5}, t.Data[2:] }),
	})
	refused(syntheticWithClasses(), map[string]func(*safetensors.File){
		"version of a file with classes": set("version", "2"),
		"needless":                       describe(`"exclusive":true`, `"exclusive":false`),
		"numbers":                        describe(`"with-hat"`, `"5"`),
	})
	digest := syntheticEncoder().DecoderSum
	refused(syntheticEncoder(), map[string]func(*safetensors.File){
		"version with a decoder": set("version", "1"),
		"short digest":           describe(digest, digest[1:]),
		"capital digest":         describe(digest, strings.ToUpper(digest)),
		"no digest":              describe(`,"decoder_sum":"`+digest+`"`, ``),
		"no layers":              describe(`"encoder":[`, `"encode":[`),
		"empty decoder":          describe(`"encoder":[`, `"decoder":[],"encoder":[`),
		"concepts of no decoder": describe(`"}`, `","concepts":["4"]}`),
		"mixture of no decoder":  describe(`"}`, `","mixture":1}`),
		"table of no decoder": func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.New("table", make([]uint8, kernels.TableSize), kernels.TableSize))
		},
	})
}

// A model that was made in the program, not read from a file, is checked as well.
func TestCheck(t *testing.T) {
	for name, change := range map[string]func(m *Model){
		"no name":        func(m *Model) { m.Name = "" },
		"capital letter": func(m *Model) { m.Name = "Synthetic" },
		"leading hyphen": func(m *Model) { m.Name = "-a" },
		"long name":      func(m *Model) { m.Name = strings.Repeat("a", 65) },
		"no table":       func(m *Model) { m.Table = nil },
		"own digest":     func(m *Model) { m.DecoderSum = m.DecoderDigest() },
		"a normal":       func(m *Model) { m.Concepts = syntheticWithNormals().Concepts; m.Concepts[1].Normal = nil },
		"long normal":    func(m *Model) { m.Concepts = syntheticWithNormals().Concepts; m.Concepts[1].Normal = make([]int16, 4) },
		"short normals": func(m *Model) {
			m.Concepts = syntheticWithNormals().Concepts
			m.Concepts[0].Normal, m.Concepts[1].Normal = []int16{1, 2, 3, 4}, []int16{1, 2}
		},
		"weight of -128":  func(m *Model) { m.Decoder[1].Weight[5] = -128 },
		"large bias":      func(m *Model) { m.Decoder[0].Bias[3] = math.MaxInt32 },
		"scale of zero":   func(m *Model) { m.Decoder[2].Scale[0] = 0 },
		"missing weight":  func(m *Model) { m.Decoder[0].Weight = m.Decoder[0].Weight[1:] },
		"missing bias":    func(m *Model) { m.Decoder[1].Bias = m.Decoder[1].Bias[1:] },
		"concept twice":   func(m *Model) { m.Concepts[1] = m.Concepts[0] },
		"short mean":      func(m *Model) { m.Concepts[1].Mean = m.Concepts[1].Mean[1:] },
		"long direction":  func(m *Model) { m.Concepts[1].Direction = append(m.Concepts[1].Direction, 1) },
		"no slope":        func(m *Model) { m.Decoder[0].Target = LeakyReLU },
		"slope of a ReLU": func(m *Model) { m.Decoder[0].Slope = 0.1 },
		"small scale of a leaky ReLU": func(m *Model) {
			m.Decoder[1].Target, m.Decoder[1].Slope, m.Decoder[1].Scale[0] = LeakyReLU, 0.1, 0x1p-126
		},
		"bias and a zero point": func(m *Model) {
			m.Decoder[0].Target, m.Decoder[0].Slope = LeakyReLU, 0.3
			sum := int32(0)
			for _, w := range m.Decoder[1].Weight[:9*24] {
				sum += int32(max(w, -w))
			}
			m.Decoder[1].Bias[0], m.Decoder[1].Scale[0] = math.MaxInt32-127*sum, 1e-9
		},
		"direction of 0s": func(m *Model) { m.Concepts[1].Direction = make([]int16, 3) },
	} {
		m := syntheticWithConcepts()
		if change(m); m.Check() == nil {
			t.Errorf("%s: Check has nothing against it", name)
		}
		if _, err := m.Marshal(); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	for _, name := range []string{"a", "0.9-x", strings.Repeat("a", 64)} {
		m := Synthetic()
		if m.Name = name; m.Check() != nil {
			t.Errorf("the name %q is refused", name)
		}
	}
}

// TestSpecification: the specification of the file states the limits that the program has.
func TestSpecification(t *testing.T) {
	spec, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("kernel  1..%d, for convolutions", kernels.MaxKernel),
		fmt.Sprintf("stride  1 or %d, for convolutions", kernels.MaxStride),
		fmt.Sprintf("dimensions of a latent point, 1..%d\n", maxLatent),
		fmt.Sprintf("the names of concepts, 1 to %d different ones", maxConcepts),
		fmt.Sprintf("\"table\", uint8 [%d]", kernels.TableSize),
		fmt.Sprintf("\"%d\" if it has", FormatVersion),
	} {
		if !bytes.Contains(spec, []byte(want)) {
			t.Errorf("doc.go does not say %q", want)
		}
	}
}
