package plain

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// JSONError says of a value of the wrong type what it is and what is wanted, in words of JSON: the
// types of Go that encoding/json names are nothing to whoever wrote the file. Another error stays.
func JSONError(err error) error {
	e, ok := err.(*json.UnmarshalTypeError) // what wraps one has words of its own
	if !ok {
		return err
	}
	kind, number, _ := strings.Cut(e.Value, " ") // "string", "number" or "number 1.5"
	is := number
	switch {
	case number != "":
	case kind == "bool":
		is = "true or false"
	case kind == "array" || kind == "object":
		is = "an " + kind
	default:
		is = "a " + kind
	}
	if e.Field == "" {
		return fmt.Errorf("%s where %s should be", is, wanted(e.Type))
	}
	return fmt.Errorf("%s is %s, want %s", e.Field, is, wanted(e.Type))
}

// wanted is what a Go type is in JSON.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		if of := wanted(t.Elem()); strings.HasSuffix(of, " number") {
			return strings.TrimPrefix(of, "a ") + "s"
		}
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a whole number"
}
