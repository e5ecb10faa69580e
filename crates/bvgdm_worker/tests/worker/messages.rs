//! Messages as a page writes and reads them.

use bvgdm_core::ActionVector;
use bvgdm_worker::{Start, WorkerReport, WorkerRequest, WorkerTimings};

#[test]
fn requests_are_short_to_write_by_hand() {
    let cases = [
        (
            r#"{"load":{"manifest":"(version: 1)"}}"#,
            WorkerRequest::Load {
                manifest: "(version: 1)".to_owned(),
            },
        ),
        (
            // More than a JavaScript number holds.
            r#"{"reset":{"seed":18446744073709551615}}"#,
            WorkerRequest::Reset {
                seed: u64::MAX,
                start: Start::OfSeed,
            },
        ),
        (
            r#"{"reset":{"seed":1,"start":"picture"}}"#,
            WorkerRequest::Reset {
                seed: 1,
                start: Start::Picture,
            },
        ),
        (
            r#"{"step":{"action":[1,0.5]}}"#,
            WorkerRequest::Step {
                action: ActionVector(vec![1.0, 0.5]),
                sampler: None,
            },
        ),
    ];
    for (text, request) in cases {
        let found: WorkerRequest = serde_json::from_str(text).unwrap();
        assert_eq!(found, request);
        assert_eq!(
            serde_json::from_str::<WorkerRequest>(&request.to_json()).unwrap(),
            request
        );
    }
}

#[test]
fn what_is_no_request_is_refused() {
    for text in ["", "{}", r#"{"dance":{}}"#, r#"{"reset":{"seed":-1}}"#] {
        assert!(
            serde_json::from_str::<WorkerRequest>(text).is_err(),
            "{text}"
        );
    }
}

#[test]
fn reports_come_back_as_they_were() {
    let frame = WorkerReport::Frame {
        index: 3,
        action: ActionVector(vec![0.1]),
        width: 112,
        height: 64,
        timings: WorkerTimings {
            denoise_ms: 12.5,
            decode_ms: 8.25,
        },
    };
    let failed = WorkerReport::Failed {
        reason: "no \"world\"".to_owned(),
    };
    for report in [frame, failed] {
        let found: WorkerReport = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(found, report);
    }
}
