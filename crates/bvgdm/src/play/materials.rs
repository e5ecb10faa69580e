//! Materials that show worlds.

use std::marker::PhantomData;

use bevy::prelude::*;

use super::plugin::PlaySystems;

/// A world's target has become another texture: it was no image that every engine can paint on.
#[derive(Message, Debug, Clone, Copy)]
pub(super) struct TargetRenewed;

/// Lets materials of type `M` show worlds: Bevy binds a material to the texture that its image had
/// then, and a world's target gets another one before its first frame.
///
/// [`BvgdmPlugin`](super::BvgdmPlugin) has it for `StandardMaterial` (feature `pbr`) and `ColorMaterial`;
/// sprites and UI images need none. A game adds it for materials of its own, extended ones and those of
/// the UI.
pub struct NeuralMaterialPlugin<M>(PhantomData<fn() -> M>);

impl<M> Default for NeuralMaterialPlugin<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M: Asset> Plugin for NeuralMaterialPlugin<M> {
    fn build(&self, app: &mut App) {
        app.add_message::<TargetRenewed>().add_systems(
            PreUpdate,
            renew::<M>
                .after(PlaySystems::Receive)
                .run_if(resource_exists::<Assets<M>>),
        );
    }
}

/// Binds all of them again: which textures a material has, only its own type knows.
fn renew<M: Asset>(mut renewed: MessageReader<TargetRenewed>, mut materials: ResMut<Assets<M>>) {
    if renewed.read().count() == 0 {
        return;
    }
    let ids: Vec<_> = materials.ids().collect();
    for id in ids {
        if let Some(mut material) = materials.get_mut(id) {
            // Taking it mutably marks it as changed.
            let _changed: &mut M = &mut material;
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::asset::AssetPlugin;

    use super::*;

    #[derive(Asset, TypePath)]
    struct Paint;

    #[test]
    fn materials_of_every_type_that_is_named_are_bound_again() {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, AssetPlugin::default()))
            .init_asset::<Paint>()
            .add_plugins(NeuralMaterialPlugin::<Paint>::default());
        let paint = app.world_mut().resource_mut::<Assets<Paint>>().add(Paint);
        let modified = |app: &mut App| {
            app.update();
            let mut events = app
                .world_mut()
                .resource_mut::<Messages<AssetEvent<Paint>>>();
            events.drain().any(|event| event.is_modified(&paint))
        };
        assert!(!modified(&mut app));
        app.world_mut().write_message(TargetRenewed);
        assert!(modified(&mut app));
        assert!(!modified(&mut app));
    }
}
