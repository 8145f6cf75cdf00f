// Instructions that Go's assembler lacks. Registers are given by number, in Go's order: sources
// first. The comment above a macro is what a disassembler makes of it, and TestMacros holds it to
// that.

// ARMv6

// smlad r{d}, r{n}, r{m}, r{a}
#define SMLAD(n, m, a, d) WORD $(0xE7000010 | (d)<<16 | (a)<<12 | (m)<<8 | (n))

// smlabb r{d}, r{n}, r{m}, r{a}
#define SMLABB(n, m, a, d) WORD $(0xE1000080 | (d)<<16 | (a)<<12 | (m)<<8 | (n))

// smlabt r{d}, r{n}, r{m}, r{a}
#define SMLABT(n, m, a, d) WORD $(0xE10000C0 | (d)<<16 | (a)<<12 | (m)<<8 | (n))

// smlatb r{d}, r{n}, r{m}, r{a}
#define SMLATB(n, m, a, d) WORD $(0xE10000A0 | (d)<<16 | (a)<<12 | (m)<<8 | (n))

// smlatt r{d}, r{n}, r{m}, r{a}
#define SMLATT(n, m, a, d) WORD $(0xE10000E0 | (d)<<16 | (a)<<12 | (m)<<8 | (n))

// uxtb16 r{d}, r{m}
#define UXTB16(m, d) WORD $(0xE6CF0070 | (d)<<12 | (m))

// uxtb16 r{d}, r{m}, ror #8
#define UXTB16_ROR8(m, d) WORD $(0xE6CF0470 | (d)<<12 | (m))

// sxtb16 r{d}, r{m}
#define SXTB16(m, d) WORD $(0xE68F0070 | (d)<<12 | (m))

// sxtb16 r{d}, r{m}, ror #8
#define SXTB16_ROR8(m, d) WORD $(0xE68F0470 | (d)<<12 | (m))

// usat r{d}, #7, r{n}
#define USAT7(n, d) WORD $(0xE6E70010 | (d)<<12 | (n))

// usat r{d}, #12, r{n}
#define USAT12(n, d) WORD $(0xE6EC0010 | (d)<<12 | (n))

// vcvtr.s32.f32 s{d}, s{m}
#define VCVTR(m, d) WORD $(0xEEBD0A40 | ((d)&1)<<22 | (((d)>>1)<<12) | ((m)&1)<<5 | (m)>>1)

// NEON

// vld1.8 {d{d}, d{d+1}}, [r{n}]
#define VLD1_16B(n, d) WORD $(0xF4200A0F | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vld1.8 {d{d}, d{d+1}}, [r{n}]!
#define VLD1_16B_P(n, d) WORD $(0xF4200A0D | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vld1.8 {d{d}, d{d+1}, d{d+2}, d{d+3}}, [r{n}]!
#define VLD1_32B_P(n, d) WORD $(0xF420020D | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vld1.16 {d{d}[]}, [r{n}]!
#define VLD1R_4H_P(n, d) WORD $(0xF4A00C4D | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vld1.32 {d{d}[], d{d+1}[]}, [r{n}]
#define VLD1R_4S(n, d) WORD $(0xF4A00CAF | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vst1.8 {d{d}, d{d+1}}, [r{n}]
#define VST1_16B(n, d) WORD $(0xF4000A0F | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vst1.8 {d{d}, d{d+1}}, [r{n}]!
#define VST1_16B_P(n, d) WORD $(0xF4000A0D | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vst1.32 {d{d}[{j}]}, [r{n}]
#define VST1_S(j, n, d) WORD $(0xF480080F | (j)<<7 | (n)<<16 | (((d)>>4)<<22) | ((d)&15)<<12)

// vdup.8 d{d}, r{n}
#define VDUP_8B(n, d) WORD $(0xEEC00B10 | (n)<<12 | (((d)>>4)<<7) | ((d)&15)<<16)

// vdup.32 q{d}, r{n}
#define VDUP_4S(n, d) WORD $(0xEEA00B10 | (n)<<12 | (((d)>>3)<<7) | ((d)&7)<<17)

