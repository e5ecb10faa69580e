//! Matrix products in whole numbers of 16 bits, which processors multiply and add up in pairs: up to twice as
//! many multiplications in a step as in f32.
//!
//! A row of the left factor is whole multiples of its *step*, and so is a column of the right one (as in
//! `LLM.int8()`, Dettmers et al. 2022, section 3.1). Steps are as small as sums of 32 bits allow, which by the
//! inequality of Cauchy and Schwarz hold all products of rows no longer than 2¹⁵ with columns no longer than 2¹⁶:
//! with 240 numbers a row, a step is 1/2100 of their root mean square, and half of that in a column.

mod kernel;
#[cfg(not(target_family = "wasm"))]
mod native;
mod panels;
mod round;
mod rows;
#[cfg(any(target_family = "wasm", test))]
mod web;

#[cfg(not(target_family = "wasm"))]
use native::{are_faster, panel_width, with_integers};
#[cfg(target_family = "wasm")]
use web::{are_faster, panel_width, with_integers};

pub use panels::IntegerPanels;
pub use rows::IntegerRows;

/// Most rows of a right factor: what lengths in f32 are off by, and what is rounded, takes no noticeable part of
/// them.
const MOST_ROWS: usize = 1 << 14;

/// Whether this processor is faster with them, for a right factor of so many rows.
pub fn integers_are_faster(rows: usize) -> bool {
    are_faster() && rows <= MOST_ROWS
}

#[cfg(test)]
mod tests;
