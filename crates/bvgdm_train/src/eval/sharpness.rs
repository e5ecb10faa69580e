//! Whether frames stay sharp along a long roll-out.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use bvgdm_model::{PlaySettings, Rollout, World};
use rand::Rng;

use super::clips::Clips;
use super::report::mean;
use super::{EvalConfig, EvalMessage, EvalReport};
use crate::data::step_rng;
use crate::metrics::gradient_energy;

/// Every so many frames are decoded and measured.
const EVERY: usize = 4;
/// Figures along the roll-out.
const FIGURES: usize = 10;
/// Frames for which a piece of recorded play is followed before another begins.
const HOLD: std::ops::Range<usize> = 10..40;

/// Gradient energy along roll-outs under random actions, divided by the mean over the clips' real
/// frames. The actions are held as people hold them: pieces of half a second to two from random
/// moments of the held-out episodes, one after the other.
pub(super) fn measure<B: Backend>(
    world: &World<B>,
    clips: &Clips<B>,
    config: &EvalConfig,
    report: &mut EvalReport,
    tell: &mut dyn FnMut(EvalMessage),
) {
    let real = mean(
        clips
            .frames
            .iter()
            .flat_map(|clip| clip.iter().map(gradient_energy)),
    );
    let starts = config.sharpness_starts.clamp(1, clips.len());
    let frames = config.sharpness_frames;
    let width = world.config.dit.actions;
    let mut rng = step_rng(config.seed, 1);
    let actions: Vec<Vec<&[f32]>> = (0..starts)
        .map(|_| random_play(&clips.recorded, frames, &mut rng))
        .collect();

    let settings = PlaySettings {
        sampler: world.config.sampler,
        seed: config.seed + 1,
    };
    let start = clips.latents_at(0, clips.context).narrow(0, 0, starts);
    let led_to = clips.actions_at(0, clips.context).narrow(0, 0, starts);
    let mut rollout = Rollout::new(world, settings, start, led_to);
    let mut energy = Vec::new();
    for t in 0..frames {
        let held: Vec<f32> = actions
            .iter()
            .filter_map(|play| play.get(t))
            .flat_map(|a| a.iter().copied())
            .collect();
        let held = Tensor::from_data(TensorData::new(held, [starts, 1, width]), &world.device);
        let latent = rollout.step(world, held);
        if (t + 1).is_multiple_of(EVERY) {
            let shown = world.decode(latent.squeeze_dim(1));
            energy.push((t, mean(shown.iter().map(gradient_energy)) / real));
        }
        tell(EvalMessage::new("sharpness", t + 1, frames));
    }
    for figure in 1..=FIGURES {
        let span = (figure - 1) * frames / FIGURES..figure * frames / FIGURES;
        let within: Vec<f64> = energy
            .iter()
            .filter(|(t, _)| span.contains(t))
            .map(|(_, energy)| *energy)
            .collect();
        // A short roll-out has fewer measured frames than figures.
        if !within.is_empty() {
            report.push(format!("sharpness_{}", span.end), mean(within));
        }
    }
}

/// Actions for `frames` frames: pieces of recorded play.
fn random_play<'a>(
    recorded: &'a [Vec<Vec<f32>>],
    frames: usize,
    rng: &mut impl Rng,
) -> Vec<&'a [f32]> {
    let mut play: Vec<&[f32]> = Vec::with_capacity(frames);
    while play.len() < frames && recorded.iter().any(|episode| !episode.is_empty()) {
        let episode = recorded.get(rng.random_range(0..recorded.len()));
        let Some(episode) = episode.filter(|episode| !episode.is_empty()) else {
            continue;
        };
        let from = rng.random_range(0..episode.len());
        let piece = episode.iter().skip(from).take(rng.random_range(HOLD));
        play.extend(piece.map(Vec::as_slice).take(frames - play.len()));
    }
    play
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_play_is_as_long_as_asked_and_made_of_recorded_actions() {
        let recorded = vec![vec![vec![1.0], vec![2.0]], vec![], vec![vec![3.0]; 50]];
        let play = random_play(&recorded, 100, &mut step_rng(5, 0));
        assert_eq!(play.len(), 100);
        assert!(play.iter().all(|a| [1.0, 2.0, 3.0].contains(&a[0])));
        assert_eq!(play, random_play(&recorded, 100, &mut step_rng(5, 0)));
    }
}
