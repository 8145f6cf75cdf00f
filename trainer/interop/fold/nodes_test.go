package fold_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// nodeTests names the folder of ONNX's own tests, one operator each: Debian has them in
// libonnx-testdata. They are looked at where the variable is set.
const nodeTests = "VAE_EDGE_ONNX_TESTS"

// ours are the beginnings of the names of tests of operators that package fold knows.
var ours = []string{
	"add", "basic_conv", "conv_", "convtranspose", "batchnorm", "cast_", "clip", "concat", "constant", "dropout", "div", "flatten", "gather_", "gemm", "identity",
	"leakyrelu", "matmul", "max_", "mul", "neg", "prelu", "relu", "reshape", "resize", "shape", "sigmoid", "slice", "sqrt", "squeeze", "sub", "tanh", "transpose",
	"unsqueeze", "upsample",
}

// Whatever of ONNX's tests is not refused gives what it must.
func TestNodes(t *testing.T) {
	dir := os.Getenv(nodeTests)
	if dir == "" {
		t.Skip(nodeTests + " names no folder of ONNX's tests")
	}
	all, err := filepath.Glob(filepath.Join(dir, "test_*"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	passed, evaluated := 0, 0
	for _, test := range all {
		name := strings.TrimPrefix(filepath.Base(test), "test_")
		if strings.HasSuffix(name, "uint8") || !slices.ContainsFunc(ours, func(s string) bool { return name == s || strings.HasPrefix(name, s) }) {
			continue
		}
		folded, err := nodeTest(test, &evaluated)
		var wrong wrongError
		switch {
		case errors.As(err, &wrong):
			t.Errorf("%s: %v", name, err)
		case err != nil:
			t.Logf("refused: %s: %v", name, err)
		case folded:
			passed++
			t.Logf("passed: %s", name)
		}
	}
	t.Logf("%d passed through package fold, and the evaluator computed %d", passed, evaluated)
	if passed < 40 {
		t.Errorf("only %d passed", passed)
	}
}

// A wrongError is for what is computed and is not what it must be.
type wrongError struct{ error }

// nodeTest runs a test of ONNX. It counts those that the evaluator computes.
func nodeTest(dir string, evaluated *int) (folded bool, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return false, err
	}
	g, err := onnx.Parse(data)
	if err != nil {
		return false, err
	}
	names := make([]string, len(g.Inputs))
	for i, v := range g.Inputs {
		names[i] = v.Name
	}
	read := func(name string) (*onnx.Tensor, error) {
		data, err := os.ReadFile(filepath.Join(dir, "test_data_set_0", name))
		if err != nil {
			return nil, err
		}
		return onnx.ParseTensor(data)
	}
	want, err := read("output_0.pb")
	if err != nil {
		return false, err
	}
	inputs := map[string]onnxtest.Tensor{}
	var first *onnx.Tensor
	for i, name := range names {
		in, err := read(fmt.Sprintf("input_%d.pb", i))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		inputs[name] = onnxtest.Of(in)
		if in.Name = name; i == 0 {
			first = in
		} else {
			g.Bind(in)
		}
	}
	if first == nil {
		return false, errors.New("it has no input")
	}
	expected, dims := want.Floats(), want.Dims
	if got, err := onnxtest.Eval(g, inputs, g.Outputs[0].Name); err == nil {
		*evaluated++
		if err := near(got.Values, got.Dims, expected, dims); err != nil {
			return false, wrongError{fmt.Errorf("the evaluator: %w", err)}
		}
	}
	f, err := fold.Follow(g, fold.Options{Input: names[0], Output: g.Outputs[0].Name})
	if err != nil {
		return false, err
	}
	values := first.Floats()
	batch := first.Dims[0]
	size := len(values) / batch
	var got []float64
	for i := range batch {
		got = append(got, f.Values(values[i*size:][:size])...)
	}
	if err := near(got, append([]int{batch}, f.Dims...), expected, dims); err != nil {
		return false, wrongError{err}
	}
	return true, nil
}

func near(got []float64, gotDims []int, want []float64, dims []int) error {
	if !slices.Equal(gotDims, dims) {
		return fmt.Errorf("shape %v, want %v", gotDims, dims)
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= 1e-4*max(1, math.Abs(w))) {
			return fmt.Errorf("element %d of %v is %v, want %v", i, dims, got[i], w)
		}
	}
	return nil
}
