//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Every microkernel is a macro over its tile, a list TILEn of n rows: row i
// has the general register that holds its address in A and two vectors of
// accumulators, where its part of C stays for the whole sum.

#define TILE12Z(OP) \
	OP(0, AX, Z0, Z1)    \
	OP(1, BX, Z2, Z3)    \
	OP(2, CX, Z4, Z5)    \
	OP(3, DX, Z6, Z7)    \
	OP(4, SI, Z8, Z9)    \
	OP(5, DI, Z10, Z11)  \
	OP(6, R8, Z12, Z13)  \
	OP(7, R9, Z14, Z15)  \
	OP(8, R10, Z16, Z17) \
	OP(9, R11, Z18, Z19) \
	OP(10, R12, Z20, Z21) \
	OP(11, R13, Z22, Z23)

#define TILE8Z(OP) \
	OP(0, AX, Z0, Z1)    \
	OP(1, BX, Z2, Z3)    \
	OP(2, CX, Z4, Z5)    \
	OP(3, DX, Z6, Z7)    \
	OP(4, SI, Z8, Z9)    \
	OP(5, DI, Z10, Z11)  \
	OP(6, R8, Z12, Z13)  \
	OP(7, R9, Z14, Z15)

#define TILE4Z(OP) \
	OP(0, AX, Z0, Z1)    \
	OP(1, BX, Z2, Z3)    \
	OP(2, CX, Z4, Z5)    \
	OP(3, DX, Z6, Z7)

#define TILE1Z(OP) \
	OP(0, AX, Z0, Z1)

// GEMM: R15 is a byte offset into all rows of A, the tap's plus 4k. R14 walks
// the panel of B, whose current row is in Z24 and Z25. BP is the end of R15.

#define ADDRESS(i, row, x, y) \
	MOVLQSX (4*i)(R15), row    \
	LEAQ    (R14)(row*4), row

#define BIAS_Z(i, row, x, y) \
	VMOVAPS Z24, x \
	VMOVAPS Z25, y

#define LOAD_Z(i, row, x, y) \
	MOVLQSX   (4*i)(R15), AX         \
	VMOVUPS.Z (R14)(AX*4), K1, x     \
	VMOVUPS.Z 64(R14)(AX*4), K2, y

#define FMA_Z(i, row, x, y) \
	VBROADCASTSS (row)(R15*1), Z26 \
	VFMADD231PS  Z24, Z26, x       \
	VFMADD231PS  Z25, Z26, y

#define STORE_Z(i, row, x, y) \
	MOVLQSX (4*i)(R15), AX       \
	VMAXPS  x, Z26, x            \
	VMAXPS  y, Z26, y            \
	VMOVUPS x, K1, (R14)(AX*4)   \
	VMOVUPS y, K2, 64(R14)(AX*4)

// MASKS sets K1 and K2 to the columns that exist, which are in CX.
#define MASKS \
	MOVL  $1, AX  \
	SHLQ  CX, AX  \
	DECQ  AX      \
	KMOVW AX, K1  \
	SHRQ  $16, AX \
	KMOVW AX, K2

#define GEMM_Z(TILE, rows) \
	MOVQ args+0(FP), BX           \
	MOVQ gemmArgs_n(BX), CX       \
	MASKS                         \
tile:                             \
	MOVQ args+0(FP), BX           \
	CMPQ gemmArgs_accumulate(BX), $0 \
	JEQ  fresh                    \
	MOVQ gemmArgs_cOff(BX), R15   \
	MOVQ gemmArgs_c(BX), R14      \
	TILE(LOAD_Z)                  \
	JMP  sum                      \
fresh:                            \
	VPXORD Z24, Z24, Z24          \
	VPXORD Z25, Z25, Z25          \
	MOVQ   gemmArgs_bias(BX), AX  \
	TESTQ  AX, AX                 \
	JEQ    start                  \
	VMOVUPS.Z (AX), K1, Z24       \
	VMOVUPS.Z 64(AX), K2, Z25     \
start:                            \
	TILE(BIAS_Z)                  \
