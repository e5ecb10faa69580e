//! Decides what is missing, installs what can be installed and names the rest.

use anyhow::{Result, bail};

use crate::facts::Facts;
use crate::process::CommandLine;
use crate::steps::Step;

/// Something that a step cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    VulkanDevice,
    CxxCompiler,
    Rustfmt,
    Clippy,
    /// Where it is a package; elsewhere the tests that use it are left out.
    Ffmpeg,
}

/// How a need is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    AptPackage(&'static str),
    RustupComponent(&'static str),
    ByHand(&'static str),
}

/// Makes sure that `steps` find what they need.
///
/// # Errors
/// When something has to be installed by hand (the message names each and how to get it), or when
/// an installation failed.
pub fn prepare(steps: &[Step]) -> Result<()> {
    let facts = Facts::probe();
    let remedies: Vec<Remedy> = missing(&facts, steps)
        .into_iter()
        .map(|need| remedy(need, &facts))
        .collect();
    let by_hand: Vec<&str> = remedies
        .iter()
        .filter_map(|remedy| match remedy {
            Remedy::ByHand(text) => Some(*text),
            _ => None,
        })
        .collect();
    if !by_hand.is_empty() {
        bail!("missing on this machine:\n  {}", by_hand.join("\n  "));
    }
    if steps.contains(&Step::Tests) && !facts.has_ffmpeg && !facts.can_apt {
        println!("ffmpeg is not there: the tests that need it or compare with it are skipped");
    }
    if remedies.is_empty() {
        println!("nothing is missing");
        return Ok(());
    }
    install(&remedies)?;
    let still_missing = missing(&Facts::probe(), steps);
    if !still_missing.is_empty() {
        bail!("still missing after the installation: {still_missing:?}");
    }
    Ok(())
}

fn missing(facts: &Facts, steps: &[Step]) -> Vec<Need> {
    let runs = |step| steps.contains(&step);
    let compiles = steps.iter().any(|step| *step != Step::Fmt);
    let mut needs = Vec::new();
    if runs(Step::Fmt) && !facts.has_rustfmt {
        needs.push(Need::Rustfmt);
    }
    if runs(Step::Clippy) && !facts.has_clippy {
        needs.push(Need::Clippy);
    }
    // Build scripts run for clippy and docs as well.
    if compiles && !facts.has_cxx {
        needs.push(Need::CxxCompiler);
    }
    if runs(Step::Tests) && facts.uses_vulkan && !has_vulkan_device(facts) {
        needs.push(Need::VulkanDevice);
    }
    if runs(Step::Tests) && !facts.has_ffmpeg && facts.can_apt {
        needs.push(Need::Ffmpeg);
    }
    needs
}

/// A driver of a graphics card is worth nothing without the card: then a software one is needed.
fn has_vulkan_device(facts: &Facts) -> bool {
    let is_software = |name: &str| name.contains("lvp") || name.contains("swiftshader");
    let can_drive = |driver: &std::path::PathBuf| {
        facts.vulkan_drivers_chosen
            || facts.has_gpu
            || driver
                .file_name()
                .is_some_and(|name| is_software(&name.to_string_lossy()))
    };
    facts.has_vulkan_loader && facts.vulkan_drivers.iter().any(can_drive)
}

fn remedy(need: Need, facts: &Facts) -> Remedy {
    match need {
        // A chosen driver that is not there stays chosen, whatever is installed beside it.
        Need::VulkanDevice if facts.vulkan_drivers_chosen && facts.vulkan_drivers.is_empty() => {
            Remedy::ByHand("Vulkan driver: VK_DRIVER_FILES or VK_ICD_FILENAMES names no file")
        }
        Need::VulkanDevice if facts.can_apt => Remedy::AptPackage("mesa-vulkan-drivers"),
        Need::VulkanDevice => Remedy::ByHand(
            "a Vulkan device: the driver of your graphics card, or without one Mesa's lavapipe \
             (Debian, Ubuntu, Fedora: mesa-vulkan-drivers; Arch: vulkan-swrast; \
             Alpine: mesa-vulkan-swrast; openSUSE: libvulkan_lvp)",
        ),
        Need::CxxCompiler if facts.can_apt => Remedy::AptPackage("g++"),
        Need::CxxCompiler => Remedy::ByHand(
            "a C++ compiler, for the video encoder (Debian, Ubuntu: g++; Fedora: gcc-c++; \
             Arch: gcc; macOS: xcode-select --install)",
        ),
        Need::Rustfmt if facts.can_rustup => Remedy::RustupComponent("rustfmt"),
        Need::Rustfmt => Remedy::ByHand("rustfmt, which comes with Rust (Debian: rustfmt)"),
        Need::Clippy if facts.can_rustup => Remedy::RustupComponent("clippy"),
        Need::Clippy => Remedy::ByHand("clippy, which comes with Rust (Debian: rust-clippy)"),
        Need::Ffmpeg => Remedy::AptPackage("ffmpeg"),
    }
}

fn install(remedies: &[Remedy]) -> Result<()> {
    let mut packages = Vec::new();
    let mut components = Vec::new();
    for remedy in remedies {
        match remedy {
            Remedy::AptPackage(name) => packages.push(*name),
            Remedy::RustupComponent(name) => components.push(*name),
            Remedy::ByHand(_) => {}
        }
    }
    if !components.is_empty() {
        command("rustup", &["component", "add"], &components).show_and_run()?;
    }
    if !packages.is_empty() {
        // A mirror that cannot be reached is no reason to stop: the lists may be good enough.
        if let Err(error) = command("apt-get", &["update", "--quiet"], &[]).show_and_run() {
            println!("going on without: {error:#}");
        }
        let arguments = ["install", "--yes", "--quiet", "--no-install-recommends"];
        command("apt-get", &arguments, &packages).show_and_run()?;
    }
    Ok(())
}

fn command(program: &str, arguments: &[&str], names: &[&str]) -> CommandLine {
    CommandLine::new(program, &[arguments, names].concat())
        .with_env("DEBIAN_FRONTEND", "noninteractive")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Need, Remedy, missing, remedy};
    use crate::facts::Facts;
    use crate::steps::Step;

    const ALL: [Step; 4] = [Step::Fmt, Step::Clippy, Step::Tests, Step::Docs];

    /// A Debian machine without a graphics card that has everything.
    fn complete() -> Facts {
        Facts {
            uses_vulkan: true,
            has_vulkan_loader: true,
            vulkan_drivers: vec![PathBuf::from("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json")],
            vulkan_drivers_chosen: false,
            has_gpu: false,
            has_cxx: true,
            has_rustfmt: true,
            has_clippy: true,
            has_ffmpeg: true,
            can_apt: true,
            can_rustup: true,
        }
    }

    #[test]
    fn nothing_is_missing_on_a_complete_machine() {
        assert_eq!(missing(&complete(), &ALL), []);
    }

    #[test]
    fn ffmpeg_is_installed_for_the_tests_and_done_without_where_it_cannot_be() {
        let without = Facts {
            has_ffmpeg: false,
            ..complete()
        };
        assert_eq!(missing(&without, &ALL), [Need::Ffmpeg]);
        assert_eq!(missing(&without, &[Step::Docs]), []);
        let elsewhere = Facts {
            can_apt: false,
            ..without
        };
        assert_eq!(missing(&elsewhere, &ALL), []);
    }

    #[test]
    fn a_driver_needs_its_card_and_the_loader() {
        let nvidia = Facts {
            vulkan_drivers: vec![PathBuf::from("/etc/vulkan/icd.d/nvidia_icd.json")],
            ..complete()
        };
        assert_eq!(missing(&nvidia, &ALL), [Need::VulkanDevice]);
        let with_card = Facts {
            has_gpu: true,
            ..nvidia
        };
        assert_eq!(missing(&with_card, &ALL), []);
        let without_loader = Facts {
            has_vulkan_loader: false,
            ..with_card
        };
        assert_eq!(missing(&without_loader, &ALL), [Need::VulkanDevice]);
    }

    #[test]
    fn vulkan_is_asked_for_only_where_it_is_used_and_only_for_the_tests() {
        let bare = Facts {
            vulkan_drivers: Vec::new(),
            ..complete()
        };
        assert_eq!(missing(&bare, &ALL), [Need::VulkanDevice]);
        assert_eq!(missing(&bare, &[Step::Clippy, Step::Docs]), []);
        let mac = Facts {
            uses_vulkan: false,
            ..bare
        };
        assert_eq!(missing(&mac, &ALL), []);
    }

    #[test]
    fn a_fresh_debian_machine_is_completed_by_apt_and_rustup() {
        let fresh = Facts {
            has_vulkan_loader: false,
            vulkan_drivers: Vec::new(),
            has_cxx: false,
            has_rustfmt: false,
            has_clippy: false,
            has_ffmpeg: false,
            ..complete()
        };
        let remedies: Vec<Remedy> = missing(&fresh, &ALL)
            .into_iter()
            .map(|need| remedy(need, &fresh))
            .collect();
        assert_eq!(
            remedies,
            [
                Remedy::RustupComponent("rustfmt"),
                Remedy::RustupComponent("clippy"),
                Remedy::AptPackage("g++"),
                Remedy::AptPackage("mesa-vulkan-drivers"),
                Remedy::AptPackage("ffmpeg"),
            ]
        );
    }

    #[test]
    fn elsewhere_the_remedy_is_named_and_not_run() {
        let elsewhere = Facts {
            can_apt: false,
            can_rustup: false,
            ..complete()
        };
        for need in [
            Need::VulkanDevice,
            Need::CxxCompiler,
            Need::Rustfmt,
            Need::Clippy,
        ] {
            assert!(
                matches!(remedy(need, &elsewhere), Remedy::ByHand(_)),
                "{need:?}"
            );
        }
    }

    #[test]
    fn a_chosen_driver_file_that_is_not_there_is_not_replaced() {
        let chosen = Facts {
            vulkan_drivers_chosen: true,
            vulkan_drivers: Vec::new(),
            ..complete()
        };
        assert_eq!(missing(&chosen, &[Step::Tests]), [Need::VulkanDevice]);
        assert!(matches!(
            remedy(Need::VulkanDevice, &chosen),
            Remedy::ByHand(_)
        ));
    }
}
