//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "macros_arm64.h"

// The kernels of a family share their bodies, which are macros. A list of pixels hands every pixel
// to a macro OP, with the arguments that the comment above the list names; an OP takes no notice of
// those that it has no use for.

// CONVOLUTIONS
//
// They compute what convGeneric does; see convArgs in tiled.go.
//
//	R0         args                               R7    the next weights
//	R1         the source map                     R8    pairs of steps left
//	R2         the output map                     R9    steps left
//	R3         the tile's first pixel in the      R10   the offset of a step
//	           list of pixels                     R11   the second's of two or four steps
//	R4         tiles left                         R12   the third's; scratch
//	R5         quads of steps left                R13   the fourth's
//	R6         the next step's offset
//	R14..R17   the source pixels 0 to 3
//	R19..R22   the source pixels 4 to 7, or where the pixels 0 to 3 go in the output map
//
// A kernel begins with ARGS, and its tiles begin at its label tile.

#define ARGS \
	MOVD args+0(FP), R0          \
	MOVD convArgs_src(R0), R1    \
	MOVD convArgs_dst(R0), R2    \
	MOVD convArgs_pixels(R0), R3 \
	MOVD convArgs_tiles(R0), R4

// SOURCE sets r to the address of the tile's i-th pixel in the source map.
#define SOURCE(i, r) \
	MOVW (8*i)(R3), r \
	ADD  R1, r, r

// SOURCES4 sets four, for every d-th pixel of the tile, SOURCES8 eight.
#define SOURCES4(d) \
	SOURCE(0*d, R14) \
	SOURCE(1*d, R15) \
	SOURCE(2*d, R16) \
	SOURCE(3*d, R17)

#define SOURCES8(d) \
	SOURCES4(d)      \
	SOURCE(4*d, R19) \
	SOURCE(5*d, R20) \
	SOURCE(6*d, R21) \
	SOURCE(7*d, R22)

// PLACE sets r to the address of the tile's i-th pixel in the source map, and to to where it goes
// in the output map.
#define PLACE(i, r, to) \
	LDPSW (8*i)(R3), (r, to) \
	ADD   R1, r, r

#define STEPS \
	MOVD convArgs_steps(R0), R6  \
	MOVD convArgs_weight(R0), R7 \
	MOVD convArgs_pairs(R0), R8  \
	MOVD convArgs_singles(R0), R9

// QUADS does QUAD for every four steps that may be added in 16 bits, PAIRS does PAIR for every two,
// SINGLES does STEP for every other step.
#define QUADS(QUAD) \
	MOVD    convArgs_quads(R0), R5 \
	CBZ     R5, pairs              \
quad:                              \
	LDPSW.P 8(R6), (R10, R11)      \
	LDPSW.P 8(R6), (R12, R13)      \
	QUAD                           \
	SUBS    $1, R5                 \
	BNE     quad                   \
pairs:

#define PAIRS(PAIR) \
	CBZ     R8, singles       \
pair:                         \
	LDPSW.P 8(R6), (R10, R11) \
	PAIR                      \
	SUBS    $1, R8            \
	BNE     pair              \
singles:

#define SINGLES(STEP) \
	CBZ    R9, done   \
single:               \
	MOVW.P 4(R6), R10 \
	STEP              \
	SUBS   $1, R9     \
	BNE    single     \
done:

// NEXT ends a tile of that many pixels and goes to tile if there is another.
#define NEXT(pixels) \
	ADD  $(8*pixels), R3 \
	SUBS $1, R4          \
	BNE  tile            \
	RET

// ACTIVATIONS does STORE with the scales at R12, or RAW where accumulators are asked for, or
// LEAKYSTORE, also with the scales at R12, where the ReLU is leaky, and NEXT.
#define ACTIVATIONS(pixels, STORE, RAW, LEAKYSTORE) \
	MOVD convArgs_store(R0), R12 \
	CBNZ R12, other              \
	MOVD convArgs_scale(R0), R12 \
	STORE                        \
next:                            \
	NEXT(pixels)                 \
other:                           \
	CMP  $const_storeRaw, R12    \
	BNE  leaky                   \
	RAW                          \
	B    next                    \
leaky:                           \
	MOVD convArgs_scale(R0), R12 \
	LEAKYSTORE                   \
	B    next

// LEAKY sets slope and zero to the two in all lanes, from the arguments at those offsets of R0.
#define LEAKY(slopeOffset, zeroOffset, slope, zero) \
	ADD   $slopeOffset, R0, R10 \
	VLD1R (R10), [slope]        \
	ADD   $zeroOffset, R0, R10  \
	VLD1R (R10), [zero]

// LOAD4 loads a step's bytes of the first four pixels, LOAD4MORE of the others.
#define LOAD4(offset, a, b, c, d) \
	LDRQ(offset, 14, a) \
	LDRQ(offset, 15, b) \
	LDRQ(offset, 16, c) \
	LDRQ(offset, 17, d)

#define LOAD4MORE(offset, a, b, c, d) \
	LDRQ(offset, 19, a) \
	LDRQ(offset, 20, b) \
	LDRQ(offset, 21, c) \
	LDRQ(offset, 22, d)

// DEST sets r to the address of the tile's i-th pixel in the output map, RAWDEST to that of its
// accumulators.
#define DEST(i, r) \
	MOVW (8*i+4)(R3), r \
	ADD  R2, r, r

