/* The decoder of vae-edge: a latent point to a picture, bit for bit what every other backend gives.
 *
 * C99, without malloc, libm and floating point. It needs the sizes that vae_model.h states: flash
 * for the weights, RAM for the maps and the picture, and next to no stack. */
#ifndef VAE_DECODER_H
#define VAE_DECODER_H

#include <stdint.h>

#include "vae_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a picture: rows from the top, pixels from the left, channels within a pixel. */
#define VAE_PIXELS (VAE_HEIGHT * VAE_WIDTH * VAE_CHANNELS)

/* Bytes of RAM that the decoder keeps, the picture not included. */
#define VAE_RAM (VAE_MAP_A + VAE_MAP_B)

/* vae_decode computes the picture of a latent point, whose coordinates are fixed-point numbers:
 * VAE_LATENT_STEPS to one standard deviation, any of int16. Grey levels are 0 to 255. Its maps are
 * static, so that it must not run twice at once. */
void vae_decode(uint8_t picture[VAE_PIXELS], const int16_t point[VAE_LATENT]);

#ifdef __cplusplus
}
#endif

#endif
