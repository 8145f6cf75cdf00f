//go:build arm.6 && !purego

#include "go_asm.h"
#include "textflag.h"
#include "macros_arm.h"

// Kernels for 32-bit Arm. They know one rectifier, the leaky one: a ReLU is one whose slope and
// zero point are 0. R10 is Go's g, R11 the assembler's own scratch for what no instruction can say,
// which nothing here needs; R14 is free, as every kernel has a frame.

// ARMv6: CONVOLUTIONS
//
// They compute what convGeneric does; see convArgs in tiled.go. Weights are 16 bits, those of bytes
// 0 and 2 of four before those of 1 and 3, see quadARMv6.
//
//	R0..R3   sums; where a tile ends R4 is args and R5 the tile's first pixel in the list
//	R4, R5   activations: four, and two of them in 16 bits each
//	R6..R9   weights, two each
//	R11      the source
//	R12      the next weights
//	R14      the next step's offset
//
//	F0..F3   sums                    F8       a leaky ReLU's slope
//	F4..F7   scales                  F9..F12  scales of what is below 0

#define V6_ARGS \
	MOVW args+0(FP), R4          \
	MOVW convArgs_pixels(R4), R5 \
	MOVW R5, list-4(SP)

// V6_STEPS begins a tile: R4 is args, R5 its place in the list. It uses R6.
#define V6_STEPS \
	MOVW convArgs_weight(R4), R12 \
	MOVW convArgs_steps(R4), R14  \
	MOVW convArgs_singles(R4), R6 \
	ADD  R6<<2, R14, R6           \
	MOVW R6, end-8(SP)

// V6_NEXT ends a tile of so many entries in the list and goes to tile if there is another.
#define V6_NEXT(entries) \
	ADD  $(8*entries), R5         \
	MOVW R5, list-4(SP)           \
	MOVW convArgs_tiles(R4), R6   \
	SUB.S $1, R6                  \
	MOVW R6, convArgs_tiles(R4)   \
	BNE  tile                     \
	RET

// V6_QUAD adds the products of four source bytes for four channels.
#define V6_QUAD \
	MOVW.P    4(R11), R4       \
	MOVM.IA.W (R12), [R6-R9]   \
	UXTB16(4, 5)               \
	SMLAD(5, 6, 0, 0)          \
	SMLAD(5, 7, 1, 1)          \
	SMLAD(5, 8, 2, 2)          \
	SMLAD(5, 9, 3, 3)          \
	MOVM.IA.W (R12), [R6-R9]   \
	UXTB16_ROR8(4, 4)          \
	SMLAD(4, 6, 0, 0)          \
	SMLAD(4, 7, 1, 1)          \
	SMLAD(4, 8, 2, 2)          \
	SMLAD(4, 9, 3, 3)

// V6_SUMS leaves the four sums of a pixel or block in R0 to R3.
#define V6_SUMS \
	MOVW args+0(FP), R4         \
	MOVW list-4(SP), R5         \
	MOVW convArgs_bias(R4), R6  \
	MOVM.IA (R6), [R0-R3]       \
	MOVW convArgs_src(R4), R6   \
	MOVW (R5), R7               \
	ADD  R6, R7                 \
	MOVW R7, source-12(SP)      \
	V6_STEPS                    \
	CMP  R6, R14                \
	BEQ  done                   \
step:                           \
	MOVW   source-12(SP), R5    \
	MOVW.P 4(R14), R4           \
	ADD    R4, R5, R11          \
	V6_QUAD                     \
	V6_QUAD                     \
	V6_QUAD                     \
	V6_QUAD                     \
	MOVW end-8(SP), R5          \
	CMP  R5, R14                \
	BNE  step                   \
done:                           \
	MOVW args+0(FP), R4         \
	MOVW list-4(SP), R5

// V6_SCALES loads four scales from R6 on.
#define V6_SCALES \
	MOVF (R6), F4   \
	MOVF 4(R6), F5  \
	MOVF 8(R6), F6  \
	MOVF 12(R6), F7