#define RAWDEST(i, r) \
	MOVW (8*i+4)(R3), r \
	ADD  r<<2, R2, r

// REQUANTIZE leaves round(x*scale) in x.
#define REQUANTIZE(scale, x) \
	SCVTF_4S(x, x)       \
	FMUL_4S(scale, x, x) \
	FCVTNS_4S(x, x)

// REQUANTIZE_RELU does so, but leaves 0 where x is below 0.
#define REQUANTIZE_RELU(scale, x) \
	SCVTF_4S(x, x)       \
	FMUL_4S(scale, x, x) \
	FCVTNU_4S(x, x)

// REQUANTIZE_LEAKY leaves round(x*scale)+zero in x or, where x is below 0, round(x*below)+zero. As
// below is not above scale, that is the larger product. It uses the vector t, which may be below.
#define REQUANTIZE_LEAKY(scale, below, zero, x, t) \
	SCVTF_4S(x, x)       \
	FMUL_4S(below, x, t) \
	FMUL_4S(scale, x, x) \
	FMAX_4S(t, x, x)     \
	FCVTNS_4S(x, x)      \
	ADD_4S(zero, x, x)

// REQUANTIZE_SLOPE does so with below = slope*scale.
#define REQUANTIZE_SLOPE(scale, slope, zero, x, t) \
	FMUL_4S(scale, slope, t) \
	REQUANTIZE_LEAKY(scale, t, zero, x, t)

// PACK packs four vectors, of which none is below 0, to activations in w.
#define PACK(w, x, y, z) \
	SQXTN_4H(w, w)  \
	SQXTN2_8H(x, w) \
	SQXTN_4H(y, y)  \
	SQXTN2_8H(z, y) \
	SQXTN_8B(w, w)  \
	SQXTN2_16B(y, w)

// PACK_LEAKY packs any, and leaves 0 where one is below 0. Vector zero must be zero.
#define PACK_LEAKY(zero, w, x, y, z) \
	PACK(w, x, y, z) \
	SMAX_16B(zero, w, w)

// COPY3 copies v to x, y and z.
#define COPY3(v, x, y, z) \
	VMOV v.B16, x.B16 \
	VMOV v.B16, y.B16 \
	VMOV v.B16, z.B16

// OP(i, f, v, s): the pixel's number, its sums by two names and, when they are packed, its four
// activations.
#define PIXELS4(OP) \
	OP(0, F0, V0, V0.S[0]) \
	OP(1, F1, V1, V0.S[1]) \
	OP(2, F2, V2, V0.S[2]) \
	OP(3, F3, V3, V0.S[3])

#define PIXELS8(OP) \
	PIXELS4(OP)            \
	OP(4, F4, V4, V4.S[0]) \
	OP(5, F5, V5, V4.S[1]) \
	OP(6, F6, V6, V4.S[2]) \
	OP(7, F7, V7, V4.S[3])

#define ROUND(i, f, v, s) REQUANTIZE_RELU(16, i)

#define ROUND_LEAKY(i, f, v, s) REQUANTIZE_LEAKY(16, 18, 19, i, 20)

#define STORE(i, f, v, s) \
	DEST(i, R12) \
	VST1 s, (R12)

#define RAW(i, f, v, s) \
	RAWDEST(i, R12) \
	FMOVQ f, (R12)

#define CLEAR(i, f, v, s) VEOR v.B16, v.B16, v.B16

// SCALES4 prepares for ROUND: V16 are the scales of four channels.
#define SCALES4 FMOVQ (R12), F16

// LEAKY4 prepares for ROUND_LEAKY and PACK_LEAKY: V17 is zero, V18 are the scales of what is below
// 0, V19 is the zero point, and V20 is scratch.
#define LEAKY4 \
	SCALES4                                              \
	VEOR V17.B16, V17.B16, V17.B16                       \
	LEAKY(convArgs_slope, convArgs_zero, V18.S4, V19.S4) \
	FMUL_4S(16, 18, 18)

// TILES WITHOUT THE DOT PRODUCT: four channels of four pixels, the lanes of whose sums run over
// source bytes
//
//	V0..V15    sums, those of channel c of pixel p in V(4*p+c); where a tile ends V0 to V3 are the
//	           pixels 0 to 3, a lane being a channel
//	V16..V19   activations of the pixels 0 to 3, of four steps those of one pixel; for the stores
//	           V16 is the scales, V17 zero
//	V20..V23   those of a pair's second step, of four steps those of another pixel
//	V24, V25   weights of two channels
//	V26, V27   those of another step, or of the two other channels
//	V28..V31   products in 16 bits: of the pixels 0 to 3, of four steps two channels of two pixels

// PRODUCTS4 does OP with the weights w and the activations a to d.
#define PRODUCTS4(OP, w, a, b, c, d) \
	OP(w, a, 28) \
	OP(w, b, 29) \
	OP(w, c, 30) \
	OP(w, d, 31)

#define SUMS4(s0, s1, s2, s3) \
	SADALP_4S(28, s0) \
	SADALP_4S(29, s1) \
	SADALP_4S(30, s2) \
	SADALP_4S(31, s3)

// ADD1 adds 16 products with the weights w to each of four sums, ADD2 adds 32 with the weights w
// and v. ADD2 adds them in 16 bits before they go to the sums.
#define ADD1(w, s0, s1, s2, s3) \
	ADDFIRST(w) \
	SUMS4(s0, s1, s2, s3)

