"""Makes eight decoders in PyTorch, trains each for a minute or two on the digits, and exports them as ONNX.

usage: decoders.py DIGITS OUT [STEPS [full]]

DIGITS is images of MNIST, gzipped. Their shapes are those that people know: Keras's example of a VAE, the CVAE
of TensorFlow's tutorial, the generators of the DCGAN tutorials of PyTorch and TensorFlow, Pythae's decoder for MNIST, PyTorch-VAE's VanillaVAE and
the VAE of pytorch/examples; one is a single layer. Each learns as the second half of an autoencoder: its latent points are kept near the normal distribution. Statistics of
batch normalization are those of training. Beside each is NAME.z.f32, points of the normal distribution. keras.npz and keras.weights.f32 are the
weights of the first for Keras: see keras_weights.

They are smaller than their authors made them, so that this takes minutes. With full, four of them are not: as many channels and latent dimensions as
in the tutorials and papers.
"""

import gzip
import os
import sys

os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(x.shape[0], *self.shape)  # a chain of shapes where the batch is dynamic


def up(i, o, k, s, p, op=0, slope=0.0, norm=True, bias=True):
    layers = [nn.ConvTranspose2d(i, o, k, s, p, op, bias=bias)]
    if norm:
        layers.append(nn.BatchNorm2d(o))
    layers.append(nn.LeakyReLU(slope) if slope else nn.ReLU())
    return layers


