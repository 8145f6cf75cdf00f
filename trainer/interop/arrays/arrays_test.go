package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
)

// The files in testdata are of PyTorch 1.13 and NumPy 1.24: testdata/make.py writes them.

func TestPyTorch(t *testing.T) {
	a, err := Read(filepath.Join("testdata", "nested.pt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Array{
		"0.weight": {[]int{3, 2}, []float32{0, 0.125, 0.25, 0.375, 0.5, 0.625}},
		"0.bias":   {[]int{3}, []float32{1, -2, 0.5}},
		"1.weight": {[]int{3}, []float32{1, 1, 1}},
		"turned":   {[]int{3, 2}, []float32{0, 3, 1, 4, 2, 5}},
		"double":   {[]int{1}, []float32{0.1}},
		"half":     {[]int{5}, []float32{0.5, 65504, 1.0 / (1 << 24), float32(math.Copysign(0, -1)), float32(math.Inf(1))}},
		"brain":    {[]int{2}, []float32{1.5, -3}},
	} {
		if got, err := a.Find(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, want)
		}
		if _, err := a.Find("state_dict." + name); err != nil {
			t.Error(err)
		}
	}
	if _, err := a.Find("1.num_batches_tracked"); err == nil {
		t.Error("a counter is an array of numbers")
	}
	if _, err := a.Find("weight"); err == nil || !strings.Contains(err.Error(), `"weight" may be any of state_dict.0.weight, state_dict.1.weight`) {
		t.Errorf("what may be two: %v", err)
	}
	if _, err := Read(filepath.Join("testdata", "whole.pt")); err == nil || !strings.Contains(err.Error(), "the pickle uses torch.nn.modules.container.Sequential, which weights do not need: save model.state_dict() alone") {
		t.Errorf("a pickle of code: %v", err)
	}
}

func TestNumPy(t *testing.T) {
	a, err := Read(filepath.Join("testdata", "arrays.npz"))
	if err != nil {
		t.Fatal(err)
	}
	want := Arrays{"dense/kernel": {[]int{2, 3}, []float32{0, 1, 2, 3, 4, 5}}, "bias": {[]int{1}, []float32{0.25}}}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("%v, want %v", a, want)
	}
	if got, err := a.Find("kernel"); err != nil || len(got.Data) != 6 {
		t.Errorf("kernel: %v, %v", got, err)
	}
	if a, err := Read(filepath.Join("testdata", "packed.npz")); err != nil || len(a["a"].Data) != 100 {
		t.Errorf("compressed: %v, %v", a, err)
	}
}

