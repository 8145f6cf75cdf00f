package plain

import (
	"encoding/json"
	"testing"
)

func TestJSONErrorWords(t *testing.T) {
	type layer struct {
		Units  *int
		Slope  float32
		Sizes  []int
		Layers []struct{ Name string }
		Bias   bool
	}
	for data, want := range map[string]string{
		`[]`:                       "an array where an object should be",
		`7`:                        "a number where an object should be",
		`{"Units": [1]}`:           "Units is an array, want a whole number",
		`{"Units": 1.5}`:           "Units is 1.5, want a whole number",
		`{"Slope": "1"}`:           "Slope is a string, want a number",
		`{"Sizes": {}}`:            "Sizes is an object, want whole numbers",
		`{"Layers": true}`:         "Layers is true or false, want an array",
		`{"Layers": [{"Name":1}]}`: "Layers.Name is a number, want a string",
		`{"Layers": ["dense"]}`:    "Layers is a string, want an object",
		`{"Bias": "no"}`:           "Bias is a string, want true or false",
		`{"Bias"}`:                 "invalid character '}' after object key",
	} {
		if err := JSONError(json.Unmarshal([]byte(data), new(layer))); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", data, err, want)
		}
	}
	if err := JSONError(nil); err != nil {
		t.Error(err)
	}
}
