//go:build !js

package regular

import "syscall"

// nonBlocking has a pipe opened without waiting for who writes to it.
const nonBlocking = syscall.O_NONBLOCK
