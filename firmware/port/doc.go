// Package port opens what a panel is connected to: an SPI port of Linux or an I2C bus, the
// GPIO lines beside it and a backlight on a PWM channel.
//
// It promises that whatever cannot be opened is an error that names its cure: the line that
// /boot/firmware/config.txt lacks, the group to join, who holds a pin. A [SetupError] is one that
// no waiting cures: somebody has to change the system or the wiring. Any other may be over at the
// next trial, for which a [Link] closes and opens port and pins behind a panel that keeps them.
//
// What Linux tells of ports and pins without opening them is in [Chips], [CoreClock] and
// [DividedClock]. On other systems nothing can be opened, and the error says so.
package port
