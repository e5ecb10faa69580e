//! The ViT-VAE's passes.

use bvgdm_core::{Gelu, TransformerConfig, VitConfig};

use super::dit::gelu;
use super::{Builder, Layer, plain, plain_norm};
use crate::error::Result;
use crate::pass::{Norm, PassKind, Residual, Rotation, SpatialAttention, Target};
use crate::plan::{BufferId, State, TableId};
use crate::rope;
use crate::weights::Matrix;

/// The last latent to patches of pixels in [0, 1].
pub(super) fn decode(builder: &mut Builder<'_>, vit: &VitConfig, state: &State) -> Result<()> {
    let vae = &builder.config.vae;
    let (layout, width) = (builder.layout, vit.decoder.width);
    let rows = 0..layout.cells;
    let cells = builder.buffer("cells", layout.cells, vae.channels);
    builder.copy("latent to cells", state.last, cells);

    // Out of the latent's scale and shift.
    let (unscale, shift) = ((1.0 / vae.latent_scale) as f32, vae.latent_shift as f32);
    let weight = builder.matrix("vae.post_quant.weight", [vae.channels, width])?;
    let mut bias = builder.matrix("vae.post_quant.bias", [1, width])?;
    add_rows(&mut bias, &weight, shift);
    let layer = builder.layer("decoder in", weight.map(|w| w * unscale), Some(bias));
    let mut stack = Stack::new(builder, "decoder", vit, &vit.decoder);
    let embed = plain(
        layer,
        cells,
        Target::Rows(stack.stream[0]),
        rows.clone(),
        layout.cells,
    );
    builder.push("decoder in", PassKind::Linear(embed));
    stack.blocks(builder)?;

    // (x + 1) / 2, so that what comes out is in [0, 1].
    let numbers = layout.patch_numbers;
    let weight = builder.matrix("vae.predictor.weight", [width, numbers])?;
    let bias = builder.matrix("vae.predictor.bias", [1, numbers])?;
    let order = layout.pixel_order();
    let weight = weight.pick_columns(&order).map(|w| 0.5 * w);
    let bias = bias.pick_columns(&order).map(|b| 0.5 * b + 0.5);
    stack.last(builder, "vae.dec_norm", weight, bias, state.pixels)
}

/// Patches of pixels to the drawn latent: the mean, scaled.
pub(super) fn encode(builder: &mut Builder<'_>, vit: &VitConfig, state: &State) -> Result<()> {
    let vae = &builder.config.vae;
    let (layout, width, c) = (builder.layout, vit.encoder.width, vae.channels);
    let rows = 0..layout.cells;

    // 2 x − 1 on the way in.
    let weight = builder.matrix("vae.patch_embed.weight", [layout.patch_numbers, width])?;
    let mut bias = builder.matrix("vae.patch_embed.bias", [1, width])?;
    add_rows(&mut bias, &weight, -1.0);
    let weight = weight.pick_rows(&layout.pixel_order()).map(|w| 2.0 * w);
    let layer = builder.layer("encoder in", weight, Some(bias));
    let mut stack = Stack::new(builder, "encoder", vit, &vit.encoder);
    let output = Target::Rows(stack.stream[0]);
    let embed = plain(layer, state.pixels, output, rows, layout.cells);
    builder.push("encoder in", PassKind::Linear(embed));
    stack.blocks(builder)?;

    let mean: Vec<usize> = (0..c).collect();
    let (scale, shift) = (vae.latent_scale as f32, vae.latent_shift as f32);
    let weight = builder.matrix("vae.quant.weight", [width, 2 * c])?;
    let bias = builder.matrix("vae.quant.bias", [1, 2 * c])?;
    let weight = weight.pick_columns(&mean).map(|w| w * scale);
    let bias = bias.pick_columns(&mean).map(|b| (b - shift) * scale);
    let cells = builder.buffer("encoded cells", layout.cells, c);
    stack.last(builder, "vae.enc_norm", weight, bias, cells)?;
    builder.copy("cells to latent", cells, state.drawn);
    Ok(())
}

/// Adds every row of a layer's weight, times `factor`: what an input of `factor` everywhere gives.
fn add_rows(bias: &mut Matrix, weight: &Matrix, factor: f32) {
    for row in 0..weight.rows {
        let terms = weight.row(row).iter();
        bias.values
            .iter_mut()
            .zip(terms)
            .for_each(|(b, w)| *b += factor * w);
    }
}

/// Transformer blocks over a frame's cells.
struct Stack {
    name: &'static str,
    mlp_ratio: f64,
    gelu: Gelu,
    config: TransformerConfig,
    stream: [BufferId; 2],
    normed: BufferId,
    qkv: BufferId,
    mixed: BufferId,
    hidden: BufferId,
    rope: TableId,
    tokens: usize,
}

impl Stack {
    fn new(
        builder: &mut Builder<'_>,
        name: &'static str,
        vit: &VitConfig,
        config: &TransformerConfig,
    ) -> Self {
        let (d, head, layout) = (config.width, config.head_dim(), builder.layout);
        let hidden = ((d as f64 * vit.mlp_ratio) as usize).next_multiple_of(4);
        let [_, rows, columns] = builder.config.vae.latent_shape();
        let places = (0..layout.cells).map(|i| layout.place(i));
        let turns = rope::axial(
            places,
            [rows, columns],
            head,
            config.rope_dims,
            vit.rope_max_freq,
        );
        let turns = Matrix::new(layout.cells, head, turns);
        let mut buffer =
            |part: &str, columns| builder.buffer(format!("{name} {part}"), layout.cells, columns);
        Self {
            name,
            mlp_ratio: vit.mlp_ratio,
            gelu: vit.gelu,
            config: config.clone(),
            stream: ["stream", "stream'"].map(|part| buffer(part, d)),
            normed: buffer("normed", d),
            qkv: buffer("qkv", 3 * d),
            mixed: buffer("mixed", d),
            hidden: buffer("hidden", hidden),
            rope: builder.table(format!("{name} rope"), turns, false),
            tokens: layout.cells,
        }
    }

