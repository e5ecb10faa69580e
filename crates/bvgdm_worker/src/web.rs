//! In a browser (or Node): what `worker.js` calls.

use std::panic::{PanicHookInfo, set_hook};
use std::process::ExitCode;

use bvgdm_worker::Session;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::throw_str;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Runs when the wasm is there; the work begins with the first message.
pub fn run() -> ExitCode {
    set_hook(Box::new(throw));
    ExitCode::SUCCESS
}

/// A panic becomes a JavaScript error with its text, instead of an "unreachable" without one.
fn throw(info: &PanicHookInfo<'_>) {
    throw_str(&info.to_string());
}

/// The one object of a worker.
#[wasm_bindgen]
pub struct Engine {
    session: Session,
    body: Vec<u8>,
}

#[wasm_bindgen]
impl Engine {
    /// Without a world.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self {
            session: Session::new(now),
            body: Vec::new(),
        }
    }

    /// Answers the head of a request with that of a report.
    pub fn answer(&mut self, head: &str, body: Vec<u8>) -> String {
        let answer = self.session.answer(head, body);
        self.body = answer.body;
        answer.report.to_json()
    }

    /// The body of the last report, in a buffer of its own, which may be transferred.
    pub fn take_body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.body)
    }
}
