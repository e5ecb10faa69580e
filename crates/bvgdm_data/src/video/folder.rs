//! A folder of PNGs.

use std::fs;
use std::path::PathBuf;

use bvgdm_core::Frame;

use super::scale::enlarge;
use super::{Sink, Target};
use crate::error::{DataError, Result};
use crate::files::replace;
use crate::picture::{encode, picture_error};

pub(super) struct Folder {
    dir: PathBuf,
    scale: usize,
    next: usize,
}

impl Folder {
    pub(super) fn create(target: &Target) -> Result<Self> {
        let dir = target.out.to_owned();
        let io = |e| DataError::io(target.out, e);
        fs::create_dir_all(&dir).map_err(io)?;
        // The pictures of two recordings in one folder would look like one.
        if fs::read_dir(&dir).map_err(io)?.next().is_some() {
            return Err(DataError::invalid(
                &dir,
                "folder",
                "an empty or a new one",
                "one that holds something",
            ));
        }
        Ok(Self {
            dir,
            scale: target.scale,
            next: 0,
        })
    }
}

impl Sink for Folder {
    fn push(&mut self, frame: &Frame) -> Result<()> {
        let path = self.dir.join(format!("{:06}.png", self.next));
        let large = Frame {
            width: frame.width * self.scale,
            height: frame.height * self.scale,
            rgb: enlarge::<3>(&frame.rgb, frame.width, self.scale),
        };
        let png = encode(&large).map_err(|message| picture_error(&path, message))?;
        replace(&path, &png)?;
        self.next += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
