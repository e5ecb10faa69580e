//! Every shader that stands in `shaders/` is valid and used.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bvgdm_gpu::SHADERS;
use naga::Expression;

#[test]
fn every_shader_is_valid() {
    for shader in SHADERS {
        let module = naga::front::wgsl::parse_str(shader.source)
            .unwrap_or_else(|e| panic!("{}: {}", shader.path, e.emit_to_string(shader.source)));
        let flags = naga::valid::ValidationFlags::all();
        // Unpacking halves is part of every WebGPU.
        let capabilities = naga::valid::Capabilities::SHADER_FLOAT16_IN_FLOAT32;
        let mut validator = naga::valid::Validator::new(flags, capabilities);
        let valid = validator.validate(&module);
        valid.unwrap_or_else(|e| panic!("{}: {}", shader.path, e.emit_to_string(shader.source)));
    }
}

/// One that is not read would still be compiled anew for each of its values.
#[test]
fn every_constant_of_a_shader_is_read() {
    for shader in SHADERS {
        let module = naga::front::wgsl::parse_str(shader.source).unwrap();
        let entries = module.entry_points.iter().map(|entry| &entry.function);
        let functions = module.functions.iter().map(|(_, function)| function);
        let read: BTreeSet<_> = functions
            .chain(entries)
            .flat_map(|function| function.expressions.iter())
            .chain(module.global_expressions.iter())
            .filter_map(|(_, expression)| match expression {
                Expression::Override(constant) => Some(*constant),
                _ => None,
            })
            .collect();
        for (handle, constant) in module.overrides.iter() {
            let (path, name) = (shader.path, constant.name.as_deref());
            assert!(read.contains(&handle), "{path}: nothing reads {name:?}");
        }
    }
}

#[test]
fn every_shader_in_the_folder_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shaders");
    let mut folders = vec![root.clone()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "wgsl") {
                found.insert(path.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    let shared = SHADERS.iter().flat_map(|shader| shader.shared);
    let shared = shared.map(|name| Path::new("common").join(name));
    let own = SHADERS.iter().map(|shader| PathBuf::from(shader.path));
    let used: BTreeSet<_> = own.chain(shared).collect();
    assert_eq!(found, used);
}