// V6_BELOW sets the scales of what is below 0.
#define V6_BELOW \
	MULF F8, F4, F9  \
	MULF F8, F5, F10 \
	MULF F8, F6, F11 \
	MULF F8, F7, F12

// V6_PRODUCT leaves r*scale in f or, where r is below 0, r*below.
#define V6_PRODUCT(r, f, scale, below) \
	CMP     $0, r        \
	MOVW    r, f         \
	MOVWF   f, f         \
	MULF.GE scale, f, f  \
	MULF.LT below, f, f

// V6_ACTIVATION leaves the activation for the product in F(n) in R(n). The zero point is in R7.
#define V6_ACTIVATION(n, r, f) \
	VCVTR(2*n, 2*n) \
	MOVW f, r       \
	ADD  R7, r      \
	USAT7(n, n)

// V6_REQUANTIZE leaves the activations for R0 to R3 in R0.
#define V6_REQUANTIZE \
	V6_PRODUCT(R0, F0, F4, F9)  \
	V6_PRODUCT(R1, F1, F5, F10) \
	V6_PRODUCT(R2, F2, F6, F11) \
	V6_PRODUCT(R3, F3, F7, F12) \
	V6_ACTIVATION(0, R0, F0)    \
	V6_ACTIVATION(1, R1, F1)    \
	V6_ACTIVATION(2, R2, F2)    \
	V6_ACTIVATION(3, R3, F3)    \
	ORR R1<<8, R0               \
	ORR R2<<16, R0              \
	ORR R3<<24, R0

// func convARMv6(args *convArgs)
// Requires: VFP
TEXT ·convARMv6(SB), NOSPLIT, $12-4
	V6_ARGS

tile:
	V6_SUMS
	MOVW convArgs_store(R4), R6
	MOVW convArgs_dst(R4), R8
	MOVW 4(R5), R9
	CMP  $const_storeRaw, R6
	BEQ  raw
	MOVW convArgs_scale(R4), R6
	V6_SCALES
	MOVF convArgs_slope(R4), F8
	V6_BELOW
	MOVW convArgs_zero(R4), R7
	V6_REQUANTIZE
	MOVW R0, R9<<0(R8)

next:
	V6_NEXT(1)

raw:
	ADD  R9<<2, R8
	MOVW R0, (R8)
	MOVW R1, 4(R8)
	MOVW R2, 8(R8)
	MOVW R3, 12(R8)
	B    next

// V6_INDEX stores the tile's i-th pixel, whose sum times its scale is in F(n). R7 is the table, R8
// the output; it uses R6 and R9.
#define V6_INDEX(i, n, f) \
	VCVTR(2*n, 2*n)           \
	MOVW  f, R6               \
	MOVW  (8*i+4)(R5), R9     \
	ADD   $2048, R6           \
	USAT12(6, 6)              \
	MOVBU R6<<0(R7), R6       \
	MOVB  R6, R9<<0(R8)

#define V6_TABLE \
	MOVW convArgs_table(R4), R7 \
	MOVW convArgs_dst(R4), R8

// V6_SCALED leaves r*scale in f.
#define V6_SCALED(r, f, scale) \
	MOVW  r, f        \
	MOVWF f, f        \
	MULF  scale, f, f

// func convBlocksARMv6(args *convArgs)
// Requires: VFP
TEXT ·convBlocksARMv6(SB), NOSPLIT, $12-4
	V6_ARGS

tile:
	V6_SUMS
	MOVW convArgs_scale(R4), R6
	V6_SCALES
	V6_SCALED(R0, F0, F4)
	V6_SCALED(R1, F1, F5)
	V6_SCALED(R2, F2, F6)
	V6_SCALED(R3, F3, F7)
	V6_TABLE
	V6_INDEX(0, 0, F0)
	V6_INDEX(1, 1, F1)
	V6_INDEX(2, 2, F2)
	V6_INDEX(3, 3, F3)
	V6_NEXT(4)

