"""Loads what `export --safetensors` wrote into PyTorch, and runs it on raw float32 numbers.

    python3 load.py MODEL.safetensors decoder POINTS PIXELS    points to brightnesses, 0 to 1
    python3 load.py MODEL.safetensors encoder PIXELS CODES     brightnesses to means and log variances

It needs PyTorch 1.13 or later, and MODEL.json beside the weights. Pictures are channels x height x width.
"""
import json
import struct
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def read(name):
    """The tensors of a safetensors file of float32 numbers."""
    with open(name, "rb") as f:
        length, = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(length)), f.read()
    header.pop("__metadata__", None)
    tensors = {}
    for key, t in header.items():
        begin, end = t["data_offsets"]
        assert t["dtype"] == "F32", t
        tensors[key] = torch.from_numpy(np.frombuffer(data[begin:end], "<f4").reshape(t["shape"]).copy())
    return tensors


class Stack(nn.ModuleList):
    """The layers of an encoder or a decoder, from the description of a network."""

    def __init__(self, layers, source):
        super().__init__()
        self.layers = layers
        for l in layers:
            h, w, out = l["out"]
            if l["op"] == "dense":
                m = nn.Linear(source[0] * source[1] * source[2], h * w * out)
            elif l["op"] == "conv":
                m = nn.Conv2d(source[2], out, l["kernel"], l["stride"])
            else:
                m = nn.ConvTranspose2d(source[2], out, l["kernel"], l["stride"])
            self.append(m)
            source = l["out"]

    def forward(self, x):
        for l, m in zip(self.layers, self):
            h, w, out = l["out"]
            if l["op"] == "dense":
                x = m(x.flatten(1)).view(-1, out, h, w)
            else:
                top, bottom, left, right = l["edges"]
                if l["op"] == "conv":
                    x = m(F.pad(x, (left, right, top, bottom)))
                else:
                    # What padding and output_padding say is crops of one sort only; these are of any.
                    x = m(x)
                    x = x[:, :, top:x.shape[2] - bottom, left:x.shape[3] - right]
            if l["to"] == "relu":
                x = torch.relu(x)
            elif l["to"] == "leaky_relu":
                x = F.leaky_relu(x, l["slope"])
            elif l["to"] == "pixels":
                x = torch.sigmoid(x)
        return x


def main(weights, half, source, result):
    with open(weights[:-len(".safetensors")] + ".json") as f:
        network = json.load(f)
    vae = nn.Module()
    vae.encoder = Stack(network["encoder"], network["image"])
    vae.decoder = Stack(network["decoder"], [1, 1, network["latent"]])
    vae.load_state_dict(read(weights))  # refuses what is missing or too much
    h, w, c = network["image"] if half == "encoder" else (1, 1, network["latent"])
    x = torch.from_numpy(np.fromfile(source, "<f4")).view(-1, c, h, w)
    with torch.no_grad():
        y = torch.cat([getattr(vae, half)(part) for part in x.split(50)])
    y.numpy().tofile(result)


main(*sys.argv[1:])
