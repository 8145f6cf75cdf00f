//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#ifdef EVEX
#include "macros_evex_amd64.h"
#else
#include "macros_amd64.h"
#endif

// The kernels of a family share their bodies, which are macros over lists of what a kernel has many
// of: pixels, vectors or points. A list hands every item to a macro OP, with the arguments that the
// comment above the list names; an OP takes no notice of those that it has no use for. NEXT is an
// instruction less its destination, because SUBQ $-128 is shorter than ADDQ $128.

// CONVOLUTIONS
//
// They compute what convGeneric does; see convArgs in tiled.go.
//
//	AX        args; in a loop the offset of a step; where activations are stored the scales
//	BX        the next weights; where pixels are looked up the table
//	CX        quads of steps left, then pairs, then steps
//	DX        the biases; in the loop over pairs the offset of a pair's second step; where a tile
//	          ends the place of a pixel in the output map
//	SI        the next step's offset
//	DI        the source map, then the last of eight source pixels; where a tile ends the output
//	          map
//	R8        the tile's first pixel in the list of pixels
//	R9..R15   the source pixels, as many as there are; R10 to R12 are scratch where pixels are
//	          looked up
//
// and args.tiles counts down. A kernel begins with TILES, and its tiles begin at its label tile.

#define TILES \
	MOVQ args+0(FP), AX \
	MOVQ convArgs_pixels(AX), R8

#define SOURCEMAP \
	MOVQ args+0(FP), AX \
	MOVQ convArgs_src(AX), DI

// SOURCE sets r to the address of the tile's i-th pixel in the source map.
#define SOURCE(i, r) \
	MOVLQSX (8*i)(R8), r \
	ADDQ    DI, r

// SOURCES2 sets two, for every d-th pixel of the tile, the others more.
#define SOURCES2(d) \
	SOURCE(0*d, R9) \
	SOURCE(1*d, R10)

#define SOURCES3(d) \
	SOURCES2(d) \
	SOURCE(2*d, R11)

#define SOURCES7(d) \
	SOURCES3(d)      \
	SOURCE(3*d, R12) \
	SOURCE(4*d, R13) \
	SOURCE(5*d, R14) \
	SOURCE(6*d, R15)

// The last of eight takes the map's place.
#define SOURCES8(d) \
	SOURCES7(d)             \
	MOVLQSX (8*7*d)(R8), AX \
	ADDQ    AX, DI

#define STEPS \
	MOVQ args+0(FP), AX          \
	MOVQ convArgs_steps(AX), SI  \
	MOVQ convArgs_weight(AX), BX \
	MOVQ convArgs_pairs(AX), CX

// QUADS does QUAD for every quad of steps, which has that many bytes of weights.
#define QUADS(QUAD, size) \
	MOVQ    convArgs_quads(AX), CX \
	TESTQ   CX, CX                 \
	JZ      pairs                  \
quad:                              \
	MOVLQSX (SI), AX               \
	MOVLQSX 4(SI), DX              \
	MOVLQSX 8(SI), R14             \
	MOVLQSX 12(SI), R15            \
	QUAD                           \
	ADDQ    $16, SI                \
	ADDQ    $size, BX              \
	DECQ    CX                     \
	JNZ     quad                   \
pairs:                             \
	MOVQ    args+0(FP), AX         \
	MOVQ    convArgs_pairs(AX), CX

// PAIRS does PAIR for every pair of steps, which has that many bytes of weights.
#define PAIRS(PAIR, size) \
	TESTQ   CX, CX    \
	JZ      singles   \
pair:                 \
	MOVLQSX (SI), AX  \
	MOVLQSX 4(SI), DX \
	PAIR              \
	ADDQ    $8, SI    \
	ADDQ    $size, BX \
	DECQ    CX        \
	JNZ     pair      \
singles:

// SINGLES does STEP for every step that is in no pair. COUNT and EACH are its halves, for kernels
// that always have such steps.
#define COUNT \
	MOVQ args+0(FP), AX \
	MOVQ convArgs_singles(AX), CX

#define EACH(STEP, NEXT) \
single:              \
	MOVLQSX (SI), AX \
	STEP             \
	ADDQ    $4, SI   \
	NEXT, BX         \
	DECQ    CX       \
	JNZ     single

#define SINGLES(STEP, NEXT) \
	COUNT            \
	TESTQ CX, CX     \
	JZ    done       \
	EACH(STEP, NEXT) \
done:

// ACTIVATIONS ends a tile of that many pixels, which PIXELS lists: it does SCALES, then STORE for
// every pixel, or RAW where accumulators are asked for, or LEAKYSCALES and LEAKYSTORE where the
// ReLU is leaky, and goes to tile if there is another.
#define ACTIVATIONS(PIXELS, pixels, SCALES, STORE, RAW, LEAKYSCALES, LEAKYSTORE) \
	MOVQ args+0(FP), AX                      \
	MOVQ convArgs_dst(AX), DI                \
	CMPQ convArgs_store(AX), $0              \
	JNE  other                               \
	MOVQ convArgs_scale(AX), AX              \
	SCALES                                   \
	PIXELS(STORE)                            \
next:                                        \
	MOVQ args+0(FP), AX                      \
	ADDQ $(8*pixels), R8                     \
	DECQ convArgs_tiles(AX)                  \
	JNZ  tile                                \
	VZEROUPPER                               \
	RET                                      \
other:                                       \
	CMPQ convArgs_store(AX), $const_storeRaw \
	JNE  leaky                               \
	PIXELS(RAW)                              \
	JMP  next                                \
leaky:                                       \
	LEAKYSCALES                              \
	PIXELS(LEAKYSTORE)                       \
	JMP  next

// LEAKY sets slope and zero to the two in all lanes, and AX to the scales.
#define LEAKY(slope, zero) \
	VPBROADCASTD convArgs_slope(AX), slope \
	VPBROADCASTD convArgs_zero(AX), zero   \
	MOVQ         convArgs_scale(AX), AX

// PLACE sets DX to the place of the tile's i-th pixel in the output map.
#define PLACE(i) MOVLQSX (8*(i)+4)(R8), DX

// ONES sets every 16-bit lane of Y15 to 1.
#define ONES \
	VPCMPEQW Y15, Y15, Y15 \
	VPSRLW   $15, Y15, Y15

#define ZERO VPXOR Y15, Y15, Y15

// MULADD2 adds products to 32-bit lanes: x += a.w, four bytes to a lane; a is unsigned.
#define MULADD2(w, a, x, t) \
	VPMADDUBSW w, a, t   \
	VPMADDWD   Y15, t, t \
	VPADDD     t, x, x

// REQUANTIZE leaves round(x*scale) in x.
#define REQUANTIZE(scale, x) \
	VCVTDQ2PS x, x        \
	VMULPS    scale, x, x \
	VCVTPS2DQ x, x

// REQUANTIZE_LEAKY leaves round(x*scale)+zero in x or, where x is below 0, round(x*below)+zero. As
// below is not above scale, that is the larger product. It uses the vector t, which may be below.
#define REQUANTIZE_LEAKY(scale, below, zero, x, t) \
	VCVTDQ2PS x, x        \
	VMULPS    below, x, t \
	VMULPS    scale, x, x \
	VMAXPS    t, x, x     \
	VCVTPS2DQ x, x        \
	VPADDD    zero, x, x

// REQUANTIZE_SLOPE does so with below = slope*scale.
#define REQUANTIZE_SLOPE(scale, slope, zero, x, t) \
	VMULPS scale, slope, t \
	REQUANTIZE_LEAKY(scale, t, zero, x, t)

// PACK4 packs four vectors to activations in w.
#define PACK4(zero, w, x, y, z) \
	VPACKSSDW x, w, w \
	VPACKSSDW z, y, y \
	VPACKSSWB y, w, w \
	VPMAXSB   zero, w, w

// WIDE TILES OF 256-BIT VECTORS: 32 channels of two pixels (AVX2) or three (AVX-VNNI)
//
//	         AVX2                                     AVX-VNNI
//	Y0..Y3   sums of pixel 0                          sums of pixel 0
//	Y4..Y7   sums of pixel 1                          sums of pixel 1
//	Y8       activations of pixel 0                   sums of pixel 2
//	Y9       those of a pair's second step            sums of pixel 2
//	Y10      activations of pixel 1                   sums of pixel 2
//	Y11      those of a pair's second step            sums of pixel 2
//	Y12      products of pixel 0                      activations of pixel 0
//	Y13      products of pixel 1                      activations of pixel 1
//	Y14      weights, then products                   activations of pixel 2
//	Y15      ones; for the stores zero                weights; for the stores zero
//
// In a quad of AVX2 Y8 to Y11 are sums in 16 bits of two vectors, Y12 and Y13 activations, then
// products, and Y14 and Y15 weights, then products; AX, DX, R14 and R15 are the steps' offsets. The
// scales are read from memory. For the stores of a leaky ReLU Y12 is scratch, Y13 the slope and Y14
// the zero point.

// OP(i, w, x, y, z): the pixel's number and its sums.
#define PIXELS2(OP) \
	OP(0, Y0, Y1, Y2, Y3) \
	OP(1, Y4, Y5, Y6, Y7)

#define PIXELS3(OP) \
	PIXELS2(OP) \
	OP(2, Y8, Y9, Y10, Y11)

#define COPY4(w, x, y, z) \
	VMOVDQA Y0, w \
	VMOVDQA Y1, x \
	VMOVDQA Y2, y \
	VMOVDQA Y3, z

// OP(i, x, y): the number of a vector and what two pixels, or points, sum up in it.
#define VECTORS4(OP) \
	OP(0, Y0, Y4) \
	OP(1, Y1, Y5) \
	OP(2, Y2, Y6) \
	OP(3, Y3, Y7)

// WIDE_TILE begins a tile and leaves the biases in the sums of two pixels.
#define WIDE_TILE(SOURCES) \
	SOURCEMAP                     \
	MOVQ    convArgs_bias(AX), DX \
	SOURCES(1)                    \
	VMOVDQU (DX), Y0              \
	VMOVDQU 32(DX), Y1            \
	VMOVDQU 64(DX), Y2            \
	VMOVDQU 96(DX), Y3            \
	COPY4(Y4, Y5, Y6, Y7)

#define WIDE_STORE(i, w, x, y, z) \
	REQUANTIZE((AX), w)    \
	REQUANTIZE(32(AX), x)  \
	REQUANTIZE(64(AX), y)  \
	REQUANTIZE(96(AX), z)  \
	PACK4(Y15, w, x, y, z) \
	PLACE(i)               \
	VMOVDQU w, (DI)(DX*1)

