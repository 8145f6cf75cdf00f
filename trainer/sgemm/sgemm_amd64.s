//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The microkernels are macros over a tile, which is a list of rows. Of row i,
// OP gets the general register of its address in A, its two accumulators x and
// y, and what all rows share: the registers b0 and b1 of the current row of B
// (of D in Outer), the temporary t, and the size of a vector in bytes.

#define ROWS1Z(OP) \
	OP(0, AX, Z0, Z1, Z24, Z25, Z26, 64)

#define ROWS4Z(OP) \
	ROWS1Z(OP) \
	OP(1, BX, Z2, Z3, Z24, Z25, Z26, 64) \
	OP(2, CX, Z4, Z5, Z24, Z25, Z26, 64) \
	OP(3, DX, Z6, Z7, Z24, Z25, Z26, 64)

#define ROWS8Z(OP) \
	ROWS4Z(OP) \
	OP(4, SI, Z8, Z9, Z24, Z25, Z26, 64) \
	OP(5, DI, Z10, Z11, Z24, Z25, Z26, 64) \
	OP(6, R8, Z12, Z13, Z24, Z25, Z26, 64) \
	OP(7, R9, Z14, Z15, Z24, Z25, Z26, 64)

#define ROWS12Z(OP) \
	ROWS8Z(OP) \
	OP(8, R10, Z16, Z17, Z24, Z25, Z26, 64) \
	OP(9, R11, Z18, Z19, Z24, Z25, Z26, 64) \
	OP(10, R12, Z20, Z21, Z24, Z25, Z26, 64) \
	OP(11, R13, Z22, Z23, Z24, Z25, Z26, 64)

#define ROWS1Y(OP) \
	OP(0, AX, Y0, Y1, Y12, Y13, Y14, 32)

#define ROWS2Y(OP) \
	ROWS1Y(OP) \
	OP(1, BX, Y2, Y3, Y12, Y13, Y14, 32)

#define ROWS4Y(OP) \
	ROWS2Y(OP) \
	OP(2, CX, Y4, Y5, Y12, Y13, Y14, 32) \
	OP(3, DX, Y6, Y7, Y12, Y13, Y14, 32)

#define ROWS6Y(OP) \
	ROWS4Y(OP) \
	OP(4, SI, Y8, Y9, Y12, Y13, Y14, 32) \
	OP(5, DI, Y10, Y11, Y12, Y13, Y14, 32)

#define MULADD(x, y, b0, b1, t) \
	VFMADD231PS b0, t, x \
	VFMADD231PS b1, t, y

// GEMM. At its ends, R15 points at the offsets of the tile's rows in A or C
// and R14 at their base.

#define BIAS(i, row, x, y, b0, b1, t, size) \
	VMOVAPS b0, x \
	VMOVAPS b1, y

#define LOAD(i, row, x, y, b0, b1, t, size) \
	MOVLQSX (4*i)(R15), AX         \
	VMOVUPS (R14)(AX*4), x         \
	VMOVUPS (size)(R14)(AX*4), y

#define ADDRESS(i, row, x, y, b0, b1, t, size) \
	MOVLQSX (4*i)(R15), row    \
	LEAQ    (R14)(row*4), row

// STEP adds the products of a row of B. Those of three more are STEP1 to STEP3.
#define STEP(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS (row)(R15*1), t \
	MULADD(x, y, b0, b1, t)

#define STEP1(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS 4(row)(R15*1), t \
	MULADD(x, y, b0, b1, t)

#define STEP2(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS 8(row)(R15*1), t \
	MULADD(x, y, b0, b1, t)

#define STEP3(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS 12(row)(R15*1), t \
	MULADD(x, y, b0, b1, t)

// A NaN is kept because VMAXPS returns its first operand here if either is NaN,
// and a zero keeps its sign likewise.
#define STORE(i, row, x, y, b0, b1, t, size) \
	MOVLQSX (4*i)(R15), AX         \
	VMAXPS  x, t, x                \
	VMAXPS  y, t, y                \
	VMOVUPS x, (R14)(AX*4)         \
	VMOVUPS y, (size)(R14)(AX*4)

// In the loop over k, R14 walks the panel of B, and R15 is the offset in bytes
// that all rows of A share, up to BP.
#define GEMM(ROWS, rows, b0, b1, t, size) \
	MOVQ args+0(FP), BX               \
	MOVQ gemmArgs_tiles(BX), AX       \
	MOVQ AX, tiles-32(SP)             \
	MOVQ gemmArgs_aOff(BX), AX        \
	MOVQ AX, aOff-40(SP)              \
	MOVQ gemmArgs_cOff(BX), AX        \
	MOVQ AX, cOff-48(SP)              \
