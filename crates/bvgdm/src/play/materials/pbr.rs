//! Bevy's own material.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

/// The materials of a scene that may show a world.
#[derive(SystemParam)]
pub(in crate::play) struct Materials<'w> {
    standard: Option<ResMut<'w, Assets<StandardMaterial>>>,
}

impl Materials<'_> {
    /// Binds every material that shows `target` to it again.
    pub fn renew(&mut self, target: &Handle<Image>) {
        let Some(materials) = &mut self.standard else {
            return;
        };
        let shows = |material: &StandardMaterial| {
            [&material.base_color_texture, &material.emissive_texture]
                .into_iter()
                .flatten()
                .any(|texture| texture == target)
        };
        let ids: Vec<_> = materials
            .iter()
            .filter(|(_, material)| shows(material))
            .map(|(id, _)| id)
            .collect();
        for id in ids {
            if let Some(mut material) = materials.get_mut(id) {
                // Taking it mutably marks it as changed.
                let _changed: &mut StandardMaterial = &mut material;
            }
        }
    }
}
