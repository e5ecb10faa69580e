//! The tensors of an `AutoencoderKL`: our names are diffusers' but for these.

use crate::import::piece::Piece;
use crate::weights::TensorFile;

const RENAMED: [(&str, &str); 5] = [
    (".downsampler.", ".downsamplers.0.conv."),
    (".upsampler.", ".upsamplers.0.conv."),
    (".gamma", ".weight"),
    (".beta", ".bias"),
    (".to_out.", ".to_out.0."),
];
/// The attention's projections, as older versions of diffusers named them.
const OLD: [(&str, &str); 4] = [
    (".to_q.", ".query."),
    (".to_k.", ".key."),
    (".to_v.", ".value."),
    (".to_out.0.", ".proj_attn."),
];

/// Where our tensors (under `vae`) come from.
pub(super) fn pieces(ours: Vec<(String, Vec<usize>)>, file: &TensorFile) -> Vec<Piece> {
    let piece = |(name, shape): (String, Vec<usize>)| {
        let source = source(name.strip_prefix("vae.").unwrap_or(&name), file);
        match shape.as_slice() {
            // Only the attention's projections are matrices.
            &[inputs, outputs] => Piece::transposed(name, source, &[outputs, inputs]),
            shape => Piece::kept(name, source, shape),
        }
    };
    ours.into_iter().map(piece).collect()
}

/// The name in the file: the old one where only that is there.
fn source(name: &str, file: &TensorFile) -> String {
    let rename = |name: String, pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .fold(name, |name, (ours, theirs)| name.replace(ours, theirs))
    };
    let new = rename(name.to_owned(), &RENAMED);
    let old = rename(new.clone(), &OLD);
    if file.shape(&new).is_none() && file.shape(&old).is_some() {
        old
    } else {
        new
    }
}