#define ADD2(w, v, s0, s1, s2, s3) \
	ADDFIRST(w) \
	ADD2REST(v, s0, s1, s2, s3)

#define ADDFIRST(w) \
	PRODUCTS4(SMULL_8H, w, 16, 17, 18, 19) \
	PRODUCTS4(SMLAL2_8H, w, 16, 17, 18, 19)

#define ADD2REST(v, s0, s1, s2, s3) \
	PRODUCTS4(SMLAL_8H, v, 20, 21, 22, 23)  \
	PRODUCTS4(SMLAL2_8H, v, 20, 21, 22, 23) \
	SUMS4(s0, s1, s2, s3)

// SUM4 leaves in to the sums of the lanes of w to z.
#define SUM4(w, x, y, z, to) \
	VADDP x.S4, w.S4, w.S4 \
	VADDP z.S4, y.S4, y.S4 \
	VADDP y.S4, w.S4, to.S4

// PRODUCTS22 does OP with the weights w and v and the activations a and b.
#define PRODUCTS22(OP, w, v, a, b) \
	OP(w, a, 28) \
	OP(v, a, 29) \
	OP(w, b, 30) \
	OP(v, b, 31)

// ADD4 adds 64 products with the weights at that offset to the sums s0 and s1 of two channels of
// one pixel, and to t0 and t1 of the other.
#define ADD4(offset, s0, s1, t0, t1) \
	FLDPQ offset(R7), (F24, F25)         \
	FLDPQ (offset+64)(R7), (F26, F27)    \
	PRODUCTS22(SMULL_8H, 24, 25, 16, 20)  \
	PRODUCTS22(SMLAL2_8H, 24, 25, 16, 20) \
	FLDPQ (offset+128)(R7), (F24, F25)   \
	PRODUCTS22(SMLAL_8H, 26, 27, 17, 21)  \
	PRODUCTS22(SMLAL2_8H, 26, 27, 17, 21) \
	FLDPQ (offset+192)(R7), (F26, F27)   \
	PRODUCTS22(SMLAL_8H, 24, 25, 18, 22)  \
	PRODUCTS22(SMLAL2_8H, 24, 25, 18, 22) \
	PRODUCTS22(SMLAL_8H, 26, 27, 19, 23)  \
	PRODUCTS22(SMLAL2_8H, 26, 27, 19, 23) \
	SUMS4(s0, s1, t0, t1)

// LOADSTEPS loads four steps' bytes of two pixels.
#define LOADSTEPS(r, q) \
	LDRQ(10, r, 16) \
	LDRQ(10, q, 20) \
	LDRQ(11, r, 17) \
	LDRQ(11, q, 21) \
	LDRQ(12, r, 18) \
	LDRQ(12, q, 22) \
	LDRQ(13, r, 19) \
	LDRQ(13, q, 23)

// NEON_QUAD adds in 16 bits what four steps are for.
#define NEON_QUAD \
	LOADSTEPS(14, 15)       \
	ADD4(0, 0, 1, 4, 5)     \
	ADD4(32, 2, 3, 6, 7)    \
	LOADSTEPS(16, 17)       \
	ADD4(0, 8, 9, 12, 13)   \
	ADD4(32, 10, 11, 14, 15) \
	ADD $256, R7

// NEON_PAIR begins with an ADDFIRST among the loads for its ADD2REST: an in-order core issues them
// together.
#define NEON_PAIR \
	FLDPQ   32(R7), (F24, F25)   \
	LOAD4(10, 16, 17, 18, 19)    \
	SMULL_8H(24, 16, 28)         \
	LDRQ(11, 14, 20)             \
	SMULL_8H(24, 17, 29)         \
	LDRQ(11, 15, 21)             \
	SMULL_8H(24, 18, 30)         \
	LDRQ(11, 16, 22)             \
	SMULL_8H(24, 19, 31)         \
	LDRQ(11, 17, 23)             \
	SMLAL2_8H(24, 16, 28)        \
	FLDPQ   96(R7), (F26, F27)   \
	SMLAL2_8H(24, 17, 29)        \
	SMLAL2_8H(24, 18, 30)        \
	SMLAL2_8H(24, 19, 31)        \
	ADD2REST(26, 2, 6, 10, 14)   \
	ADD2(25, 27, 3, 7, 11, 15)   \
	FLDPQ   64(R7), (F26, F27)   \
	FLDPQ.P 128(R7), (F24, F25)  \
	ADD2(24, 26, 0, 4, 8, 12)    \
	ADD2(25, 27, 1, 5, 9, 13)

#define NEON_STEP \
	LOAD4(10, 16, 17, 18, 19)  \
	FLDPQ   32(R7), (F26, F27) \
	FLDPQ.P 64(R7), (F24, F25) \
	ADD1(24, 0, 4, 8, 12)      \
	ADD1(25, 1, 5, 9, 13)      \
	ADD1(26, 2, 6, 10, 14)     \
	ADD1(27, 3, 7, 11, 15)

// NEON_PUT stores the four activations s where to says.
#define NEON_PUT(to, s) \
	ADD  R2, to, R12 \
	VST1 s, (R12)

#define NEON_PUTS \
	NEON_PUT(R19, V0.S[0]) \
	NEON_PUT(R20, V0.S[1]) \
	NEON_PUT(R21, V0.S[2]) \
	NEON_PUT(R22, V0.S[3])

