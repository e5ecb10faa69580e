//! A session with the world that ships.

use std::path::Path;

use bvgdm_core::{ActionVector, WorldManifest};
use bvgdm_worker::{Answer, Session, Start, WorkerReport, WorkerRequest};

fn world() -> (String, Vec<u8>) {
    let worlds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/worlds");
    let manifest = std::fs::read_to_string(worlds.join("arena.world.ron")).unwrap();
    let weights = std::fs::read(worlds.join("arena.safetensors")).unwrap();
    (manifest, weights)
}

fn ask(session: &mut Session, request: &WorkerRequest, body: Vec<u8>) -> Answer {
    session.answer(&request.to_json(), body)
}

fn loaded() -> Session {
    let mut session = Session::new(|| 0.0);
    let (manifest, weights) = world();
    let answer = ask(&mut session, &WorkerRequest::Load { manifest }, weights);
    assert!(
        matches!(&answer.report, WorkerReport::Loaded { name, .. } if name == "arena"),
        "{answer:?}"
    );
    session
}

fn reset(seed: u64) -> WorkerRequest {
    WorkerRequest::Reset {
        seed,
        start: Start::OfSeed,
    }
}

/// W held.
fn step() -> WorkerRequest {
    let mut action = vec![0.0; 9];
    action[0] = 1.0;
    WorkerRequest::Step {
        action: ActionVector(action),
        sampler: None,
    }
}

fn reason(answer: Answer) -> String {
    match answer.report {
        WorkerReport::Failed { reason } => reason,
        other => panic!("expected a failure, found {other:?}"),
    }
}

#[test]
fn same_seed_and_actions_give_the_same_frames() {
    let mut session = loaded();
    let play = |session: &mut Session| {
        let mut frames = vec![ask(session, &reset(7), Vec::new())];
        frames.extend((0..3).map(|_| ask(session, &step(), Vec::new())));
        frames
    };
    let first = play(&mut session);
    assert_eq!(first, play(&mut session));
    for (expected, answer) in first.iter().enumerate() {
        let WorkerReport::Frame {
            index,
            width,
            height,
            ..
        } = answer.report
        else {
            panic!("{:?}", answer.report);
        };
        assert_eq!((index, width, height), (expected as u64, 112, 64));
        assert_eq!(answer.body.len(), width * height * 4);
        assert!(
            answer
                .body
                .iter()
                .skip(3)
                .step_by(4)
                .all(|&alpha| alpha == 255)
        );
    }
    assert_ne!(first[0].body, first[3].body);
}

/// Leaves, and asks for what another worker needs to go on.
fn leave(session: &mut Session) -> (WorkerRequest, Vec<u8>) {
    let answer = ask(session, &WorkerRequest::Leave, Vec::new());
    let WorkerReport::Left(left) = answer.report else {
        panic!("{:?}", answer.report);
    };
    (WorkerRequest::Resume(left), answer.body)
}

#[test]
fn another_worker_goes_on_where_one_has_left() {
    let (mut session, mut other) = (loaded(), loaded());
    ask(&mut session, &reset(7), Vec::new());
    let last = (0..3)
        .map(|_| ask(&mut session, &step(), Vec::new()))
        .last();
    let (resume, memory) = leave(&mut session);
    assert_eq!(
        ask(&mut other, &resume, memory.clone()),
        Answer {
            report: match last.as_ref().unwrap().report.clone() {
                WorkerReport::Frame {
                    index,
                    action,
                    width,
                    height,
                    timings,
                } => WorkerReport::Frame {
                    index,
                    action: ActionVector(vec![0.0; action.0.len()]),
                    width,
                    height,
                    timings,
                },
                report => report,
            },
            body: last.unwrap().body,
        }
    );
    let next = ask(&mut session, &step(), Vec::new());
    assert_eq!(ask(&mut other, &step(), Vec::new()), next);
    let short = memory[4..].to_vec();
    let answer = ask(&mut other, &resume, short);
    assert!(reason(answer).contains("context"));
}