// V6_LASTQUAD adds the products of four source bytes of two pixels for one channel.
#define V6_LASTQUAD \
	MOVM.IA.W (R12), [R6-R7]   \
	MOVW.P    4(R8), R4        \
	MOVW.P    4(R9), R11       \
	UXTB16(4, 5)               \
	UXTB16_ROR8(4, 4)          \
	SMLAD(5, 6, 0, 0)          \
	UXTB16(11, 5)              \
	SMLAD(4, 7, 0, 0)          \
	UXTB16_ROR8(11, 11)        \
	SMLAD(5, 6, 1, 1)          \
	SMLAD(11, 7, 1, 1)

// func convLastARMv6(args *convArgs)
// Requires: VFP
//
// Two pixels: R0 and R1 are their sums, R2 and R3 where they start in the source, R8 and R9 where
// they are read.
TEXT ·convLastARMv6(SB), NOSPLIT, $8-4
	V6_ARGS

tile:
	MOVW args+0(FP), R4
	MOVW list-4(SP), R5
	MOVW convArgs_bias(R4), R6
	MOVW (R6), R0
	MOVW R0, R1
	MOVW convArgs_src(R4), R6
	MOVW (R5), R2
	MOVW 8(R5), R3
	ADD  R6, R2
	ADD  R6, R3
	V6_STEPS
	CMP  R6, R14
	BEQ  done

step:
	MOVW.P 4(R14), R4
	ADD    R4, R2, R8
	ADD    R4, R3, R9
	V6_LASTQUAD
	V6_LASTQUAD
	V6_LASTQUAD
	V6_LASTQUAD
	MOVW   end-8(SP), R4
	CMP    R4, R14
	BNE    step

done:
	MOVW args+0(FP), R4
	MOVW list-4(SP), R5
	MOVW convArgs_scale(R4), R6
	MOVF (R6), F4
	V6_SCALED(R0, F0, F4)
	V6_SCALED(R1, F1, F4)
	V6_TABLE
	V6_INDEX(0, 0, F0)
	V6_INDEX(1, 1, F1)
	V6_NEXT(2)

// ARMv6: DENSE LAYERS, blocks of four outputs of one point, inputs being taken two at a time
//
// The kernel computes what denseGeneric does; see denseArgs in tiled.go.
//
//	R0..R3   sums                  R8    two inputs
//	R4       args                  R9    the next inputs
//	R5, R11  weights in 16 bits    R12   the next weights
//	R6, R7   weights, four each    R14   the next biases
//
//	F0..F12 as for convolutions

// V6_WEIGHTS adds the products of the inputs in R8 and the weights in w, to the sums x and y.
#define V6_WEIGHTS(w, x, y) \
	SXTB16(w, 5)         \
	SXTB16_ROR8(w, 11)   \
	SMLABB(5, 8, x, x)   \
	SMLATB(5, 8, y, y)   \
	SMLABT(11, 8, x, x)  \
	SMLATT(11, 8, y, y)

// V6_INPUTS adds the products of the inputs in R8.
#define V6_INPUTS \
	MOVM.IA.W (R12), [R6-R7] \
	V6_WEIGHTS(6, 0, 1)      \
	V6_WEIGHTS(7, 2, 3)

// func denseARMv6(args *denseArgs)
// Requires: VFP
TEXT ·denseARMv6(SB), NOSPLIT, $24-4
	MOVW args+0(FP), R4
	MOVF denseArgs_slope(R4), F8
	MOVW denseArgs_dst(R4), R5
	MOVW R5, pixel-4(SP)
	MOVW denseArgs_weight(R4), R12
	MOVW denseArgs_bias(R4), R14
	MOVW denseArgs_rows(R4), R5
	MOVW R5, rows-8(SP)

row:
	MOVW denseArgs_cols(R4), R5
	MOVW R5, cols-12(SP)

pixel:
	MOVW denseArgs_blocks(R4), R5
	MOVW R5, blocks-16(SP)
	MOVW denseArgs_scale(R4), R5
	MOVW R5, scales-20(SP)
	MOVW pixel-4(SP), R5
	MOVW R5, out-24(SP)

