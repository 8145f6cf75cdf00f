//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "macros_arm64.h"

// CONVOLUTIONS
//
// In all convolution kernels
//
//	R0  args               R8   pairs of steps left
//	R1  the source map     R9   steps left
//	R2  the output map     R10  the offset of a step, R11 that of a pair's second
//	R3  the tile's first pixel
//	R4  tiles left         R12  a scratch register
//	R5  the steps          R6   the next step's offset
//	R7  the next weights
//	R14..R17, R19..R22     the source pixels

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

#define SOURCES4 \
	SOURCE(0, R14) \
	SOURCE(1, R15) \
	SOURCE(2, R16) \
	SOURCE(3, R17)

#define SOURCES8 \
	SOURCES4       \
	SOURCE(4, R19) \
	SOURCE(5, R20) \
	SOURCE(6, R21) \
	SOURCE(7, R22)

#define STEPS \
	MOVD convArgs_steps(R0), R6   \
	MOVD convArgs_weight(R0), R7  \
	MOVD convArgs_pairs(R0), R8   \
	MOVD convArgs_singles(R0), R9

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

// DEST sets r to the address of the tile's i-th pixel in the output map, RAWDEST to that of its accumulators.
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

// PACK packs four vectors to activations in x. Vector zero must be zero.
#define PACK(zero, x, y, z, w) \
	SQXTN_4H(x, x)       \
	SQXTN2_8H(y, x)      \
	SQXTN_4H(z, z)       \
	SQXTN2_8H(w, z)      \
	SQXTN_8B(x, x)       \
	SQXTN2_16B(z, x)     \
	SMAX_16B(zero, x, x)

// TILE OF FOUR PIXELS AND FOUR CHANNELS. Pixel p's sum of channel c is in vector 4*c+p, its lanes run over source bytes.

// DOT2 adds, for four pixels, 32 products with the weights w and v in 16 bits before they go to the sums of a channel. The
// pixels' bytes are in V16 to V19 and V20 to V23.
#define DOT2(w, v, s0, s1, s2, s3) \
	SMULL_8H(w, 16, 28)   \
	SMULL_8H(w, 17, 29)   \
	SMULL_8H(w, 18, 30)   \
	SMULL_8H(w, 19, 31)   \
	SMLAL2_8H(w, 16, 28)  \
	SMLAL2_8H(w, 17, 29)  \
	SMLAL2_8H(w, 18, 30)  \
	SMLAL2_8H(w, 19, 31)  \
	DOT2REST(v, s0, s1, s2, s3)

#define DOT2REST(v, s0, s1, s2, s3) \
	SMLAL_8H(v, 20, 28)   \
	SMLAL_8H(v, 21, 29)   \
	SMLAL_8H(v, 22, 30)   \
	SMLAL_8H(v, 23, 31)   \
	SMLAL2_8H(v, 20, 28)  \
	SMLAL2_8H(v, 21, 29)  \
	SMLAL2_8H(v, 22, 30)  \
	SMLAL2_8H(v, 23, 31)  \
	SADALP_4S(28, s0)     \
	SADALP_4S(29, s1)     \
	SADALP_4S(30, s2)     \
	SADALP_4S(31, s3)

#define DOT1(w, s0, s1, s2, s3) \
	SMULL_8H(w, 16, 28)   \
	SMULL_8H(w, 17, 29)   \
	SMULL_8H(w, 18, 30)   \
	SMULL_8H(w, 19, 31)   \
	SMLAL2_8H(w, 16, 28)  \
	SMLAL2_8H(w, 17, 29)  \
	SMLAL2_8H(w, 18, 30)  \
	SMLAL2_8H(w, 19, 31)  \
	SADALP_4S(28, s0)     \
	SADALP_4S(29, s1)     \
	SADALP_4S(30, s2)     \
	SADALP_4S(31, s3)

// SUM4 leaves in x the sums of the lanes of w, x, y and z's vectors.
#define SUM4(w, x, y, z) \
	VADDP x.S4, w.S4, w.S4 \
	VADDP z.S4, y.S4, y.S4 \
	VADDP y.S4, w.S4, w.S4

