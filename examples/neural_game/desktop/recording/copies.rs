//! Copies of pictures that an engine keeps on the GPU.
//!
//! A picture is in the world's image from the moment in which the engine reports it until the next one is
//! asked for, in the same frame of the scene at the earliest. So it is copied in that frame, before the
//! render graph: in order, none lost and none twice.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, MapMode, TexelCopyBufferInfo,
    TexelCopyBufferLayout,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderSystems};
use bvgdm_core::Frame;
use bvgdm_gpu::read_mapped;

/// Asks for copies and receives them.
#[derive(Resource)]
pub struct Copies {
    next: u64,
    wanted: Option<Wanted>,
    copied: Mutex<Receiver<Copied>>,
}

/// A copy that was asked for.
pub struct Copied {
    /// As [`Copies::ask`] has given it.
    pub number: u64,
    /// The picture; none if it was lost.
    pub frame: Option<Arc<Frame>>,
}

#[derive(Clone, Copy)]
struct Wanted {
    number: u64,
    image: AssetId<Image>,
}

/// What the render world is to copy in this frame of the scene.
#[derive(Resource, Default)]
struct Request(Option<Wanted>);

/// Where copies go.
#[derive(Resource, Clone)]
struct Link(Sender<Copied>);

/// Adds [`Copies`], and what makes them if there is a render world.
pub fn add_copies(app: &mut App) {
    let (link, copied) = channel();
    app.insert_resource(Copies {
        next: 0,
        wanted: None,
        copied: Mutex::new(copied),
    });
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        render
            .init_resource::<Request>()
            .insert_resource(Link(link))
            .add_systems(ExtractSchedule, extract_request)
            .add_systems(Render, copy_image.in_set(RenderSystems::PrepareResources));
    }
}

impl Copies {
    /// Once in each frame of the scene: the last one's wish is granted. Returns what has arrived.
    pub fn begin_frame(&mut self) -> Vec<Copied> {
        self.wanted = None;
        let copied = self
            .copied
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        copied.try_iter().collect()
    }

    /// Asks for what `image` shows; the number under which it arrives.
    pub fn ask(&mut self, image: &Handle<Image>) -> u64 {
        let number = self.next;
        self.next += 1;
        let image = image.id();
        self.wanted = Some(Wanted { number, image });
        number
    }
}

impl Link {
    fn send(&self, number: u64, frame: Option<Frame>) {
        let frame = frame.map(Arc::new);
        // The other end is gone only when the app is closing.
        self.0.send(Copied { number, frame }).ok();
    }
}

fn extract_request(copies: Extract<Res<Copies>>, mut request: ResMut<Request>) {
    request.0 = copies.wanted;
}

fn copy_image(
    request: Res<Request>,
    link: Res<Link>,
    images: Res<RenderAssets<GpuImage>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let Some(Wanted { number, image }) = request.0 else {
        return;
    };
    let Some(image) = images.get(image) else {
        return link.send(number, None);
    };
    let size = image.texture_descriptor.size;
    let row = RenderDevice::align_copy_bytes_per_row(4 * size.width as usize);
    let buffer = device.create_buffer(&BufferDescriptor {
        label: Some("recorded picture"),
        size: row as u64 * u64::from(size.height),
        usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor {
        label: Some("recorded picture"),
    });
    encoder.copy_texture_to_buffer(
        image.texture.as_image_copy(),
        TexelCopyBufferInfo {
            buffer: &buffer,
            layout: TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row as u32),
                rows_per_image: None,
            },
        },
        size,
    );
    queue.submit([encoder.finish()]);
    let (link, mapped) = (link.clone(), buffer.clone());
    let width = size.width as usize;
    buffer.slice(..).map_async(MapMode::Read, move |result| {
        let frame = result.map_err(|error| error.to_string());
        let frame = frame.and_then(|()| read(&mapped, width, row));
        if let Err(error) = &frame {
            error!("a picture could not be read back: {error}");
        }
        link.send(number, frame.ok());
    });
}

/// Rows of RGBA, padded to `row` bytes, as a frame.
fn read(buffer: &Buffer, width: usize, row: usize) -> Result<Frame, String> {
    let bytes = read_mapped(buffer, <[u8]>::to_vec).ok_or("its device was destroyed")?;
    let rows = bytes.chunks_exact(row);
    let height = rows.len();
    let pixels = rows.flat_map(|row| row.chunks_exact(4).take(width));
    let rgb = pixels.flat_map(|pixel| pixel.iter().take(3).copied());
    Frame::new(width, height, rgb.collect()).map_err(|error| error.to_string())
}
