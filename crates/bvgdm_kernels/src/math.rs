//! Activations without branches and calls, so that the compiler vectorises them.

use crate::kernel::Kernel;

/// `x Φ(x)`, with the error function to 2e-7 (Abramowitz and Stegun 1964, 7.1.26).
#[inline(always)]
pub fn gelu_erf(values: &mut [f32]) {
    for value in values {
        let (share, _) = normal(*value);
        *value *= share;
    }
}

/// Multiplies each of `grads` by the slope of [`gelu_erf`] at its number: `Φ(x) + x φ(x)`.
#[inline(always)]
pub fn gelu_erf_slope(grads: &mut [f32], values: &[f32]) {
    // 1 / sqrt(2 π)
    const DENSITY: f32 = 0.398_942_3;
    for (grad, &x) in grads.iter_mut().zip(values) {
        let (share, bell) = normal(x);
        *grad *= share + DENSITY * x * bell;
    }
}

/// The normal distribution: Φ(x), and `e^(−x²/2)`.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series = 1.061_405_4 * t - 1.453_152;
    let series = (series * t + 1.421_413_7) * t - 0.284_496_74;
    let series = (series * t + 0.254_829_6) * t;
    let bell = exp(-z * z);
    let tail = 0.5 * series * bell;
    // Φ(x) is the tail left of zero, and one less the tail right of it.
    (if x < 0.0 { tail } else { 1.0 - tail }, bell)
}

/// 2 sqrt(2 / π), and with the cubic term's coefficient.
const TWICE: f32 = 1.595_769;
const CUBIC: f32 = 0.044_715 * TWICE;

/// The tanh approximation, as `x σ(2u)`: `(1 + tanh u) / 2 = σ(2u)`.
#[inline(always)]
pub fn gelu_tanh(values: &mut [f32]) {
    for value in values {
        let x = *value;
        *value = x / (1.0 + exp(-x * (x * x * CUBIC + TWICE)));
    }
}

/// Multiplies each of `grads` by the slope of [`gelu_tanh`] at its number.
#[inline(always)]
pub fn gelu_tanh_slope(grads: &mut [f32], values: &[f32]) {
    for (grad, &x) in grads.iter_mut().zip(values) {
        let share = 1.0 / (1.0 + exp(-x * (x * x * CUBIC + TWICE)));
        *grad *= share + share * (1.0 - share) * x * (3.0 * CUBIC * x * x + TWICE);
    }
}

/// `exp` of each of a row's scores less the largest, and their sum.
#[inline(always)]
pub fn exponentials(kernel: impl Kernel, scores: &mut [f32]) -> f32 {
    let largest = kernel.largest(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - largest);
    }
    kernel.sum(scores)
}

/// `e^x` to about one unit in the last place, up to 88, and nothing below -87: `2^n` by the exponent's bits
/// and a polynomial for the rest (the coefficients of the Cephes library's `expf`).
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    /// 1.5 · 2²³: adding it rounds to whole numbers.
    const ROUND: f32 = 12_582_912.0;
    /// What is smaller would soon be a denormal number, which processors multiply a hundred times slower.
    const LEAST: f32 = -87.0;
    let least = x < LEAST;
    let x = x.clamp(LEAST, 88.0);
    let n = x * std::f32::consts::LOG2_E + ROUND;
    let bits = n.to_bits();
    let n = n - ROUND;
    let r = x - n * 0.693_359_4;
    let r = r + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4 * r + 1.398_2e-3;
    let p = (p * r + 8.333_452e-3) * r + 4.166_579_6e-2;
    let p = (p * r + 0.166_666_65) * r + 0.5;
    let p = p * r * r + r + 1.0;
    // The low bits of `n + ROUND` are n; shifted into the exponent they multiply by 2^n.
    let power = f32::from_bits((bits << 23).wrapping_add(0x3f80_0000));
    if least { 0.0 } else { p * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_that_of_the_standard_library() {
        for i in -8700..=8800 {
            let x = i as f32 / 100.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) - expected).abs() / expected;
            assert!(error < 3e-7, "{x}: {error}");
        }
        assert_eq!(exp(-87.5), 0.0);
        assert_eq!(exp(-1e4), 0.0);
    }

    #[test]
    fn the_gelus_are_those_of_their_definitions() {
        // Φ by the trapezoidal rule over the density, far finer than f32.
        let phi = |x: f64| {
            let steps = 40_000;
            let width = (x + 12.0) / f64::from(steps);
            let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let inner: f64 = (1..steps)
                .map(|i| density(-12.0 + f64::from(i) * width))
                .sum();
            width * (inner + (density(-12.0) + density(x)) / 2.0)
        };
        for i in -60..=60 {
            let x = f64::from(i) / 10.0;
            let mut found = [x as f32];
            gelu_erf(&mut found);
            let error = (f64::from(found[0]) - x * phi(x)).abs();
            assert!(error < 1e-6, "erf {x}: {error}");

            let mut found = [x as f32];
            gelu_tanh(&mut found);
            let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            let error = (f64::from(found[0]) - 0.5 * x * (1.0 + u.tanh())).abs();
            assert!(error < 1e-6, "tanh {x}: {error}");
        }
    }

    #[test]
    fn the_slopes_of_the_gelus_are_their_differences() {
        let pairs: [(fn(&mut [f32]), fn(&mut [f32], &[f32])); 2] =
            [(gelu_erf, gelu_erf_slope), (gelu_tanh, gelu_tanh_slope)];
        for (gelu, slope) in pairs {
            for i in -50..=50 {
                let (x, step) = (i as f32 / 10.0, 0.01);
                let mut sides = [x + step, x - step];
                gelu(&mut sides);
                let expected = (sides[0] - sides[1]) / (2.0 * step);
                let mut found = [3.0];
                slope(&mut found, &[x]);
                // Differences of numbers of 1e-7 over 0.02, and the third derivative.
                assert!(
                    (found[0] / 3.0 - expected).abs() < 1e-4,
                    "{x}: {found:?} {expected}"
                );
            }
        }
    }
}
