//! What a configuration costs, counted from its sizes (one multiply-add is two FLOP; norms,
//! activations and softmax are left out).

mod vae;

use crate::config::{DitConfig, SlidingWindow, VaeConfig, WorldConfig};

/// Parameters and FLOP of one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StageCost {
    /// Learned numbers.
    pub parameters: u64,
    /// FLOP for one frame.
    pub flop: u64,
}

/// Parameters and FLOP of a world, stage by stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Pixels to latent.
    pub encoder: StageCost,
    /// One pass over one frame's tokens against a full cache.
    pub dit: StageCost,
    /// Latent to pixels.
    pub decoder: StageCost,
}

/// What one generated frame takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayCost {
    /// All denoising passes.
    pub denoise_flop: u64,
    /// What writes the context's keys and values: those of the newest frame, of whose last block nothing else
    /// than these and its queries is computed, or of the whole window where it is computed afresh.
    pub commit_flop: u64,
    /// Latent to pixels.
    pub decode_flop: u64,
    /// The same frame without a cache: every denoising pass over the whole window, and decoding.
    pub naive_flop: u64,
    /// Weights in f32 plus the ring of keys and values, in bytes.
    pub memory_bytes: u64,
}

impl PlayCost {
    /// FLOP of a whole frame.
    pub fn total_flop(&self) -> u64 {
        self.denoise_flop + self.commit_flop + self.decode_flop
    }
}

impl Cost {
    /// Counts a configuration.
    pub fn of(config: &WorldConfig) -> Self {
        let [encoder, decoder] = Self::of_vae(&config.vae);
        Self {
            encoder,
            dit: dit(&config.dit),
            decoder,
        }
    }

    /// Counts a VAE alone: encoder and decoder.
    pub fn of_vae(config: &VaeConfig) -> [StageCost; 2] {
        [vae::encoder(config), vae::decoder(config)]
    }

    /// All parameters.
    pub fn parameters(&self) -> u64 {
        self.encoder.parameters + self.dit.parameters + self.decoder.parameters
    }

    /// One frame drawn in `steps` denoising passes, as many as a sampler may have
    /// ([`SamplerConfig::validate`](crate::SamplerConfig::validate)).
    pub fn play(&self, config: &WorldConfig, steps: usize) -> PlayCost {
        let dit = &config.dit;
        let commit_flop = match dit.sliding {
            SlidingWindow::Banded => self.dit.flop - after_last_keys(dit),
            SlidingWindow::Recomputed => self.dit.flop * dit.window.saturating_sub(1).max(1) as u64,
        };
        let denoise_flop = self.dit.flop * steps as u64;
        PlayCost {
            denoise_flop,
            commit_flop,
            decode_flop: self.decoder.flop,
            naive_flop: denoise_flop * dit.window as u64 + self.decoder.flop,
            memory_bytes: 4 * self.parameters() + dit.cache_bytes(),
        }
    }

    /// Bytes to train the DiT on `windows` windows of `frames` frames: weights, gradients, two
    /// Adam moments and EMA in f32, and the activations that the backward pass needs (about 34
    /// numbers a channel and block for each token, Korthikanti et al. 2022, §4.1, in f32).
    pub fn train_bytes(&self, config: &WorldConfig, windows: usize, frames: usize) -> u64 {
        let dit = &config.dit;
        let tokens = 2 * windows * frames * dit.tokens();
        let activations = 34 * tokens * dit.hidden * dit.depth;
        4 * (5 * self.dit.parameters + activations as u64)
    }
}

/// Parameters of `y = W x + b`.
fn linear(inputs: usize, outputs: usize, bias: bool) -> u64 {
    (inputs * outputs + usize::from(bias) * outputs) as u64
}

/// FLOP of one frame after the last block's queries, keys and values: its temporal attention and MLP, and the
/// final layer.
fn after_last_keys(dit: &DitConfig) -> u64 {
    let (d, tokens) = (dit.hidden, dit.tokens());
    let cell = dit.channels * dit.patch * dit.patch;
    let per_token = d * d + 2 * d * dit.mlp_width() + d * cell;
    (2 * tokens * per_token + 4 * tokens * dit.window * d) as u64
}