sum:                              \
	MOVQ args+0(FP), R14          \
	MOVQ gemmArgs_taps(R14), R15  \
	MOVQ R15, tap-8(SP)           \
	MOVQ gemmArgs_nTaps(R14), R15 \
	MOVQ R15, left-16(SP)         \
	MOVQ gemmArgs_k(R14), R15     \
	SHLQ $2, R15                  \
	MOVQ R15, run-24(SP)          \
	MOVQ gemmArgs_b(R14), BP      \
	MOVQ gemmArgs_aOff(R14), R15  \
	MOVQ gemmArgs_a(R14), R14     \
	TILE(ADDRESS)                 \
	MOVQ BP, R14                  \
nextTap:                          \
	MOVQ    tap-8(SP), R15        \
	ADDQ    $4, tap-8(SP)         \
	MOVLQSX (R15), R15            \
	SHLQ    $2, R15               \
	MOVQ    R15, BP               \
	ADDQ    run-24(SP), BP        \
nextK:                            \
	VMOVUPS (R14), Z24            \
	VMOVUPS 64(R14), Z25          \
	TILE(FMA_Z)                   \
	ADDQ    $128, R14             \
	ADDQ    $4, R15               \
	CMPQ    R15, BP               \
	JNE     nextK                 \
	DECQ    left-16(SP)           \
	JNE     nextTap               \
	MOVQ args+0(FP), BX           \
	MOVQ gemmArgs_cOff(BX), R15   \
	MOVQ gemmArgs_c(BX), R14      \
	VBROADCASTSS gemmArgs_floor(BX), Z26 \
	TILE(STORE_Z)                 \
	ADDQ $(4*rows), gemmArgs_aOff(BX) \
	ADDQ $(4*rows), gemmArgs_cOff(BX) \
	DECQ gemmArgs_tiles(BX)       \
	JNE  tile                     \
	VZEROUPPER                    \
	RET

// func gemm12x32AVX512(args *gemmArgs)
TEXT ·gemm12x32AVX512(SB), NOSPLIT, $24-8
	GEMM_Z(TILE12Z, 12)

// func gemm8x32AVX512(args *gemmArgs)
TEXT ·gemm8x32AVX512(SB), NOSPLIT, $24-8
	GEMM_Z(TILE8Z, 8)

// func gemm4x32AVX512(args *gemmArgs)
TEXT ·gemm4x32AVX512(SB), NOSPLIT, $24-8
	GEMM_Z(TILE4Z, 4)

// OUTER: SI and DI are the bases of A and D, R8 and R9 walk their offsets,
// R10 counts. The current row of D is in Z24 and Z25.

#define OUTER_LOAD_Z(i, row, x, y) \
	VMOVUPS.Z (R11), K1, x   \
	VMOVUPS.Z 64(R11), K2, y \
	ADDQ      R12, R11

#define OUTER_FMA_Z(i, row, x, y) \
	VBROADCASTSS (4*i)(SI)(AX*4), Z26 \
	VFMADD231PS  Z24, Z26, x          \
	VFMADD231PS  Z25, Z26, y

#define OUTER_STORE_Z(i, row, x, y) \
	VMOVUPS x, K1, (R11)   \
	VMOVUPS y, K2, 64(R11) \
	ADDQ    R12, R11

#define OUTER_ARGS \
	MOVQ outerArgs_n(BX), CX    \
	MOVQ outerArgs_a(BX), SI    \
	MOVQ outerArgs_shift(BX), AX \
	LEAQ (SI)(AX*4), SI         \
	MOVQ outerArgs_aOff(BX), R8 \
	MOVQ outerArgs_d(BX), DI    \
	MOVQ outerArgs_dOff(BX), R9 \
	MOVQ outerArgs_p(BX), R10   \
	MOVQ outerArgs_ldc(BX), R12 \
	SHLQ $2, R12                \
	MOVQ outerArgs_c(BX), R11

#define OUTER_Z(TILE) \
	MOVQ args+0(FP), BX           \
	OUTER_ARGS                    \
	MASKS                         \
	TILE(OUTER_LOAD_Z)            \
