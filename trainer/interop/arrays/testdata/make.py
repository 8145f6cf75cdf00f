"""Writes the files of the tests, beside itself."""

import os

import numpy
import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))
model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
with torch.no_grad():
    model[0].weight.copy_(torch.arange(6.0).view(3, 2) / 8)
    model[0].bias.copy_(torch.tensor([1.0, -2.0, 0.5]))
state = model.state_dict()
state["turned"] = torch.arange(6.0).view(2, 3).t()
state["double"] = torch.tensor([0.1], dtype=torch.float64)
state["half"] = torch.tensor([0.5, 65504, 2**-24, -0.0, float("inf")], dtype=torch.half)
state["brain"] = torch.tensor([1.5, -3], dtype=torch.bfloat16)
torch.save({"state_dict": state, "epoch": 3, "best": 0.5, "names": ["a", "b"]}, "nested.pt")
torch.save(model, "whole.pt")
kernel = numpy.arange(6, dtype="f4").reshape(2, 3)
numpy.savez("arrays.npz", **{"dense/kernel": kernel, "bias": numpy.array([0.25], "f8"), "count": numpy.array(3)})
numpy.savez_compressed("packed.npz", a=numpy.zeros((10, 10), "f2"))
