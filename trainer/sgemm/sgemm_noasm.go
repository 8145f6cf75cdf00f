package sgemm

// detect returns the assembly backends that run here: none.
func detect() []*Backend { return nil }
