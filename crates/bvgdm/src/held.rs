//! What a player does between two ticks counts for the next one: the display may be faster than
//! the ticks, and mouse motion or a short press must not be lost.

use std::hash::Hash;
use std::marker::PhantomData;

use bevy::app::RunFixedMainLoopSystems::{AfterFixedMainLoop, BeforeFixedMainLoop};
use bevy::platform::collections::HashSet;
use bevy::prelude::*;
use leafwing_input_manager::Actionlike;
use leafwing_input_manager::action_state::ActionState;
use leafwing_input_manager::input_map::InputMap;
use leafwing_input_manager::plugin::InputManagerSystem;
use leafwing_input_manager::systems::update_action_state;
use leafwing_input_manager::user_input::updating::CentralInputStore;
use leafwing_input_manager::user_input::{DualAxislike, MouseMove, MouseScroll};

/// Makes every `ActionState<A>` hold in the fixed schedule what was done since the last tick.
///
/// Leafwing's own state of a tick is that of one update: with a display at 60 Hz and ticks at 20,
/// two presses and two mouse motions of three are lost. With this plugin a button that was held at
/// any time since the last tick is held in the next one, and the motion of mouse and wheel adds up;
/// both count for one tick only. While virtual time is paused nothing does. The state in `Update` stays leafwing's. The game adds
/// `InputManagerPlugin::<A>`.
pub struct HeldInputPlugin<A>(PhantomData<fn() -> A>);

impl<A> Default for HeldInputPlugin<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A: Actionlike> Plugin for HeldInputPlugin<A> {
    fn build(&self, app: &mut App) {
        if !app.is_plugin_added::<HeldMotionPlugin>() {
            app.add_plugins(HeldMotionPlugin);
        }
        app.insert_resource(Held::<A>(HashSet::default()))
            .add_systems(
                PreUpdate,
                note_presses::<A>
                    .after(InputManagerSystem::Update)
                    .after(InputManagerSystem::ManualControl),
            )
            .add_systems(
                RunFixedMainLoop,
                hold_noted::<A>
                    .after(update_action_state::<A>)
                    .in_set(BeforeFixedMainLoop),
            )
            // Leafwing's state once more, as it is without what has had its tick.
            .add_systems(
                FixedLast,
                (forget_presses::<A>, update_action_state::<A>)
                    .chain()
                    .in_set(ForgetSystems::Presses),
            );
    }
}

/// In `FixedLast`, when all have seen the tick, the recorder included.
#[derive(SystemSet, Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ForgetSystems {
    Motion,
    Presses,
}

/// The buttons that were held since the last tick.
#[derive(Resource)]
struct Held<A>(HashSet<(Entity, A)>);

fn note_presses<A: Actionlike>(
    time: Res<Time<Virtual>>,
    mut held: ResMut<Held<A>>,
    players: Query<(Entity, &ActionState<A>), With<InputMap<A>>>,
) {
    if time.is_paused() {
        return held.0.clear();
    }
    for (player, state) in &players {
        let pressed = state.get_pressed().into_iter();
        held.0.extend(pressed.map(|action| (player, action)));
    }
}

fn hold_noted<A: Actionlike>(held: Res<Held<A>>, mut players: Query<&mut ActionState<A>>) {
    for (player, action) in &held.0 {
        let Ok(mut state) = players.get_mut(*player) else {
            continue;
        };
        if let Some(button) = state.button_data_mut(action)
            && button.state.released()
        {
            // As if it had not been let go: what the last tick saw pressed is no new press.
            button.state = button.fixed_update_state;
            button.state.press();
            button.value = 1.0;
        }
    }
}

fn forget_presses<A: Actionlike>(mut held: ResMut<Held<A>>) {
    held.0.clear();
}

/// Adds up motion, once for all types of actions: leafwing keeps it in one place.
struct HeldMotionPlugin;

impl Plugin for HeldMotionPlugin {
    fn build(&self, app: &mut App) {
        app.configure_sets(
            FixedLast,
            (ForgetSystems::Motion, ForgetSystems::Presses).chain(),
        );
        hold_motion::<MouseMove>(app);
        hold_motion::<MouseScroll>(app);
    }
}

fn hold_motion<D: Moving>(app: &mut App) {
    app.insert_resource(Motion::<D> {
        held: Vec2::ZERO,
        now: Vec2::ZERO,
        input: PhantomData,
    })
    .add_systems(
        RunFixedMainLoop,
        (
            add_motion::<D>.before(BeforeFixedMainLoop),
            restore_motion::<D>.in_set(AfterFixedMainLoop),
        ),
    )
    .add_systems(FixedLast, forget_motion::<D>.in_set(ForgetSystems::Motion));
}

/// An input that moves, by its place in leafwing's store.
trait Moving: DualAxislike + Default + Clone + Eq + Hash {}
impl Moving for MouseMove {}
impl Moving for MouseScroll {}

/// A motion since the last tick, and in this update alone.
#[derive(Resource)]
struct Motion<D> {
    held: Vec2,
    now: Vec2,
    input: PhantomData<fn() -> D>,
}

fn add_motion<D: Moving>(
    time: Res<Time<Virtual>>,
    mut motion: ResMut<Motion<D>>,
    store: Option<ResMut<CentralInputStore>>,
) {
    let Some(mut store) = store else {
        return;
    };
    motion.now = store.pair(&D::default()).unwrap_or_default();
    motion.held = match time.is_paused() {
        true => Vec2::ZERO,
        false => motion.held + motion.now,
    };
    store.update_dualaxislike(D::default(), motion.held);
}

fn forget_motion<D: Moving>(
    mut motion: ResMut<Motion<D>>,
    store: Option<ResMut<CentralInputStore>>,
) {
    motion.held = Vec2::ZERO;
    if let Some(mut store) = store {
        store.update_dualaxislike(D::default(), Vec2::ZERO);
    }
}

/// What is outside of the fixed schedule sees the motion of this update.
fn restore_motion<D: Moving>(motion: Res<Motion<D>>, store: Option<ResMut<CentralInputStore>>) {
    if let Some(mut store) = store {
        store.update_dualaxislike(D::default(), motion.now);
    }
}