block:
	MOVM.IA.W (R14), [R0-R3]
	MOVW denseArgs_first(R4), R8
	V6_INPUTS
	MOVW denseArgs_inputs(R4), R5
	MOVW denseArgs_x(R4), R9
	ADD  R5<<1, R9, R4
	CMP  R9, R4
	BEQ  done

input:
	MOVW.P 4(R9), R8
	V6_INPUTS
	CMP    R9, R4
	BNE    input

done:
	MOVW args+0(FP), R4
	MOVW scales-20(SP), R6
	V6_SCALES
	V6_BELOW
	ADD  $16, R6
	MOVW R6, scales-20(SP)
	MOVW denseArgs_zero(R4), R7
	V6_REQUANTIZE
	MOVW out-24(SP), R6
	MOVW.P R0, 4(R6)
	MOVW R6, out-24(SP)
	MOVW blocks-16(SP), R6
	SUB.S $1, R6
	MOVW R6, blocks-16(SP)
	BNE  block
	MOVW pixel-4(SP), R6
	MOVW denseArgs_pitch(R4), R7
	ADD  R7, R6
	MOVW R6, pixel-4(SP)
	MOVW cols-12(SP), R7
	SUB.S $1, R7
	MOVW R7, cols-12(SP)
	BNE  pixel
	MOVW denseArgs_gap(R4), R7
	ADD  R7, R6
	MOVW R6, pixel-4(SP)
	MOVW rows-8(SP), R7
	SUB.S $1, R7
	MOVW R7, rows-8(SP)
	BNE  row
	RET

// NEON: CONVOLUTIONS
//
//	R0       args                          R8    pairs of steps left, then steps
//	R1       scratch, or a source pixel    R9    the next step's offset
//	R2       the output map                R11   the offset of a step
//	R3       the tile's first pixel in     R12   the offset of a pair's second step, the next
//	         the list of pixels                  weights of it, scratch
//	R4       tiles left                    R14   an address, or a source pixel
//	R5, R6   the source pixels 0 and 1
//	R7       the next weights
//
// A kernel begins with ARGS, and its tiles begin at its label tile.

#define ARGS \
	MOVW args+0(FP), R0          \
	MOVW convArgs_dst(R0), R2    \
	MOVW convArgs_pixels(R0), R3 \
	MOVW convArgs_tiles(R0), R4

// SOURCE sets r to the address of the tile's i-th pixel in the source map, which is at R1.
#define SOURCE(i, r) \
	MOVW (8*i)(R3), r \
	ADD  R1, r

#define STEPS \
	MOVW convArgs_steps(R0), R9  \
	MOVW convArgs_weight(R0), R7

// PAIRS does PAIR for every pair of steps, SINGLES does STEP for every step that is in none.
#define PAIRS(PAIR) \
	MOVW convArgs_pairs(R0), R8 \
	CMP  $0, R8                 \
	BEQ  singles                \
pair:                           \
	MOVM.IA.W (R9), [R11-R12]   \
	PAIR                        \
	SUB.S $1, R8                \
	BNE  pair                   \
singles:

#define SINGLES(STEP) \
	MOVW convArgs_singles(R0), R8 \
	CMP  $0, R8                   \
	BEQ  done                     \
single:                           \
	MOVW.P 4(R9), R11             \
	STEP                          \
	SUB.S $1, R8                  \
	BNE  single                   \
done:

// NEXT ends a tile of that many entries in the list and goes to tile if there is another.
#define NEXT(entries) \
	ADD  $(8*entries), R3 \
	SUB.S $1, R4          \
	BNE  tile             \
	RET

// TILES OF FOUR CHANNELS OF TWO PIXELS, the lanes of whose sums run over source bytes
//
//	Q0..Q3     sums of pixel 0, by channel; where a tile ends Q0 has a lane for each channel
//	Q4..Q7     sums of pixel 1, likewise Q4
//	Q8, Q9     activations of the pixels
//	Q10, Q11   those of a pair's second step
//	Q12, Q13   weights of a channel in a pair's two steps, or of two channels
//	Q14, Q15   products of the pixels, in 16 bits

