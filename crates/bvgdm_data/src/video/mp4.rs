//! H.264 in an MP4: encoded by OpenH264, one track, the index at the end of the file.

use std::fs::{self, File};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::num::NonZeroU32;
use std::path::PathBuf;

use bvgdm_core::Frame;
use openh264::encoder::{
    Encoder, EncoderConfig, FrameRate, IntraFramePeriod, RateControlMode, VuiConfig,
};
use openh264::formats::{RgbSliceU8, YUVBuffer};
use openh264::{OpenH264API, Timestamp};
use shiguredo_mp4::boxes::{Avc1Box, AvccBox, SampleEntry, VisualSampleEntryFields};
use shiguredo_mp4::mux::{Mp4FileMuxer, Sample};
use shiguredo_mp4::{TrackKind, Uint};

use super::nal::Picture;
use super::scale::{enlarge, make_even};
use super::{Sink, Target};
use crate::error::{DataError, Result};
use crate::files::temporary;

/// OpenH264 encodes no larger pictures, upright or lying.
const MAX_SIDES: (usize, usize) = (3840, 2160);
/// Units of time a frame: enough for rates such as 29.97.
const FRAME_UNITS: u32 = 1000;
const SECONDS_BETWEEN_KEYFRAMES: f64 = 2.0;

pub(super) struct Mp4 {
    encoder: Encoder,
    muxer: Mp4FileMuxer,
    file: BufWriter<File>,
    temporary: PathBuf,
    out: PathBuf,
    fps: f64,
    scale: usize,
    timescale: NonZeroU32,
    frames: u64,
    /// Where in the file the next sample goes.
    offset: u64,
}

impl Mp4 {
    pub(super) fn create(target: &Target) -> Result<Self> {
        let (width, height) = (target.width * target.scale, target.height * target.scale);
        let (long, short) = (width.max(height), width.min(height));
        if long > MAX_SIDES.0 || short > MAX_SIDES.1 || short < 16 {
            return Err(DataError::invalid(
                target.out,
                "size",
                format!("16 to {} x {}", MAX_SIDES.0, MAX_SIDES.1),
                format!("{width} x {height}"),
            ));
        }
        let video = |e: &dyn std::fmt::Display| DataError::video(target.out, e);
        let config = config(target.fps);
        let encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(|e| video(&e))?;
        let muxer = Mp4FileMuxer::new().map_err(|e| video(&e))?;
        let temporary = temporary(target.out);
        let io = |e| DataError::io(&temporary, e);
        let mut file = BufWriter::new(File::create(&temporary).map_err(io)?);
        file.write_all(muxer.initial_boxes_bytes()).map_err(io)?;
        let timescale = (target.fps * f64::from(FRAME_UNITS)).round() as u32;
        Ok(Self {
            encoder,
            offset: muxer.initial_boxes_bytes().len() as u64,
            muxer,
            file,
            temporary,
            out: target.out.to_owned(),
            fps: target.fps,
            scale: target.scale,
            timescale: NonZeroU32::new(timescale).unwrap_or(NonZeroU32::MIN),
            frames: 0,
        })
    }

    fn encode(&mut self, rgb: &[u8], size: (usize, usize)) -> Result<Picture> {
        let yuv = YUVBuffer::from_rgb8_source(RgbSliceU8::new(rgb, size));
        let millis = (self.frames as f64 * 1000.0 / self.fps) as u64;
        let stream = self
            .encoder
            .encode_at(&yuv, Timestamp::from_millis(millis))
            .map_err(|e| DataError::video(&self.out, e))?;
        let mut picture = Picture::default();
        for layer in (0..stream.num_layers()).filter_map(|i| stream.layer(i)) {
            for unit in (0..layer.nal_count()).filter_map(|i| layer.nal_unit(i)) {
                picture.add(unit);
            }
        }
        if picture.sample.is_empty() {
            let message = format!("frame {}: the encoder left it out", self.frames);
            return Err(DataError::video(&self.out, message));
        }
        Ok(picture)
    }

