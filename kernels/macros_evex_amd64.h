// The same instructions in the encoding of AVX-512: see evex.go.

// vpdpbusd %ymm{m}, %ymm{n}, %ymm{d}
#define VPDPBUSD_VEX(m, n, d) BYTE $0x62; BYTE $(0xF2 - ((d)&8)<<4 - ((m)&8)<<2); BYTE $(0x7D - (n)<<3); BYTE $0x28; BYTE $0x50; BYTE $(0xC0 + ((d)&7)<<3 + ((m)&7))
