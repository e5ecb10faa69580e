//! The render world's half: averages the picture down and reads it back with its tick's number.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use bevy::asset::uuid_handle;
use bevy::prelude::*;
use bevy::render::extract_resource::ExtractResource;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::binding_types::texture_2d;
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, Buffer, BufferDescriptor,
    BufferUsages, CachedRenderPipelineId, ColorTargetState, ColorWrites, CommandEncoderDescriptor,
    FragmentState, LoadOp, MapMode, Operations, PipelineCache, PollType, RenderPassColorAttachment,
    RenderPassDescriptor, RenderPipelineDescriptor, ShaderStages, StoreOp, TexelCopyBufferInfo,
    TexelCopyBufferLayout, TextureSampleType, VertexState,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::shader::ShaderDefVal;
use bvgdm_gpu::read_mapped;

use super::camera::{CaptureImages, FORMAT};

/// The averaging shader.
pub(super) const SHADER: Handle<Shader> = uuid_handle!("d3b4b6d0-70de-4a55-b2d7-0ea0a3a6f3b1");
/// Its source.
pub(super) const SHADER_SOURCE: &str = include_str!("average.wgsl");

/// Read-backs under way before the next one waits for the oldest.
pub(super) const IN_FLIGHT: usize = 3;
/// Updates in a row without a pipeline to compile before the picture counts as complete.
const CALM_UPDATES: u32 = 10;

/// The state whose picture the render world is to read back in this update, if any.
#[derive(Resource, ExtractResource, Clone, Copy, Default)]
pub(super) struct CaptureRequest(pub(super) Option<u64>);

/// A picture that came back: rows of RGBA, padded to 256 bytes; none when it was lost. State `u64::MAX`: none
/// that is still to come will.
pub(super) struct Captured {
    pub(super) state: u64,
    pub(super) rgba: Option<Vec<u8>>,
}

/// What the two worlds share.
#[derive(Resource, Clone)]
pub(super) struct CaptureLink {
    frames: Arc<Mutex<Sender<Captured>>>,
    /// Updates in a row in which nothing was missing, up to [`CALM_UPDATES`].
    calm: Arc<AtomicU32>,
}

impl CaptureLink {
    /// Pictures go to the other end of `frames`.
    pub(super) fn new(frames: Sender<Captured>) -> Self {
        Self {
            frames: Arc::new(Mutex::new(frames)),
            calm: Arc::default(),
        }
    }

    /// Whether pictures are complete: every pipeline compiled, every target there.
    pub(super) fn is_ready(&self) -> bool {
        self.calm.load(Ordering::Acquire) >= CALM_UPDATES
    }

    /// A new camera draws by pipelines of its own: its first pictures may lack things.
    pub(super) fn expect_new_pipelines(&self) {
        self.calm.store(0, Ordering::Release);
    }

    /// Notes whether something was missing in this update. Once ready it stays so: pipelines that
    /// come later, such as the red dot's, do not hold up a recording.
    fn note(&self, complete: bool) {
        let calm = self.calm.load(Ordering::Acquire);
        if calm < CALM_UPDATES {
            let next = if complete { calm + 1 } else { 0 };
            // A new camera in the meantime goes first.
            let _ = self
                .calm
                .compare_exchange(calm, next, Ordering::AcqRel, Ordering::Relaxed);
        }
    }

    fn send(&self, captured: Captured) {
        // The other end is gone only when the app is closing.
        let _ = lock(&self.frames).send(captured);
    }
}

/// The averaging pass and the read-backs under way.
#[derive(Resource)]
pub(super) struct CapturePass {
    layout: BindGroupLayoutDescriptor,
    pipeline: CachedRenderPipelineId,
    free: Arc<Mutex<Vec<Buffer>>>,
    in_flight: VecDeque<PollType>,
}

/// The factor of the averaging, told to the render world once.
#[derive(Resource, Clone, Copy)]
pub(super) struct CaptureFactor(pub(super) u32);

