// Package panel drives small SPI panels as periph display.Drawers, at the speed of the wire.
//
// The panels are described by data, one row each in [Panels]; the boards that carry them, with
// their pins and keys, are in [Boards]. Most controllers speak the MIPI display command set over
// four-wire SPI: a data/command pin is low for a command byte and high for its parameters and for
// pixels, which are big-endian RGB565 or, for the ILI9488, three bytes. The SSD1351 has commands of
// its own. [Dev] drives these. The SSD1306 and the SH1106 have one bit a pixel, and are on SPI or
// on I2C. [Open] and [OpenI2C] give any of them as a [Display].
//
// # The wire
//
// A frame takes the wire 8 to 30 ms and a board's processor one or two, so what matters is to send
// little and never to let the wire idle. A frame is converted, compared with the one before and
// reduced to the rectangles that changed by [Dev.Prepare]; [Dev.Send] transfers them. Two
// goroutines can do so for one frame and the next at the same time, and package pipeline does. The
// comparison is of RGB565, so a change too small for the panel to show costs nothing. Rectangles
// are chosen by cost: the bytes of pixels and window commands, and the time that a transaction
// takes beside its bytes. They are never more bytes than the whole frame. Transfers are as long as
// the port allows; a level that the data/command pin has is not set again, nor a window that the
// controller has.
//
// # Faults
//
// After a transfer that failed nothing is known of the panel. The next Send initialises it again
// and sends the frame whole, until one succeeds, so a caller need only wait a while between trials.
// SPI has no acknowledgement: that a panel was unplugged and plugged in again can go unnoticed, and
// [Dev.Restart] is for a caller that knows.
//
// # Datasheets
//
// ST7789V: https://www.waveshare.com/w/upload/a/ae/ST7789_Datasheet.pdf
//
// ILI9341: https://cdn-shop.adafruit.com/datasheets/ILI9341.pdf
//
// ST7735R: https://cdn-shop.adafruit.com/datasheets/ST7735R_V0.2.pdf
//
// ILI9488: https://www.hpinfotech.ro/ILI9488.pdf
//
// GC9A01A: https://www.waveshare.com/w/upload/5/5e/GC9A01A.pdf
//
// SSD1351: https://cdn-shop.adafruit.com/datasheets/SSD1351-Revision+1.3.pdf
//
// SH1106: https://cdn-shop.adafruit.com/datasheets/SH1106.pdf
//
// SSD1306: https://cdn-shop.adafruit.com/datasheets/SSD1306.pdf
package panel
