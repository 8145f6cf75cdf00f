//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Instructions that the assembler lacks, in the order of its operands: the
// destination last. Registers are given by number. A test checks the encodings.

// FMLA Vd.4S, Vn.4S, Vm.S[lane]
#define FMLALANE(lane, m, n, d) WORD $(0x4F801000 | ((lane)&1)<<21 | (m)<<16 | ((lane)>>1)<<11 | (n)<<5 | (d))

// FADD, FSUB, FMUL, FDIV Vd.4S, Vn.4S, Vm.4S; FSQRT Vd.4S, Vn.4S
#define FADD4S(m, n, d) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))
#define FSUB4S(m, n, d) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define FMUL4S(m, n, d) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))
#define FDIV4S(m, n, d) WORD $(0x6E20FC00 | (m)<<16 | (n)<<5 | (d))
#define FSQRT4S(n, d) WORD $(0x6EA1F800 | (n)<<5 | (d))

// FCMGT Vd.4S, Vn.4S, Vm.4S; FCMLE Vd.4S, Vn.4S, #0.0
#define FCMGT4S(m, n, d) WORD $(0x6EA0E400 | (m)<<16 | (n)<<5 | (d))
#define FCMLEZERO4S(n, d) WORD $(0x6EA0D800 | (n)<<5 | (d))

// CMGT Vd.4S, Vn.4S, #0; SMAX Vd.4S, Vn.4S, Vm.4S; SCVTF Vd.4S, Vn.4S
#define CMGTZERO4S(n, d) WORD $(0x4EA08800 | (n)<<5 | (d))
#define SMAX4S(m, n, d) WORD $(0x4EA06400 | (m)<<16 | (n)<<5 | (d))
#define SCVTF4S(n, d) WORD $(0x4E21D800 | (n)<<5 | (d))

// The microkernels are macros over a tile, which is a list of rows. Of row i,
// OP gets the general register of its address in A, its two accumulators x and
// y, which are V(2i) and V(2i+1), and the vector a of its A, which is V(16+i).

#define ROWS1(OP) \
	OP(0, R0, V0, V1, V16)

#define ROWS4(OP) \
	ROWS1(OP)              \
	OP(1, R1, V2, V3, V17) \
	OP(2, R2, V4, V5, V18) \
	OP(3, R3, V6, V7, V19)

#define ROWS8(OP) \
	ROWS4(OP)                \
	OP(4, R4, V8, V9, V20)   \
	OP(5, R5, V10, V11, V21) \
	OP(6, R6, V12, V13, V22) \
	OP(7, R7, V14, V15, V23)

// GEMM

#define BIAS(i, row, x, y, a) \
	VMOV V24.B16, x.B16 \
	VMOV V25.B16, y.B16

#define LOAD(i, row, x, y, a) \
	MOVW (4*i)(R15), R17        \
	ADD  R17<<2, R21, R17       \
	VLD1 (R17), [x.S4, y.S4]

#define ADDRESS(i, row, x, y, a) \
	MOVW (4*i)(R14), row  \
	ADD  row<<2, R20, row

#define MOVE(i, row, x, y, a) \
	ADD R19<<2, row, row

// LOAD4 loads four of A's row; STEP0 to STEP3 multiply each by its row of B.
#define LOAD4(i, row, x, y, a) \
	VLD1.P 16(row), [a.S4]

#define STEP0(i, row, x, y, a) \
	FMLALANE(0, 16+i, 24, 2*i)   \
	FMLALANE(0, 16+i, 25, 2*i+1)

#define STEP1(i, row, x, y, a) \
	FMLALANE(1, 16+i, 26, 2*i)   \
	FMLALANE(1, 16+i, 27, 2*i+1)

#define STEP2(i, row, x, y, a) \
	FMLALANE(2, 16+i, 28, 2*i)   \
	FMLALANE(2, 16+i, 29, 2*i+1)

#define STEP3(i, row, x, y, a) \
	FMLALANE(3, 16+i, 30, 2*i)   \
	FMLALANE(3, 16+i, 31, 2*i+1)

#define STEP(i, row, x, y, a) \
	VLD1R.P 4(row), [a.S4]       \
	VFMLA   V24.S4, a.S4, x.S4   \
	VFMLA   V25.S4, a.S4, y.S4

// A comparison instead of FMAX gives a zero the sign that it has on amd64.
#define STORE(i, row, x, y, a) \
	FCMGT4S(2*i, 24, 25)             \
	FCMGT4S(2*i+1, 24, 26)           \
	VBIT V25.B16, V24.B16, x.B16     \
	VBIT V26.B16, V24.B16, y.B16     \
	MOVW (4*i)(R15), R17             \
	ADD  R17<<2, R21, R17            \
	VST1 [x.S4, y.S4], (R17)

