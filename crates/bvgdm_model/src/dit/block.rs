//! One block: spatial attention, temporal attention, MLP.

use burn::module::{Initializer, Module, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{FloatDType, Tensor};
use bvgdm_core::DitConfig;

use super::Sight;
use super::modulation::{Modulation, Modulators, widths};
use crate::layers::{Attention, Heads, Mlp, Rope, add_gated, modulate, newest};

/// A block of the DiT. Its modulation is its own projection of the condition, or the shared one
/// plus a learned offset.
#[derive(Module, Debug)]
pub struct DitBlock<B: Backend> {
    /// Over the tokens of one frame.
    pub s_attn: Attention<B>,
    /// Between the two attentions, if the configuration has it.
    pub s_mlp: Option<Mlp<B>>,
    /// Over the frames, one place at a time.
    pub t_attn: Attention<B>,
    /// Channel mixing.
    pub t_mlp: Mlp<B>,
    /// Own adaLN projections.
    pub adaln: Option<Modulators<B>>,
    /// Offset of the shared adaLN, spatial half.
    pub s_offset: Option<Param<Tensor<B, 1>>>,
    /// Offset of the shared adaLN, temporal half.
    pub t_offset: Option<Param<Tensor<B, 1>>>,
}

/// Temporal keys (already turned by their positions) and values of some frames,
/// `[batch * tokens, heads, frames, head_dim]` each.
#[derive(Debug, Clone)]
pub struct FrameKv<B: Backend> {
    /// Keys.
    pub k: Tensor<B, 4>,
    /// Values.
    pub v: Tensor<B, 4>,
}

impl<B: Backend> DitBlock<B> {
    /// New weights.
    pub fn new(config: &DitConfig, device: &B::Device) -> Self {
        let d = config.hidden;
        let attention = || Attention::new(d, config.heads, false, device);
        let mlp = || Mlp::new(d, config.mlp_width(), config.gelu, device);
        let shared = config.shared_adaln;
        let [spatial, temporal] = widths(config);
        let offset = |width: usize| shared.then(|| Initializer::Zeros.init([width], device));
        Self {
            s_attn: attention(),
            s_mlp: config.spatial_mlp.then(mlp),
            t_attn: attention(),
            t_mlp: mlp(),
            adaln: (!shared).then(|| Modulators::new(config, device)),
            s_offset: offset(spatial),
            t_offset: offset(temporal),
        }
    }

    /// This block's modulation from the condition `[batch, F, D]` or the shared one; its precision is
    /// that of the block's branches, the stream between them keeps its own.
    pub(super) fn modulation(
        &self,
        condition: &Tensor<B, 3>,
        shared: Option<&Modulation<B>>,
        precision: FloatDType,
    ) -> Modulation<B> {
        let own = self.adaln.as_ref().map(|m| m.forward(condition.clone()));
        // One of the two is always there; without either, nothing is modulated.
        let base = own.or_else(|| shared.cloned()).unwrap_or_else(|| {
            let [batch, frames, d] = condition.dims();
            let zeros = Tensor::zeros([batch, frames, 6 * d], &condition.device());
            Modulation {
                spatial: zeros.clone(),
                temporal: zeros,
            }
        });
        let add = |x: Tensor<B, 3>, offset: &Option<Param<Tensor<B, 1>>>| {
            let x = match offset {
                Some(offset) => x + offset.val().unsqueeze(),
                None => x,
            };
            x.cast(precision)
        };
        Modulation {
            spatial: add(base.spatial, &self.s_offset),
            temporal: add(base.temporal, &self.t_offset),
        }
    }

    /// `x: [batch, F, tokens, D]` to the same, and the temporal keys and values of these frames.
    pub(super) fn forward(
        &self,
        x: Tensor<B, 4>,
        modulation: &Modulation<B>,
        spatial: &Rope<B>,
        sight: &Sight<B>,
        past: Option<&FrameKv<B>>,
    ) -> (Tensor<B, 4>, FrameKv<B>) {
        let [_, _, tokens, d] = x.dims();
        let x = self.within_frames(x, modulation, spatial);
        let [shift, scale, gate] = Modulation::part(&modulation.temporal, 0, d);
        let heads = self
            .t_attn
            .heads_along_frames(modulate(x.clone(), shift, scale));
        let rope = sight.rope();
        let own = FrameKv {
            k: rope.rotate(heads.k),
            v: heads.v,
        };
        let all = match past {
            Some(past) => FrameKv {
                k: Tensor::cat(vec![past.k.clone(), own.k.clone()], 2),
                v: Tensor::cat(vec![past.v.clone(), own.v.clone()], 2),
            },
            None => own.clone(),
        };
        let heads = Heads {
            q: rope.rotate(heads.q),
            k: all.k,
            v: all.v,
        };
        let mixed = self.t_attn.attend_frames(heads, sight.bias(), tokens);
        (self.channels(add_gated(x, mixed, gate), modulation), own)
    }

    /// As [`forward`](Self::forward) without a past, and nothing is kept: the last `on` frames go on,
    /// `[batch, on, tokens, D]`, and of the others there are keys and values for them.
    pub(super) fn forward_once(
        &self,
        x: Tensor<B, 4>,
        modulation: &Modulation<B>,
        spatial: &Rope<B>,
        sight: &Sight<B>,
        on: usize,
    ) -> Tensor<B, 4> {
        let d = x.dims()[3];
        let x = self.within_frames(x, modulation, spatial);
        let [shift, scale, gate] = Modulation::part(&modulation.temporal, 0, d);
        let normed = modulate(x.clone(), shift, scale);
        let (rope, bias) = (sight.rope(), sight.bias());
        let mixed = self.t_attn.over_frames(normed, rope, bias, on);
        let x = add_gated(newest(x, on), mixed, newest(gate, on));
        self.channels(x, &modulation.newest(on))
    }

    /// The spatial half.
    fn within_frames(
        &self,
        x: Tensor<B, 4>,
        modulation: &Modulation<B>,
        spatial: &Rope<B>,
    ) -> Tensor<B, 4> {
        let d = x.dims()[3];
        let [shift, scale, gate] = Modulation::part(&modulation.spatial, 0, d);
        let normed = modulate(x.clone(), shift, scale);
        let x = add_gated(x, self.s_attn.over_places(normed, spatial), gate);
        let Some(mlp) = &self.s_mlp else { return x };
        let [shift, scale, gate] = Modulation::part(&modulation.spatial, 1, d);
        let normed = modulate(x.clone(), shift, scale);
        add_gated(x, mlp.forward(normed), gate)
    }

    /// The MLP at the end.
    fn channels(&self, x: Tensor<B, 4>, modulation: &Modulation<B>) -> Tensor<B, 4> {
        let d = x.dims()[3];
        let [shift, scale, gate] = Modulation::part(&modulation.temporal, 1, d);
        let normed = modulate(x.clone(), shift, scale);
        add_gated(x, self.t_mlp.forward(normed), gate)
    }
}
