//! The device's own clock around a slice, where it has one that commands can be put between.

use std::sync::{Arc, OnceLock};

use bvgdm_gpu::read_mapped;
use wgpu::{BufferUsages, Features, QuerySetDescriptor, QueryType};

/// Two times of eight bytes, of a slice's beginning and its end.
const BYTES: u64 = 16;

/// Milliseconds that a slice took, once they have been read; none if the clock has said nothing of use.
pub(super) type Stamped = Arc<OnceLock<Option<f64>>>;

/// Measures one slice at a time.
pub(super) struct Stamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    read: wgpu::Buffer,
    period_ns: f64,
}

impl Stamps {
    /// None if the device has no such clock.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
        let needed = Features::TIMESTAMP_QUERY | Features::TIMESTAMP_QUERY_INSIDE_ENCODERS;
        if !device.features().contains(needed) {
            return None;
        }
        let buffer = |usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("bvgdm slice's time"),
                size: BYTES,
                usage,
                mapped_at_creation: false,
            })
        };
        Some(Self {
            queries: device.create_query_set(&QuerySetDescriptor {
                label: Some("bvgdm slice's time"),
                ty: QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer(BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC),
            read: buffer(BufferUsages::COPY_DST | BufferUsages::MAP_READ),
            period_ns: f64::from(queue.get_timestamp_period()),
        })
    }

    /// A slice begins.
    pub fn begin(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.write_timestamp(&self.queries, 0);
    }

    /// It ends.
    pub fn end(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.write_timestamp(&self.queries, 1);
        encoder.resolve_query_set(&self.queries, 0..2, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.read, 0, BYTES);
    }

    /// Has the times read, after the slice was submitted.
    pub fn fetch(&self, stamped: Stamped) {
        let (read, period_ns) = (self.read.clone(), self.period_ns);
        self.read.map_async(wgpu::MapMode::Read, .., move |mapped| {
            let times = mapped
                .ok()
                .and_then(|()| read_mapped(&read, <[u8]>::to_vec));
            let took_ms = times.and_then(|times| elapsed(&times));
            stamped.get_or_init(|| took_ms.map(|ticks| ticks as f64 * period_ns / 1e6));
        });
    }
}

/// Ticks from the first time to the second; none from a clock that was set back, or that stands still.
fn elapsed(bytes: &[u8]) -> Option<u64> {
    let time = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    let (begun, ended) = bytes.split_at_checked(8)?;
    let ticks = time(ended)?.checked_sub(time(begun)?)?;
    (ticks > 0).then_some(ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_does_not_go_on_says_nothing() {
        let times = |begun: u64, ended: u64| [begun.to_le_bytes(), ended.to_le_bytes()].concat();
        assert_eq!(elapsed(&times(7, 300)), Some(293));
        assert_eq!(elapsed(&times(300, 7)), None);
        assert_eq!(elapsed(&times(7, 7)), None);
    }
}