#define NEON_STORE \
	SCALES4          \
	PIXELS4(ROUND)   \
	PACK(0, 1, 2, 3) \
	NEON_PUTS

#define NEON_LEAKYSTORE \
	LEAKY4                     \
	PIXELS4(ROUND_LEAKY)       \
	PACK_LEAKY(17, 0, 1, 2, 3) \
	NEON_PUTS

// NEON_SUMS leaves the sums of the four pixels in V0 to V3, a lane being a channel. A channel's
// bias goes to the lowest lane at first: zeros follow it in memory.
#define NEON_SUMS \
	MOVD  convArgs_bias(R0), R12                     \
	VLD1  (R12), [V0.S4, V1.S4, V2.S4, V3.S4]        \
	VLD1  (R12), [V4.S4, V5.S4, V6.S4, V7.S4]        \
	VLD1  (R12), [V8.S4, V9.S4, V10.S4, V11.S4]      \
	VLD1  (R12), [V12.S4, V13.S4, V14.S4, V15.S4]    \
	QUADS(NEON_QUAD)                                 \
	PAIRS(NEON_PAIR)                                 \
	SINGLES(NEON_STEP)                               \
	SUM4(V0, V1, V2, V3, V0)                         \
	SUM4(V4, V5, V6, V7, V1)                         \
	SUM4(V8, V9, V10, V11, V2)                       \
	SUM4(V12, V13, V14, V15, V3)

// func convNEON(args *convArgs)
TEXT ·convNEON(SB), NOSPLIT, $0-8
	ARGS

tile:
	PLACE(0, R14, R19)
	PLACE(1, R15, R20)
	PLACE(2, R16, R21)
	PLACE(3, R17, R22)
	STEPS
	NEON_SUMS
	ACTIVATIONS(4, NEON_STORE, PIXELS4(RAW), NEON_LEAKYSTORE)

// WIDE TILES WITH THE DOT PRODUCT: 16 channels of six pixels, a lane being a channel. SDOT takes
// four of a pixel's 16 bytes for all lanes.
//
//	R14..R17, R19, R20   the source pixels
//	R21..R26             where they go in the output map
//
//	V0..V23    sums, those of pixel p in V(4*p) to V(4*p+3)
//	V24..V29   activations of the pixels 0 to 5; for the stores V24..V27 are the scales, V28 zero
//	V30, V31   weights of four channels each
//
// For the stores of a leaky ReLU V29 is the slope, V30 the zero point and V31 scratch.

// OP(i, to, w, x, y, z, f, v0, v1, v2, v3): the pixel's number, where it goes, and its sums by
// number and by name.
#define PIXELS6(OP) \
	OP(0, R21, 0, 1, 2, 3, F0, V0, V1, V2, V3)          \
	OP(1, R22, 4, 5, 6, 7, F4, V4, V5, V6, V7)          \
	OP(2, R23, 8, 9, 10, 11, F8, V8, V9, V10, V11)      \
	OP(3, R24, 12, 13, 14, 15, F12, V12, V13, V14, V15) \
	OP(4, R25, 16, 17, 18, 19, F16, V16, V17, V18, V19) \
	OP(5, R26, 20, 21, 22, 23, F20, V20, V21, V22, V23)

#define WIDE_BIAS(i, to, w, x, y, z, f, v0, v1, v2, v3) VLD1 (R12), [v0.B16, v1.B16, v2.B16, v3.B16]

// WIDE_DOT adds the products of the weights w and the i-th four bytes of each pixel.
#define WIDE_DOT(i, w, s0, s1, s2, s3, s4, s5) \
	SDOT_4S_LANE(i, 24, w, s0) \
	SDOT_4S_LANE(i, 25, w, s1) \
	SDOT_4S_LANE(i, 26, w, s2) \
	SDOT_4S_LANE(i, 27, w, s3) \
	SDOT_4S_LANE(i, 28, w, s4) \
	SDOT_4S_LANE(i, 29, w, s5)

#define WIDE_DOT4(i) \
	FLDPQ.P 32(R7), (F30, F31)            \
	WIDE_DOT(i, 30, 0, 4, 8, 12, 16, 20)  \
	WIDE_DOT(i, 31, 1, 5, 9, 13, 17, 21)  \
	FLDPQ.P 32(R7), (F30, F31)            \
	WIDE_DOT(i, 30, 2, 6, 10, 14, 18, 22) \
	WIDE_DOT(i, 31, 3, 7, 11, 15, 19, 23)

#define WIDE_STEP \
	LOAD4(10, 24, 25, 26, 27) \
	LDRQ(10, 19, 28)          \
	LDRQ(10, 20, 29)          \
	WIDE_DOT4(0)              \
	WIDE_DOT4(1)              \
	WIDE_DOT4(2)              \
	WIDE_DOT4(3)

#define WIDE_STORE1(i, to, w, x, y, z, f, v0, v1, v2, v3) \
	REQUANTIZE_RELU(24, w) \
	REQUANTIZE_RELU(25, x) \
	REQUANTIZE_RELU(26, y) \
	REQUANTIZE_RELU(27, z) \
	PACK(w, x, y, z)       \
	ADD   R2, to, R12      \
	FMOVQ f, (R12)

#define WIDE_STORE \
	VLD1 (R12), [V24.B16, V25.B16, V26.B16, V27.B16] \
	PIXELS6(WIDE_STORE1)