#define WIDE_LEAKYSCALES \
	LEAKY(Y13, Y14) \
	ZERO

#define WIDE_LEAKYSTORE(i, w, x, y, z) \
	REQUANTIZE_SLOPE((AX), Y13, Y14, w, Y12)   \
	REQUANTIZE_SLOPE(32(AX), Y13, Y14, x, Y12) \
	REQUANTIZE_SLOPE(64(AX), Y13, Y14, y, Y12) \
	REQUANTIZE_SLOPE(96(AX), Y13, Y14, z, Y12) \
	PACK4(Y15, w, x, y, z)                     \
	PLACE(i)                                   \
	VMOVDQU w, (DI)(DX*1)

#define WIDE_RAW(i, w, x, y, z) \
	PLACE(i)                \
	VMOVDQU w, (DI)(DX*4)   \
	VMOVDQU x, 32(DI)(DX*4) \
	VMOVDQU y, 64(DI)(DX*4) \
	VMOVDQU z, 96(DI)(DX*4)

#define WIDE_ADD2(i, x, y) \
	VMOVDQU    (32*i)(BX), Y14          \
	VPMADDUBSW Y14, Y8, Y12             \
	VPMADDUBSW Y14, Y10, Y13            \
	VPMADDUBSW (128+32*i)(BX), Y9, Y14  \
	VPADDW     Y14, Y12, Y12            \
	VPMADDUBSW (128+32*i)(BX), Y11, Y14 \
	VPADDW     Y14, Y13, Y13            \
	VPMADDWD   Y15, Y12, Y12            \
	VPADDD     Y12, x, x                \
	VPMADDWD   Y15, Y13, Y13            \
	VPADDD     Y13, y, y

#define WIDE_PAIR \
	VPBROADCASTD (R9)(AX*1), Y8   \
	VPBROADCASTD (R9)(DX*1), Y9   \
	VPBROADCASTD (R10)(AX*1), Y10 \
	VPBROADCASTD (R10)(DX*1), Y11 \
	VECTORS4(WIDE_ADD2)

#define WIDE_ADD1(i, x, y) \
	VMOVDQU (32*i)(BX), Y14  \
	MULADD2(Y14, Y8, x, Y12) \
	MULADD2(Y14, Y10, y, Y13)

#define WIDE_STEP \
	VPBROADCASTD (R9)(AX*1), Y8   \
	VPBROADCASTD (R10)(AX*1), Y10 \
	VECTORS4(WIDE_ADD1)

// WIDE_FIRST begins the sums in 16 bits of a quad, WIDE_MORE adds to them.
#define WIDE_FIRST(offset, i, k) \
	VPBROADCASTD (R9)(offset*1), Y12  \
	VPBROADCASTD (R10)(offset*1), Y13 \
	VMOVDQU      (32*(i))(BX), Y14    \
	VMOVDQU      (32*(k))(BX), Y15    \
	VPMADDUBSW   Y14, Y12, Y8         \
	VPMADDUBSW   Y14, Y13, Y9         \
	VPMADDUBSW   Y15, Y12, Y10        \
	VPMADDUBSW   Y15, Y13, Y11

#define WIDE_MORE(offset, i, k) \
	VPBROADCASTD (R9)(offset*1), Y12  \
	VPBROADCASTD (R10)(offset*1), Y13 \
	VMOVDQU      (32*(i))(BX), Y14    \
	VPMADDUBSW   Y14, Y12, Y15        \
	VPADDW       Y15, Y8, Y8          \
	VPMADDUBSW   Y14, Y13, Y14        \
	VPADDW       Y14, Y9, Y9          \
	VMOVDQU      (32*(k))(BX), Y15    \
	VPMADDUBSW   Y15, Y12, Y12        \
	VPADDW       Y12, Y10, Y10        \
	VPMADDUBSW   Y15, Y13, Y13        \
	VPADDW       Y13, Y11, Y11

// WIDE_HALF does a quad for the vectors i and k: u and v are what both pixels sum up in the one, x
// and y in the other. It leaves the ones where they were.
#define WIDE_HALF(i, k, u, v, x, y) \
	WIDE_FIRST(AX, i, k)       \
	WIDE_MORE(DX, 4+i, 4+k)    \
	WIDE_MORE(R14, 8+i, 8+k)   \
	WIDE_MORE(R15, 12+i, 12+k) \
	VMOVDQU  ·ones(SB), Y15    \
	VPMADDWD Y15, Y8, Y8       \
	VPADDD   Y8, u, u          \
	VPMADDWD Y15, Y9, Y9       \
	VPADDD   Y9, v, v          \
	VPMADDWD Y15, Y10, Y10     \
	VPADDD   Y10, x, x         \
	VPMADDWD Y15, Y11, Y11     \
	VPADDD   Y11, y, y

#define WIDE_QUAD \
	WIDE_HALF(0, 1, Y0, Y4, Y1, Y5) \
	WIDE_HALF(2, 3, Y2, Y6, Y3, Y7)

// func convWideAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convWideAVX2(SB), NOSPLIT, $0-8
	TILES

tile:
	ONES
	WIDE_TILE(SOURCES2)
	STEPS
	QUADS(WIDE_QUAD, 512)
	PAIRS(WIDE_PAIR, 256)
	SINGLES(WIDE_STEP, ADDQ $128)
	ACTIVATIONS(PIXELS2, 2, ZERO, WIDE_STORE, WIDE_RAW, WIDE_LEAKYSCALES, WIDE_LEAKYSTORE)

// WIDE_DOT adds a vector to the sums of three pixels, which are given by number.
#define WIDE_DOT(i, x, y, z) \
	VMOVDQU (32*i)(BX), Y15 \
	VPDPBUSD_VEX(15, 12, x) \
	VPDPBUSD_VEX(15, 13, y) \
	VPDPBUSD_VEX(15, 14, z)

#define WIDE_DOTSTEP \
	VPBROADCASTD (R9)(AX*1), Y12  \
	VPBROADCASTD (R10)(AX*1), Y13 \
	VPBROADCASTD (R11)(AX*1), Y14 \
	WIDE_DOT(0, 0, 4, 8)          \
	WIDE_DOT(1, 1, 5, 9)          \
	WIDE_DOT(2, 2, 6, 10)         \
	WIDE_DOT(3, 3, 7, 11)

// func convWideVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convWideVNNI(SB), NOSPLIT, $0-8
	TILES

tile:
	WIDE_TILE(SOURCES3)
	COPY4(Y8, Y9, Y10, Y11)
	STEPS
	SINGLES(WIDE_DOTSTEP, ADDQ $128)
	ACTIVATIONS(PIXELS3, 3, ZERO, WIDE_STORE, WIDE_RAW, WIDE_LEAKYSCALES, WIDE_LEAKYSTORE)

// WIDE TILES OF 512-BIT VECTORS: 32 channels of seven pixels or eight
//
//	Z0..Z15    sums, those of pixel p in Z(2*p) and Z(2*p+1)
//	Z16..Z23   activations of the pixels 0 to 7
//	Z24, Z25   weights; for the stores the scales
//	Z26, Z27   for the stores of a leaky ReLU the scales of what is below 0
//	Z28, Z29   for the same scratch and the zero point
//	Z31        zero

// OP(i, r, a, x, y, lowx): the pixel's number, address, activations and sums; lowx is half of x.
#define PIXELS6Z(OP) \
	OP(1, R10, Z17, Z2, Z3, Y2)    \
	OP(2, R11, Z18, Z4, Z5, Y4)    \
	OP(3, R12, Z19, Z6, Z7, Y6)    \
	OP(4, R13, Z20, Z8, Z9, Y8)    \
	OP(5, R14, Z21, Z10, Z11, Y10) \
	OP(6, R15, Z22, Z12, Z13, Y12)

#define PIXELS7Z(OP) \
	OP(0, R9, Z16, Z0, Z1, Y0) \
	PIXELS6Z(OP)

#define PIXEL7Z(OP) OP(7, DI, Z23, Z14, Z15, Y14)

#define PIXELS8Z(OP) \
	PIXELS7Z(OP) \
	PIXEL7Z(OP)

#define WIDEZ_COPY(i, r, a, x, y, lowx) \
	VMOVDQA64 Z0, x \
	VMOVDQA64 Z1, y

#define WIDEZ_DOT(i, r, a, x, y, lowx) \
	VPBROADCASTD (r)(AX*1), a \
	VPDPBUSD     Z24, a, x    \
	VPDPBUSD     Z25, a, y

#define WIDEZ_STEP(PIXELS) \
	VMOVDQU32 (BX), Z24   \
	VMOVDQU32 64(BX), Z25 \
	PIXELS(WIDEZ_DOT)

#define WIDEZ_SCALES \
	VMOVUPS (AX), Z24 \
	VMOVUPS 64(AX), Z25

#define WIDEZ_STORE(i, r, a, x, y, lowx) \
	REQUANTIZE(Z24, x) \
	REQUANTIZE(Z25, y) \
	WIDEZ_PACK(i, x, y, lowx)

#define WIDEZ_LEAKYSCALES \
	LEAKY(Z28, Z29)      \
	WIDEZ_SCALES         \
	VMULPS Z24, Z28, Z26 \
	VMULPS Z25, Z28, Z27

#define WIDEZ_LEAKYSTORE(i, r, a, x, y, lowx) \
	REQUANTIZE_LEAKY(Z24, Z26, Z29, x, Z28) \
	REQUANTIZE_LEAKY(Z25, Z27, Z29, y, Z28) \
	WIDEZ_PACK(i, x, y, lowx)

// WIDEZ_PACK stores the activations that x and y are, less what clamping takes.
#define WIDEZ_PACK(i, x, y, lowx) \
	VPACKSSDW y, x, x         \
	VPMOVSWB  x, lowx         \
	VPMAXSB   Y31, lowx, lowx \
	PLACE(i)                  \
	VMOVDQU   lowx, (DI)(DX*1)

#define WIDEZ_RAW(i, r, a, x, y, lowx) \
	PLACE(i)                \
	VMOVDQU32 x, (DI)(DX*4) \
	VMOVDQU32 y, 64(DI)(DX*4)