fn dit(dit: &DitConfig) -> StageCost {
    /// Channels of the sinusoidal embedding of the noise level.
    const LEVEL_CHANNELS: usize = 256;
    let (d, tokens, mlp) = (dit.hidden, dit.tokens(), dit.mlp_width());
    let cell = dit.channels * dit.patch * dit.patch;
    let input = cell * (1 + usize::from(dit.see_previous));
    let halves = 2 * dit.depth;
    let mlps = dit.depth * (1 + usize::from(dit.spatial_mlp));
    // Vectors that modulate a block: three for each sub-layer.
    let modulation = 3 * (2 + 1 + usize::from(dit.spatial_mlp)) * d;
    let per_token = halves * 4 * d * d + mlps * 2 * d * mlp + input * d + d * cell;
    let attention = dit.depth * (4 * tokens * tokens * d + 4 * tokens * dit.window * d);

    let ends = linear(input, d, true) + linear(d, cell, true) + linear(d, 2 * d, true);
    let level = linear(LEVEL_CHANNELS, d, true) + linear(d, d, true);
    let condition = level + linear(dit.actions, d, true);
    let positions = if dit.learned_positions {
        (tokens * d) as u64
    } else {
        0
    };
    let adaln = if dit.shared_adaln {
        linear(d, modulation, true) + (dit.depth * modulation) as u64
    } else {
        dit.depth as u64 * linear(d, modulation, true)
    };
    let attentions = halves as u64 * (linear(d, 3 * d, false) + linear(d, d, true));
    let mlp_parameters = mlps as u64 * (linear(d, mlp, true) + linear(mlp, d, true));
    let modulators = if dit.shared_adaln { 1 } else { dit.depth };
    let conditioning_flop =
        2 * (modulators * d * modulation + LEVEL_CHANNELS * d + 3 * d * d + dit.actions * d);
    StageCost {
        parameters: ends + condition + positions + adaln + attentions + mlp_parameters,
        flop: (2 * tokens * per_token + attention + conditioning_flop) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{KlConfig, TinyConfig, VaeNetwork};

    #[test]
    fn the_arena_s_preset_keeps_to_its_budget_in_one_pass_a_frame() {
        let config = crate::preset("arena").unwrap();
        assert_eq!(config.sampler.steps, 1);
        let cost = Cost::of(&config);
        let frame = cost.play(&config, config.sampler.steps);
        assert!(frame.total_flop() <= 1_200_000_000, "{frame:?}");
        assert!(
            cost.parameters() * 2 <= 16_000_000,
            "f16 weights within 16 MB: {cost:?}"
        );
    }

    #[test]
    fn the_arena_that_ships_keeps_to_its_budget_in_the_passes_that_it_is_played_with() {
        let text = include_bytes!("../../../assets/worlds/arena.world.ron");
        let config = crate::WorldManifest::parse(text).unwrap().config;
        assert!(config.sampler.steps > 1);
        let frame = Cost::of(&config).play(&config, config.sampler.steps);
        assert!(frame.total_flop() <= 1_200_000_000, "{frame:?}");
    }

    #[test]
    fn oasis_has_the_published_number_of_parameters() {
        let cost = Cost::of(&crate::preset("oasis").unwrap());
        // The published count (607,943,792) holds two rotary tables that are not learned.
        assert_eq!(cost.dit.parameters, 607_943_792 - 48);
        assert_eq!(cost.encoder.parameters, 76_842_016);
        assert_eq!(cost.decoder.parameters, 152_404_144);
    }

    #[test]
    fn a_window_that_is_computed_afresh_costs_its_context_once_a_frame() {
        let config = crate::preset("oasis").unwrap();
        let play = Cost::of(&config).play(&config, 10);
        let tera = |flop: u64| flop as f64 / 1e12;
        // 31 frames of context and ten passes of one frame, against ten passes of 32 frames.
        let cached = tera(play.denoise_flop + play.commit_flop);
        assert!((4.7..4.9).contains(&cached), "{cached} TFLOP cached");
        let naive = tera(play.naive_flop);
        assert!((37.0..38.5).contains(&naive), "{naive} TFLOP naive");
    }

    #[test]
    fn the_vae_of_stable_diffusion_has_the_published_number_of_parameters() {
        let mut config = crate::preset("arena").unwrap().vae;
        (config.width, config.height, config.channels) = (512, 512, 4);
        config.network = VaeNetwork::Kl(KlConfig {
            widths: vec![128, 256, 512, 512],
            layers: 2,
            norm_groups: 32,
            mid_attention: true,
            quant: true,
            post_quant: true,
        });
        config.validate().unwrap();
        let [encoder, decoder] = Cost::of_vae(&config);
        assert_eq!(encoder.parameters + decoder.parameters, 83_653_863);
        config.network = VaeNetwork::Tiny(TinyConfig {
            encoder_width: 64,
            decoder_width: 64,
            encoder_blocks: vec![1, 3, 3, 3],
            decoder_blocks: vec![3, 3, 3, 1],
        });
        let [encoder, decoder] = Cost::of_vae(&config);
        assert_eq!(encoder.parameters + decoder.parameters, 2_445_063);
    }
}
