package pair

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/internal/packed"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/internal/weights/weightstest"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A float32 and an int8 model of two runs are no pair.
func TestOfOneRun(t *testing.T) {
	floats, _ := pretrained.Weights(decoder.DefaultModel)
	_, concepts, err := Unmarshal(floats)
	if err != nil {
		t.Fatal(err)
	}
	q, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	if !ofOneRun(concepts, q) {
		t.Error("the built-in model is not of one run")
	}
	concepts[3].Mean[1] += 2.1 / float64(q.LatentSteps)
	if ofOneRun(concepts, q) {
		t.Error("another mean goes unnoticed")
	}
	if ofOneRun(concepts[:3], q) {
		t.Error("concepts that are missing go unnoticed")
	}
}

func TestFloatFile(t *testing.T) {
	c := vae.Config{Network: modeltest.Book(4, 6, 3, 2, 5), Loss: vae.LossBook, KLWeight: 0.5}
	m, err := vae.New(c, 7)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Marshal(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, none, err := Unmarshal(plain); err != nil || none != nil {
		t.Errorf("a file without concepts has %v, %v", none, err)
	}
	concepts := []concept.Concept{
		{Name: "a", Mean: []float64{1, 2}, Direction: []float64{3, 4}, Threshold: 5},
		{Name: "b", Mean: []float64{6, 7}, Direction: []float64{8, 9}, Threshold: 10},
	}
	data, err := Marshal(m, concepts)
	if err != nil {
		t.Fatal(err)
	}
	got, gotConcepts, err := Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(gotConcepts, concepts) {
		t.Errorf("concepts %v, want %v", gotConcepts, concepts)
	}
	read := slices.Clone(concepts)
	read[0].Normal, read[1].Normal = []float64{11, 12}, []float64{13, 14}
	if data, err := Marshal(m, read); err != nil {
		t.Error(err)
	} else if _, got, err := Unmarshal(data); err != nil || !reflect.DeepEqual(got, read) {
		t.Errorf("concepts with normals %v, want %v, error %v", got, read, err)
	} else {
		for what, change := range map[string]func(f *safetensors.File, at int){
			"missing": func(f *safetensors.File, at int) { f.Tensors[at].Name = "concepts.norm" },
			"of one": func(f *safetensors.File, at int) {
				f.Tensors[at] = safetensors.New("concepts.normal", []float32{1, 2}, 1, 2)
			},
			"flat": func(f *safetensors.File, at int) { f.Tensors[at].Shape = []int{4} },
			"of int16": func(f *safetensors.File, at int) {
				f.Tensors[at] = safetensors.New("concepts.normal", make([]int16, 4), 2, 2)
			},
		} {
			f, err := safetensors.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			change(f, slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "concepts.normal" }))
			lie, err := f.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := Unmarshal(lie); err == nil {
				t.Errorf("normals %s: accepted", what)
			}
		}
	}
	if !reflect.DeepEqual(got.Config, c) {
		t.Errorf("config %+v, want %+v", got.Config, c)
	}
	for i, p := range m.Params() {
		if !slices.Equal(p.Data, got.Params()[i].Data) {
			t.Errorf("%s has changed", p.Name)
		}
	}

	// Another network than the book's is described whole.
	deep := vae.Config{Network: modeltest.Deep(), Loss: vae.LossELBO, KLWeight: 1}
	dm, err := vae.New(deep, 7)
	if err != nil {
		t.Fatal(err)
	}
	deepData, err := Marshal(dm, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err = Unmarshal(deepData)
	if err != nil || !reflect.DeepEqual(got.Config, deep) || !slices.Equal(got.Params()[3].Data, dm.Params()[3].Data) {
		t.Errorf("another network comes back as %+v, error %v", got, err)
	}
	deepName := filepath.Join(t.TempDir(), "deep")
	if err := os.WriteFile(deepName, deepData, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"the book's version", weightstest.Replace("version", "2", "1"), "image is missing"},
		{"layers that do not chain", weightstest.Replace("network", `"out":[4,6,9]`, `"out":[4,6,8]`), "has the shape"},
		{"sizes that do not follow", weightstest.Replace("network", `"out":[4,6,9]`, `"out":[4,7,9]`), "encoder.0"},
		{"no decoder", weightstest.Replace("network", `"decoder":`, `"coder":`), "unknown, repeated or unordered"},
		{"unknown field", weightstest.Replace("network", `"latent":4`, `"latent":4,"more":1`), "unknown, repeated or unordered"},
		{"larger network", weightstest.Replace("network", `"out":[1,1,12]`, `"out":[1,1,1000]`), "bytes of weights, there are"},
	} {
		if _, _, err := Unmarshal(weightstest.Edit(t, deepName, c.change)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
	}

	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(f *safetensors.File)
		want   string
	}{
		{"int8 file", weightstest.Replace("format", "-float", ""), `format "vae-edge"`},
		{"version", weightstest.Replace("version", "1", "0"), `version "0"`},
		{"no JSON", weightstest.Replace("network", "}", ""), "description of the network"},
		{"invalid network", weightstest.Replace("network", `"height":4`, `"height":5`), "a side of 5 is no multiple"},
		{"larger network", weightstest.Replace("network", `"hidden":5`, `"hidden":1000`), "bytes of weights, there are"},
		{"huge network", func(f *safetensors.File) {
			f.Metadata["network"] = `{"height":256,"width":256,"channels":1,"latent":512,"hidden":1024,"loss":"elbo","kl_weight":1}`
		}, "bytes of weights, there are"},
		{"too large a network", weightstest.Replace("network", `"hidden":5`, `"hidden":16000`), "encoder.4"},
		{"unknown field", weightstest.Replace("network", `"height"`, `"depth":1,"height"`), "unknown, repeated or unordered"},
		{"other images", weightstest.Replace("network", `"channels":3`, `"channels":1`), "has the shape"},
		{"missing", func(f *safetensors.File) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "decoder.conv.bias" })
		}, "is missing"},
		{"too many", func(f *safetensors.File) { f.Tensors = append(f.Tensors, safetensors.New("more", []float32{1}, 1)) }, "24 tensors, this network has 23"},
		{"concepts that are not named", func(f *safetensors.File) { delete(f.Metadata, "concepts") }, "23 tensors, this network has 20"},
		{"no list of names", weightstest.Replace("concepts", "]", ""), "names of the concepts"},
		{"names of none", weightstest.Replace("concepts", `"a","b"`, ""), "there are none"},
		{"name twice", weightstest.Replace("concepts", `"b"`, `"a"`), "two concepts are named"},
		{"name", weightstest.Replace("concepts", `"b"`, `"_b"`), "is not 1 to 64"},
		{"name too many", weightstest.Replace("concepts", `"b"`, `"b","c"`), "3 concepts of 2 dimensions"},
		{"missing threshold", func(f *safetensors.File) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "concepts.threshold" })
		}, "is missing"},
		{"infinite mean", func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "concepts.mean" })
			f.Tensors[i].Data = slices.Repeat([]byte{0, 0, 0x80, 0x7f}, 4)
		}, "not finite"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := weightstest.Edit(t, name, c.change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := Unmarshal(changed)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 16*uint64(len(data)) {
				t.Errorf("took %d bytes for a file of %d", n, len(data))
			}
		})
	}
}