pixel:                            \
	MOVLQSX   (R8), AX            \
	MOVLQSX   (R9), DX            \
	VMOVUPS.Z (DI)(DX*4), K1, Z24 \
	VMOVUPS.Z 64(DI)(DX*4), K2, Z25 \
	TILE(OUTER_FMA_Z)             \
	ADDQ      $4, R8              \
	ADDQ      $4, R9              \
	DECQ      R10                 \
	JNE       pixel               \
	MOVQ      outerArgs_c(BX), R11 \
	TILE(OUTER_STORE_Z)           \
	VZEROUPPER                    \
	RET

// func outer8x32AVX512(args *outerArgs)
TEXT ·outer8x32AVX512(SB), NOSPLIT, $0-8
	OUTER_Z(TILE8Z)

// func outer12x32AVX512(args *outerArgs)
TEXT ·outer12x32AVX512(SB), NOSPLIT, $0-8
	OUTER_Z(TILE12Z)

// func outer4x32AVX512(args *outerArgs)
TEXT ·outer4x32AVX512(SB), NOSPLIT, $0-8
	OUTER_Z(TILE4Z)

// func outer1x32AVX512(args *outerArgs)
TEXT ·outer1x32AVX512(SB), NOSPLIT, $0-8
	OUTER_Z(TILE1Z)

#define PEAK_Z(i, row, x, y) \
	VFMADD231PS Z24, Z25, x \
	VFMADD231PS Z24, Z25, y

#define ZERO_Z(i, row, x, y) \
	VPXORD x, x, x \
	VPXORD y, y, y

// func peakAVX512(n int)
TEXT ·peakAVX512(SB), NOSPLIT, $0-8
	MOVQ   n+0(FP), CX
	VPXORD Z24, Z24, Z24
	VPXORD Z25, Z25, Z25
	TILE12Z(ZERO_Z)

loop:
	TILE12Z(PEAK_Z)
	DECQ CX
	JNE  loop
	VZEROUPPER
	RET

// AVX2. Masks for the columns that exist are needed only to load and store C,
// so that they can use the registers of B's row, Y12 and Y13, and the rest of
// the registers are as above.

#define TILE6Y(OP) \
	OP(0, AX, Y0, Y1)   \
	OP(1, BX, Y2, Y3)   \
	OP(2, CX, Y4, Y5)   \
	OP(3, DX, Y6, Y7)   \
	OP(4, SI, Y8, Y9)   \
	OP(5, DI, Y10, Y11)

#define TILE4Y(OP) \
	OP(0, AX, Y0, Y1) \
	OP(1, BX, Y2, Y3) \
	OP(2, CX, Y4, Y5) \
	OP(3, DX, Y6, Y7)

#define TILE1Y(OP) \
	OP(0, AX, Y0, Y1)

DATA lanes<>+0(SB)/8, $0x0000000100000000
DATA lanes<>+8(SB)/8, $0x0000000300000002
DATA lanes<>+16(SB)/8, $0x0000000500000004
DATA lanes<>+24(SB)/8, $0x0000000700000006
DATA lanes<>+32(SB)/8, $0x0000000900000008
DATA lanes<>+40(SB)/8, $0x0000000b0000000a
DATA lanes<>+48(SB)/8, $0x0000000d0000000c
DATA lanes<>+56(SB)/8, $0x0000000f0000000e
GLOBL lanes<>(SB), RODATA|NOPTR, $64

// MASKS_Y sets x and y to the columns that exist, n being their number.
#define MASKS_Y(n, x, y) \
	VPBROADCASTD n, y                  \
	VPCMPGTD     lanes<>+0(SB), y, x   \
	VPCMPGTD     lanes<>+32(SB), y, y

#define BIAS_Y(i, row, x, y) \
	VMOVAPS Y14, x \
	VMOVAPS Y15, y

#define LOAD_Y(i, row, x, y) \
	MOVLQSX    (4*i)(R15), AX        \
	VMASKMOVPS (R14)(AX*4), Y12, x   \
	VMASKMOVPS 32(R14)(AX*4), Y13, y

#define FMA_Y(i, row, x, y) \
	VBROADCASTSS (row)(R15*1), Y14 \
	VFMADD231PS  Y12, Y14, x       \
	VFMADD231PS  Y13, Y14, y