// LOAD loads a step's bytes of a pixel.
#define LOAD(offset, pixel, d) \
	ADD offset, pixel, R14 \
	VLD1_16B(14, d)

// PAIR1 adds 32 products to the sums s and t of a channel: in 16 bits first.
#define PAIR1(s, t) \
	VLD1_16B_P(7, 24)    \
	VLD1_16B_P(12, 26)   \
	VMULL_8H(24, 16, 14) \
	VMULL_8H(24, 18, 15) \
	VMLAL_8H(25, 17, 14) \
	VMLAL_8H(25, 19, 15) \
	VMLAL_8H(26, 20, 14) \
	VMLAL_8H(26, 22, 15) \
	VMLAL_8H(27, 21, 14) \
	VMLAL_8H(27, 23, 15) \
	VPADAL_4S(14, s)     \
	VPADAL_4S(15, t)

#define NEON_PAIR \
	LOAD(R11, R5, 16) \
	LOAD(R11, R6, 18) \
	LOAD(R12, R5, 20) \
	LOAD(R12, R6, 22) \
	ADD  $64, R7, R12 \
	PAIR1(0, 4)       \
	PAIR1(1, 5)       \
	PAIR1(2, 6)       \
	PAIR1(3, 7)       \
	MOVW R12, R7

// STEP1 adds 16 products with the weights in D(w) and D(v) to the sums s and t.
#define STEP1(w, v, s, t) \
	VMULL_8H(w, 16, 14) \
	VMULL_8H(w, 18, 15) \
	VMLAL_8H(v, 17, 14) \
	VMLAL_8H(v, 19, 15) \
	VPADAL_4S(14, s)    \
	VPADAL_4S(15, t)

#define NEON_STEP \
	LOAD(R11, R5, 16)    \
	LOAD(R11, R6, 18)    \
	VLD1_32B_P(7, 24)    \
	STEP1(24, 25, 0, 4)  \
	STEP1(26, 27, 1, 5)  \
	VLD1_32B_P(7, 24)    \
	STEP1(24, 25, 2, 6)  \
	STEP1(26, 27, 3, 7)

#define CLEAR4(a, b, c, d) \
	VEOR_Q(a, a, a) \
	VEOR_Q(b, b, b) \
	VEOR_Q(c, c, c) \
	VEOR_Q(d, d, d)

// SUM4 leaves in the four lanes of D(a) and D(b) the sums of the lanes of the vectors D(a) and
// D(b), D(c) and D(d), and so on.
#define SUM4(a, b, c, d, e, f, g, h) \
	VADD_2S(b, a, a)  \
	VADD_2S(d, c, c)  \
	VADD_2S(f, e, e)  \
	VADD_2S(h, g, g)  \
	VPADD_2S(c, a, a) \
	VPADD_2S(g, e, b)

// NEON_SUMS leaves the sums of the two pixels in Q0 and Q4, a lane being a channel.
#define NEON_SUMS \
	STEPS                               \
	CLEAR4(0, 1, 2, 3)                  \
	CLEAR4(4, 5, 6, 7)                  \
	PAIRS(NEON_PAIR)                    \
	SINGLES(NEON_STEP)                  \
	MOVW convArgs_bias(R0), R12         \
	VLD1_16B(12, 16)                    \
	SUM4(0, 1, 2, 3, 4, 5, 6, 7)        \
	SUM4(8, 9, 10, 11, 12, 13, 14, 15)  \
	VADD_4S(8, 0, 0)                    \
	VADD_4S(8, 4, 4)

// A float32 between the least and the largest result is rounded by adding 1.5*2^23, whose unit in
// the last place is 1: the sum's lowest bits are the result. NEON rounds to nearest even, and no
// number here is too small for it, see minScale.

