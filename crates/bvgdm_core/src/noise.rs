//! Noise from a seed, the same on every machine and engine.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};

/// `count` numbers of N(0, 1) for frame `frame` of a roll-out with this seed, clamped to ± `clip`.
pub fn standard_normal(seed: u64, frame: u64, count: usize, clip: f32) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(frame);
    (0..count)
        .map(|_| {
            let value: f32 = StandardNormal.sample(&mut rng);
            value.clamp(-clip, clip)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_noise_of_their_own_and_always_the_same() {
        let first = standard_normal(1, 0, 1000, 20.0);
        assert_eq!(first, standard_normal(1, 0, 1000, 20.0));
        assert_ne!(first, standard_normal(1, 1, 1000, 20.0));
        let mean = first.iter().sum::<f32>() / 1000.0;
        let square = first.iter().map(|x| x * x).sum::<f32>() / 1000.0;
        assert!(
            mean.abs() < 0.1 && (square - 1.0).abs() < 0.15,
            "{mean} {square}"
        );
    }
}
