//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#ifdef EVEX
#include "macros_evex_amd64.h"
#else
#include "macros_amd64.h"
#endif

// CONVOLUTIONS
//
// In all convolution kernels
//
//	DI   args, then the source map or the output map
//	SI   the next step's offset
//	BX   the next weights
//	CX   steps or pairs of steps left
//	AX   the offset of a step, DX that of a pair's second
//	R8   the tile's first pixel
//	R9.. the source pixels
//
// and args.tiles counts down.

#define STEPS \
	MOVQ args+0(FP), AX          \
	MOVQ convArgs_steps(AX), SI  \
	MOVQ convArgs_weight(AX), BX \
	MOVQ convArgs_pairs(AX), CX

#define SINGLES \
	MOVQ args+0(FP), AX          \
	MOVQ convArgs_singles(AX), CX

// SOURCE sets r to the address of the tile's i-th pixel in the source map.
#define SOURCE(i, r) \
	MOVLQSX (8*i)(R8), r \
	ADDQ    DI, r

// Y15 is 1 in every 16-bit lane.
#define ONES \
	VPCMPEQW Y15, Y15, Y15 \
	VPSRLW   $15, Y15, Y15

// MULADD2 adds products to 32-bit lanes: x += a.w, four bytes to a lane; a is unsigned.
#define MULADD2(w, a, x, t) \
	VPMADDUBSW w, a, t   \
	VPMADDWD   Y15, t, t \
	VPADDD     t, x, x

// WIDE2 is one vector of weights in a pair of steps for two pixels, the activations being in Y8, Y9 and Y10, Y11.
#define WIDE2(i, x, y) \
	VMOVDQU    (32*i)(BX), Y14           \
	VPMADDUBSW Y14, Y8, Y12              \
	VPMADDUBSW Y14, Y10, Y13             \
	VPMADDUBSW (128+32*i)(BX), Y9, Y14   \
	VPADDW     Y14, Y12, Y12             \
	VPMADDUBSW (128+32*i)(BX), Y11, Y14  \
	VPADDW     Y14, Y13, Y13             \
	VPMADDWD   Y15, Y12, Y12             \
	VPADDD     Y12, x, x                 \
	VPMADDWD   Y15, Y13, Y13             \
	VPADDD     Y13, y, y

#define WIDE1(i, x, y) \
	VMOVDQU (32*i)(BX), Y14   \
	MULADD2(Y14, Y8, x, Y12)  \
	MULADD2(Y14, Y10, y, Y13)

// REQUANTIZE leaves round(x*scale) in x.
#define REQUANTIZE(scale, x) \
	VCVTDQ2PS x, x         \
	VMULPS    scale, x, x  \
	VCVTPS2DQ x, x

// PACK4 packs four vectors to activations in w. Y15 must be zero.
#define PACK4(w, x, y, z) \
	VPACKSSDW x, w, w \
	VPACKSSDW z, y, y \
	VPACKSSWB y, w, w \
	VPMAXSB   Y15, w, w

#define STOREWIDE(i, w, x, y, z) \
	REQUANTIZE((AX), w)        \
	REQUANTIZE(32(AX), x)      \
	REQUANTIZE(64(AX), y)      \
	REQUANTIZE(96(AX), z)      \
	PACK4(w, x, y, z)          \
	MOVLQSX (8*i+4)(R8), DX    \
	VMOVDQU w, (DI)(DX*1)

#define RAWWIDE(i, w, x, y, z) \
	MOVLQSX (8*i+4)(R8), DX     \
	VMOVDQU w, (DI)(DX*4)       \
	VMOVDQU x, 32(DI)(DX*4)     \
	VMOVDQU y, 64(DI)(DX*4)     \
	VMOVDQU z, 96(DI)(DX*4)

// func convWideAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convWideAVX2(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	ONES
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_src(AX), DI
	MOVQ    convArgs_bias(AX), DX
	SOURCE(0, R9)
	SOURCE(1, R10)
	VMOVDQU (DX), Y0
	VMOVDQU 32(DX), Y1
	VMOVDQU 64(DX), Y2
	VMOVDQU 96(DX), Y3
	VMOVDQA Y0, Y4
	VMOVDQA Y1, Y5
	VMOVDQA Y2, Y6
	VMOVDQA Y3, Y7
	STEPS
	TESTQ   CX, CX
	JZ      singles

pair:
	MOVLQSX      (SI), AX
	MOVLQSX      4(SI), DX
	VPBROADCASTD (R9)(AX*1), Y8
	VPBROADCASTD (R9)(DX*1), Y9
	VPBROADCASTD (R10)(AX*1), Y10
	VPBROADCASTD (R10)(DX*1), Y11
	WIDE2(0, Y0, Y4)
	WIDE2(1, Y1, Y5)
	WIDE2(2, Y2, Y6)
	WIDE2(3, Y3, Y7)
	ADDQ         $8, SI
	ADDQ         $256, BX
	DECQ         CX
	JNZ          pair

singles:
	SINGLES
	TESTQ CX, CX
	JZ    done

single:
	MOVLQSX      (SI), AX
	VPBROADCASTD (R9)(AX*1), Y8
	VPBROADCASTD (R10)(AX*1), Y10
	WIDE1(0, Y0, Y4)
	WIDE1(1, Y1, Y5)
	WIDE1(2, Y2, Y6)
	WIDE1(3, Y3, Y7)
	ADDQ         $4, SI
	ADDQ         $128, BX
	DECQ         CX
	JNZ          single