// WIDEZ_TILE begins a tile and leaves the biases in the sums of seven pixels.
#define WIDEZ_TILE(SOURCES) \
	SOURCEMAP                       \
	MOVQ      convArgs_bias(AX), DX \
	SOURCES(1)                      \
	VMOVDQU32 (DX), Z0              \
	VMOVDQU32 64(DX), Z1            \
	PIXELS6Z(WIDEZ_COPY)

// func convWideVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convWideVNNI512(SB), NOSPLIT, $0-8
	TILES
	VPXORD Z31, Z31, Z31

tile:
	WIDEZ_TILE(SOURCES7)
	STEPS
	SINGLES(WIDEZ_STEP(PIXELS7Z), SUBQ $-128)
	ACTIVATIONS(PIXELS7Z, 7, WIDEZ_SCALES, WIDEZ_STORE, WIDEZ_RAW, WIDEZ_LEAKYSCALES, WIDEZ_LEAKYSTORE)

// func convWide8VNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convWide8VNNI512(SB), NOSPLIT, $0-8
	TILES
	VPXORD Z31, Z31, Z31

tile:
	WIDEZ_TILE(SOURCES8)
	PIXEL7Z(WIDEZ_COPY)
	STEPS
	SINGLES(WIDEZ_STEP(PIXELS8Z), SUBQ $-128)
	ACTIVATIONS(PIXELS8Z, 8, WIDEZ_SCALES, WIDEZ_STORE, WIDEZ_RAW, WIDEZ_LEAKYSCALES, WIDEZ_LEAKYSTORE)

// NARROW TILES: eight channels of eight pixels
//
//	         AVX2                                     VNNI, in either encoding
//	Y0..Y7   sums of the pixels 0 to 7                sums of the pixels 0 to 7
//	Y8       weights; for the stores the scales       weights; for the stores the scales
//	Y9       weights of a pair's second step          activations of a pixel
//	Y10      activations of a pixel, then products;   for the stores scratch
//	         for the stores scratch
//	Y11      those of a pair's second step            free
//	Y15      ones; for the stores zero                for the stores zero
//
// For the stores of a leaky ReLU Y9 is the scales of what is below 0, and Y11 the zero point.

// OP(i, r, x, lowx, n): the pixel's number, address and sums; lowx is half of x, n is its number.
#define PIXELS7(OP) \
	OP(1, R10, Y1, X1, 1) \
	OP(2, R11, Y2, X2, 2) \
	OP(3, R12, Y3, X3, 3) \
	OP(4, R13, Y4, X4, 4) \
	OP(5, R14, Y5, X5, 5) \
	OP(6, R15, Y6, X6, 6) \
	OP(7, DI, Y7, X7, 7)

#define PIXELS8(OP) \
	OP(0, R9, Y0, X0, 0) \
	PIXELS7(OP)

// PAIR8 is a pair of steps, STEP8 a single one; OP adds a pixel's products.
#define PAIR8(OP) \
	VMOVDQU (BX), Y8   \
	VMOVDQU 32(BX), Y9 \
	PIXELS8(OP)

#define STEP8(OP) \
	VMOVDQU (BX), Y8 \
	PIXELS8(OP)

// ADD2 adds the products of a pair of steps to x, first in 16 bits; ADD1, DOT and DOTEVEX those of
// a step. LOAD is how activations are loaded.
#define ADD2(LOAD, r, x) \
	LOAD       (r)(AX*1), Y10 \
	LOAD       (r)(DX*1), Y11 \
	VPMADDUBSW Y8, Y10, Y10   \
	VPMADDUBSW Y9, Y11, Y11   \
	VPADDW     Y11, Y10, Y10  \
	VPMADDWD   Y15, Y10, Y10  \
	VPADDD     Y10, x, x

#define ADD1(LOAD, r, x) \
	LOAD (r)(AX*1), Y10 \
	MULADD2(Y8, Y10, x, Y10)

#define DOT(LOAD, r, n) \
	LOAD (r)(AX*1), Y9 \
	VPDPBUSD_VEX(8, 9, n)

#define DOTEVEX(LOAD, r, x) \
	LOAD     (r)(AX*1), Y9 \
	VPDPBUSD Y8, Y9, x

#define NARROW_ADD2(i, r, x, lowx, n) ADD2(VPBROADCASTD, r, x)

#define NARROW_ADD1(i, r, x, lowx, n) ADD1(VPBROADCASTD, r, x)

#define NARROW_DOT(i, r, x, lowx, n) DOT(VPBROADCASTD, r, n)

#define NARROW_DOTEVEX(i, r, x, lowx, n) DOTEVEX(VPBROADCASTD, r, x)

#define NARROW_COPY(i, r, x, lowx, n) VMOVDQA Y0, x

#define NARROW_TILE \
	SOURCEMAP                     \
	MOVQ    convArgs_bias(AX), DX \
	SOURCES8(1)                   \
	VMOVDQU (DX), Y0              \
	PIXELS7(NARROW_COPY)          \
	STEPS

#define NARROW_SCALES \
	VMOVUPS (AX), Y8 \
	ZERO

#define NARROW_STORE(i, r, x, lowx, n) \
	REQUANTIZE(Y8, x) \
	NARROW_PACK(i, x, lowx)

#define NARROW_LEAKYSCALES \
	LEAKY(Y9, Y11) \
	NARROW_SCALES  \
	VMULPS Y8, Y9, Y9

#define NARROW_LEAKYSTORE(i, r, x, lowx, n) \
	REQUANTIZE_LEAKY(Y8, Y9, Y11, x, Y10) \
	NARROW_PACK(i, x, lowx)

// NARROW_PACK stores the activations that x is, less what clamping takes.
#define NARROW_PACK(i, x, lowx) \
	VEXTRACTI128 $1, x, X10     \
	VPACKSSDW    X10, lowx, X10 \
	VPACKSSWB    X10, X10, X10  \
	VPMAXSB      X15, X10, X10  \
	PLACE(i)                    \
	VMOVQ        X10, (DI)(DX*1)

#define NARROW_RAW(i, r, x, lowx, n) \
	PLACE(i) \
	VMOVDQU x, (DI)(DX*4)

// func convNarrowAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convNarrowAVX2(SB), NOSPLIT, $0-8
	TILES

tile:
	ONES
	NARROW_TILE
	PAIRS(PAIR8(NARROW_ADD2), 64)
	SINGLES(STEP8(NARROW_ADD1), ADDQ $32)
	ACTIVATIONS(PIXELS8, 8, NARROW_SCALES, NARROW_STORE, NARROW_RAW, NARROW_LEAKYSCALES, NARROW_LEAKYSTORE)

// NARROW is a kernel that adds a step's products by ADD and knows no pairs.
#define NARROW(ADD) \
	TILES                         \
tile:                             \
	NARROW_TILE                   \
	SINGLES(STEP8(ADD), ADDQ $32) \
	ACTIVATIONS(PIXELS8, 8, NARROW_SCALES, NARROW_STORE, NARROW_RAW, NARROW_LEAKYSCALES, NARROW_LEAKYSTORE)

// func convNarrowVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convNarrowVNNI(SB), NOSPLIT, $0-8
	NARROW(NARROW_DOT)

// func convNarrowVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convNarrowVNNI512(SB), NOSPLIT, $0-8
	NARROW(NARROW_DOTEVEX)

// LAST LAYER: one channel of eight pixels, the lanes of whose sums run over source bytes
//
//	         in the loops                             where a tile ends
//	Y0       sums of pixel 0                          places in the table
//	Y1       sums of pixel 1                          scratch
//	Y2       sums of pixel 2                          the bias
//	Y3       sums of pixel 3                          the scale
//	Y4..Y7   sums of the pixels 4 to 7                scratch
//	Y8..Y11  as in narrow tiles                       free
//	X14      the places in the table of the tile before, from tile to tile
//	Y15      ones (AVX2), from tile to tile

#define LAST_CLEAR(i, r, x, lowx, n) VPXOR x, x, x

#define LAST_TILE \
	SOURCEMAP           \
	SOURCES8(1)         \
	PIXELS8(LAST_CLEAR) \
	STEPS

#define LAST_ADD2(i, r, x, lowx, n) ADD2(VMOVDQU, r, x)

#define LAST_ADD1(i, r, x, lowx, n) ADD1(VMOVDQU, r, x)

#define LAST_DOT(i, r, x, lowx, n) DOT(VMOVDQU, r, n)

#define LAST_DOTEVEX(i, r, x, lowx, n) DOTEVEX(VMOVDQU, r, x)

// SUM4 leaves in every group of a the sums of those groups of a to d, with s and t for scratch.
#define SUM4(a, b, c, d, s, t) \
	VPUNPCKLDQ  b, a, s \
	VPUNPCKHDQ  b, a, t \
	VPADDD      t, s, a \
	VPUNPCKLDQ  d, c, s \
	VPUNPCKHDQ  d, c, t \
	VPADDD      t, s, c \
	VPUNPCKLQDQ c, a, s \
	VPUNPCKHQDQ c, a, t \
	VPADDD      t, s, a

// SUM8 leaves in a the sums of the lanes of a to h, with s and t for scratch.
#define SUM8(a, b, c, d, e, f, g, h, s, t) \
	SUM4(a, b, c, d, s, t)     \
	SUM4(e, f, g, h, s, t)     \
	VPERM2I128 $0x20, e, a, b  \
	VPERM2I128 $0x31, e, a, a  \
	VPADDD     b, a, a

// TABLES prepares for INDEX8 and TABLE8.
#define TABLES \
	MOVQ         args+0(FP), AX         \
	MOVQ         convArgs_dst(AX), DI   \
	MOVQ         convArgs_table(AX), BX \
	MOVQ         convArgs_bias(AX), DX  \
	VPBROADCASTD (DX), Y2               \
	MOVQ         convArgs_scale(AX), DX \
	VPBROADCASTD (DX), Y3

// INDEX8 leaves in lowx, as 16-bit lanes, the places in the table for the accumulators in x. It
// uses the vector t.
#define INDEX8(x, lowx, t) \
	VPADDD       Y2, x, x                  \
	REQUANTIZE(Y3, x)                      \
	VEXTRACTI128 $1, x, t                  \
	VPACKSSDW    t, lowx, lowx             \
	VPMINSW      ·indexMax(SB), lowx, lowx \
	VPMAXSW      ·indexMin(SB), lowx, lowx \
	VPSUBW       ·indexMin(SB), lowx, lowx

// TABLE1 stores the tile's i-th pixel, whose place in the table is in the lowest 16 bits of R10.
#define TABLE1(i) \
	PLACE(i)                 \
	MOVWQZX R10, R11         \
	MOVBLZX (BX)(R11*1), R11 \
	MOVB    R11, (DI)(DX*1)