// Two files that are not of one run are no pair.
func TestPairRefused(t *testing.T) {
	floats, ok := pretrained.Weights(decoder.DefaultModel)
	if !ok {
		t.Fatal("no default model")
	}
	ints, err := model.Synthetic().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := Unmarshal(floats)
	if err != nil {
		t.Fatal(err)
	}
	q, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	q.Concepts = nil // as of images of one class
	nameless, err := q.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	own, err := Marshal(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := vae.New(m.Config, 1)
	if err != nil {
		t.Fatal(err)
	}
	another, err := Marshal(drawn, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		float, int8 []byte
		want        string
	}{
		{"other layers", floats, ints, "both must be of one run"},
		{"concepts in one", floats, nameless, "not of one run"},
		{"other weights", another, nameless, "not of one run"},
		{"a pair", own, nameless, ""},
	} {
		dir := t.TempDir()
		for name, data := range map[string][]byte{FloatFile: c.float, Int8File: c.int8} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(dir); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
}

// A float32 file may be of one dimension, which --latent does not make.
func TestGridOfOneDimension(t *testing.T) {
	if got, want := Grid([]int16{-5, 5}, latent.NewPlane(1)), []int16{-5, 5, -5, 5}; !slices.Equal(got, want) {
		t.Errorf("grid of %v, want %v", got, want)
	}
}

// FuzzUnmarshal lies in the description of a float32 model, whose checksum is right.
func FuzzUnmarshal(f *testing.F) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 2, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		f.Fatal(err)
	}
	data, err := Marshal(m, []concept.Concept{{Name: "a", Mean: []float64{1, 2}, Direction: []float64{3, 4}, Threshold: 5}})
	if err != nil {
		f.Fatal(err)
	}
	weightstest.FuzzMetadata(f, data, "network", "concepts", func(_ *testing.T, data []byte) { Unmarshal(data) })
}

