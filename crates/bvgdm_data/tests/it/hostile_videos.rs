//! Damaged and lying videos: a typed error that names the file and what is wrong, never a panic,
//! never memory for a size that was only claimed.

use std::fs;
use std::path::Path;

use bvgdm_data::import::Bindings;
use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_data::{DataError, Result};
use proptest::prelude::*;

use crate::allocation::largest_of;
use crate::common::assert_names;
use crate::decoding::fixture;

/// What the built-in reader may allocate at once: an index of 64 MiB at most, whose file these tests
/// do not have, so a few times the clip and its pictures.
const MOST_BYTES: usize = 4 << 20;

fn clip() -> Vec<u8> {
    fs::read(fixture("maze.mp4")).unwrap()
}

/// Reads a file of these bytes with the built-in decoder, to the end.
fn read(bytes: &[u8]) -> Result<usize> {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("clip.mp4");
    fs::write(&path, bytes).unwrap();
    let (result, largest) = largest_of(|| read_file(&path));
    assert!(largest < MOST_BYTES, "{largest} bytes at once");
    if let Err(error) = &result {
        assert!(error.to_string().contains("clip.mp4"), "{error}");
    }
    result
}

fn read_file(path: &Path) -> Result<usize> {
    let mut reader = VideoReader::open(path, VideoDecoder::Native)?;
    let mut count = 0;
    while reader.next_frame()?.is_some() {
        count += 1;
    }
    assert_eq!(count, reader.info().times.len());
    Ok(count)
}