// TABLE4 stores four pixels from the tile's i-th on, whose places in the table are in R10.
#define TABLE4(i) \
	TABLE1(i)     \
	SHRQ $16, R10 \
	TABLE1(i+1)   \
	SHRQ $16, R10 \
	TABLE1(i+2)   \
	SHRQ $16, R10 \
	TABLE1(i+3)

// TABLE8 stores eight, whose places in the table are in x.
#define TABLE8(i, x) \
	VMOVQ   x, R10     \
	VPEXTRQ $1, x, R12 \
	TABLE4(i)          \
	MOVQ    R12, R10   \
	TABLE4(i+4)

// LOOKUP8 ends a tile whose sums the lanes of Y0 to Y7 add up to, and goes to tile if there is
// another. A tile's pixels are looked up when the next tile's places in the table are on their way.
#define LOOKUP8 \
	SUM8(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9) \
	TABLES                               \
	INDEX8(Y0, X0, X1)                   \
	MOVQ args+0(FP), AX                  \
	CMPQ R8, convArgs_pixels(AX)         \
	JEQ  first                           \
	TABLE8(-8, X14)                      \
first:                                   \
	VMOVDQA X0, X14                      \
	ADDQ $64, R8                         \
	DECQ convArgs_tiles(AX)              \
	JNZ  tile                            \
	TABLE8(-8, X14)                      \
	VZEROUPPER                           \
	RET

// func convLastAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convLastAVX2(SB), NOSPLIT, $0-8
	TILES
	ONES

tile:
	LAST_TILE
	PAIRS(PAIR8(LAST_ADD2), 64)
	SINGLES(STEP8(LAST_ADD1), ADDQ $32)
	LOOKUP8

// LAST is the same for the last layer.
#define LAST(ADD) \
	TILES                         \
tile:                             \
	LAST_TILE                     \
	SINGLES(STEP8(ADD), ADDQ $32) \
	LOOKUP8

// func convLastVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convLastVNNI(SB), NOSPLIT, $0-8
	LAST(LAST_DOT)

// func convLastVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convLastVNNI512(SB), NOSPLIT, $0-8
	LAST(LAST_DOTEVEX)

// LAST LAYER, RUNS OF FOUR: two times four neighbours. A kernel's row is three pixels of 32 bytes
// each, so that a pixel is read once for all that it adds to.
//
//	          AVX-VNNI
//	Y0..Y7    sums of the pixels 0 to 7
//	Y8..Y10   the weights of a row of the kernel
//	Y11       activations of pixel 0 of a row of six, then of pixel 4
//	Y12       activations of pixel 1, then of pixel 5
//	Y13       activations of pixel 2
//	Y15       activations of pixel 3
//	R9, R10   the source pixels 0 and 4
//
// Of AVX2 Y8 and Y9 are the weights of a row's first two taps, Y10 to Y13 activations and sums in
// 16 bits, and Y15 ones. X14 and the end of a tile are as above.

// QUAD adds the products of a row of six pixels, from r on, to the sums of four neighbours, which
// are given by number.
#define QUAD(r, w, x, y, z) \
	VMOVDQU (r)(AX*1), Y11    \
	VMOVDQU 32(r)(AX*1), Y12  \
	VMOVDQU 64(r)(AX*1), Y13  \
	VMOVDQU 96(r)(AX*1), Y15  \
	VPDPBUSD_VEX(8, 11, w)    \
	VPDPBUSD_VEX(8, 12, x)    \
	VPDPBUSD_VEX(8, 13, y)    \
	VPDPBUSD_VEX(8, 15, z)    \
	VMOVDQU 128(r)(AX*1), Y11 \
	VPDPBUSD_VEX(9, 12, w)    \
	VPDPBUSD_VEX(9, 13, x)    \
	VPDPBUSD_VEX(9, 15, y)    \
	VPDPBUSD_VEX(9, 11, z)    \
	VMOVDQU 160(r)(AX*1), Y12 \
	VPDPBUSD_VEX(10, 13, w)   \
	VPDPBUSD_VEX(10, 15, x)   \
	VPDPBUSD_VEX(10, 11, y)   \
	VPDPBUSD_VEX(10, 12, z)

// LAST_FLUSH adds sums in 16 bits to x.
#define LAST_FLUSH(t, x) \
	VPMADDWD Y15, t, t \
	VPADDD   t, x, x

// WHOLE adds the products of a row of six pixels, from r on, to the sums of four neighbours, where
// those of all three taps can be added in 16 bits; PARTED does where those of the first two can.
#define WHOLE(r, w, x, y, z) \
	VMOVDQU    (r)(AX*1), Y10     \
	VPMADDUBSW Y8, Y10, Y10       \
	VMOVDQU    32(r)(AX*1), Y11   \
	VPMADDUBSW Y9, Y11, Y12       \
	VPADDW     Y12, Y10, Y10      \
	VPMADDUBSW Y8, Y11, Y11       \
	VMOVDQU    64(r)(AX*1), Y12   \
	VPMADDUBSW 64(BX), Y12, Y13   \
	VPADDW     Y13, Y10, Y10      \
	LAST_FLUSH(Y10, w)            \
	VPMADDUBSW Y9, Y12, Y13       \
	VPADDW     Y13, Y11, Y11      \
	VPMADDUBSW Y8, Y12, Y12       \
	VMOVDQU    96(r)(AX*1), Y10   \
	VPMADDUBSW 64(BX), Y10, Y13   \
	VPADDW     Y13, Y11, Y11      \
	LAST_FLUSH(Y11, x)            \
	VPMADDUBSW Y9, Y10, Y13       \
	VPADDW     Y13, Y12, Y12      \
	VPMADDUBSW Y8, Y10, Y10       \
	VMOVDQU    128(r)(AX*1), Y11  \
	VPMADDUBSW 64(BX), Y11, Y13   \
	VPADDW     Y13, Y12, Y12      \
	LAST_FLUSH(Y12, y)            \
	VPMADDUBSW Y9, Y11, Y11       \
	VPADDW     Y11, Y10, Y10      \
	VMOVDQU    160(r)(AX*1), Y11  \
	VPMADDUBSW 64(BX), Y11, Y11   \
	VPADDW     Y11, Y10, Y10      \
	LAST_FLUSH(Y10, z)

#define PARTED(r, w, x, y, z) \
	VMOVDQU    (r)(AX*1), Y10     \
	VPMADDUBSW Y8, Y10, Y10       \
	VMOVDQU    32(r)(AX*1), Y11   \
	VPMADDUBSW Y9, Y11, Y12       \
	VPADDW     Y12, Y10, Y10      \
	LAST_FLUSH(Y10, w)            \
	VPMADDUBSW Y8, Y11, Y11       \
	VMOVDQU    64(r)(AX*1), Y12   \
	VPMADDUBSW 64(BX), Y12, Y13   \
	LAST_FLUSH(Y13, w)            \
	VPMADDUBSW Y9, Y12, Y13       \
	VPADDW     Y13, Y11, Y11      \
	LAST_FLUSH(Y11, x)            \
	VPMADDUBSW Y8, Y12, Y12       \
	VMOVDQU    96(r)(AX*1), Y10   \
	VPMADDUBSW 64(BX), Y10, Y13   \
	LAST_FLUSH(Y13, x)            \
	VPMADDUBSW Y9, Y10, Y13       \
	VPADDW     Y13, Y12, Y12      \
	LAST_FLUSH(Y12, y)            \
	VPMADDUBSW Y8, Y10, Y10       \
	VMOVDQU    128(r)(AX*1), Y11  \
	VPMADDUBSW 64(BX), Y11, Y13   \
	LAST_FLUSH(Y13, y)            \
	VPMADDUBSW Y9, Y11, Y11       \
	VPADDW     Y11, Y10, Y10      \
	LAST_FLUSH(Y10, z)            \
	VMOVDQU    160(r)(AX*1), Y11  \
	VPMADDUBSW 64(BX), Y11, Y11   \
	LAST_FLUSH(Y11, z)

// QUADROW adds a row of the kernel to two times four neighbours.
#define QUADROW(ADD) \
	MOVLQSX (SI), AX         \
	VMOVDQU (BX), Y8         \
	VMOVDQU 32(BX), Y9       \
	ADD(R9, Y0, Y1, Y2, Y3)  \
	ADD(R10, Y4, Y5, Y6, Y7) \
	ADDQ    $12, SI          \
	ADDQ    $96, BX

// func convLastQuadsAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convLastQuadsAVX2(SB), NOSPLIT, $0-8
	TILES
	ONES

tile:
	SOURCEMAP
	SOURCES2(4)
	PIXELS8(LAST_CLEAR)
	STEPS
	TESTQ CX, CX
	JZ    parted

whole:
	QUADROW(WHOLE)
	DECQ CX
	JNZ  whole

parted:
	COUNT
	TESTQ CX, CX
	JZ    done

row:
	QUADROW(PARTED)
	DECQ CX
	JNZ  row

done:
	LOOKUP8

// func convLastQuadsVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convLastQuadsVNNI(SB), NOSPLIT, $0-8
	TILES

tile:
	SOURCEMAP
	SOURCES2(4)
	PIXELS8(LAST_CLEAR)
	STEPS
	COUNT

row:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	VMOVDQU 32(BX), Y9
	VMOVDQU 64(BX), Y10
	QUAD(R9, 0, 1, 2, 3)
	QUAD(R10, 4, 5, 6, 7)
	ADDQ    $12, SI
	ADDQ    $96, BX
	SUBQ    $3, CX
	JNZ     row
	LOOKUP8

// LAST LAYER, RUNS OF TWO: eight times two neighbours, with 32 bytes each to a vector
//
//	           in the loop                            where a tile ends
//	Z0..Z7     sums of the pairs 0 to 7               as above, of the first neighbours
//	Z8         weights, twice                         Y8 to Y15 are the same of the second ones
//	Z16..Z23   activations of the pairs 0 to 7        free
//	X24, X25   the places in the table of the tile before, from tile to tile
//	R9..R15    the source pixels 0, 2, 4, 6, 8, 10 and 12; DI is 14

// OP(r, a, x, y): the pair's address, activations and sums; y is for those of its second neighbour.
#define PAIRS8Z(OP) \
	OP(R9, Z16, Z0, Y8)   \
	OP(R10, Z17, Z1, Y9)  \
	OP(R11, Z18, Z2, Y10) \
	OP(R12, Z19, Z3, Y11) \
	OP(R13, Z20, Z4, Y12) \
	OP(R14, Z21, Z5, Y13) \
	OP(R15, Z22, Z6, Y14) \
	OP(DI, Z23, Z7, Y15)

