//go:build js && simd128 && !purego

package kernels

import (
	_ "embed"
	"unsafe"
)

// Go's compiler has no vector instructions for WebAssembly, and its assembler no way to write them.
// The kernels are a module of their own, which works on the memory of the Go program. The host
// makes an instance of it, see host_wasm.js: its functions are what the imports are to the program.
// A program without the build tag simd128 imports nothing, and runs under Go's own wasm_exec.js.

//go:embed kernels_wasm.bin
var module []byte

// loadModule makes an instance of the module, of size bytes, on this program's memory. It returns 0
// where the host cannot, for want of vector instructions.
//
//go:wasmimport vae_edge_kernels load
//go:noescape
func loadModule(code unsafe.Pointer, size int32) int32

// The kernels compute what convGeneric and denseGeneric do: conv stores what args.store says, or
// pixels, last stores pixels.

//go:wasmimport vae_edge_kernels conv
//go:noescape
func convSIMD(args unsafe.Pointer)

//go:wasmimport vae_edge_kernels last
//go:noescape
func lastSIMD(args unsafe.Pointer)

//go:wasmimport vae_edge_kernels dense
//go:noescape
func denseSIMD(args unsafe.Pointer)

//go:wasmimport vae_edge_kernels limit
func limitSIMD(n int32) int32

const (
	wideSIMD convKernel = iota
	oneSIMD
)

func (k convKernel) run(args *convArgs) {
	if k == oneSIMD {
		lastSIMD(unsafe.Pointer(args))
	} else {
		convSIMD(unsafe.Pointer(args))
	}
}

const singleSIMD denseKernel = 0

func (k denseKernel) run(args *denseArgs) { denseSIMD(unsafe.Pointer(args)) }

// What the kernels know of the arguments: each of these fails to compile if it is not so.
var (
	_ = [1]int{}[unsafe.Offsetof(convArgs{}.singles)-48]
	_ = [1]int{}[unsafe.Offsetof(convArgs{}.table)-80]
	_ = [1]int{}[unsafe.Offsetof(convArgs{}.zero)-100]
	_ = [1]int{}[unsafe.Offsetof(denseArgs{}.x)-32]
	_ = [1]int{}[unsafe.Offsetof(denseArgs{}.blocks)-88]
	_ = [1]int{}[unsafe.Offsetof(denseArgs{}.zero)-100]
	_ = [1]int{}[storeRaw-1]
)

const stepSIMD = 8 // source bytes

// quadTile is a tile of two pixels, or blocks, by four channels, or phases.
func quadTile() *tile {
	return &tile{
		convKernel: wideSIMD,
		pixels:     2, channels: 4, step: stepSIMD,
		place: func(i int) (channel, source int) { return i / stepSIMD, i % stepSIMD },
		lane:  func(i int) int { return i },
	}
}

func blocksSIMD() *tile {
	quad := quadTile()
	t := blocksTile(wideSIMD, quad.pixels, func(i int) (block, phase int) { return i / 4, i % 4 }, nil)
	t.step, t.place = quad.step, quad.place
	return t
}

var simd128 = newTiled("simd128", &engine{
	wide:   quadTile(),
	last:   lastTile(oneSIMD, 4, stepSIMD, nil),
	blocks: blocksSIMD(),
	dense:  &denseTile{single: singleSIMD, leaky: singleSIMD, pair: singleSIMD, channels: 16, inputs: 2, lane: inOrder},
	budget: 4_000_000,
	spread: 1,
}, func(n int) int {
	limitSIMD(int32(n))
	return n * 64
})

// hasModule tells whether there is an instance: it is made once.
var hasModule = loadModule(unsafe.Pointer(unsafe.SliceData(module)), int32(len(module))) != 0

// assembly lists the backends beyond generic that run on this host.
func assembly() []*backend {
	if !hasModule {
		return nil
	}
	return []*backend{simd128}
}
