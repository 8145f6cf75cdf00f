// Package touch makes input of a resistive touch screen with an XPT2046, as most ILI9341 modules
// have it, or an ADS7846 or TSC2046, which take the same control bytes (XPT2046 data sheet, Xptek
// 2007; ADS7846 data sheet, Texas Instruments SBAS125).
//
// A finger that is dragged moves through latent space, one that taps shows the next scene and one
// that rests has the scene go on by itself, all of it through the [keys.Controls] that other keys
// work. Readings are medians, and count only while the finger presses. A chip that does not answer
// is told of once and otherwise ignored.
package touch