// SET sets the four lanes of q, LIMITS those of lo and hi and of magic, which is for rounding.
#define SET(bits, q) \
	MOVW bits, R12 \
	VDUP_4S(12, q)

#define LIMITS(least, largest, lo, hi, magic) \
	SET(least, lo)         \
	SET(largest, hi)       \
	SET($0x4B400000, magic)

// ACTIVATIONS sets them for a leaky ReLU, whose zero point is at that offset from R0: least is
// minus the zero point, largest 127 less the zero point, and the eight bytes of D(zero) are it.
#define ACTIVATIONS(offset, lo, hi, magic, zero) \
	LIMITS(offset(R0), $0x42FE0000, lo, hi, magic) \
	VCVT_4F(lo, lo)      \
	VSUB_4F(lo, hi, hi)  \
	VNEG_4F(lo, lo)      \
	MOVW offset(R0), R12 \
	VDUP_8B(12, zero)

// ROUND leaves round(x) in the lowest bits of x.
#define ROUND(lo, hi, magic, x) \
	VMAX_4F(lo, x, x) \
	VMIN_4F(hi, x, x) \
	VADD_4F(magic, x, x)

// SCALE leaves the product of x and scale in x or, where x is below 0, that of x and below. As
// below is not above scale, that is the larger product. It uses t.
#define SCALE(scale, below, x, t) \
	VCVT_4F(x, x)        \
	VMUL_4F(below, x, t) \
	VMUL_4F(scale, x, x) \
	VMAX_4F(t, x, x)

// DEST sets r to the address of the tile's i-th pixel in the output map, RAWDEST to that of its
// accumulators.
#define DEST(i, r) \
	MOVW (8*i+4)(R3), r \
	ADD  R2, r

#define RAWDEST(i, r) \
	MOVW (8*i+4)(R3), r \
	ADD  r<<2, R2, r

// func convNEON32(args *convArgs)
// Requires: NEON
TEXT ·convNEON32(SB), NOSPLIT, $4-4
	ARGS

tile:
	MOVW convArgs_src(R0), R1
	SOURCE(0, R5)
	SOURCE(1, R6)
	NEON_SUMS
	MOVW convArgs_store(R0), R12
	CMP  $const_storeRaw, R12
	BEQ  raw
	MOVW convArgs_scale(R0), R12
	VLD1_16B(12, 16)
	ADD  $convArgs_slope, R0, R12
	VLD1R_4S(12, 18)
	VMUL_4F(8, 9, 9)
	ACTIVATIONS(convArgs_zero, 10, 11, 12, 30)
	SCALE(8, 9, 0, 13)
	SCALE(8, 9, 4, 14)
	ROUND(10, 11, 12, 0)
	ROUND(10, 11, 12, 4)
	VMOVN_4H(0, 0)
	VMOVN_4H(4, 1)
	VMOVN_8B(0, 0)
	VADD_8B(30, 0, 0)
	DEST(0, R12)
	DEST(1, R14)
	VST1_S(0, 12, 0)
	VST1_S(1, 14, 0)

next:
	NEXT(2)

raw:
	RAWDEST(0, R12)
	RAWDEST(1, R14)
	VST1_16B(12, 0)
	VST1_16B(14, 8)
	B next

// INDICES sets the limits and the table, less 2048 places, for LOOKUP.
#define INDICES \
	LIMITS($0xC5000000, $0x44FFE000, 10, 11, 12) \
	MOVW convArgs_table(R0), R12                 \
	ADD  $2048, R12

// INDEX makes places of four sums times scale, in 16 bits.
#define INDEX(scale, x, d) \
	VCVT_4F(x, x)        \
	VMUL_4F(scale, x, x) \
	ROUND(10, 11, 12, x) \
	VMOVN_4H(x, d)

// LOOKUP stores the tile's i-th pixel, whose place is in lane j of D(d).
#define LOOKUP(i, j, d) \
	VMOV_H(j, d, 11)         \
	MOVW  (8*i+4)(R3), R14   \
	MOVBU R11<<0(R12), R11   \
	MOVB  R11, R14<<0(R2)