done:
	MOVQ  args+0(FP), AX
	MOVQ  convArgs_dst(AX), DI
	CMPQ  convArgs_raw(AX), $0
	JNE   raw
	MOVQ  convArgs_scale(AX), AX
	VPXOR Y15, Y15, Y15
	STOREWIDE(0, Y0, Y1, Y2, Y3)
	STOREWIDE(1, Y4, Y5, Y6, Y7)

next:
	MOVQ args+0(FP), AX
	ADDQ $16, R8
	DECQ convArgs_tiles(AX)
	JNZ  tile
	VZEROUPPER
	RET

raw:
	RAWWIDE(0, Y0, Y1, Y2, Y3)
	RAWWIDE(1, Y4, Y5, Y6, Y7)
	JMP next

// A NARROW tile is eight pixels, whose sums are in Y0 to Y7. OP gets the pixel's number, address and sum.
#define PIXELS8(OP) \
	OP(0, R9, Y0)  \
	OP(1, R10, Y1) \
	OP(2, R11, Y2) \
	OP(3, R12, Y3) \
	OP(4, R13, Y4) \
	OP(5, R14, Y5) \
	OP(6, R15, Y6) \
	OP(7, DI, Y7)

// The source map's address is in DI until the last pixel's takes its place.
#define SOURCES8 \
	SOURCE(0, R9)  \
	SOURCE(1, R10) \
	SOURCE(2, R11) \
	SOURCE(3, R12) \
	SOURCE(4, R13) \
	SOURCE(5, R14) \
	SOURCE(6, R15) \
	MOVLQSX 56(R8), AX \
	ADDQ    AX, DI

#define NARROW2(i, r, x) \
	VPBROADCASTD (r)(AX*1), Y10   \
	VPBROADCASTD (r)(DX*1), Y11   \
	VPMADDUBSW   Y8, Y10, Y10     \
	VPMADDUBSW   Y9, Y11, Y11     \
	VPADDW       Y11, Y10, Y10    \
	VPMADDWD     Y15, Y10, Y10    \
	VPADDD       Y10, x, x

#define NARROW1(i, r, x) \
	VPBROADCASTD (r)(AX*1), Y10 \
	MULADD2(Y8, Y10, x, Y10)

#define STORE8(i, x, lowx) \
	REQUANTIZE(Y8, x)              \
	VEXTRACTI128 $1, x, X10        \
	VPACKSSDW    X10, lowx, X10    \
	VPACKSSWB    X10, X10, X10     \
	VPMAXSB      X15, X10, X10     \
	MOVLQSX      (8*i+4)(R8), DX   \
	VMOVQ        X10, (DI)(DX*1)

#define STORES8 \
	STORE8(0, Y0, X0) \
	STORE8(1, Y1, X1) \
	STORE8(2, Y2, X2) \
	STORE8(3, Y3, X3) \
	STORE8(4, Y4, X4) \
	STORE8(5, Y5, X5) \
	STORE8(6, Y6, X6) \
	STORE8(7, Y7, X7)

#define RAW8(i, r, x) \
	MOVLQSX (8*i+4)(R8), DX   \
	VMOVDQU x, (DI)(DX*4)