#define PAIRS_DOT(r, a, x, y) \
	VMOVDQU32 (r)(AX*1), a \
	VPDPBUSD  Z8, a, x

#define PAIRS_SECOND(r, a, x, y) VEXTRACTI64X4 $1, x, y

#define PAIRS_STEP \
	VBROADCASTI64X4 (BX), Z8 \
	PAIRS8Z(PAIRS_DOT)

// func convLastPairsVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convLastPairsVNNI512(SB), NOSPLIT, $0-8
	TILES

tile:
	SOURCEMAP
	SOURCES8(2)
	PIXELS8(LAST_CLEAR)
	STEPS
	COUNT
	EACH(PAIRS_STEP, ADDQ $32)
	PAIRS8Z(PAIRS_SECOND)
	SUM8(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y16, Y17)
	SUM8(Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, Y16, Y17)
	TABLES
	INDEX8(Y0, X0, X1)
	INDEX8(Y8, X8, X9)
	VPUNPCKLWD X8, X0, X1
	VPUNPCKHWD X8, X0, X0
	MOVQ       args+0(FP), AX
	CMPQ       R8, convArgs_pixels(AX)
	JEQ        first
	VMOVDQA64  X24, X8
	VMOVDQA64  X25, X9
	TABLE8(-16, X8)
	TABLE8(-8, X9)

first:
	VMOVDQA64 X1, X24
	VMOVDQA64 X0, X25
	SUBQ      $-128, R8
	DECQ      convArgs_tiles(AX)
	JNZ       tile
	TABLE8(-16, X1)
	TABLE8(-8, X0)
	VZEROUPPER
	RET

// LAST LAYER, BLOCKS: one channel of blocks of four pixels, see grid. A vector has 16 source bytes
// of a block in each of its groups of four lanes, and a group is a phase.
//
//	         256 bits: four blocks                   512 bits: eight blocks
//	Y0..Y3   sums of the phases 0 and 1              Z0..Z7     sums of the blocks 0 to 7
//	Y4..Y7   sums of the phases 2 and 3              Z8, Z9     weights in Z8; then scratch
//	Y8       weights of the phases 0 and 1           Z16..Z23   activations of the blocks 0 to 7
//	Y9       weights of the phases 2 and 3           Z24        the biases
//	Y10      activations of a block, or of block 0   Z25        the scale
//	Y11      those of a pair's second step, or of    Z26        the smallest table index
//	         block 1                                 Z27        the largest, both less 2048
//	Y12      weights of a pair's second step, or
//	         activations of block 2
//	Y13      products, or activations of block 3
//	Y14      products (AVX2)
//	Y15      ones (AVX2), from tile to tile
//
// Z24 to Z27 are kept from tile to tile. Where a tile ends, the sums are scratch but for Y0 and Y4,
// R11 is the places in the table of the tile before, two bytes each, and DI and BX are the output
// map and the table.

#define SOURCES4(d) \
	SOURCES3(d) \
	SOURCE(3*d, R12)

// PLACES sets R11 to whole cache lines on the stack.
#define PLACES \
	LEAQ places-192(SP), R11 \
	ADDQ $63, R11            \
	ANDQ $-64, R11

// BLOCK1 stores the i-th pixel of a tile whose first is at first(R8) in the list of pixels.
#define BLOCK1(first, i) \
	MOVWLZX (2*(i))(R11), R10       \
	MOVLQSX (first+8*(i)+4)(R8), DX \
	MOVBLZX (BX)(R10*1), R10        \
	MOVB    R10, (DI)(DX*1)

#define BLOCK4(first, i) \
	BLOCK1(first, i)   \
	BLOCK1(first, i+1) \
	BLOCK1(first, i+2) \
	BLOCK1(first, i+3)

#define BLOCK16(first, i) \
	BLOCK4(first, i)   \
	BLOCK4(first, i+4) \
	BLOCK4(first, i+8) \
	BLOCK4(first, i+12)

#define BLOCK32(first, i) \
	BLOCK16(first, i) \
	BLOCK16(first, i+16)

// LOOKUP ends a tile of so many bytes of the list of pixels: it does PIXELS for the tile before,
// then SAVE, which leaves this tile's places in the table at R11, and goes to tile if there is
// another.
#define LOOKUP(PIXELS, size, SAVE) \
	MOVQ convArgs_dst(AX), DI    \
	MOVQ convArgs_table(AX), BX  \
	PLACES                       \
	CMPQ R8, convArgs_pixels(AX) \
	JEQ  first                   \
	PIXELS(-size, 0)             \
first:                           \
	SAVE                         \
	ADDQ $size, R8               \
	DECQ convArgs_tiles(AX)      \
	JNZ  tile                    \
	PIXELS(-size, 0)             \
	VZEROUPPER                   \
	RET

// INDICES leaves in x, as 16-bit lanes, the places in the table for the accumulators in x and y,
// less their biases.
#define INDICES(biasx, biasy, scale, smallest, largest, x, y) \
	VPADDD    biasx, x, x \
	VPADDD    biasy, y, y \
	REQUANTIZE(scale, x)  \
	REQUANTIZE(scale, y)  \
	VPACKSSDW y, x, x     \
	CLAMP(smallest, largest, x)

#define CLAMP(smallest, largest, x) \
	VPMINSW largest, x, x  \
	VPMAXSW smallest, x, x \
	VPSUBW  smallest, x, x

// OP(r, a, n, x, y): the block's address, activations and their number, and its sums by number.
#define BLOCKS4(OP) \
	OP(R9, Y10, 10, 0, 4)  \
	OP(R10, Y11, 11, 1, 5) \
	OP(R11, Y12, 12, 2, 6) \
	OP(R12, Y13, 13, 3, 7)

// OP(r, x, y): the block's address and its sums.
#define BLOCKS4SUMS(OP) \
	OP(R9, Y0, Y4)  \
	OP(R10, Y1, Y5) \
	OP(R11, Y2, Y6) \
	OP(R12, Y3, Y7)

#define BLOCKS_TILE \
	SOURCEMAP           \
	SOURCES4(1)         \
	PIXELS8(LAST_CLEAR) \
	STEPS

#define BLOCKS_SAVE VMOVDQU Y0, (R11)

#define BLOCKS_END \
	SUM4(Y0, Y1, Y2, Y3, Y8, Y9)              \
	SUM4(Y4, Y5, Y6, Y7, Y8, Y9)              \
	MOVQ           args+0(FP), AX             \
	MOVQ           convArgs_scale(AX), DX     \
	VPBROADCASTD   (DX), Y2                   \
	MOVQ           convArgs_bias(AX), DX      \
	VBROADCASTI128 ·indexMin(SB), Y3          \
	VBROADCASTI128 ·indexMax(SB), Y5          \
	INDICES((DX), 32(DX), Y2, Y3, Y5, Y0, Y4) \
	LOOKUP(BLOCK16, 128, BLOCKS_SAVE)

#define BLOCKS_ADD2(r, x, y) \
	VBROADCASTI128 (r)(AX*1), Y10     \
	VBROADCASTI128 (r)(DX*1), Y11     \
	VPMADDUBSW     Y8, Y10, Y13       \
	VPMADDUBSW     Y12, Y11, Y14      \
	VPADDW         Y14, Y13, Y13      \
	VPMADDUBSW     Y9, Y10, Y10       \
	VPMADDUBSW     96(BX), Y11, Y11   \
	VPADDW         Y11, Y10, Y10      \
	VPMADDWD       Y15, Y13, Y13      \
	VPADDD         Y13, x, x          \
	VPMADDWD       Y15, Y10, Y10      \
	VPADDD         Y10, y, y

#define BLOCKS_PAIR \
	VMOVDQU (BX), Y8    \
	VMOVDQU 32(BX), Y9  \
	VMOVDQU 64(BX), Y12 \
	BLOCKS4SUMS(BLOCKS_ADD2)

#define BLOCKS_ADD1(r, x, y) \
	VBROADCASTI128 (r)(AX*1), Y10 \
	MULADD2(Y8, Y10, x, Y13)      \
	MULADD2(Y9, Y10, y, Y14)

#define BLOCKS_STEP \
	VMOVDQU (BX), Y8   \
	VMOVDQU 32(BX), Y9 \
	BLOCKS4SUMS(BLOCKS_ADD1)

// func convBlocksAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convBlocksAVX2(SB), NOSPLIT, $192-8
	TILES
	ONES

tile:
	BLOCKS_TILE
	PAIRS(BLOCKS_PAIR, 128)
	SINGLES(BLOCKS_STEP, ADDQ $64)
	BLOCKS_END

#define BLOCKS_DOT(r, a, n, x, y) \
	VBROADCASTI128 (r)(AX*1), a \
	VPDPBUSD_VEX(8, n, x)       \
	VPDPBUSD_VEX(9, n, y)

#define BLOCKS_DOTSTEP \
	VMOVDQU (BX), Y8   \
	VMOVDQU 32(BX), Y9 \
	BLOCKS4(BLOCKS_DOT)

// func convBlocksVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convBlocksVNNI(SB), NOSPLIT, $192-8
	TILES

tile:
	BLOCKS_TILE
	COUNT
	EACH(BLOCKS_DOTSTEP, ADDQ $64)
	BLOCKS_END

#define BLOCKSZ_DOT(r, a, x, y) \
	VBROADCASTI32X4 (r)(AX*1), a \
	VPDPBUSD        Z8, a, x

#define BLOCKSZ_STEP \
	VMOVDQU32 (BX), Z8 \
	PAIRS8Z(BLOCKSZ_DOT)

#define BLOCKSZ_SAVE VMOVDQU32 Z0, (R11)

// func convBlocksVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convBlocksVNNI512(SB), NOSPLIT, $192-8
	TILES
	MOVQ            convArgs_bias(AX), DX
	VMOVDQU32       (DX), Z24
	MOVQ            convArgs_scale(AX), DX
	VPBROADCASTD    (DX), Z25
	VBROADCASTI32X4 ·indexMin(SB), Z26
	VBROADCASTI32X4 ·indexMax(SB), Z27

