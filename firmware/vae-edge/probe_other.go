//go:build !linux

package main

// hostSystem has nothing to look at where there is no spidev: the error says so.
func hostSystem(c *config) (*system, error) {
	_, err := openWires(c)
	return nil, err
}
