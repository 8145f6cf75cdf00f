// Package panel drives SPI colour TFT panels as periph display.Drawers.
//
// The panels are described by data, one row each in [Panels]; the boards that carry them, with their pins, are in [Boards].
// All controllers here speak the MIPI display command set over four-wire SPI: a data/command pin is low for a command byte and
// high for its parameters and for pixels, which are big-endian RGB565.
//
// Initialisation leaves the controller's voltages and gamma at the values that a reset gives them. A frame is one window (CASET,
// RASET), one RAMWR and the pixels, in transfers no longer than the port allows. [Dev.Draw] allocates nothing for *image.Gray and
// *image.RGBA.
//
// # Datasheets
//
// ST7789V: https://www.waveshare.com/w/upload/a/ae/ST7789_Datasheet.pdf
package panel
