//go:build (!amd64 && !arm64 && !arm.6 && !(js && simd128)) || purego

package kernels

// assembly lists the backends beyond generic that run on this CPU, the fastest last.
func assembly() []*backend { return nil }

type (
	engine     struct{}
	tiledConv  struct{}
	tiledDense struct{}
)