    fn blocks(&mut self, builder: &mut Builder<'_>) -> Result<()> {
        (0..self.config.depth).try_for_each(|i| self.block(builder, i))
    }

    fn block(&mut self, builder: &mut Builder<'_>, i: usize) -> Result<()> {
        let (d, heads, head) = (self.config.width, self.config.heads, self.config.head_dim());
        let (name, prefix) = (self.name, format!("vae.{}.{i}", self.name));
        let rows = 0..self.tokens;
        let label = |part: &str| format!("{name} {i} {part}");

        let weight = builder.matrix(&format!("{prefix}.attn.qkv.weight"), [d, 3 * d])?;
        let bias = builder.matrix(&format!("{prefix}.attn.qkv.bias"), [1, 3 * d])?;
        let turned = |first| rope::interleaved(first, heads, head);
        let order: Vec<_> = turned(0).chain(turned(d)).chain(2 * d..3 * d).collect();
        let (weight, bias) = (weight.pick_columns(&order), bias.pick_columns(&order));
        let norm = format!("{prefix}.norm1");
        let layer = self.after_norm(builder, &label("qkv"), &norm, weight, bias)?;
        let mut qkv = plain(
            layer,
            self.normed,
            Target::Rows(self.qkv),
            rows.clone(),
            self.tokens,
        );
        qkv.norm = Some(Box::new(self.norm()));
        qkv.rotation = Some(Rotation {
            places: Some(self.rope),
            columns: 2 * d,
            head_dim: head,
        });
        builder.push(label("qkv"), PassKind::Linear(qkv));
        let attention = SpatialAttention {
            qkv: self.qkv,
            output: self.mixed,
            rows: rows.clone(),
            tokens: self.tokens,
            heads,
            head_dim: head,
        };
        builder.push(label("attention"), PassKind::Spatial(attention));
        let weight = builder.matrix(&format!("{prefix}.attn.out.weight"), [d, d])?;
        let bias = builder.matrix(&format!("{prefix}.attn.out.bias"), [1, d])?;
        let layer = builder.layer(&label("out"), weight, Some(bias));
        self.add(builder, label("out"), layer, self.mixed);

        let hidden = (d as f64 * self.mlp_ratio) as usize;
        let [w1, b1, w2, b2] = builder.mlp(&format!("{prefix}.mlp"), d, hidden)?;
        let norm = format!("{prefix}.norm2");
        let layer = self.after_norm(builder, &label("mlp in"), &norm, w1, b1)?;
        let output = Target::Rows(self.hidden);
        let mut fc1 = plain(layer, self.normed, output, rows, self.tokens);
        fc1.norm = Some(Box::new(self.norm()));
        fc1.activation = gelu(self.gelu);
        builder.push(label("mlp in"), PassKind::Linear(fc1));
        let layer = builder.layer(&label("mlp out"), w2, Some(b2));
        self.add(builder, label("mlp out"), layer, self.hidden);
        Ok(())
    }

    /// Norm and product at the end.
    fn last(
        &self,
        builder: &mut Builder<'_>,
        norm: &str,
        weight: Matrix,
        bias: Matrix,
        output: BufferId,
    ) -> Result<()> {
        let label = format!("{} out", self.name);
        let layer = self.after_norm(builder, &label, norm, weight, bias)?;
        let rows = 0..self.tokens;
        let mut last = plain(layer, self.normed, Target::Rows(output), rows, self.tokens);
        last.norm = Some(Box::new(self.norm()));
        builder.push(label, PassKind::Linear(last));
        Ok(())
    }

    fn norm(&self) -> Norm {
        let rows = 0..self.tokens;
        plain_norm(self.stream[0], self.normed, rows, self.config.width)
    }

    /// A product onto the stream.
    fn add(&mut self, builder: &mut Builder<'_>, label: String, layer: Layer, input: BufferId) {
        let [stream, spare] = self.stream;
        let mut linear = plain(
            layer,
            input,
            Target::Rows(spare),
            0..self.tokens,
            self.tokens,
        );
        linear.add = Some(Residual { stream, gate: None });
        builder.push(label, PassKind::Linear(linear));
        self.stream = [spare, stream];
    }

    /// The layer with the norm's learned gain and offset in it: `(n γ + β) W + b` is
    /// `n (γ W) + (β W + b)`.
    fn after_norm(
        &self,
        builder: &mut Builder<'_>,
        label: &str,
        norm: &str,
        mut weight: Matrix,
        mut bias: Matrix,
    ) -> Result<Layer> {
        let d = self.config.width;
        let gamma = builder.matrix(&format!("{norm}.gamma"), [1, d])?;
        let beta = builder.matrix(&format!("{norm}.beta"), [1, d])?;
        let columns = weight.columns;
        for (row, values) in weight.values.chunks_exact_mut(columns).enumerate() {
            for (b, value) in bias.values.iter_mut().zip(values) {
                *b += beta.values[row] * *value;
                *value *= gamma.values[row];
            }
        }
        Ok(builder.layer(label, weight, Some(bias)))
    }
}
