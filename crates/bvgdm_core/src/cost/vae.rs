//! The VAEs, network by network.

use super::{StageCost, linear};
use crate::config::{KlConfig, TinyConfig, TransformerConfig, VaeConfig, VaeNetwork, VitConfig};

/// Pixels to latent.
pub(super) fn encoder(vae: &VaeConfig) -> StageCost {
    match &vae.network {
        VaeNetwork::Vit(vit) => vit_encoder(vae, vit),
        VaeNetwork::Kl(kl) => kl_encoder(vae, kl),
        VaeNetwork::Tiny(tiny) => tiny_encoder(vae, tiny),
    }
}

/// Latent to pixels.
pub(super) fn decoder(vae: &VaeConfig) -> StageCost {
    match &vae.network {
        VaeNetwork::Vit(vit) => vit_decoder(vae, vit),
        VaeNetwork::Kl(kl) => kl_decoder(vae, kl),
        VaeNetwork::Tiny(tiny) => tiny_decoder(vae, tiny),
    }
}

fn vit_block(config: &TransformerConfig, ratio: f64, tokens: usize) -> StageCost {
    let d = config.width;
    let mlp = (d as f64 * ratio) as usize;
    let weights = 4 * d * d + 2 * d * mlp;
    StageCost {
        // Two norms, qkv, projection and the MLP, all with bias.
        parameters: (weights + 4 * d + 3 * d + d + mlp + d) as u64,
        flop: (2 * tokens * weights + 4 * tokens * tokens * d) as u64,
    }
}

fn vit(
    vae: &VaeConfig,
    ratio: f64,
    config: &TransformerConfig,
    ends: u64,
    flop: usize,
) -> StageCost {
    let tokens = vae.tokens();
    let block = vit_block(config, ratio, tokens);
    let depth = config.depth as u64;
    StageCost {
        parameters: ends + 2 * config.width as u64 + depth * block.parameters,
        flop: (2 * tokens * flop) as u64 + depth * block.flop,
    }
}

fn vit_encoder(vae: &VaeConfig, net: &VitConfig) -> StageCost {
    let (pixels, d, c) = (3 * net.patch * net.patch, net.encoder.width, vae.channels);
    let ends = linear(pixels, d, true) + linear(d, 2 * c, true);
    let flop = pixels * d + d * 2 * c;
    vit(vae, net.mlp_ratio, &net.encoder, ends, flop)
}

fn vit_decoder(vae: &VaeConfig, net: &VitConfig) -> StageCost {
    let (pixels, d, c) = (3 * net.patch * net.patch, net.decoder.width, vae.channels);
    let ends = linear(c, d, true) + linear(d, pixels, true);
    let flop = c * d + d * pixels;
    vit(vae, net.mlp_ratio, &net.decoder, ends, flop)
}

/// Adds up convolutions over a picture whose size changes on the way.
struct Tally {
    cost: StageCost,
    cells: u64,
}

impl Tally {
    fn new(cells: usize) -> Self {
        Self {
            cost: StageCost::default(),
            cells: cells as u64,
        }
    }

    /// A convolution with a square kernel at the present size.
    fn conv(&mut self, inputs: usize, outputs: usize, kernel: usize, bias: bool) {
        let weights = (inputs * outputs * kernel * kernel) as u64;
        self.cost.parameters += weights + if bias { outputs as u64 } else { 0 };
        self.cost.flop += 2 * self.cells * weights;
    }

    fn norm(&mut self, channels: usize) {
        self.cost.parameters += 2 * channels as u64;
    }

    /// Norm, convolution, norm, convolution, and a shortcut where the width changes.
    fn residual(&mut self, inputs: usize, outputs: usize) {
        self.norm(inputs);
        self.conv(inputs, outputs, 3, true);
        self.norm(outputs);
        self.conv(outputs, outputs, 3, true);
        if inputs != outputs {
            self.conv(inputs, outputs, 1, true);
        }
    }

    /// The middle: residual block, attention over all cells, residual block.
    fn middle(&mut self, width: usize, attention: bool) {
        self.residual(width, width);
        if attention {
            self.norm(width);
            for _ in 0..4 {
                self.conv(width, width, 1, true);
            }
            self.cost.flop += 4 * self.cells * self.cells * width as u64;
        }
        self.residual(width, width);
    }

    /// TAESD's block: three convolutions.
    fn tiny_block(&mut self, width: usize) {
        for _ in 0..3 {
            self.conv(width, width, 3, true);
        }
    }
}

fn kl_encoder(vae: &VaeConfig, net: &KlConfig) -> StageCost {
    let mut tally = Tally::new(vae.width * vae.height);
    let mut inputs = net.widths.first().copied().unwrap_or(1);
    tally.conv(3, inputs, 3, true);
    for (i, &width) in net.widths.iter().enumerate() {
        for _ in 0..net.layers {
            tally.residual(inputs, width);
            inputs = width;
        }
        if i + 1 < net.widths.len() {
            tally.cells /= 4;
            tally.conv(width, width, 3, true);
        }
    }
    tally.middle(inputs, net.mid_attention);
    tally.norm(inputs);
    let moments = 2 * vae.channels;
    tally.conv(inputs, moments, 3, true);
    if net.quant {
        tally.conv(moments, moments, 1, true);
    }
    tally.cost
}

fn kl_decoder(vae: &VaeConfig, net: &KlConfig) -> StageCost {
    let mut tally = Tally::new(vae.tokens());
    if net.post_quant {
        tally.conv(vae.channels, vae.channels, 1, true);
    }
    let mut inputs = net.inner();
    tally.conv(vae.channels, inputs, 3, true);
    tally.middle(inputs, net.mid_attention);
    for (i, &width) in net.widths.iter().enumerate().rev() {
        for _ in 0..=net.layers {
            tally.residual(inputs, width);
            inputs = width;
        }
        if i > 0 {
            tally.cells *= 4;
            tally.conv(width, width, 3, true);
        }
    }
    tally.norm(inputs);
    tally.conv(inputs, 3, 3, true);
    tally.cost
}

fn tiny_encoder(vae: &VaeConfig, net: &TinyConfig) -> StageCost {
    let mut tally = Tally::new(vae.width * vae.height);
    for (i, &blocks) in net.encoder_blocks.iter().enumerate() {
        if i == 0 {
            tally.conv(3, net.encoder_width, 3, true);
        } else {
            tally.cells /= 4;
            tally.conv(net.encoder_width, net.encoder_width, 3, false);
        }
        for _ in 0..blocks {
            tally.tiny_block(net.encoder_width);
        }
    }
    tally.conv(net.encoder_width, vae.channels, 3, true);
    tally.cost
}

fn tiny_decoder(vae: &VaeConfig, net: &TinyConfig) -> StageCost {
    let mut tally = Tally::new(vae.tokens());
    tally.conv(vae.channels, net.decoder_width, 3, true);
    let last = net.decoder_blocks.len().saturating_sub(1);
    for (i, &blocks) in net.decoder_blocks.iter().enumerate() {
        for _ in 0..blocks {
            tally.tiny_block(net.decoder_width);
        }
        if i < last {
            tally.cells *= 4;
            tally.conv(net.decoder_width, net.decoder_width, 3, false);
        }
    }
    tally.conv(net.decoder_width, 3, 3, true);
    tally.cost
}
