/* The arithmetic of vae-edge's int8 decoder; it is the same for every model.
 *
 * Activations are 7-bit numbers. Here they stand for themselves, 0..127 from a ReLU and -z..127-z
 * from a leaky one; vae-edge itself keeps them as 0..127 with the zero point z, and subtracts what
 * it adds to a sum. Weights are -127..127 with one scale per channel, and an accumulator is int32:
 * the program that wrote the weights has proved that none can overflow, whatever the latent point.
 * Maps are height x width x channels, weights [out][ky][kx][in]. */
#include "vae_decoder.h"

/* What a layer's sums are of. VAE_DENSE is a layer that reads the latent point and has a bias for
 * every output; a dense layer of activations is a convolution of one pixel, of all of them. */
enum { VAE_DENSE, VAE_CONV, VAE_CONV_TRANSPOSE };

/* What becomes of them: activations, or pixels by way of the table. */
enum { VAE_ACTIVATIONS, VAE_PICTURE };

/* A layer. Scales are the bits of float32 numbers; those below are for what is below 0 of a leaky
 * ReLU, and 0 for a ReLU. */
struct vae_layer {
	uint8_t op, to, kernel, stride, top, left; /* rows and columns added before, or cropped */
	int8_t least, most;                        /* activation */
	uint32_t in_height, in_width, in_channels, out_height, out_width, out_channels;
	const int8_t *weight;
	const int32_t *bias;
	const uint32_t *scale, *below;
};

#include "vae_weights.h"

/* The maps between layers, each of which reads one and writes the other. */
static int8_t map_a[VAE_MAP_A], map_b[VAE_MAP_B];

/* half_even is v / 2^shift, rounded to the nearest integer, ties to even; v is below 2^56. */
static uint64_t half_even(uint64_t v, unsigned shift)
{
	if (shift == 0)
		return v;
	if (shift > 57)
		return 0;
	uint64_t half = (uint64_t)1 << (shift - 1), rest = v & (2 * half - 1), whole = v >> shift;
	return whole + (rest > half || (rest == half && (whole & 1)));
}

/* round24 rounds *v, below 2^55, to the 24 significant bits of a float32 number, ties to even, and
 * returns by how many binary places the number has to be shifted back. It looks for the highest bit
 * by halves, because not every CPU has an instruction for it. */
static unsigned round24(uint64_t *v)
{
	unsigned shift = 0, step;
	for (step = 16; step; step /= 2)
		if (*v >> (23 + shift + step))
			shift += step;
	*v = half_even(*v, shift);
	return shift;
}

/* scaled is what is specified as roundToEven(float32(float32(acc) * scale)): three roundings, each
 * to nearest, ties to even. Here they are of integers, and exact for every accumulator and scale:
 *
 *  1. A conversion to float32 keeps 24 significant bits: round24.
 *  2. A scale is m * 2^e with an integer m of 24 bits. The product of that and the 24 bits of the
 *     accumulator has 48 and is exact in 64; multiplication of float32 rounds it to 24 again.
 *     Below 2^-126 it would keep fewer, but there the result is 0 in any case.
 *  3. The product, an integer times a power of two, is rounded to an integer: half_even.
 *
 * The program that wrote the weights has proved that the result is below 2^30. */
static int32_t scaled(int32_t acc, uint32_t scale)
{
	if (acc == 0)
		return 0;
	uint64_t v = acc < 0 ? (uint64_t)-(int64_t)acc : (uint64_t)acc;
	int32_t exponent = (int32_t)(scale >> 23) - 150;
	exponent += (int32_t)round24(&v);
	v *= (scale & 0x7fffff) | 0x800000;
	exponent += (int32_t)round24(&v);
	v = exponent < 0 ? half_even(v, (unsigned)-exponent) : v << exponent;
	return acc < 0 ? -(int32_t)v : (int32_t)v;
}

/* An output is where a layer leaves what it makes: one of the two, by what it is to. */
struct output {
	int8_t *map;
	uint8_t *picture;
};

static int32_t clamp(int32_t v, int32_t least, int32_t most)
{
	return v < least ? least : v > most ? most : v;
}

