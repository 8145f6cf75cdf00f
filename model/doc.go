// Package model says what a network is, as data, and has the int8 models that a device computes.
//
// A [Layer] is an operation with its shapes, edges and what becomes of its sums; a [Stack] is
// layers in their order; a [Network] is a decoder, an encoder or both. Descriptions have no weights
// and are the same for training in float32 and for inference in int8. A [Model] is the content of a
// weights file: a network with its int8 weights, the table of pixels and the concepts. [ReadFile]
// and [Parse] read one, [Model.Marshal] writes it, and [Network.Check] and [Model.Check] refuse
// what cannot be computed exactly.
//
// The package computes nothing: package decoder makes pictures of latent points with a model,
// package encoder latent points of pictures.
//
// # What stays stable
//
// The file: a version of the format never changes its meaning; a file that needs more has a higher
// version and is refused by programs that do not know it. What Parse accepts is byte for byte what
// Marshal writes, so that a model has but one file. The names: ReadFile, Parse, Model.Marshal and
// the fields of Model keep their meaning within a major version of the module.
//
// # The weights file
//
// A weights file is a safetensors file in the canonical, checksummed form of package safetensors.
// Its metadata are "format", which is "vae-edge", "version", which is "1", "2" if the file has
// concepts, "3" if it has no decoder, "4" if it has the field exclusive or mixture, "5" if it has a
// leaky ReLU or, in its decoder, a dense layer after the first, or "6" if it has concepts with
// normals, and stands for the arithmetic of package kernels too, and "model", a JSON object without
// white space whose fields are, in this order:
//
//	name          1 to 64 of a-z, 0-9, '.' and '-'
//	latent        dimensions of a latent point, 1..1024
//	latent_steps  fixed-point steps in one unit of a latent coordinate, 2048..4095
//	image         [height, width, channels] of a picture, one or three channels
//	decoder       the layers, first to last; absent in the file of an encoder alone
//	encoder       the layers of the encoder; absent where there is none
//	decoder_sum   in the file of an encoder alone, the SHA-256, in hexadecimal, of the decoder
//	              that it belongs to: of the weights, biases and scales of layer after layer
//	concepts      the names of concepts, 1 to 1024 different ones, each 1 to 64 of a-z, A-Z,
//	              0-9, '.', '-' and '_'; absent where there are none
//	exclusive     true where concepts exclude each other, as classes do; absent where they do not
//	              and where all names are numbers, which are always those of classes
//	mixture       the components of the mixture; absent where there is none
//
// The fields of a layer, in this order:
//
//	op      "dense", "conv" or "conv_transpose"
//	kernel  1..5, for convolutions
//	stride  1 or 2, for convolutions
//	edges   [top, bottom, left, right], each below kernel: for conv the zeros added around the
//	        source, for conv_transpose the rows and columns cropped off the result
//	out     [height, width, channels]; it must follow from the source, kernel, stride and edges
//	to      "relu" or "leaky_relu" (activations 0..127), "pixels" (by way of the table) or
//	        "latent" (int16)
//	slope   of "leaky_relu", above 0 and below 1; absent of others
//
// A decoder is a dense layer to activations, whose source is the latent point, then dense layers
// and convolutions to activations in any order, the last of which is to pixels instead. An encoder
// is convolutions to activations whose source is the picture at 7 bits, then dense layers of 1x1
// pixels to activations, then one to latent with twice as many outputs as there are dimensions: the
// means, then the logarithms of the variances, in latent steps.
//
// The trainer writes an encoder into a file of its own. Its first dense layer alone makes it 5 to 6
// times as large as the decoder, which most programs and most starts of a program on a board need
// without it: nothing of it is read, checked or packed before a picture is to be encoded. Package
// encoder opens it.
//
// Layer N of a network has the tensors "decoder.N.weight" (or "encoder.N.…"), int8
// [out][ky][kx][in] or [out][in] for dense layers, which read their source in NHWC order;
// "decoder.N.bias", int32, one per channel or per output of a dense layer; and "decoder.N.scale",
// float32, one per channel or, of a dense layer that is not decoder.0, per output. (The outputs of
// decoder.0 share those of their channel.) The tensor "table", uint8 [4096], has the pixel for each
// logit: entry i is for the logit (i-2048)/128. The file of an encoder alone has none.
//
// The bias of a layer that reads activations of a leaky ReLU is that of sums in which the zero
// point (kernels.ZeroPoint of the slope) counts as 0: what the zero point adds to them is not in
// the file, as it differs between the phases of a transposed convolution, but is taken off by
// package kernels. A file is refused unless no sum can overflow with it or without.
//
// A concept is a property that some images have and others have not. Where there are concepts,
// there are the tensors "concepts.mean", int16 [concept][latent], the mean of the codes (the
// encoder's means) of the images that have it; "concepts.direction", int16 [concept][latent], the
// displacement by one standard deviation of all codes in the direction in which they come to have
// it, never all zeros; and "concepts.threshold", int16 [concept], how many lengths of the
// direction, in latent steps, the code of an image must be from the origin for the image to be
// taken to have it. Where there is a tensor "concepts.normal" as well, int16 [concept][latent],
// never all zeros for a concept, codes still move along the direction, but how far one is, is read
// along the normal, in lengths of it: code times normal by normal times normal. The normal is the
// part of the direction along that of a linear classifier. All are in latent steps.
//
// A mixture of normal distributions with one covariance is where codes lie, see latent.Mixture.
// Where there is one, there are the tensors "mixture.share", int16 [component], "mixture.mean",
// int16 [component][latent], and "mixture.factor", int16, the lower triangle of the covariance's
// Cholesky factor. Where there is none, points are drawn from the standard normal distribution.
//
// Metadata and tensors whose names start with "x." belong to other programs, or packages that build
// on this one (encoder/fit), and are carried along.
// Anything else, and any file for which the arithmetic could overflow, is refused.
package model
