package arrays

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// kinds are the types of safetensors, by their names.
var kinds = map[string]kind{
	"F16": float16s, "BF16": bfloat16s, "F32": float32s, "F64": float64s,
	"BOOL": bytes1, "U8": bytes1, "I8": bytes1, "U16": bytes2, "I16": bytes2, "U32": bytes4, "I32": bytes4, "U64": bytes8, "I64": bytes8,
}

// parseSafetensors reads a file of huggingface.co/docs/safetensors: eight bytes that say how long
// the header is, the header as JSON, and the data.
func parseSafetensors(data []byte) (Arrays, error) {
	size := binary.LittleEndian.Uint64(data)
	if size > uint64(len(data)-8) {
		return nil, fmt.Errorf("a header of %d bytes in a file of %d: fetch it again", size, len(data))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+size], &header); err != nil {
		return nil, fmt.Errorf("header: %w", plain.JSONError(err))
	}
	if len(header) > maxArrays {
		return nil, fmt.Errorf("%d arrays are too many", len(header))
	}
	data = data[8+size:]
	a, left := Arrays{}, len(data)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name == "__metadata__" {
			continue
		}
		var t struct {
			DType   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets []int  `json:"data_offsets"`
		}
		if err := json.Unmarshal(header[name], &t); err != nil {
			return nil, fmt.Errorf("%q: %w", name, plain.JSONError(err))
		}
		k, ok := kinds[t.DType]
		if !ok {
			return nil, fmt.Errorf("%q: elements of type %q are not read", name, t.DType)
		}
		if len(t.Offsets) != 2 {
			return nil, fmt.Errorf("%q: data_offsets %v are not two", name, t.Offsets)
		}
		from, to := t.Offsets[0], t.Offsets[1]
		if from < 0 || to < from || to > len(data) {
			return nil, fmt.Errorf("%q: bytes %d to %d of %d: fetch it again", name, from, to, len(data))
		}
		if left -= to - from; left < 0 {
			return nil, fmt.Errorf("%q: arrays have bytes in common, %d to %d: save it again", name, from, to)
		}
		if err := a.add(name, k, t.Shape, data[from:to]); err != nil {
			return nil, err
		}
	}
	return a, nil
}