/// Makes the pass; again after a lost device.
pub(super) fn create_pass(
    mut commands: Commands,
    cache: Res<PipelineCache>,
    factor: Res<CaptureFactor>,
    link: Res<CaptureLink>,
) {
    // All the scene's pipelines are as new, and what was asked of a device before this one does not come.
    link.expect_new_pipelines();
    link.send(Captured {
        state: u64::MAX,
        rgba: None,
    });
    let source = texture_2d(TextureSampleType::Float { filterable: false });
    let layout = BindGroupLayoutDescriptor::new(
        "average",
        &BindGroupLayoutEntries::single(ShaderStages::FRAGMENT, source),
    );
    let defs = vec![ShaderDefVal::Int("FACTOR".into(), factor.0 as i32)];
    let pipeline = cache.queue_render_pipeline(RenderPipelineDescriptor {
        label: Some("average".into()),
        layout: vec![layout.clone()],
        vertex: VertexState {
            shader: SHADER,
            shader_defs: defs.clone(),
            entry_point: Some("vertex".into()),
            ..default()
        },
        fragment: Some(FragmentState {
            shader: SHADER,
            shader_defs: defs,
            entry_point: Some("fragment".into()),
            targets: vec![Some(ColorTargetState {
                format: FORMAT,
                blend: None,
                write_mask: ColorWrites::ALL,
            })],
        }),
        ..default()
    });
    commands.insert_resource(CapturePass {
        layout,
        pipeline,
        free: Arc::default(),
        in_flight: VecDeque::new(),
    });
}

/// After the cameras of this update: averages, copies and asks for the bytes.
pub(super) fn capture_frame(
    mut pass: ResMut<CapturePass>,
    request: Option<Res<CaptureRequest>>,
    images: Option<Res<CaptureImages>>,
    link: Res<CaptureLink>,
    gpu_images: Res<RenderAssets<GpuImage>>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let targets = images.and_then(|images| {
        Some((
            gpu_images.get(&images.rendered)?,
            gpu_images.get(&images.small)?,
        ))
    });
    let pipeline = cache.get_render_pipeline(pass.pipeline);
    let compiling = cache.waiting_pipelines().next().is_some();
    link.note(targets.is_some() && pipeline.is_some() && !compiling);
    let Some(state) = request.and_then(|request| request.0) else {
        // Nothing new: the last pictures of an episode must not wait for a next one.
        while let Some(oldest) = pass.in_flight.pop_front() {
            wait(&device, oldest);
        }
        return;
    };
    let (Some((rendered, small)), Some(pipeline)) = (targets, pipeline) else {
        link.send(Captured { state, rgba: None });
        return;
    };
    let size = small.texture_descriptor.size;
    let row = RenderDevice::align_copy_bytes_per_row(size.width as usize * 4) as u32;
    let buffer = lock(&pass.free).pop().unwrap_or_else(|| {
        device.create_buffer(&BufferDescriptor {
            label: Some("recorded frame"),
            size: u64::from(row) * u64::from(size.height),
            usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
            mapped_at_creation: false,
        })
    });
    let group = device.create_bind_group(
        "average",
        &cache.get_bind_group_layout(&pass.layout),
        &BindGroupEntries::single(&rendered.texture_view),
    );
    let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor {
        label: Some("recorded frame"),
    });
    {
        let mut average = encoder.begin_render_pass(&RenderPassDescriptor {
            label: Some("average"),
            color_attachments: &[Some(RenderPassColorAttachment {
                view: &small.texture_view,
                depth_slice: None,
                resolve_target: None,
                ops: Operations {
                    load: LoadOp::Clear(default()),
                    store: StoreOp::Store,
                },
            })],
            depth_stencil_attachment: None,
            timestamp_writes: None,
            occlusion_query_set: None,
            multiview_mask: None,
        });
        average.set_pipeline(pipeline);
        average.set_bind_group(0, &*group, &[]);
        average.draw(0..3, 0..1);
    }
    encoder.copy_texture_to_buffer(
        small.texture.as_image_copy(),
        TexelCopyBufferInfo {
            buffer: &buffer,
            layout: TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row),
                rows_per_image: None,
            },
        },
        size,
    );
    let submission = queue.submit([encoder.finish()]);
    read_back(state, buffer, &pass.free, &link);
    pass.in_flight.push_back(PollType::Wait {
        submission_index: Some(submission),
        timeout: None,
    });
    if pass.in_flight.len() > IN_FLIGHT
        && let Some(oldest) = pass.in_flight.pop_front()
    {
        wait(&device, oldest);
    }
}

/// Sends the bytes on when they are there, and the buffer back to the free ones.
fn read_back(state: u64, buffer: Buffer, free: &Arc<Mutex<Vec<Buffer>>>, link: &CaptureLink) {
    let (free, link) = (free.clone(), link.clone());
    let mapped = buffer.clone();
    buffer.slice(..).map_async(MapMode::Read, move |result| {
        if let Err(error) = result {
            error!("recorded frame {state} could not be read back: {error}");
            link.send(Captured { state, rgba: None });
            return;
        }
        let rgba = read_mapped(&mapped, <[u8]>::to_vec);
        if rgba.is_some() {
            lock(&free).push(mapped);
        }
        link.send(Captured { state, rgba });
    });
}

fn wait(device: &RenderDevice, submission: PollType) {
    if let Err(error) = device.poll(submission) {
        error!("the GPU did not finish a recorded frame: {error}");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
