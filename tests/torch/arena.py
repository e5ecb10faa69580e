"""The arena's network in PyTorch: what bvgdm's engines are measured against, and another opinion on
what they draw.

    python3 tests/torch/arena.py bench WORLD.world.ron           # eager and compiled, on the GPU if any
    bvgdm export WORLD.world.ron --steps 1 --frames 12 --actions "W*12" --backend cpu --out PNGS
    python3 tests/torch/arena.py compare WORLD.world.ron PNGS forward

A frame is what the passes do for one: the pending frame's keys and values are written and the next
latent is drawn from noise in one pass over both, then it is decoded. `compare` draws without noise what
bvgdm has drawn from the world's first start with the actions held, and says how far apart they are; the
world's manifest must clip the noise to nearly nothing for it (`noise_clip: 0.1`).
"""

import argparse
import json
import math
import re
import struct
import time
from pathlib import Path

import torch
import torch.nn.functional as F

EPSILON = 1e-6


def read_world(manifest: Path):
    """The manifest's numbers, flat by name (the first of each), and the tensors in f32."""
    text = manifest.read_text()
    file = manifest.parent / re.search(r'file: "([^"]+)"', text)[1]
    raw = file.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        kind = {"F16": torch.float16, "F32": torch.float32}[entry["dtype"]]
        flat = torch.frombuffer(bytearray(raw[begin:end]), dtype=kind)
        tensors[name] = flat.reshape(entry["shape"]).float()
    part = lambda name: text[text.index(f"{name}: (") :]
    number = lambda part, name: float(re.search(rf"\b{name}: ([0-9.]+)", part)[1])
    dit, vae = part("dit"), part("vae")
    sizes = {n: number(dit, n) for n in ("channels", "height", "width", "patch", "hidden", "depth", "heads", "window")}
    sizes |= {n: number(dit, n) for n in ("spatial_rope_max_freq", "temporal_rope_theta")}
    sizes |= {"latent_scale": number(vae, "latent_scale"), "vae_freq": number(vae, "rope_max_freq")}
    decoder = part("decoder")
    sizes |= {"vae_" + n: number(decoder, n) for n in ("width", "depth", "heads", "rope_dims")}
    sizes["vae_patch"] = number(text[text.index("Vit(") :], "patch")
    return {n: int(v) if v == int(v) and "rope_" not in n else v for n, v in sizes.items()}, tensors