tile:
	LAST_TILE
	COUNT
	EACH(BLOCKSZ_STEP, ADDQ $64)
	SUM4(Z0, Z1, Z2, Z3, Z8, Z9)
	SUM4(Z4, Z5, Z6, Z7, Z8, Z9)
	INDICES(Z24, Z24, Z25, Z26, Z27, Z0, Z4)
	MOVQ args+0(FP), AX
	LOOKUP(BLOCK32, 256, BLOCKSZ_SAVE)

// LAST LAYER, ROWS: 14 neighbours of two rows under each other. A row of the source is read once
// for all that it adds to, two pixels of 32 bytes each to a vector.
//
//	Z0..Z6     sums of the upper row's pairs
//	Z7..Z13    sums of the lower row's pairs
//	Z14, Z15   scratch
//	Z16..Z24   weights of the taps, each twice, row by row; Z16 to Z28 stay from tile to tile
//	Z25        the bias and zeros, twice
//	Z26        the scale
//	Z27, Z28   the smallest and the largest table index less 2048
//	Z29, Z31   activations from an even pixel on, by turns
//	Z30        activations from the odd pixel between on
//	R9, R10    the tile's first source pixel, which is that of its first tap, and the one after
//
// Where a tile ends, it is as in blocks.

// OP(k, a, b, x, y): the number of a pair, the vectors for the activations at its first tap and at
// its last, and its sums in either row.
#define ROWS7(OP) \
	OP(0, Z29, Z31, Z0, Z7)  \
	OP(1, Z31, Z29, Z1, Z8)  \
	OP(2, Z29, Z31, Z2, Z9)  \
	OP(3, Z31, Z29, Z3, Z10) \
	OP(4, Z29, Z31, Z4, Z11) \
	OP(5, Z31, Z29, Z5, Z12) \
	OP(6, Z29, Z31, Z6, Z13)

#define ROWS_BIAS(k, a, b, x, y) \
	VMOVDQA64 Z25, x \
	VMOVDQA64 Z25, y

#define ROWS_LOAD(k, b) \
	VMOVDQU32 (64*(k))(R10)(AX*1), Z30 \
	VMOVDQU32 (64*(k)+64)(R9)(AX*1), b

#define ROWS_DOT(a, b, u, v, w, x) \
	VPDPBUSD u, a, x   \
	VPDPBUSD v, Z30, x \
	VPDPBUSD w, b, x

// The four rows of the source, from the uppermost on.
#define ROWS_0(k, a, b, x, y) \
	ROWS_LOAD(k, b) \
	ROWS_DOT(a, b, Z16, Z17, Z18, x)

#define ROWS_1(k, a, b, x, y) \
	ROWS_LOAD(k, b)                  \
	ROWS_DOT(a, b, Z19, Z20, Z21, x) \
	ROWS_DOT(a, b, Z16, Z17, Z18, y)

#define ROWS_2(k, a, b, x, y) \
	ROWS_LOAD(k, b)                  \
	ROWS_DOT(a, b, Z22, Z23, Z24, x) \
	ROWS_DOT(a, b, Z19, Z20, Z21, y)

#define ROWS_3(k, a, b, x, y) \
	ROWS_LOAD(k, b) \
	ROWS_DOT(a, b, Z22, Z23, Z24, y)

// ROW adds what the i-th row of the source does.
#define ROW(i, ADD) \
	MOVLQSX   (4*(i))(SI), AX \
	VMOVDQU32 (R9)(AX*1), Z29 \
	ROWS7(ADD)

#define ROWS_WEIGHT(i, w) VBROADCASTI64X4 (32*(i))(BX), w

// ROWS2 stores two neighbours, whose pair has number k in its row and n in the tile, at DX.
#define ROWS2(k, n) \
	MOVWLZX ((n)/8*8+(n)/4%2*32+(n)%4*2)(R11), R10    \
	MOVBLZX (BX)(R10*1), R10                          \
	MOVB    R10, (2*(k))(DI)(DX*1)                    \
	MOVWLZX (16+(n)/8*8+(n)/4%2*32+(n)%4*2)(R11), R12 \
	MOVBLZX (BX)(R12*1), R12                          \
	MOVB    R12, (2*(k)+1)(DI)(DX*1)

#define ROWS14(n) \
	ROWS2(0, n)   \
	ROWS2(1, n+1) \
	ROWS2(2, n+2) \
	ROWS2(3, n+3) \
	ROWS2(4, n+4) \
	ROWS2(5, n+5) \
	ROWS2(6, n+6)

#define ROWS28(first, i) \
	MOVLQSX (first+4)(R8), DX  \
	ROWS14(0)                  \
	MOVLQSX (first+12)(R8), DX \
	ROWS14(7)

// HALVESZ leaves in a the sums of the lower and the upper groups of two lanes of a and b, as SUM4
// leaves them.
#define HALVESZ(a, b, s) \
	VSHUFI32X4 $0xdd, b, a, s \
	VSHUFI32X4 $0x88, b, a, a \
	VPADDD     s, a, a

// func convLastRowsVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convLastRowsVNNI512(SB), NOSPLIT, $192-8
	TILES
	MOVQ            convArgs_weight(AX), BX
	ROWS_WEIGHT(0, Z16)
	ROWS_WEIGHT(1, Z17)
	ROWS_WEIGHT(2, Z18)
	ROWS_WEIGHT(3, Z19)
	ROWS_WEIGHT(4, Z20)
	ROWS_WEIGHT(5, Z21)
	ROWS_WEIGHT(6, Z22)
	ROWS_WEIGHT(7, Z23)
	ROWS_WEIGHT(8, Z24)
	MOVQ            convArgs_bias(AX), DX
	VMOVDQU32       (DX), Z25
	MOVQ            convArgs_scale(AX), DX
	VPBROADCASTD    (DX), Z26
	VBROADCASTI32X4 ·indexMin(SB), Z27
	VBROADCASTI32X4 ·indexMax(SB), Z28

tile:
	SOURCEMAP
	SOURCE(0, R9)
	LEAQ        32(R9), R10
	MOVQ        convArgs_steps(AX), SI
	ROWS7(ROWS_BIAS)
	ROW(0, ROWS_0)
	ROW(1, ROWS_1)
	ROW(2, ROWS_2)
	ROW(3, ROWS_3)
	SUM4(Z0, Z1, Z2, Z3, Z14, Z15)
	SUM4(Z4, Z5, Z6, Z7, Z14, Z15)
	SUM4(Z8, Z9, Z10, Z11, Z14, Z15)
	VPUNPCKLDQ  Z13, Z12, Z14
	VPUNPCKHDQ  Z13, Z12, Z15
	VPADDD      Z15, Z14, Z12
	VPUNPCKLQDQ Z12, Z12, Z14
	VPUNPCKHQDQ Z12, Z12, Z15
	VPADDD      Z15, Z14, Z12
	HALVESZ(Z0, Z4, Z14)
	HALVESZ(Z8, Z12, Z15)
	REQUANTIZE(Z26, Z0)
	REQUANTIZE(Z26, Z8)
	VPACKSSDW   Z8, Z0, Z0
	CLAMP(Z27, Z28, Z0)
	MOVQ        args+0(FP), AX
	LOOKUP(ROWS28, 16, BLOCKSZ_SAVE)

// LAST LAYER, BLOCKS OF COLOURS: three channels of four blocks, so that a block is read only once
//
//	Z0..Z11    sums, those of channel c of block b in Z(4*c+b)
//	Z12..Z14   weights of the channels 0 to 2; then scratch
//	Z16..Z19   activations of the blocks 0 to 3
//	Z20..Z22   the biases, from tile to tile, as are
//	Z23..Z25   the scales
//	Z26, Z27   the smallest and the largest table index less 2048
//
// Where a tile ends, R10, R12 and R13 are scratch. At R11 are, for every phase, four places of
// channel 0 and four of channel 1, and 64 bytes on those of channel 2.

// OP(r, a, x, y, z): the block's address, activations and sums.
#define BLOCKS4Z(OP) \
	OP(R9, Z16, Z0, Z4, Z8)   \
	OP(R10, Z17, Z1, Z5, Z9)  \
	OP(R11, Z18, Z2, Z6, Z10) \
	OP(R12, Z19, Z3, Z7, Z11)

#define COLOURS_CLEAR(r, a, x, y, z) \
	VPXORD x, x, x \
	VPXORD y, y, y \
	VPXORD z, z, z

#define COLOURS_DOT(r, a, x, y, z) \
	VBROADCASTI32X4 (r)(AX*1), a \
	VPDPBUSD        Z12, a, x    \
	VPDPBUSD        Z13, a, y    \
	VPDPBUSD        Z14, a, z

#define COLOURS_STEP \
	VMOVDQU32 (BX), Z12    \
	VMOVDQU32 64(BX), Z13  \
	VMOVDQU32 128(BX), Z14 \
	BLOCKS4Z(COLOURS_DOT)

// COLOURS1 stores the i-th pixel of a tile whose first is at first(R8) in the list of pixels.
#define COLOURS1(first, i) \
	MOVLQSX (first+8*(i)+4)(R8), DX         \
	MOVWLZX ((i)/4*16+(i)%4*2)(R11), R10    \
	MOVBLZX (BX)(R10*1), R10                \
	MOVB    R10, (DI)(DX*1)                 \
	MOVWLZX (8+(i)/4*16+(i)%4*2)(R11), R12  \
	MOVBLZX (BX)(R12*1), R12                \
	MOVB    R12, 1(DI)(DX*1)                \
	MOVWLZX (64+(i)/4*16+(i)%4*2)(R11), R13 \
	MOVBLZX (BX)(R13*1), R13                \
	MOVB    R13, 2(DI)(DX*1)

#define COLOURS4(first, i) \
	COLOURS1(first, i)   \
	COLOURS1(first, i+1) \
	COLOURS1(first, i+2) \
	COLOURS1(first, i+3)

#define COLOURS16(first, i) \
	COLOURS4(first, i)   \
	COLOURS4(first, i+4) \
	COLOURS4(first, i+8) \
	COLOURS4(first, i+12)

#define COLOURS_SAVE \
	VMOVDQU32 Z0, (R11) \
	VMOVDQU32 Z8, 64(R11)

// func convColoursVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convColoursVNNI512(SB), NOSPLIT, $192-8
	TILES
	MOVQ            convArgs_bias(AX), DX
	VMOVDQU32       (DX), Z20
	VMOVDQU32       64(DX), Z21
	VMOVDQU32       128(DX), Z22
	MOVQ            convArgs_scale(AX), DX
	VPBROADCASTD    (DX), Z23
	VPBROADCASTD    16(DX), Z24
	VPBROADCASTD    32(DX), Z25
	VBROADCASTI32X4 ·indexMin(SB), Z26
	VBROADCASTI32X4 ·indexMax(SB), Z27

