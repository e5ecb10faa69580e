//! An MP4's video track: where its samples lie and when they are shown.

use std::fs::File;
use std::path::Path;

use shiguredo_mp4::Decode as _;
use shiguredo_mp4::aux::SampleTableAccessor;
use shiguredo_mp4::boxes::{
    AvccBox, ElstBox, HdlrBox, MoovBox, SampleEntry, StblBox, TkhdBox, TrakBox,
};

use super::MAX_FRAMES;
use super::boxes::read_moov;
use crate::error::{DataError, Result};

/// One encoded picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Where it begins in the file.
    pub offset: u64,
    /// How long it is; it lies within the file.
    pub bytes: u32,
    /// Which frame of the clip it is, in the order of showing.
    pub rank: u32,
}

/// The samples of a track, in the order of decoding.
#[derive(Debug)]
pub(super) struct Track {
    pub samples: Vec<Sample>,
    /// When every frame is shown, in seconds from the first, ascending.
    pub times: Vec<f64>,
    /// Frames a second, on the average.
    pub fps: f64,
    /// The decoder's configuration.
    pub avcc: AvccBox,
}

/// Reads the index of the first video track.
///
/// # Errors
/// [`DataError::NotNative`] for a sound file that is no plain H.264 (another codec, fragments, an
/// edit list that cuts), others for a damaged one.
pub(super) fn read(file: &mut File, len: u64, path: &Path) -> Result<Track> {
    let moov = read_moov(file, len, path)?;
    let (moov, _) = MoovBox::decode(&moov)
        .map_err(|e| DataError::not_native(path, format_args!("box moov: {e}")))?;
    let video = |trak: &&TrakBox| trak.mdia_box.hdlr_box.handler_type == HdlrBox::HANDLER_TYPE_VIDE;
    let Some(trak) = moov.trak_boxes.iter().find(video) else {
        return Err(DataError::invalid(path, "tracks", "one of video", "none"));
    };
    if trak.tkhd_box.matrix != TkhdBox::DEFAULT_MATRIX {
        return Err(DataError::not_native(
            path,
            "its pictures are turned or mirrored",
        ));
    }
    let stbl = &trak.mdia_box.minf_box.stbl_box;
    let table = SampleTableAccessor::new(stbl.clone())
        .map_err(|e| DataError::invalid(path, "sample table", "one that agrees with itself", e))?;
    if table.sample_count() == 0 {
        return Err(match moov.mvex_box {
            Some(_) => DataError::not_native(path, "it is in fragments"),
            None => DataError::invalid(path, "frames", "at least one", 0),
        });
    }
    let avcc = avcc(stbl, path)?;
    check_keyframe(stbl, path)?;

    let (samples, shown) = samples(&table, len, path)?;
    if let Some(edits) = trak.edts_box.as_ref().and_then(|e| e.elst_box.as_ref()) {
        let scales = (
            moov.mvhd_box.timescale.get(),
            trak.mdia_box.mdhd_box.timescale.get(),
        );
        check_edits(edits, &shown, scales, path)?;
    }
    let scale = f64::from(trak.mdia_box.mdhd_box.timescale.get());
    let first = shown.first().copied().unwrap_or_default();
    let times: Vec<_> = shown.iter().map(|&t| (t - first) as f64 / scale).collect();
    let total: u64 = stbl.stts_box.entries.iter().fold(0_u64, |sum, entry| {
        sum.saturating_add(u64::from(entry.sample_delta) * u64::from(entry.sample_count))
    });
    let fps = samples.len() as f64 * scale / total.max(1) as f64;
    Ok(Track {
        samples,
        times,
        fps,
        avcc,
    })
}

