#!/usr/bin/env python3
"""Trains a vae-edge network with PyTorch, on one machine or many.

    python3 train.py --network book.json --latent 2 --data mnist --out out
    torchrun --nproc_per_node 2 train.py --network book.json --latent 2 --data mnist --out out

The network is one of vae-edge's JSON files, such as model/presets/book.json. The data are a folder of
IDX files, as of MNIST (train-images-idx3-ubyte or -idx4-, with or without .gz; t10k-images-... to
test with), or a file .npy of uint8, pictures x height x width [x channels].

Any launcher that sets RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT makes the processes
train together (DistributedDataParallel; gloo on CPUs, NCCL on GPUs). Without them one process trains
alone.

Written to --out: model.safetensors, with the names and layouts of PyTorch, and network.json, the
description of the layers. `go run ./trainer import out/model.safetensors --layers out/network.json`
reads them. checkpoint.pt is written after every epoch and when SIGINT or SIGTERM comes; --resume
goes on from it.

It needs PyTorch 1.13 or newer and NumPy, and nothing else.
"""

import argparse
import gzip
import json
import math
import os
import signal
import struct
import sys
import time

try:
    import numpy
    import torch
    import torch.distributed as dist
    from torch import nn
    from torch.nn import functional as F
except ImportError as e:
    sys.exit("train.py: %s; to get it: pip install torch numpy" % e)

# Those of vae-edge's own trainer, which says why.
BOOK_KL_WEIGHT = 5e-4
FIRST_VARIANCE, VARIANCE_RATE, LEAST_VARIANCE = 0.08, 0.1, 6e-6
KL_RISE = 0.3  # of all steps
HIDDEN_UNITS = lambda latent: min(max(8 * latent, 32), 256)

LIMITS = {"kernel": (1, 5), "stride": (1, 2)}


def fail(message):
    sys.exit("train.py: " + message)


# ---------------------------------------------------------------- networks


