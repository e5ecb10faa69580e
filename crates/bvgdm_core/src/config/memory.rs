//! How much memory sizes may ask for besides that of the weights. A file has to be as large as its weights, but
//! a manifest of a few hundred bytes could ask for any cache and any activations.

use super::{DitConfig, KlConfig, SlidingWindow, TinyConfig, VaeConfig, VaeNetwork, VitConfig};
use crate::error::{Result, check_range};

/// The most bytes that a world's cached queries, keys and values may take (8 GiB); DiT-XL/2 takes 6.1.
const MAX_CACHE_BYTES: u64 = 1 << 33;

/// The most bytes that a transformer's pass keeps at once, that the scores of its attention take, or that the
/// result of a convolution takes (4 GiB). Oasis keeps 0.2; the VAE of Stable Diffusion takes 1 at 1024 × 1024
/// pixels.
const MAX_ACTIVATION_BYTES: u64 = 1 << 32;

impl DitConfig {
    /// Bytes of the queries, keys and values that passes keep while they play, in f32: of the tokens of a
    /// window and of the frame that is drawn, in every block. The burn modules keep no queries.
    pub fn cache_bytes(&self) -> u64 {
        let frames = self.window.saturating_add(1);
        bytes(&[3, self.depth, frames, self.tokens(), self.hidden])
    }

    /// Refuses a cache or passes that no memory holds.
    pub(super) fn check_memory(&self) -> Result<()> {
        check_range(
            "dit.(bytes of the window's keys and values)",
            self.cache_bytes(),
            1,
            MAX_CACHE_BYTES,
        )?;
        let (frames, tokens) = (self.frames_of_a_pass(), self.tokens());
        let cell = self.channels * self.patch * self.patch;
        // The latent on the way in, the previous one beside it if it is seen, and the prediction.
        let ends = cell * (2 + usize::from(self.see_previous));
        let numbers = ends + of_a_block(self.hidden, self.mlp_width());
        check_activation(
            "dit.(bytes of a pass's activations)",
            &[frames, tokens, numbers],
        )?;
        // Engines without an attention of their own make all scores at once.
        check_activation(
            "dit.(bytes of a pass's scores among tokens)",
            &[frames, self.heads, tokens, tokens],
        )?;
        check_activation(
            "dit.(bytes of a pass's scores among frames)",
            &[tokens, self.heads, frames, self.window + 1],
        )
    }

    /// Frames that one pass takes when a world is played. What a training takes at once is its own choice.
    fn frames_of_a_pass(&self) -> usize {
        match self.sliding {
            // The newest frame, whose keys and values are written, and the one that is drawn.
            SlidingWindow::Banded => 2,
            SlidingWindow::Recomputed => self.window.max(2),
        }
    }
}

impl VaeConfig {
    /// Refuses networks of whose activations for one frame no memory holds all.
    pub(super) fn check_memory(&self) -> Result<()> {
        let size = [self.width, self.height];
        match &self.network {
            VaeNetwork::Vit(vit) => vit.check_memory(self.tokens()),
            VaeNetwork::Kl(kl) => kl.check_memory(size),
            VaeNetwork::Tiny(tiny) => tiny.check_memory(size),
        }
    }
}

impl VitConfig {
    fn check_memory(&self, tokens: usize) -> Result<()> {
        for (name, stack) in [("encoder", &self.encoder), ("decoder", &self.decoder)] {
            let mlp = (stack.width as f64 * self.mlp_ratio) as usize;
            let field = |what: &str| format!("vae.network.{name}.(bytes of a pass's {what})");
            let numbers = of_a_block(stack.width, mlp);
            check_activation(&field("activations"), &[tokens, numbers])?;
            check_activation(&field("scores"), &[stack.heads, tokens, tokens])?;
        }
        Ok(())
    }
}

impl KlConfig {
    fn check_memory(&self, [width, height]: [usize; 2]) -> Result<()> {
        for (i, &own) in self.widths.iter().enumerate() {
            // The decoder comes to this size with the channels of the stage before.
            let channels = self.widths.get(i + 1).map_or(own, |&inner| own.max(inner));
            let field = format!("vae.network.widths[{i}].(bytes of an activation)");
            check_activation(&field, &[channels, height >> i, width >> i])?;
        }
        Ok(())
    }
}

impl TinyConfig {
    fn check_memory(&self, [width, height]: [usize; 2]) -> Result<()> {
        for (name, channels) in [
            ("encoder_width", self.encoder_width),
            ("decoder_width", self.decoder_width),
        ] {
            let field = format!("vae.network.{name}.(bytes of an activation)");
            check_activation(&field, &[channels, height, width])?;
        }
        Ok(())
    }
}

/// Numbers of a token that a transformer's block keeps at once: the stream before and after it, its norm,
/// queries, keys and values, what the attention makes of them, and the inner layer of the MLP.
fn of_a_block(width: usize, mlp: usize) -> usize {
    7 * width + mlp
}