tile:
	SOURCEMAP
	SOURCES4(1)
	BLOCKS4Z(COLOURS_CLEAR)
	STEPS
	COUNT
	EACH(COLOURS_STEP, ADDQ $192)
	SUM4(Z0, Z1, Z2, Z3, Z12, Z13)
	SUM4(Z4, Z5, Z6, Z7, Z12, Z13)
	SUM4(Z8, Z9, Z10, Z11, Z12, Z13)
	VPADDD    Z20, Z0, Z0
	VPADDD    Z21, Z4, Z4
	VPADDD    Z22, Z8, Z8
	REQUANTIZE(Z23, Z0)
	REQUANTIZE(Z24, Z4)
	REQUANTIZE(Z25, Z8)
	VPACKSSDW Z4, Z0, Z0
	VPACKSSDW Z8, Z8, Z8
	CLAMP(Z26, Z27, Z0)
	CLAMP(Z26, Z27, Z8)
	MOVQ args+0(FP), AX
	LOOKUP(COLOURS16, 128, COLOURS_SAVE)

// 1 in 16 16-bit lanes.
DATA ·ones+0(SB)/8, $0x0001000100010001
DATA ·ones+8(SB)/8, $0x0001000100010001
DATA ·ones+16(SB)/8, $0x0001000100010001
DATA ·ones+24(SB)/8, $0x0001000100010001
GLOBL ·ones(SB), NOPTR|RODATA, $32

// The smallest and the largest table index less 2048, in eight 16-bit lanes.
DATA ·indexMin+0(SB)/8, $0xf800f800f800f800
DATA ·indexMin+8(SB)/8, $0xf800f800f800f800
GLOBL ·indexMin(SB), NOPTR|RODATA, $16

DATA ·indexMax+0(SB)/8, $0x07ff07ff07ff07ff
DATA ·indexMax+8(SB)/8, $0x07ff07ff07ff07ff
GLOBL ·indexMax(SB), NOPTR|RODATA, $16

// DENSE LAYERS: blocks of 32 outputs of one point or of two, inputs being taken two at a time
//
// The kernels compute what denseGeneric does; see denseArgs in tiled.go.
//
//	AX   args                      R8    rows left
//	BX   the next weights          R9    columns left
//	CX   the output in a pixel     R10   blocks left
//	DX   the next biases           R11   inputs left
//	SI   the next scales           R12   the next inputs
//	DI   the output pixel          R13   the output pixel of the second point
//	                               R14   the next inputs of the second point
//
//	         AVX2, one point                AVX2, two points
//	Y0..Y3   sums                           sums of the first point
//	Y4..Y7   products                       sums of the second point
//	Y8       two inputs                     two inputs of the first point
//	Y9       a leaky ReLU's slope           two inputs of the second point
//	Y10      its zero point                 weights, then products; biases; scales
//	Y11      free                           products
//	Y13      free                           the first two inputs of the second point
//	Y14      zero                           zero
//	Y15      the first two inputs           the first two inputs of the first point
//
//	         AVX-512 VNNI, one point        AVX-512 VNNI, two points
//	Z0, Z1   sums                           sums of the first point
//	Z2, Z3   weights                        weights; for the stores the scales
//	Z4, Z5   a leaky ReLU's slope and       sums of the second point
//	         zero point
//	Z8..Z15  as above                       as above

// OP(dst, d, first, f, x, r, a): three arguments of a point, each with the register for it, and the
// vector for its inputs.
#define POINTS1(OP) \
	OP(denseArgs_dst, DI, denseArgs_first, Y15, denseArgs_x, R12, Y8)

#define POINTS2(OP) \
	POINTS1(OP) \
	OP(denseArgs_dst2, R13, denseArgs_first2, Y13, denseArgs_x2, R14, Y9)

#define POINTS1Z(OP) \
	OP(denseArgs_dst, DI, denseArgs_first, Z15, denseArgs_x, R12, Z8)

#define POINTS2Z(OP) \
	POINTS1Z(OP) \
	OP(denseArgs_dst2, R13, denseArgs_first2, Z13, denseArgs_x2, R14, Z9)

#define DENSE_DST(dst, d, first, f, x, r, a) MOVQ dst(AX), d

#define DENSE_FIRST(dst, d, first, f, x, r, a) VPBROADCASTD first(AX), f

#define DENSE_X(dst, d, first, f, x, r, a) MOVQ x(AX), r

#define DENSE_INPUT(dst, d, first, f, x, r, a) VPBROADCASTD (r), a

#define DENSE_NEXTX(dst, d, first, f, x, r, a) ADDQ $4, r

#define DENSE_NEXTPIXEL(dst, d, first, f, x, r, a) ADDQ denseArgs_pitch(AX), d

#define DENSE_NEXTROW(dst, d, first, f, x, r, a) ADDQ denseArgs_gap(AX), d

// DENSE is a kernel for the points that POINTS lists. BLOCK begins a block with its biases and the
// first two inputs, PAIR adds the products of two more, and STORE ends it.
#define DENSE(POINTS, BLOCK, PAIR, STORE, NEXT) \
	MOVQ args+0(FP), AX             \
	POINTS(DENSE_DST)               \
	MOVQ denseArgs_weight(AX), BX   \
	MOVQ denseArgs_bias(AX), DX     \
	MOVQ denseArgs_rows(AX), R8     \
	POINTS(DENSE_FIRST)             \
	VPXOR Y14, Y14, Y14             \
row:                                \
	MOVQ denseArgs_cols(AX), R9     \
pixel:                              \
	MOVQ denseArgs_scale(AX), SI    \
	MOVQ denseArgs_blocks(AX), R10  \
	XORL CX, CX                     \
block:                              \
	BLOCK                           \
	ADDQ  $64, BX                   \
	MOVQ  denseArgs_inputs(AX), R11 \
	TESTQ R11, R11                  \
	JZ    done                      \
	POINTS(DENSE_X)                 \
input:                              \
	POINTS(DENSE_INPUT)             \
	PAIR                            \
	ADDQ $64, BX                    \
	POINTS(DENSE_NEXTX)             \
	SUBQ $2, R11                    \
	JNZ  input                      \
done:                               \
	STORE                           \
	NEXT, DX                        \
	NEXT, SI                        \
	ADDQ $32, CX                    \
	DECQ R10                        \
	JNZ  block                      \
	POINTS(DENSE_NEXTPIXEL)         \
	DECQ R9                         \
	JNZ  pixel                      \
	POINTS(DENSE_NEXTROW)           \
	DECQ R8                         \
	JNZ  row                        \
	VZEROUPPER                      \
	RET

#define DENSE1_BLOCK \
	VPMOVSXBW (BX), Y0       \
	VPMOVSXBW 16(BX), Y1     \
	VPMOVSXBW 32(BX), Y2     \
	VPMOVSXBW 48(BX), Y3     \
	VPMADDWD  Y15, Y0, Y0    \
	VPMADDWD  Y15, Y1, Y1    \
	VPMADDWD  Y15, Y2, Y2    \
	VPMADDWD  Y15, Y3, Y3    \
	VPADDD    (DX), Y0, Y0   \
	VPADDD    32(DX), Y1, Y1 \
	VPADDD    64(DX), Y2, Y2 \
	VPADDD    96(DX), Y3, Y3

#define DENSE1_ADD(i, x, t) \
	VPMOVSXBW (16*i)(BX), t \
	VPMADDWD  Y8, t, t      \
	VPADDD    t, x, x

#define DENSE1_STORE \
	REQUANTIZE((SI), Y0)       \
	REQUANTIZE(32(SI), Y1)     \
	REQUANTIZE(64(SI), Y2)     \
	REQUANTIZE(96(SI), Y3)     \
	PACK4(Y14, Y0, Y1, Y2, Y3) \
	VMOVDQU Y0, (DI)(CX*1)

// DENSE_LEAKY sets slope and zero to the two in all lanes.
#define DENSE_LEAKY(slope, zero) \
	VPBROADCASTD denseArgs_slope(AX), slope \
	VPBROADCASTD denseArgs_zero(AX), zero

#define DENSE1_LEAKYSTORE \
	DENSE_LEAKY(Y9, Y10)                      \
	REQUANTIZE_SLOPE((SI), Y9, Y10, Y0, Y4)   \
	REQUANTIZE_SLOPE(32(SI), Y9, Y10, Y1, Y4) \
	REQUANTIZE_SLOPE(64(SI), Y9, Y10, Y2, Y4) \
	REQUANTIZE_SLOPE(96(SI), Y9, Y10, Y3, Y4) \
	PACK4(Y14, Y0, Y1, Y2, Y3)                \
	VMOVDQU Y0, (DI)(CX*1)

// func denseLeakyAVX2(args *denseArgs)
// Requires: AVX, AVX2
TEXT ·denseLeakyAVX2(SB), NOSPLIT, $0-8
	DENSE(POINTS1, DENSE1_BLOCK, VECTORS4(DENSE1_ADD), DENSE1_LEAKYSTORE, ADDQ $128)

// func denseAVX2(args *denseArgs)
// Requires: AVX, AVX2
TEXT ·denseAVX2(SB), NOSPLIT, $0-8
	DENSE(POINTS1, DENSE1_BLOCK, VECTORS4(DENSE1_ADD), DENSE1_STORE, ADDQ $128)

#define DENSE2_BLOCK(i, x, y) \
	VPMOVSXBW (16*i)(BX), y   \
	VMOVDQU   (32*i)(DX), Y10 \
	VPMADDWD  Y15, y, x       \
	VPMADDWD  Y13, y, y       \
	VPADDD    Y10, x, x       \
	VPADDD    Y10, y, y

#define DENSE2_ADD(i, x, y) \
	VPMOVSXBW (16*i)(BX), Y10 \
	VPMADDWD  Y8, Y10, Y11    \
	VPMADDWD  Y9, Y10, Y10    \
	VPADDD    Y11, x, x       \
	VPADDD    Y10, y, y

#define DENSE2_REQUANTIZE(i, x, y) \
	VMOVUPS (32*i)(SI), Y10 \
	REQUANTIZE(Y10, x)      \
	REQUANTIZE(Y10, y)

