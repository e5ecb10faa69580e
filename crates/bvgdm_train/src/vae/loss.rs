//! What the VAE is trained on.

use burn::tensor::backend::Backend;
use burn::tensor::{Distribution, Tensor};
use bvgdm_model::{Posterior, Vae};

/// Weight of the squared error: PSNR is what is measured, so it leads.
const SQUARED: f64 = 10.0;
/// Weight of the absolute error and of that of the gradients, which keep edges.
const ABSOLUTE: f64 = 0.25;

/// Squared, absolute and gradient error of the reconstruction of `pixels: [F, 3, H, W]`, and the
/// divergence of its posterior.
pub fn vae_loss<B: Backend>(vae: &Vae<B>, pixels: Tensor<B, 4>, kl: f64) -> Tensor<B, 1> {
    let posterior = vae.posterior(pixels.clone());
    let noise = posterior.mean.random_like(Distribution::Normal(0.0, 1.0));
    let latent = posterior.mean.clone() + (posterior.logvar.clone() * 0.5).exp() * noise;
    let error = vae.decode_unscaled(latent) - pixels;
    weighted(error) + divergence(posterior) * kl
}

/// The errors of pixels `[F, 3, H, W]`, each kind with its weight.
fn weighted<B: Backend>(error: Tensor<B, 4>) -> Tensor<B, 1> {
    let [_, _, height, width] = error.dims();
    let across = error.clone().narrow(3, 1, width - 1) - error.clone().narrow(3, 0, width - 1);
    let down = error.clone().narrow(2, 1, height - 1) - error.clone().narrow(2, 0, height - 1);
    let absolute = error.clone().abs().mean() + across.abs().mean() + down.abs().mean();
    (error.clone() * error).mean() * SQUARED + absolute * ABSOLUTE
}

/// KL divergence from N(0, 1) (Kingma and Welling 2014, appendix B) for each latent number.
fn divergence<B: Backend>(Posterior { mean, logvar }: Posterior<B>) -> Tensor<B, 1> {
    (mean.clone() * mean + logvar.clone().exp() - logvar - 1.0).mean() * 0.5
}

#[cfg(test)]
mod tests {
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    fn near(found: Tensor<Flex, 1>, expected: f64) {
        let found = f64::from(found.into_scalar());
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    #[test]
    fn edges_count_in_both_directions() {
        // One channel of one frame, two rows of three pixels.
        let rows = [[0.1f32, 0.3, 0.3], [0.1, -0.1, 0.3]];
        let error = Tensor::<Flex, 2>::from_floats(rows, &FlexDevice).reshape([1, 1, 2, 3]);
        let squared = (3.0 * 0.01 + 3.0 * 0.09) / 6.0;
        let absolute = (3.0 * 0.1 + 3.0 * 0.3) / 6.0;
        let across = (0.2 + 0.0 + 0.2 + 0.4) / 4.0;
        let down = (0.0 + 0.4 + 0.0) / 3.0;
        let expected = SQUARED * squared + ABSOLUTE * (absolute + across + down);
        near(weighted(error), expected);
    }

    #[test]
    fn the_divergence_is_that_of_the_densities() {
        let (mean, logvar) = (0.7f64, -0.9f64);
        // The integral of p ln(p / q), p the posterior and q the prior, without the common factor.
        let deviation = (0.5 * logvar).exp();
        let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let step = 1e-3;
        let integral: f64 = (-10_000..10_000)
            .map(|i| {
                let z = f64::from(i) * step;
                let x = mean + deviation * z;
                density(z) * (0.5 * (x * x - z * z) - deviation.ln()) * step
            })
            .sum();
        let number = |number: f64| Tensor::<Flex, 4>::full([1, 1, 1, 1], number, &FlexDevice);
        let found = divergence(Posterior {
            mean: number(mean),
            logvar: number(logvar),
        });
        near(found, integral);
    }
}
