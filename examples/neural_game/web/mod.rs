//! In a page's canvas. The page (`web/page`) owns everything around the picture; the two talk in JSON:
//! [`Command`](command::Command)s in, [`Report`](report::Report)s out.

mod command;
mod figures;
mod game;
mod hands;
mod hurry;
mod options;
mod picture;
mod report;
mod script;

use std::process::ExitCode;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs when the wasm is there; the game begins with [`play`].
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        report::Report::failed(info.to_string()).send();
    }));
    ExitCode::SUCCESS
}

/// Starts the game.
///
/// # Errors
/// When `options` are no valid [`Options`](options::Options) as JSON.
#[wasm_bindgen]
pub fn play(
    options: &str,
    manifest: Vec<u8>,
    weights: Vec<u8>,
    report: Function,
) -> Result<(), JsValue> {
    let options = serde_json::from_str(options).map_err(|error| in_words("options", &error))?;
    report::send_to(report);
    game::run(options, manifest, weights);
    Ok(())
}

/// Asks the running game for something.
///
/// # Errors
/// When `text` is no valid [`Command`](command::Command) as JSON.
#[wasm_bindgen]
pub fn command(text: &str) -> Result<(), JsValue> {
    let command = serde_json::from_str(text).map_err(|error| in_words("command", &error))?;
    command::push(command);
    Ok(())
}

fn in_words(what: &str, error: &serde_json::Error) -> JsValue {
    JsValue::from_str(&format!("{what}: {error}"))
}