// safetensors is a file with that header.
func safetensors(header string, data ...float32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for _, v := range data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func TestSafetensors(t *testing.T) {
	// Unlike ours: a gap, an order of its own, blanks, unknown fields
	a, err := Parse(safetensors(`{"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16], "x": 1}, "__metadata__":{"format":"pt"}, "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  `, 1, 9, 2, 3))
	if err != nil || !reflect.DeepEqual(a, Arrays{"a": {nil, []float32{1}}, "b": {[]int{2}, []float32{2, 3}}}) && !reflect.DeepEqual(a, Arrays{"a": {[]int{}, []float32{1}}, "b": {[]int{2}, []float32{2, 3}}}) {
		t.Errorf("%v, %v", a, err)
	}
}

// zipped is an archive.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRefused(t *testing.T) {
	npy := func(header, data string) string {
		return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + data
	}
	// tensorOf is a pickle of a tensor of storage 0
	tensorOf := func(offset, shape, stride string) string {
		return "\x80\x02}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ" +
			offset + shape + stride + "\x89}tRs."
	}
	pt := func(pickle string) []byte {
		return zipped(t, "a/data.pkl", pickle, "a/data/0", strings.Repeat("\x00", 24))
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":                 {nil, "neither safetensors, NumPy's .npz or .npy, nor PyTorch's .pt"},
		"old PyTorch":             {[]byte("\x80\x02\x8a\nl\xfc\x9cF"), "before 1.6"},
		"HDF5":                    {[]byte("\x89HDF\r\n\x1a\n________"), "an HDF5 file: save the weights as .npz or safetensors"},
		"one array":               {[]byte("\x93NUMPY\x01\x00v\x00________"), "a header of"},
		"a header of 2 GB":        {append(binary.LittleEndian.AppendUint64(nil, 1<<31), "{}"...), "a header of 2147483648 bytes in a file of 10"},
		"data beyond the end":     {safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 1), "bytes 0 to 8 of 4"},
		"a shape too large":       {safetensors(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}`, 1), "is none, or too large"},
		"a negative shape":        {safetensors(`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 1), "is none, or too large"},
		"a shape that lies":       {safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 1), "needs 8 bytes, it has 4"},
		"a header of no offsets":  {safetensors(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}`, 1), "data_offsets [0] are not two"},
		"arrays of the same data": {safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 1, 2), "have bytes in common"},
		"a type":                  {safetensors(`{"a":{"dtype":"F8","shape":[4],"data_offsets":[0,4]}}`, 1), `type "F8"`},
		"an empty file":           {safetensors(`{}`), "no arrays of floating-point numbers"},
		"an archive of something": {zipped(t, "README", "hello"), `has "README"`},
		"Fortran":                 {zipped(t, "a.npy", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "____")), "fortran_order"},
		"another byte order":      {zipped(t, "a.npy", npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "____")), `type ">f4"`},
		"a NumPy shape that lies": {zipped(t, "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }", "____")), "needs 36 bytes, it has 4"},
		"objects":                 {zipped(t, "a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "____")), `type "|O"`},
		"a call":                  {pt("\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R."), "the pickle uses os.system, which weights do not need"},
		"a call by STACK_GLOBAL":  {pt("\x80\x04\x8c\x02os\x8c\x06system\x93."), "the pickle uses os.system"},
		"beyond the storage":      {pt(tensorOf("K\x05", "K\x02\x85", "K\x01\x85")), "element 6 of a storage of 6"},
		"far beyond":              {pt(tensorOf("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "K\x02\x85", "K\x01\x85")), "of a storage of 6"},
		"an expanded tensor":      {pt(tensorOf("K\x00", "M\xff\xffM\xff\x0f\x86", "K\x00K\x00\x86")), "has more elements than its storage"},
		"a pickle cut short":      {pt("\x80\x02}X\xff\xff\xff\xffa"), "the pickle is damaged"},
		"a storage of no file":    {zipped(t, "a/data.pkl", tensorOf("K\x00", "K\x02\x85", "K\x01\x85")), `no "a/data/0"`},
		"a twin":                  {zipped(t, "a.npy", "", "a.npy", ""), `"a.npy" twice`},
		"two pickles":             {zipped(t, "a/data.pkl", "", "b/data.pkl", ""), "two pickles"},
		"itself in itself":        {pt("\x80\x02}q\x00" + strings.Repeat("X\x01\x00\x00\x00ah\x00s", 3) + "."), "no arrays of"},
	} {
		if a, err := Parse(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want %q", name, a, err, c.want)
		}
	}
	// Names of a megabyte each, of a dictionary in a dictionary
	long := "X\x00\x00\x10\x00" + strings.Repeat("x", 1<<20)
	if _, err := Parse(pt("\x80\x02}" + long + "}X\x01\x00\x00\x00aNss.")); err == nil || !strings.Contains(err.Error(), "the pickle is damaged") {
		t.Errorf("long names: %v", err)
	}
	if a, err := Parse(pt(tensorOf("K\x01", "K\x02K\x02\x86", "K\x02K\x01\x86"))); err != nil || len(a["a"].Data) != 4 {
		t.Errorf("the pickle that the others are like: %v, %v", a, err)
	}
}

func FuzzParse(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil || len(names) < 4 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(safetensors(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Parse(data)
		if err == nil && len(a) == 0 {
			t.Error("nothing was read, and no error")
		}
		for name, v := range a {
			n := 1
			for _, d := range v.Shape {
				n *= d
			}
			if n != len(v.Data) {
				t.Errorf("%q has %d elements of shape %v", name, len(v.Data), v.Shape)
			}
		}
	})
}

// FuzzPickle runs a pickle that need not be compressed.
func FuzzPickle(f *testing.F) {
	for _, name := range []string{"nested.pt", "whole.pt"} {
		z, err := zip.OpenReader(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range z.File {
			if strings.HasSuffix(file.Name, "data.pkl") {
				r, err := file.Open()
				if err != nil {
					f.Fatal(err)
				}
				var b bytes.Buffer
				if _, err := b.ReadFrom(r); err != nil {
					f.Fatal(err)
				}
				f.Add(b.Bytes())
			}
		}
		z.Close()
	}
	f.Fuzz(func(t *testing.T, program []byte) { (&unpickler{in: program, memo: map[int]any{}}).run() })
}

// Tensors of one storage, which is packed well, have no more numbers than a file may have.
func TestSharedStorage(t *testing.T) {
	const size = 1 << 24 // bytes
	tensor := "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x00tQK\x00J\x00\x00\x40\x00\x85K\x01\x85\x89}tR"
	program := "\x80\x02}X\x01\x00\x00\x000" + tensor + "q\x00s"
	for i := range 2 * MaxFile / size {
		program += "X\x04\x00\x00\x00" + string(rune('A'+i/26/26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26)) + "_h\x00s"
	}
	data := zipped(t, "a/data.pkl", program+".", "a/data/0", strings.Repeat("\x00", size))
	if _, err := Parse(data); err == nil || !strings.Contains(err.Error(), "bytes of tensors") {
		t.Errorf("error %v", err)
	}
}

// What packs too well to have been learnt is not unpacked: a small file would take all memory.
func TestBomb(t *testing.T) {
	gate.Only(t)
	data := zipped(t, "a.npy", strings.Repeat("\x00", 80<<20))
	if _, err := Parse(data); err == nil || !strings.Contains(err.Error(), "save it without compression") {
		t.Errorf("error %v", err)
	}
}
