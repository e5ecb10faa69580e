//! Safetensors files that were made to do harm: each is refused by name, whether it is in memory or
//! on disk, and nothing is allocated from what it claims.

use std::path::Path;

use bvgdm_model::TensorFile;
use proptest::prelude::*;

/// A file of this header, with `data` bytes after it.
fn file(header: &str, data: usize) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &vec![1; data]].concat()
}

/// Opens the bytes both ways, and reads every tensor of what is no error.
fn open(bytes: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.safetensors");
    std::fs::write(&path, bytes).unwrap();
    let (disk, memory) = (TensorFile::open(&path), TensorFile::parse(&path, bytes));
    let read = |file: &TensorFile| {
        let names: Vec<_> = file.names().map(str::to_owned).collect();
        names
            .iter()
            .map(|name| file.floats(name).map_err(|e| e.to_string()))
            .collect::<Vec<_>>()
    };
    match (disk, memory) {
        (Ok(disk), Ok(memory)) => {
            assert_eq!(read(&disk), read(&memory));
            Ok(())
        }
        (Err(disk), Err(memory)) => {
            assert_eq!(disk.to_string(), memory.to_string());
            Err(disk.to_string())
        }
        (disk, memory) => panic!("{:?} on disk, {:?} in memory", disk.err(), memory.err()),
    }
}

fn refused(bytes: &[u8], named: &str) {
    let error = open(bytes).unwrap_err();
    assert!(error.contains("hostile.safetensors"), "{error}");
    assert!(error.contains(named), "{named} is not in: {error}");
}

fn tensor(shape: &str, offsets: &str) -> String {
    format!("\"a\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":{offsets}}}")
}

#[test]
fn headers_that_lie_are_refused() {
    refused(&[], "ends before its header");
    refused(&[1, 2, 3], "ends before its header");
    refused(&u64::MAX.to_le_bytes(), "header length");
    refused(&(1u64 << 40).to_le_bytes(), "header length");
    let sound = file(&format!("{{{}}}", tensor("[2,1]", "[0,8]")), 8);
    open(&sound).unwrap();
    refused(&sound[..sound.len() - 1], "claimed");
    refused(&[&sound[..], &[0]].concat(), "claimed");
    refused(&sound[..20], "header length");
    refused(&file("{\"a\":", 0), "header");
    refused(&file("[]", 0), "header");
    for (shape, offsets) in [
        ("[2]", "[0,12]"),
        ("[2]", "[4,12]"),
        ("[2]", "[8,0]"),
        ("[2]", "[0,-8]"),
        ("[2]", "[0,18446744073709551615]"),
        ("[18446744073709551615,18446744073709551615]", "[0,8]"),
        ("[4611686018427387904]", "[0,8]"),
        ("[-2]", "[0,8]"),
        ("[2.5]", "[0,8]"),
        ("[1e300]", "[0,8]"),
        ("\"x\"", "[0,8]"),
    ] {
        refused(
            &file(&format!("{{{}}}", tensor(shape, offsets)), 8),
            "header",
        );
    }
    let second = tensor("[2]", "[4,12]").replace("\"a\"", "\"b\"");
    let overlapping = format!("{{{},{second}}}", tensor("[2]", "[0,8]"));
    refused(&file(&overlapping, 12), "header");
}

#[test]
fn a_header_of_gigabytes_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.safetensors");
    let huge = std::fs::File::create(&path).unwrap();
    // Sparse: it takes no room on the disk.
    huge.set_len(20 << 30).unwrap();
    std::io::Write::write_all(&mut &huge, &(10u64 << 30).to_le_bytes()).unwrap();
    let error = TensorFile::open(&path).err().unwrap().to_string();
    assert!(
        error.contains("huge.safetensors") && error.contains("header length"),
        "{error}"
    );
}

#[test]
fn a_folder_and_a_missing_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(TensorFile::open(folder.path()).is_err());
    assert!(TensorFile::open(Path::new("no such file")).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        open(&bytes).ok();
    }

    #[test]
    fn no_claim_makes_it_panic(
        shape in proptest::collection::vec(any::<u64>(), 0..5),
        begin: u64, end: u64, data in 0usize..64,
        dtype in "F32|F16|BF16|F64|I8|BOOL|U64|F8_E4M3|F4|x",
    ) {
        let claim = tensor(&format!("{shape:?}"), &format!("[{begin},{end}]"));
        open(&file(&format!("{{{}}}", claim.replace("F32", &dtype)), data)).ok();
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0usize..120, byte: u8, cut in 0usize..120) {
        let header = format!("{{{}}}", tensor("[2,1]", "[0,8]"));
        let mut bytes = file(&header, 8);
        let at = at % bytes.len();
        bytes[at] = byte;
        open(&bytes).ok();
        open(&bytes[..cut.min(bytes.len())]).ok();
    }
}
