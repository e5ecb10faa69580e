//! A game that consists of weights: WASD and mouse walk through a world that no longer exists as
//! code.
//!
//! On a desktop in a window; with `--headless`, or where there is no display, it plays a script of
//! actions and writes what the model generated. In a browser in a page's canvas (`web/`).

mod neural_game {
    pub mod controls;
    pub mod game;
    pub mod keys;
    pub mod loading;
    #[cfg_attr(target_family = "wasm", path = "web/mod.rs")]
    #[cfg_attr(not(target_family = "wasm"), path = "desktop/mod.rs")]
    pub mod platform;
    pub mod screen;
    pub mod stage;
    pub mod upscale;
}

fn main() -> std::process::ExitCode {
    neural_game::platform::main()
}