// func convBlocksNEON32(args *convArgs)
// Requires: NEON
//
// The phases of a block are in the place of channels.
TEXT ·convBlocksNEON32(SB), NOSPLIT, $4-4
	ARGS

tile:
	MOVW convArgs_src(R0), R1
	SOURCE(0, R5)
	SOURCE(4, R6)
	NEON_SUMS
	MOVW convArgs_scale(R0), R12
	VLD1_16B(12, 16)
	INDICES
	INDEX(8, 0, 0)
	INDEX(8, 4, 1)
	LOOKUP(0, 0, 0)
	LOOKUP(1, 1, 0)
	LOOKUP(2, 2, 0)
	LOOKUP(3, 3, 0)
	LOOKUP(4, 0, 1)
	LOOKUP(5, 1, 1)
	LOOKUP(6, 2, 1)
	LOOKUP(7, 3, 1)
	NEXT(8)

// LAST LAYER: one channel of four pixels, the lanes of whose sums run over source bytes
//
//	Q0..Q3        sums; where a tile ends Q0 has a lane for each pixel
//	Q8..Q11       activations
//	Q12           weights
//	Q13..Q15, Q4  products, in 16 bits
//
// R5, R6, R1 and R14 are the source pixels, R12 an address.

#define LASTLOAD(pixel, d) \
	ADD R11, pixel, R12 \
	VLD1_16B(12, d)

#define LAST_STEP \
	VLD1_16B_P(7, 24)    \
	LASTLOAD(R5, 16)     \
	LASTLOAD(R6, 18)     \
	LASTLOAD(R1, 20)     \
	LASTLOAD(R14, 22)    \
	VMULL_8H(24, 16, 13) \
	VMULL_8H(24, 18, 14) \
	VMULL_8H(24, 20, 15) \
	VMULL_8H(24, 22, 4)  \
	VMLAL_8H(25, 17, 13) \
	VMLAL_8H(25, 19, 14) \
	VMLAL_8H(25, 21, 15) \
	VMLAL_8H(25, 23, 4)  \
	VPADAL_4S(13, 0)     \
	VPADAL_4S(14, 1)     \
	VPADAL_4S(15, 2)     \
	VPADAL_4S(4, 3)

// func convLastNEON32(args *convArgs)
// Requires: NEON
TEXT ·convLastNEON32(SB), NOSPLIT, $4-4
	ARGS

tile:
	MOVW convArgs_src(R0), R1
	SOURCE(0, R5)
	SOURCE(1, R6)
	SOURCE(3, R14)
	MOVW 16(R3), R12
	ADD  R12, R1
	STEPS
	CLEAR4(0, 1, 2, 3)
	SINGLES(LAST_STEP)
	SUM4(0, 1, 2, 3, 4, 5, 6, 7)
	MOVW convArgs_bias(R0), R12
	VLD1R_4S(12, 16)
	MOVW convArgs_scale(R0), R12
	VLD1R_4S(12, 18)
	VADD_4S(8, 0, 0)
	INDICES
	INDEX(9, 0, 0)
	LOOKUP(0, 0, 0)
	LOOKUP(1, 1, 0)
	LOOKUP(2, 2, 0)
	LOOKUP(3, 3, 0)
	NEXT(4)

// NEON: DENSE LAYERS, blocks of 16 outputs of one point, inputs being taken one at a time
//
// The kernel computes what denseGeneric does; see denseArgs in tiled.go.
//
//	R0   args                      R6    rows left
//	R1   the output pixel          R7    columns left
//	R2   the output                R8    blocks left
//	R3   the next weights          R9    inputs left
//	R4   the next biases           R11   the next inputs
//	R5   the next scales           R12   scratch
//
//	Q0..Q3    sums                 Q9         weights, then scratch
//	Q4..Q7    the scales           Q10, Q11   the same in 16 bits; then Q10 is the scales of what
//	D16       an input                        is below 0
//	D17       the zero point       Q12..Q15   least, largest, for rounding, the slope

