//go:build evex && amd64 && !purego

package kernels

import "github.com/klauspost/cpuid/v2"

// With the tag evex, and EVEX defined for the assembler, the backend avxvnni has its one
// instruction of AVX-VNNI in the encoding of AVX-512, so that processors which know that one alone
// run the very kernels, and prove them: evex in .ci/lib.sh.
func init() {
	avxvnniNeeds = []cpuid.FeatureID{cpuid.AVX512VL, cpuid.AVX512VNNI}
}
