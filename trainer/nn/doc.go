// Package nn runs and trains small convolutional networks in float32.
//
// A network is described in package model, as a stack of layers. [NewModel] gives the stack its
// weights, [NewNetwork] compiles it for a matrix backend, a [Pass] takes images through it, forward
// and backward, a [Runner] many images on all cores, and a [Gradient] a batch, whatever the
// objective: the autoencoder, the classifier and the int8 decoder's student are stacks, an
// objective and what happens between two steps. Under that are the layers with their forward and
// backward passes written out, initialisers, optimisers and a learning-rate schedule.
//
// # Layers
//
// A picture is NHWC float32 in a buffer with a border of zeros (a [Layout]), wide enough for every
// kernel that reads it. So the neighbourhood of a pixel is a few runs of floats at constant
// distances, a layer is a matrix multiplication over tables of offsets (package sgemm), and no
// neighbourhood is ever copied out, except where a layer has but a few output channels. A layer
// writes into the inside of its output's buffer; borders stay zero from the day they were made. A
// tensor and its gradient share one Layout.
//
// A convolution by stride s that goes from a large picture to a small one is run backwards by the
// transposed convolution from the small to the large, and the other way round; both are one pair of
// loops. The large picture is written phase by phase: the pixels whose coordinates leave the same
// remainder by s see the same kernel taps, so each pixel is written once and no zero is multiplied.
// Where it has few channels and s divides the kernel's side, all phases are one multiplication into
// scratch memory, from which the pixels are copied to their places.
//
// # Who owns what
//
// Networks hold tables and packed weights, which all goroutines share and only packing changes;
// activations, gradients and scratch memory belong to a Pass, which belongs to one goroutine.
// Nothing allocates after it was made, and only what is given a pool of goroutines uses others than
// the caller's. No result depends on how many there are.
package nn
