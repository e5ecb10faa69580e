//! The passes of a block.

use std::ops::Range;

use bvgdm_core::DitConfig;

use super::block::Block;
use super::{Network, gelu};
use crate::build::{Builder, Layer, plain};
use crate::pass::{
    Linear, Modulation, Norm, PassKind, Residual, Rotation, SpatialAttention, Target,
    TemporalAttention,
};
use crate::plan::{BufferId, TableId};

/// The passes of one block.
pub struct BlockPasses<'a, 'b> {
    pub network: &'a Network,
    pub block: &'a Block,
    pub dit: &'a DitConfig,
    pub builder: &'a mut Builder<'b>,
    pub name: String,
    pub stream: &'a mut BufferId,
    pub spare: &'a mut BufferId,
    pub tokens: usize,
}

impl BlockPasses<'_, '_> {
    pub fn spatial(&mut self, rows: Range<usize>) {
        let (network, block) = (self.network, self.block);
        let norm = self.norm(0, rows.clone());
        let mut qkv = self.normed_product(block.s_qkv, norm, network.qkv, rows.clone());
        qkv.rotation = Some(self.rotation(Some(network.spatial_rope), 2));
        self.push("spatial qkv", PassKind::Linear(qkv));
        let attention = SpatialAttention {
            qkv: network.qkv,
            output: network.mixed,
            rows: rows.clone(),
            tokens: self.tokens,
            heads: self.dit.heads,
            head_dim: self.dit.head_dim(),
        };
        self.push("spatial attention", PassKind::Spatial(attention));
        self.add("spatial out", block.s_out, network.mixed, 0, rows.clone());
        if let Some(mlp) = block.s_mlp {
            self.mlp("spatial", mlp, 1, rows);
        }
    }

    /// Queries, keys and values of all `rows`, though of those beyond `after` no queries are wanted: one
    /// product more would cost more than they do. The rest of `after` alone.
    pub fn temporal(&mut self, rows: Range<usize>, after: Range<usize>) {
        let (network, block) = (self.network, self.block);
        let first = 1 + usize::from(self.dit.spatial_mlp);
        let norm = self.norm(first, rows.clone());
        let mut qkv = self.normed_product(block.t_qkv, norm, block.ring, rows);
        qkv.output = Target::Ring(block.ring);
        qkv.rotation = Some(self.rotation(None, 2));
        self.push("temporal qkv", PassKind::Linear(qkv));
        let attention = TemporalAttention {
            ring: block.ring,
            output: network.mixed,
            rows: after.clone(),
            tokens: self.tokens,
            heads: self.dit.heads,
            head_dim: self.dit.head_dim(),
            slots: self.dit.window + 1,
            window: self.dit.window,
        };
        self.push("temporal attention", PassKind::Temporal(attention));
        self.add(
            "temporal out",
            block.t_out,
            network.mixed,
            first,
            after.clone(),
        );
        self.mlp("temporal", block.t_mlp, first + 1, after);
    }

    fn mlp(&mut self, name: &str, layers: [Layer; 2], sub: usize, rows: Range<usize>) {
        let network = self.network;
        let norm = self.norm(sub, rows.clone());
        let mut fc1 = self.normed_product(layers[0], norm, network.hidden, rows.clone());
        fc1.activation = gelu(self.dit.gelu);
        self.push(&format!("{name} mlp in"), PassKind::Linear(fc1));
        self.add(
            &format!("{name} mlp out"),
            layers[1],
            network.hidden,
            sub,
            rows,
        );
    }

    /// Norm of the stream, modulated for sub-layer `sub`.
    fn norm(&self, sub: usize, rows: Range<usize>) -> Norm {
        Norm {
            input: *self.stream,
            output: self.network.normed,
            affine: Some([1, 0].map(|part| self.modulation(sub, part))),
            rows,
            tokens: self.tokens,
            columns: self.dit.hidden,
        }
    }

    /// A product onto the stream, gated for sub-layer `sub`.
    fn add(&mut self, name: &str, layer: Layer, input: BufferId, sub: usize, rows: Range<usize>) {
        let mut linear = self.product(layer, input, *self.spare, rows);
        linear.add = Some(Residual {
            stream: *self.stream,
            gate: Some(self.modulation(sub, 2)),
        });
        self.push(name, PassKind::Linear(linear));
        std::mem::swap(self.stream, self.spare);
    }

    /// Part 0 (shift), 1 (scale) or 2 (gate) of a sub-layer's modulation.
    fn modulation(&self, sub: usize, part: usize) -> Modulation {
        let offset_column = (3 * sub + part) * self.dit.hidden;
        let (_, buffer) = self.network.modulation[self.block.modulation];
        Modulation {
            buffer,
            column: offset_column,
            offset: self.block.offset,
            offset_column,
        }
    }

    fn product(
        &self,
        layer: Layer,
        input: BufferId,
        output: BufferId,
        rows: Range<usize>,
    ) -> Linear {
        plain(layer, input, Target::Rows(output), rows, self.tokens)
    }

    fn normed_product(
        &self,
        layer: Layer,
        norm: Norm,
        output: BufferId,
        rows: Range<usize>,
    ) -> Linear {
        let mut linear = self.product(layer, norm.output, output, rows);
        linear.norm = Some(Box::new(norm));
        linear
    }

    /// Turns the first `widths` times D columns.
    fn rotation(&self, places: Option<TableId>, widths: usize) -> Rotation {
        Rotation {
            places,
            columns: widths * self.dit.hidden,
            head_dim: self.dit.head_dim(),
        }
    }

    fn push(&mut self, name: &str, kind: PassKind) {
        self.builder.push(format!("{} {name}", self.name), kind);
    }
}