#define WIDE_LEAKYSTORE1(i, to, w, x, y, z, f, v0, v1, v2, v3) \
	REQUANTIZE_SLOPE(24, 29, 30, w, 31) \
	REQUANTIZE_SLOPE(25, 29, 30, x, 31) \
	REQUANTIZE_SLOPE(26, 29, 30, y, 31) \
	REQUANTIZE_SLOPE(27, 29, 30, z, 31) \
	PACK_LEAKY(28, w, x, y, z)          \
	ADD   R2, to, R12                   \
	FMOVQ f, (R12)

#define WIDE_LEAKYSTORE \
	VLD1 (R12), [V24.B16, V25.B16, V26.B16, V27.B16]     \
	VEOR V28.B16, V28.B16, V28.B16                       \
	LEAKY(convArgs_slope, convArgs_zero, V29.S4, V30.S4) \
	PIXELS6(WIDE_LEAKYSTORE1)

#define WIDE_RAW(i, to, w, x, y, z, f, v0, v1, v2, v3) \
	RAWDEST(i, R12) \
	VST1 [v0.B16, v1.B16, v2.B16, v3.B16], (R12)

// func convWideDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convWideDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	PLACE(0, R14, R21)
	PLACE(1, R15, R22)
	PLACE(2, R16, R23)
	PLACE(3, R17, R24)
	PLACE(4, R19, R25)
	PLACE(5, R20, R26)
	STEPS
	MOVD convArgs_bias(R0), R12
	PIXELS6(WIDE_BIAS)
	SINGLES(WIDE_STEP)
	ACTIVATIONS(6, WIDE_STORE, PIXELS6(WIDE_RAW), WIDE_LEAKYSTORE)

// NARROW TILES WITH THE DOT PRODUCT: four channels of eight pixels
//
//	V0..V7     sums of the pixels 0 to 7, a lane being a channel
//	V8..V15    activations of the pixels 0 to 7
//	V16..V19   weights for four bytes of a pixel each; for the stores V16 is the scales, V17 zero

// NARROW_DOT adds the products of the weights w and the i-th four bytes of each pixel.
#define NARROW_DOT(i, w) \
	SDOT_4S_LANE(i, 8, w, 0)  \
	SDOT_4S_LANE(i, 9, w, 1)  \
	SDOT_4S_LANE(i, 10, w, 2) \
	SDOT_4S_LANE(i, 11, w, 3) \
	SDOT_4S_LANE(i, 12, w, 4) \
	SDOT_4S_LANE(i, 13, w, 5) \
	SDOT_4S_LANE(i, 14, w, 6) \
	SDOT_4S_LANE(i, 15, w, 7)

#define NARROW_STEP \
	LOAD4(10, 8, 9, 10, 11)       \
	LOAD4MORE(10, 12, 13, 14, 15) \
	FLDPQ.P 32(R7), (F16, F17)    \
	FLDPQ.P 32(R7), (F18, F19)    \
	NARROW_DOT(0, 16)             \
	NARROW_DOT(1, 17)             \
	NARROW_DOT(2, 18)             \
	NARROW_DOT(3, 19)

#define NARROW_STORE \
	SCALES4          \
	PIXELS8(ROUND)   \
	PACK(0, 1, 2, 3) \
	PACK(4, 5, 6, 7) \
	PIXELS8(STORE)

#define NARROW_LEAKYSTORE \
	LEAKY4                     \
	PIXELS8(ROUND_LEAKY)       \
	PACK_LEAKY(17, 0, 1, 2, 3) \
	PACK_LEAKY(17, 4, 5, 6, 7) \
	PIXELS8(STORE)

// NARROW_SUMS leaves the sums of the eight pixels in V0 to V7.
#define NARROW_SUMS \
	MOVD  convArgs_bias(R0), R12 \
	FMOVQ (R12), F0              \
	COPY3(V0, V1, V2, V3)        \
	COPY3(V0, V4, V5, V6)        \
	VMOV  V0.B16, V7.B16         \
	SINGLES(NARROW_STEP)

// func convNarrowDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convNarrowDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8(1)
	STEPS
	NARROW_SUMS
	ACTIVATIONS(8, NARROW_STORE, PIXELS8(RAW), NARROW_LEAKYSTORE)

// LAST LAYER: one channel of eight pixels, the lanes of whose sums run over source bytes
//
//	           NEON                               with the dot product
//	V0..V7     sums of the pixels 0 to 7          sums of the pixels 0 to 7
//	V16..V19   activations of four pixels         activations of the pixels 0 to 3
//	V20..V23   those of a pair's second step      activations of the pixels 4 to 7
//	V24        weights                            weights
//	V25        weights of a pair's second step    free
//	V28..V31   products of four pixels            free
//
// Where a tile ends, V0 is the places in the table, V1 to V3, R10 and R11 are scratch, and R13 is
// the table.

// TABLE1 stores the tile's i-th pixel, whose place in the table is lane i of V0.
#define TABLE1(i, f, v, s) \
	VMOV  V0.H[i], R10     \
	MOVW  (8*i+4)(R3), R11 \
	MOVBU (R13)(R10), R10  \
	MOVB  R10, (R2)(R11)