def same_edges(layer, n):
    """The edges before and after n pixels that Keras calls "same"."""
    k, s = layer["kernel"], layer["stride"]
    total = k - s
    if layer["op"] == "conv":
        total = max((-(-n // s) - 1) * s + k - n, 0)
    before = max(total, 0) // 2
    return [before, total - before]


def out_side(layer, n, before, after):
    if layer["op"] == "conv":
        return (n + before + after - layer["kernel"]) // layer["stride"] + 1
    return (n - 1) * layer["stride"] + layer["kernel"] - before - after


def in_side(layer, n, before, after):
    """The side of the source of which a transposed or other convolution makes n pixels."""
    if layer["op"] == "conv_transpose":
        n += before + after - layer["kernel"]
        if n % layer["stride"]:
            raise ValueError("a side of %d is no multiple of its stride" % n)
        return n // layer["stride"] + 1
    return (n - 1) * layer["stride"] + layer["kernel"] - before - after


def source_side(layer, n, side):
    """The side of the source, where edges follow from it: "same" keeps a side, up to the stride."""
    if "edges" in layer:
        return in_side(layer, n, *layer["edges"][2 * side : 2 * side + 2])
    if layer["op"] == "conv_transpose":
        return in_side(layer, n, *same_edges(layer, 0))
    if layer["stride"] != 1:
        raise ValueError("a convolution of stride 2 in a decoder needs the sides of what it reads")
    return n


def complete(network, image, latent):
    """Fills in what a network file may leave out: returns it with every layer's out, edges and to."""
    for key, value in (("image", image), ("latent", latent)):
        if network.get(key) and value and network[key] != value:
            fail("the network has %s %s, not %s" % (key, network[key], value))
    image, latent = network.get("image") or image, network.get("latent") or latent
    if not latent:
        fail("the network does not say how many latent dimensions it has: say --latent")
    done = {"image": image, "latent": latent}
    for name in ("encoder", "decoder"):
        layers = [dict(l) for l in network[name]]
        for i, l in enumerate(layers):
            last = i == len(layers) - 1
            if l.get("op") not in ("dense", "conv", "conv_transpose"):
                fail("%s.%d: op %r is not dense, conv or conv_transpose" % (name, i, l.get("op")))
            l.setdefault("to", {"encoder": "latent", "decoder": "pixels"}[name] if last else "relu")
            if l["op"] != "dense":
                l.setdefault("stride", 1)
                for key, (least, most) in LIMITS.items():
                    if not least <= l.get(key, 0) <= most:
                        fail("%s.%d: %s %s, want %d to %d" % (name, i, key, l.get(key), least, most))
            if last and "out" not in l:
                l["out"] = image[2] if name == "decoder" else 2 * latent
        shape = list(image) if name == "encoder" else [1, 1, latent]
        for i, l in enumerate(layers):
            try:
                shape = complete_layer(layers, i, l, shape, image, latent, name)
            except (ValueError, KeyError) as e:
                fail("%s.%d, %s: %s" % (name, i, l["op"], e))
        done[name] = layers
    if done["decoder"][-1]["out"] != list(image):
        fail("the decoder makes pictures of %s, not %s" % (done["decoder"][-1]["out"], list(image)))
    return done


def complete_layer(layers, i, l, shape, image, latent, name):
    out = l.get("out")
    if l["op"] == "dense":
        if name == "encoder":
            out = [1, 1, out or HIDDEN_UNITS(latent)] if not isinstance(out, list) else out
        elif not isinstance(out, list):
            sides = [1, 1]
            if i + 1 < len(layers) and layers[i + 1]["op"] != "dense":
                sides = list(image[:2])
                for after in reversed(layers[i + 1 :]):
                    if isinstance(after.get("out"), list):
                        sides = list(after["out"][:2])
                    sides = [source_side(after, n, k) for k, n in enumerate(sides)]
            elif i + 1 == len(layers):
                sides = list(image[:2])
            out = sides + [out]
    else:
        if "edges" not in l:
            l["edges"] = same_edges(l, shape[0]) + same_edges(l, shape[1])
        sides = [out_side(l, n, *l["edges"][2 * k : 2 * k + 2]) for k, n in enumerate(shape[:2])]
        if isinstance(out, list) and out[:2] != sides:
            raise ValueError("it makes %s pixels, not %s" % (sides, out[:2]))
        out = sides + [out[2] if isinstance(out, list) else out]
    l["out"] = out
    return out


class Layer(nn.Module):
    """One layer, of maps N x channels x height x width."""

    def __init__(self, l, shape):
        super().__init__()
        self.l, (h, w, c) = l, shape
        ch = l["out"][2]
        if l["op"] == "dense":
            m = nn.Linear(h * w * c, math.prod(l["out"]))
        elif l["op"] == "conv":
            m = nn.Conv2d(c, ch, l["kernel"], l["stride"])
        else:
            m = nn.ConvTranspose2d(c, ch, l["kernel"], l["stride"])
        # Glorot, as Keras and vae-edge begin
        nn.init.xavier_uniform_(m.weight)
        nn.init.zeros_(m.bias)
        self.weight, self.bias = m.weight, m.bias

    def forward(self, x):
        l = self.l
        if l["op"] == "dense":
            x = F.linear(x.flatten(1), self.weight, self.bias)
            x = x.view(x.shape[0], l["out"][2], l["out"][0], l["out"][1])
        elif l["op"] == "conv":
            top, bottom, left, right = l["edges"]
            x = F.conv2d(F.pad(x, (left, right, top, bottom)), self.weight, self.bias, l["stride"])
        else:
            x = F.conv_transpose2d(x, self.weight, self.bias, l["stride"])
            top, bottom, left, right = l["edges"]
            x = x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]
        if l["to"] == "relu":
            return F.relu(x)
        if l["to"] == "leaky_relu":
            return F.leaky_relu(x, l["slope"])
        return x


class VAE(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.latent, shape = network["latent"], network["image"]
        stacks = []
        for name, shape in (("encoder", network["image"]), ("decoder", [1, 1, self.latent])):
            layers = []
            for l in network[name]:
                layers.append(Layer(l, shape))
                shape = l["out"]
            stacks.append(nn.ModuleList(layers))
        self.encoder, self.decoder = stacks

    def forward(self, x, noise, book):
        for l in self.encoder:
            x = l(x)
        mean, log_var = x.flatten(1).split(self.latent, 1)
        z = mean
        if noise is not None:
            z = mean + torch.exp(log_var if book else log_var / 2) * noise
        z = z[:, :, None, None]
        for l in self.decoder:
            z = l(z)
        return z, mean, log_var


def objective(o, logits, mean, log_var, x, variance, kl_weight):
    """The sum over pictures of what is minimised, of the reconstruction in nats, of the divergence
    and of the squares of errors. The losses are those of vae-edge; sigma is Rybkin and others,
    "Simple and Effective VAE Training with Calibrated Decoders" (2021)."""
    pixels = x[0].numel()
    square = (torch.sigmoid(logits) - x).square().flatten(1).sum(1)
    kl = torch.zeros_like(square)
    if o.kl_weight:
        kl = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).sum(1)
    if o.loss == "sigma":
        rec = square / (2 * variance)
        nats = pixels / 2 * (1 + torch.log(2 * math.pi * 255 * 255 * (square / pixels + LEAST_VARIANCE)))
    else:
        rec = nats = F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    if o.loss == "book":
        return (rec / pixels + kl_weight * BOOK_KL_WEIGHT * 2 * kl / mean.shape[1]).sum(), nats.sum(), kl.sum(), square.sum()
    return (rec + kl_weight * kl).sum(), nats.sum(), kl.sum(), square.sum()


# ---------------------------------------------------------------- files


def read_idx(name):
    with (gzip.open if name.endswith(".gz") else open)(name, "rb") as f:
        head = f.read(4)
        if len(head) < 4 or head[:3] != b"\0\0\x08" or head[3] not in (3, 4):
            fail("%s: not an IDX file of pictures" % name)
        shape = struct.unpack(">%dI" % head[3], f.read(4 * head[3]))
        data = numpy.frombuffer(f.read(), numpy.uint8)
    if data.size != math.prod(shape):
        fail("%s: %s pixels and %d bytes: fetch it again" % (name, "x".join(map(str, shape)), data.size))
    return data.reshape(shape)


def read_data(name):
    """The pictures to learn from and to test with, N x height x width x channels of uint8."""
    if name.endswith(".npy"):
        train, test = numpy.load(name, mmap_mode="r"), None
        if train.dtype != numpy.uint8:
            fail("%s: elements are %s, want uint8" % (name, train.dtype))
    else:
        found = []
        for role in ("train", "t10k"):
            names = [os.path.join(name, "%s-images-idx%d-ubyte%s" % (role, n, z)) for n in (3, 4) for z in ("", ".gz")]
            found.append(next((n for n in names if os.path.exists(n)), None))
        if not found[0]:
            fail("%s: there is no train-images-idx3-ubyte: name a folder of IDX files, or a file .npy" % name)
        train, test = (n and read_idx(n) for n in found)
    if test is None:
        n = max(len(train) // 10, 1)
        train, test = train[:-n], train[-n:]
    if train.ndim not in (3, 4) or len(train) == 0:
        fail("%s: an array of %s, want pictures x height x width [x channels]" % (name, train.shape))
    return tuple(a if a.ndim == 4 else a[..., None] for a in (train, test))


def write_safetensors(name, tensors):
    header, at, blobs = {}, 0, []
    for key, t in tensors.items():
        data = t.detach().cpu().float().contiguous().numpy().astype("<f4").tobytes()
        header[key] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        blobs.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    replace(name, lambda f: [f.write(b) for b in [struct.pack("<Q", len(text)), text] + blobs])


def replace(name, write):
    """Writes a file that is at every moment the old one or the new one."""
    with open(name + ".tmp", "wb") as f:
        write(f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(name + ".tmp", name)


# ---------------------------------------------------------------- training


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--network", required=True, metavar="FILE", help="the layers, JSON")
    p.add_argument("--latent", type=int, default=0, metavar="N", help="latent dimensions, if the file does not say it")
    p.add_argument("--data", required=True, metavar="NAME", help="a folder of IDX files, or a file .npy")
    p.add_argument("--out", default="out", metavar="DIR", help="where the files are written (default %(default)s)")
    p.add_argument("--epochs", type=int, default=10, metavar="N", help="(default %(default)s)")
    p.add_argument("--batch", type=int, default=64, metavar="N", help="pictures a step, of all processes together (default %(default)s)")
    p.add_argument("--lr", type=float, default=2e-3, metavar="X", help="the highest learning rate (default %(default)s)")
    p.add_argument("--loss", choices=["elbo", "book", "sigma"], help="(default elbo; sigma for pictures in colour)")
    p.add_argument("--kl-weight", type=float, default=1, metavar="X", help="factor of the divergence; 0 is a classical autoencoder (default %(default)s)")
    p.add_argument("--seed", type=int, default=1, metavar="N", help="(default %(default)s)")
    p.add_argument("--device", metavar="NAME", help="cpu or cuda (default: cuda if there is one)")
    p.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    o = p.parse_args()
    for name, least in (("epochs", 1), ("batch", 1), ("latent", 0)):
        if getattr(o, name) < least:
            p.error("--%s must be %d or more" % (name, least))
    if not o.lr > 0 or not o.kl_weight >= 0:
        p.error("--lr must be above 0, --kl-weight 0 or more")
    return o


class Stop:
    """Ends training after the current step, in all processes together."""

    def __init__(self):
        self.asked = False
        for s in (signal.SIGINT, signal.SIGTERM):
            signal.signal(s, self.ask)

    def ask(self, *_):
        if self.asked:
            sys.exit(1)
        self.asked = True

    def everywhere(self, device):
        if not dist.is_initialized():
            return self.asked
        asked = torch.tensor([float(self.asked)], device=device)
        dist.all_reduce(asked, dist.ReduceOp.MAX)
        return asked.item() > 0


def total(values):
    """The sums over all processes."""
    if dist.is_initialized():
        dist.all_reduce(values)
    return values.tolist()


def leave():
    """Ends the processes together: one that ends while others write would end them, too."""
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def rate(o, step, steps):
    """The learning rate of a step, the first being 1: it rises, and falls as a cosine to 0."""
    warmup = min(max(steps // 10, min(steps // 2, 50)), 100)
    if step <= warmup:
        return o.lr * step / (warmup + 1)
    return o.lr / 2 * (1 + math.cos(math.pi * min((step - 1 - warmup) / (steps - warmup), 1)))


def evaluate(o, model, pictures, device, rank, world, variance):
    """Means over the test pictures: nats of the reconstruction, divergence, PSNR."""
    sums = torch.zeros(4, device=device, dtype=torch.float64)
    noise = torch.Generator().manual_seed(o.seed)
    with torch.no_grad():
        for first in range(0, len(pictures), 256):
            x = load(pictures[first : first + 256], device)
            eps = torch.randn(len(x), model.latent, generator=noise).to(device) if o.kl_weight else None
            if first // 256 % world != rank:
                continue
            logits, mean, log_var = model(x, eps, o.loss == "book")
            _, nats, kl, square = objective(o, logits, mean, log_var, x, variance, 1)
            sums += torch.stack([nats, kl, square, torch.tensor(float(len(x)), device=device)])
    nats, kl, square, n = total(sums)
    mse = square / n / pictures[0].size
    return nats / n, kl / n, -10 * math.log10(max(mse, 1e-12))


def load(pictures, device):
    x = torch.from_numpy(numpy.array(pictures)).to(device)
    return x.permute(0, 3, 1, 2).contiguous().float() / 255


def main():
    o = options()
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    device = torch.device(o.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    if o.batch % world:
        fail("--batch %d is not divided by %d processes: choose a multiple" % (o.batch, world))

    train, test = read_data(o.data)
    with open(o.network) as f:
        network = complete(json.load(f), list(train.shape[1:]), o.latent)
    o.loss = o.loss or ("elbo" if train.shape[3] == 1 else "sigma")
    torch.manual_seed(o.seed)
    model = VAE(network).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=o.lr, eps=1e-7)
    parallel = nn.parallel.DistributedDataParallel(model) if world > 1 else model

    per_epoch = -(-len(train) // o.batch)
    steps = o.epochs * per_epoch
    checkpoint = os.path.join(o.out, "checkpoint.pt")
    begun = {k: v for k, v in vars(o).items() if k not in ("data", "out", "device", "resume", "network")}
    begun["layers"], begun["pictures"] = network, len(train)
    step, variance = 0, torch.tensor(FIRST_VARIANCE, device=device)
    if o.resume:
        if not os.path.exists(checkpoint):
            fail("nothing to resume: there is no %s" % checkpoint)
        state = torch.load(checkpoint, map_location=device)
        if state["begun"] != begun:
            fail("the run began with other settings: " + ", ".join(k for k in begun if state["begun"].get(k) != begun[k]))
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, variance = state["step"], state["variance"].to(device)
    elif os.path.exists(checkpoint):
        fail("%s is of a run that is not done: say --resume, or delete it" % checkpoint)
    say = print if rank == 0 else lambda *a, **k: None
    if rank == 0:
        os.makedirs(o.out, exist_ok=True)
    say("%d pictures of %s to learn from, %d to test with; %d parameters; %s, %s, %d process%s" % (
        len(train), "x".join(map(str, network["image"])), len(test), sum(p.numel() for p in model.parameters()),
        o.loss, device, world, "" if world == 1 else "es"), flush=True)

    def save():
        if rank == 0:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "variance": variance, "begun": begun}
            replace(checkpoint, lambda f: torch.save(state, f))

    stop, began, at = Stop(), time.time(), step
    mine = o.batch // world
    while step < steps:
        epoch, i = divmod(step, per_epoch)
        order = numpy.random.default_rng([o.seed, epoch]).permutation(len(train))
        sums = torch.zeros(4, device=device, dtype=torch.float64)
        while i < per_epoch:
            step, i = step + 1, i + 1
            chosen = order[(i - 1) * o.batch : i * o.batch]
            own = numpy.sort(chosen[rank * mine : (rank + 1) * mine])
            # The noise is that of the step and the process, whatever was drawn before
            noise = torch.Generator().manual_seed(hash((o.seed, step, rank)) % 2**63)
            x = load(train[own], device) if len(own) else torch.zeros((1,) + tuple(train.shape[3:]) + tuple(train.shape[1:3]), device=device)
            eps = torch.randn(len(x), model.latent, generator=noise).to(device) if o.kl_weight else None
            logits, mean, log_var = parallel(x, eps, o.loss == "book")
            kl_weight = o.kl_weight if o.loss == "book" else o.kl_weight * min(1, step / steps / KL_RISE)
            loss, nats, kl, square = objective(o, logits, mean, log_var, x, variance, kl_weight)
            # DistributedDataParallel takes the mean of the processes' gradients
            share = world / len(chosen) if len(own) else 0
            optimizer.zero_grad(set_to_none=True)
            (loss * share).backward()
            for group in optimizer.param_groups:
                group["lr"] = rate(o, step, steps)
            figures = torch.stack([nats, kl, square, torch.tensor(float(len(own)), device=device)]).double().detach()
            if not len(own):
                figures.zero_()
            of_all = figures.clone()
            values = total(of_all)
            if not all(map(math.isfinite, values)):
                fail("the loss is not finite at step %d: lower --lr" % step)
            optimizer.step()
            sums += torch.tensor(values, device=device, dtype=torch.float64)
            if o.loss == "sigma":
                variance += VARIANCE_RATE * (values[2] / values[3] / x[0].numel() + LEAST_VARIANCE - variance)
            if stop.everywhere(device):
                save()
                say("stopped after step %d of %d: say --resume to go on" % (step, steps), flush=True)
                leave()
                sys.exit(1)
        nats, kl, _, n = sums.tolist()
        save()
        got = evaluate(o, model, test, device, rank, world, variance)
        left = (time.time() - began) / (step - at) * (steps - step)
        say("epoch %d/%d  training: reconstruction %.2f nats, KL %.2f  test: %.2f, %.2f, PSNR %.2f dB  %d s left" % (
            (epoch + 1, o.epochs, nats / n, kl / n) + got + (left,)), flush=True)
    if rank == 0:
        write_safetensors(os.path.join(o.out, "model.safetensors"), model.state_dict())
        about = dict(network, loss=o.loss, kl_weight=o.kl_weight)
        replace(os.path.join(o.out, "network.json"), lambda f: f.write(json.dumps(about, indent=2).encode() + b"\n"))
        os.remove(checkpoint)
        say("written: %s and %s" % (os.path.join(o.out, "model.safetensors"), os.path.join(o.out, "network.json")))
    leave()


if __name__ == "__main__":
    main()