#define FLOOR_Y(i, row, x, y) \
	VMAXPS x, Y14, x \
	VMAXPS y, Y14, y

#define STORE_Y(i, row, x, y) \
	MOVLQSX (4*i)(R15), AX     \
	VMOVUPS x, (R14)(AX*4)     \
	VMOVUPS y, 32(R14)(AX*4)

#define STORE_MASKED_Y(i, row, x, y) \
	MOVLQSX    (4*i)(R15), AX        \
	VMASKMOVPS x, Y12, (R14)(AX*4)   \
	VMASKMOVPS y, Y13, 32(R14)(AX*4)

#define GEMM_Y(TILE, rows) \
tile:                             \
	MOVQ args+0(FP), BX           \
	MASKS_Y(gemmArgs_n(BX), Y12, Y13) \
	CMPQ gemmArgs_accumulate(BX), $0 \
	JEQ  fresh                    \
	MOVQ gemmArgs_cOff(BX), R15   \
	MOVQ gemmArgs_c(BX), R14      \
	TILE(LOAD_Y)                  \
	JMP  sum                      \
fresh:                            \
	VPXOR Y14, Y14, Y14           \
	VPXOR Y15, Y15, Y15           \
	MOVQ  gemmArgs_bias(BX), AX   \
	TESTQ AX, AX                  \
	JEQ   start                   \
	VMASKMOVPS (AX), Y12, Y14     \
	VMASKMOVPS 32(AX), Y13, Y15   \
start:                            \
	TILE(BIAS_Y)                  \
sum:                              \
	MOVQ args+0(FP), R14          \
	MOVQ gemmArgs_taps(R14), R15  \
	MOVQ R15, tap-8(SP)           \
	MOVQ gemmArgs_nTaps(R14), R15 \
	MOVQ R15, left-16(SP)         \
	MOVQ gemmArgs_k(R14), R15     \
	SHLQ $2, R15                  \
	MOVQ R15, run-24(SP)          \
	MOVQ gemmArgs_b(R14), BP      \
	MOVQ gemmArgs_aOff(R14), R15  \
	MOVQ gemmArgs_a(R14), R14     \
	TILE(ADDRESS)                 \
	MOVQ BP, R14                  \
nextTap:                          \
	MOVQ    tap-8(SP), R15        \
	ADDQ    $4, tap-8(SP)         \
	MOVLQSX (R15), R15            \
	SHLQ    $2, R15               \
	MOVQ    R15, BP               \
	ADDQ    run-24(SP), BP        \
nextK:                            \
	VMOVUPS (R14), Y12            \
	VMOVUPS 32(R14), Y13          \
	TILE(FMA_Y)                   \
	ADDQ    $64, R14              \
	ADDQ    $4, R15               \
	CMPQ    R15, BP               \
	JNE     nextK                 \
	DECQ    left-16(SP)           \
	JNE     nextTap               \
	MOVQ args+0(FP), BX           \
	MOVQ gemmArgs_cOff(BX), R15   \
	MOVQ gemmArgs_c(BX), R14      \
	VBROADCASTSS gemmArgs_floor(BX), Y14 \
	TILE(FLOOR_Y)                 \
	CMPQ gemmArgs_n(BX), $16      \
	JNE  narrow                   \
	TILE(STORE_Y)                 \
	JMP  next                     \
narrow:                           \
	MASKS_Y(gemmArgs_n(BX), Y12, Y13) \
	TILE(STORE_MASKED_Y)          \
next:                             \
	MOVQ args+0(FP), BX           \
	ADDQ $(4*rows), gemmArgs_aOff(BX) \
	ADDQ $(4*rows), gemmArgs_cOff(BX) \
	DECQ gemmArgs_tiles(BX)       \
	JNE  tile                     \
	VZEROUPPER                    \
	RET

// func gemm6x16AVX2(args *gemmArgs)
TEXT ·gemm6x16AVX2(SB), NOSPLIT, $24-8
	GEMM_Y(TILE6Y, 6)

// func gemm4x16AVX2(args *gemmArgs)
TEXT ·gemm4x16AVX2(SB), NOSPLIT, $24-8
	GEMM_Y(TILE4Y, 4)

