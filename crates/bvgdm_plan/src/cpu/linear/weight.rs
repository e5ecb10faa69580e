//! Weights in panels, and what is multiplied by them.

use std::ops::Range;

use bvgdm_kernels::{IntegerPanels, IntegerRows, Kernel, Panels, View, integers_are_faster};

use crate::cpu::Products;

/// A weight as it is multiplied by.
#[derive(Debug)]
pub enum Weight {
    Single(Panels),
    Integers(IntegerPanels),
}

impl Weight {
    pub fn of(weight: View<'_>, products: Products) -> Self {
        match products {
            Products::Suited if integers_are_faster(weight.rows) => {
                Self::Integers(IntegerPanels::of(weight))
            }
            _ => Self::Single(Panels::of(weight)),
        }
    }

    /// Its columns in at most `parts` parts.
    pub fn parts(&self, parts: usize) -> Vec<Range<usize>> {
        match self {
            Self::Single(panels) => panels.parts(parts).collect(),
            Self::Integers(panels) => panels.parts(parts).collect(),
        }
    }
}

/// What is multiplied, and the weight.
pub enum Factors<'a> {
    Single(View<'a>, &'a Panels),
    Integers(&'a IntegerRows, &'a IntegerPanels),
}

impl<'a> Factors<'a> {
    /// `a` goes into `integers` where these are multiplied.
    pub fn new(a: View<'a>, weight: &'a Weight, integers: &'a mut IntegerRows) -> Self {
        match weight {
            Weight::Single(b) => Self::Single(a, b),
            Weight::Integers(b) => {
                integers.fill(a);
                Self::Integers(integers, b)
            }
        }
    }

    /// These columns of the product, row after row.
    #[inline(always)]
    pub fn multiply<K: Kernel>(&self, kernel: K, output: &mut [f32], columns: Range<usize>) {
        match *self {
            Self::Single(a, b) => b.multiply(kernel, output, columns.len(), a, columns, 1.0),
            Self::Integers(a, b) => b.multiply(output, a, columns),
        }
    }
}
