// Vector instructions that Go's assembler lacks. Registers are given by number, in Go's order:
// sources first. The comment above a macro is what a disassembler makes of it, and TestMacros holds
// it to that.

// {vex} vpdpbusd %ymm{m}, %ymm{n}, %ymm{d}
#define VPDPBUSD_VEX(m, n, d) BYTE $0xC4; BYTE $(0xE2 - ((d)&8)<<4 - ((m)&8)<<2); BYTE $(0x7D - (n)<<3); BYTE $0x50; BYTE $(0xC0 + ((d)&7)<<3 + ((m)&7))