#define DENSE2_STORE \
	VECTORS4(DENSE2_REQUANTIZE) \
	PACK4(Y14, Y0, Y1, Y2, Y3)  \
	VMOVDQU Y0, (DI)(CX*1)      \
	PACK4(Y14, Y4, Y5, Y6, Y7)  \
	VMOVDQU Y4, (R13)(CX*1)

// func densePairAVX2(args *denseArgs)
// Requires: AVX, AVX2
TEXT ·densePairAVX2(SB), NOSPLIT, $0-8
	DENSE(POINTS2, VECTORS4(DENSE2_BLOCK), VECTORS4(DENSE2_ADD), DENSE2_STORE, ADDQ $128)

// DENSE1Z_ADD adds the products of the two inputs in a.
#define DENSE1Z_ADD(a) \
	VPMOVSXBW (BX), Z2   \
	VPDPWSSD  a, Z2, Z0  \
	VPMOVSXBW 32(BX), Z3 \
	VPDPWSSD  a, Z3, Z1

#define DENSE1Z_BLOCK \
	VMOVDQU32 (DX), Z0   \
	VMOVDQU32 64(DX), Z1 \
	DENSE1Z_ADD(Z15)

#define DENSE1Z_STORE \
	REQUANTIZE((SI), Z0)   \
	REQUANTIZE(64(SI), Z1) \
	DENSE1Z_PACK

#define DENSE1Z_LEAKYSTORE \
	DENSE_LEAKY(Z4, Z5)                      \
	REQUANTIZE_SLOPE((SI), Z4, Z5, Z0, Z2)   \
	REQUANTIZE_SLOPE(64(SI), Z4, Z5, Z1, Z2) \
	DENSE1Z_PACK

// DENSE1Z_PACK stores the activations that Z0 and Z1 are, less what clamping takes.
#define DENSE1Z_PACK \
	VPACKSSDW Z1, Z0, Z0  \
	VPMOVSWB  Z0, Y0      \
	VPMAXSB   Y14, Y0, Y0 \
	VMOVDQU   Y0, (DI)(CX*1)

// func denseLeakyVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·denseLeakyVNNI512(SB), NOSPLIT, $0-8
	DENSE(POINTS1Z, DENSE1Z_BLOCK, DENSE1Z_ADD(Z8), DENSE1Z_LEAKYSTORE, SUBQ $-128)

// func denseVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·denseVNNI512(SB), NOSPLIT, $0-8
	DENSE(POINTS1Z, DENSE1Z_BLOCK, DENSE1Z_ADD(Z8), DENSE1Z_STORE, SUBQ $-128)

// DENSE2Z_ADD does so for two points, with inputs in a and b.
#define DENSE2Z_ADD(a, b) \
	VPMOVSXBW (BX), Z2   \
	VPMOVSXBW 32(BX), Z3 \
	VPDPWSSD  a, Z2, Z0  \
	VPDPWSSD  a, Z3, Z1  \
	VPDPWSSD  b, Z2, Z4  \
	VPDPWSSD  b, Z3, Z5

#define DENSE2Z_BLOCK \
	VMOVDQU32 (DX), Z0   \
	VMOVDQU32 64(DX), Z1 \
	VMOVDQA64 Z0, Z4     \
	VMOVDQA64 Z1, Z5     \
	DENSE2Z_ADD(Z15, Z13)

#define DENSE2Z_STORE \
	VMOVUPS   (SI), Z2       \
	VMOVUPS   64(SI), Z3     \
	REQUANTIZE(Z2, Z0)       \
	REQUANTIZE(Z3, Z1)       \
	REQUANTIZE(Z2, Z4)       \
	REQUANTIZE(Z3, Z5)       \
	VPACKSSDW Z1, Z0, Z0     \
	VPACKSSDW Z5, Z4, Z4     \
	VPMOVSWB  Z0, Y0         \
	VPMOVSWB  Z4, Y4         \
	VPMAXSB   Y14, Y0, Y0    \
	VPMAXSB   Y14, Y4, Y4    \
	VMOVDQU   Y0, (DI)(CX*1) \
	VMOVDQU   Y4, (R13)(CX*1)

// func densePairVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·densePairVNNI512(SB), NOSPLIT, $0-8
	DENSE(POINTS2Z, DENSE2Z_BLOCK, DENSE2Z_ADD(Z8, Z9), DENSE2Z_STORE, SUBQ $-128)

// DENSE LAYERS OF TWO INPUTS: 64 outputs of a pixel, of one point or of two
//
// A pixel's weights are 64 biases, then 64 pairs of bytes.
//
//	AX   args                      R8    rows left
//	BX   the next weights          R9    columns left
//	DI   the output pixel          R10   bytes from pixel to pixel
//	                               R13   the output pixel of the second point
//
//	Z0..Z3     sums
//	Z4..Z7     weights
//	Z8..Z11    sums of the second point
//	Z13        the inputs of the second point
//	Z14        zero
//	Z15        the inputs
//	Z16..Z19   the scales

// SHORT is a kernel for the points that POINTS lists: PIXEL computes a pixel, SCALES is done first.
#define SHORT(POINTS, SCALES, PIXEL) \
	MOVQ args+0(FP), AX           \
	POINTS(DENSE_DST)             \
	MOVQ denseArgs_weight(AX), BX \
	MOVQ denseArgs_scale(AX), SI  \
	MOVQ denseArgs_rows(AX), R8   \
	MOVQ denseArgs_pitch(AX), R10 \
	POINTS(DENSE_FIRST)           \
	VPXOR Y14, Y14, Y14           \
	SCALES                        \
row:                              \
	MOVQ denseArgs_cols(AX), R9   \
pixel:                            \
	PIXEL                         \
	ADDQ $384, BX                 \
	POINTS(SHORT_NEXT)            \
	DECQ R9                       \
	JNZ  pixel                    \
	POINTS(DENSE_NEXTROW)         \
	DECQ R8                       \
	JNZ  row                      \
	VZEROUPPER                    \
	RET

#define SHORT_NEXT(dst, d, first, f, x, r, a) ADDQ R10, d

#define SHORTZ_SCALES \
	VMOVUPS (SI), Z16    \
	VMOVUPS 64(SI), Z17  \
	VMOVUPS 128(SI), Z18 \
	VMOVUPS 192(SI), Z19

// OP(i, w, s, x, y): the number of a vector, its weights and scales and its sums of two points.
#define VECTORS4Z(OP) \
	OP(0, Z4, Z16, Z0, Z8)  \
	OP(1, Z5, Z17, Z1, Z9)  \
	OP(2, Z6, Z18, Z2, Z10) \
	OP(3, Z7, Z19, Z3, Z11)

#define SHORTZ_FIRST(i, w, s, x, y) \
	VPMOVSXBW (256+32*(i))(BX), w \
	VMOVDQU32 (64*(i))(BX), x     \
	VPDPWSSD  Z15, w, x           \
	REQUANTIZE(s, x)

#define SHORTZ_BOTH(i, w, s, x, y) \
	VPMOVSXBW (256+32*(i))(BX), w \
	VMOVDQU32 (64*(i))(BX), x     \
	VMOVDQA64 x, y                \
	VPDPWSSD  Z15, w, x           \
	VPDPWSSD  Z13, w, y           \
	REQUANTIZE(s, x)              \
	REQUANTIZE(s, y)

#define SHORTZ_STORE(w, x, y, z, d) \
	PACK4(Z14, w, x, y, z) \
	VMOVDQU32 w, (d)

#define SHORT1Z_PIXEL \
	VECTORS4Z(SHORTZ_FIRST) \
	SHORTZ_STORE(Z0, Z1, Z2, Z3, DI)

#define SHORT2Z_PIXEL \
	VECTORS4Z(SHORTZ_BOTH)           \
	SHORTZ_STORE(Z0, Z1, Z2, Z3, DI) \
	SHORTZ_STORE(Z8, Z9, Z10, Z11, R13)

// func denseShortVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·denseShortVNNI512(SB), NOSPLIT, $0-8
	SHORT(POINTS1Z, SHORTZ_SCALES, SHORT1Z_PIXEL)

// func denseShortPairVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·denseShortPairVNNI512(SB), NOSPLIT, $0-8
	SHORT(POINTS2Z, SHORTZ_SCALES, SHORT2Z_PIXEL)

// LIMITS: what limitGeneric does, on as many sums as keep the multipliers busy
//
//	CX        turns left              Y14   products (AVX2)
//	Y0..Y11   sums, or Z0..Z11        Y15   ones (AVX2)
//	Y12, Y13  the factors, zero; of pairs Y13 is more products

// OP(n, y, z): the number of a vector of sums and its two names.
#define LIMIT(OP) \
	VPXOR Y12, Y12, Y12 \
	VPXOR Y13, Y13, Y13 \
loop:                   \
	OP(0, Y0, Z0)       \
	OP(1, Y1, Z1)       \
	OP(2, Y2, Z2)       \
	OP(3, Y3, Z3)       \
	OP(4, Y4, Z4)       \
	OP(5, Y5, Z5)       \
	OP(6, Y6, Z6)       \
	OP(7, Y7, Z7)       \
	OP(8, Y8, Z8)       \
	OP(9, Y9, Z9)       \
	OP(10, Y10, Z10)    \
	OP(11, Y11, Z11)    \
	DECQ CX             \
	JNZ  loop           \
	VZEROUPPER          \
	RET

#define LIMIT_AVX2(n, y, z) MULADD2(Y12, Y13, y, Y14)

#define LIMIT_PAIRS_AVX2(n, y, z) \
	VPMADDUBSW Y12, Y12, Y14 \
	VPMADDUBSW Y12, Y12, Y13 \
	VPADDW     Y13, Y14, Y14 \
	VPMADDWD   Y15, Y14, Y14 \
	VPADDD     Y14, y, y

#define LIMIT_VNNI(n, y, z) VPDPBUSD_VEX(12, 13, n)

#define LIMIT_VNNI512(n, y, z) VPDPBUSD Z12, Z13, z

// func limitAVX2(n int)
// Requires: AVX, AVX2
TEXT ·limitAVX2(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
	ONES
	LIMIT(LIMIT_AVX2)

// func limitPairsAVX2(n int)
// Requires: AVX, AVX2
TEXT ·limitPairsAVX2(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
	ONES
	LIMIT(LIMIT_PAIRS_AVX2)

// func limitVNNI(n int)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·limitVNNI(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
	LIMIT(LIMIT_VNNI)

// func limitVNNI512(n int)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·limitVNNI512(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
	LIMIT(LIMIT_VNNI512)
