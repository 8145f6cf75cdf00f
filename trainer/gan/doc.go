// Package gan trains a generative adversarial network (Goodfellow and others, "Generative
// Adversarial Nets", 2014): a generator that draws pictures of latent points, which is a decoder as
// the board runs it, against a critic that tells them from pictures of a data set. There is no
// encoder.
//
// # Objectives
//
// The critic gives every picture a number, above 0 for one of the data set. [LossHinge] is
// max(0, 1 - c) for those and max(0, 1 + c) for drawn ones, and -c for the generator (Lim and Ye,
// "Geometric GAN", 2017). [LossLogistic] is log(1 + exp(-c)) and log(1 + exp(c)), and log(1 +
// exp(-c)) for the generator: the non-saturating loss of the first paper. Both are means over the
// pictures of a batch.
//
// # What keeps it stable
//
// The critic's weights are divided by their spectral norm, the largest singular value of the matrix
// [inputs of a sum, outputs], of which a step of power iteration is made in every step (Miyato and
// others, "Spectral Normalization for Generative Adversarial Networks", 2018), and multiplied by a
// gain. Gradients go through that division. The generator that is measured and written is the
// running average of the trained one's weights (Yazıcı and others, "The Unusual Effectiveness of
// Averaging in GAN Training", 2019).
//
// # What does not depend on the machine's cores
//
// As in package vae: batches are cut into shards, whatever the number of threads, and all noise
// follows from the seed, the step and the place in the batch.
package gan