def axial(rows, columns, head, axis, freq):
    """Angles `[rows * columns, head / 2]`."""
    pairs = axis // 2
    rates = torch.linspace(1.0, freq / 2.0, pairs, dtype=torch.float64) * math.pi
    y = torch.linspace(-1, 1, rows, dtype=torch.float64)[:, None, None] * rates
    x = torch.linspace(-1, 1, columns, dtype=torch.float64)[None, :, None] * rates
    rest = torch.zeros(rows, columns, head // 2 - 2 * pairs, dtype=torch.float64)
    angles = torch.cat([y.expand(rows, columns, pairs), x.expand(rows, columns, pairs), rest], 2)
    return angles.reshape(rows * columns, head // 2)


def tables(angles, device):
    return angles.cos().float().to(device), angles.sin().float().to(device)


def rotate(x, table):
    """`x: [..., head]`; pair i is channels i and i + head / 2."""
    cos, sin = table
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def norm(x):
    return F.layer_norm(x, x.shape[-1:], eps=EPSILON)


class Arena:
    """Frames one after the other, batch one; the keys and values of the last `window` frames are kept."""

    def __init__(self, manifest: Path, device: str, dtype=torch.float32):
        self.s, tensors = read_world(manifest)
        self.w = {name: tensor.to(device, dtype) for name, tensor in tensors.items()}
        self.device, self.dtype = device, dtype
        s = self.s
        self.rows, self.columns = s["height"] // s["patch"], s["width"] // s["patch"]
        self.tokens, self.head = self.rows * self.columns, s["hidden"] // s["heads"]
        spatial = axial(self.rows, self.columns, self.head, self.head // 2, s["spatial_rope_max_freq"])
        self.spatial = tuple(t.to(dtype) for t in tables(spatial, device))
        head = s["vae_width"] // s["vae_heads"]
        places = axial(s["height"], s["width"], head, int(s["vae_rope_dims"]), s["vae_freq"])
        self.places = tuple(t.to(dtype) for t in tables(places, device))
        kept = [s["depth"], 2, self.tokens, s["heads"], s["window"] - 1, self.head]
        self.cache = torch.zeros(kept, device=device, dtype=dtype)

    def linear(self, x, name):
        return F.linear(x, self.w[f"{name}.weight"].t(), self.w.get(f"{name}.bias"))

    def mlp(self, x, name):
        return self.linear(F.gelu(self.linear(x, f"{name}.fc1")), f"{name}.fc2")

    def level(self, timestep):
        rates = torch.exp(-math.log(10_000) * torch.arange(128, device=self.device) / 128)
        angles = timestep[:, None] * rates
        waves = torch.cat([angles.cos(), angles.sin()], 1).to(self.dtype)
        return self.linear(F.silu(self.linear(waves, "dit.level_embedder.fc1")), "dit.level_embedder.fc2")

    def temporal(self, frames):
        """Turning of the pending frame and the new one, whose number is `frames`."""
        half = self.head // 2
        rates = self.s["temporal_rope_theta"] ** (-2.0 * torch.arange(half, dtype=torch.float64) / self.head)
        positions = torch.tensor([max(frames - 1, 0), frames], dtype=torch.float64)
        # [2, 1, 1, half]: frames, tokens, heads.
        return tuple(t[:, None, None].to(self.dtype) for t in tables(positions[:, None] * rates, self.device))

    def mask(self, cached):
        """What the two frames see of the cache, the pending frame and the new one, `[1, 1, 2, keys]`."""
        kept = self.s["window"] - 1
        ages = torch.arange(kept, 0, -1)
        old = ages <= cached
        # The pending frame is itself one older than the new one.
        sees = torch.stack([torch.cat([old, torch.tensor([True, False])]), torch.cat([old, torch.tensor([True, True])])])
        sees[1, 0] = False
        return torch.where(sees, 0.0, float("-inf"))[None, None].to(self.device, self.dtype)

    def frame(self, pending, before, noise, condition, rope, mask):
        """Latents `[channels, height, width]`, `condition: [2, hidden]` after its SiLU; the new latent
        and its picture."""
        s, d, heads = self.s, self.s["hidden"], self.s["heads"]
        latents = torch.stack([torch.cat([pending, before]), torch.cat([noise, pending])])
        p = s["patch"]
        cells = latents.reshape(2, -1, self.rows, p, self.columns, p).permute(0, 2, 4, 1, 3, 5)
        x = self.linear(cells.reshape(2, self.tokens, -1), "dit.x_embedder") + self.w["dit.positions"]
        shared = self.linear(condition, "dit.shared.spatial"), self.linear(condition, "dit.shared.temporal")
        new = []
        for i in range(s["depth"]):
            name = f"dit.blocks.{i}"
            spatial = (shared[0] + self.w[f"{name}.s_offset"])[:, None].split(d, 2)
            temporal = (shared[1] + self.w[f"{name}.t_offset"])[:, None].split(d, 2)
            y = self.linear(norm(x) * (1 + spatial[1]) + spatial[0], f"{name}.s_attn.qkv")
            q, k, v = y.reshape(2, self.tokens, 3, heads, self.head).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(rotate(q, self.spatial), rotate(k, self.spatial), v)
            y = y.transpose(1, 2).reshape(2, self.tokens, d)
            x = x + self.linear(y, f"{name}.s_attn.out") * spatial[2]
            y = self.linear(norm(x) * (1 + temporal[1]) + temporal[0], f"{name}.t_attn.qkv")
            q, k, v = y.reshape(2, self.tokens, 3, heads, self.head).unbind(2)
            q, k, v = (t.permute(1, 2, 0, 3) for t in (rotate(q, rope), rotate(k, rope), v))
            keys, values = torch.cat([self.cache[i, 0], k], 2), torch.cat([self.cache[i, 1], v], 2)
            new.append(torch.stack([keys, values]))
            y = F.scaled_dot_product_attention(q, keys, values, attn_mask=mask)
            x = x + self.linear(y.permute(2, 0, 1, 3).reshape(2, self.tokens, d), f"{name}.t_attn.out") * temporal[2]
            x = x + self.mlp(norm(x) * (1 + temporal[4]) + temporal[3], f"{name}.t_mlp") * temporal[5]
        shift, scale = self.linear(condition, "dit.final_adaln")[:, None].split(d, 2)
        cells = self.linear(norm(x[1:]) * (1 + scale[1:]) + shift[1:], "dit.final_linear")
        cells = cells.reshape(self.rows, self.columns, p, p, s["channels"]).permute(4, 0, 2, 1, 3)
        latent = pending + cells.reshape(s["channels"], s["height"], s["width"])
        # The pending frame stays; the new one is another when it is the pending one.
        cache = torch.stack(new)[..., 1 : s["window"], :]
        return latent, cache, self.decode(latent)

    def decode(self, latent):
        """`[height, width, 3]` in [0, 1]."""
        s, width, heads = self.s, self.s["vae_width"], self.s["vae_heads"]
        x = self.linear((latent / s["latent_scale"]).flatten(1).t()[None], "vae.post_quant")
        affine = lambda x, name: F.layer_norm(x, [width], self.w[f"{name}.gamma"], self.w[f"{name}.beta"], EPSILON)
        for i in range(s["vae_depth"]):
            name = f"vae.decoder.{i}"
            y = self.linear(affine(x, f"{name}.norm1"), f"{name}.attn.qkv")
            q, k, v = y.reshape(1, -1, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(rotate(q, self.places), rotate(k, self.places), v)
            x = x + self.linear(y.transpose(1, 2).reshape(1, -1, width), f"{name}.attn.out")
            x = x + self.mlp(affine(x, f"{name}.norm2"), f"{name}.mlp")
        p = s["vae_patch"]
        pixels = self.linear(affine(x, "vae.dec_norm"), "vae.predictor")
        pixels = pixels.reshape(s["height"], s["width"], 3, p, p).permute(0, 3, 1, 4, 2)
        return ((pixels.reshape(s["height"] * p, s["width"] * p, 3) + 1) * 0.5).clamp(0, 1)


def roll_out(arena, frames, actions, noise, step):
    """Pictures of `frames` frames after the first start; `actions: [frames, actions]`, normalised."""
    with torch.inference_mode():
        pending = arena.w["start.latents"][0]
        before, last = pending, torch.zeros_like(actions[0])
        levels = arena.level(torch.tensor([0.0, 1000.0], device=arena.device))
        arena.cache.zero_()
        pictures = [arena.decode(pending)]
        for i in range(frames):
            both = torch.stack([last, actions[i]])
            condition = F.silu(levels + arena.linear(both, "dit.action_embedder"))
            inputs = (pending, before, noise(pending), condition, arena.temporal(i + 1), arena.mask(i))
            latent, cache, picture = step(*inputs)
            arena.cache.copy_(cache)
            pictures.append(picture.clone())
            before, pending, last = pending, latent.clone(), actions[i]
        return torch.stack(pictures)


def bench(manifest, device):
    torch.backends.cuda.matmul.allow_tf32 = False
    frames = 300
    for kind in (torch.float32, torch.float16) if device == "cuda" else (torch.float32,):
        arena = Arena(manifest, device, kind)
        for mode in ("eager", "compiled"):
            step = arena.frame
            if mode == "compiled":
                how = "reduce-overhead" if device == "cuda" else "default"
                step = torch.compile(arena.frame, mode=how, fullgraph=True)
            with torch.inference_mode():
                pending = arena.w["start.latents"][0]
                condition = F.silu(arena.level(torch.tensor([0.0, 1000.0], device=device)))
                inputs = (pending, pending, torch.randn_like(pending), condition, arena.temporal(9), arena.mask(9))
                begun = time.perf_counter()
                took = []
                for i in range(50 + frames):
                    start = time.perf_counter()
                    latent, cache, picture = step(*inputs)
                    arena.cache.copy_(cache)
                    if device == "cuda":
                        torch.cuda.synchronize()
                    took.append(1e3 * (time.perf_counter() - start))
                first = time.perf_counter() - begun
            took = sorted(took[50:])
            name = torch.cuda.get_device_name() if device == "cuda" else "processor"
            print(
                f"PyTorch {torch.__version__} {mode} {str(kind)[6:]}: median {took[frames // 2]:.3f} ms, "
                f"p95 {took[frames * 95 // 100]:.3f} ms a frame ({name}; {first:.1f} s with compiling)",
                flush=True,
            )


def compare(manifest, device, folder, names):
    import numpy
    from PIL import Image

    schema = re.findall(r'name: "([^"]+)",\s*kind: (\w+)', manifest.read_text())
    drawn = [numpy.array(Image.open(file).convert("RGB")).astype(int) for file in sorted(folder.glob("*.png"))]
    actions = torch.zeros(len(drawn), len(schema), device=device)
    for name in names:
        actions[:, [known for known, _ in schema].index(name)] = 1.0
    arena = Arena(manifest, device)
    pictures = roll_out(arena, len(drawn), actions, torch.zeros_like, arena.frame)[1:]
    pictures = (pictures * 255).round().cpu().numpy().astype(int)
    off = numpy.abs(numpy.stack(drawn) - pictures)
    print(f"{len(drawn)} frames: largest difference {off.max()}, mean {off.mean():.3f} of 255")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["bench", "compare"])
    parser.add_argument("world", type=Path)
    parser.add_argument("rest", nargs="*")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if args.what == "bench":
        bench(args.world, device)
    else:
        compare(args.world, device, Path(args.rest[0]), args.rest[1:])