func FuzzUnmarshalDecoder(f *testing.F) {
	n := modeltest.Book(8, 8, 1, 2, 4)
	m := nn.NewModel("decoder.", n.Decoder, n.Point(), nil)
	m.Draw(1, 0)
	data, err := MarshalDecoder(m)
	if err != nil {
		f.Fatal(err)
	}
	if _, _, err := Unmarshal(data); !errors.Is(err, ErrDecoderAlone) {
		f.Errorf("a decoder alone is read as a pair: error %v", err)
	}
	weightstest.FuzzMetadata(f, data, "network", "version", func(t *testing.T, data []byte) {
		m, err := UnmarshalDecoder(data)
		if err != nil {
			return
		}
		if again, err := MarshalDecoder(m); err != nil || !bytes.Equal(again, data) {
			t.Errorf("it is written as another file than it was, error %v", err)
		}
	})
}

// TestBuiltInMixtures: the models of digits have the mixtures that training gives them: one of 64
// with sixteen dimensions, none with two.
func TestBuiltInMixtures(t *testing.T) {
	if !gate.All() {
		t.Skip("it encodes 20,000 images; at the gate alone")
	}
	train, _, err := mnist.EmbeddedFirst(20_000, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"mnist-2": 0, "mnist-16": 64} {
		p, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		built := p.Int8.Mixture
		codes, _ := vae.NewRunner(p.Float, 0, nil).Encode(train.Images)
		if _, err := Mix(p.Float, p.Int8, codes, 0); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p.Int8.Mixture, built) || (built != nil) != (want > 0) || built != nil && len(built.Shares) != want {
			t.Errorf("%s: its codes have another mixture than its file", name)
		}
		p.Float.KLWeight = 0
		p.Int8.Mixture = nil
		if f, err := Mix(p.Float, p.Int8, codes, 0); f != nil || err != nil || p.Int8.Mixture != nil {
			t.Errorf("%s: a classical autoencoder has a mixture, error %v", name, err)
		}
	}
}

// TestUpdateBuiltIn: the files of a built-in model are written where they were, compressed or not.
func TestUpdateBuiltIn(t *testing.T) {
	for _, name := range []string{"mnist-2", "faces"} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := CheckFiles(name); err == nil {
				t.Error("files that are not there are")
			}
			p, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			floats, _ := pretrained.Weights(name)
			_, found, err := Unmarshal(floats)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.MkdirAll(FloatFolder, 0o777), os.MkdirAll(Int8Folder, 0o777)); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Update(found, p.Int8.Exclusive(), nil, 1); err != nil {
				t.Fatal(err)
			}
			if err := CheckFiles(name); err != nil {
				t.Error(err)
			}
			ints, err := p.Int8.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			for file, want := range map[string][]byte{Files(name)[0]: floats, Files(name)[1]: ints} {
				got, err := os.ReadFile(file)
				if strings.HasSuffix(file, packed.Extension) && err == nil {
					got, err = packed.Unpack(got)
				}
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s is not what is built in, error %v", file, err)
				}
			}
			if entries, err := os.ReadDir(Int8Folder); err != nil || len(entries) != 1 {
				t.Errorf("%v, error %v", entries, err)
			}
		})
	}
}