/// Where the content of the first box of a kind begins.
fn content(bytes: &[u8], kind: &[u8; 4]) -> usize {
    bytes.windows(4).position(|window| window == kind).unwrap() + 4
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

#[test]
fn a_box_that_claims_what_is_not_there() {
    let whole = clip();
    let mut wide = whole.clone();
    let mdat = content(&whole, b"mdat") - 8;
    put(&mut wide, mdat, 0xffff_fff0);
    let moov = content(&whole, b"moov") - 8;
    // Ten gigabytes, as a size of 64 bits, in front of everything.
    let mut long = vec![0, 0, 0, 1];
    long.extend_from_slice(b"mdat");
    long.extend_from_slice(&10_000_000_000_u64.to_be_bytes());
    let mut behind_type = whole[..content(&whole, b"ftyp") + 24].to_vec();
    behind_type.extend_from_slice(&long);
    let mut huge_moov = whole.clone();
    put(&mut huge_moov, moov, 2_000_000_000);
    let mut tiny = whole.clone();
    put(&mut tiny, moov, 3);
    for bytes in [&wide, &long, &behind_type, &huge_moov, &tiny] {
        assert_names(read(bytes), &["box", "size", "expected"]);
    }
}

#[test]
fn a_video_that_is_cut_off_is_refused() {
    let whole = clip();
    for end in [4, 8, 20, 31, 100, 2000, whole.len() / 2, whole.len() - 1] {
        let error = read(&whole[..end]).unwrap_err();
        assert!(!matches!(error, DataError::Io { .. }), "{end}: {error}");
    }
    assert_names(read(b""), &["content"]);
}

#[test]
fn lying_sample_tables_are_found_out() {
    let whole = clip();
    let edited = |kind: &[u8; 4], offset: usize, value: u32| {
        let mut bytes = whole.clone();
        let at = content(&bytes, kind) + offset;
        put(&mut bytes, at, value);
        bytes
    };
    // stsz: version, fixed size, count, sizes. stts: version, count, (count, duration) ...
    assert_names(read(&edited(b"stsz", 8, u32::MAX)), &["moov"]);
    assert_names(
        read(&edited(b"stsz", 12, u32::MAX)),
        &["sample 0", "within the file"],
    );
    assert_names(
        read(&edited(b"stsz", 12, 0)),
        &["sample 0", "at least one byte"],
    );
    assert_names(read(&edited(b"stts", 8, u32::MAX)), &["sample table"]);
    assert_names(
        read(&edited(b"stco", 8, u32::MAX)),
        &["sample", "within the file"],
    );
    assert_names(read(&edited(b"stss", 8, 7)), &["key frames", "sample 7"]);
    assert_names(read(&edited(b"stss", 4, 0)), &["key frames", "none"]);
    // Units that are longer than their sample.
    let start = u32::from_be_bytes(
        whole[content(&whole, b"stco") + 8..][..4]
            .try_into()
            .unwrap(),
    );
    let mut unit = whole.clone();
    put(&mut unit, start as usize, 0x7fff_ffff);
    assert_names(read(&unit), &["sample 0: unit"]);
}

#[test]
fn a_video_of_no_frames_is_refused() {
    let mut bytes = clip();
    // Where the counts of a table stand, behind its type.
    let tables: [(&[u8; 4], &[usize]); 6] = [
        (b"stts", &[8]),
        (b"stsz", &[8, 12]),
        (b"stsc", &[8]),
        (b"stco", &[8]),
        (b"stss", &[8]),
        (b"ctts", &[8]),
    ];
    for (kind, counts) in tables {
        let Some(at) = bytes.windows(4).position(|window| window == kind) else {
            continue;
        };
        // What is left of the table belongs to a box of its own, which nobody reads.
        let end = at - 4 + u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
        let kept = at + counts[counts.len() - 1] + 4;
        for count in counts {
            put(&mut bytes, at + count, 0);
        }
        if end - kept >= 8 {
            put(&mut bytes, at - 4, (kept - at + 4) as u32);
            put(&mut bytes, kept, (end - kept) as u32);
            bytes[kept + 4..kept + 8].copy_from_slice(b"free");
        }
    }
    assert_names(read(&bytes), &["frames", "at least one"]);
}

/// Four samples of a fixed size and four billion that are only claimed cost the same to write down.
#[test]
fn four_billion_samples_are_refused_before_they_are_listed() {
    let mut bytes = clip();
    let table = |kind: &[u8; 4]| content(&bytes, kind);
    let (stts, stsz, stsc, stco) = (
        table(b"stts"),
        table(b"stsz"),
        table(b"stsc"),
        table(b"stco"),
    );
    put(&mut bytes, stts + 8, u32::MAX - 1);
    put(&mut bytes, stsz + 4, 1);
    put(&mut bytes, stsz + 8, u32::MAX - 1);
    for (at, value) in [(4, 1), (8, 1), (12, u32::MAX - 1), (16, 1)] {
        put(&mut bytes, stsc + at, value);
    }
    put(&mut bytes, stco + 4, 1);
    // The times of showing would not agree: the box gets another name.
    if let Some(at) = bytes.windows(4).position(|window| window == b"ctts") {
        bytes[at..at + 4].copy_from_slice(b"free");
    }
    let error = read(&bytes).unwrap_err().to_string();
    assert!(
        error.contains("frames") || error.contains("sample"),
        "{error}"
    );
}

#[test]
fn absurd_sizes_are_refused_before_decoding() {
    let whole = clip();
    let sps = content(&whole, b"avcC") + 8;
    // A set of 16384 x 16384 blocks: profile 66, level 11, numbers in Exp-Golomb.
    let mut bytes = whole.clone();
    bytes[sps..sps + 16].copy_from_slice(&[
        0x67,
        66,
        0,
        11,
        0b1111_1010,
        0b0000_0000,
        0b0000_0100,
        0,
        0,
        0b0000_0001,
        0,
        0,
        0b0000_0100,
        0,
        0,
        0,
    ]);
    let error = read(&bytes).unwrap_err();
    let known = matches!(
        error,
        DataError::NotNative { .. } | DataError::Invalid { .. }
    );
    assert!(known, "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_damaged_index(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut bytes = clip();
        let moov = content(&bytes, b"moov") - 8;
        // The index is at the end of this file; the pictures stay as they are.
        let len = bytes.len() - moov;
        for (at, value) in changes {
            bytes[moov + at.index(len)] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(moov + cut.index(len));
        }
        let _ = read(&bytes);
    }

    #[test]
    fn damaged_pictures(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
    ) {
        let mut bytes = clip();
        let start = content(&bytes, b"mdat");
        let len = content(&bytes, b"moov") - 8 - start;
        for (at, value) in changes {
            bytes[start + at.index(len)] = value;
        }
        let _ = read(&bytes);
    }

    #[test]
    fn whatever_begins_like_a_video(tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = vec![0, 0, 0, 16];
        bytes.extend_from_slice(b"ftypisom\0\0\0\0");
        bytes.extend_from_slice(&tail);
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn whatever_a_schema_says(text in "[\\PC\\n]{0,200}") {
        let _ = Bindings::parse(text.as_bytes(), Path::new("schema.ron"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_log(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("maze.jsonl");
        let mut bytes = fs::read(fixture("maze.jsonl")).unwrap();
        let len = bytes.len();
        for (at, value) in changes {
            bytes[at.index(len)] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(len));
        }
        fs::write(&log, bytes).unwrap();
        crate::importing::logs::import_log(&log, root.path());
    }
}
