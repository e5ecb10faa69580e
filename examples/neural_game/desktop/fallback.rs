//! A window, or the reason why there is none.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Becomes true when display and graphics adapter were found.
pub type Started = Arc<AtomicBool>;

/// Runs `window`; where that cannot be, `other` with the reason.
///
/// Bevy and winit panic when there is no display server or no graphics adapter; until both
/// are found, a panic is taken as the reason. Later ones are bugs and stay panics.
pub fn window_or<T>(window: impl FnOnce(Started) -> T, other: impl FnOnce(&str) -> T) -> T {
    if let Some(reason) = no_display() {
        return other(reason);
    }
    let started = Started::default();
    let quiet = started.clone();
    let hook = take_hook();
    set_hook(Box::new(move |info| {
        if quiet.load(Ordering::Relaxed) {
            hook(info);
        }
    }));
    match catch_unwind(AssertUnwindSafe(|| window(started.clone()))) {
        Ok(outcome) => outcome,
        Err(panic) if started.load(Ordering::Relaxed) => std::panic::resume_unwind(panic),
        Err(panic) => {
            // What panics from here on is a bug, too.
            started.store(true, Ordering::Relaxed);
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_default();
            let reason = text.split(['!', ':', '\n']).next().unwrap_or_default();
            other(&format!("no window can be opened ({reason})"))
        }
    }
}

#[cfg(target_os = "linux")]
fn no_display() -> Option<&'static str> {
    let set = std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty());
    (!set).then_some("no display (DISPLAY is not set)")
}

#[cfg(not(target_os = "linux"))]
fn no_display() -> Option<&'static str> {
    None
}
