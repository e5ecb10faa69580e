//! What this machine has of the things that the checks need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::CommandLine;

/// Where the Vulkan loader looks for driver manifests on Linux.
const DRIVER_FOLDERS: [&str; 3] = [
    "/usr/share/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
];

/// Library folders that may hold the Vulkan loader, and whose subfolders may (multiarch).
const LIBRARY_FOLDERS: [&str; 4] = ["/usr/lib", "/usr/lib64", "/lib", "/usr/local/lib"];

/// The findings; what to make of them is decided in `setup`.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Vulkan is the graphics interface of this system (elsewhere Metal or Direct3D comes with it).
    pub uses_vulkan: bool,
    /// `libvulkan.so.1` is there.
    pub has_vulkan_loader: bool,
    /// Driver manifests that the loader would read.
    pub vulkan_drivers: Vec<PathBuf>,
    /// The user chose the drivers by `VK_DRIVER_FILES` or `VK_ICD_FILENAMES`.
    pub vulkan_drivers_chosen: bool,
    /// A device file of a graphics card is there.
    pub has_gpu: bool,
    /// A C++ compiler is there.
    pub has_cxx: bool,
    /// `cargo fmt` works.
    pub has_rustfmt: bool,
    /// `cargo clippy` works.
    pub has_clippy: bool,
    /// ffmpeg and ffprobe are there (optional).
    pub has_ffmpeg: bool,
    /// `apt-get` is there and we may use it.
    pub can_apt: bool,
    /// `rustup` is there.
    pub can_rustup: bool,
}

impl Facts {
    /// Looks at the machine.
    pub fn probe() -> Self {
        let chosen = env::var("VK_DRIVER_FILES").or_else(|_| env::var("VK_ICD_FILENAMES"));
        let works = |program, arguments: &[&str]| CommandLine::new(program, arguments).succeeds();
        Self {
            uses_vulkan: cfg!(all(unix, not(target_vendor = "apple"))),
            has_vulkan_loader: has_vulkan_loader(),
            vulkan_drivers_chosen: chosen.is_ok(),
            vulkan_drivers: match chosen {
                Ok(files) => env::split_paths(&files)
                    .filter(|file| file.exists())
                    .collect(),
                Err(_) => installed_drivers(),
            },
            has_gpu: has_gpu(),
            has_cxx: cfg!(windows) || has_cxx(),
            has_rustfmt: works("cargo", &["fmt", "--version"]),
            has_clippy: works("cargo", &["clippy", "--version"]),
            has_ffmpeg: ["ffmpeg", "ffprobe"]
                .iter()
                .all(|program| works(program, &["-version"])),
            can_apt: can_apt(),
            can_rustup: works("rustup", &["--version"]),
        }
    }
}

/// Whether packages can be installed.
pub fn can_apt() -> bool {
    is_root() && CommandLine::new("apt-get", &["--version"]).succeeds()
}

fn has_cxx() -> bool {
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    [compiler.as_str(), "g++", "clang++"]
        .iter()
        .any(|program| CommandLine::new(program, &["--version"]).succeeds())
}

fn is_root() -> bool {
    std::process::Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn installed_drivers() -> Vec<PathBuf> {
    let of_user = env::home_dir().map(|home| home.join(".local/share/vulkan/icd.d"));
    DRIVER_FOLDERS
        .iter()
        .map(PathBuf::from)
        .chain(of_user)
        .flat_map(|folder| entries(&folder))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect()
}

fn has_vulkan_loader() -> bool {
    let search_path = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let folders = LIBRARY_FOLDERS.iter().map(PathBuf::from);
    folders
        .clone()
        .chain(folders.flat_map(|folder| entries(&folder)))
        .chain(env::split_paths(&search_path))
        .any(|folder| folder.join("libvulkan.so.1").exists())
}

/// A render node (Mesa), NVIDIA's own device or WSL's.
fn has_gpu() -> bool {
    let has_render_node = entries(Path::new("/dev/dri"))
        .iter()
        .any(|node| node.to_string_lossy().contains("renderD"));
    has_render_node || Path::new("/dev/nvidia0").exists() || Path::new("/dev/dxg").exists()
}

/// What a folder holds; nothing when it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}