/* store makes the next output, of channel c, of an accumulator. */
static void store(struct output *dst, const struct vae_layer *l, int32_t acc, uint32_t c)
{
	if (l->to == VAE_PICTURE)
		*dst->picture++ = vae_table[clamp(scaled(acc, l->scale[c]) + 2048, 0, 4095)];
	else if (acc >= 0)
		*dst->map++ = (int8_t)clamp(scaled(acc, l->scale[c]), 0, l->most);
	else
		*dst->map++ = l->below ? (int8_t)clamp(scaled(acc, l->below[c]), l->least, 0) : 0;
}

/* dense computes a layer that reads the latent point. */
static void dense(struct output dst, const struct vae_layer *l, const int16_t *point)
{
	const int8_t *w = l->weight;
	const int32_t *bias = l->bias;
	for (uint32_t pixels = l->out_height * l->out_width; pixels > 0; pixels--) {
		for (uint32_t c = 0; c < l->out_channels; c++) {
			int32_t acc = *bias++;
			for (uint32_t i = 0; i < l->in_channels; i++)
				acc += (int32_t)point[i] * *w++;
			store(&dst, l, acc, c);
		}
	}
}

/* A tap is a place of the kernel that lies over the source. */
struct tap {
	const int8_t *source; /* its pixel there */
	uint32_t weight;      /* where its weights are among those of an output channel */
};

/* source is the row or column, of so many, that is under a place k of the kernel for output i, or
 * -1: it lies outside, where there are zeros, or, of a transposed convolution, between two. */
static int32_t source(const struct vae_layer *l, int32_t i, int32_t k, int32_t before, int32_t n)
{
	int32_t at;
	if (l->op == VAE_CONV) {
		at = i * l->stride + k - before;
		return at < n ? at : -1; /* may be negative already */
	}
	at = i + before - k;
	if (at < 0 || at % l->stride)
		return -1;
	at /= l->stride;
	return at < n ? at : -1;
}

/* taps lists the taps of output pixel (y, x), and returns how many there are. */
static unsigned taps(struct tap *list, const struct vae_layer *l, const int8_t *src, uint32_t y, uint32_t x)
{
	unsigned n = 0;
	for (int32_t ky = 0; ky < l->kernel; ky++) {
		int32_t sy = source(l, (int32_t)y, ky, l->top, (int32_t)l->in_height);
		for (int32_t kx = 0; sy >= 0 && kx < l->kernel; kx++) {
			int32_t sx = source(l, (int32_t)x, kx, l->left, (int32_t)l->in_width);
			if (sx < 0)
				continue;
			list[n].source = src + ((uint32_t)sy * l->in_width + (uint32_t)sx) * l->in_channels;
			list[n].weight = (uint32_t)(ky * l->kernel + kx) * l->in_channels;
			n++;
		}
	}
	return n;
}

/* dot is the sum of n products. */
static int32_t dot(const int8_t *a, const int8_t *w, uint32_t n)
{
	int32_t sum = 0;
	while (n-- > 0)
		sum += (int32_t)*a++ * *w++;
	return sum;
}

/* convolve computes a convolution, plain or transposed. */
static void convolve(struct output dst, const struct vae_layer *l, const int8_t *src)
{
	struct tap list[VAE_TAPS];
	uint32_t size = (uint32_t)l->kernel * l->kernel * l->in_channels; /* weights of a channel */
	for (uint32_t y = 0; y < l->out_height; y++) {
		for (uint32_t x = 0; x < l->out_width; x++) {
			unsigned n = taps(list, l, src, y, x);
			for (uint32_t c = 0; c < l->out_channels; c++) {
				const int8_t *w = l->weight + c * size;
				int32_t acc = l->bias[c];
				for (unsigned t = 0; t < n; t++)
					acc += dot(list[t].source, w + list[t].weight, l->in_channels);
				store(&dst, l, acc, c);
			}
		}
	}
}

void vae_decode(uint8_t picture[VAE_PIXELS], const int16_t point[VAE_LATENT])
{
	const int8_t *src = 0;
	for (unsigned i = 0; i < VAE_LAYERS; i++) {
		const struct vae_layer *l = &vae_layers[i];
		struct output dst;
		dst.map = i % 2 ? map_b : map_a;
		dst.picture = picture;
		if (l->op == VAE_DENSE)
			dense(dst, l, point);
		else
			convolve(dst, l, src);
		src = dst.map;
	}
}
