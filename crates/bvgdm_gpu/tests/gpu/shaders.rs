//! Every shader that stands in `shaders/` is valid and used.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bvgdm_gpu::{SHADERS, Shader};
use naga::back::pipeline_constants::process_overrides;
use naga::back::{PipelineConstants, glsl, spv};
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Expression, Module, Scalar, ShaderStage, TypeInner};

/// Unpacking halves is part of every WebGPU.
const CAPABILITIES: Capabilities = Capabilities::SHADER_FLOAT16_IN_FLOAT32;

fn parsed(shader: &Shader) -> Module {
    let Shader { path, source, .. } = shader;
    let parsed = naga::front::wgsl::parse_str(source).map_err(|e| e.emit_to_string(source));
    assert!(parsed.is_ok(), "{path}: {}", parsed.as_ref().unwrap_err());
    parsed.unwrap()
}

fn validated(shader: &Shader, module: &Module) -> ModuleInfo {
    let Shader { path, source, .. } = shader;
    let mut validator = Validator::new(ValidationFlags::all(), CAPABILITIES);
    let valid = validator.validate(module);
    let valid = valid.map_err(|e| e.emit_to_string(source));
    assert!(valid.is_ok(), "{path}: {}", valid.as_ref().unwrap_err());
    valid.unwrap()
}

#[test]
fn every_shader_is_valid() {
    for shader in &SHADERS {
        validated(shader, &parsed(shader));
    }
}

/// Each constant as it could be set: switches all off or all on, and small numbers.
fn constants(module: &Module, on: bool) -> PipelineConstants {
    let constants = module.overrides.iter().filter_map(|(_, constant)| {
        let is_switch = matches!(
            module.types[constant.ty].inner,
            TypeInner::Scalar(Scalar::BOOL)
        );
        let value = match is_switch {
            true => f64::from(u8::from(on)),
            false if constant.init.is_none() => 4.0,
            false => return None,
        };
        Some((constant.name.clone()?, value))
    });
    constants.collect()
}

/// What Vulkan and WebGL2 are given, where no browser and no driver is there to refuse it.
#[test]
fn every_entry_point_can_be_written_as_spir_v_and_those_of_fragment_passes_for_webgl2() {
    let webgl2 = glsl::Options {
        version: glsl::Version::Embedded {
            version: 300,
            is_webgl: true,
        },
        ..Default::default()
    };
    for (shader, on) in SHADERS.iter().flat_map(|s| [(s, false), (s, true)]) {
        let module = parsed(shader);
        let info = validated(shader, &module);
        for entry in &module.entry_points {
            let what = format!("{}, {}, switches {on}", shader.path, entry.name);
            let point = (entry.stage, entry.name.as_str());
            let constants = constants(&module, on);
            let (module, info) = process_overrides(&module, &info, Some(point), &constants)
                .unwrap_or_else(|e| panic!("{what}: {e}"));
            let words = spv::write_vec(
                &module,
                &info,
                &spv::Options::default(),
                Some(&spv::PipelineOptions {
                    shader_stage: entry.stage,
                    entry_point: entry.name.clone(),
                }),
            );
            assert!(words.is_ok(), "{what}: {:?}", words.err());
            if entry.stage == ShaderStage::Compute || shader.path.starts_with("compute/") {
                continue;
            }
            let point = glsl::PipelineOptions {
                shader_stage: entry.stage,
                entry_point: entry.name.clone(),
                multiview: None,
            };
            let mut text = String::new();
            let bounds = BoundsCheckPolicies::default();
            let written = glsl::Writer::new(&mut text, &module, &info, &webgl2, &point, bounds)
                .and_then(|mut writer| writer.write().map(|_| ()));
            assert!(written.is_ok(), "{what}: {:?}", written.err());
            assert!(text.starts_with("#version 300 es"), "{what}: {text}");
        }
    }
}

/// One that is not read would still be compiled anew for each of its values.
#[test]
fn every_constant_of_a_shader_is_read() {
    for shader in &SHADERS {
        let module = parsed(shader);
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
