// Eight GPIO lines in a page of memory that the kernel is told to leave alone: what is written there stays, which is all that a panel's
// outputs need. The driver is gpio-amdpt's, the names are a Raspberry Pi's.
DefinitionBlock ("", "SSDT", 2, "VAEDGE", "PINS", 1)
{
	Device (\_SB.PINS)
	{
		Name (_HID, "AMDF030")
		Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, 0x1FF00000, 0x1000) })
		Name (_DSD, Package ()
		{
			ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
			Package () { Package () { "gpio-line-names", Package () { "GPIO0", "GPIO1", "GPIO2", "GPIO3", "GPIO4", "GPIO5", "GPIO6", "GPIO7" } } }
		})
	}
}