// func convNEON(args *convArgs)
TEXT ·convNEON(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES4
	STEPS

	// A channel's bias goes to the lowest lane; loading it clears the others.
	MOVD  convArgs_bias(R0), R12
	FMOVS (R12), F0
	FMOVS 4(R12), F4
	FMOVS 8(R12), F8
	FMOVS 12(R12), F12
	VMOV  V0.B16, V1.B16
	VMOV  V0.B16, V2.B16
	VMOV  V0.B16, V3.B16
	VMOV  V4.B16, V5.B16
	VMOV  V4.B16, V6.B16
	VMOV  V4.B16, V7.B16
	VMOV  V8.B16, V9.B16
	VMOV  V8.B16, V10.B16
	VMOV  V8.B16, V11.B16
	VMOV  V12.B16, V13.B16
	VMOV  V12.B16, V14.B16
	VMOV  V12.B16, V15.B16
	CBZ   R8, singles

pair:
	LDPSW.P 8(R6), (R10, R11)
	FLDPQ   32(R7), (F24, F25)
	LOAD4(10, 16, 17, 18, 19)

	// The first half of DOT2 with the loads for the second: an in-order core issues them together.
	SMULL_8H(24, 16, 28)
	LDRQ(11, 14, 20)
	SMULL_8H(24, 17, 29)
	LDRQ(11, 15, 21)
	SMULL_8H(24, 18, 30)
	LDRQ(11, 16, 22)
	SMULL_8H(24, 19, 31)
	LDRQ(11, 17, 23)
	SMLAL2_8H(24, 16, 28)
	FLDPQ   96(R7), (F26, F27)
	SMLAL2_8H(24, 17, 29)
	SMLAL2_8H(24, 18, 30)
	SMLAL2_8H(24, 19, 31)
	DOT2REST(26, 8, 9, 10, 11)
	DOT2(25, 27, 12, 13, 14, 15)
	FLDPQ   64(R7), (F26, F27)
	FLDPQ.P 128(R7), (F24, F25)
	DOT2(24, 26, 0, 1, 2, 3)
	DOT2(25, 27, 4, 5, 6, 7)
	SUBS    $1, R8
	BNE     pair

singles:
	CBZ R9, done

single:
	MOVW.P  4(R6), R10
	LOAD4(10, 16, 17, 18, 19)
	FLDPQ   32(R7), (F26, F27)
	FLDPQ.P 64(R7), (F24, F25)
	DOT1(24, 0, 1, 2, 3)
	DOT1(25, 4, 5, 6, 7)
	DOT1(26, 8, 9, 10, 11)
	DOT1(27, 12, 13, 14, 15)
	SUBS    $1, R9
	BNE     single

done:
	SUM4(V0, V4, V8, V12)
	SUM4(V1, V5, V9, V13)
	SUM4(V2, V6, V10, V14)
	SUM4(V3, V7, V11, V15)
	MOVD  convArgs_raw(R0), R12
	CBNZ  R12, raw
	MOVD  convArgs_scale(R0), R12
	FMOVQ (R12), F16
	VEOR  V17.B16, V17.B16, V17.B16
	REQUANTIZE(16, 0)
	REQUANTIZE(16, 1)
	REQUANTIZE(16, 2)
	REQUANTIZE(16, 3)
	PACK(17, 0, 1, 2, 3)
	DEST(0, R12)
	VST1  V0.S[0], (R12)
	DEST(1, R12)
	VST1  V0.S[1], (R12)
	DEST(2, R12)
	VST1  V0.S[2], (R12)
	DEST(3, R12)
	VST1  V0.S[3], (R12)

next:
	ADD  $32, R3
	SUBS $1, R4
	BNE  tile
	RET

raw:
	RAWDEST(0, R12)
	FMOVQ F0, (R12)
	RAWDEST(1, R12)
	FMOVQ F1, (R12)
	RAWDEST(2, R12)
	FMOVQ F2, (R12)
	RAWDEST(3, R12)
	FMOVQ F3, (R12)
	B     next

// TILE OF SIX PIXELS AND SIXTEEN CHANNELS, with the dot product. Pixel p's sums are in vectors 4*p to 4*p+3, a lane being a
// channel. SDOT takes four of a pixel's 16 bytes for all lanes.

// WIDE adds a vector's weights, in w, for the i-th four bytes of each pixel, which are in V24 to V29, to its sums.
#define WIDE(i, w, s0, s1, s2, s3, s4, s5) \
	SDOT_4S_LANE(i, 24, w, s0) \
	SDOT_4S_LANE(i, 25, w, s1) \
	SDOT_4S_LANE(i, 26, w, s2) \
	SDOT_4S_LANE(i, 27, w, s3) \
	SDOT_4S_LANE(i, 28, w, s4) \
	SDOT_4S_LANE(i, 29, w, s5)

#define WIDE4(i) \
	FLDPQ.P 32(R7), (F30, F31)         \
	WIDE(i, 30, 0, 4, 8, 12, 16, 20)   \
	WIDE(i, 31, 1, 5, 9, 13, 17, 21)   \
	FLDPQ.P 32(R7), (F30, F31)         \
	WIDE(i, 30, 2, 6, 10, 14, 18, 22)  \
	WIDE(i, 31, 3, 7, 11, 15, 19, 23)

#define COPY4(a, b, c, d) \
	VMOV V0.B16, a \
	VMOV V1.B16, b \
	VMOV V2.B16, c \
	VMOV V3.B16, d

#define STOREWIDE(i, x, y, z, w, f) \
	REQUANTIZE(24, x)     \
	REQUANTIZE(25, y)     \
	REQUANTIZE(26, z)     \
	REQUANTIZE(27, w)     \
	PACK(28, x, y, z, w)  \
	DEST(i, R12)          \
	FMOVQ f, (R12)

#define RAWWIDE(i, x, y, z, w) \
	RAWDEST(i, R12) \
	VST1 [x, y, z, w], (R12)

// func convWideDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convWideDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES4
	SOURCE(4, R19)
	SOURCE(5, R20)
	STEPS
	MOVD convArgs_bias(R0), R12
	VLD1 (R12), [V0.B16, V1.B16, V2.B16, V3.B16]
	COPY4(V4.B16, V5.B16, V6.B16, V7.B16)
	COPY4(V8.B16, V9.B16, V10.B16, V11.B16)
	COPY4(V12.B16, V13.B16, V14.B16, V15.B16)
	COPY4(V16.B16, V17.B16, V18.B16, V19.B16)
	COPY4(V20.B16, V21.B16, V22.B16, V23.B16)
	CBZ  R9, done

single:
	MOVW.P 4(R6), R10
	LOAD4(10, 24, 25, 26, 27)
	LDRQ(10, 19, 28)
	LDRQ(10, 20, 29)
	WIDE4(0)
	WIDE4(1)
	WIDE4(2)
	WIDE4(3)
	SUBS   $1, R9
	BNE    single

done:
	MOVD convArgs_raw(R0), R12
	CBNZ R12, raw
	MOVD convArgs_scale(R0), R12
	VLD1 (R12), [V24.B16, V25.B16, V26.B16, V27.B16]
	VEOR V28.B16, V28.B16, V28.B16
	STOREWIDE(0, 0, 1, 2, 3, F0)
	STOREWIDE(1, 4, 5, 6, 7, F4)
	STOREWIDE(2, 8, 9, 10, 11, F8)
	STOREWIDE(3, 12, 13, 14, 15, F12)
	STOREWIDE(4, 16, 17, 18, 19, F16)
	STOREWIDE(5, 20, 21, 22, 23, F20)

next:
	ADD  $48, R3
	SUBS $1, R4
	BNE  tile
	RET

raw:
	RAWWIDE(0, V0.B16, V1.B16, V2.B16, V3.B16)
	RAWWIDE(1, V4.B16, V5.B16, V6.B16, V7.B16)
	RAWWIDE(2, V8.B16, V9.B16, V10.B16, V11.B16)
	RAWWIDE(3, V12.B16, V13.B16, V14.B16, V15.B16)
	RAWWIDE(4, V16.B16, V17.B16, V18.B16, V19.B16)
	RAWWIDE(5, V20.B16, V21.B16, V22.B16, V23.B16)
	B next

// TILE OF EIGHT PIXELS AND FOUR CHANNELS, with the dot product. Pixel p's sums are in vector p.

// NARROW adds the weights of w for the i-th four bytes of each pixel, which are in V8 to V15, to its sums.
#define NARROW(i, w) \
	SDOT_4S_LANE(i, 8, w, 0)  \
	SDOT_4S_LANE(i, 9, w, 1)  \
	SDOT_4S_LANE(i, 10, w, 2) \
	SDOT_4S_LANE(i, 11, w, 3) \
	SDOT_4S_LANE(i, 12, w, 4) \
	SDOT_4S_LANE(i, 13, w, 5) \
	SDOT_4S_LANE(i, 14, w, 6) \
	SDOT_4S_LANE(i, 15, w, 7)

#define STORENARROW(i, x) \
	DEST(i, R12) \
	VST1 x, (R12)

#define RAWNARROW(i, f) \
	RAWDEST(i, R12) \
	FMOVQ f, (R12)

// func convNarrowDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convNarrowDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8
	STEPS
	MOVD  convArgs_bias(R0), R12
	FMOVQ (R12), F0
	VMOV  V0.B16, V1.B16
	VMOV  V0.B16, V2.B16
	VMOV  V0.B16, V3.B16
	VMOV  V0.B16, V4.B16
	VMOV  V0.B16, V5.B16
	VMOV  V0.B16, V6.B16
	VMOV  V0.B16, V7.B16
	CBZ   R9, done

single:
	MOVW.P  4(R6), R10
	LOAD4(10, 8, 9, 10, 11)
	LOAD4MORE(10, 12, 13, 14, 15)
	FLDPQ.P 32(R7), (F16, F17)
	FLDPQ.P 32(R7), (F18, F19)
	NARROW(0, 16)
	NARROW(1, 17)
	NARROW(2, 18)
	NARROW(3, 19)
	SUBS    $1, R9
	BNE     single

done:
	MOVD  convArgs_raw(R0), R12
	CBNZ  R12, raw
	MOVD  convArgs_scale(R0), R12
	FMOVQ (R12), F16
	VEOR  V17.B16, V17.B16, V17.B16
	REQUANTIZE(16, 0)
	REQUANTIZE(16, 1)
	REQUANTIZE(16, 2)
	REQUANTIZE(16, 3)
	REQUANTIZE(16, 4)
	REQUANTIZE(16, 5)
	REQUANTIZE(16, 6)
	REQUANTIZE(16, 7)
	PACK(17, 0, 1, 2, 3)
	PACK(17, 4, 5, 6, 7)
	STORENARROW(0, V0.S[0])
	STORENARROW(1, V0.S[1])
	STORENARROW(2, V0.S[2])
	STORENARROW(3, V0.S[3])
	STORENARROW(4, V4.S[0])
	STORENARROW(5, V4.S[1])
	STORENARROW(6, V4.S[2])
	STORENARROW(7, V4.S[3])

next:
	ADD  $64, R3
	SUBS $1, R4
	BNE  tile
	RET

raw:
	RAWNARROW(0, F0)
	RAWNARROW(1, F1)
	RAWNARROW(2, F2)
	RAWNARROW(3, F3)
	RAWNARROW(4, F4)
	RAWNARROW(5, F5)
	RAWNARROW(6, F6)
	RAWNARROW(7, F7)
	B next

// LAST LAYER: one output channel, eight pixels; the lanes of a pixel's sum run over source bytes.

#define CLEAR8 \
	VEOR V0.B16, V0.B16, V0.B16 \
	VEOR V1.B16, V1.B16, V1.B16 \
	VEOR V2.B16, V2.B16, V2.B16 \
	VEOR V3.B16, V3.B16, V3.B16 \
	VEOR V4.B16, V4.B16, V4.B16 \
	VEOR V5.B16, V5.B16, V5.B16 \
	VEOR V6.B16, V6.B16, V6.B16 \
	VEOR V7.B16, V7.B16, V7.B16

// TABLE1 stores the tile's i-th pixel, whose place in the table at R13 is lane i of V0.
#define TABLE1(i) \
	VMOV  V0.H[i], R10       \
	MOVW  (8*i+4)(R3), R11   \
	MOVBU (R13)(R10), R10    \
	MOVB  R10, (R2)(R11)

// LOOKUP8 stores the pixels whose sums the lanes of V0 to V7 add up to.
#define LOOKUP8 \
	VADDP V1.S4, V0.S4, V0.S4           \
	VADDP V3.S4, V2.S4, V2.S4           \
	VADDP V5.S4, V4.S4, V4.S4           \
	VADDP V7.S4, V6.S4, V6.S4           \
	VADDP V2.S4, V0.S4, V0.S4           \
	VADDP V6.S4, V4.S4, V1.S4           \
	MOVD  convArgs_bias(R0), R10        \
	VLD1R (R10), [V2.S4]                \
	MOVD  convArgs_scale(R0), R10       \
	VLD1R (R10), [V3.S4]                \
	VADD  V2.S4, V0.S4, V0.S4           \
	VADD  V2.S4, V1.S4, V1.S4           \
	REQUANTIZE(3, 0)                    \
	REQUANTIZE(3, 1)                    \
	SQXTN_4H(0, 0)                      \
	SQXTN2_8H(1, 0)                     \
	MOVD  $2047, R10                    \
	VDUP  R10, V2.H8                    \
	MOVD  $-2048, R10                   \
	VDUP  R10, V3.H8                    \
	SMIN_8H(2, 0, 0)                    \
	SMAX_8H(3, 0, 0)                    \
	VSUB  V3.H8, V0.H8, V0.H8           \
	MOVD  convArgs_table(R0), R13       \
	TABLE1(0)                           \
	TABLE1(1)                           \
	TABLE1(2)                           \
	TABLE1(3)                           \
	TABLE1(4)                           \
	TABLE1(5)                           \
	TABLE1(6)                           \
	TABLE1(7)

// func convLastNEON(args *convArgs)
TEXT ·convLastNEON(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8
	STEPS
	CLEAR8
	CBZ R8, singles

pair:
	LDPSW.P 8(R6), (R10, R11)
	FLDPQ.P 32(R7), (F24, F25)
	LOAD4(10, 16, 17, 18, 19)
	LOAD4(11, 20, 21, 22, 23)
	DOT2(24, 25, 0, 1, 2, 3)
	LOAD4MORE(10, 16, 17, 18, 19)
	LOAD4MORE(11, 20, 21, 22, 23)
	DOT2(24, 25, 4, 5, 6, 7)
	SUBS    $1, R8
	BNE     pair

singles:
	CBZ R9, done

single:
	MOVW.P  4(R6), R10
	FMOVQ.P 16(R7), F24
	LOAD4(10, 16, 17, 18, 19)
	DOT1(24, 0, 1, 2, 3)
	LOAD4MORE(10, 16, 17, 18, 19)
	DOT1(24, 4, 5, 6, 7)
	SUBS    $1, R9
	BNE     single

done:
	LOOKUP8
	ADD  $64, R3
	SUBS $1, R4
	BNE  tile
	RET

// func convLastDot(args *convArgs)
// Requires: ASIMDDP
TEXT ·convLastDot(SB), NOSPLIT, $0-8
	ARGS

tile:
	SOURCES8
	STEPS
	CLEAR8
	CBZ R9, done

single:
	MOVW.P  4(R6), R10
	FMOVQ.P 16(R7), F24
	LOAD4(10, 16, 17, 18, 19)
	LOAD4MORE(10, 20, 21, 22, 23)
	SDOT_4S(24, 16, 0)
	SDOT_4S(24, 17, 1)
	SDOT_4S(24, 18, 2)
	SDOT_4S(24, 19, 3)
	SDOT_4S(24, 20, 4)
	SDOT_4S(24, 21, 5)
	SDOT_4S(24, 22, 6)
	SDOT_4S(24, 23, 7)
	SUBS    $1, R9
	BNE     single

done:
	LOOKUP8
	ADD  $64, R3
	SUBS $1, R4
	BNE  tile
	RET

// DENSE
//
//	R0   args               R8   columns left
//	R1   the output pixel   R9   blocks left
//	R2   the output         R10  inputs left
//	R3   the next weights   R11  the next inputs
//	R4   the next biases    R12  bytes from pixel to pixel
//	R5   the next scales    R13  more bytes from row to row
//	R7   rows left

// func denseNEON(args *denseArgs)
TEXT ·denseNEON(SB), NOSPLIT, $0-8
	MOVD args+0(FP), R0
	MOVD denseArgs_dst(R0), R1
	MOVD denseArgs_weight(R0), R3
	MOVD denseArgs_bias(R0), R4
	MOVD denseArgs_rows(R0), R7
	MOVD denseArgs_pitch(R0), R12
	MOVD denseArgs_gap(R0), R13
	VEOR V20.B16, V20.B16, V20.B16

row:
	MOVD denseArgs_cols(R0), R8

pixel:
	MOVD denseArgs_scale(R0), R5
	MOVD denseArgs_blocks(R0), R9
	MOVD R1, R2

block:
	VLD1.P 64(R4), [V0.S4, V1.S4, V2.S4, V3.S4]
	MOVD   denseArgs_x(R0), R11
	MOVD   denseArgs_inputs(R0), R10

input:
	VLD1R.P 2(R11), [V16.H8]
	FMOVQ.P 16(R3), F17
	SSHLL_8H(17, 18)
	SSHLL2_8H(17, 19)
	SMLAL_4S(16, 18, 0)
	SMLAL2_4S(16, 18, 1)
	SMLAL_4S(16, 19, 2)
	SMLAL2_4S(16, 19, 3)
	SUBS    $1, R10
	BNE     input

	VLD1.P  64(R5), [V4.S4, V5.S4, V6.S4, V7.S4]
	REQUANTIZE(4, 0)
	REQUANTIZE(5, 1)
	REQUANTIZE(6, 2)
	REQUANTIZE(7, 3)
	PACK(20, 0, 1, 2, 3)
	FMOVQ.P F0, 16(R2)
	SUBS    $1, R9
	BNE     block
	ADD     R12, R1
	SUBS    $1, R8
	BNE     pixel
	ADD     R13, R1
	SUBS    $1, R7
	BNE     row
	RET

// LIMITS

#define LIMIT(t, x) \
	SMULL_8H(30, 31, t)  \
	SMLAL2_8H(30, 31, t) \
	SADALP_4S(t, x)

// func limitNEON(n int)
TEXT ·limitNEON(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	VEOR V30.B16, V30.B16, V30.B16
	VEOR V31.B16, V31.B16, V31.B16

loop:
	LIMIT(16, 0)
	LIMIT(17, 1)
	LIMIT(18, 2)
	LIMIT(19, 3)
	LIMIT(20, 4)
	LIMIT(21, 5)
	LIMIT(22, 6)
	LIMIT(23, 7)
	LIMIT(24, 8)
	LIMIT(25, 9)
	LIMIT(26, 10)
	LIMIT(27, 11)
	SUBS $1, R0
	BNE  loop
	RET

// func limitDot(n int)
// Requires: ASIMDDP
TEXT ·limitDot(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	VEOR V30.B16, V30.B16, V30.B16
	VEOR V31.B16, V31.B16, V31.B16

loop:
	SDOT_4S(30, 31, 0)
	SDOT_4S(30, 31, 1)
	SDOT_4S(30, 31, 2)
	SDOT_4S(30, 31, 3)
	SDOT_4S(30, 31, 4)
	SDOT_4S(30, 31, 5)
	SDOT_4S(30, 31, 6)
	SDOT_4S(30, 31, 7)
	SDOT_4S(30, 31, 8)
	SDOT_4S(30, 31, 9)
	SDOT_4S(30, 31, 10)
	SDOT_4S(30, 31, 11)
	SUBS $1, R0
	BNE  loop
	RET