class ImageLast(nn.Module):
    """Keras's layout: what a dense layer gives is rows, columns, channels, and so are pictures."""

    def __init__(self, latent, side, channels, layers):
        super().__init__()
        self.dense = nn.Linear(latent, side * side * channels)
        self.side, self.channels = side, channels
        self.layers = nn.Sequential(*layers)

    def forward(self, z):
        x = F.relu(self.dense(z)).view(z.shape[0], self.side, self.side, self.channels)
        return self.layers(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def keras():
    return ImageLast(2, 7, 64, [*up(64, 64, 3, 2, 1, 1, norm=False), *up(64, 32, 3, 2, 1, 1, norm=False), nn.ConvTranspose2d(32, 1, 3, 1, 1), nn.Sigmoid()])


def cvae():
    return ImageLast(2, 7, 32, [*up(32, 64, 3, 2, 1, 1, norm=False), *up(64, 32, 3, 2, 1, 1, norm=False), nn.ConvTranspose2d(32, 1, 3, 1, 1)])


def dcgan(w=16, latent=32):
    return nn.Sequential(
        *up(latent, 8 * w, 4, 1, 0, bias=False), *up(8 * w, 4 * w, 4, 2, 1, bias=False), *up(4 * w, 2 * w, 4, 2, 1, bias=False),
        *up(2 * w, w, 4, 2, 1, bias=False), nn.ConvTranspose2d(w, 3, 4, 2, 1, bias=False), nn.Tanh())


def pythae(w=128, latent=16):
    return nn.Sequential(
        nn.Linear(latent, w * 4 * 4), View(w, 4, 4), *up(w, w // 2, 3, 2, 1), *up(w // 2, w // 4, 3, 2, 1, 1),
        nn.ConvTranspose2d(w // 4, 1, 3, 2, 1, 1), nn.Sigmoid())


def vanilla(h=(128, 64, 32, 16), latent=32):
    layers = [nn.Linear(latent, h[0] * 2 * 2), View(h[0], 2, 2)]
    for i, o in zip(h, [*h[1:], h[-1]]):
        layers += up(i, o, 3, 2, 1, 1, slope=0.01)
    if len(h) < 5:  # up to 64 x 64 all the same
        layers += up(h[-1], h[-1], 3, 2, 1, 1, slope=0.01)
    return nn.Sequential(*layers, nn.Conv2d(h[-1], 3, 3, 1, 1), nn.Tanh())


def examples():
    return nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid())


def linear():
    return nn.Sequential(nn.Linear(16, 784), nn.Sigmoid())


def tutorial_gan(w=64, latent=16):
    """The generator of TensorFlow's DCGAN tutorial: LeakyReLU of slope 0.3, kernels of 5, no biases."""
    s = 0.3
    dense = [nn.Linear(latent, 7 * 7 * w, bias=False), nn.BatchNorm1d(7 * 7 * w), nn.LeakyReLU(s), View(w, 7, 7)]
    return nn.Sequential(
        *dense, *up(w, w // 2, 5, 1, 2, slope=s, bias=False), *up(w // 2, w // 4, 5, 2, 2, 1, slope=s, bias=False),
        nn.ConvTranspose2d(w // 4, 1, 5, 2, 2, 1, bias=False), nn.Tanh())


# name: decoder, latent shape, side and channels, lowest pixel, whether it gives logits, whether the exported batch is dynamic, opset
decoders = {
    "keras": (keras, (2,), 28, 1, 0, False, True, 13),
    "cvae": (cvae, (2,), 28, 1, 0, True, True, 11),
    "dcgan": (dcgan, (32, 1, 1), 64, 3, -1, False, False, 11),
    "pythae": (pythae, (16,), 28, 1, 0, False, True, 13),
    "vanilla": (vanilla, (32,), 64, 3, -1, False, True, 14),
    "examples": (examples, (20,), 28, 1, 0, False, False, 9),
    "linear": (linear, (16,), 28, 1, 0, False, True, 13),
    "tutorial-gan": (tutorial_gan, (16,), 28, 1, -1, False, True, 12),
}
full = {
    "pythae-full": (lambda: pythae(1024, 16), (16,), 28, 1, 0, False, True, 13),
    "vanilla-full": (lambda: vanilla((512, 256, 128, 64, 32), 128), (128,), 64, 3, -1, False, True, 14),
    "tutorial-gan-full": (lambda: tutorial_gan(256, 100), (100,), 28, 1, -1, False, True, 12),
    "dcgan-full": (lambda: dcgan(64, 100), (100, 1, 1), 64, 3, -1, False, False, 11),
}


def targets(pictures, side, channels, low):
    x = torch.from_numpy(pictures.astype(np.float32) / 255).view(-1, 1, 28, 28)
    if side != 28:
        x = F.interpolate(x, size=(side, side), mode="bilinear", align_corners=False)
    if channels == 3:
        tint = torch.tensor([[1.0, 0.8, 0.4], [0.4, 1.0, 0.7], [0.6, 0.5, 1.0]])[torch.arange(len(x)) % 3]
        x = x * tint[:, :, None, None]
    return x * (1 - low) + low


def train(name, decoder, shape, side, channels, low, logits, digits, steps, batch=32):
    latent = int(np.prod(shape))
    encoder = nn.Sequential(
        nn.Conv2d(channels, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(32 * ((side + 3) // 4) ** 2, 2 * latent))
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 2e-3)
    decoder.train()
    for step in range(steps):
        pick = np.random.randint(0, len(digits), batch)
        x = targets(digits[pick], side, channels, low)
        mean, log_var = encoder(x).chunk(2, 1)
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
        y = decoder(z.view(-1, *shape))
        y = y.permute(0, 3, 1, 2) if y.dim() == 4 and y.shape[1] == side else y
        y = torch.sigmoid(y) if logits else y
        loss = F.mse_loss(y.reshape(x.shape), x, reduction="sum") / batch * (4 / (1 - low) ** 2)
        loss = loss - 0.5 * (1 + log_var - mean**2 - torch.exp(log_var)).sum() / batch
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"{name}: loss {loss.item():.1f} after {steps} steps", flush=True)


def keras_weights(decoder, out):
    """Writes the weights of keras() in Keras's layouts and order, as arrays by name and as they are one after the other.

    Keras crops the last row and column where PyTorch crops the first: what these weights draw is turned by half a turn, and otherwise the same.
    """
    dense, side, channels = decoder.dense, decoder.side, decoder.channels
    turned = lambda v: v.reshape(*v.shape[:-1], side, side, channels)[..., ::-1, ::-1, :].reshape(v.shape)
    arrays = {"dense/kernel": turned(dense.weight.detach().numpy().T), "dense/bias": turned(dense.bias.detach().numpy())}
    convolutions = [m for m in decoder.layers if isinstance(m, nn.ConvTranspose2d)]
    for i, m in enumerate(convolutions):
        name = "conv2d_transpose" + (f"_{i}" if i else "")
        arrays[name + "/kernel"] = m.weight.detach().numpy().transpose(2, 3, 1, 0)[::-1, ::-1]
        arrays[name + "/bias"] = m.bias.detach().numpy()
    arrays = {name: np.ascontiguousarray(v) for name, v in arrays.items()}
    np.savez(os.path.join(out, "keras.npz"), **arrays)
    np.concatenate([v.ravel() for v in arrays.values()]).tofile(os.path.join(out, "keras.weights.f32"))


def main():
    with gzip.open(sys.argv[1]) as f:
        digits = np.frombuffer(f.read()[16:], np.uint8).reshape(-1, 784)
    out, steps = sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 400
    os.makedirs(out, exist_ok=True)
    whole = "full" in sys.argv[4:]
    made = full if whole else decoders
    for name, (make, shape, side, channels, low, logits, dynamic, opset) in made.items():
        torch.manual_seed(1)
        np.random.seed(1)
        decoder = make()
        train(name, decoder, shape, side, channels, low, logits, digits, steps, 16 if whole else 32)
        decoder.eval()
        axes = {"z": {0: "batch"}, "picture": {0: "batch"}} if dynamic else None
        n = 2
        path = os.path.join(out, name + ".onnx")
        # No gradient: constants are folded as far as PyTorch does
        torch.onnx.export(decoder, torch.zeros(n, *shape), path, input_names=["z"], output_names=["picture"], dynamic_axes=axes, opset_version=opset)
        if name == "keras":
            keras_weights(decoder, out)
        points = np.random.RandomState(7).randn(8, *shape).astype(np.float32)
        points.tofile(os.path.join(out, name + ".z.f32"))


main()
