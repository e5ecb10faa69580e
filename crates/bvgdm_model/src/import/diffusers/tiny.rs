//! The tensors of an `AutoencoderTiny`, which is two lists of layers that are only numbered.

use std::collections::BTreeMap;

use bvgdm_core::TinyConfig;

use crate::import::piece::Piece;

/// Where our tensors (under `vae`) come from.
pub(super) fn pieces(ours: Vec<(String, Vec<usize>)>, net: &TinyConfig) -> Vec<Piece> {
    let layers = layers(net);
    let piece = |(name, shape): (String, Vec<usize>)| {
        let (layer, kind) = name.rsplit_once('.').unwrap_or((&name, ""));
        let source = layers.get(layer).map_or(layer, String::as_str);
        let source = format!("{source}.{kind}");
        Piece::kept(name, source, &shape)
    };
    ours.into_iter().map(piece).collect()
}

/// The file's name for each of our layers.
fn layers(net: &TinyConfig) -> BTreeMap<String, String> {
    let mut encoder = Numbers::new("encoder");
    encoder.layer("conv_in");
    for (i, &count) in net.encoder_blocks.iter().enumerate() {
        if i > 0 {
            encoder.layer(&format!("stages.{i}.down"));
        }
        encoder.blocks(i, count);
    }
    encoder.layer("conv_out");

    let mut decoder = Numbers::new("decoder");
    decoder.layer("conv_in");
    // The activation.
    decoder.next += 1;
    for (i, &count) in net.decoder_blocks.iter().enumerate() {
        decoder.blocks(i, count);
        if i + 1 < net.decoder_blocks.len() {
            // The enlargement, which has no weights.
            decoder.next += 1;
            decoder.layer(&format!("stages.{i}.up"));
        }
    }
    decoder.layer("conv_out");
    encoder.names.into_iter().chain(decoder.names).collect()
}

/// Counts the layers of one list.
struct Numbers {
    coder: &'static str,
    next: usize,
    names: Vec<(String, String)>,
}

impl Numbers {
    fn new(coder: &'static str) -> Self {
        Self {
            coder,
            next: 0,
            names: Vec::new(),
        }
    }

    fn name(&mut self, ours: &str, within: &str) {
        let (coder, next) = (self.coder, self.next);
        let theirs = format!("{coder}.layers.{next}{within}");
        self.names.push((format!("vae.{coder}.{ours}"), theirs));
    }

    fn layer(&mut self, ours: &str) {
        self.name(ours, "");
        self.next += 1;
    }

    fn blocks(&mut self, stage: usize, count: usize) {
        for block in 0..count {
            for conv in 0..3 {
                // An activation stands between two convolutions.
                let within = format!(".conv.{}", 2 * conv);
                self.name(
                    &format!("stages.{stage}.blocks.{block}.convs.{conv}"),
                    &within,
                );
            }
            self.next += 1;
        }
    }
}