tile:                                 \
	MOVQ args+0(FP), BX               \
	CMPQ gemmArgs_accumulate(BX), $0  \
	JNE  load                         \
	MOVQ gemmArgs_bias(BX), AX        \
	VMOVUPS (AX), b0                  \
	VMOVUPS (size)(AX), b1            \
	ROWS(BIAS)                        \
	JMP  address                      \
load:                                 \
	MOVQ cOff-48(SP), R15             \
	MOVQ gemmArgs_c(BX), R14          \
	ROWS(LOAD)                        \
address:                              \
	MOVQ args+0(FP), BX               \
	MOVQ gemmArgs_taps(BX), AX        \
	MOVQ AX, tap-8(SP)                \
	MOVQ gemmArgs_nTaps(BX), AX       \
	MOVQ AX, left-16(SP)              \
	MOVQ gemmArgs_k(BX), AX           \
	SHLQ $2, AX                       \
	MOVQ AX, BP                       \
	ANDQ $-16, AX                     \
	MOVQ AX, fours-24(SP)             \
	ANDQ $15, BP                      \
	MOVQ BP, rest-56(SP)              \
	MOVQ gemmArgs_b(BX), BP           \
	MOVQ aOff-40(SP), R15             \
	MOVQ gemmArgs_a(BX), R14          \
	ROWS(ADDRESS)                     \
	MOVQ BP, R14                      \
nextTap:                              \
	MOVQ    tap-8(SP), R15            \
	ADDQ    $4, tap-8(SP)             \
	MOVLQSX (R15), R15                \
	SHLQ    $2, R15                   \
	MOVQ    R15, BP                   \
	ADDQ    fours-24(SP), BP          \
	CMPQ    R15, BP                   \
	JEQ     single                    \
next4:                                \
	VMOVUPS (R14), b0                 \
	VMOVUPS (size)(R14), b1           \
	ROWS(STEP)                        \
	VMOVUPS (2*size)(R14), b0         \
	VMOVUPS (3*size)(R14), b1         \
	ROWS(STEP1)                       \
	VMOVUPS (4*size)(R14), b0         \
	VMOVUPS (5*size)(R14), b1         \
	ROWS(STEP2)                       \
	VMOVUPS (6*size)(R14), b0         \
	VMOVUPS (7*size)(R14), b1         \
	ROWS(STEP3)                       \
	ADDQ    $(8*size), R14            \
	ADDQ    $16, R15                  \
	CMPQ    R15, BP                   \
	JNE     next4                     \
single:                               \
	ADDQ    rest-56(SP), BP           \
	CMPQ    R15, BP                   \
	JEQ     endTap                    \
next1:                                \
	VMOVUPS (R14), b0                 \
	VMOVUPS (size)(R14), b1           \
	ROWS(STEP)                        \
	ADDQ    $(2*size), R14            \
	ADDQ    $4, R15                   \
	CMPQ    R15, BP                   \
	JNE     next1                     \
endTap:                               \
	DECQ    left-16(SP)               \
	JNE     nextTap                   \
	MOVQ args+0(FP), BX               \
	MOVQ cOff-48(SP), R15             \
	MOVQ gemmArgs_c(BX), R14          \
	VBROADCASTSS gemmArgs_floor(BX), t \
	ROWS(STORE)                       \
	ADDQ $(4*rows), aOff-40(SP)       \
	ADDQ $(4*rows), cOff-48(SP)       \
	DECQ tiles-32(SP)                 \
	JNE  tile                         \
	VZEROUPPER                        \
	RET

// func gemm12x32AVX512(args *gemmArgs)
TEXT ·gemm12x32AVX512(SB), NOSPLIT, $56-8
	GEMM(ROWS12Z, 12, Z24, Z25, Z26, 64)

// func gemm8x32AVX512(args *gemmArgs)
TEXT ·gemm8x32AVX512(SB), NOSPLIT, $56-8
	GEMM(ROWS8Z, 8, Z24, Z25, Z26, 64)

// func gemm4x32AVX512(args *gemmArgs)
TEXT ·gemm4x32AVX512(SB), NOSPLIT, $56-8
	GEMM(ROWS4Z, 4, Z24, Z25, Z26, 64)

