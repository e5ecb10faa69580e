//! What the VAE is trained on.

use burn::tensor::backend::Backend;
use burn::tensor::{Distribution, Tensor};
use bvgdm_model::Vae;

/// Weight of the squared error: PSNR is what is measured, so it leads.
const SQUARED: f64 = 10.0;
/// Weight of the absolute error and of that of the gradients, which keep edges.
const ABSOLUTE: f64 = 0.25;

/// Squared, absolute and gradient error of the reconstruction of `pixels: [F, 3, H, W]`, and the
/// KL divergence from N(0, 1) (Kingma and Welling 2014, appendix B) for each latent number.
pub fn vae_loss<B: Backend>(vae: &Vae<B>, pixels: Tensor<B, 4>, kl: f64) -> Tensor<B, 1> {
    let posterior = vae.posterior(pixels.clone());
    let noise = posterior.mean.random_like(Distribution::Normal(0.0, 1.0));
    let latent = posterior.mean.clone() + (posterior.logvar.clone() * 0.5).exp() * noise;
    let error = vae.decode_unscaled(latent) - pixels;
    let [_, _, height, width] = error.dims();
    let across = error.clone().narrow(3, 1, width - 1) - error.clone().narrow(3, 0, width - 1);
    let down = error.clone().narrow(2, 1, height - 1) - error.clone().narrow(2, 0, height - 1);
    let absolute = error.clone().abs().mean() + across.abs().mean() + down.abs().mean();
    let divergence = (posterior.mean.clone() * posterior.mean + posterior.logvar.clone().exp()
        - posterior.logvar
        - 1.0)
        .mean()
        * 0.5;
    (error.clone() * error).mean() * SQUARED + absolute * ABSOLUTE + divergence * kl
}
