// Package nn has the layers of a small convolutional network, with their
// forward and backward passes written out, and what is needed to train them:
// initialisers, optimisers and a learning-rate schedule.
//
// A picture is NHWC float32 in a buffer with a border of zeros (a [Layout]),
// wide enough for every kernel that reads it. So the neighbourhood of a pixel is
// a few runs of floats at constant distances, a layer is a matrix
// multiplication over tables of offsets (package sgemm), and no neighbourhood
// is ever copied out, except where a layer has but a few output channels.
// A layer writes into the inside of its output's buffer; borders stay zero from
// the day they were made. A tensor and its gradient share one Layout.
//
// A convolution by stride s that goes from a large picture to a small one is
// run backwards by the transposed convolution from the small to the large, and
// the other way round; both are one type, [Conv], and one pair of loops. The
// large picture is written phase by phase: the pixels whose coordinates leave
// the same remainder by s see the same kernel taps, so each pixel is written
// once and no zero is multiplied.
//
// Layers hold tables and packed weights, which all goroutines share and only
// Pack changes; activations, gradients and scratch memory belong to the caller.
// Nothing here allocates after a layer was made, and nothing starts goroutines.
package nn