// func gemm6x16AVX2(args *gemmArgs)
TEXT ·gemm6x16AVX2(SB), NOSPLIT, $56-8
	GEMM(ROWS6Y, 6, Y12, Y13, Y14, 32)

// func gemm4x16AVX2(args *gemmArgs)
TEXT ·gemm4x16AVX2(SB), NOSPLIT, $56-8
	GEMM(ROWS4Y, 4, Y12, Y13, Y14, 32)

// OUTER. R11 walks the rows of C, R12 bytes apart.

#define OUTER_LOAD(i, row, x, y, b0, b1, t, size) \
	VMOVUPS (R11), x       \
	VMOVUPS (size)(R11), y \
	ADDQ    R12, R11

#define STRIP (4*const_stripRows)

// OUTER_STEP adds the products of a pixel. Those of three more are OUTER_STEP1 to OUTER_STEP3.
#define OUTER_STEP(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS (4*i)(SI), t \
	MULADD(x, y, b0, b1, t)

#define OUTER_STEP1(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS (STRIP+4*i)(SI), t \
	MULADD(x, y, b0, b1, t)

#define OUTER_STEP2(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS (2*STRIP+4*i)(SI), t \
	MULADD(x, y, b0, b1, t)

#define OUTER_STEP3(i, row, x, y, b0, b1, t, size) \
	VBROADCASTSS (3*STRIP+4*i)(SI), t \
	MULADD(x, y, b0, b1, t)

// OUTER_FETCH fetches the first and the last cache line of a row of the next tile.
#define OUTER_FETCH(i, row, x, y, b0, b1, t, size) \
	PREFETCHT0 (R11)           \
	PREFETCHT0 (2*size-1)(R11) \
	ADDQ       R12, R11

#define OUTER_STORE(i, row, x, y, b0, b1, t, size) \
	VMOVUPS x, (R11)       \
	VMOVUPS y, (size)(R11) \
	ADDQ    R12, R11

// In the loop over pixels, SI and DI are a pixel's rows of A and D, and CX counts down. R8 and R9
// are where the tile begins in C and A, and R10 counts tiles down.
#define OUTER(ROWS, rows, b0, b1, size) \
	MOVQ args+0(FP), BX               \
	MOVQ outerArgs_c(BX), R8          \
	MOVQ outerArgs_a(BX), R9          \
	MOVQ outerArgs_tiles(BX), R10     \
	MOVQ outerArgs_ldc(BX), R12       \
	SHLQ $2, R12                      \
tile:                                 \
	MOVQ R8, R11                      \
	ROWS(OUTER_LOAD)                  \
	ROWS(OUTER_FETCH)                 \
	MOVQ R9, SI                       \
	MOVQ outerArgs_d(BX), DI          \
	MOVQ outerArgs_p(BX), CX          \
	SUBQ $4, CX                       \
	JLT  rest                         \
next4:                                \
	VMOVUPS (DI), b0                  \
	VMOVUPS (size)(DI), b1            \
	ROWS(OUTER_STEP)                  \
	VMOVUPS (2*size)(DI), b0          \
	VMOVUPS (3*size)(DI), b1          \
	ROWS(OUTER_STEP1)                 \
	VMOVUPS (4*size)(DI), b0          \
	VMOVUPS (5*size)(DI), b1          \
	ROWS(OUTER_STEP2)                 \
	VMOVUPS (6*size)(DI), b0          \
	VMOVUPS (7*size)(DI), b1          \
	ROWS(OUTER_STEP3)                 \
	ADDQ    $(4*STRIP), SI            \
	ADDQ    $(8*size), DI             \
	SUBQ    $4, CX                    \
	JGE     next4                     \
rest:                                 \
	ADDQ    $4, CX                    \
	JEQ     endTile                   \
next1:                                \
	VMOVUPS (DI), b0                  \
	VMOVUPS (size)(DI), b1            \
	ROWS(OUTER_STEP)                  \
	ADDQ    $STRIP, SI                \
	ADDQ    $(2*size), DI             \
	DECQ    CX                        \
	JNE     next1                     \
endTile:                              \
	MOVQ R8, R11                      \
	ROWS(OUTER_STORE)                 \
	MOVQ R11, R8                      \
	ADDQ $(4*rows), R9                \
	DECQ R10                          \
	JNE  tile                         \
	VZEROUPPER                        \
	RET

// func outer12x32AVX512(args *outerArgs)
TEXT ·outer12x32AVX512(SB), NOSPLIT, $0-8
	OUTER(ROWS12Z, 12, Z24, Z25, 64)

