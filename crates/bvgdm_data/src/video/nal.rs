//! From an H.264 byte stream (Annex B, start codes) to what an MP4 holds (lengths).

/// The NAL units of one encoded picture, without start codes.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// Sequence parameter set, in front of a key frame.
    pub sps: Option<Vec<u8>>,
    /// Picture parameter set, in front of a key frame.
    pub pps: Option<Vec<u8>>,
    /// Everything else, each unit behind its length in four bytes.
    pub sample: Vec<u8>,
    /// Whether a decoder can start here.
    pub keyframe: bool,
}

impl Picture {
    /// Adds one unit that starts with a start code.
    pub(super) fn add(&mut self, unit: &[u8]) {
        let unit = without_start_code(unit);
        // Rec. ITU-T H.264, table 7-1.
        match unit.first().map(|byte| byte & 0x1f) {
            None => {}
            Some(7) => self.sps = Some(unit.to_vec()),
            Some(8) => self.pps = Some(unit.to_vec()),
            Some(kind) => {
                self.keyframe |= kind == 5;
                // A picture of the largest size that is encoded has far fewer than 4 GB.
                let length = (unit.len() as u32).to_be_bytes();
                self.sample.extend_from_slice(&length);
                self.sample.extend_from_slice(unit);
            }
        }
    }
}

fn without_start_code(unit: &[u8]) -> &[u8] {
    let rest = unit.strip_prefix(&[0, 0, 0, 1]);
    rest.or_else(|| unit.strip_prefix(&[0, 0, 1]))
        .unwrap_or(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_sets_are_taken_out_and_pictures_get_their_length() {
        let mut picture = Picture::default();
        picture.add(&[0, 0, 0, 1, 0x67, 66]);
        picture.add(&[0, 0, 1, 0x68, 1]);
        picture.add(&[0, 0, 0, 1, 0x65, 8, 9]);
        assert_eq!(picture.sps.as_deref(), Some(&[0x67, 66][..]));
        assert_eq!(picture.pps.as_deref(), Some(&[0x68, 1][..]));
        assert_eq!(picture.sample, [0, 0, 0, 3, 0x65, 8, 9]);
        assert!(picture.keyframe);
    }
}