// LOOKUP8 stores the pixels whose sums the lanes of V0 to V7 add up to, and does NEXT.
#define LOOKUP8 \
	VADDP V1.S4, V0.S4, V0.S4     \
	VADDP V3.S4, V2.S4, V2.S4     \
	VADDP V5.S4, V4.S4, V4.S4     \
	VADDP V7.S4, V6.S4, V6.S4     \
	VADDP V2.S4, V0.S4, V0.S4     \
	VADDP V6.S4, V4.S4, V1.S4     \
	MOVD  convArgs_bias(R0), R10  \
	VLD1R (R10), [V2.S4]          \
	MOVD  convArgs_scale(R0), R10 \
	VLD1R (R10), [V3.S4]          \
	VADD  V2.S4, V0.S4, V0.S4     \
	VADD  V2.S4, V1.S4, V1.S4     \
	REQUANTIZE(3, 0)              \
	REQUANTIZE(3, 1)              \
	SQXTN_4H(0, 0)                \
	SQXTN2_8H(1, 0)               \
	MOVD  $2047, R10              \
	VDUP  R10, V2.H8              \
	MOVD  $-2048, R10             \
	VDUP  R10, V3.H8              \
	SMIN_8H(2, 0, 0)              \
	SMAX_8H(3, 0, 0)              \
	VSUB  V3.H8, V0.H8, V0.H8     \
	MOVD  convArgs_table(R0), R13 \
	PIXELS8(TABLE1)               \
	NEXT(8)

#define LAST_PAIR \
	FLDPQ.P 32(R7), (F24, F25)    \
	LOAD4(10, 16, 17, 18, 19)     \
	LOAD4(11, 20, 21, 22, 23)     \
	ADD2(24, 25, 0, 1, 2, 3)      \
	LOAD4MORE(10, 16, 17, 18, 19) \
	LOAD4MORE(11, 20, 21, 22, 23) \
	ADD2(24, 25, 4, 5, 6, 7)

#define LAST_STEP \
	FMOVQ.P 16(R7), F24           \
	LOAD4(10, 16, 17, 18, 19)     \
	ADD1(24, 0, 1, 2, 3)          \
	LOAD4MORE(10, 16, 17, 18, 19) \
	ADD1(24, 4, 5, 6, 7)

