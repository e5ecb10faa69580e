//! One frame as a PNG: lossless, and fast to write and to read.

use std::io::Cursor;
use std::path::Path;

use bvgdm_core::{Frame, read_bounded, write_atomic};

use crate::error::{DataError, Result};

const MAX_PICTURE_BYTES: u64 = 256 << 20;

/// Why a picture could not be coded; the caller knows the file.
pub(crate) type Message = String;

/// The frame as an 8-bit RGB PNG.
pub(crate) fn encode(frame: &Frame) -> Result<Vec<u8>, Message> {
    let mut bytes = Vec::new();
    let side = |pixels: usize| u32::try_from(pixels).map_err(|e| e.to_string());
    let mut encoder = png::Encoder::new(&mut bytes, side(frame.width)?, side(frame.height)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(|e| e.to_string())?;
    writer
        .write_image_data(&frame.rgb)
        .map_err(|e| e.to_string())?;
    writer.finish().map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// The most bytes that [`encode`] makes of a frame of this size, with room to spare.
pub(crate) fn max_bytes(width: usize, height: usize) -> u64 {
    let raw = (width as u64 * 3 + 1).saturating_mul(height as u64);
    raw.saturating_mul(2).saturating_add(4096)
}

/// Reads a PNG that must be 8-bit RGB of this size.
pub(crate) fn decode(bytes: &[u8], width: usize, height: usize) -> Result<Frame, Message> {
    let mut decoder = decoder(bytes, width, height);
    let info = decoder.read_header_info().map_err(|e| e.to_string())?;
    let (color, depth) = (info.color_type, info.bit_depth);
    let found = (info.width as usize, info.height as usize);
    let rgb = (png::ColorType::Rgb, png::BitDepth::Eight);
    if found != (width, height) || (color, depth) != rgb || info.interlaced {
        return Err(format!(
            "expected {width} x {height} pixels of 8-bit RGB, found {} x {} of {depth:?} {color:?}",
            found.0, found.1
        ));
    }
    let mut rgb = vec![0; width * height * 3];
    let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
    reader.next_frame(&mut rgb).map_err(|e| e.to_string())?;
    Frame::new(width, height, rgb).map_err(|e| e.to_string())
}

/// Writes a frame as a PNG file.
///
/// # Errors
/// When the file cannot be written.
pub fn write_png(path: &Path, frame: &Frame) -> Result<()> {
    let bytes = encode(frame).map_err(|message| picture_error(path, message))?;
    write_atomic(path, &bytes).map_err(|e| DataError::from_core(e, path, ""))
}

/// Reads any PNG of at most [`Frame::MAX_SIDE`] a side; transparency is dropped. Memory: the file (at
/// most 256 MiB) and seven bytes a pixel.
///
/// # Errors
/// When the file cannot be read, is no PNG, or is too large.
pub fn read_png(path: &Path) -> Result<Frame> {
    let bytes =
        read_bounded(path, MAX_PICTURE_BYTES).map_err(|e| DataError::from_core(e, path, ""))?;
    decode_any(&bytes).map_err(|message| picture_error(path, message))
}

fn decode_any(bytes: &[u8]) -> Result<Frame, Message> {
    let mut decoder = decoder(bytes, Frame::MAX_SIDE, Frame::MAX_SIDE);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let info = decoder.read_header_info().map_err(|e| e.to_string())?;
    let (width, height) = (info.width as usize, info.height as usize);
    if width > Frame::MAX_SIDE || height > Frame::MAX_SIDE {
        return Err(format!(
            "expected at most {} pixels a side, found {width} x {height}",
            Frame::MAX_SIDE
        ));
    }
    let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
    let samples = reader.output_color_type().0.samples();
    let mut pixels = vec![0; width * height * samples];
    reader.next_frame(&mut pixels).map_err(|e| e.to_string())?;
    let rgb = pixels
        .chunks_exact(samples)
        .flat_map(|pixel| match *pixel {
            [r, g, b] | [r, g, b, _] => [r, g, b],
            [gray] | [gray, _] => [gray; 3],
            _ => [0; 3],
        })
        .collect();
    Frame::new(width, height, rgb).map_err(|e| e.to_string())
}

/// A decoder that allocates for a picture of this size and little more.
fn decoder(bytes: &[u8], width: usize, height: usize) -> png::Decoder<Cursor<&[u8]>> {
    let limits = png::Limits {
        bytes: width * height * 8 + (1 << 16),
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    // Comments and colour profiles in somebody else's file are not unpacked.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder
}

pub(crate) fn picture_error(path: &Path, message: Message) -> DataError {
    DataError::Picture {
        file: path.to_owned(),
        field: "picture".to_owned(),
        message,
    }
}
