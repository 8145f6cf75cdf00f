package cli

import (
	"errors"
	"testing"
)

func TestValues(t *testing.T) {
	type values struct {
		n    int
		x    float64
		s, c string
		on   bool
	}
	whole := Whole(func(v *values) *int { return &v.n }, -2, 5)
	real := Real(func(v *values) *float64 { return &v.x }, 0, 1e6)
	text := Text(func(v *values) *string { return &v.s })
	choice := Choice(func(v *values) *string { return &v.c }, "a", "b")
	on := On(func(v *values) *bool { return &v.on })
	for _, c := range []struct {
		set   func(*values, string) error
		value string
		want  values // what is set; nothing where the value is refused
		err   string
	}{
		{whole, "-2", values{n: -2}, ""}, {whole, "5", values{n: 5}, ""},
		{whole, "6", values{}, "want a whole number from -2 to 5"}, {whole, "-3", values{}, "want a whole number from -2 to 5"},
		{whole, "1.5", values{}, "want a whole number from -2 to 5"}, {whole, "", values{}, "want a whole number from -2 to 5"},
		{whole, "99999999999999999999", values{}, "want a whole number from -2 to 5"},
		{real, "0.25", values{x: 0.25}, ""}, {real, "1e6", values{x: 1e6}, ""},
		{real, "-0.1", values{}, "want a number from 0 to 1e+06"}, {real, "NaN", values{}, "want a number from 0 to 1e+06"},
		{real, "Inf", values{}, "want a number from 0 to 1e+06"}, {real, "x", values{}, "want a number from 0 to 1e+06"},
		{text, "x", values{s: "x"}, ""}, {text, "", values{}, "it is empty"},
		{choice, "b", values{c: "b"}, ""}, {choice, "c", values{}, "there is a, b"},
		{on, "", values{on: true}, ""},
	} {
		var got values
		err := c.set(&got, c.value)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%q: %+v, error %v; want %+v, %q", c.value, got, err, c.want, c.err)
		}
	}
	if err := choice(&values{}, "c"); !errors.As(err, new(ChoiceError)) {
		t.Errorf("%v is no choice", err)
	}
}

// A word comes back from a shell as it was.
func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"out/gan": "out/gan", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$HOME": "'$HOME'", "größe": "'größe'", "0.5:-1,2%": "0.5:-1,2%",
	} {
		if got := Quoted(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
