//! What the passes can do.

use bvgdm_core::{SlidingWindow, VaeNetwork, VitConfig, WorldConfig};

use crate::error::{PlanError, Result};

/// Refuses what no pass does, by name; else the VAE's sizes.
pub(super) fn check(config: &WorldConfig) -> Result<VitConfig> {
    let dit = &config.dit;
    let VaeNetwork::Vit(vit) = &config.vae.network else {
        return Err(PlanError::NotCovered {
            field: "vae.network",
            needs: "a ViT-VAE".to_owned(),
            found: config.vae.network.name().to_owned(),
        });
    };
    if dit.sliding != SlidingWindow::Banded {
        return Err(PlanError::NotCovered {
            field: "dit.sliding",
            needs: "Banded (a window that is computed afresh has no lasting cache)".to_owned(),
            found: format!("{:?}", dit.sliding),
        });
    }
    // Every engine reads four numbers at once.
    let fours = [
        ("vae.channels", config.vae.channels),
        ("vae.(3 patch²)", 3 * vit.patch * vit.patch),
        ("vae.encoder.(width / heads)", vit.encoder.head_dim()),
        ("vae.decoder.(width / heads)", vit.decoder.head_dim()),
        ("dit.(hidden / heads)", dit.head_dim()),
    ];
    match fours.into_iter().find(|(_, value)| value % 4 != 0) {
        Some((field, value)) => Err(PlanError::NotCovered {
            field,
            needs: "a multiple of 4".to_owned(),
            found: value.to_string(),
        }),
        None => Ok(vit.clone()),
    }
}