// func convNarrowAVX2(args *convArgs)
// Requires: AVX, AVX2
TEXT ·convNarrowAVX2(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	ONES
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_src(AX), DI
	MOVQ    convArgs_bias(AX), DX
	SOURCES8
	VMOVDQU (DX), Y0
	VMOVDQA Y0, Y1
	VMOVDQA Y0, Y2
	VMOVDQA Y0, Y3
	VMOVDQA Y0, Y4
	VMOVDQA Y0, Y5
	VMOVDQA Y0, Y6
	VMOVDQA Y0, Y7
	STEPS
	TESTQ   CX, CX
	JZ      singles

pair:
	MOVLQSX (SI), AX
	MOVLQSX 4(SI), DX
	VMOVDQU (BX), Y8
	VMOVDQU 32(BX), Y9
	PIXELS8(NARROW2)
	ADDQ    $8, SI
	ADDQ    $64, BX
	DECQ    CX
	JNZ     pair

singles:
	SINGLES
	TESTQ CX, CX
	JZ    done

single:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	PIXELS8(NARROW1)
	ADDQ    $4, SI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     single

done:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_dst(AX), DI
	CMPQ    convArgs_raw(AX), $0
	JNE     raw
	MOVQ    convArgs_scale(AX), AX
	VMOVUPS (AX), Y8
	VPXOR   Y15, Y15, Y15
	STORES8

next:
	MOVQ args+0(FP), AX
	ADDQ $64, R8
	DECQ convArgs_tiles(AX)
	JNZ  tile
	VZEROUPPER
	RET

raw:
	PIXELS8(RAW8)
	JMP next

// AVX-VNNI, VECTORS OF 256 BITS

// DOT3 is one vector of weights for three pixels, whose activations are in Y12 to Y14.
#define DOT3(i, x, y, z) \
	VMOVDQU (32*i)(BX), Y15    \
	VPDPBUSD_VEX(15, 12, x)    \
	VPDPBUSD_VEX(15, 13, y)    \
	VPDPBUSD_VEX(15, 14, z)

// func convWideVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convWideVNNI(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_src(AX), DI
	MOVQ    convArgs_bias(AX), DX
	SOURCE(0, R9)
	SOURCE(1, R10)
	SOURCE(2, R11)
	VMOVDQU (DX), Y0
	VMOVDQU 32(DX), Y1
	VMOVDQU 64(DX), Y2
	VMOVDQU 96(DX), Y3
	VMOVDQA Y0, Y4
	VMOVDQA Y1, Y5
	VMOVDQA Y2, Y6
	VMOVDQA Y3, Y7
	VMOVDQA Y0, Y8
	VMOVDQA Y1, Y9
	VMOVDQA Y2, Y10
	VMOVDQA Y3, Y11
	STEPS
	SINGLES
	TESTQ   CX, CX
	JZ      done

single:
	MOVLQSX      (SI), AX
	VPBROADCASTD (R9)(AX*1), Y12
	VPBROADCASTD (R10)(AX*1), Y13
	VPBROADCASTD (R11)(AX*1), Y14
	DOT3(0, 0, 4, 8)
	DOT3(1, 1, 5, 9)
	DOT3(2, 2, 6, 10)
	DOT3(3, 3, 7, 11)
	ADDQ         $4, SI
	ADDQ         $128, BX
	DECQ         CX
	JNZ          single

done:
	MOVQ  args+0(FP), AX
	MOVQ  convArgs_dst(AX), DI
	CMPQ  convArgs_raw(AX), $0
	JNE   raw
	MOVQ  convArgs_scale(AX), AX
	VPXOR Y15, Y15, Y15
	STOREWIDE(0, Y0, Y1, Y2, Y3)
	STOREWIDE(1, Y4, Y5, Y6, Y7)
	STOREWIDE(2, Y8, Y9, Y10, Y11)

next:
	MOVQ args+0(FP), AX
	ADDQ $24, R8
	DECQ convArgs_tiles(AX)
	JNZ  tile
	VZEROUPPER
	RET

raw:
	RAWWIDE(0, Y0, Y1, Y2, Y3)
	RAWWIDE(1, Y4, Y5, Y6, Y7)
	RAWWIDE(2, Y8, Y9, Y10, Y11)
	JMP next

#define NARROWDOT(r, x) \
	VPBROADCASTD (r)(AX*1), Y9 \
	VPDPBUSD_VEX(8, 9, x)

// func convNarrowVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convNarrowVNNI(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_src(AX), DI
	MOVQ    convArgs_bias(AX), DX
	SOURCES8
	VMOVDQU (DX), Y0
	VMOVDQA Y0, Y1
	VMOVDQA Y0, Y2
	VMOVDQA Y0, Y3
	VMOVDQA Y0, Y4
	VMOVDQA Y0, Y5
	VMOVDQA Y0, Y6
	VMOVDQA Y0, Y7
	STEPS
	SINGLES
	TESTQ   CX, CX
	JZ      done

single:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	NARROWDOT(R9, 0)
	NARROWDOT(R10, 1)
	NARROWDOT(R11, 2)
	NARROWDOT(R12, 3)
	NARROWDOT(R13, 4)
	NARROWDOT(R14, 5)
	NARROWDOT(R15, 6)
	NARROWDOT(DI, 7)
	ADDQ    $4, SI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     single

done:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_dst(AX), DI
	CMPQ    convArgs_raw(AX), $0
	JNE     raw
	MOVQ    convArgs_scale(AX), AX
	VMOVUPS (AX), Y8
	VPXOR   Y15, Y15, Y15
	STORES8

next:
	MOVQ args+0(FP), AX
	ADDQ $64, R8
	DECQ convArgs_tiles(AX)
	JNZ  tile
	VZEROUPPER
	RET

raw:
	PIXELS8(RAW8)
	JMP next

// AVX-512 VNNI
//
// A tile is seven pixels by two vectors of sixteen channels: pixel p's sums are in Z(2*p) and Z(2*p+1).

#define SOURCES7 \
	SOURCE(0, R9)  \
	SOURCE(1, R10) \
	SOURCE(2, R11) \
	SOURCE(3, R12) \
	SOURCE(4, R13) \
	SOURCE(5, R14) \
	SOURCE(6, R15)

#define BIAS2(x, y) \
	VMOVDQA64 Z0, x \
	VMOVDQA64 Z1, y

// WIDEDOT adds the products of a pixel with the weights in Z14 and Z15.
#define WIDEDOT(r, a, x, y) \
	VPBROADCASTD (r)(AX*1), a  \
	VPDPBUSD     Z14, a, x     \
	VPDPBUSD     Z15, a, y

// STORE2 packs a pixel's sums; the scales are in Z14 and Z15, and Y31 is zero.
#define STORE2(i, x, y, lowx) \
	REQUANTIZE(Z14, x)          \
	REQUANTIZE(Z15, y)          \
	VPACKSSDW y, x, x           \
	VPMOVSWB  x, lowx           \
	VPMAXSB   Y31, lowx, lowx   \
	MOVLQSX   (8*i+4)(R8), DX   \
	VMOVDQU   lowx, (DI)(DX*1)

#define RAW2(i, x, y) \
	MOVLQSX   (8*i+4)(R8), DX  \
	VMOVDQU32 x, (DI)(DX*4)    \
	VMOVDQU32 y, 64(DI)(DX*4)

// func convWideVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convWideVNNI512(SB), NOSPLIT, $0-8
	MOVQ   args+0(FP), AX
	MOVQ   convArgs_pixels(AX), R8
	VPXORD Z31, Z31, Z31

tile:
	MOVQ      args+0(FP), AX
	MOVQ      convArgs_src(AX), DI
	MOVQ      convArgs_bias(AX), DX
	SOURCES7
	VMOVDQU32 (DX), Z0
	VMOVDQU32 64(DX), Z1
	BIAS2(Z2, Z3)
	BIAS2(Z4, Z5)
	BIAS2(Z6, Z7)
	BIAS2(Z8, Z9)
	BIAS2(Z10, Z11)
	BIAS2(Z12, Z13)
	STEPS
	SINGLES
	TESTQ     CX, CX
	JZ        done

single:
	MOVLQSX   (SI), AX
	VMOVDQU32 (BX), Z14
	VMOVDQU32 64(BX), Z15
	WIDEDOT(R9, Z16, Z0, Z1)
	WIDEDOT(R10, Z17, Z2, Z3)
	WIDEDOT(R11, Z18, Z4, Z5)
	WIDEDOT(R12, Z19, Z6, Z7)
	WIDEDOT(R13, Z20, Z8, Z9)
	WIDEDOT(R14, Z21, Z10, Z11)
	WIDEDOT(R15, Z22, Z12, Z13)
	ADDQ      $4, SI
	SUBQ      $-128, BX
	DECQ      CX
	JNZ       single

done:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_dst(AX), DI
	CMPQ    convArgs_raw(AX), $0
	JNE     raw
	MOVQ    convArgs_scale(AX), AX
	VMOVUPS (AX), Z14
	VMOVUPS 64(AX), Z15
	STORE2(0, Z0, Z1, Y0)
	STORE2(1, Z2, Z3, Y2)
	STORE2(2, Z4, Z5, Y4)
	STORE2(3, Z6, Z7, Y6)
	STORE2(4, Z8, Z9, Y8)
	STORE2(5, Z10, Z11, Y10)
	STORE2(6, Z12, Z13, Y12)

next:
	MOVQ args+0(FP), AX
	ADDQ $56, R8
	DECQ convArgs_tiles(AX)
	JNZ  tile
	VZEROUPPER
	RET

raw:
	RAW2(0, Z0, Z1)
	RAW2(1, Z2, Z3)
	RAW2(2, Z4, Z5)
	RAW2(3, Z6, Z7)
	RAW2(4, Z8, Z9)
	RAW2(5, Z10, Z11)
	RAW2(6, Z12, Z13)
	JMP next

// The narrow tile is eight pixels by eight channels, in vectors of 256 bits.

#define NARROWDOTEVEX(i, r, x) \
	VPBROADCASTD (r)(AX*1), Y9 \
	VPDPBUSD     Y8, Y9, x

// func convNarrowVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convNarrowVNNI512(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_src(AX), DI
	MOVQ    convArgs_bias(AX), DX
	SOURCES8
	VMOVDQU (DX), Y0
	VMOVDQA Y0, Y1
	VMOVDQA Y0, Y2
	VMOVDQA Y0, Y3
	VMOVDQA Y0, Y4
	VMOVDQA Y0, Y5
	VMOVDQA Y0, Y6
	VMOVDQA Y0, Y7
	STEPS
	SINGLES
	TESTQ   CX, CX
	JZ      done

single:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	PIXELS8(NARROWDOTEVEX)
	ADDQ    $4, SI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     single

done:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_dst(AX), DI
	CMPQ    convArgs_raw(AX), $0
	JNE     raw
	MOVQ    convArgs_scale(AX), AX
	VMOVUPS (AX), Y8
	VPXOR   Y15, Y15, Y15
	STORES8

next:
	MOVQ args+0(FP), AX
	ADDQ $64, R8
	DECQ convArgs_tiles(AX)
	JNZ  tile
	VZEROUPPER
	RET

raw:
	PIXELS8(RAW8)
	JMP next

// LAST LAYER: one output channel, eight pixels; the lanes of a pixel's sum run over source bytes.

#define CLEAR8 \
	VPXOR Y0, Y0, Y0 \
	VPXOR Y1, Y1, Y1 \
	VPXOR Y2, Y2, Y2 \
	VPXOR Y3, Y3, Y3 \
	VPXOR Y4, Y4, Y4 \
	VPXOR Y5, Y5, Y5 \
	VPXOR Y6, Y6, Y6 \
	VPXOR Y7, Y7, Y7

#define LAST2(i, r, x) \
	VMOVDQU    (r)(AX*1), Y10   \
	VMOVDQU    (r)(DX*1), Y11   \
	VPMADDUBSW Y8, Y10, Y10     \
	VPMADDUBSW Y9, Y11, Y11     \
	VPADDW     Y11, Y10, Y10    \
	VPMADDWD   Y15, Y10, Y10    \
	VPADDD     Y10, x, x

#define LAST1(i, r, x) \
	VMOVDQU (r)(AX*1), Y10 \
	MULADD2(Y8, Y10, x, Y10)

// SUM8 leaves in a the sums of the lanes of a to h.
#define SUM8(a, b, c, d, e, f, g, h) \
	VPHADDD    b, a, a         \
	VPHADDD    d, c, c         \
	VPHADDD    f, e, e         \
	VPHADDD    h, g, g         \
	VPHADDD    c, a, a         \
	VPHADDD    g, e, e         \
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

// INDEX8 leaves in lowx, as 16-bit lanes, the places in the table for the accumulators in x. It uses the vector t.
#define INDEX8(x, lowx, t) \
	VPADDD       Y2, x, x                      \
	REQUANTIZE(Y3, x)                          \
	VEXTRACTI128 $1, x, t                      \
	VPACKSSDW    t, lowx, lowx                 \
	VPMINSW      ·indexMax(SB), lowx, lowx     \
	VPMAXSW      ·indexMin(SB), lowx, lowx     \
	VPSUBW       ·indexMin(SB), lowx, lowx

// TABLE1 stores the tile's i-th pixel, whose place in the table is in the lowest 16 bits of R10.
#define TABLE1(i) \
	MOVLQSX (8*(i)+4)(R8), DX  \
	MOVWQZX R10, R11           \
	MOVBLZX (BX)(R11*1), R11   \
	MOVB    R11, (DI)(DX*1)

// TABLE8 stores eight pixels from the tile's i-th on, whose places in the table are in x.
#define TABLE8(i, x) \
	VMOVQ   x, R10     \
	VPEXTRQ $1, x, R12 \
	TABLE1(i)          \
	SHRQ    $16, R10   \
	TABLE1(i+1)        \
	SHRQ    $16, R10   \
	TABLE1(i+2)        \
	SHRQ    $16, R10   \
	TABLE1(i+3)        \
	MOVQ    R12, R10   \
	TABLE1(i+4)        \
	SHRQ    $16, R10   \
	TABLE1(i+5)        \
	SHRQ    $16, R10   \
	TABLE1(i+6)        \
	SHRQ    $16, R10   \
	TABLE1(i+7)

// NEXT8 ends a tile whose sums the lanes of Y0 to Y7 add up to, and goes to tile if there is another. A tile's pixels are looked up
// when the next tile's places in the table are on their way: X14 keeps those that are not looked up yet.
#define NEXT8 \
	SUM8(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7) \
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
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8
	ONES

tile:
	MOVQ  args+0(FP), AX
	MOVQ  convArgs_src(AX), DI
	SOURCES8
	CLEAR8
	STEPS
	TESTQ CX, CX
	JZ    singles

pair:
	MOVLQSX (SI), AX
	MOVLQSX 4(SI), DX
	VMOVDQU (BX), Y8
	VMOVDQU 32(BX), Y9
	PIXELS8(LAST2)
	ADDQ    $8, SI
	ADDQ    $64, BX
	DECQ    CX
	JNZ     pair

singles:
	SINGLES
	TESTQ CX, CX
	JZ    done

single:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	PIXELS8(LAST1)
	ADDQ    $4, SI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     single

done:
	NEXT8

#define LASTDOT(r, x) \
	VMOVDQU (r)(AX*1), Y9 \
	VPDPBUSD_VEX(8, 9, x)

#define LASTDOTEVEX(i, r, x) \
	VMOVDQU  (r)(AX*1), Y9 \
	VPDPBUSD Y8, Y9, x

// func convLastVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·convLastVNNI(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ  args+0(FP), AX
	MOVQ  convArgs_src(AX), DI
	SOURCES8
	CLEAR8
	STEPS
	SINGLES
	TESTQ CX, CX
	JZ    done

single:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	LASTDOT(R9, 0)
	LASTDOT(R10, 1)
	LASTDOT(R11, 2)
	LASTDOT(R12, 3)
	LASTDOT(R13, 4)
	LASTDOT(R14, 5)
	LASTDOT(R15, 6)
	LASTDOT(DI, 7)
	ADDQ    $4, SI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     single

done:
	NEXT8

// QUAD adds the products of a row of six pixels, from r on, with three weights in Y8 to Y10 to four
// neighbours' sums.
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

// func convLastQuadsVNNI(args *convArgs)
// Requires: AVX, AVX2, AVXVNNI
//
// Two times four neighbours. A kernel's row is three pixels of 32 bytes each, so that a pixel is read once for all that it adds to.
TEXT ·convLastQuadsVNNI(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ args+0(FP), AX
	MOVQ convArgs_src(AX), DI
	SOURCE(0, R9)
	SOURCE(4, R10)
	CLEAR8
	STEPS
	SINGLES

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
	NEXT8

// func convLastVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·convLastVNNI512(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ  args+0(FP), AX
	MOVQ  convArgs_src(AX), DI
	SOURCES8
	CLEAR8
	STEPS
	SINGLES
	TESTQ CX, CX
	JZ    done

single:
	MOVLQSX (SI), AX
	VMOVDQU (BX), Y8
	PIXELS8(LASTDOTEVEX)
	ADDQ    $4, SI
	ADDQ    $32, BX
	DECQ    CX
	JNZ     single

done:
	NEXT8

// SOURCEPAIR sets r to the address of the tile's i-th pair of neighbours in the source map.
#define SOURCEPAIR(i, r) \
	MOVLQSX (16*i)(R8), r \
	ADDQ    DI, r

#define LASTPAIR(r, a, x) \
	VMOVDQU32 (r)(AX*1), a \
	VPDPBUSD  Z8, a, x

// func convLastPairsVNNI512(args *convArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
//
// Sixteen pixels, two neighbours with 32 bytes each to a vector. X24 and X25 are what X14 is in NEXT8.
TEXT ·convLastPairsVNNI512(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), AX
	MOVQ convArgs_pixels(AX), R8

tile:
	MOVQ    args+0(FP), AX
	MOVQ    convArgs_src(AX), DI
	SOURCEPAIR(0, R9)
	SOURCEPAIR(1, R10)
	SOURCEPAIR(2, R11)
	SOURCEPAIR(3, R12)
	SOURCEPAIR(4, R13)
	SOURCEPAIR(5, R14)
	SOURCEPAIR(6, R15)
	MOVLQSX 112(R8), AX
	ADDQ    AX, DI
	CLEAR8
	STEPS
	SINGLES

single:
	MOVLQSX         (SI), AX
	VBROADCASTI64X4 (BX), Z8
	LASTPAIR(R9, Z16, Z0)
	LASTPAIR(R10, Z17, Z1)
	LASTPAIR(R11, Z18, Z2)
	LASTPAIR(R12, Z19, Z3)
	LASTPAIR(R13, Z20, Z4)
	LASTPAIR(R14, Z21, Z5)
	LASTPAIR(R15, Z22, Z6)
	LASTPAIR(DI, Z23, Z7)
	ADDQ            $4, SI
	ADDQ            $32, BX
	DECQ            CX
	JNZ             single

	VEXTRACTI64X4 $1, Z0, Y8
	VEXTRACTI64X4 $1, Z1, Y9
	VEXTRACTI64X4 $1, Z2, Y10
	VEXTRACTI64X4 $1, Z3, Y11
	VEXTRACTI64X4 $1, Z4, Y12
	VEXTRACTI64X4 $1, Z5, Y13
	VEXTRACTI64X4 $1, Z6, Y14
	VEXTRACTI64X4 $1, Z7, Y15
	SUM8(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	SUM8(Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15)
	TABLES
	INDEX8(Y0, X0, X1)
	INDEX8(Y8, X8, X9)
	VPUNPCKLWD    X8, X0, X1
	VPUNPCKHWD    X8, X0, X0
	MOVQ          args+0(FP), AX
	CMPQ          R8, convArgs_pixels(AX)
	JEQ           first
	VMOVDQA64     X24, X8
	VMOVDQA64     X25, X9
	TABLE8(-16, X8)
	TABLE8(-8, X9)

first:
	VMOVDQA64     X1, X24
	VMOVDQA64     X0, X25
	SUBQ          $-128, R8
	DECQ          convArgs_tiles(AX)
	JNZ           tile
	TABLE8(-16, X1)
	TABLE8(-8, X0)
	VZEROUPPER
	RET

// The smallest and the largest table index less 2048, in eight 16-bit lanes.
DATA ·indexMin+0(SB)/8, $0xf800f800f800f800
DATA ·indexMin+8(SB)/8, $0xf800f800f800f800
GLOBL ·indexMin(SB), NOPTR|RODATA, $16

DATA ·indexMax+0(SB)/8, $0x07ff07ff07ff07ff
DATA ·indexMax+8(SB)/8, $0x07ff07ff07ff07ff
GLOBL ·indexMax(SB), NOPTR|RODATA, $16

// DENSE
//
//	DI   the output pixel       R8   rows left
//	BX   the next weights       R9   columns left
//	DX   the next biases        R10  blocks left
//	SI   the next scales        R11  inputs left
//	CX   the output in a pixel  R12  the next inputs

// DENSE1 adds the products of a pair of inputs, in a, to the eight outputs of x.
#define DENSE1(i, a, x, t) \
	VPMOVSXBW (16*i)(BX), t \
	VPMADDWD  a, t, t       \
	VPADDD    t, x, x

// func denseAVX2(args *denseArgs)
// Requires: AVX, AVX2
TEXT ·denseAVX2(SB), NOSPLIT, $0-8
	MOVQ         args+0(FP), AX
	MOVQ         denseArgs_dst(AX), DI
	MOVQ         denseArgs_weight(AX), BX
	MOVQ         denseArgs_bias(AX), DX
	MOVQ         denseArgs_rows(AX), R8
	VPBROADCASTD denseArgs_first(AX), Y15
	VPXOR        Y14, Y14, Y14

row:
	MOVQ denseArgs_cols(AX), R9

pixel:
	MOVQ denseArgs_scale(AX), SI
	MOVQ denseArgs_blocks(AX), R10
	XORL CX, CX

block:
	VPMOVSXBW (BX), Y0
	VPMOVSXBW 16(BX), Y1
	VPMOVSXBW 32(BX), Y2
	VPMOVSXBW 48(BX), Y3
	VPMADDWD  Y15, Y0, Y0
	VPMADDWD  Y15, Y1, Y1
	VPMADDWD  Y15, Y2, Y2
	VPMADDWD  Y15, Y3, Y3
	VPADDD    (DX), Y0, Y0
	VPADDD    32(DX), Y1, Y1
	VPADDD    64(DX), Y2, Y2
	VPADDD    96(DX), Y3, Y3
	ADDQ      $64, BX
	MOVQ      denseArgs_inputs(AX), R11
	TESTQ     R11, R11
	JZ        done
	MOVQ      denseArgs_x(AX), R12

input:
	VPBROADCASTD (R12), Y8
	DENSE1(0, Y8, Y0, Y4)
	DENSE1(1, Y8, Y1, Y5)
	DENSE1(2, Y8, Y2, Y6)
	DENSE1(3, Y8, Y3, Y7)
	ADDQ         $64, BX
	ADDQ         $4, R12
	SUBQ         $2, R11
	JNZ          input

done:
	REQUANTIZE((SI), Y0)
	REQUANTIZE(32(SI), Y1)
	REQUANTIZE(64(SI), Y2)
	REQUANTIZE(96(SI), Y3)
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPMAXSB   Y14, Y0, Y0
	VMOVDQU   Y0, (DI)(CX*1)
	ADDQ      $128, DX
	ADDQ      $128, SI
	ADDQ      $32, CX
	DECQ      R10
	JNZ       block
	ADDQ      denseArgs_pitch(AX), DI
	DECQ      R9
	JNZ       pixel
	ADDQ      denseArgs_gap(AX), DI
	DECQ      R8
	JNZ       row
	VZEROUPPER
	RET

// DENSE2 is DENSE1 for sixteen outputs.
#define DENSE2(i, a, x, t) \
	VPMOVSXBW (32*i)(BX), t \
	VPDPWSSD  a, t, x

// func denseVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·denseVNNI512(SB), NOSPLIT, $0-8
	MOVQ         args+0(FP), AX
	MOVQ         denseArgs_dst(AX), DI
	MOVQ         denseArgs_weight(AX), BX
	MOVQ         denseArgs_bias(AX), DX
	MOVQ         denseArgs_rows(AX), R8
	VPBROADCASTD denseArgs_first(AX), Z15
	VPXOR        Y14, Y14, Y14

row:
	MOVQ denseArgs_cols(AX), R9

pixel:
	MOVQ denseArgs_scale(AX), SI
	MOVQ denseArgs_blocks(AX), R10
	XORL CX, CX

block:
	VMOVDQU32 (DX), Z0
	VMOVDQU32 64(DX), Z1
	DENSE2(0, Z15, Z0, Z2)
	DENSE2(1, Z15, Z1, Z3)
	ADDQ      $64, BX
	MOVQ      denseArgs_inputs(AX), R11
	TESTQ     R11, R11
	JZ        done
	MOVQ      denseArgs_x(AX), R12

input:
	VPBROADCASTD (R12), Z8
	DENSE2(0, Z8, Z0, Z2)
	DENSE2(1, Z8, Z1, Z3)
	ADDQ         $64, BX
	ADDQ         $4, R12
	SUBQ         $2, R11
	JNZ          input

done:
	REQUANTIZE((SI), Z0)
	REQUANTIZE(64(SI), Z1)
	VPACKSSDW Z1, Z0, Z0
	VPMOVSWB  Z0, Y0
	VPMAXSB   Y14, Y0, Y0
	VMOVDQU   Y0, (DI)(CX*1)
	SUBQ      $-128, DX
	SUBQ      $-128, SI
	ADDQ      $32, CX
	DECQ      R10
	JNZ       block
	ADDQ      denseArgs_pitch(AX), DI
	DECQ      R9
	JNZ       pixel
	ADDQ      denseArgs_gap(AX), DI
	DECQ      R8
	JNZ       row
	VZEROUPPER
	RET

// Two points at once: those of the second are Y4 to Y7.
//
//	R13  its output pixel   R14  its next inputs

#define PAIRBIAS(i, x, y) \
	VPMOVSXBW (16*i)(BX), y      \
	VMOVDQU   (32*i)(DX), Y10    \
	VPMADDWD  Y15, y, x          \
	VPMADDWD  Y13, y, y          \
	VPADDD    Y10, x, x          \
	VPADDD    Y10, y, y

#define PAIRINPUT(i, x, y) \
	VPMOVSXBW (16*i)(BX), Y10  \
	VPMADDWD  Y8, Y10, Y11     \
	VPMADDWD  Y9, Y10, Y10     \
	VPADDD    Y11, x, x        \
	VPADDD    Y10, y, y

#define PAIRREQUANTIZE(i, x, y) \
	VMOVUPS (32*i)(SI), Y10  \
	REQUANTIZE(Y10, x)       \
	REQUANTIZE(Y10, y)

// func densePairAVX2(args *denseArgs)
// Requires: AVX, AVX2
TEXT ·densePairAVX2(SB), NOSPLIT, $0-8
	MOVQ         args+0(FP), AX
	MOVQ         denseArgs_dst(AX), DI
	MOVQ         denseArgs_dst2(AX), R13
	MOVQ         denseArgs_weight(AX), BX
	MOVQ         denseArgs_bias(AX), DX
	MOVQ         denseArgs_rows(AX), R8
	VPBROADCASTD denseArgs_first(AX), Y15
	VPBROADCASTD denseArgs_first2(AX), Y13
	VPXOR        Y14, Y14, Y14

row:
	MOVQ denseArgs_cols(AX), R9

pixel:
	MOVQ denseArgs_scale(AX), SI
	MOVQ denseArgs_blocks(AX), R10
	XORL CX, CX

block:
	PAIRBIAS(0, Y0, Y4)
	PAIRBIAS(1, Y1, Y5)
	PAIRBIAS(2, Y2, Y6)
	PAIRBIAS(3, Y3, Y7)
	ADDQ  $64, BX
	MOVQ  denseArgs_inputs(AX), R11
	TESTQ R11, R11
	JZ    done
	MOVQ  denseArgs_x(AX), R12
	MOVQ  denseArgs_x2(AX), R14

input:
	VPBROADCASTD (R12), Y8
	VPBROADCASTD (R14), Y9
	PAIRINPUT(0, Y0, Y4)
	PAIRINPUT(1, Y1, Y5)
	PAIRINPUT(2, Y2, Y6)
	PAIRINPUT(3, Y3, Y7)
	ADDQ         $64, BX
	ADDQ         $4, R12
	ADDQ         $4, R14
	SUBQ         $2, R11
	JNZ          input

done:
	PAIRREQUANTIZE(0, Y0, Y4)
	PAIRREQUANTIZE(1, Y1, Y5)
	PAIRREQUANTIZE(2, Y2, Y6)
	PAIRREQUANTIZE(3, Y3, Y7)
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPMAXSB   Y14, Y0, Y0
	VMOVDQU   Y0, (DI)(CX*1)
	VPACKSSDW Y5, Y4, Y4
	VPACKSSDW Y7, Y6, Y6
	VPACKSSWB Y6, Y4, Y4
	VPMAXSB   Y14, Y4, Y4
	VMOVDQU   Y4, (R13)(CX*1)
	ADDQ      $128, DX
	ADDQ      $128, SI
	ADDQ      $32, CX
	DECQ      R10
	JNZ       block
	ADDQ      denseArgs_pitch(AX), DI
	ADDQ      denseArgs_pitch(AX), R13
	DECQ      R9
	JNZ       pixel
	ADDQ      denseArgs_gap(AX), DI
	ADDQ      denseArgs_gap(AX), R13
	DECQ      R8
	JNZ       row
	VZEROUPPER
	RET

// func densePairVNNI512(args *denseArgs)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·densePairVNNI512(SB), NOSPLIT, $0-8
	MOVQ         args+0(FP), AX
	MOVQ         denseArgs_dst(AX), DI
	MOVQ         denseArgs_dst2(AX), R13
	MOVQ         denseArgs_weight(AX), BX
	MOVQ         denseArgs_bias(AX), DX
	MOVQ         denseArgs_rows(AX), R8
	VPBROADCASTD denseArgs_first(AX), Z15
	VPBROADCASTD denseArgs_first2(AX), Z13
	VPXOR        Y14, Y14, Y14

row:
	MOVQ denseArgs_cols(AX), R9

pixel:
	MOVQ denseArgs_scale(AX), SI
	MOVQ denseArgs_blocks(AX), R10
	XORL CX, CX

block:
	VMOVDQU32 (DX), Z0
	VMOVDQU32 64(DX), Z1
	VMOVDQA64 Z0, Z4
	VMOVDQA64 Z1, Z5
	VPMOVSXBW (BX), Z2
	VPMOVSXBW 32(BX), Z3
	VPDPWSSD  Z15, Z2, Z0
	VPDPWSSD  Z15, Z3, Z1
	VPDPWSSD  Z13, Z2, Z4
	VPDPWSSD  Z13, Z3, Z5
	ADDQ      $64, BX
	MOVQ      denseArgs_inputs(AX), R11
	TESTQ     R11, R11
	JZ        done
	MOVQ      denseArgs_x(AX), R12
	MOVQ      denseArgs_x2(AX), R14

input:
	VPBROADCASTD (R12), Z8
	VPBROADCASTD (R14), Z9
	VPMOVSXBW    (BX), Z2
	VPMOVSXBW    32(BX), Z3
	VPDPWSSD     Z8, Z2, Z0
	VPDPWSSD     Z8, Z3, Z1
	VPDPWSSD     Z9, Z2, Z4
	VPDPWSSD     Z9, Z3, Z5
	ADDQ         $64, BX
	ADDQ         $4, R12
	ADDQ         $4, R14
	SUBQ         $2, R11
	JNZ          input

done:
	VMOVUPS   (SI), Z2
	VMOVUPS   64(SI), Z3
	REQUANTIZE(Z2, Z0)
	REQUANTIZE(Z3, Z1)
	REQUANTIZE(Z2, Z4)
	REQUANTIZE(Z3, Z5)
	VPACKSSDW Z1, Z0, Z0
	VPACKSSDW Z5, Z4, Z4
	VPMOVSWB  Z0, Y0
	VPMOVSWB  Z4, Y4
	VPMAXSB   Y14, Y0, Y0
	VPMAXSB   Y14, Y4, Y4
	VMOVDQU   Y0, (DI)(CX*1)
	VMOVDQU   Y4, (R13)(CX*1)
	SUBQ      $-128, DX
	SUBQ      $-128, SI
	ADDQ      $32, CX
	DECQ      R10
	JNZ       block
	ADDQ      denseArgs_pitch(AX), DI
	ADDQ      denseArgs_pitch(AX), R13
	DECQ      R9
	JNZ       pixel
	ADDQ      denseArgs_gap(AX), DI
	ADDQ      denseArgs_gap(AX), R13
	DECQ      R8
	JNZ       row
	VZEROUPPER
	RET

// LIMITS

#define LIMIT1(x, t) \
	MULADD2(Y12, Y13, x, t)

// func limitAVX2(n int)
// Requires: AVX, AVX2
TEXT ·limitAVX2(SB), NOSPLIT, $0-8
	MOVQ  n+0(FP), CX
	ONES
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13

loop:
	LIMIT1(Y0, Y14)
	LIMIT1(Y1, Y14)
	LIMIT1(Y2, Y14)
	LIMIT1(Y3, Y14)
	LIMIT1(Y4, Y14)
	LIMIT1(Y5, Y14)
	LIMIT1(Y6, Y14)
	LIMIT1(Y7, Y14)
	LIMIT1(Y8, Y14)
	LIMIT1(Y9, Y14)
	LIMIT1(Y10, Y14)
	LIMIT1(Y11, Y14)
	DECQ  CX
	JNZ   loop
	VZEROUPPER
	RET

// func limitVNNI(n int)
// Requires: AVX, AVX2, AVXVNNI
TEXT ·limitVNNI(SB), NOSPLIT, $0-8
	MOVQ  n+0(FP), CX
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13

loop:
	VPDPBUSD_VEX(12, 13, 0)
	VPDPBUSD_VEX(12, 13, 1)
	VPDPBUSD_VEX(12, 13, 2)
	VPDPBUSD_VEX(12, 13, 3)
	VPDPBUSD_VEX(12, 13, 4)
	VPDPBUSD_VEX(12, 13, 5)
	VPDPBUSD_VEX(12, 13, 6)
	VPDPBUSD_VEX(12, 13, 7)
	VPDPBUSD_VEX(12, 13, 8)
	VPDPBUSD_VEX(12, 13, 9)
	VPDPBUSD_VEX(12, 13, 10)
	VPDPBUSD_VEX(12, 13, 11)
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func limitVNNI512(n int)
// Requires: AVX512F, AVX512BW, AVX512VL, AVX512VNNI
TEXT ·limitVNNI512(SB), NOSPLIT, $0-8
	MOVQ  n+0(FP), CX
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13

loop:
	VPDPBUSD Z12, Z13, Z0
	VPDPBUSD Z12, Z13, Z1
	VPDPBUSD Z12, Z13, Z2
	VPDPBUSD Z12, Z13, Z3
	VPDPBUSD Z12, Z13, Z4
	VPDPBUSD Z12, Z13, Z5
	VPDPBUSD Z12, Z13, Z6
	VPDPBUSD Z12, Z13, Z7
	VPDPBUSD Z12, Z13, Z8
	VPDPBUSD Z12, Z13, Z9
	VPDPBUSD Z12, Z13, Z10
	VPDPBUSD Z12, Z13, Z11
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
