//! What the device refuses of one world's own is that world's, not the game's.

use bevy::tasks::{AsyncComputeTaskPool, ConditionalSend, Task, block_on, poll_once};

/// Catches what the device refuses from here on, of what this thread asks of it.
pub(super) struct Guard([wgpu::ErrorScopeGuard; 3]);

impl Guard {
    pub fn new(device: &wgpu::Device) -> Self {
        // A compiler's or linker's error is an internal one.
        let filters = [
            wgpu::ErrorFilter::Internal,
            wgpu::ErrorFilter::OutOfMemory,
            wgpu::ErrorFilter::Validation,
        ];
        Self(filters.map(|filter| device.push_error_scope(filter)))
    }

    /// What it was, in a line.
    pub fn end(self) -> impl Future<Output = Option<String>> + ConditionalSend + 'static {
        let [internal, memory, validation] = self.0;
        // The last one first.
        let (validation, memory, internal) = (validation.pop(), memory.pop(), internal.pop());
        async move {
            let refused = validation.await.or(memory.await).or(internal.await);
            refused.map(|error| error.to_string())
        }
    }
}

/// Whether a world may work with what was made for it: not before the device has said that it could.
pub(super) struct Permit(Option<Task<Option<String>>>);

impl Permit {
    /// Asks for the answer without waiting.
    pub fn ask(refused: impl Future<Output = Option<String>> + ConditionalSend + 'static) -> Self {
        let mut refused = Box::pin(refused);
        // Natively the device has said so by now, and the pool may be busy.
        match block_on(poll_once(&mut refused)) {
            Some(None) => Self(None),
            answered => Self(Some(AsyncComputeTaskPool::get().spawn(async move {
                match answered {
                    Some(refused) => refused,
                    None => refused.await,
                }
            }))),
        }
    }

    /// Whether it is given, once the device has said so.
    ///
    /// # Errors
    /// What the device has refused, once.
    pub fn look(&mut self) -> Result<bool, String> {
        let Some(asked) = &mut self.0 else {
            return Ok(true);
        };
        let Some(refused) = block_on(poll_once(asked)) else {
            return Ok(false);
        };
        self.0 = None;
        refused.map_or(Ok(true), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bevy::tasks::TaskPool;

    use super::*;

    fn device() -> Option<wgpu::Device> {
        let opened = block_on(async {
            let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
            let instance = wgpu::Instance::new(descriptor);
            let adapter = instance.request_adapter(&Default::default()).await.ok()?;
            adapter.request_device(&Default::default()).await.ok()
        });
        let required = std::env::var("BVGDM_REQUIRE_GPU").is_ok_and(|value| value == "1");
        assert!(opened.is_some() || !required, "no GPU, but one is required");
        Some(opened?.0)
    }

    fn ask_for(device: &wgpu::Device, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("a roll-out's"),
            size: 16,
            usage,
            mapped_at_creation: false,
        })
    }

    fn answer(mut permit: Permit) -> Result<bool, String> {
        loop {
            match permit.look() {
                Ok(false) => std::thread::yield_now(),
                answer => return answer,
            }
        }
    }

    #[test]
    fn what_is_refused_of_one_world_reaches_it_and_no_other() {
        let Some(device) = device() else {
            writeln!(std::io::stderr(), "guard: skipped, there is no GPU").ok();
            return;
        };
        AsyncComputeTaskPool::get_or_init(TaskPool::new);
        let uncaught = Arc::new(AtomicUsize::new(0));
        let count = uncaught.clone();
        device.on_uncaptured_error(Arc::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        let of = |usage| {
            let guard = Guard::new(&device);
            ask_for(&device, usage);
            Permit::ask(guard.end())
        };
        let (refused, given) = (
            of(wgpu::BufferUsages::empty()),
            of(wgpu::BufferUsages::COPY_DST),
        );
        assert!(answer(refused).unwrap_err().contains("a roll-out's"));
        assert_eq!(answer(given), Ok(true));
        assert_eq!(uncaught.load(Ordering::Relaxed), 0);
        // Outside of a guard it is the game's.
        ask_for(&device, wgpu::BufferUsages::empty());
        assert_eq!(uncaught.load(Ordering::Relaxed), 1);
    }
}
