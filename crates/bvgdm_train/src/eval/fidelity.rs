//! Action fidelity: does the world do what the player does?
//!
//! An inverse-dynamics network is trained on recorded training episodes: from the frames t, t + 1
//! and t + 2 (an effect may take two frames to be seen) it reads `action[t]`. Then it reads the
//! actions back from held-out real frames and from roll-outs under the same actions.
//!
//! The score of a button is its **balanced accuracy** (the mean of how often it is right where the
//! button is held and where it is not; 0.5 is guessing), that of an axis the same over three
//! classes, negative, still (less than 5 % of its bound) and positive (1/3 is guessing).
//! `action_fidelity` is the mean over all actions of which every class was seen at least 10 times;
//! `action_fidelity_real` is the same for real frames: some actions cannot be seen in any frame (a
//! jump that is pressed in the air). Their quotient is `action_fidelity_ratio`.

mod features;
mod network;
mod reader;
mod score;

pub use network::InverseDynamics;
pub use reader::Reader;

use burn::tensor::backend::{AutodiffBackend, Backend};
use bvgdm_core::{ActionSchema, Frame};

use super::EvalReport;
use super::clips::Clips;
use super::report::mean;
use super::rollout::Rolled;
use features::FRAMES;
use score::Score;

/// Reads actions from the roll-outs and from the real frames at the same moments.
pub(super) fn measure<B: AutodiffBackend, I: Backend>(
    reader: &Reader<B>,
    clips: &Clips<I>,
    rolled: &Rolled,
    schema: &ActionSchema,
    report: &mut EvalReport,
) {
    let mut made = Score::new(reader.targets());
    let mut real = Score::new(reader.targets());
    for ((recorded, rolled), actions) in clips.frames.iter().zip(rolled).zip(&clips.led_to) {
        let recorded = recorded.get(clips.context..).unwrap_or_default();
        // What led to the second frame of a triple is read from it.
        let actions = actions.get(clips.context + 1..).unwrap_or_default();
        let read = |frames: &[Frame], score: &mut Score| {
            let triples: Vec<&[Frame]> = frames.windows(FRAMES).collect();
            score.add(&reader.read(&triples), actions);
        };
        read(rolled, &mut made);
        read(recorded, &mut real);
    }
    let (made, real) = (made.balanced(), real.balanced());
    let both: Vec<(f64, f64)> = made
        .iter()
        .zip(&real)
        .filter_map(|(made, real)| Some(((*made)?, (*real)?)))
        .collect();
    let (fidelity, best) = (
        mean(both.iter().map(|b| b.0)),
        mean(both.iter().map(|b| b.1)),
    );
    report.push("action_fidelity", fidelity);
    report.push("action_fidelity_real", best);
    report.push("action_fidelity_ratio", fidelity / best);
    for (name, (made, real)) in schema.names().zip(made.iter().zip(&real)) {
        if let (Some(made), Some(real)) = (made, real) {
            report.push(format!("action_{name}"), *made);
            report.push(format!("action_{name}_real"), *real);
        }
    }
}
