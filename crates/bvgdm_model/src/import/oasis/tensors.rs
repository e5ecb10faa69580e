//! The tensors of open-oasis' networks and ours.

use bvgdm_core::{CoreError, DitConfig, TransformerConfig, VaeConfig, VaeNetwork};

use crate::import::piece::{Change, Piece};

/// Channels of the sinusoidal embedding of the noise level.
const LEVEL_CHANNELS: usize = 256;

/// The DiT's tensors under `dit`.
pub(super) fn dit(config: &DitConfig) -> Vec<Piece> {
    let (d, c, p) = (config.hidden, config.channels, config.patch);
    let mut list = List::new("dit");
    list.matrix("x_embedder", "x_embedder.proj", &[d, c, p, p], true);
    let level = [d, LEVEL_CHANNELS];
    list.matrix("level_embedder.fc1", "t_embedder.mlp.0", &level, true);
    list.matrix("level_embedder.fc2", "t_embedder.mlp.2", &[d, d], true);
    if config.actions > 0 {
        let shape = [d, config.actions];
        list.matrix("action_embedder", "external_cond", &shape, true);
    }
    let (head, mlp) = (config.head_dim(), config.mlp_width());
    for i in 0..config.depth {
        for (half, adaln) in [("s", "spatial"), ("t", "temporal")] {
            let at = |name: &str| format!("blocks.{i}.{half}_{name}");
            list.qkv(&at("attn.qkv"), &at("attn.to_qkv"), d, head, false);
            list.matrix(&at("attn.out"), &at("attn.to_out"), &[d, d], true);
            list.matrix(&at("mlp.fc1"), &at("mlp.fc1"), &[mlp, d], true);
            list.matrix(&at("mlp.fc2"), &at("mlp.fc2"), &[d, mlp], true);
            let ours = format!("blocks.{i}.adaln.{adaln}");
            list.matrix(&ours, &at("adaLN_modulation.1"), &[6 * d, d], true);
        }
    }
    let adaln = "final_layer.adaLN_modulation.1";
    list.matrix("final_adaln", adaln, &[2 * d, d], true);
    let shape = [c * p * p, d];
    list.matrix("final_linear", "final_layer.linear", &shape, true);
    list.pieces
}

/// The ViT-VAE's tensors under `vae`.
pub(super) fn vae(config: &VaeConfig) -> Result<Vec<Piece>, CoreError> {
    let VaeNetwork::Vit(net) = &config.network else {
        let found = config.network.name();
        return Err(CoreError::invalid("vae.network", "Vit", found));
    };
    let (enc, dec) = (net.encoder.width, net.decoder.width);
    let (c, p) = (config.channels, net.patch);
    let mut list = List::new("vae");
    list.matrix("patch_embed", "patch_embed.proj", &[enc, 3, p, p], true);
    list.vit("encoder", &net.encoder, net.mlp_ratio);
    list.norm("enc_norm", enc);
    list.matrix("quant", "quant_conv", &[2 * c, enc], true);
    list.matrix("post_quant", "post_quant_conv", &[dec, c], true);
    list.vit("decoder", &net.decoder, net.mlp_ratio);
    list.norm("dec_norm", dec);
    list.matrix("predictor", "predictor", &[3 * p * p, dec], true);
    Ok(list.pieces)
}

struct List {
    prefix: &'static str,
    pieces: Vec<Piece>,
}

impl List {
    fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            pieces: Vec::new(),
        }
    }

    fn ours(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn bias(&mut self, ours: &str, theirs: &str, width: usize) {
        let name = self.ours(&format!("{ours}.bias"));
        let source = format!("{theirs}.bias");
        self.pieces.push(Piece::kept(name, source, &[width]));
    }

    /// A linear layer, or a convolution that is one: `shape: [out, in...]`.
    fn matrix(&mut self, ours: &str, theirs: &str, shape: &[usize], bias: bool) {
        let name = self.ours(&format!("{ours}.weight"));
        let source = format!("{theirs}.weight");
        self.pieces.push(Piece::transposed(name, source, shape));
        if bias {
            self.bias(ours, theirs, shape.first().copied().unwrap_or(1));
        }
    }

    /// Queries, keys and values of `d` channels each.
    fn qkv(&mut self, ours: &str, theirs: &str, d: usize, head_dim: usize, bias: bool) {
        self.matrix(ours, theirs, &[3 * d, d], bias);
        let new = 1 + usize::from(bias);
        let first = self.pieces.len() - new;
        for piece in self.pieces.iter_mut().skip(first) {
            piece.change = match piece.change {
                Change::Transpose => Change::TransposeQkv { head_dim },
                _ => Change::ReorderQkv { head_dim },
            };
        }
    }

    fn norm(&mut self, name: &str, width: usize) {
        for (ours, theirs) in [("gamma", "weight"), ("beta", "bias")] {
            let (ours, theirs) = (format!("{name}.{ours}"), format!("{name}.{theirs}"));
            let piece = Piece::kept(self.ours(&ours), theirs, &[width]);
            self.pieces.push(piece);
        }
    }

    fn vit(&mut self, name: &str, stack: &TransformerConfig, mlp_ratio: f64) {
        let (d, head) = (stack.width, stack.head_dim());
        let mlp = (d as f64 * mlp_ratio) as usize;
        for i in 0..stack.depth {
            let at = |part: &str| format!("{name}.{i}.{part}");
            self.norm(&at("norm1"), d);
            self.qkv(&at("attn.qkv"), &at("attn.qkv"), d, head, true);
            self.matrix(&at("attn.out"), &at("attn.proj"), &[d, d], true);
            self.norm(&at("norm2"), d);
            self.matrix(&at("mlp.fc1"), &at("mlp.fc1"), &[mlp, d], true);
            self.matrix(&at("mlp.fc2"), &at("mlp.fc2"), &[d, mlp], true);
        }
    }
}

#[cfg(test)]
mod tests {
    use bvgdm_core::{Cost, preset};

    use super::*;

    fn parameters(pieces: &[Piece]) -> usize {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        pieces.iter().map(|piece| count(&piece.source_shape)).sum()
    }

    #[test]
    fn the_published_files_have_this_many_tensors_and_parameters() {
        let config = preset("oasis").unwrap();
        let (dit, vae) = (dit(&config.dit), vae(&config.vae).unwrap());
        // And the two rotary tables of 16 and 32 numbers.
        assert_eq!(dit.len() + 2, 302);
        assert_eq!(parameters(&dit) + 48, 607_943_792);
        assert_eq!((vae.len(), parameters(&vae)), (228, 229_246_160));
        let all = parameters(&dit) + parameters(&vae);
        assert_eq!(all as u64, Cost::of(&config).parameters());
    }
}
