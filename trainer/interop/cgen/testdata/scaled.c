/* Holds scaled, the requantization of integers, to the specification.
 *
 * Without arguments it reads cases from the standard input, an accumulator, the bits of a scale and
 * the result clamped to int16, each of four bytes. With the bits of scales as arguments it takes
 * every accumulator from 0 on, and computes the specification in float32 itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vae_decoder.c"

static int32_t specified(int32_t acc, float scale)
{
	volatile float a = (float)acc;
	volatile float product = a * scale;
	return (int32_t)nearbyintf(product);
}

static int every(uint32_t bits)
{
	float scale;
	memcpy(&scale, &bits, sizeof scale);
	int64_t most = INT32_MAX;
	if ((double)most * scale >= 1 << 30) /* further, no accumulator of a model goes */
		most = (int64_t)((1 << 30) / (double)scale) - 1;
	for (int64_t acc = 0; acc <= most; acc++) { /* of those below, one in 1,021 */
		int32_t got = scaled((int32_t)acc, bits), want = specified((int32_t)acc, scale);
		if (got != want || (acc % 1021 == 0 && scaled((int32_t)-acc, bits) != -want)) {
			printf("%ld times %a is %ld, want %ld\n", (long)acc, scale, (long)got, (long)want);
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct {
		int32_t acc;
		uint32_t scale;
		int32_t want;
	} c;
	long n = 0;
	for (int i = 1; i < argc; i++)
		if (every((uint32_t)strtoul(argv[i], 0, 0)))
			return 1;
	if (argc > 1)
		return 0;
	for (; fread(&c, sizeof c, 1, stdin) == 1; n++) {
		int32_t got = scaled(c.acc, c.scale);
		got = got > INT16_MAX ? INT16_MAX : got < INT16_MIN ? INT16_MIN : got;
		if (got != c.want) {
			printf("%ld times the scale %#lx is %ld, want %ld\n", (long)c.acc, (unsigned long)c.scale, (long)got, (long)c.want);
			return 1;
		}
	}
	printf("%ld cases\n", n);
	(void)vae_decode;
	return 0;
}