// func outer8x32AVX512(args *outerArgs)
TEXT ·outer8x32AVX512(SB), NOSPLIT, $0-8
	OUTER(ROWS8Z, 8, Z24, Z25, 64)

// func outer4x32AVX512(args *outerArgs)
TEXT ·outer4x32AVX512(SB), NOSPLIT, $0-8
	OUTER(ROWS4Z, 4, Z24, Z25, 64)

// func outer1x32AVX512(args *outerArgs)
TEXT ·outer1x32AVX512(SB), NOSPLIT, $0-8
	OUTER(ROWS1Z, 1, Z24, Z25, 64)

// func outer6x16AVX2(args *outerArgs)
TEXT ·outer6x16AVX2(SB), NOSPLIT, $0-8
	OUTER(ROWS6Y, 6, Y12, Y13, 32)

// func outer4x16AVX2(args *outerArgs)
TEXT ·outer4x16AVX2(SB), NOSPLIT, $0-8
	OUTER(ROWS4Y, 4, Y12, Y13, 32)

// func outer2x16AVX2(args *outerArgs)
TEXT ·outer2x16AVX2(SB), NOSPLIT, $0-8
	OUTER(ROWS2Y, 2, Y12, Y13, 32)

// func outer1x16AVX2(args *outerArgs)
TEXT ·outer1x16AVX2(SB), NOSPLIT, $0-8
	OUTER(ROWS1Y, 1, Y12, Y13, 32)

// GATHER copies columns of every row as long as so many are left. COPY copies a row's from
// (SI)(AX*4) to DI.
#define GATHER(floats, COPY, loop, row, end) \
loop:                      \
	CMPQ R10, $floats      \
	JLT  end               \
	MOVQ R11, DI           \
	XORL BX, BX            \
row:                       \
	MOVLQSX (DX)(BX*4), AX \
	COPY                   \
	ADDQ    R8, DI         \
	INCQ    BX             \
	CMPQ    BX, CX         \
	JNE     row            \
	ADDQ $(4*floats), R11  \
	ADDQ $(4*floats), SI   \
	SUBQ $floats, R10      \
	JMP  loop              \
end:

#define COPY1 \
	VMOVSS (SI)(AX*4), X0 \
	VMOVSS X0, (DI)

#define COPY3 \
	COPY1                  \
	VMOVSD 4(SI)(AX*4), X1 \
	VMOVSD X1, 4(DI)

#define COPY4 \
	VMOVUPS (SI)(AX*4), X0 \
	VMOVUPS X0, (DI)

#define COPY8 \
	VMOVUPS (SI)(AX*4), Y0 \
	VMOVUPS Y0, (DI)

#define COPY12 \
	COPY8                    \
	VMOVUPS 32(SI)(AX*4), X1 \
	VMOVUPS X1, 32(DI)

#define COPY16 \
	COPY8                    \
	VMOVUPS 32(SI)(AX*4), Y1 \
	VMOVUPS Y1, 32(DI)

#define COPY24 \
	COPY16                   \
	VMOVUPS 64(SI)(AX*4), Y2 \
	VMOVUPS Y2, 64(DI)

// func gatherVector(dst *float32, step int, src *float32, shift int, off *int32, n, width int)
TEXT ·gatherVector(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), R11
	MOVQ step+8(FP), R8
	SHLQ $2, R8
	MOVQ src+16(FP), SI
	MOVQ shift+24(FP), AX
	LEAQ (SI)(AX*4), SI
	MOVQ off+32(FP), DX
	MOVQ n+40(FP), CX
	MOVQ width+48(FP), R10
	GATHER(24, COPY24, loop24, row24, end24)
	GATHER(16, COPY16, loop16, row16, end16)
	GATHER(12, COPY12, loop12, row12, end12)
	GATHER(8, COPY8, loop8, row8, end8)
	GATHER(4, COPY4, loop4, row4, end4)
	GATHER(3, COPY3, loop3, row3, end3)
	GATHER(1, COPY1, loop1, row1, end1)
	VZEROUPPER
	RET

// PEAK multiplies zeros as fast as it can.

#define PEAK_ZERO(i, row, x, y, b0, b1, t, size) \
	VPSUBD x, x, x    \
	VPSUBD y, y, y    \
	VPSUBD b0, b0, b0 \
	VPSUBD b1, b1, b1 \
	VPSUBD t, t, t

#define PEAK_STEP(i, row, x, y, b0, b1, t, size) \
	MULADD(x, y, b0, b1, t)