// R9 walks the panel of B. R10 walks the taps and R11 counts them down; R22 is
// how far the rows' addresses have come, in floats.
#define GEMM(ROWS, rows) \
	MOVD args+0(FP), R8                   \
	MOVD gemmArgs_k(R8), R12              \
	MOVD gemmArgs_aOff(R8), R14           \
	MOVD gemmArgs_cOff(R8), R15           \
	MOVD gemmArgs_tiles(R8), R16          \
	MOVD gemmArgs_a(R8), R20              \
	MOVD gemmArgs_c(R8), R21              \
tile:                                     \
	MOVD gemmArgs_accumulate(R8), R17     \
	CBNZ R17, load                        \
	MOVD gemmArgs_bias(R8), R17           \
	VLD1 (R17), [V24.S4, V25.S4]          \
	ROWS(BIAS)                            \
	B    address                          \
load:                                     \
	ROWS(LOAD)                            \
address:                                  \
	ROWS(ADDRESS)                         \
	MOVD $0, R22                          \
	MOVD gemmArgs_b(R8), R9               \
	MOVD gemmArgs_taps(R8), R10           \
	MOVD gemmArgs_nTaps(R8), R11          \
nextTap:                                  \
	MOVW.P 4(R10), R17                    \
	SUB    R22, R17, R19                  \
	ADD    R12, R17, R22                  \
	ROWS(MOVE)                            \
	LSR    $2, R12, R13                   \
	CBZ    R13, rest                      \
nextK4:                                   \
	VLD1.P 64(R9), [V24.S4, V25.S4, V26.S4, V27.S4] \
	ROWS(LOAD4)                           \
	VLD1.P 64(R9), [V28.S4, V29.S4, V30.S4, V31.S4] \
	ROWS(STEP0)                           \
	ROWS(STEP1)                           \
	ROWS(STEP2)                           \
	ROWS(STEP3)                           \
	SUBS   $1, R13                        \
	BNE    nextK4                         \
rest:                                     \
	ANDS   $3, R12, R13                   \
	BEQ    done                           \
nextK:                                    \
	VLD1.P 32(R9), [V24.S4, V25.S4]       \
	ROWS(STEP)                            \
	SUBS   $1, R13                        \
	BNE    nextK                          \
done:                                     \
	SUBS   $1, R11                        \
	BNE    nextTap                        \
	FMOVS  gemmArgs_floor(R8), F24        \
	VDUP   V24.S[0], V24.S4               \
	ROWS(STORE)                           \
	ADD    $(4*rows), R14                 \
	ADD    $(4*rows), R15                 \
	SUBS   $1, R16                        \
	BNE    tile                           \
	RET

// func gemm8x8NEON(args *gemmArgs)
TEXT ·gemm8x8NEON(SB), NOSPLIT, $0-8
	GEMM(ROWS8, 8)

// func gemm4x8NEON(args *gemmArgs)
TEXT ·gemm4x8NEON(SB), NOSPLIT, $0-8
	GEMM(ROWS4, 4)

// OUTER. R11 walks the rows of C, R12 bytes apart.

#define OUTER_LOAD(i, row, x, y, a) \
	VLD1 (R11), [x.S4, y.S4] \
	ADD  R12, R11

#define OUTER_STEP(i, row, x, y, a) \
	FMLALANE((i)&3, 16+((i)>>2), 24, 2*i)   \
	FMLALANE((i)&3, 16+((i)>>2), 25, 2*i+1)

#define OUTER_STORE(i, row, x, y, a) \
	VST1 [x.S4, y.S4], (R11) \
	ADD  R12, R11

#define A8 VLD1 (R0), [V16.S4, V17.S4]
#define A4 VLD1 (R0), [V16.S4]
#define A1 FMOVS (R0), F16

// In the loop over pixels, R0 and R1 are a pixel's rows of A and D, and R4 counts down. R2 and R3
// are where the tile begins in C and A, and R5 counts tiles down. A is what loads A.
#define OUTER(ROWS, rows, A) \
	MOVD args+0(FP), R8          \
	MOVD outerArgs_c(R8), R2     \
	MOVD outerArgs_a(R8), R3     \
	MOVD outerArgs_tiles(R8), R5 \
	MOVD outerArgs_ldc(R8), R12  \
	LSL  $2, R12                 \
tile:                            \
	MOVD R2, R11                 \
	ROWS(OUTER_LOAD)             \
	MOVD R3, R0                  \
	MOVD outerArgs_d(R8), R1     \
	MOVD outerArgs_p(R8), R4     \
pixel:                           \
	A                            \
	VLD1.P 32(R1), [V24.S4, V25.S4] \
	ADD  $(4*const_stripRows), R0 \
	ROWS(OUTER_STEP)             \
	SUBS $1, R4                  \
	BNE  pixel                   \
	MOVD R2, R11                 \
	ROWS(OUTER_STORE)            \
	MOVD R11, R2                 \
	ADD  $(4*rows), R3           \
	SUBS $1, R5                  \
	BNE  tile                    \
	RET

