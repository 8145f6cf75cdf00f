// Vector instructions that Go's assembler lacks. Registers are given by number, in Go's order:
// sources first. The comment above a macro is what a disassembler makes of it, and TestMacros holds
// it to that.

// ldr q{d}, [x{n}, x{m}]
#define LDRQ(m, n, d) WORD $(0x3CE06800 | (m)<<16 | (n)<<5 | (d))

// smull v{d}.8h, v{n}.8b, v{m}.8b
#define SMULL_8H(m, n, d) WORD $(0x0E20C000 | (m)<<16 | (n)<<5 | (d))

// smlal v{d}.8h, v{n}.8b, v{m}.8b
#define SMLAL_8H(m, n, d) WORD $(0x0E208000 | (m)<<16 | (n)<<5 | (d))

// smlal2 v{d}.8h, v{n}.16b, v{m}.16b
#define SMLAL2_8H(m, n, d) WORD $(0x4E208000 | (m)<<16 | (n)<<5 | (d))

// smlal v{d}.4s, v{n}.4h, v{m}.h[{i}]
#define SMLAL_4S_LANE(i, m, n, d) WORD $(0x0F402000 | ((i)&2)<<20 | ((i)&1)<<20 | (m)<<16 | (n)<<5 | (d))

// smlal2 v{d}.4s, v{n}.8h, v{m}.h[{i}]
#define SMLAL2_4S_LANE(i, m, n, d) WORD $(0x4F402000 | ((i)&2)<<20 | ((i)&1)<<20 | (m)<<16 | (n)<<5 | (d))

// sadalp v{d}.4s, v{n}.8h
#define SADALP_4S(n, d) WORD $(0x4E606800 | (n)<<5 | (d))

// sdot v{d}.4s, v{n}.16b, v{m}.16b
#define SDOT_4S(m, n, d) WORD $(0x4E809400 | (m)<<16 | (n)<<5 | (d))

// sdot v{d}.4s, v{n}.16b, v{m}.4b[{i}]
#define SDOT_4S_LANE(i, m, n, d) WORD $(0x4F80E000 | ((i)&1)<<21 | ((i)&2)<<10 | (m)<<16 | (n)<<5 | (d))

// sshll v{d}.8h, v{n}.8b, #0
#define SSHLL_8H(n, d) WORD $(0x0F08A400 | (n)<<5 | (d))

// sshll2 v{d}.8h, v{n}.16b, #0
#define SSHLL2_8H(n, d) WORD $(0x4F08A400 | (n)<<5 | (d))

// scvtf v{d}.4s, v{n}.4s
#define SCVTF_4S(n, d) WORD $(0x4E21D800 | (n)<<5 | (d))

// fmul v{d}.4s, v{n}.4s, v{m}.4s
#define FMUL_4S(m, n, d) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))

// fmax v{d}.4s, v{n}.4s, v{m}.4s
#define FMAX_4S(m, n, d) WORD $(0x4E20F400 | (m)<<16 | (n)<<5 | (d))

// add v{d}.4s, v{n}.4s, v{m}.4s
#define ADD_4S(m, n, d) WORD $(0x4EA08400 | (m)<<16 | (n)<<5 | (d))

// fcvtns v{d}.4s, v{n}.4s
#define FCVTNS_4S(n, d) WORD $(0x4E21A800 | (n)<<5 | (d))

// fcvtnu v{d}.4s, v{n}.4s
#define FCVTNU_4S(n, d) WORD $(0x6E21A800 | (n)<<5 | (d))

// sqxtn v{d}.4h, v{n}.4s
#define SQXTN_4H(n, d) WORD $(0x0E614800 | (n)<<5 | (d))

// sqxtn2 v{d}.8h, v{n}.4s
#define SQXTN2_8H(n, d) WORD $(0x4E614800 | (n)<<5 | (d))

// sqxtn v{d}.8b, v{n}.8h
#define SQXTN_8B(n, d) WORD $(0x0E214800 | (n)<<5 | (d))

// sqxtn2 v{d}.16b, v{n}.8h
#define SQXTN2_16B(n, d) WORD $(0x4E214800 | (n)<<5 | (d))

// smax v{d}.16b, v{n}.16b, v{m}.16b
#define SMAX_16B(m, n, d) WORD $(0x4E206400 | (m)<<16 | (n)<<5 | (d))

// smax v{d}.8h, v{n}.8h, v{m}.8h
#define SMAX_8H(m, n, d) WORD $(0x4E606400 | (m)<<16 | (n)<<5 | (d))

// smin v{d}.8h, v{n}.8h, v{m}.8h
#define SMIN_8H(m, n, d) WORD $(0x4E606C00 | (m)<<16 | (n)<<5 | (d))
