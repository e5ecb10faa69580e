//! Processors whose vectors multiply no more words than numbers in a step.

use pulp::Scalar;

use super::{Product, Vectors};
use crate::kernel::VECTORS;

/// Whether products of whole numbers are faster than those in f32.
pub fn are_faster() -> bool {
    false
}

/// Columns of a panel.
pub fn panel_width() -> usize {
    VECTORS
}

/// Computes `product`.
pub fn with_integers(product: Product<'_>) {
    product.run(Vectors(Scalar::new()));
}