#define PEAK(ROWS) \
	ROWS(PEAK_ZERO) \
loop:               \
	ROWS(PEAK_STEP) \
	DECQ CX         \
	JNE  loop       \
	VZEROUPPER      \
	RET

// func peakAVX512(n int)
TEXT ·peakAVX512(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
	PEAK(ROWS12Z)

// func peakAVX2(n int)
TEXT ·peakAVX2(SB), NOSPLIT, $0-8
	MOVQ n+0(FP), CX
	PEAK(ROWS6Y)

// The element-wise functions.

// func reluBackwardVector(dx, y *float32, n int)
TEXT ·reluBackwardVector(SB), NOSPLIT, $0-24
	MOVQ  dx+0(FP), DI
	MOVQ  y+8(FP), SI
	MOVQ  n+16(FP), CX
	VPXOR Y1, Y1, Y1

loop:
	VCMPPS  $0x19, (SI), Y1, Y0 // not 0 >= y
	VANDPS  (DI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func noiseVector(x *float32, random *int32, scale, peak *float32, channels, pixels int)
TEXT ·noiseVector(SB), NOSPLIT, $0-48
	MOVQ         x+0(FP), DI
	MOVQ         random+8(FP), SI
	MOVQ         scale+16(FP), R8
	MOVQ         peak+24(FP), R9
	MOVQ         channels+32(FP), CX
	MOVQ         pixels+40(FP), DX
	VPXOR        Y7, Y7, Y7
	MOVL         $const_leastNoisy, AX
	VMOVD        AX, X6
	VPBROADCASTD X6, Y6

pixel:
	XORL BX, BX

loop:
	VMOVUPS   (DI), Y0
	VMAXPS    (R9)(BX*4), Y0, Y1 // the peak unless x is above it
	VMOVUPS   Y1, (R9)(BX*4)
	VPCMPGTD  Y7, Y0, Y2
	VPAND     (SI), Y2, Y1
	VCVTDQ2PS Y1, Y1
	VMULPS    (R8)(BX*4), Y1, Y1
	VADDPS    Y1, Y0, Y1
	VPAND     Y6, Y2, Y2
	VPMAXSD   Y2, Y1, Y1
	VSUBPS    Y0, Y0, Y0         // NaN if x is not finite
	VADDPS    Y0, Y1, Y1
	VMOVUPS   Y1, (DI)
	ADDQ      $32, DI
	ADDQ      $32, SI
	ADDQ      $8, BX
	CMPQ      BX, CX
	JNE       loop
	DECQ      DX
	JNE       pixel
	VZEROUPPER
	RET

// func addVector(dst, src *float32, n int)
TEXT ·addVector(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX

loop:
	VMOVUPS (DI), Y0
	VADDPS  (SI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func adamVector(w, dw, m, v *float32, n int, lr, beta1, c1, beta2, c2, eps float32)
TEXT ·adamVector(SB), NOSPLIT, $0-64
	MOVQ         w+0(FP), DI
	MOVQ         dw+8(FP), SI
	MOVQ         m+16(FP), DX
	MOVQ         v+24(FP), BX
	MOVQ         n+32(FP), CX
	VBROADCASTSS lr+40(FP), Y8
	VBROADCASTSS beta1+44(FP), Y9
	VBROADCASTSS c1+48(FP), Y10
	VBROADCASTSS beta2+52(FP), Y11
	VBROADCASTSS c2+56(FP), Y12
	VBROADCASTSS eps+60(FP), Y13

loop:
	VMOVUPS (SI), Y0
	VMULPS  (DX), Y9, Y1
	VMULPS  Y0, Y10, Y2
	VADDPS  Y2, Y1, Y1
	VMOVUPS Y1, (DX)
	VMULPS  Y0, Y0, Y0
	VMULPS  Y0, Y12, Y0
	VMULPS  (BX), Y11, Y2
	VADDPS  Y0, Y2, Y2
	VMOVUPS Y2, (BX)
	VSQRTPS Y2, Y2
	VADDPS  Y13, Y2, Y2
	VMULPS  Y1, Y8, Y1
	VDIVPS  Y2, Y1, Y1
	VMOVUPS (DI), Y0
	VSUBPS  Y1, Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, BX
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// func rmspropVector(w, dw, v *float32, n int, lr, rho, c, eps float32)
TEXT ·rmspropVector(SB), NOSPLIT, $0-48
	MOVQ         w+0(FP), DI
	MOVQ         dw+8(FP), SI
	MOVQ         v+16(FP), BX
	MOVQ         n+24(FP), CX
	VBROADCASTSS lr+32(FP), Y8
	VBROADCASTSS rho+36(FP), Y9
	VBROADCASTSS c+40(FP), Y10
	VBROADCASTSS eps+44(FP), Y11

loop:
	VMOVUPS (SI), Y0
	VMULPS  Y0, Y0, Y1
	VMULPS  Y1, Y10, Y1
	VMULPS  (BX), Y9, Y2
	VADDPS  Y1, Y2, Y2
	VMOVUPS Y2, (BX)
	VADDPS  Y11, Y2, Y2
	VSQRTPS Y2, Y2
	VMULPS  Y0, Y8, Y0
	VDIVPS  Y2, Y0, Y0
	VMOVUPS (DI), Y1
	VSUBPS  Y0, Y1, Y1
	VMOVUPS Y1, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	ADDQ    $32, BX
	SUBQ    $8, CX
	JNE     loop
	VZEROUPPER
	RET

// What expNeg computes with: the bound, -log2 e, -1/2, ln 2, and the coefficients of the series.
DATA series<>+0(SB)/8, $0x4085e00000000000
DATA series<>+8(SB)/8, $0xbff71547652b82fe
DATA series<>+16(SB)/8, $0xbfe0000000000000
DATA series<>+24(SB)/8, $0x3fe62e42fefa39ef
DATA series<>+32(SB)/8, $0x3f2a01a01a01a01a
DATA series<>+40(SB)/8, $0x3f56c16c16c16c17
DATA series<>+48(SB)/8, $0x3f81111111111111
DATA series<>+56(SB)/8, $0x3fa5555555555555
DATA series<>+64(SB)/8, $0x3fc5555555555555
DATA series<>+72(SB)/8, $0x3fe0000000000000
DATA series<>+80(SB)/8, $0x3ff0000000000000
GLOBL series<>(SB), RODATA|NOPTR, $88

#define SERIES(i, y) VBROADCASTSD series<>+(8*i)(SB), y

// HORNER makes p p*f+c, rounded twice.
#define HORNER(c, f, p) \
	VMULPD f, p, p \
	VADDPD c, p, p

// func sigmoidVector(e, s *float64, x *float32, n int)
TEXT ·sigmoidVector(SB), NOSPLIT, $0-32
	MOVQ     e+0(FP), DI
	MOVQ     s+8(FP), DX
	MOVQ     x+16(FP), SI
	MOVQ     n+24(FP), CX
	VPCMPEQD Y15, Y15, Y15
	VPSRLQ   $1, Y15, Y15 // all but the sign
	MOVL     $1023, AX
	VMOVD    AX, X14
	VPBROADCASTD X14, X14
	SERIES(0, Y13)
	SERIES(1, Y12)
	SERIES(2, Y11)
	SERIES(3, Y10)
	SERIES(4, Y9)
	SERIES(5, Y8)
	SERIES(6, Y7)
	SERIES(7, Y6)
	SERIES(8, Y5)
	SERIES(9, Y4)
	SERIES(10, Y3)

loop:
	VCVTPS2PD   (SI), Y0
	VANDPD      Y15, Y0, Y0
	VMINPD      Y0, Y13, Y0 // a NaN stays one
	VMULPD      Y12, Y0, Y0
	VADDPD      Y11, Y0, Y1
	VCVTTPD2DQY Y1, X1
	VCVTDQ2PD   X1, Y2
	VSUBPD      Y2, Y0, Y0
	VMULPD      Y10, Y0, Y0
	VMULPD      Y9, Y0, Y2
	VADDPD      Y8, Y2, Y2
	HORNER(Y7, Y0, Y2)
	HORNER(Y6, Y0, Y2)
	HORNER(Y5, Y0, Y2)
	HORNER(Y4, Y0, Y2)
	HORNER(Y3, Y0, Y2)
	HORNER(Y3, Y0, Y2)
	VPADDD      X14, X1, X1
	VPMOVSXDQ   X1, Y1
	VPSLLQ      $52, Y1, Y1
	VMULPD      Y1, Y2, Y0
	VMOVUPD     Y0, (DI)
	VADDPD      Y3, Y0, Y0
	VDIVPD      Y0, Y3, Y0
	VMOVUPD     Y0, (DX)
	ADDQ        $16, SI
	ADDQ        $32, DI
	ADDQ        $32, DX
	SUBQ        $4, CX
	JNE         loop
	VZEROUPPER
	RET