#[test]
fn a_roll_out_begins_in_a_latent_and_keeps_to_its_size() {
    let mut session = loaded();
    let request = WorkerRequest::Reset {
        seed: 1,
        start: Start::Latent,
    };
    let bytes = |count: usize| [0.5f32; 2000][..count].iter().flat_map(|x| x.to_le_bytes());
    let answer = ask(&mut session, &request, bytes(16 * 8 * 14).collect());
    let begun = matches!(answer.report, WorkerReport::Frame { index: 0, .. });
    assert!(begun, "{:?}", answer.report);
    let answer = ask(&mut session, &request, bytes(7).collect());
    assert!(reason(answer).contains("1792"));
}

#[test]
fn numbers_that_are_none_are_told_apart_from_failures() {
    let mut session = loaded();
    ask(&mut session, &reset(7), Vec::new());
    ask(&mut session, &step(), Vec::new());
    let (resume, mut memory) = leave(&mut session);
    memory[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let answer = ask(&mut session, &resume, memory);
    let diverged = matches!(answer.report, WorkerReport::Diverged { .. });
    assert!(diverged, "{:?}", answer.report);
    let answer = ask(&mut session, &reset(8), Vec::new());
    let begun = matches!(answer.report, WorkerReport::Frame { index: 0, .. });
    assert!(begun, "{:?}", answer.report);
}

#[test]
fn a_roll_out_begins_in_a_picture_of_the_world_s_size() {
    let mut session = loaded();
    let request = WorkerRequest::Reset {
        seed: 1,
        start: Start::Picture,
    };
    // Red on the left, blue on the right.
    let picture = (0..112 * 64).flat_map(|i| match i % 112 < 56 {
        true => [200, 60, 40],
        false => [40, 60, 200],
    });
    let answer = ask(&mut session, &request, picture.collect());
    let pixels = answer.body.as_chunks::<4>().0;
    assert_eq!(pixels.len(), 112 * 64);
    let mean = |left: bool, channel: usize| {
        let half = (0..pixels.len()).filter(|i| (i % 112 < 56) == left);
        let sum: u64 = half.map(|i| u64::from(pixels[i][channel])).sum();
        sum / (pixels.len() as u64 / 2)
    };
    for (left, more, less) in [(true, 0, 2), (false, 2, 0)] {
        let [more, less] = [mean(left, more), mean(left, less)];
        assert!(more > less + 60, "left: {left}, {more} and {less}");
    }
    assert!(reason(ask(&mut session, &request, vec![200; 10])).contains("frame.bytes"));
}

#[test]
fn weights_that_are_not_the_manifest_s_are_refused() {
    let (manifest, weights) = world();
    let bytes = WorldManifest::parse(manifest.as_bytes())
        .unwrap()
        .weights
        .bytes;
    let request = WorkerRequest::Load { manifest };
    let mut session = Session::new(|| 0.0);

    let mut flipped = weights.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(reason(ask(&mut session, &request, flipped)).contains("expected SHA-256"));
    let short = weights[..100].to_vec();
    let expected = format!("expected bytes {bytes}, found 100");
    assert!(reason(ask(&mut session, &request, short)).contains(&expected));
    // A failed load leaves no world behind, and another may follow.
    assert!(reason(ask(&mut session, &reset(1), Vec::new())).contains("no world"));
    let answer = ask(&mut session, &request, weights);
    assert!(matches!(answer.report, WorkerReport::Loaded { .. }));
}

#[test]
fn what_cannot_be_done_is_said_and_the_session_goes_on() {
    let mut session = loaded();
    assert!(reason(ask(&mut session, &step(), Vec::new())).contains("not begun"));
    ask(&mut session, &reset(1), Vec::new());
    let short = WorkerRequest::Step {
        action: ActionVector(vec![1.0]),
        sampler: None,
    };
    assert!(reason(ask(&mut session, &short, Vec::new())).contains("action"));
    assert!(reason(session.answer("{}", Vec::new())).contains("no valid request"));
    let answer = ask(&mut session, &step(), Vec::new());
    assert!(matches!(
        answer.report,
        WorkerReport::Frame { index: 1, .. }
    ));
}
