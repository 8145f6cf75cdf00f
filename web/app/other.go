//go:build !js

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "app: this runs in a browser alone: go run ./web")
	os.Exit(2)
}
