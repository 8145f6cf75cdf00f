// Package framebuffer shows frames on a screen that the kernel drives, HDMI or a panel with a
// driver of its own, by Linux's framebuffer device
// (https://docs.kernel.org/fb/framebuffer.html, include/uapi/linux/fb.h), without a desktop.
//
// The driver says how wide a pixel is, where its colours are and how far apart rows begin, and
// nothing of that is believed before it is checked against its memory. Where there is room for two
// pictures, one is drawn while the other is shown. Only bytes that differ are written, for that
// memory is slow.
//
// The console of the screen is put into graphics mode, so that the kernel draws no text. It is
// given back in the end, and by a process of its own if the program cannot do so any more.
package framebuffer