// func convLastNEON(args *convArgs)
TEXT ·convLastNEON(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8(1)
	STEPS
	PIXELS8(CLEAR)
	PAIRS(LAST_PAIR)
	SINGLES(LAST_STEP)
	LOOKUP8

#define LAST_DOTSTEP \
	FMOVQ.P 16(R7), F24           \
	LOAD4(10, 16, 17, 18, 19)     \
	LOAD4MORE(10, 20, 21, 22, 23) \
	SDOT_4S(24, 16, 0)            \
	SDOT_4S(24, 17, 1)            \
	SDOT_4S(24, 18, 2)            \
	SDOT_4S(24, 19, 3)            \
	SDOT_4S(24, 20, 4)            \
	SDOT_4S(24, 21, 5)            \
	SDOT_4S(24, 22, 6)            \
	SDOT_4S(24, 23, 7)

// func convLastDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convLastDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8(1)
	STEPS
	PIXELS8(CLEAR)
	SINGLES(LAST_DOTSTEP)
	LOOKUP8

// LAST LAYER, RUNS OF FOUR: one channel of two times four neighbours. A kernel's row is three
// pixels of 32 bytes each, of which the four neighbours have six.
//
//	V0..V7     sums of the pixels 0 to 7
//	V8..V19    activations of the row for four neighbours, two vectors a pixel
//	V20..V25   weights of the row, two vectors a pixel
//	V28..V31   products of four pixels, in 16 bits (NEON)

// RUNS is a kernel that does RUN for the two runs of every row, with the address of a run's first
// pixel in the source map and the sums.
#define RUNS(RUN) \
	ARGS                         \
tile:                            \
	SOURCE(0, R14)               \
	SOURCE(4, R15)               \
	STEPS                        \
	PIXELS8(CLEAR)               \
row:                             \
	MOVW.P  12(R6), R10          \
	FLDPQ   32(R7), (F22, F23)   \
	FLDPQ   64(R7), (F24, F25)   \
	FLDPQ.P 96(R7), (F20, F21)   \
	RUN(R14, 0, 1, 2, 3)         \
	RUN(R15, 4, 5, 6, 7)         \
	SUBS    $3, R9               \
	BNE     row                  \
	LOOKUP8

#define RUN_LOAD(r) \
	ADD   R10, r, R12            \
	FLDPQ (R12), (F8, F9)        \
	FLDPQ 32(R12), (F10, F11)    \
	FLDPQ 64(R12), (F12, F13)    \
	FLDPQ 96(R12), (F14, F15)    \
	FLDPQ 128(R12), (F16, F17)   \
	FLDPQ 160(R12), (F18, F19)

// RUN_TAP adds the products of the weights w and v of a pixel and the two vectors of each of four.
#define RUN_TAP(w, v, a0, a1, b0, b1, c0, c1, d0, d1, s0, s1, s2, s3) \
	PRODUCTS4(SMULL_8H, w, a0, b0, c0, d0)  \
	PRODUCTS4(SMLAL2_8H, w, a0, b0, c0, d0) \
	PRODUCTS4(SMLAL_8H, v, a1, b1, c1, d1)  \
	PRODUCTS4(SMLAL2_8H, v, a1, b1, c1, d1) \
	SUMS4(s0, s1, s2, s3)

#define RUN_NEON(r, s0, s1, s2, s3) \
	RUN_LOAD(r)                                                             \
	RUN_TAP(20, 21, 8, 9, 10, 11, 12, 13, 14, 15, s0, s1, s2, s3)   \
	RUN_TAP(22, 23, 10, 11, 12, 13, 14, 15, 16, 17, s0, s1, s2, s3) \
	RUN_TAP(24, 25, 12, 13, 14, 15, 16, 17, 18, 19, s0, s1, s2, s3)

// func convLastRunsNEON(args *convArgs)
TEXT ·convLastRunsNEON(SB), NOSPLIT, $0-8
	RUNS(RUN_NEON)

// DOTS4 adds the products of the weights w and one vector of each of four pixels.
#define DOTS4(w, a, b, c, d, s0, s1, s2, s3) \
	SDOT_4S(w, a, s0) \
	SDOT_4S(w, b, s1) \
	SDOT_4S(w, c, s2) \
	SDOT_4S(w, d, s3)

#define RUN_DOT(r, s0, s1, s2, s3) \
	RUN_LOAD(r)                               \
	DOTS4(20, 8, 10, 12, 14, s0, s1, s2, s3)  \
	DOTS4(21, 9, 11, 13, 15, s0, s1, s2, s3)  \
	DOTS4(22, 10, 12, 14, 16, s0, s1, s2, s3) \
	DOTS4(23, 11, 13, 15, 17, s0, s1, s2, s3) \
	DOTS4(24, 12, 14, 16, 18, s0, s1, s2, s3) \
	DOTS4(25, 13, 15, 17, 19, s0, s1, s2, s3)

// func convLastRunsDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convLastRunsDot(SB), NOSPLIT, $0-8
	RUNS(RUN_DOT)

// LAST LAYER, BLOCKS: one channel of blocks of four pixels, see grid. The phases of a block are in
// the place of channels, so that the sums are those of the tiles without the dot product, with four
// blocks, and of narrow tiles, with eight.
//
// Where a tile ends, V16 is the scale, V17 the smallest table index and V18 the largest, both less
// 2048, R13 is the table, and R10 to R12 are scratch.

#define BLOCKS_BEGIN \
	MOVD  convArgs_scale(R0), R12 \
	FMOVQ (R12), F16              \
	MOVD  $-2048, R12             \
	VDUP  R12, V17.H8             \
	MOVD  $2047, R12              \
	VDUP  R12, V18.H8             \
	MOVD  convArgs_table(R0), R13

// BLOCK1 stores the tile's i-th pixel, whose place in the table is in h.
#define BLOCK1(i, h) \
	VMOV  h, R10           \
	MOVW  (8*i+4)(R3), R11 \
	MOVBU (R13)(R10), R10  \
	MOVB  R10, (R2)(R11)

// BLOCKS2 stores the pixels of two blocks, from the tile's i-th pixel on. Their accumulators are in
// the vectors with the numbers w and x; v is the name of the first.
#define BLOCKS2(i, w, x, v) \
	REQUANTIZE(16, w)         \
	REQUANTIZE(16, x)         \
	SQXTN_4H(w, w)            \
	SQXTN2_8H(x, w)           \
	SMIN_8H(18, w, w)         \
	SMAX_8H(17, w, w)         \
	VSUB   V17.H8, v.H8, v.H8 \
	BLOCK1(i, v.H[0])         \
	BLOCK1((i+1), v.H[1])     \
	BLOCK1((i+2), v.H[2])     \
	BLOCK1((i+3), v.H[3])     \
	BLOCK1((i+4), v.H[4])     \
	BLOCK1((i+5), v.H[5])     \
	BLOCK1((i+6), v.H[6])     \
	BLOCK1((i+7), v.H[7])

// func convBlocksNEON(args *convArgs)
TEXT ·convBlocksNEON(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES4(4)
	STEPS
	NEON_SUMS
	BLOCKS_BEGIN
	BLOCKS2(0, 0, 1, V0)
	BLOCKS2(8, 2, 3, V2)
	NEXT(16)

// func convBlocksDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convBlocksDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8(4)
	STEPS
	NARROW_SUMS
	BLOCKS_BEGIN
	BLOCKS2(0, 0, 1, V0)
	BLOCKS2(8, 2, 3, V2)
	BLOCKS2(16, 4, 5, V4)
	BLOCKS2(24, 6, 7, V6)
	NEXT(32)

// DENSE LAYERS: blocks of 16 outputs of one point, inputs being taken two at a time
//
// The kernel computes what denseGeneric does; see denseArgs in tiled.go.
//
//	R0   args                      R8    columns left
//	R1   the output pixel          R9    blocks left
//	R2   the output                R10   inputs left
//	R3   the next weights          R11   the next inputs
//	R4   the next biases           R12   bytes from pixel to pixel
//	R5   the next scales           R13   more bytes from row to row
//	R7   rows left                 R14   inputs after the first two
//
//	V0..V3   sums                  V16, V17   weights of an input each
//	V4..V7   the scales            V18, V19   the first's in 16 bits
//	V8       the first two inputs  V24, V25   the second's
//	V9       two more              V20        zero
//	V21      a leaky ReLU's slope  V22, V23   its zero point, scratch

// DENSE_TWO adds the products of two inputs.
#define DENSE_TWO(x) \
	FLDPQ.P 32(R3), (F16, F17)  \
	SSHLL_8H(16, 18)            \
	SSHLL2_8H(16, 19)           \
	SSHLL_8H(17, 24)            \
	SSHLL2_8H(17, 25)           \
	SMLAL_4S_LANE(0, x, 18, 0)  \
	SMLAL2_4S_LANE(0, x, 18, 1) \
	SMLAL_4S_LANE(0, x, 19, 2)  \
	SMLAL2_4S_LANE(0, x, 19, 3) \
	SMLAL_4S_LANE(1, x, 24, 0)  \
	SMLAL2_4S_LANE(1, x, 24, 1) \
	SMLAL_4S_LANE(1, x, 25, 2)  \
	SMLAL2_4S_LANE(1, x, 25, 3)

// DENSE is a kernel that makes activations of x by ROUND(scale, x) and PACK.
#define DENSE(ROUND, PACK) \
	MOVD  args+0(FP), R0                         \
	MOVD  denseArgs_dst(R0), R1                  \
	MOVD  denseArgs_weight(R0), R3               \
	MOVD  denseArgs_bias(R0), R4                 \
	MOVD  denseArgs_rows(R0), R7                 \
	MOVD  denseArgs_pitch(R0), R12               \
	MOVD  denseArgs_gap(R0), R13                 \
	MOVD  denseArgs_inputs(R0), R14              \
	ADD   $denseArgs_first, R0, R10              \
	VLD1R (R10), [V8.S4]                         \
row:                                             \
	MOVD denseArgs_cols(R0), R8                  \
pixel:                                           \
	MOVD denseArgs_scale(R0), R5                 \
	MOVD denseArgs_blocks(R0), R9                \
	MOVD R1, R2                                  \
block:                                           \
	VLD1.P 64(R4), [V0.S4, V1.S4, V2.S4, V3.S4]  \
	DENSE_TWO(8)                                 \
	CBZ    R14, done                             \
	MOVD   denseArgs_x(R0), R11                  \
	MOVD   R14, R10                              \
input:                                           \
	VLD1R.P 4(R11), [V9.S4]                      \
	DENSE_TWO(9)                                 \
	SUBS    $2, R10                              \
	BNE     input                                \
done:                                            \
	VLD1.P  64(R5), [V4.S4, V5.S4, V6.S4, V7.S4] \
	ROUND(4, 0)                                  \
	ROUND(5, 1)                                  \
	ROUND(6, 2)                                  \
	ROUND(7, 3)                                  \
	PACK(0, 1, 2, 3)                             \
	FMOVQ.P F0, 16(R2)                           \
	SUBS    $1, R9                               \
	BNE     block                                \
	ADD     R12, R1                              \
	SUBS    $1, R8                               \
	BNE     pixel                                \
	ADD     R13, R1                              \
	SUBS    $1, R7                               \
	BNE     row                                  \
	RET

#define DENSE_ROUND(scale, x) REQUANTIZE_RELU(scale, x)

#define DENSE_PACK_LEAKY(w, x, y, z) PACK_LEAKY(20, w, x, y, z)

#define DENSE_ROUND_LEAKY(scale, x) REQUANTIZE_SLOPE(scale, 21, 22, x, 23)

// func denseNEON(args *denseArgs)
TEXT ·denseNEON(SB), NOSPLIT, $0-8
	DENSE(DENSE_ROUND, PACK)

// func denseLeakyNEON(args *denseArgs)
TEXT ·denseLeakyNEON(SB), NOSPLIT, $0-8
	MOVD args+0(FP), R0
	LEAKY(denseArgs_slope, denseArgs_zero, V21.S4, V22.S4)
	VEOR V20.B16, V20.B16, V20.B16
	DENSE(DENSE_ROUND_LEAKY, DENSE_PACK_LEAKY)

// LIMITS: what limitGeneric does, on as many sums as keep the multipliers busy
//
//	R0         turns left
//	V0..V11    sums
//	V16..V27   products (NEON)
//	V30, V31   the factors, zero

// OP(x, t): the number of a vector of sums and of one for products.
#define LIMIT(OP) \
	VEOR V30.B16, V30.B16, V30.B16 \
	VEOR V31.B16, V31.B16, V31.B16 \
loop:                              \
	OP(0, 16)                      \
	OP(1, 17)                      \
	OP(2, 18)                      \
	OP(3, 19)                      \
	OP(4, 20)                      \
	OP(5, 21)                      \
	OP(6, 22)                      \
	OP(7, 23)                      \
	OP(8, 24)                      \
	OP(9, 25)                      \
	OP(10, 26)                     \
	OP(11, 27)                     \
	SUBS $1, R0                    \
	BNE  loop                      \
	RET

#define LIMIT_NEON(x, t) \
	SMULL_8H(30, 31, t)  \
	SMLAL2_8H(30, 31, t) \
	SADALP_4S(t, x)

#define LIMIT_PAIRS_NEON(x, t) \
	SMULL_8H(30, 31, t)  \
	SMLAL2_8H(30, 31, t) \
	SMLAL_8H(30, 31, t)  \
	SMLAL2_8H(30, 31, t) \
	SADALP_4S(t, x)

#define LIMIT_DOT(x, t) SDOT_4S(30, 31, x)

// func limitNEON(n int)
TEXT ·limitNEON(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	LIMIT(LIMIT_NEON)

// func limitPairsNEON(n int)
TEXT ·limitPairsNEON(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	LIMIT(LIMIT_PAIRS_NEON)

// func limitDot(n int)
// Requires: ASIMDDP
TEXT ·limitDot(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	LIMIT(LIMIT_DOT)
