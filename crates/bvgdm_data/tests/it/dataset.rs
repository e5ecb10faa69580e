//! Data sets: which episodes belong together, and how they are split.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use bvgdm_data::{Dataset, Episode, EpisodeSpec, EpisodeWriter};

use crate::common::{action, assert_names, small, spec};

fn record(dir: &Path, spec: EpisodeSpec, frames: usize) {
    let mut writer = EpisodeWriter::create(dir, spec).unwrap();
    for t in 0..frames {
        writer.push(&small(t), &action(t)).unwrap();
    }
    writer.finish().unwrap();
}

fn names(dataset: &Dataset) -> Vec<String> {
    let name = |e: &Episode| e.dir().file_name().unwrap().to_string_lossy().into_owned();
    dataset.episodes().iter().map(name).collect()
}

#[test]
fn all_episodes_below_the_root_are_found_in_order() {
    let root = tempfile::tempdir().unwrap();
    for name in ["b", "deeper/down/c", "a"] {
        record(&root.path().join(name), spec(), 2);
    }
    fs::create_dir(root.path().join("no episode")).unwrap();
    // Killed within its first chunk.
    drop(EpisodeWriter::create(&root.path().join("empty"), spec()).unwrap());
    let dataset = Dataset::open(root.path()).unwrap();
    assert_eq!(names(&dataset), ["a", "b", "c"]);
    assert_eq!(dataset.frame_count(), 6);
    assert_eq!(dataset.size(), (16, 12));
    assert_eq!(
        names(&Dataset::open(&root.path().join("a")).unwrap()),
        ["a"]
    );
}

#[test]
fn a_folder_without_an_episode_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    assert_names(Dataset::open(root.path()), &["no episode", "metadata.ron"]);
    let missing = root.path().join("missing");
    assert_names(Dataset::open(&missing), &["missing"]);
}

#[test]
fn episodes_that_differ_are_both_named() {
    let change: [(&str, fn(&mut EpisodeSpec)); 3] = [
        ("fps", |s| s.fps = 30.0),
        ("size", |s| s.width = 8),
        ("schema", |s| s.schema.actions[0].name = "back".to_owned()),
    ];
    for (field, change) in change {
        let root = tempfile::tempdir().unwrap();
        record(&root.path().join("first"), spec(), 1);
        let mut other = spec();
        change(&mut other);
        record(&root.path().join("second"), other, 0);
        assert_names(Dataset::open(root.path()), &[field, "first", "second"]);
    }
}

#[test]
fn the_split_is_by_whole_episodes_and_depends_on_the_seed_alone() {
    let root = tempfile::tempdir().unwrap();
    for i in 0..20 {
        record(&root.path().join(format!("{i:02}")), spec(), 1);
    }
    let dataset = Dataset::open(root.path()).unwrap();
    let split = dataset.split(0.1, 1);
    assert_eq!((split.train.len(), split.held_out.len()), (18, 2));
    assert_eq!(split, Dataset::open(root.path()).unwrap().split(0.1, 1));
    let mut all = [split.train.clone(), split.held_out.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, (0..20).collect::<Vec<_>>());
    let others = (2..12).map(|seed| dataset.split(0.1, seed));
    assert!(others.into_iter().any(|other| other != split));
}

#[test]
fn both_parts_of_a_split_have_an_episode_where_there_are_two() {
    let root = tempfile::tempdir().unwrap();
    record(&root.path().join("one"), spec(), 1);
    let one = Dataset::open(root.path()).unwrap();
    assert!(one.split(0.9, 1).held_out.is_empty());
    record(&root.path().join("two"), spec(), 1);
    let two = Dataset::open(root.path()).unwrap();
    for fraction in [0.0, 1.0, -3.0, f64::NAN, f64::INFINITY] {
        let split = two.split(fraction, 5);
        assert_eq!(
            (split.train.len(), split.held_out.len()),
            (1, 1),
            "{fraction}"
        );
    }
}

#[test]
fn a_data_set_grows_by_what_is_complete_and_belongs_to_it() {
    let root = tempfile::tempdir().unwrap();
    let dir = |name: &str| root.path().join(name);
    record(&dir("b"), spec(), 2);
    let mut dataset = Dataset::open(root.path()).unwrap();
    let mut refused = HashSet::new();
    let mut grow = |dataset: &mut Dataset| {
        let (new, errors) = dataset.grow(&mut refused);
        let errors = errors.iter().map(ToString::to_string);
        (new, errors.collect::<Vec<_>>())
    };
    assert_eq!(grow(&mut dataset), (1..1, Vec::new()));

    record(&dir("a"), spec(), 3);
    let mut other = spec();
    other.fps = 30.0;
    record(&dir("other"), other, 1);
    // A whole chunk of one that goes on.
    let mut going_on = EpisodeWriter::create(&dir("c"), spec()).unwrap();
    for t in 0..20 {
        going_on.push(&small(t), &action(t)).unwrap();
    }
    let (new, errors) = grow(&mut dataset);
    assert_eq!((new, names(&dataset).join(" ")), (1..2, "b a".to_owned()));
    assert!(errors.len() == 1 && errors[0].contains("fps"), "{errors:?}");

    going_on.finish().unwrap();
    let none = Vec::<String>::new();
    assert_eq!(grow(&mut dataset), (2..3, none.clone()), "said once");
    assert_eq!(dataset.frame_count(), 2 + 3 + 20);
    assert_eq!(grow(&mut dataset), (3..3, none));
}

#[test]
fn an_episode_that_is_still_being_recorded_is_left_to_grow_by_all_of_its_frames() {
    let root = tempfile::tempdir().unwrap();
    let dir = |name: &str| root.path().join(name);
    let mut going_on = EpisodeWriter::create(&dir("a"), spec()).unwrap();
    for t in 0..30 {
        going_on.push(&small(t), &action(t)).unwrap();
    }
    assert_names(
        Dataset::open(root.path()).unwrap().only_complete(),
        &["episodes", "at least one that is complete", "1"],
    );
    record(&dir("b"), spec(), 2);
    let mut dataset = Dataset::open(root.path()).unwrap();
    assert_eq!(dataset.only_complete().unwrap(), 1);
    assert_eq!(names(&dataset), ["b"]);
    going_on.finish().unwrap();
    assert_eq!(dataset.grow(&mut HashSet::new()).0, 1..2);
    assert_eq!(dataset.frame_count(), 2 + 30);
}

#[test]
fn an_import_that_is_not_finished_is_no_episode() {
    let root = tempfile::tempdir().unwrap();
    record(&root.path().join("a"), spec(), 2);
    record(&root.path().join("b.partial"), spec(), 2);
    assert_eq!(names(&Dataset::open(root.path()).unwrap()), ["a"]);
}

#[test]
fn a_new_episode_is_on_the_side_that_a_split_of_all_has_it_on() {
    let root = tempfile::tempdir().unwrap();
    for i in 0..12 {
        record(&root.path().join(format!("{i}")), spec(), 1);
    }
    let dataset = Dataset::open(root.path()).unwrap();
    let held_out = dataset.split(0.4, 3).held_out;
    let alone: Vec<usize> = (0..12)
        .filter(|&i| dataset.is_held_out(i, 0.4, 3))
        .collect();
    assert_eq!(alone, held_out);
    assert!(!alone.is_empty() && alone.len() < 12);
}