// vmov.s16 r{d}, d{n}[{i}]
#define VMOV_H(i, n, d) WORD $(0xEE100B30 | (((i)>>1)<<21) | ((i)&1)<<6 | (((n)>>4)<<7) | ((n)&15)<<16 | (d)<<12)

// vmull.s8 q{d}, d{n}, d{m}
#define VMULL_8H(m, n, d) WORD $(0xF2800C00 | (((n)>>4)<<7) | ((n)&15)<<16 | (((m)>>4)<<5) | ((m)&15) | (((d)>>3)<<22) | ((d)&7)<<13)

// vmlal.s8 q{d}, d{n}, d{m}
#define VMLAL_8H(m, n, d) WORD $(0xF2800800 | (((n)>>4)<<7) | ((n)&15)<<16 | (((m)>>4)<<5) | ((m)&15) | (((d)>>3)<<22) | ((d)&7)<<13)

// vmlal.s16 q{d}, d{n}, d{m}
#define VMLAL_4S(m, n, d) WORD $(0xF2900800 | (((n)>>4)<<7) | ((n)&15)<<16 | (((m)>>4)<<5) | ((m)&15) | (((d)>>3)<<22) | ((d)&7)<<13)

// vpadal.s16 q{d}, q{m}
#define VPADAL_4S(m, d) WORD $(0xF3B40640 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vmovl.s8 q{d}, d{m}
#define VMOVL_8H(m, d) WORD $(0xF2880A10 | (((m)>>4)<<5) | ((m)&15) | (((d)>>3)<<22) | ((d)&7)<<13)

// vadd.i8 d{d}, d{n}, d{m}
#define VADD_8B(m, n, d) WORD $(0xF2000800 | (((n)>>4)<<7) | ((n)&15)<<16 | (((m)>>4)<<5) | ((m)&15) | (((d)>>4)<<22) | ((d)&15)<<12)

// vadd.i32 d{d}, d{n}, d{m}
#define VADD_2S(m, n, d) WORD $(0xF2200800 | (((n)>>4)<<7) | ((n)&15)<<16 | (((m)>>4)<<5) | ((m)&15) | (((d)>>4)<<22) | ((d)&15)<<12)

// vadd.i32 q{d}, q{n}, q{m}
#define VADD_4S(m, n, d) WORD $(0xF2200840 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vpadd.i32 d{d}, d{n}, d{m}
#define VPADD_2S(m, n, d) WORD $(0xF2200B10 | (((n)>>4)<<7) | ((n)&15)<<16 | (((m)>>4)<<5) | ((m)&15) | (((d)>>4)<<22) | ((d)&15)<<12)

// veor q{d}, q{n}, q{m}
#define VEOR_Q(m, n, d) WORD $(0xF3000150 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vcvt.f32.s32 q{d}, q{m}
#define VCVT_4F(m, d) WORD $(0xF3BB0640 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vmul.f32 q{d}, q{n}, q{m}
#define VMUL_4F(m, n, d) WORD $(0xF3000D50 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vmax.f32 q{d}, q{n}, q{m}
#define VMAX_4F(m, n, d) WORD $(0xF2000F40 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vmin.f32 q{d}, q{n}, q{m}
#define VMIN_4F(m, n, d) WORD $(0xF2200F40 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vadd.f32 q{d}, q{n}, q{m}
#define VADD_4F(m, n, d) WORD $(0xF2000D40 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vsub.f32 q{d}, q{n}, q{m}
#define VSUB_4F(m, n, d) WORD $(0xF2200D40 | (((n)>>3)<<7) | ((n)&7)<<17 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vneg.f32 q{d}, q{m}
#define VNEG_4F(m, d) WORD $(0xF3B907C0 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>3)<<22) | ((d)&7)<<13)

// vmovn.i32 d{d}, q{m}
#define VMOVN_4H(m, d) WORD $(0xF3B60200 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>4)<<22) | ((d)&15)<<12)

// vmovn.i16 d{d}, q{m}
#define VMOVN_8B(m, d) WORD $(0xF3B20200 | (((m)>>3)<<5) | ((m)&7)<<1 | (((d)>>4)<<22) | ((d)&15)<<12)
