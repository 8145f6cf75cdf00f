/* An example of vae_decode, and a proof of it: it decodes the latent points that vae-edge states for
 * every model, and prints the SHA-256 of their pixels, which must be the golden hash of the model.
 *
 *	cc -std=c99 -O2 -o golden vae_golden.c vae_decoder.c && ./golden
 */
#include <stdio.h>
#include <string.h>

#include "vae_decoder.h"

/* SHA-256 (FIPS 180-4) of whole bytes. */
struct sha256 {
	uint32_t state[8];
	uint8_t block[64];
	uint64_t bytes;
};

static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

static void sha256_block(struct sha256 *h)
{
	uint32_t w[64], s[8];
	unsigned i;
	for (i = 0; i < 16; i++)
		w[i] = (uint32_t)h->block[4 * i] << 24 | (uint32_t)h->block[4 * i + 1] << 16 |
			(uint32_t)h->block[4 * i + 2] << 8 | h->block[4 * i + 3];
	for (; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(s, h->state, sizeof s);
	for (i = 0; i < 64; i++) {
		uint32_t e = s[4], a = s[0];
		uint32_t t = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + round_constants[i] + w[i];
		uint32_t u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += t;
		s[0] = t + u;
	}
	for (i = 0; i < 8; i++)
		h->state[i] += s[i];
}

static void sha256_begin(struct sha256 *h)
{
	static const uint32_t begin[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};
	memcpy(h->state, begin, sizeof begin);
	h->bytes = 0;
}

static void sha256_add(struct sha256 *h, const uint8_t *data, uint32_t n)
{
	while (n-- > 0) {
		h->block[h->bytes++ % 64] = *data++;
		if (h->bytes % 64 == 0)
			sha256_block(h);
	}
}

/* sha256_end writes the digest in hexadecimal. */
static void sha256_end(struct sha256 *h, char text[65])
{
	static const uint8_t one = 0x80, zero = 0;
	uint64_t bits = 8 * h->bytes;
	uint8_t length[8];
	unsigned i;
	for (i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(h, &one, 1);
	while (h->bytes % 64 != 56)
		sha256_add(h, &zero, 1);
	sha256_add(h, length, 8);
	for (i = 0; i < 64; i++)
		text[i] = "0123456789abcdef"[h->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
	text[64] = 0;
}

/* stated is coordinate k of point i of those that a golden hash covers: the first have extremes,
 * those of the others come from a generator within +-8192 steps. */
static int16_t stated(uint32_t *generator, unsigned i, unsigned k)
{
	switch (i) {
	case 0:
		return 0;
	case 1:
		return INT16_MAX;
	case 2:
		return INT16_MIN;
	case 3:
		return k % 2 ? INT16_MAX : INT16_MIN;
	}
	*generator = *generator * 1664525 + 1013904223;
	return (int16_t)((int32_t)((*generator >> 16) * 16385 >> 16) - 8192);
}

int main(void)
{
	static uint8_t picture[VAE_PIXELS];
	int16_t point[VAE_LATENT];
	struct sha256 h;
	uint32_t generator = 1;
	char text[65];
	sha256_begin(&h);
	for (unsigned i = 0; i < VAE_GOLDEN_POINTS; i++) {
		for (unsigned k = 0; k < VAE_LATENT; k++)
			point[k] = stated(&generator, i, k);
		vae_decode(picture, point);
		sha256_add(&h, picture, VAE_PIXELS);
	}
	sha256_end(&h, text);
	printf("%s %s\n", VAE_NAME, text);
	if (strcmp(text, VAE_GOLDEN) != 0) {
		printf("other pixels than vae-edge's: %s was to come\n", VAE_GOLDEN);
		return 1;
	}
	return 0;
}