// func outer8x8NEON(args *outerArgs)
TEXT ·outer8x8NEON(SB), NOSPLIT, $0-8
	OUTER(ROWS8, 8, A8)

// func outer4x8NEON(args *outerArgs)
TEXT ·outer4x8NEON(SB), NOSPLIT, $0-8
	OUTER(ROWS4, 4, A4)

// func outer1x8NEON(args *outerArgs)
TEXT ·outer1x8NEON(SB), NOSPLIT, $0-8
	OUTER(ROWS1, 1, A1)

// GATHER copies columns of every row as long as so many are left. COPY copies a row's from R7 to
// R9.
#define GATHER(floats, COPY, loop, row, end) \
loop:                            \
	CMP  $floats, R6             \
	BLT  end                     \
	MOVD R0, R9                  \
	MOVD R4, R10                 \
	MOVD R5, R11                 \
row:                             \
	MOVW.P 4(R10), R7            \
	ADD  R7<<2, R2, R7           \
	COPY                         \
	ADD  R1, R9                  \
	SUBS $1, R11                 \
	BNE  row                     \
	ADD  $(4*floats), R0         \
	ADD  $(4*floats), R2         \
	SUB  $floats, R6             \
	B    loop                    \
end:

#define COPY1 \
	FMOVS (R7), F0 \
	FMOVS F0, (R9)

#define COPY3 \
	COPY1           \
	FMOVD 4(R7), F1 \
	FMOVD F1, 4(R9)

#define COPY4 \
	VLD1 (R7), [V0.S4] \
	VST1 [V0.S4], (R9)

#define COPY8 \
	VLD1 (R7), [V0.S4, V1.S4] \
	VST1 [V0.S4, V1.S4], (R9)

#define COPY12 \
	VLD1 (R7), [V0.S4, V1.S4, V2.S4] \
	VST1 [V0.S4, V1.S4, V2.S4], (R9)

#define COPY16 \
	VLD1 (R7), [V0.S4, V1.S4, V2.S4, V3.S4] \
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R9)

// func gatherVector(dst *float32, step int, src *float32, shift int, off *int32, n, width int)
TEXT ·gatherVector(SB), NOSPLIT, $0-56
	MOVD dst+0(FP), R0
	MOVD step+8(FP), R1
	LSL  $2, R1
	MOVD src+16(FP), R2
	MOVD shift+24(FP), R3
	ADD  R3<<2, R2
	MOVD off+32(FP), R4
	MOVD n+40(FP), R5
	MOVD width+48(FP), R6
	GATHER(16, COPY16, loop16, row16, end16)
	GATHER(12, COPY12, loop12, row12, end12)
	GATHER(8, COPY8, loop8, row8, end8)
	GATHER(4, COPY4, loop4, row4, end4)
	GATHER(3, COPY3, loop3, row3, end3)
	GATHER(1, COPY1, loop1, row1, end1)
	RET

// PEAK multiplies zeros as fast as it can.

#define PEAK_ZERO(i, row, x, y, a) \
	VEOR x.B16, x.B16, x.B16 \
	VEOR y.B16, y.B16, y.B16

#define PEAK_STEP(i, row, x, y, a) \
	VFMLA V24.S4, V25.S4, x.S4 \
	VFMLA V24.S4, V25.S4, y.S4

