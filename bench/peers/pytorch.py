#!/usr/bin/env python3
"""The trainer's network in PyTorch, for comparison: python3 bench/peers/pytorch.py [--epochs N | --steps N].

Prints images a second of training and, after whole epochs, the -ELBO of the 10,000 test images in nats. It takes one thread per
core for PyTorch and, lest OpenBLAS multiply them, one for that: OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=1.
"""
import argparse
import gzip
import math
import pathlib
import time

import torch
from torch import nn
from torch.nn import functional as F

arguments = argparse.ArgumentParser()
arguments.add_argument("--epochs", type=int, default=0)
arguments.add_argument("--steps", type=int, default=150, help="without --epochs")
arguments.add_argument("--batch", type=int, default=64)
arguments.add_argument("--latent", type=int, default=2)
arguments.add_argument("--lr", type=float, default=2e-3)
arguments.add_argument("--seed", type=int, default=1)
options = arguments.parse_args()
torch.manual_seed(options.seed)


def images(name):
    path = pathlib.Path(__file__).parents[2] / "trainer" / "mnist" / (name + "-images-idx3-ubyte.gz")
    data = bytearray(gzip.open(path).read())
    return torch.frombuffer(data, dtype=torch.uint8, offset=16).view(-1, 1, 28, 28).float() / 255


class VAE(nn.Module):
    def __init__(self, latent):
        super().__init__()
        conv = lambda i, o, stride: [nn.Conv2d(i, o, 3, stride, 1), nn.ReLU()]
        self.encoder = nn.Sequential(
            *conv(1, 32, 1), *conv(32, 64, 2), *conv(64, 64, 1), *conv(64, 64, 1),
            nn.Flatten(), nn.Linear(14 * 14 * 64, 32), nn.ReLU())
        self.mean, self.log_var = nn.Linear(32, latent), nn.Linear(32, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, 14 * 14 * 64), nn.ReLU(), nn.Unflatten(1, (64, 14, 14)),
            nn.ConvTranspose2d(64, 32, 3, 2, 1, output_padding=1), nn.ReLU(),
            nn.Conv2d(32, 1, 3, 1, 1))

    def loss(self, x):
        h = self.encoder(x)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
        bce = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        return (bce - 0.5 * torch.sum(1 + log_var - mean**2 - log_var.exp())) / len(x)


train, test = images("train"), images("t10k")
model = VAE(options.latent)
optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)
per_epoch = math.ceil(len(train) / options.batch)
steps = options.epochs * per_epoch or options.steps
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
begin, seen, order = None, 0, torch.randperm(len(train))
for step in range(steps):
    if step == 10:  # the first are slower
        begin, seen = time.time(), 0
    at = step % per_epoch * options.batch
    if at == 0:
        order = torch.randperm(len(train))
    batch = train[order[at:at + options.batch]]
    optimizer.zero_grad()
    model.loss(batch).backward()
    optimizer.step()
    schedule.step()
    seen += len(batch)
print(f"pytorch {torch.__version__}: {seen / (time.time() - begin):.0f} images/s on {torch.get_num_threads()} threads")
if options.epochs:
    with torch.no_grad():
        nats = sum(model.loss(test[i:i + 500]).item() * 500 for i in range(0, len(test), 500)) / len(test)
    print(f"-ELBO {nats:.2f} nats after {options.epochs} epochs")