    /// What a player must know before the first sample.
    fn sample_entry(&self, picture: &Picture, size: (usize, usize)) -> Result<SampleEntry> {
        let (Some(sps), Some(pps)) = (&picture.sps, &picture.pps) else {
            let message = "the encoder began without parameter sets";
            return Err(DataError::video(&self.out, message));
        };
        let &[_, profile, compatibility, level, ..] = sps.as_slice() else {
            return Err(DataError::video(
                &self.out,
                "the encoder's parameter set is too short",
            ));
        };
        // ISO/IEC 14496-15, 5.3.3.1.2: the extra fields are for the high profiles only.
        let high = !matches!(profile, 66 | 77 | 88);
        Ok(SampleEntry::Avc1(Avc1Box {
            visual: VisualSampleEntryFields {
                data_reference_index: VisualSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
                width: size.0 as u16,
                height: size.1 as u16,
                horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
                vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
                frame_count: VisualSampleEntryFields::DEFAULT_FRAME_COUNT,
                compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
                depth: VisualSampleEntryFields::DEFAULT_DEPTH,
            },
            avcc_box: AvccBox {
                avc_profile_indication: profile,
                profile_compatibility: compatibility,
                avc_level_indication: level,
                length_size_minus_one: Uint::new(3),
                sps_list: vec![sps.clone()],
                pps_list: vec![pps.clone()],
                chroma_format: high.then_some(Uint::new(1)),
                bit_depth_luma_minus8: high.then_some(Uint::new(0)),
                bit_depth_chroma_minus8: high.then_some(Uint::new(0)),
                sps_ext_list: Vec::new(),
            },
            unknown_boxes: Vec::new(),
        }))
    }
}

impl Sink for Mp4 {
    fn push(&mut self, frame: &Frame) -> Result<()> {
        let large = enlarge::<3>(&frame.rgb, frame.width, self.scale);
        let (width, height) = (frame.width * self.scale, frame.height * self.scale);
        let (rgb, width, height) = make_even(large, width, height);
        let picture = self.encode(&rgb, (width, height))?;
        let first = self.frames == 0;
        let sample_entry = match first {
            true => Some(self.sample_entry(&picture, (width, height))?),
            false => None,
        };
        self.file
            .write_all(&picture.sample)
            .map_err(|e| DataError::io(&self.temporary, e))?;
        let sample = Sample {
            track_kind: TrackKind::Video,
            sample_entry,
            keyframe: picture.keyframe,
            timescale: self.timescale,
            duration: FRAME_UNITS,
            composition_time_offset: None,
            data_offset: self.offset,
            data_size: picture.sample.len(),
        };
        self.muxer
            .append_sample(&sample)
            .map_err(|e| DataError::video(&self.out, e))?;
        self.offset += picture.sample.len() as u64;
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let boxes = self
            .muxer
            .finalize()
            .map_err(|e| DataError::video(&self.out, e))?;
        let io = |e| DataError::io(&self.out, e);
        for (offset, bytes) in boxes.offset_and_bytes_pairs() {
            self.file.seek(SeekFrom::Start(offset)).map_err(io)?;
            self.file.write_all(bytes).map_err(io)?;
        }
        self.file.flush().map_err(io)?;
        fs::rename(&self.temporary, &self.out).map_err(io)
    }
}

fn config(fps: f64) -> EncoderConfig {
    let keyframes = (fps * SECONDS_BETWEEN_KEYFRAMES).ceil() as u32;
    EncoderConfig::new()
        // A constant quality, whatever it takes: the film is for looking at, not for a network.
        .rate_control_mode(RateControlMode::Off)
        // Every frame that was generated is in the film.
        .skip_frames(false)
        .max_frame_rate(FrameRate::from_hz(fps.clamp(1.0, 60.0) as f32))
        .intra_frame_period(IntraFramePeriod::from_num_frames(keyframes))
        // One thread: the same film from the same frames.
        .num_threads(1)
        // The matrix that `YUVBuffer` converts with.
        .vui(VuiConfig::bt601())
}