#define OUTER_LOAD_Y(i, row, x, y) \
	VMOVUPS (R11), x   \
	VMOVUPS 32(R11), y \
	ADDQ    R12, R11

#define OUTER_FMA_Y(i, row, x, y) \
	VBROADCASTSS (4*i)(SI)(AX*4), Y14 \
	VFMADD231PS  Y12, Y14, x          \
	VFMADD231PS  Y13, Y14, y

#define OUTER_STORE_Y(i, row, x, y) \
	VMOVUPS x, (R11)   \
	VMOVUPS y, 32(R11) \
	ADDQ    R12, R11

#define OUTER_Y(TILE) \
	MOVQ args+0(FP), BX           \
	OUTER_ARGS                    \
	TILE(OUTER_LOAD_Y)            \
pixel:                            \
	MOVLQSX   (R8), AX            \
	MOVLQSX   (R9), DX            \
	VMOVUPS (DI)(DX*4), Y12 \
	VMOVUPS 32(DI)(DX*4), Y13 \
	TILE(OUTER_FMA_Y)             \
	ADDQ      $4, R8              \
	ADDQ      $4, R9              \
	DECQ      R10                 \
	JNE       pixel               \
	MOVQ      outerArgs_c(BX), R11 \
	TILE(OUTER_STORE_Y)           \
	VZEROUPPER                    \
	RET

// func outer6x16AVX2(args *outerArgs)
TEXT ·outer6x16AVX2(SB), NOSPLIT, $0-8
	OUTER_Y(TILE6Y)

#define OUTER_LOAD_MASKED_Y(i, row, x, y) \
	VMASKMOVPS (R11), Y10, x   \
	VMASKMOVPS 32(R11), Y11, y \
	ADDQ       R12, R11

#define OUTER_STORE_MASKED_Y(i, row, x, y) \
	VMASKMOVPS x, Y10, (R11)   \
	VMASKMOVPS y, Y11, 32(R11) \
	ADDQ       R12, R11

#define OUTER_MASKED_Y(TILE) \
	MOVQ args+0(FP), BX           \
	OUTER_ARGS                    \
	MASKS_Y(outerArgs_n(BX), Y10, Y11) \
	TILE(OUTER_LOAD_MASKED_Y)     \
pixel:                            \
	MOVLQSX    (R8), AX           \
	MOVLQSX    (R9), DX           \
	VMASKMOVPS (DI)(DX*4), Y10, Y12 \
	VMASKMOVPS 32(DI)(DX*4), Y11, Y13 \
	TILE(OUTER_FMA_Y)             \
	ADDQ      $4, R8              \
	ADDQ      $4, R9              \
	DECQ      R10                 \
	JNE       pixel               \
	MOVQ      outerArgs_c(BX), R11 \
	CMPQ      CX, $16             \
	JNE       narrow              \
	TILE(OUTER_STORE_Y)           \
	VZEROUPPER                    \
	RET                           \
narrow:                           \
	TILE(OUTER_STORE_MASKED_Y)    \
	VZEROUPPER                    \
	RET

// func outer4x16AVX2(args *outerArgs)
TEXT ·outer4x16AVX2(SB), NOSPLIT, $0-8
	OUTER_MASKED_Y(TILE4Y)

// func outer1x16AVX2(args *outerArgs)
TEXT ·outer1x16AVX2(SB), NOSPLIT, $0-8
	OUTER_MASKED_Y(TILE1Y)

#define PEAK_Y(i, row, x, y) \
	VFMADD231PS Y12, Y13, x \
	VFMADD231PS Y12, Y13, y

#define ZERO_Y(i, row, x, y) \
	VPXOR x, x, x \
	VPXOR y, y, y

// func peakAVX2(n int)
TEXT ·peakAVX2(SB), NOSPLIT, $0-8
	MOVQ   n+0(FP), CX
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	TILE6Y(ZERO_Y)

loop:
	TILE6Y(PEAK_Y)
	DECQ CX
	JNE  loop
	VZEROUPPER
	RET

// Element-wise functions, for both.

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
