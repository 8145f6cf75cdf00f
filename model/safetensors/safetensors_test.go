package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

func sample(t testing.TB) (*File, []byte) {
	t.Helper()
	f := &File{
		Metadata: map[string]string{"format": "test", "quote": `a "sha256":"b <&> é`},
		Tensors: []Tensor{
			New("a", []int8{1, -2, 3}, 3),
			New("b", []float32{1.5, float32(math.Inf(-1))}, 1, 2),
			New("c", []int32{-7}),
			New("d", []uint8{1, 2, 3, 255}, 2, 2),
			New("e", []int16{-300, 300}, 2),
		},
	}
	data, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return f, data
}

func TestRoundTrip(t *testing.T) {
	f, data := sample(t)
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Metadata, f.Metadata) {
		t.Errorf("metadata %v, want %v", got.Metadata, f.Metadata)
	}
	for i, want := range f.Tensors {
		tensor, ok := got.Tensor(want.Name)
		if !ok || tensor.DType != want.DType || !bytes.Equal(tensor.Data, want.Data) || len(tensor.Shape) != len(want.Shape) {
			t.Errorf("tensor %d: %+v, want %+v", i, tensor, want)
		}
	}
	b, _ := got.Tensor("b")
	if v, err := Values[float32](b); err != nil || v[0] != 1.5 || !math.IsInf(float64(v[1]), -1) {
		t.Errorf("values %v, %v", v, err)
	}
	if _, err := Values[int32](b); err == nil {
		t.Error("float32 read as int32")
	}
	again, err := got.Marshal()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("marshalled again: differs (%v)", err)
	}
	var written bytes.Buffer
	if n, err := got.WriteTo(&written); err != nil || n != int64(len(data)) || !bytes.Equal(written.Bytes(), data) {
		t.Errorf("written: %d bytes, others than marshalled (%v)", n, err)
	}
	for _, most := range []int{0, 10, len(data) - 1} {
		if n, err := got.WriteTo(&full{most}); err == nil || n != int64(most) {
			t.Errorf("%d bytes written where there is room for %d, error %v", n, most, err)
		}
	}
	header := data[8 : 8+binary.LittleEndian.Uint64(data)]
	if len(header)%8 != 0 || !strings.HasPrefix(string(header), `{"__metadata__":{"format":"test",`) {
		t.Errorf("header %q", header)
	}
}

func TestEveryFlippedBitAndEveryCutIsRefused(t *testing.T) {
	_, data := sample(t)
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			if _, err := Parse(bad); err == nil {
				t.Fatalf("bit %d of byte %d of %d flipped: accepted", bit, i, len(data))
			}
		}
		if _, err := Parse(data[:i]); err == nil {
			t.Fatalf("cut to %d of %d bytes: accepted", i, len(data))
		}
	}
	if _, err := Parse(append(bytes.Clone(data), 0)); err == nil {
		t.Fatal("a byte too many: accepted")
	}
	bad := bytes.Clone(data)
	bad[len(bad)-1] ^= 1
	if _, err := Parse(bad); !errors.Is(err, ErrChecksum) {
		t.Errorf("flipped data: %v, want %v", err, ErrChecksum)
	}
}

// withHeader builds a file around a header as a stranger might.
func withHeader(header, body string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+body...)
}

func TestLyingHeaders(t *testing.T) {
	meta := `{"__metadata__":{"sha256":"` + strings.Repeat("0", 64) + `"}`
	for name, data := range map[string][]byte{
		"empty":             nil,
		"huge header":       binary.LittleEndian.AppendUint64(nil, math.MaxUint64),
		"large header":      binary.LittleEndian.AppendUint64(nil, maxHeader),
		"no JSON":           withHeader("hello", ""),
		"no metadata":       withHeader(`{}`, ""),
		"no digest":         withHeader(`{"__metadata__":{}}`, ""),
		"short digest":      withHeader(`{"__metadata__":{"sha256":"00"}}`, ""),
		"metadata type":     withHeader(`{"__metadata__":[]}`, ""),
		"unknown type":      withHeader(meta+`,"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, "12345678"),
		"negative shape":    withHeader(meta+`,"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, "1"),
		"empty tensor":      withHeader(meta+`,"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, ""),
		"overflowing shape": withHeader(meta+`,"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,1]}}`, "1"),
		"deep shape":        withHeader(meta+`,"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}`, "1"),
		"past the end":      withHeader(meta+`,"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, "1"),
		"backwards":         withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, "1"),
		"before the start":  withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, "1"),
		"overlap":           withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "12"),
		"shared bytes":      withHeader(meta+`,"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, "12"),
		"gap":               withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, "12"),
		"not canonical":     withHeader(meta+`, "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "1"),
		"repeated name":     withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "1"),
		"nameless":          withHeader(meta+`,"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "1"),
		"unknown field":     withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}`, "1"),
		"wrong digest":      withHeader(meta+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "1"),
	} {
		if _, err := Parse(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMarshalRefuses(t *testing.T) {
	one := []uint8{1}
	for name, f := range map[string]*File{
		"reserved metadata": {Metadata: map[string]string{"sha256": ""}},
		"nameless":          {Tensors: []Tensor{New("", one, 1)}},
		"reserved name":     {Tensors: []Tensor{New("__metadata__", one, 1)}},
		"repeated":          {Tensors: []Tensor{New("a", one, 1), New("a", one, 1)}},
		"shape":             {Tensors: []Tensor{New("a", one, 2)}},
		"type":              {Tensors: []Tensor{{"a", "F64", []int{1}, make([]byte, 8)}}},
		"large header":      {Metadata: map[string]string{"a": strings.Repeat("b", maxHeader)}},
	} {
		if _, err := f.Marshal(); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// What Parse accepts, Marshal writes again to the letter; nothing makes Parse panic or allocate
// much.
func FuzzParse(f *testing.F) {
	_, data := sample(f)
	f.Add(data)
	f.Add(withHeader(`{"__metadata__":{"sha256":""}}`, ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		if again, err := file.Marshal(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("accepted, but marshalled differently: %v", err)
		}
	})
}

// full has room for so many bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	if f.room -= n; n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}
