//! The worker and whoever looks after it, which are JavaScript.

use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

#[wasm_bindgen(module = "/src/web/supervisor.js")]
extern "C" {
    /// Starts a worker and starts it again when it dies.
    pub type Supervisor;

    /// `weights` gives them as a buffer, which is handed over; `report` is called with the head and
    /// the body of each report.
    pub fn supervise(
        script: &str,
        manifest: &str,
        weights: &Closure<dyn Fn() -> ArrayBuffer>,
        report: &Closure<dyn Fn(String, ArrayBuffer)>,
    ) -> Supervisor;

    /// Sends a request; its body is handed over.
    #[wasm_bindgen(method)]
    pub fn send(this: &Supervisor, head: &str, body: &ArrayBuffer);

    /// Ends the worker.
    #[wasm_bindgen(method)]
    pub fn close(this: &Supervisor);
}
