//! A build without burn on the GPU.

use std::sync::Arc;

use bevy::prelude::*;

use super::asset::WorldAsset;
use super::engine::GpuEngine;
use super::passes::Parts;
use crate::engine::Begin;

const REASON: &str = "this build has no burn on the GPU";

/// What burn calls the devices that it was given: none.
#[derive(Resource, Default)]
pub(super) struct BurnDevices;

impl BurnDevices {
    /// What is missing.
    pub fn missing(_parts: &Parts) -> Option<&'static str> {
        Some(REASON)
    }
}

/// Starts nothing.
///
/// # Errors
/// Always.
pub(super) fn start(
    _devices: &BurnDevices,
    _parts: &Parts,
    _asset: &WorldAsset,
    _begin: Begin,
) -> Result<Arc<dyn GpuEngine>, String> {
    Err(REASON.to_owned())
}
