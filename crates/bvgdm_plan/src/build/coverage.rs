//! What the passes can do.

use bvgdm_core::{SlidingWindow, WorldConfig};

use crate::error::{PlanError, Result};

/// Refuses what no pass does, by name.
pub(super) fn check(config: &WorldConfig) -> Result<()> {
    let (vae, dit) = (&config.vae, &config.dit);
    if dit.sliding != SlidingWindow::Banded {
        return Err(PlanError::NotCovered {
            field: "dit.sliding",
            needs: "Banded (a window that is computed afresh has no lasting cache)".to_owned(),
            found: format!("{:?}", dit.sliding),
        });
    }
    // Every engine reads four numbers at once.
    let fours = [
        ("vae.channels", vae.channels),
        ("vae.(3 patch²)", 3 * vae.patch * vae.patch),
        ("vae.encoder.(width / heads)", vae.encoder.head_dim()),
        ("vae.decoder.(width / heads)", vae.decoder.head_dim()),
        ("dit.(hidden / heads)", dit.head_dim()),
    ];
    match fours.into_iter().find(|(_, value)| value % 4 != 0) {
        Some((field, value)) => Err(PlanError::NotCovered {
            field,
            needs: "a multiple of 4".to_owned(),
            found: value.to_string(),
        }),
        None => Ok(()),
    }
}
