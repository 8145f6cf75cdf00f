package panel_test

import (
	"image"
	"image/color"
	"log"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/spi/spireg"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// On a Raspberry Pi, blank-import periph.io/x/host/v3/sysfs and periph.io/x/host/v3/gpioioctl for
// the drivers of its ports and pins.
func ExampleNewSPI() {
	if _, err := driverreg.Init(); err != nil {
		log.Fatal(err)
	}
	port, err := spireg.Open("SPI0.0")
	if err != nil {
		log.Fatal(err)
	}
	defer port.Close()
	dev, err := panel.NewSPI(port, gpioreg.ByName("GPIO25"), &panel.Opts{
		Panel:     panel.Panels[0],
		Reset:     gpioreg.ByName("GPIO27"),
		Backlight: gpioreg.ByName("GPIO24"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Halt()
	if err := dev.Draw(dev.Bounds(), image.NewUniform(color.White), image.Point{}); err != nil {
		log.Fatal(err)
	}
}