/// Bytes of as many f32 as the product of `counts`.
fn bytes(counts: &[usize]) -> u64 {
    let product = |bytes: u64, &count: &usize| bytes.saturating_mul(count as u64);
    counts.iter().fold(4, product)
}

fn check_activation(field: &str, counts: &[usize]) -> Result<()> {
    check_range(field, bytes(counts), 1, MAX_ACTIVATION_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(found: Result<()>, parts: &[&str]) {
        let error = found.unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    }

    /// A DiT of one block over `side` times `side` tokens.
    fn dit(side: usize, hidden: usize, heads: usize, window: usize) -> DitConfig {
        let mut dit = crate::preset("arena").unwrap().dit;
        (dit.height, dit.width, dit.patch, dit.depth) = (side, side, 1, 1);
        (dit.hidden, dit.heads, dit.window) = (hidden, heads, window);
        dit
    }

    #[test]
    fn a_cache_that_no_memory_holds_is_refused_though_every_size_is_within_its_range() {
        let parts = ["keys and values", "1 to 8589934592", "found 51589939200"];
        refused(dit(128, 256, 1, 1024).validate(), &parts);
        dit(128, 256, 1, 160).validate().unwrap();
    }

    #[test]
    fn passes_that_no_memory_holds_are_refused_though_every_size_is_within_its_range() {
        let activations = [
            "dit.(bytes of a pass's activations)",
            "1 to 4294967296",
            "found 11280580608",
        ];
        refused(dit(128, 8192, 1, 1).validate(), &activations);
        dit(128, 2048, 1, 1).validate().unwrap();
        let tokens = ["dit.(bytes of a pass's scores among tokens)"];
        refused(dit(128, 240, 4, 1).validate(), &tokens);
        dit(128, 240, 2, 1).validate().unwrap();
    }

    #[test]
    fn a_window_that_is_computed_afresh_has_to_fit_in_one_pass() {
        for (side, hidden, heads, field) in [
            (128, 4, 1, "dit.(bytes of a pass's activations)"),
            (64, 4, 1, "dit.(bytes of a pass's scores among tokens)"),
            (16, 32, 8, "dit.(bytes of a pass's scores among frames)"),
        ] {
            let mut dit = dit(side, hidden, heads, 1024);
            dit.validate().unwrap();
            dit.sliding = SlidingWindow::Recomputed;
            refused(dit.validate(), &[field]);
            dit.window = 2;
            dit.validate().unwrap();
        }
    }

    #[test]
    fn a_vit_that_no_memory_holds_is_refused() {
        let vae = |width, heads, rope_dims| {
            let mut vae = crate::preset("arena").unwrap().vae;
            // 16,384 tokens.
            (vae.width, vae.height) = (1024, 1024);
            if let VaeNetwork::Vit(vit) = &mut vae.network {
                let decoder = &mut vit.decoder;
                (decoder.width, decoder.heads, decoder.rope_dims) = (width, heads, rope_dims);
            }
            vae
        };
        vae(160, 4, 20).validate().unwrap();
        let activations = ["vae.network.decoder.(bytes of a pass's activations)"];
        refused(vae(8192, 4, 20).validate(), &activations);
        let scores = ["vae.network.decoder.(bytes of a pass's scores)"];
        refused(vae(160, 8, 10).validate(), &scores);
    }

    #[test]
    fn convolutions_that_no_memory_holds_are_refused() {
        let vae = |side, network| VaeConfig {
            width: side,
            height: side,
            network,
            ..crate::preset("arena").unwrap().vae
        };
        let kl = |widths: &[usize]| {
            VaeNetwork::Kl(KlConfig {
                widths: widths.to_vec(),
                layers: 2,
                norm_groups: 32,
                mid_attention: false,
                quant: true,
                post_quant: true,
            })
        };
        let published = [128, 256, 512, 512];
        vae(2048, kl(&published)).validate().unwrap();
        let first = ["vae.network.widths[0].(bytes of an activation)"];
        refused(vae(4096, kl(&published)).validate(), &first);
        let third = ["vae.network.widths[2].(bytes of an activation)"];
        refused(vae(4096, kl(&[32, 32, 32, 4096])).validate(), &third);

        let tiny = |encoder_width, decoder_width| {
            VaeNetwork::Tiny(TinyConfig {
                encoder_width,
                decoder_width,
                encoder_blocks: vec![1, 3, 3, 3],
                decoder_blocks: vec![3, 3, 3, 1],
            })
        };
        vae(4096, tiny(64, 64)).validate().unwrap();
        let encoder = ["vae.network.encoder_width.(bytes of an activation)"];
        refused(vae(4096, tiny(65, 64)).validate(), &encoder);
        let decoder = ["vae.network.decoder_width.(bytes of an activation)"];
        refused(vae(4096, tiny(64, 65)).validate(), &decoder);
    }
}