// func peakNEON(n int)
TEXT ·peakNEON(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0
	VEOR V24.B16, V24.B16, V24.B16
	VEOR V25.B16, V25.B16, V25.B16
	ROWS8(PEAK_ZERO)

loop:
	ROWS8(PEAK_STEP)
	SUBS $1, R0
	BNE  loop
	RET

// The element-wise functions.

// func reluBackwardVector(dx, y *float32, n int)
TEXT ·reluBackwardVector(SB), NOSPLIT, $0-24
	MOVD dx+0(FP), R0
	MOVD y+8(FP), R1
	MOVD n+16(FP), R2
	VEOR V4.B16, V4.B16, V4.B16

loop:
	VLD1   (R0), [V0.S4, V1.S4]
	VLD1.P 32(R1), [V2.S4, V3.S4]
	FCMLEZERO4S(2, 2)
	FCMLEZERO4S(3, 3)
	VBIT   V2.B16, V4.B16, V0.B16
	VBIT   V3.B16, V4.B16, V1.B16
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $8, R2
	BNE    loop
	RET

// func noiseVector(x *float32, random *int32, scale, peak *float32, channels, pixels int)
TEXT ·noiseVector(SB), NOSPLIT, $0-48
	MOVD x+0(FP), R0
	MOVD random+8(FP), R1
	MOVD scale+16(FP), R2
	MOVD peak+24(FP), R3
	MOVD channels+32(FP), R4
	MOVD pixels+40(FP), R5
	MOVW $const_leastNoisy, R6
	VDUP R6, V6.S4

pixel:
	MOVD R2, R7
	MOVD R3, R8
	MOVD R4, R9

loop:
	VLD1   (R0), [V0.S4]
	VLD1   (R8), [V1.S4]
	FCMGT4S(1, 0, 2)
	VBIT   V2.B16, V0.B16, V1.B16 // x where it is above the peak
	VST1.P [V1.S4], 16(R8)
	CMGTZERO4S(0, 2)
	VLD1.P 16(R1), [V1.S4]
	VAND   V2.B16, V1.B16, V1.B16
	SCVTF4S(1, 1)
	VLD1.P 16(R7), [V3.S4]
	FMUL4S(3, 1, 1)
	FADD4S(1, 0, 1)
	VAND   V6.B16, V2.B16, V2.B16
	SMAX4S(2, 1, 1)
	FSUB4S(0, 0, 0) // NaN if x is not finite
	FADD4S(0, 1, 1)
	VST1.P [V1.S4], 16(R0)
	SUBS   $4, R9
	BNE    loop
	SUBS   $1, R5
	BNE    pixel
	RET

// func addVector(dst, src *float32, n int)
TEXT ·addVector(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

loop:
	VLD1   (R0), [V0.S4, V1.S4]
	VLD1.P 32(R1), [V2.S4, V3.S4]
	FADD4S(2, 0, 0)
	FADD4S(3, 1, 1)
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $8, R2
	BNE    loop
	RET

// func adamVector(w, dw, m, v *float32, n int, lr, beta1, c1, beta2, c2, eps float32)
TEXT ·adamVector(SB), NOSPLIT, $0-64
	MOVD  w+0(FP), R0
	MOVD  dw+8(FP), R1
	MOVD  m+16(FP), R2
	MOVD  v+24(FP), R3
	MOVD  n+32(FP), R4
	FMOVS lr+40(FP), F24
	VDUP  V24.S[0], V24.S4
	FMOVS beta1+44(FP), F25
	VDUP  V25.S[0], V25.S4
	FMOVS c1+48(FP), F26
	VDUP  V26.S[0], V26.S4
	FMOVS beta2+52(FP), F27
	VDUP  V27.S[0], V27.S4
	FMOVS c2+56(FP), F28
	VDUP  V28.S[0], V28.S4
	FMOVS eps+60(FP), F29
	VDUP  V29.S[0], V29.S4

loop:
	VLD1.P 16(R1), [V0.S4]
	VLD1   (R2), [V1.S4]
	VLD1   (R3), [V2.S4]
	FMUL4S(25, 1, 1)
	FMUL4S(26, 0, 3)
	FADD4S(3, 1, 1)
	VST1.P [V1.S4], 16(R2)
	FMUL4S(0, 0, 0)
	FMUL4S(28, 0, 0)
	FMUL4S(27, 2, 2)
	FADD4S(0, 2, 2)
	VST1.P [V2.S4], 16(R3)
	FSQRT4S(2, 2)
	FADD4S(29, 2, 2)
	FMUL4S(24, 1, 1)
	FDIV4S(2, 1, 1)
	VLD1   (R0), [V0.S4]
	FSUB4S(1, 0, 0)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R4
	BNE    loop
	RET

// func rmspropVector(w, dw, v *float32, n int, lr, rho, c, eps float32)
TEXT ·rmspropVector(SB), NOSPLIT, $0-48
	MOVD  w+0(FP), R0
	MOVD  dw+8(FP), R1
	MOVD  v+16(FP), R3
	MOVD  n+24(FP), R4
	FMOVS lr+32(FP), F24
	VDUP  V24.S[0], V24.S4
	FMOVS rho+36(FP), F25
	VDUP  V25.S[0], V25.S4
	FMOVS c+40(FP), F26
	VDUP  V26.S[0], V26.S4
	FMOVS eps+44(FP), F27
	VDUP  V27.S[0], V27.S4

loop:
	VLD1.P 16(R1), [V0.S4]
	VLD1   (R3), [V2.S4]
	FMUL4S(0, 0, 1)
	FMUL4S(26, 1, 1)
	FMUL4S(25, 2, 2)
	FADD4S(1, 2, 2)
	VST1.P [V2.S4], 16(R3)
	FADD4S(27, 2, 2)
	FSQRT4S(2, 2)
	FMUL4S(24, 0, 0)
	FDIV4S(2, 0, 0)
	VLD1   (R0), [V1.S4]
	FSUB4S(0, 1, 1)
	VST1.P [V1.S4], 16(R0)
	SUBS   $4, R4
	BNE    loop
	RET