/// The samples, and the sorted times at which they are shown.
fn samples(
    table: &SampleTableAccessor<StblBox>,
    len: u64,
    path: &Path,
) -> Result<(Vec<Sample>, Vec<i64>)> {
    // Every sample has a byte of its own, so a count that is only claimed ends here.
    let most = len.min(MAX_FRAMES as u64);
    if u64::from(table.sample_count()) > most {
        let expected = format!("at most {most}");
        return Err(DataError::invalid(
            path,
            "frames",
            expected,
            table.sample_count(),
        ));
    }
    let mut samples = Vec::new();
    let mut order = Vec::new();
    for (index, sample) in table.samples().enumerate() {
        let (offset, bytes) = (sample.data_offset(), sample.data_size());
        if bytes == 0 || offset.checked_add(bytes.into()).is_none_or(|end| end > len) {
            let field = format!("sample {index}");
            let expected = format!("at least one byte within the file's {len}");
            let found = format!("{bytes} bytes at {offset}");
            return Err(DataError::invalid(path, field, expected, found));
        }
        samples.push(Sample {
            offset,
            bytes,
            rank: 0,
        });
        let decoded = i64::try_from(sample.timestamp()).ok();
        let shift = sample.composition_time_offset().unwrap_or(0);
        let Some(shown) = decoded.and_then(|t| t.checked_add(shift)) else {
            let field = format!("sample {index}: time");
            return Err(DataError::invalid(path, field, "a time", "an overflow"));
        };
        order.push((shown, index));
    }
    order.sort_unstable();
    if order
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
    {
        return Err(DataError::not_native(path, "two frames have the same time"));
    }
    for (rank, &(_, index)) in order.iter().enumerate() {
        if let Some(sample) = samples.get_mut(index) {
            // At most MAX_FRAMES.
            sample.rank = rank as u32;
        }
    }
    Ok((samples, order.into_iter().map(|(time, _)| time).collect()))
}

fn avcc(stbl: &StblBox, path: &Path) -> Result<AvccBox> {
    match stbl.stsd_box.entries.as_slice() {
        [SampleEntry::Avc1(avc1)] => Ok(avc1.avcc_box.clone()),
        [_] => Err(DataError::not_native(path, "it is not H.264 (avc1)")),
        entries => {
            let reason = format!("it has {} descriptions of its samples", entries.len());
            Err(DataError::not_native(path, reason))
        }
    }
}

/// Without a list of key frames, every frame is one.
fn check_keyframe(stbl: &StblBox, path: &Path) -> Result<()> {
    let Some(keyframes) = &stbl.stss_box else {
        return Ok(());
    };
    match keyframes.sample_numbers.first().map(|n| n.get()) {
        Some(1) => Ok(()),
        found => {
            let found = found.map_or("none".to_owned(), |n| format!("the first at sample {n}"));
            Err(DataError::invalid(
                path,
                "key frames",
                "one at the start",
                found,
            ))
        }
    }
}

/// An edit list may delay the beginning and skip what lies before the first frame; one that hides
/// a frame, repeats one or changes the speed is left to a program that plays it.
fn check_edits(edits: &ElstBox, shown: &[i64], scales: (u32, u32), path: &Path) -> Result<()> {
    let mut media = edits.entries.iter().filter(|entry| entry.media_time != -1);
    let (Some(entry), None) = (media.next(), media.next()) else {
        return Err(DataError::not_native(
            path,
            "its edit list has several parts",
        ));
    };
    let (Some(&first), Some(&last)) = (shown.first(), shown.last()) else {
        return Ok(());
    };
    let (movie, track) = (i128::from(scales.0), i128::from(scales.1));
    // In units of both scales; the list's are the coarser ones, so one of them is let through.
    let end = i128::from(entry.media_time) * movie + (i128::from(entry.edit_duration) + 1) * track;
    let whole = entry.edit_duration == 0 || end > i128::from(last) * movie;
    if entry.media_time > first || !whole || entry.media_rate.integer != 1 {
        return Err(DataError::not_native(
            path,
            "its edit list leaves frames out",
        ));
    }
    Ok(())
}