#define DENSE_SCALE(scale, x) \
	VMUL_4F(scale, 15, 10)  \
	SCALE(scale, 10, x, 9)  \
	ROUND(12, 13, 14, x)

// func denseNEON32(args *denseArgs)
// Requires: NEON
TEXT ·denseNEON32(SB), NOSPLIT, $4-4
	MOVW args+0(FP), R0
	MOVW denseArgs_dst(R0), R1
	MOVW denseArgs_weight(R0), R3
	MOVW denseArgs_bias(R0), R4
	MOVW denseArgs_rows(R0), R6
	ADD  $denseArgs_slope, R0, R12
	VLD1R_4S(12, 30)
	ACTIVATIONS(denseArgs_zero, 12, 13, 14, 17)

row:
	MOVW denseArgs_cols(R0), R7

pixel:
	MOVW denseArgs_scale(R0), R5
	MOVW denseArgs_blocks(R0), R8
	MOVW R1, R2

block:
	VLD1_32B_P(4, 0)
	VLD1_32B_P(4, 4)
	MOVW denseArgs_x(R0), R11
	MOVW denseArgs_inputs(R0), R9

input:
	VLD1R_4H_P(11, 16)
	VLD1_16B_P(3, 18)
	VMOVL_8H(18, 10)
	VMOVL_8H(19, 11)
	VMLAL_4S(16, 20, 0)
	VMLAL_4S(16, 21, 1)
	VMLAL_4S(16, 22, 2)
	VMLAL_4S(16, 23, 3)
	SUB.S $1, R9
	BNE  input
	VLD1_32B_P(5, 8)
	VLD1_32B_P(5, 12)
	DENSE_SCALE(4, 0)
	DENSE_SCALE(5, 1)
	DENSE_SCALE(6, 2)
	DENSE_SCALE(7, 3)
	VMOVN_4H(0, 0)
	VMOVN_4H(1, 1)
	VMOVN_4H(2, 2)
	VMOVN_4H(3, 3)
	VMOVN_8B(0, 0)
	VMOVN_8B(1, 1)
	VADD_8B(17, 0, 0)
	VADD_8B(17, 1, 1)
	VST1_16B_P(2, 0)
	SUB.S $1, R8
	BNE  block
	MOVW denseArgs_pitch(R0), R12
	ADD  R12, R1
	SUB.S $1, R7
	BNE  pixel
	MOVW denseArgs_gap(R0), R12
	ADD  R12, R1
	SUB.S $1, R6
	BNE  row
	RET

// LIMITS: what limitGeneric does, on as many sums as keep the multipliers busy

// func limitARMv6(n int)
TEXT ·limitARMv6(SB), NOSPLIT, $4-4
	MOVW n+0(FP), R12
	MOVW $0, R8

loop:
	SMLAD(8, 8, 0, 0)
	SMLAD(8, 8, 1, 1)
	SMLAD(8, 8, 2, 2)
	SMLAD(8, 8, 3, 3)
	SMLAD(8, 8, 4, 4)
	SMLAD(8, 8, 5, 5)
	SMLAD(8, 8, 6, 6)
	SMLAD(8, 8, 7, 7)
	SUB.S $1, R12
	BNE  loop
	RET

#define LIMIT1(x, t) \
	VMULL_8H(16, 17, t) \
	VMLAL_8H(16, 17, t) \
	VPADAL_4S(t, x)

// func limitNEON32(n int)
TEXT ·limitNEON32(SB), NOSPLIT, $4-4
	MOVW n+0(FP), R0
	VEOR_Q(8, 8, 8)

loop:
	LIMIT1(0, 9)
	LIMIT1(1, 10)
	LIMIT1(2, 11)
	LIMIT1(3, 12)
	LIMIT1(4, 13)
	LIMIT1(5, 14)
	LIMIT1(6, 15)
	LIMIT1(7, 9)
	SUB.S $1, R0
	BNE  loop
	RET
