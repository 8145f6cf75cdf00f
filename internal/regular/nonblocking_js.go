package regular

// In a browser there are no pipes.
const nonBlocking = 0
