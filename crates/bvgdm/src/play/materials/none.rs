//! A build without `bevy_pbr` has no materials that a world could be on.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

/// None.
#[derive(SystemParam)]
pub(in crate::play) struct Materials<'w> {
    nothing: std::marker::PhantomData<&'w ()>,
}

impl Materials<'_> {
    /// Nothing to do.
    pub fn renew(&mut self, _target: &Handle<Image>) {}
}
