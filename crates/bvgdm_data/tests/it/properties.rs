//! Arbitrary bytes in any file: an error or a sound episode, never a panic, never memory for a
//! size that was only claimed.

use std::fs;
use std::path::Path;

use bvgdm_data::{Episode, EpisodeMetadata};
use proptest::prelude::*;

use crate::allocation::largest_of;
use crate::common::{FRAMES, HEIGHT, WIDTH, forge, recorded};

/// What a damaged file may make the reader allocate at once: a few times the largest file here and
/// what the decoder always needs.
const MOST_BYTES: usize = 1 << 18;

/// Bytes put somewhere into a file, and a cut.
#[derive(Debug, Clone)]
struct Damage {
    at: prop::sample::Index,
    bytes: Vec<u8>,
    cut: Option<prop::sample::Index>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let bytes = prop::collection::vec(any::<u8>(), 0..12);
    (
        any::<prop::sample::Index>(),
        bytes,
        any::<Option<prop::sample::Index>>(),
    )
        .prop_map(|(at, bytes, cut)| Damage { at, bytes, cut })
}

impl Damage {
    fn apply(&self, content: &mut Vec<u8>) {
        let at = self.at.index(content.len());
        let end = (at + self.bytes.len()).min(content.len());
        content[at..end].copy_from_slice(&self.bytes[..end - at]);
        if let Some(cut) = self.cut {
            content.truncate(cut.index(content.len()));
        }
    }
}

/// Opens and reads everything; what comes back must be whole.
fn read_all(dir: &Path) {
    let ((), largest) = largest_of(|| {
        let Ok(episode) = Episode::open(dir) else {
            return;
        };
        assert_eq!(episode.actions().len(), episode.len());
        for action in episode.actions() {
            episode.schema().check(action).unwrap();
        }
        if let Ok(frames) = episode.frames(0..episode.len()) {
            assert_eq!(frames.len(), episode.len());
            assert!(frames.iter().all(|f| f.rgb.len() == f.width * f.height * 3));
        }
    });
    assert!(largest < MOST_BYTES, "{largest} bytes at once");
}

proptest! {
    #[test]
    fn arbitrary_metadata(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = EpisodeMetadata::parse(&bytes, Path::new("metadata.ron"));
    }

    #[test]
    fn damaged_metadata(damage in damage()) {
        let (_root, dir) = recorded();
        let path = dir.join("metadata.ron");
        let mut content = fs::read(&path).unwrap();
        damage.apply(&mut content);
        fs::write(path, content).unwrap();
        read_all(&dir);
    }

    #[test]
    fn damaged_actions(damage in damage()) {
        let (_root, dir) = recorded();
        let mut content = fs::read(dir.join("actions.jsonl")).unwrap();
        damage.apply(&mut content);
        forge(&dir, "actions.jsonl", &content);
        read_all(&dir);
    }

    #[test]
    fn damaged_chunk(damage in damage()) {
        let (_root, dir) = recorded();
        let mut content = fs::read(dir.join("frames/000000.chunk")).unwrap();
        damage.apply(&mut content);
        forge(&dir, "frames/000000.chunk", &content);
        read_all(&dir);
    }

    #[test]
    fn damaged_index(at in 0_usize..200, bytes in prop::array::uniform8(any::<u8>())) {
        let (_root, dir) = recorded();
        let mut content = fs::read(dir.join("frames/000000.chunk")).unwrap();
        content[at..at + 8].copy_from_slice(&bytes);
        forge(&dir, "frames/000000.chunk", &content);
        read_all(&dir);
    }

    #[test]
    fn every_window_is_as_long_as_asked_for(a in 0..=FRAMES, b in 0..=FRAMES) {
        let (_root, dir) = recorded();
        let episode = Episode::open(&dir).unwrap();
        let (start, end) = (a.min(b), a.max(b));
        let frames = episode.frames(start..end).unwrap();
        prop_assert_eq!(frames.len(), end - start);
        prop_assert!(frames.iter().all(|f| (f.width, f.height) == (WIDTH, HEIGHT)));
    }
}
