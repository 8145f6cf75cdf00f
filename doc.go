// Package vaeedge is the root of vae-edge: a trainer for a convolutional variational autoencoder on handwritten digits, and an
// int8 decoder that draws the same digits, bit for bit, on every CPU.
//
// The rooms of the house, from the bottom up; imports run in this direction only:
//
//	kernels            the integer arithmetic and its backends
//	latent             latent points in integers: quantiles, normal draws, walks
//	decoder            the weights file, and a latent point to pixels
//	firmware/panel     SPI displays
//	firmware/scene     what is shown
//	firmware/vae-edge  the command for the board
//	trainer            the command that trains, quantizes and measures
//	trainer/mnist      the data set
//	trainer/sgemm      float32 matrix multiplication
//	trainer/nn         layers and optimisers
//	trainer/vae        the network, its losses and training
//	trainer/classify   a classifier of digits, to judge what is drawn
//	trainer/quantize   float32 weights to int8
//	bench              the benchmarks
//
// The root itself holds no code but a benchmark, so that `go test -bench ./bench` works as typed.
package vaeedge
